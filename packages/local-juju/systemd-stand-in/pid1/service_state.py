"""What is known of a service, and the ways between its states by name. service.py has the ways, service_events.py takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from .command import Command, parse
from .exec_config import exec_config
from .loop import Timer
from .notify import NotifySocket
from .processes import ProcessTable
from .running import Running
from .service_config import ServiceConfig, service_config
from .unit import Unit, UnitManager

_COMMANDS = ("ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost")
_ACTIVE_OF = {
    "dead": "inactive",
    "failed": "failed",
    "auto-restart": "activating",
    "start-pre": "activating",
    "start": "activating",
    "start-post": "activating",
    "running": "active",
    "exited": "active",
    "reload": "reloading",
}


class ServiceManager(UnitManager, Protocol):
    """What a service asks of the manager beside what every unit does."""

    @property
    def path(self) -> str: ...
    @property
    def table(self) -> ProcessTable: ...
    @property
    def flushers(self) -> dict[int, Callable[[], None]]: ...

    def sockets_of(self, service: ServiceState) -> Sequence[Unit]: ...
    def fds_for(self, service: ServiceState) -> list[tuple[int, str]]: ...
    def given_streams(self, unit: Unit) -> list[int] | None: ...
    def stand_in_for(self, path: str) -> str: ...
    def track(self, running: Running) -> None: ...
    def now(self) -> float: ...


class ServiceState(Unit):
    """The base of a service: what is remembered of it, and what is said of it."""

    section = "Service"
    WORDS = {**Unit.WORDS, ("reload", "done"): "Reloaded {}.", ("reload", "failed"): "Reload failed for {}."}
    manager: ServiceManager
    config: ServiceConfig

    main: Running | None = None
    control: Running | None = None
    #: Process id, start and end of the main process, also after its end.
    main_pid = 0
    main_start = 0.0
    main_code = ""
    main_status = 0
    status_text = ""
    restarts = 0
    reload_result = "success"
    #: What the service itself said last: ready, reloading or stopping.
    announced = ""
    _forbid_restart = False
    _flush_restarts = True
    _timer: Timer | None = None
    _runtime_timer: Timer | None = None
    _queue: list[Command] = []
    _then: Callable[[], None]
    _notify: NotifySocket | None = None

    def configure(self) -> None:
        self.config = service_config(self.file)
        self.execution = exec_config(self.manager.root, "Service", self.file, self.specifiers.expand)
        expand = self.specifiers.expand
        self.commands = {key: [c for v in self.file.all("Service", key) for c in parse(v, expand)] for key in _COMMANDS}
        oneshot = self.config.kind == "oneshot"
        if not self.commands["ExecStart"] and not (oneshot and (self.commands["ExecStop"] or self.config.remain_after_exit)):
            raise ValueError("Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.")
        if len(self.commands["ExecStart"]) > 1 and not oneshot:
            raise ValueError(
                "Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services. Refusing."
            )

    # What it depends on by its sockets

    def sockets(self) -> Sequence[Unit]:
        return self.manager.sockets_of(self)

    def named_sockets(self) -> list[str]:
        return [name for value in self.file.all("Service", "Sockets") for name in self.specifiers.expand(value).split()]

    def wants(self) -> list[str]:
        return [*super().wants(), *self.named_sockets()]

    def after(self) -> list[str]:
        return [*super().after(), *self.named_sockets(), *(socket.name for socket in self.sockets())]

    # What is told of it

    @property
    def active_state(self) -> str:
        return _ACTIVE_OF.get(self.state, "deactivating")

    @property
    def can_reload(self) -> bool:
        return bool(self.load_state == "loaded" and self.commands["ExecReload"])

    @property
    def in_condition(self) -> bool:
        """Whether the control process is one of ExecCondition=."""
        return bool(self.commands["ExecCondition"]) and len(self._queue) >= len(self.commands["ExecStartPre"])

    @property
    def more_to_start(self) -> bool:
        """Whether a oneshot has another command of ExecStart= to run."""
        return bool(self._queue)

    def words(self, kind: str, result: str) -> str | None:
        if (kind, result) == ("start", "done") and self.config.kind == "oneshot":
            return "Finished {}."
        return super().words(kind, result)

    def warnings(self) -> list[str]:
        return self.config.ignored

    def members(self) -> list[int]:
        """Every process of the service that lives."""
        return self.manager.table.members(self.name)

    def worsen(self, result: str) -> None:
        """The first thing that went wrong is the result."""
        if self.result == "success":
            self.result = result

    # Ways between the states

    def start_next(self) -> bool:
        """Starts the next command of ExecStart=; false where there is none, or where it could not be forked."""
        raise NotImplementedError

    def next_control(self) -> None:
        raise NotImplementedError

    def enter_start_post(self) -> None:
        raise NotImplementedError

    def enter_running(self, result: str) -> None:
        raise NotImplementedError

    def enter_stop(self, result: str) -> None:
        raise NotImplementedError

    def enter_stop_by_notify(self) -> None:
        raise NotImplementedError

    def enter_signal(self, state: str, result: str) -> None:
        raise NotImplementedError

    def enter_stop_post(self) -> None:
        raise NotImplementedError

    def enter_dead(self, result: str, may_restart: bool = True) -> None:
        raise NotImplementedError
