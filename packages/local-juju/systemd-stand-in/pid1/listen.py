"""ListenStream= of a machine that is not alone on its host: its own loopback address, and ports that need no root."""

from __future__ import annotations

import errno
import os
import re
import socket
from dataclasses import dataclass

_IPV4 = re.compile(r"(\d+\.\d+\.\d+\.\d+):(\d+)\Z")
_IPV6 = re.compile(r"\[([^]]*)\]:(\d+)\Z")
WILD = ("0.0.0.0", "::", "")


@dataclass(frozen=True)
class Address:
    """Host and port, or a path (`@name` for an abstract one)."""

    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def wild(self) -> bool:
        return not self.path and self.host in WILD


def parse_address(text: str) -> Address:
    """Raises ValueError for what socket_address_parse() refuses."""
    text = text.strip()
    if text.startswith(("/", "@")):
        return Address(path=text)
    matched = _IPV4.match(text) or _IPV6.match(text)
    host, port = matched.groups() if matched else ("", text)
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"Failed to parse address value in 'ListenStream={text}'")
    return Address(host, int(port))


@dataclass
class Listener:
    asked: str
    socket: socket.socket
    shown: str
    port_asked: int
    #: Why another port stands for the one asked; empty where none does.
    mapped: str = ""


def listen(asked: str, address: Address, own_address: str, backlog: int, mode: int) -> Listener:
    """Binds and listens. Raises OSError as bind(2) does."""
    if address.path:
        return _listen_unix(asked, address.path, backlog, mode)
    host = own_address if address.wild else address.host
    mapped = ""
    try:
        bound = _bound(host, address.port)
    except PermissionError:
        bound, mapped = _mapped(host, address.port), f"port {address.port} takes root here"
    except OSError as problem:
        if problem.errno != errno.EADDRINUSE or not address.wild or not _held_by_host(address.port):
            raise
        bound, mapped = _mapped(host, address.port), f"port {address.port} is taken on all addresses of the host"
    bound.listen(backlog)
    name = bound.getsockname()
    shown = f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"
    return Listener(asked, bound, shown, address.port, mapped)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def _held_by_host(port: int) -> bool:
    """Whether something of the host, and nothing of the machines, listens on the port of every address."""
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(path, encoding="ascii") as file:
                rows = [line.split() for line in file][1:]
        except OSError:
            continue
        for row in rows:
            host, _, number = row[1].rpartition(":")
            if row[3] == "0A" and int(number, 16) == port and not host.strip("0"):
                return True
    return False


def _mapped(host: str, port: int) -> socket.socket:
    for candidate in (8000 + port, 0):
        try:
            return _bound(host, candidate)
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE or candidate == 0:
                raise
    raise AssertionError


def _listen_unix(asked: str, path: str, backlog: int, mode: int) -> Listener:
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    if path.startswith("@"):
        bound.bind("\0" + path[1:])
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        # A path of a deep root may be longer than an address can be: the folder's descriptor stands for it.
        folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            bound.bind(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
        finally:
            os.close(folder)
        os.chmod(path, mode)
    bound.listen(backlog)
    return Listener(asked, bound, path, 0)
