"""What all kinds of units share: names, dependencies, states, start limits, the journal; and what they ask of the manager."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from typing import Protocol

from . import values
from .journal import Journal
from .loop import Loop
from .ratelimit import RateLimit
from .settings import judge
from .specifiers import Specifiers
from .unitfile import UnitFile
from .words import SyntaxProblem

ACTIVE = ("active", "reloading")
DOWN = ("inactive", "failed")


class Refused(Exception):
    """A start, stop or reload that is refused at once."""


Waiter = Callable[[str], None]


class Job:
    """A start, stop, restart or reload that a unit has before it, or is at."""

    def __init__(self, unit: Unit, kind: str) -> None:
        self.unit = unit
        self.kind = kind
        self.running = False
        #: Runs now, whatever After= and Before= say.
        self.ignores_order = False
        self.waiters: list[Waiter] = []

    def merge(self, kind: str) -> None:
        """Takes another request in, as job_install() does: one that asks for more makes it run again."""
        if kind == "restart" and self.kind != "restart":
            self.kind, self.running = "restart", False
        elif kind == self.kind == "reload":
            self.running = False


class JobQueue(Protocol):
    """What a unit asks of the queue of jobs."""

    def submit(self, unit: Unit, kind: str, waiter: Waiter | None = None, alone: bool = False) -> None: ...


class UnitManager(Protocol):
    """What a unit asks of the manager that holds it, and what jobs ask."""

    @property
    def version(self) -> int: ...
    @property
    def root(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def machine_id(self) -> str: ...
    @property
    def boot_id(self) -> str: ...
    @property
    def loop(self) -> Loop: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def jobs(self) -> JobQueue: ...
    @property
    def with_jobs(self) -> set[Unit]: ...

    def unit(self, name: str) -> Unit: ...
    def dependents(self, unit: Unit, keys: tuple[str, ...]) -> Iterable[Unit]: ...
    def state_changed(self, unit: Unit, old_active: str, will_restart: bool) -> None: ...
    def job_ended(self, unit: Unit) -> None: ...
    def remember_invocation(self, invocation: str) -> None: ...
    def home_of(self, name: str) -> str: ...
    def uptime(self) -> float: ...


class Unit:
    section = "Unit"
    #: What the journal says of jobs that ended.
    WORDS: dict[tuple[str, str], str] = {
        ("start", "done"): "Started {}.",
        ("start", "failed"): "Failed to start {}.",
        ("stop", "done"): "Stopped {}.",
    }

    def __init__(self, manager: UnitManager, name: str, file: UnitFile) -> None:
        self.manager = manager
        self.name = name
        self.state = "dead"
        self.result = "success"
        self.job: Job | None = None
        self.invocation = ""
        self.start_limit_hit = False
        self.transient = False
        self.refs = 0
        self.since: dict[str, float] = {}
        self._named_left_out = False
        self.load(file)

    # Loading

    def load(self, file: UnitFile) -> None:
        self.file = file
        self.load_state = "masked" if file.masked else "loaded" if file.fragment or self.builtin else "not-found"
        self.load_error = ""
        user = file.last("Service", "User") or "root"
        self.specifiers = Specifiers(
            self.manager.root,
            self.name,
            file.fragment,
            user,
            self.manager.home_of(user),
            self.manager.machine_id,
            self.manager.boot_id,
        )
        self.description = file.last("Unit", "Description") or self.name
        interval = (
            file.last("Unit", "StartLimitIntervalSec")
            or file.last("Unit", "StartLimitInterval")
            or file.last("Service", "StartLimitInterval")
        )
        burst = file.last("Unit", "StartLimitBurst") or file.last("Service", "StartLimitBurst")
        self.start_limit = RateLimit(10.0, 5)
        try:
            if interval:
                self.start_limit.interval = values.span(interval)
            if burst:
                self.start_limit.burst = int(burst)
            self.description = self.specifiers.expand(self.description)
            if self.load_state == "loaded":
                self.configure()
        except (SyntaxProblem, ValueError) as problem:
            self.load_state, self.load_error = "bad-setting", str(problem)

    builtin = False

    def configure(self) -> None:
        """Reads the settings of the kind. Raises SyntaxProblem or ValueError where systemd would refuse the unit."""

    def names(self, key: str) -> list[str]:
        found: list[str] = []
        for value in self.file.all("Unit", key):
            for word in value.split():
                try:
                    found.append(self.specifiers.expand(word))
                except SyntaxProblem:
                    continue
        return found

    def wants(self) -> list[str]:
        return self.names("Wants")

    def after(self) -> list[str]:
        return self.names("After")

    def before(self) -> list[str]:
        return self.names("Before")

    def warnings(self) -> list[str]:
        """What else of the settings is ignored."""
        return []

    # Journal

    def log(self, message: str, priority: int = 6) -> None:
        self.manager.journal.write(
            unit=self.name,
            message=message,
            priority=priority,
            identifier="systemd",
            pid=1,
            invocation=self.invocation,
            manager=True,
        )

    def note(self, message: str, priority: int = 4) -> None:
        self.log(f"{self.name}: {message}", priority)

    def name_left_out(self) -> None:
        """Says once what of the unit's settings has no effect here."""
        if self._named_left_out:
            return
        self._named_left_out = True
        left_out, unknown = judge(self.file.sections)
        for warning in [*self.file.warnings, *unknown, *self.warnings()]:
            self.note(warning)
        if left_out:
            self.note(f"Not honoured in the sandbox: {' '.join(f'{name}=' for name in left_out)}", 5)

    def words(self, kind: str, result: str) -> str | None:
        return self.WORDS.get((kind, result))

    @property
    def title(self) -> str:
        return f"{self.name} - {self.description}" if self.description != self.name else self.name

    # States

    @property
    def active_state(self) -> str:
        raise NotImplementedError

    @property
    def sub_state(self) -> str:
        return self.state

    def set_state(self, state: str, will_restart: bool = False) -> None:
        old_active = self.active_state
        self.state = state
        if self.active_state != old_active:
            self.since[self.active_state] = time.time()
        self.manager.state_changed(self, old_active, will_restart)

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def reload(self) -> None:
        raise Refused("reload is not applicable")

    @property
    def can_reload(self) -> bool:
        return False

    def reset_failed(self) -> None:
        # In this order: as in systemd, a socket in front of a service that hit its limit goes down by its reset.
        if self.active_state == "failed":
            self.result = "success"
            self.set_state("dead")
        self.start_limit.reset()
        self.start_limit_hit = False

    def new_invocation(self) -> None:
        self.invocation = uuid.uuid4().hex
        self.manager.remember_invocation(self.invocation)

    def check_start_limit(self) -> bool:
        if self.start_limit.below():
            self.start_limit_hit = False
            return True
        self.note("Start request repeated too quickly.")
        self.start_limit_hit = True
        return False

    def triggered_by_others(self, other: Unit) -> None:
        """Another unit that this one triggers has changed its state."""
