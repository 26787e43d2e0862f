"""Boots the machine of a directory: `machine.run(directory, address, version, ready_fd)`. Returns when it has been halted."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import traceback

from .control import ControlSocket, Request
from .journalctl import journalctl
from .manager import Manager
from .power import boot, halt, power_off
from .systemctl.command import systemctl
from .systemd_run import SystemdRun


class AlreadyUp(Exception):
    pass


class AddressTaken(Exception):
    pass


def run(directory: str, address: str, version: int, ready_fd: int) -> None:
    """Writes `up` to `ready_fd` once everything enabled has been started or is on its way. Raises AlreadyUp or
    AddressTaken."""
    lock = os.open(os.path.join(directory, "run/lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyUp from None
    held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        held.bind(f"\0layer-wsgi/address/{address}")
    except OSError:
        raise AddressTaken(f"another machine has the address {address}") from None
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    manager = Manager(directory, address, version)
    systemd_run = SystemdRun(manager)

    def handle(request: Request) -> None:
        try:
            if request.name == "systemctl":
                systemctl(manager, request)
            elif request.name == "systemd-run":
                systemd_run.handle(request)
            elif request.name == "journalctl":
                journalctl(manager, request)
            elif request.name == "@halt":
                halt(manager, lambda: leave(request))
            elif request.name == "@off":
                power_off(manager)
                leave(request)
            elif request.name == "@endpoint":
                request.out(manager.endpoint(int(request.args[0])))
                request.exit(0)
            elif request.name == "@ping":
                request.out(str(os.getpid()))
                request.exit(0)
            else:
                request.err(f"{request.name}: unknown request\n")
                request.exit(1)
        except Exception:  # noqa: BLE001 - a bad request must not end the machine
            request.err(traceback.format_exc())
            request.exit(70)

    def ready() -> None:
        os.write(ready_fd, b"up")
        os.close(ready_fd)

    def leave(request: Request | None) -> None:
        control.close()
        if request:
            request.exit(0)
        manager.loop.call_soon(manager.loop.stop)

    def watch_directory() -> None:
        """A machine whose directory has gone away has been removed, whoever did it."""
        if _identity(directory) != identity:
            power_off(manager)
            os._exit(0)
        manager.loop.call_later(1.0, watch_directory)

    identity = _identity(directory)
    control = ControlSocket(manager.loop, os.path.join(directory, "run"), handle)
    for number in (signal.SIGTERM, signal.SIGINT):
        manager.loop.on_signal(number, lambda: halt(manager, lambda: leave(None)))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    watch_directory()
    boot(manager)
    manager.loop.call_soon(ready)
    manager.loop.run()


def _identity(directory: str) -> tuple[int, int] | None:
    try:
        found = os.stat(os.path.join(directory, "root"))
        return found.st_dev, found.st_ino
    except OSError:
        return None
