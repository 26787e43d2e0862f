"""Asks an application at a steady rate, and accounts for every request.

    mixed-load.py HOST PORT RATE

Half of the clients open a connection for each request, half keep theirs; one in four uploads, in pieces; beside them one
asks for /slow, again and again. A client that was held up catches up, so that the rate is what it was meant to be.

Each line on standard input names what happens from now on, and stands beside the failures of that time. When standard
input ends, the clients finish their requests, and a summary is printed in JSON.

A kept connection that the server closed between two requests is no failure: the client looks before it sends. All else is:
a connection refused, one that ends once the first byte was sent, an answer that is late, short, wrong or not 200.
"""
import json
import select
import socket
import sys
import threading
import time

CLIENTS = 16
UPLOAD = b'x' * 65536
PIECES = 4
DEADLINE = 60


class Failure(Exception):
    pass


class Account:
    def __init__(self):
        self.lock = threading.Lock()
        self.phase = ''
        self.requests = {'new': 0, 'kept': 0, 'upload': 0, 'slow': 0}
        self.longest = 0
        self.failures = []

    def succeeded(self, kind, seconds):
        with self.lock:
            self.requests[kind] += 1
            if kind != 'slow':
                self.longest = max(self.longest, seconds)

    def failed(self, kind, what):
        with self.lock:
            self.failures.append({'phase': self.phase, 'kind': kind, 'what': what})


class Client:
    def __init__(self, address, keep):
        self.address = address
        self.keep = keep
        self.socket = None

    def ask(self, method, path, body=b''):
        """The answer's body."""
        if self.socket is not None and self.was_closed():
            self.close()
        if self.socket is None:
            self.socket = socket.create_connection(self.address, DEADLINE)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = 'keep-alive' if self.keep else 'close'
        head = f'{method} {path} HTTP/1.1\r\nHost: load\r\nConnection: {connection}\r\nContent-Length: {len(body)}\r\n\r\n'
        self.socket.sendall(head.encode())
        for start in range(0, len(body), len(body) // PIECES or 1):
            time.sleep(0.005)
            self.socket.sendall(body[start:start + len(body) // PIECES])
        return self.read()

    def was_closed(self):
        return bool(select.select([self.socket], [], [], 0)[0])

    def read(self):
        data = b''
        while b'\r\n\r\n' not in data:
            data += self.more(f'the connection ended {"within" if data else "before"} the answer')
        head, _, body = data.partition(b'\r\n\r\n')
        status, *lines = head.decode('latin-1').split('\r\n')
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(':') for line in lines)}
        while len(body) < int(headers['content-length']):
            body += self.more('the connection ended within the body')
        if not self.keep or headers.get('connection', '').lower() == 'close':
            self.close()
        if status.split(' ')[1] != '200':
            raise Failure(f'{status}: {body[:200]!r}')
        return body

    def more(self, otherwise):
        data = self.socket.recv(65536)
        if not data:
            raise Failure(otherwise)
        return data

    def close(self):
        self.socket.close()
        self.socket = None


def work(account, client, kind, interval, ended):
    due = time.monotonic()
    while not ended.is_set():
        begun = time.monotonic()
        try:
            if kind == 'upload':
                right = client.ask('POST', '/upload', UPLOAD) == str(len(UPLOAD)).encode()
            else:
                right = client.ask('GET', '/slow' if kind == 'slow' else '/') != b''
            if not right:
                raise Failure('a wrong answer')
            account.succeeded(kind, time.monotonic() - begun)
        except (OSError, Failure) as error:
            account.failed(kind, f'{type(error).__name__}: {error}')
            if client.socket is not None:
                client.close()
            # What is refused is refused at once.
            time.sleep(0.1)
        due += interval
        ended.wait(max(0, due - time.monotonic()))


def main(host, port, rate):
    account = Account()
    ended = threading.Event()
    threads = []
    for number in range(CLIENTS):
        keep = number % 2 == 0
        kind = 'upload' if number % 8 >= 6 else 'kept' if keep else 'new'
        client = Client((host, int(port)), keep)
        threads.append(threading.Thread(target=work, args=(account, client, kind, CLIENTS / float(rate), ended)))
    slow = Client((host, int(port)), False)
    threads.append(threading.Thread(target=work, args=(account, slow, 'slow', 0, ended)))
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for line in sys.stdin:
        account.phase = line.strip()
    ended.set()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - begun
    print(json.dumps({
        'seconds': seconds,
        'rate': sum(account.requests.values()) / seconds,
        'requests': account.requests,
        'longest': account.longest,
        'failed': len(account.failures),
        'failures': account.failures[:10],
    }))


main(*sys.argv[1:])
