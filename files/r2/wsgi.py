"""The smallest application worth deploying: one page that says which build answers."""


def application(environ, start_response):
    body = b"It works! Revision 2\n"
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]
