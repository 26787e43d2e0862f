"""curl(1) on a machine whose localhost is an address of its own: what it asks of localhost goes there."""

from __future__ import annotations

import os
import re
import socket

from .machine import Machine

_LOCALHOST = re.compile(r"(?:(https?)://)?(?:localhost|127\.0\.0\.1)(?::(\d+))?(?=[/?#]|\Z)")


def curl(machine: Machine, args: list[str]) -> int:
    return machine.run_host("curl", [*_connections(machine, args), *args])


def _connections(machine: Machine, args: list[str]) -> list[str]:
    """`--connect-to` for each port of localhost that a unit of this machine listens on."""
    options: list[str] = []
    for arg in args:
        found = _LOCALHOST.match(arg)
        if found is None:
            continue
        scheme, port = found.groups()
        asked = port or ("443" if scheme == "https" else "80")
        host, _, real = endpoint(machine, asked).partition(" ")
        if host and real:
            for name in ("localhost", "127.0.0.1"):
                options += ["--connect-to", f"{name}:{asked}:{host}:{real}"]
    return options


def endpoint(machine: Machine, port: str) -> str:
    """Where the machine's supervisor says that a port is; nothing where it has none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            folder = os.open(os.path.join(machine.directory, "run"), os.O_PATH)
            connection.connect(f"/proc/self/fd/{folder}/control")
        except OSError:
            return ""
        connection.sendall(b"".join(os.fsencode(field) + b"\0" for field in ("@endpoint", "/", port)))
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    if answer[:1] != b"o":
        return ""
    return answer[5 : 5 + int.from_bytes(answer[1:5], "big")].decode()
