"""What a job pulls in: systemd.unit(5), Requires=, Wants=, BindsTo=, PartOf=, StopPropagatedFrom=, Conflicts=..."""

from __future__ import annotations

from .unit import ACTIVE, DOWN, Unit, UnitManager


class TransactionRefused(Exception):
    """A request that never becomes a job. `code` is what systemctl exits with."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


class Transaction:
    """Kinds of jobs by unit, the one asked for first."""

    def __init__(self, manager: UnitManager, alone: bool = False) -> None:
        self._manager = manager
        self._alone = alone
        self.wanted: dict[str, str] = {}

    def add(self, unit: Unit, kind: str) -> None:
        """Raises TransactionRefused where systemd would make no job."""
        kind = self._plain_kind(unit, kind)
        earlier = self.wanted.get(unit.name)
        if not kind or earlier == kind or earlier in ("restart", "stop") or (earlier == "start" and kind == "stop"):
            return
        self.wanted[unit.name] = kind
        if self._alone:
            return
        if kind in ("start", "restart"):
            self._pull_in(unit)
        if kind == "stop":
            for other in self._manager.dependents(unit, ("Requires", "BindsTo", "PartOf", "Requisite", "StopPropagatedFrom")):
                if other.active_state not in DOWN or other.job:
                    self.add(other, "stop")
        elif kind == "restart":
            # systemd 253 and newer propagate a stop in a restart too.
            stopped = ("StopPropagatedFrom",) if self._manager.version > 252 else ()
            for other in self._manager.dependents(unit, ("Requires", "BindsTo", "PartOf", *stopped)):
                self.add(other, "try-restart")

    @staticmethod
    def _plain_kind(unit: Unit, kind: str) -> str:
        """start, stop, restart or reload; empty where there is nothing to do."""
        if kind == "try-restart":
            kind = "" if unit.active_state in DOWN else "restart"
        if kind == "reload-or-restart":
            kind = "reload" if unit.can_reload and unit.active_state in ACTIVE else "restart"
        if kind == "reload" and not unit.can_reload:
            raise TransactionRefused(f"Job type reload is not applicable for unit {unit.name}.", 3)
        if kind in ("start", "restart"):
            _check_loaded(unit)
        return kind

    def _pull_in(self, unit: Unit) -> None:
        for name in [*unit.names("Requires"), *unit.names("BindsTo")]:
            self.add(self._manager.unit(name), "start")
        for name in unit.names("Requisite"):
            if self._manager.unit(name).active_state not in ACTIVE:
                raise TransactionRefused(f"Unit {name} is not active.")
        for name in unit.wants():
            try:
                self.add(self._manager.unit(name), "start")
            except TransactionRefused:
                continue
        conflicting = [self._manager.unit(name) for name in unit.names("Conflicts")]
        for other in [*conflicting, *self._manager.dependents(unit, ("Conflicts",))]:
            if other.active_state not in DOWN or other.job:
                self.add(other, "stop")


def _check_loaded(unit: Unit) -> None:
    if unit.load_state == "masked":
        raise TransactionRefused(f"Unit {unit.name} is masked.")
    if unit.load_state == "not-found":
        raise TransactionRefused(f"Unit {unit.name} not found.", 5)
    if unit.load_state != "loaded":
        unit.note(unit.load_error, 3)
        raise TransactionRefused(
            f"Unit {unit.name} has a bad unit file setting.\nSee system logs and 'systemctl status {unit.name}' for details."
        )
