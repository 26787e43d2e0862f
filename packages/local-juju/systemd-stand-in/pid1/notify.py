"""The datagram socket of sd_notify(3), one a service, so that a message is known by where it arrives."""

from __future__ import annotations

import os
import socket
import struct
import uuid
from collections.abc import Callable

from .loop import Loop

OnMessage = Callable[[int, dict[str, str]], None]


class NotifySocket:
    def __init__(self, loop: Loop, on_message: OnMessage) -> None:
        self.address = f"@layer-wsgi/{os.getuid()}/{uuid.uuid4().hex}"
        self._loop = loop
        self._on_message = on_message
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind("\0" + self.address[1:])
        loop.add_reader(self._socket.fileno(), self._read)

    def _read(self) -> None:
        while self._socket.fileno() >= 0:
            try:
                data, ancillary, _, _ = self._socket.recvmsg(4096, socket.CMSG_SPACE(12) + socket.CMSG_SPACE(1024))
            except BlockingIOError:
                return
            except OSError:
                return
            pid = 0
            for level, kind, content in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                    pid = struct.unpack("iii", content[:12])[0]
                elif level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    for at in range(0, len(content) - 3, 4):
                        os.close(struct.unpack_from("i", content, at)[0])
            lines = data.decode("utf-8", "replace").split("\n")
            self._on_message(pid, dict(line.partition("=")[::2] for line in lines if "=" in line))

    def close(self) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
