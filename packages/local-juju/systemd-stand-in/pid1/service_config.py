"""The [Service] settings that decide when a service starts, stops, fails and is started again."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field

from . import values
from .unitfile import UnitFile
from .words import split

Statuses = tuple[set[int], set[int]]
_CLEAN_SIGNALS = {signal.SIGHUP.value, signal.SIGINT.value, signal.SIGTERM.value, signal.SIGPIPE.value}


@dataclass
class ServiceConfig:
    kind: str
    restart: str
    restart_sec: float
    timeout_start: float
    timeout_stop: float
    runtime_max: float
    remain_after_exit: bool
    notify_access: str
    kill_mode: str
    kill_signal: int
    final_kill_signal: int
    send_sigkill: bool
    send_sighup: bool
    success: Statuses
    restart_prevent: Statuses
    restart_force: Statuses
    #: Values that systemd would not understand, and says so.
    ignored: list[str] = field(default_factory=list)

    @staticmethod
    def is_in(statuses: Statuses, code: str, status: int) -> bool:
        return status in (statuses[0] if code == "exited" else statuses[1])

    def is_clean(self, code: str, status: int, command: bool) -> bool:
        """Whether it ended well; a service may end by the usual signals, a command may not."""
        if code == "exited":
            return status == 0 or status in self.success[0]
        if code == "killed":
            return (not command and status in _CLEAN_SIGNALS) or status in self.success[1]
        return False

    def restarts_after(self, result: str, code: str, status: int) -> bool:
        """Restart= and its siblings; `code` is empty where there was no main process."""
        if result == "exec-condition" or (code and self.is_in(self.restart_prevent, code, status)):
            return False
        if code and self.is_in(self.restart_force, code, status):
            return True
        return {
            "no": False,
            "always": True,
            "on-success": result == "success",
            "on-failure": result != "success",
            "on-abnormal": result not in ("success", "exit-code"),
            "on-abort": result in ("signal", "core-dump"),
            "on-watchdog": result == "watchdog",
        }[self.restart]


_TYPES = ("simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle")
_RESTARTS = ("no", "always", "on-success", "on-failure", "on-abnormal", "on-abort", "on-watchdog")


def service_config(unit: UnitFile) -> ServiceConfig:
    """Raises ValueError for what systemd would refuse, and for types that the sandbox has not."""

    def last(key: str, default: str) -> str:
        return unit.last("Service", key) or default

    def statuses(key: str) -> Statuses:
        return values.exit_statuses([word for value in unit.all("Service", key) for word in split(value)])

    kind = last("Type", "simple")
    if kind in ("forking", "dbus"):
        raise ValueError(f"Type={kind} is not honoured in the sandbox")
    restart = last("Restart", "no")
    timeout = unit.last("Service", "TimeoutSec")
    access = last("NotifyAccess", "main" if kind.startswith("notify") else "none")
    ignored = [
        f"Failed to parse service {what} specifier, ignoring: {value}"
        for what, value, known in (("type", kind, _TYPES), ("restart", restart, _RESTARTS))
        if value not in known
    ]
    return ServiceConfig(
        kind="notify" if kind == "notify-reload" else kind if kind in _TYPES else "simple",
        ignored=ignored,
        restart=restart if restart in _RESTARTS else "no",
        restart_sec=values.span(last("RestartSec", "100ms")),
        timeout_start=_bound(last("TimeoutStartSec", timeout or ("infinity" if kind == "oneshot" else "90s"))),
        timeout_stop=_bound(last("TimeoutStopSec", timeout or "90s")),
        runtime_max=values.span(last("RuntimeMaxSec", "infinity")),
        remain_after_exit=values.boolean(last("RemainAfterExit", "no")),
        notify_access="main" if access == "none" and kind.startswith("notify") else access,
        kill_mode=last("KillMode", "control-group"),
        kill_signal=values.signal_number(last("KillSignal", "SIGTERM")),
        final_kill_signal=values.signal_number(last("FinalKillSignal", "SIGKILL")),
        send_sigkill=values.boolean(last("SendSIGKILL", "yes")),
        send_sighup=values.boolean(last("SendSIGHUP", "no")),
        success=statuses("SuccessExitStatus"),
        restart_prevent=statuses("RestartPreventExitStatus"),
        restart_force=statuses("RestartForceExitStatus"),
    )


def _bound(text: str) -> float:
    """Zero means no bound at all."""
    return values.span(text) or values.INFINITY
