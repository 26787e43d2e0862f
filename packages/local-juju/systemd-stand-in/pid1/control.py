"""The control socket: a stand-in on PATH sends its name, folder and arguments, and gets back what to print and to exit with."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable

from .loop import Loop

_MAX = 1 << 20


class Request:
    def __init__(self, loop: Loop, connection: socket.socket) -> None:
        self._loop = loop
        self._connection = connection
        self._data = b""
        self._out = bytearray()
        self._ending = False
        self.fds: list[int] = []
        self.name, self.cwd = "", "/"
        self.args: list[str] = []
        self.on_closed: Callable[[], None] = lambda: None

    def read(self) -> bool:
        """Takes what has come; True once the request is whole."""
        try:
            data, fds, _, _ = socket.recv_fds(self._connection, 65536, 8)
        except BlockingIOError:
            return False
        except OSError:
            data, fds = b"", []
        self.fds += fds
        for fd in fds:
            os.set_inheritable(fd, False)
        self._data += data
        if data and len(self._data) < _MAX:
            return False
        fields = self._data.decode("utf-8", "surrogateescape").split("\0")[:-1]
        self.name, self.cwd, *self.args = fields if len(fields) > 1 else ["", "/"]
        return True

    @property
    def answered(self) -> bool:
        return self._ending

    def out(self, text: str) -> None:
        self._frame(b"o", text)

    def err(self, text: str) -> None:
        self._frame(b"e", text)

    def exit(self, code: int) -> None:
        self._frame(b"x", str(code))
        self._ending = True
        for fd in self.fds:
            os.close(fd)
        self.fds = []
        self._write()

    def _frame(self, kind: bytes, text: str) -> None:
        if self._ending:
            return
        data = text.encode("utf-8", "surrogateescape")
        self._out += kind + struct.pack(">I", len(data)) + data
        if len(self._out) > 65536 or kind == b"x":
            self._write()

    def flush(self) -> None:
        self._write()

    def _write(self) -> None:
        if self._connection.fileno() < 0:
            return
        try:
            while self._out:
                del self._out[: self._connection.send(self._out, socket.MSG_NOSIGNAL)]
        except BlockingIOError:
            self._loop.add_writer(self._connection.fileno(), self._write)
            return
        except OSError:
            self.close()
            return
        self._loop.remove_writer(self._connection.fileno())
        if self._ending:
            self.close()

    def close(self) -> None:
        if self._connection.fileno() < 0:
            return
        self._loop.remove_reader(self._connection.fileno())
        self._loop.remove_writer(self._connection.fileno())
        self._connection.close()
        self.on_closed()


class ControlSocket:
    def __init__(self, loop: Loop, folder: str, handle: Callable[[Request], None]) -> None:
        self._loop = loop
        self._handle = handle
        self._path = os.path.join(folder, "control")
        try:
            os.unlink(self._path)
        except FileNotFoundError:
            pass
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        # The path of a machine may be longer than an address can be: the folder's descriptor stands for it.
        fd = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._socket.bind(f"/proc/self/fd/{fd}/control")
        os.close(fd)
        os.chmod(self._path, 0o600)
        self._socket.listen(128)
        loop.add_reader(self._socket.fileno(), self._accept)

    def _accept(self) -> None:
        try:
            connection, _ = self._socket.accept()
        except OSError:
            return
        connection.setblocking(False)
        request = Request(self._loop, connection)
        fd = connection.fileno()

        def read() -> None:
            if request.read():
                self._loop.remove_reader(fd)
                self._handle(request)

        self._loop.add_reader(fd, read)

    def close(self) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        try:
            os.unlink(self._path)
        except OSError:
            pass
