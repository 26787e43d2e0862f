"""Socket units: the states of socket.c. systemd.socket(5)."""

from __future__ import annotations

import os

from . import values
from .listen import Address, Listener, listen, parse_address
from .ratelimit import RateLimit
from .unit import Refused, Unit

_DOWN = ("dead", "failed", "auto-restart")


class SocketUnit(Unit):
    section = "Socket"
    WORDS = {
        ("start", "done"): "Listening on {}.",
        ("start", "failed"): "Failed to listen on {}.",
        ("stop", "done"): "Closed {}.",
    }
    listeners: list[Listener] = []
    connections = 0

    def configure(self) -> None:
        self.addresses = [
            (self.specifiers.expand(v), parse_address(self.specifiers.expand(v)))
            for v in self.file.all("Socket", "ListenStream")
        ]
        if not self.addresses:
            raise ValueError("Unit has no Listen setting (ListenStream=, ListenDatagram=, ListenFIFO=, ...). Refusing.")
        if values.boolean(self.file.last("Socket", "Accept") or "no"):
            raise ValueError("Accept=yes is not honoured in the sandbox")
        self.service_name = self.file.last("Socket", "Service") or self.name.removesuffix(".socket") + ".service"
        self.backlog = int(self.file.last("Socket", "Backlog") or "4096")
        self.mode = values.mode(self.file.last("Socket", "SocketMode") or "0666")
        self.fd_name = self.file.last("Socket", "FileDescriptorName") or self.name
        interval = self.file.last("Socket", "TriggerLimitIntervalSec")
        burst = self.file.last("Socket", "TriggerLimitBurst")
        self.trigger_limit = RateLimit(values.span(interval) if interval else 2.0, int(burst) if burst else 20)

    def before(self) -> list[str]:
        return [*super().before(), self.service_name] if self.load_state == "loaded" else super().before()

    def service(self) -> Unit | None:
        found = self.manager.unit(self.service_name)
        return found if found.section == "Service" else None

    @property
    def active_state(self) -> str:
        return {"dead": "inactive", "failed": "failed"}.get(self.state, "active")

    def start(self) -> None:
        service = self.service()
        if service is None or service.load_state != "loaded":
            raise Refused(f"Socket service {self.service_name} not loaded, refusing.")
        if service.state not in _DOWN:
            raise Refused(f"Socket service {self.service_name} already active, refusing.")
        if not self.check_start_limit():
            return self._down("start-limit-hit")
        self.result = "success"
        self.new_invocation()
        self.listeners = []
        for asked, address in self._wanted():
            try:
                listener = listen(asked, address, self.manager.address, self.backlog, self.mode)
            except OSError as problem:
                reason = problem.strerror or str(problem)
                self.note(f"Failed to create listening socket ({asked}): {reason}", 3)
                self._close()
                return self._down("resources")
            self.listeners.append(listener)
            if listener.mapped:
                self.note(f"{listener.shown} stands for {asked}: {listener.mapped}.", 5)
        self._listening()

    def _wanted(self) -> list[tuple[str, Address]]:
        """All but an IPv6 wildcard whose port the IPv4 one has: a machine of the sandbox has one address."""
        taken: set[int] = set()
        wanted = []
        for asked, address in sorted(self.addresses, key=lambda pair: ":" in pair[1].host):
            if address.wild and address.port in taken:
                self.note(f"{asked} is left out in the sandbox: the machine has the address {self.manager.address} only.", 6)
                continue
            if address.wild:
                taken.add(address.port)
            wanted.append((asked, address))
        return wanted

    def stop(self) -> None:
        self._close()
        self._down("success")

    def _down(self, result: str) -> None:
        if self.result == "success":
            self.result = result
        if self.result == "success":
            self.note("Deactivated successfully.", 6)
        else:
            self.note(f"Failed with result '{self.result}'.", 4)
        self.set_state("dead" if self.result == "success" else "failed")

    def _close(self) -> None:
        self._unwatch()
        for listener in self.listeners:
            listener.socket.close()
            if listener.shown.startswith("/") and values.boolean(self.file.last("Socket", "RemoveOnStop") or "no"):
                try:
                    os.unlink(listener.shown)
                except FileNotFoundError:
                    pass
        self.listeners = []

    def _unwatch(self) -> None:
        for listener in self.listeners:
            self.manager.loop.remove_reader(listener.socket.fileno())

    def _listening(self) -> None:
        for listener in self.listeners:
            self.manager.loop.add_reader(listener.socket.fileno(), self._on_connection)
        self.set_state("listening")

    def _running(self) -> None:
        self._unwatch()
        self.set_state("running")

    def _on_connection(self) -> None:
        if self.state != "listening":
            return
        if self.job and self.job.kind == "stop":
            return
        if not self.trigger_limit.below():
            self.note("Trigger limit hit, refusing further activation.", 4)
            self._close()
            return self._down("trigger-limit-hit")
        service = self.service()
        self._running()
        if service and not (service.active_state == "active" or (service.job and service.job.kind in ("start", "restart"))):
            try:
                self.manager.jobs.submit(service, "start")
            except Exception as problem:  # noqa: BLE001 - whatever refuses the job takes the socket down
                self.note(f"Failed to queue service startup job: {problem}", 4)
                self._close()
                self._down("resources")

    def triggered_by_others(self, other: Unit) -> None:
        if self.state not in ("listening", "running"):
            return
        if other.start_limit_hit:
            self._close()
            return self._down("service-start-limit-hit")
        if other.job:
            return
        if other.state in (*_DOWN, "final-sigterm", "final-sigkill"):
            if self.state == "running":
                self._listening()
        elif other.state == "running" and self.state == "listening":
            self._running()
