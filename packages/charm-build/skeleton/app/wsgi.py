import os


def application(environ, start_response):
    body = (os.environ.get("GREETING", "") + "\n").encode()
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
