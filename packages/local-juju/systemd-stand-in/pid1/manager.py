"""The machine's units, and everything that they share."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable

from .credentials import remove_credentials
from .jobs import Jobs
from .journal import Journal
from .launch import adopt_orphans
from .loop import Loop
from .processes import ProcessTable
from .running import Running
from .service import Service
from .service_state import ServiceState
from .sockets import SocketUnit
from .target import Target
from .timers import TimerUnit
from .transaction import TransactionRefused
from .unit import Unit
from .unitpath import UnitPath
from .users import find_user

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_UP = ("active", "activating", "reloading")
_KINDS: dict[str, type[Unit]] = {"service": Service, "socket": SocketUnit, "timer": TimerUnit, "target": Target}


class Manager:
    def __init__(self, directory: str, address: str, version: int) -> None:
        #: Of the systemd that it answers as.
        self.version = version
        self.directory = directory
        self.root = os.path.join(directory, "root")
        self.bin = os.path.join(directory, "bin")
        self.address = address
        self.path = f"{self.bin}:{_PATH}"
        self.machine_id = _first_line(os.path.join(self.root, "etc/machine-id"))
        self.boot_id = uuid.uuid4().hex
        self.loop = Loop()
        self.journal = Journal(self.root, self.boot_id)
        self.paths = UnitPath(self.root, version)
        self.units: dict[str, Unit] = {}
        self.with_jobs: set[Unit] = set()
        self.jobs = Jobs(self)
        self.table = ProcessTable()
        self.flushers: dict[int, Callable[[], None]] = {}
        self.on_collect: Callable[[Unit], None] = lambda _: None
        self._running: dict[int, Running] = {}
        self._streams: dict[str, list[int]] = {}
        self._begin = time.monotonic()
        adopt_orphans()
        self.loop.on_signal(signal.SIGCHLD, self._reap)

    # Units

    def unit(self, name: str) -> Unit:
        found = self.units.get(name)
        # What failed to load, or was not there, is looked for again, as systemd does.
        if found is None or (
            found.load_state in ("not-found", "bad-setting", "masked")
            and not found.job
            and found.active_state in ("inactive", "failed")
            and not found.transient
        ):
            file = self.paths.load(name)
            if found is None:
                kind = _KINDS.get(name.rpartition(".")[2], Unit)
                found = self.units[name] = (_Strange if kind is Unit else kind)(self, name, file)
            else:
                found.load(file)
        return found

    def known(self, name: str) -> bool:
        return name in self.units or self.paths.find(name) is not None

    def load_all(self) -> list[Unit]:
        """Loads what systemd would have loaded: everything that something in the unit folders refers to."""
        for name in self.paths.all_names():
            if "@." not in name:
                self.unit(name)
        return list(self.units.values())

    def dependents(self, unit: Unit, keys: tuple[str, ...]) -> list[Unit]:
        return [other for other in list(self.units.values()) if any(unit.name in other.names(key) for key in keys)]

    def sockets_of(self, service: ServiceState) -> list[SocketUnit]:
        named = service.named_sockets()
        for name in [*named, service.name.removesuffix(".service") + ".socket"]:
            if self.paths.find(name):
                self.unit(name)
        found = [
            u
            for u in self.units.values()
            if isinstance(u, SocketUnit) and u.load_state == "loaded" and (u.service_name == service.name or u.name in named)
        ]
        return sorted(found, key=lambda u: named.index(u.name) if u.name in named else len(named))

    def fds_for(self, service: ServiceState) -> list[tuple[int, str]]:
        return [
            (listener.socket.fileno(), socket.fd_name) for socket in self.sockets_of(service) for listener in socket.listeners
        ]

    def endpoint(self, port: int) -> str:
        """Host and port where a port of the machine is really listened on."""
        for unit in self.units.values():
            for listener in unit.listeners if isinstance(unit, SocketUnit) else []:
                if listener.port_asked == port:
                    host, _, real = listener.shown.rpartition(":")
                    return f"{host.strip('[]')} {real}"
        return f"{self.address} {port}"

    def give_streams(self, name: str, fds: list[int]) -> None:
        self._streams[name] = fds

    def given_streams(self, unit: Unit) -> list[int] | None:
        return self._streams.get(unit.name)

    def drop_streams(self, name: str) -> None:
        for fd in self._streams.pop(name, []):
            os.close(fd)

    def daemon_reload(self) -> None:
        for name, unit in list(self.units.items()):
            if unit.transient:
                continue
            file = self.paths.load(name)
            idle = unit.active_state == "inactive" and unit.job is None
            if file.fragment is None and not unit.builtin:
                if idle:
                    del self.units[name]
                else:
                    unit.load_state = "not-found"
            else:
                # Up to systemd 252, this begins the count of starts anew.
                limit, hit = unit.start_limit, unit.start_limit_hit
                unit.load(file)
                unit.start_limit_hit = False
                if self.version > 252:
                    unit.start_limit, unit.start_limit_hit = limit, hit

    # News

    def state_changed(self, unit: Unit, old_active: str, will_restart: bool) -> None:
        new = unit.active_state
        unexpected = unit.job is None
        self.jobs.on_state(unit)
        if unexpected and old_active in _UP and new not in _UP:
            self._stop_bound(unit)
        if new == "failed" and old_active != "failed" and not will_restart:
            self._start_all(unit, "OnFailure")
        if new == "inactive" and old_active not in ("inactive", "failed") and not will_restart:
            self._start_all(unit, "OnSuccess")
        if new in ("inactive", "failed") and old_active not in ("inactive", "failed"):
            remove_credentials(self.root, unit.name)
        self._tell_triggers(unit)
        if new in ("inactive", "failed") and unit.transient:
            self.loop.call_soon(lambda: self._collect(unit))

    def job_ended(self, unit: Unit) -> None:
        self._tell_triggers(unit)

    def _stop_bound(self, unit: Unit) -> None:
        """What is bound to a unit goes down with it, whether it will be started again or not."""
        for other in self.dependents(unit, ("BindsTo", "StopPropagatedFrom")):
            if other.active_state in _UP:
                self.jobs.submit(other, "stop")

    def _start_all(self, unit: Unit, key: str) -> None:
        for name in unit.names(key):
            unit.note(f"Triggering {key}= dependencies.", 6)
            try:
                self.jobs.submit(self.unit(name), "start")
            except TransactionRefused as refusal:
                unit.note(f"Failed to enqueue {key}= job, ignoring: {refusal}", 4)

    def _tell_triggers(self, unit: Unit) -> None:
        for other in list(self.units.values()):
            target = getattr(other, "service_name", None) or getattr(other, "unit_name", None)
            if target == unit.name:
                other.triggered_by_others(unit)

    def _collect(self, unit: Unit) -> None:
        if unit.active_state in ("inactive", "failed") and unit.state != "auto-restart" and unit.job is None and unit.transient:
            self.on_collect(unit)

    # Processes

    def track(self, running: Running) -> None:
        self._running[running.pid] = running
        self.table.started(running.pid, running.unit.name, running.unit.invocation)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            running = self._running.pop(pid, None)
            if running:
                for flush in list(self.flushers.values()):
                    flush()
                running.ended(status)

    def remember_invocation(self, invocation: str) -> None:
        with open(os.path.join(self.directory, "run/invocations"), "a", encoding="ascii") as file:
            file.write(invocation + "\n")

    def stand_in_for(self, path: str) -> str:
        """`/usr/bin/systemctl` in a unit file means the machine's own, not the host's."""
        own = os.path.join(self.bin, os.path.basename(path))
        return own if os.path.dirname(path) in ("/bin", "/sbin", "/usr/bin", "/usr/sbin") and os.path.exists(own) else path

    def home_of(self, name: str) -> str:
        user = find_user(self.root, name)
        return user.home if user else self.root + "/root"

    def now(self) -> float:
        return time.time()

    def uptime(self) -> float:
        return time.monotonic() - self._begin


class _Strange(Unit):
    """A unit of a kind that the sandbox has not."""

    @property
    def active_state(self) -> str:
        return "inactive"

    def configure(self) -> None:
        raise ValueError(f"{self.name}: units of this kind are not honoured in the sandbox")


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return ""
