"""Services: the states of service.c and what leads from one to the next. systemd.service(5)."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Callable

from . import values
from .command import Command, parse
from .exec_config import ExecProblem, exec_config
from .loop import Timer
from .notify import NotifySocket
from .processes import kill
from .service_config import ServiceConfig, service_config
from .spawn import Running, spawn
from .unit import Refused, Unit

if TYPE_CHECKING:
    from .sockets import SocketUnit

_ACTIVE_OF = {
    "dead": "inactive", "failed": "failed", "auto-restart": "activating", "start-pre": "activating", "start": "activating",
    "start-post": "activating", "running": "active", "exited": "active", "reload": "reloading",
}  # fmt: skip
_STOPPING = ("stop", "stop-sigterm", "stop-sigkill", "stop-post", "final-sigterm", "final-sigkill")


class Service(Unit):
    section = "Service"
    WORDS = {**Unit.WORDS, ("reload", "done"): "Reloaded {}.", ("reload", "failed"): "Reload failed for {}."}
    config: ServiceConfig

    main: Running | None = None
    control: Running | None = None
    main_pid = 0
    main_start = 0.0
    main_code = ""
    main_status = 0
    status_text = ""
    restarts = 0
    reload_result = "success"
    will_restart = False
    _forbid_restart = False
    _flush_restarts = True
    _timer: Timer | None = None
    _runtime_timer: Timer | None = None
    _queue: list[Command] = []
    _notify: NotifySocket | None = None
    _notified = ""

    def configure(self) -> None:
        self.config = service_config(self.file)
        self.execution = exec_config(self.manager.root, "Service", self.file, self.specifiers.expand)
        self.commands = {
            key: [c for value in self.file.all("Service", key) for c in parse(value, self.specifiers.expand)]
            for key in ("ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost")
        }
        if not self.commands["ExecStart"] and not (self.config.kind == "oneshot" and (self.commands["ExecStop"] or self.config.remain_after_exit)):
            raise ValueError("Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.")
        if len(self.commands["ExecStart"]) > 1 and self.config.kind != "oneshot":
            raise ValueError("Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.")

    # Dependencies that a service has by its sockets

    def sockets(self) -> list["SocketUnit"]:
        return self.manager.sockets_of(self)

    def wants(self) -> list[str]:
        return [*super().wants(), *self._named_sockets()]

    def after(self) -> list[str]:
        return [*super().after(), *self._named_sockets(), *(socket.name for socket in self.sockets())]

    def _named_sockets(self) -> list[str]:
        return [name for value in self.file.all("Service", "Sockets") for name in self.specifiers.expand(value).split()]

    @property
    def active_state(self) -> str:
        return _ACTIVE_OF.get(self.state, "deactivating")

    @property
    def can_reload(self) -> bool:  # type: ignore[override]
        return bool(self.load_state == "loaded" and self.commands["ExecReload"])

    def words(self, kind: str, result: str) -> str | None:
        if (kind, result) == ("start", "done") and self.config.kind == "oneshot":
            return "Finished {}."
        return super().words(kind, result)

    # Requests

    def start(self) -> None:
        if not self.check_start_limit():
            self._enter_dead("start-limit-hit", may_restart=False)
            return
        if self._flush_restarts:
            self.restarts, self._flush_restarts = 0, False
        self.result, self.reload_result, self.status_text = "success", "success", ""
        self.main_pid = self.main_status = 0
        self.main_code = ""
        self._forbid_restart = False
        self._notified = ""
        self.new_invocation()
        if self.config.notify_access != "none":
            self._notify = NotifySocket(self.manager.loop, self._on_notify)
        self._enter_start_pre()

    def stop(self) -> None:
        self._forbid_restart = True
        if self.state in _STOPPING:
            return
        if self.state == "auto-restart":
            self._cancel_timer()
            self._flush_restarts = True
            self.result = "success"
            self.set_state("dead")
        elif self.state in ("start-pre", "start", "start-post", "reload"):
            self._enter_signal("stop-sigterm", "success")
        else:
            self._enter_stop("success")

    def reload(self) -> None:
        self.reload_result = "success"
        self._arm(self.config.timeout_start, lambda: self._on_timeout())
        self._queue = list(self.commands["ExecReload"])
        self.set_state("reload")
        self._next_control(self._reload_done)

    def signal(self, number: int, whom: str = "all") -> None:
        pids = [self.main.pid] if whom == "main" and self.main else self._members() if whom != "main" else []
        if not pids:
            raise Refused("No main process to kill" if whom == "main" else "no process to kill")
        kill(pids, number)

    # Starting

    def _enter_start_pre(self) -> None:
        self._arm(self.config.timeout_start, self._on_timeout)
        self._queue = [*self.commands["ExecCondition"], *self.commands["ExecStartPre"]]
        if self._queue:
            self.set_state("start-pre")
            self._next_control(self._enter_start)
        else:
            self._enter_start()

    def _enter_start(self) -> None:
        starts = self.commands["ExecStart"]
        self._queue = list(starts[1:])
        if not starts:
            return self._enter_start_post()
        if self.config.kind in ("simple", "idle"):
            self._cancel_timer()
        running = self._spawn(starts[0], main=True)
        if running is None:
            return
        self.main, self.main_pid, self.main_start = running, running.pid, self.manager.now()
        if self.config.kind in ("simple", "idle"):
            self._enter_start_post()
        else:
            self.set_state("start")
            if self.config.kind == "exec":
                running.when_executed(lambda: self._enter_start_post() if self.state == "start" and self.main is running else None)

    def _enter_start_post(self) -> None:
        self._queue = list(self.commands["ExecStartPost"])
        if self._queue:
            self.set_state("start-post")
            self._arm(self.config.timeout_start, self._on_timeout)
            self._next_control(lambda: self._enter_running("success"))
        else:
            self._enter_running("success")

    def _enter_running(self, result: str) -> None:
        self._worsen(result)
        if self.result != "success":
            self._enter_signal("stop-sigterm", result)
        elif self.main:
            if self._notified == "stopping":
                return self._enter_stop("success")
            self._cancel_timer()
            self.set_state("reload" if self._notified == "reloading" else "running")
            if self._runtime_timer is None and self.config.runtime_max != values.INFINITY:
                self._runtime_timer = self.manager.loop.call_later(self.config.runtime_max, self._on_runtime_max)
        elif self.config.remain_after_exit:
            self._cancel_timer()
            self.set_state("exited")
        else:
            self._enter_stop("success")

    # Stopping

    def _enter_stop(self, result: str) -> None:
        self._worsen(result)
        self._queue = list(self.commands["ExecStop"])
        if self._queue:
            self._arm(self.config.timeout_stop, self._on_timeout)
            self.set_state("stop")
            self._next_control(lambda: self._enter_signal("stop-sigterm", "success"))
        else:
            self._enter_signal("stop-sigterm", "success")

    def _enter_signal(self, state: str, result: str) -> None:
        self._worsen(result)
        hard = state.endswith("sigkill")
        reached = self._kill(hard)
        if reached:
            self._arm(self.config.timeout_stop, self._on_timeout)
            self.set_state(state)
            self._watch_leftovers()
        elif state == "stop-sigterm" and self.config.send_sigkill:
            self._enter_signal("stop-sigkill", "success")
        elif state in ("stop-sigterm", "stop-sigkill"):
            self._enter_stop_post()
        elif state == "final-sigterm" and self.config.send_sigkill:
            self._enter_signal("final-sigkill", "success")
        else:
            self._enter_dead("success")

    def _kill(self, hard: bool) -> bool:
        mode, number = self.config.kill_mode, self.config.final_kill_signal if hard else self.config.kill_signal
        if mode == "none":
            return False
        direct = [running.pid for running in (self.main, self.control) if running]
        if mode == "process" or (mode == "mixed" and not hard):
            reached = kill(direct, number)
        else:
            reached = self._kill_all(direct, number)
            if not hard and self.config.send_sighup:
                kill(reached, signal.SIGHUP)
        if hard and reached:
            for pid in reached:
                self.note(f"Killing process {pid} with signal SIG{values.signal_name(number)}.", 5)
        return bool(reached)

    def _kill_all(self, direct: list[int], number: int) -> list[int]:
        """All of the group, and what they forked meanwhile."""
        reached: set[int] = set()
        while True:
            fresh = {*direct, *self._members()} - reached
            if not fresh:
                return sorted(reached)
            kill(fresh, number)
            reached |= fresh

    def _enter_stop_post(self) -> None:
        self._queue = list(self.commands["ExecStopPost"])
        if self._queue:
            self._arm(self.config.timeout_stop, self._on_timeout)
            self.set_state("stop-post")
            self._next_control(lambda: self._enter_signal("final-sigterm", "success"))
        else:
            self._enter_signal("final-sigterm", "success")

    def _enter_dead(self, result: str, may_restart: bool = True) -> None:
        self._worsen(result)
        self._cancel_timer()
        if self._runtime_timer:
            self._runtime_timer.cancel()
            self._runtime_timer = None
        if self._notify:
            self._notify.close()
            self._notify = None
        self.main = self.control = None
        if self.result == "success":
            self.note("Deactivated successfully.", 6)
        else:
            self.note(f"Failed with result '{self.result}'.", 4)
        restart = may_restart and self._shall_restart()
        if not restart:
            self._flush_restarts = True
        if self.execution.preserve_runtime != "yes" and not (restart and self.execution.preserve_runtime == "restart"):
            if not (self.job and self.job.kind == "restart" and self.execution.preserve_runtime == "restart"):
                self.execution.remove_runtime_directories()
        self.set_state("dead" if self.result == "success" else "failed", will_restart=restart)
        if restart and self.state in ("dead", "failed") and self.job is None:
            self.set_state("auto-restart")
            self._arm(self.config.restart_sec, self._restart)

    def _restart(self) -> None:
        self.restarts += 1
        self.note(f"Scheduled restart job, restart counter is at {self.restarts}.", 6)
        self.log(f"Stopped {self.title}.")
        self.state = "dead"
        self.manager.jobs.submit(self, "restart")

    def _shall_restart(self) -> bool:
        config = self.config
        if self._forbid_restart or (self.job and self.job.kind in ("stop", "restart")):
            return False
        if self.main_code and config.is_in(config.restart_prevent, self.main_code, self.main_status):
            return False
        if self.main_code and config.is_in(config.restart_force, self.main_code, self.main_status):
            return True
        return {
            "no": False, "always": True, "on-success": self.result == "success", "on-failure": self.result != "success",
            "on-abnormal": self.result not in ("success", "exit-code"), "on-abort": self.result in ("signal", "core-dump"),
            "on-watchdog": self.result == "watchdog",
        }[config.restart]  # fmt: skip

    # Processes

    def _spawn(self, command: Command, main: bool) -> Running | None:
        try:
            return spawn(self, command, main, self._notify, self._on_exit)
        except ExecProblem as problem:
            self.note(str(problem), 4)
            self.note(f"Failed to run '{self._task()}' task: {problem.reason}", 4)
            if self.state == "reload":
                self.reload_result = "resources"
                self._enter_running("success")
            else:
                self._enter_signal("final-sigterm", "resources")
            return None

    def _task(self) -> str:
        return self.state if self.state in ("start-pre", "start-post", "reload", "stop", "stop-post") else "start"

    def warnings(self) -> list[str]:
        return self.config.ignored

    def _next_control(self, then: Callable[[], None]) -> None:
        """Runs the commands of the queue one after another, then goes on."""
        if not self._queue:
            self.control = None
            return then()
        command = self._queue.pop(0)
        self._then = then
        running = self._spawn(command, main=False)
        if running:
            self.control = running

    def _on_exit(self, running: Running, code: str, status: int) -> None:
        clean = self.config.is_clean(code, status, command=not running.main or self.config.kind == "oneshot")
        result = "success" if clean or running.command.ignore_failure else {"exited": "exit-code", "dumped": "core-dump"}.get(code, "signal")
        name = values.EXIT_NAMES.get(status, "n/a") if code == "exited" else values.signal_name(status)
        if running is self.main:
            self.main = None
            self.main_code, self.main_status = code, status
            if result != "success":
                self.note(f"Main process exited, code={code}, status={status}/{name}", 5)
            self._worsen(result)
            self._main_gone(result)
        elif running is self.control:
            self.control = None
            if result != "success":
                self.note(f"Control process exited, code={code}, status={status}/{name}", 5)
            self._control_gone(result, code, status)
        else:
            self._check_empty()

    def _main_gone(self, result: str) -> None:
        state = self.state
        if state == "start":
            if self.config.kind == "oneshot":
                if result == "success" and self._queue:
                    running = self._spawn(self._queue.pop(0), main=True)
                    if running:
                        self.main, self.main_pid = running, running.pid
                elif result == "success":
                    self._enter_start_post()
                else:
                    self._enter_signal("stop-sigterm", result)
            elif self.config.kind == "notify":
                self._enter_signal("stop-sigterm", "protocol" if result == "success" else result)
            else:
                self._enter_running(result)
        elif state == "running":
            self._enter_running(result)
        elif state in ("stop-sigterm", "stop-sigkill"):
            if self.control is None:
                self._enter_stop_post()
        elif state in ("final-sigterm", "final-sigkill"):
            self._check_empty()

    def _control_gone(self, result: str, code: str, status: int) -> None:
        state = self.state
        if state in _STOPPING and state in ("stop-sigterm", "stop-sigkill"):
            if self.main is None:
                self._enter_stop_post()
            return
        if state in ("final-sigterm", "final-sigkill"):
            return self._check_empty()
        if result == "success":
            return self._next_control(self._then)
        if state == "start-pre" and self._in_condition(code, status):
            self.note("Skipped due to 'exec-condition'.", 6)
            self._worsen("exec-condition")
            return self._enter_signal("stop-sigterm", "success")
        if state == "reload":
            self._queue = []
            self.reload_result = result
            return self._enter_running("success")
        if state == "stop":
            return self._enter_signal("stop-sigterm", result)
        if state == "stop-post":
            return self._enter_signal("final-sigterm", result)
        self._enter_signal("stop-sigterm", result)

    def _in_condition(self, code: str, status: int) -> bool:
        return len(self._queue) >= len(self.commands["ExecStartPre"]) and bool(self.commands["ExecCondition"]) and code == "exited" and status < 255

    def _reload_done(self) -> None:
        # A program that announced its own reload ends it by READY=1.
        if self._notified != "reloading":
            self._enter_running("success")

    def _members(self) -> list[int]:
        return self.manager.table.members(self.name)

    def _watch_leftovers(self) -> None:
        """Others than our own children are looked for: nothing tells when the last of them is gone."""
        self.manager.loop.call_later(0.02, self._check_empty)

    def _check_empty(self) -> None:
        if self.state not in ("stop-sigterm", "stop-sigkill", "final-sigterm", "final-sigkill") or self.main or self.control:
            return
        if self.config.kill_mode in ("control-group", "mixed") and self._members():
            return self._watch_leftovers()
        if self.state.startswith("stop"):
            self._enter_stop_post()
        else:
            self._enter_dead("success")

    # Time

    def _arm(self, seconds: float, callback: Callable[[], None]) -> None:
        self._cancel_timer()
        if seconds != values.INFINITY:
            self._timer = self.manager.loop.call_later(seconds, callback)

    def _cancel_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _on_runtime_max(self) -> None:
        self._runtime_timer = None
        if self.state in ("running", "reload"):
            self.note("Service reached runtime time limit. Stopping.", 4)
            self._enter_stop("timeout")

    def _on_timeout(self) -> None:
        self._timer = None
        what = {"start-pre": "start-pre operation", "start": "start operation", "start-post": "start-post operation", "reload": "reload operation"}
        if self.state in ("start-pre", "start", "start-post"):
            self.note(f"{what[self.state]} timed out. Terminating.", 4)
            self._enter_signal("stop-sigterm", "timeout")
        elif self.state == "reload":
            self.note("Reload operation timed out. Killing reload process.", 4)
            kill([self.control.pid] if self.control else [], 9)
            self.control, self._queue, self.reload_result = None, [], "timeout"
            self._enter_running("success")
        elif self.state == "stop":
            self.note("Stopping timed out. Terminating.", 4)
            self._enter_signal("stop-sigterm", "timeout")
        elif self.state in ("stop-sigterm", "final-sigterm"):
            kind = "State 'stop-sigterm'" if self.state == "stop-sigterm" else "State 'final-sigterm'"
            if self.config.send_sigkill:
                self.note(f"{kind} timed out. Killing.", 4)
                self._enter_signal("stop-sigkill" if self.state == "stop-sigterm" else "final-sigkill", "timeout")
            else:
                self.note(f"{kind} timed out. Skipping SIGKILL.", 4)
                self._worsen("timeout")
                self._enter_stop_post() if self.state == "stop-sigterm" else self._enter_dead("timeout")
        elif self.state == "stop-sigkill":
            self.note("Processes still around after SIGKILL. Ignoring.", 4)
            self._enter_stop_post()
        elif self.state == "stop-post":
            self.note("State 'stop-post' timed out. Terminating.", 4)
            self._enter_signal("final-sigterm", "timeout")
        elif self.state == "final-sigkill":
            self.note("Processes still around after final SIGKILL. Entering failed mode.", 4)
            self._enter_dead("timeout")

    # NOTIFY_SOCKET

    def _on_notify(self, pid: int, message: dict[str, str]) -> None:
        if self.config.notify_access == "main" and (self.main is None or pid != self.main.pid):
            return
        if self.config.notify_access != "main" and self.manager.table.unit_of(pid) not in (self.name, None):
            return
        if "STATUS" in message:
            self.status_text = message["STATUS"]
        if message.get("STOPPING") == "1":
            self._notified = "stopping"
            if self.state == "running":
                self._stop_by_notify()
        elif message.get("RELOADING") == "1":
            self._notified = "reloading"
            if self.state == "running":
                self.set_state("reload")
        elif message.get("READY") == "1":
            self._notified = "ready"
            if self.state == "start" and self.config.kind == "notify":
                self._enter_start_post()
            elif self.state == "reload" and self.control is None:
                self._enter_running("success")

    def _stop_by_notify(self) -> None:
        self._arm(self.config.timeout_stop, self._on_timeout)
        self.set_state("stop-sigterm")
        self._watch_leftovers()

    def _worsen(self, result: str) -> None:
        if self.result == "success":
            self.result = result
