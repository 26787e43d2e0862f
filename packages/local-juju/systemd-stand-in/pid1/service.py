"""Services: the ways from one state to the next, as in service.c. systemd.service(5)."""

from __future__ import annotations

import signal
from collections.abc import Callable

from . import values
from .command import Command
from .exec_config import ExecProblem
from .notify import NotifySocket
from .processes import command_name, kill
from .running import Running
from .service_events import notified, process_ended, runtime_over, timed_out, watch_leftovers
from .service_state import ServiceState
from .spawn import spawn
from .unit import Refused

_STOPPING = ("stop", "stop-sigterm", "stop-sigkill", "stop-post", "final-sigterm", "final-sigkill")


class Service(ServiceState):
    # Requests

    def start(self) -> None:
        if not self.check_start_limit():
            return self.enter_dead("start-limit-hit", may_restart=False)
        if self._flush_restarts:
            self.restarts, self._flush_restarts = 0, False
        self.result, self.reload_result, self.status_text, self.announced = "success", "success", "", ""
        self.main_pid, self.main_code, self.main_status = 0, "", 0
        self._forbid_restart = False
        self.new_invocation()
        if self.config.notify_access != "none":
            self._notify = NotifySocket(self.manager.loop, lambda pid, message: notified(self, pid, message))
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
            self.enter_signal("stop-sigterm", "success")
        else:
            self.enter_stop("success")

    def reload(self) -> None:
        self.reload_result = "success"
        self.set_state("reload")
        self._run_all("ExecReload", self.config.timeout_start, self._reloaded)

    def signal(self, number: int, whom: str = "all") -> None:
        """Raises Refused where there is nothing to send it to."""
        pids = ([self.main.pid] if self.main else []) if whom == "main" else self.members()
        if not pids:
            raise Refused("No main process to kill" if whom == "main" else "no process to kill")
        kill(pids, number)
        if self.main and self.main.pid in pids:
            name = f"{self.main.pid} ({command_name(self.main.pid)})"
            self.note(f"Sent signal SIG{values.signal_name(number)} to main process {name} on client request.", 6)

    # Starting

    def _enter_start_pre(self) -> None:
        self._arm(self.config.timeout_start)
        self._queue = [*self.commands["ExecCondition"], *self.commands["ExecStartPre"]]
        if self._queue:
            self.set_state("start-pre")
        self._then = self._enter_start
        self.next_control()

    def _enter_start(self) -> None:
        simple = self.config.kind in ("simple", "idle")
        if simple:
            self._cancel_timer()
        self._queue = list(self.commands["ExecStart"])
        if not self._queue:
            return self.enter_start_post()
        if not self.start_next():
            return
        if simple:
            return self.enter_start_post()
        running = self.main
        self.set_state("start")
        if self.config.kind == "exec" and running:
            running.when_executed(lambda: self.enter_start_post() if self.state == "start" and self.main is running else None)

    def start_next(self) -> bool:
        """Starts the next command of ExecStart=; false where there is none, or where it could not be forked."""
        running = self._spawn(self._queue.pop(0), main=True) if self._queue else None
        if running is None:
            return False
        self.main, self.main_pid, self.main_start = running, running.pid, self.manager.now()
        return True

    def enter_start_post(self) -> None:
        if self.commands["ExecStartPost"]:
            self.set_state("start-post")
        self._run_all("ExecStartPost", self.config.timeout_start, lambda: self.enter_running("success"))

    def enter_running(self, result: str) -> None:
        self.worsen(result)
        if self.result != "success":
            return self.enter_signal("stop-sigterm", result)
        if self.main is None:
            if not self.config.remain_after_exit:
                return self.enter_stop("success")
            self._cancel_timer()
            return self.set_state("exited")
        if self.announced == "stopping":
            return self.enter_stop_by_notify()
        self._cancel_timer()
        self.set_state("reload" if self.announced == "reloading" else "running")
        if self._runtime_timer is None and self.config.runtime_max != values.INFINITY:
            self._runtime_timer = self.manager.loop.call_later(self.config.runtime_max, lambda: runtime_over(self))

    def _reloaded(self) -> None:
        # A program that announced its own reload ends it by READY=1.
        if self.announced != "reloading":
            self.enter_running("success")

    # Stopping

    def enter_stop(self, result: str) -> None:
        self.worsen(result)
        if self.commands["ExecStop"]:
            self.set_state("stop")
        self._run_all("ExecStop", self.config.timeout_stop, lambda: self.enter_signal("stop-sigterm", "success"))

    def enter_stop_by_notify(self) -> None:
        self._arm(self.config.timeout_stop)
        self.set_state("stop-sigterm")
        watch_leftovers(self)

    def enter_signal(self, state: str, result: str) -> None:
        self.worsen(result)
        if self._kill(hard=state.endswith("sigkill")):
            self._arm(self.config.timeout_stop)
            self.set_state(state)
            watch_leftovers(self)
        elif state.endswith("sigterm") and self.config.send_sigkill:
            self.enter_signal(state.replace("sigterm", "sigkill"), "success")
        elif state.startswith("stop"):
            self.enter_stop_post()
        else:
            self.enter_dead("success")

    def enter_stop_post(self) -> None:
        if self.commands["ExecStopPost"]:
            self.set_state("stop-post")
        self._run_all("ExecStopPost", self.config.timeout_stop, lambda: self.enter_signal("final-sigterm", "success"))

    def enter_dead(self, result: str, may_restart: bool = True) -> None:
        self.worsen(result)
        self._cancel_timer()
        if self._runtime_timer:
            self._runtime_timer.cancel()
            self._runtime_timer = None
        if self._notify:
            self._notify.close()
            self._notify = None
        self.main = self.control = None
        good = self.result == "success"
        self.note("Deactivated successfully." if good else f"Failed with result '{self.result}'.", 6 if good else 4)
        restart = may_restart and self._shall_restart()
        self._flush_restarts = self._flush_restarts or not restart
        self._remove_runtime_directories(restart)
        self.set_state("dead" if good else "failed", will_restart=restart)
        if restart and self.job is None:
            self.set_state("auto-restart")
            self._arm(self.config.restart_sec, self._restart)

    def _remove_runtime_directories(self, restart: bool) -> None:
        preserve = self.execution.preserve_runtime
        again = restart or (self.job is not None and self.job.kind == "restart")
        if preserve != "yes" and not (preserve == "restart" and again):
            self.execution.remove_runtime_directories()

    def _shall_restart(self) -> bool:
        if self._forbid_restart or (self.job and self.job.kind in ("stop", "restart")):
            return False
        return self.config.restarts_after(self.result, self.main_code, self.main_status)

    def _restart(self) -> None:
        self.restarts += 1
        self.note(f"Scheduled restart job, restart counter is at {self.restarts}.", 6)
        if self.manager.version <= 252:
            self.log(f"Stopped {self.title}.")
        self.state = "dead"
        self.manager.jobs.submit(self, "restart")

    # Processes

    def _run_all(self, key: str, seconds: float, then: Callable[[], None]) -> None:
        """Runs the commands of a setting one after another, then goes on."""
        self._queue = list(self.commands[key])
        self._then = then
        if self._queue:
            self._arm(seconds)
        self.next_control()

    def next_control(self) -> None:
        if self._queue:
            self.control = self._spawn(self._queue.pop(0), main=False)
        else:
            self.control = None
            self._then()

    def _spawn(self, command: Command, main: bool) -> Running | None:
        try:
            return spawn(self, command, main, self._notify, lambda *end: process_ended(self, *end))
        except ExecProblem as problem:
            task = self.state if self.state in ("start-pre", "start-post", "reload", "stop", "stop-post") else "start"
            self.note(str(problem), 4)
            verb = "run" if self.manager.version <= 252 else "spawn"
            self.note(f"Failed to {verb} '{task}' task: {problem.reason}", 4)
            if self.state == "reload":
                self.reload_result = "resources"
                self.enter_running("success")
            else:
                self.enter_signal("final-sigterm", "resources")
            return None

    def _kill(self, hard: bool) -> bool:
        """Sends the signal that KillMode= and its siblings say, and returns whether it reached anything."""
        mode, number = self.config.kill_mode, self.config.final_kill_signal if hard else self.config.kill_signal
        direct = [running.pid for running in (self.main, self.control) if running]
        if mode == "none":
            reached: list[int] = []
        elif mode == "process" or (mode == "mixed" and not hard):
            reached = kill(direct, number)
        else:
            reached = self._kill_all(direct, number)
            if not hard and self.config.send_sighup:
                kill(reached, signal.SIGHUP)
        for pid in reached if hard else []:
            self.note(f"Killing process {pid} with signal SIG{values.signal_name(number)}.", 5)
        return bool(reached)

    def _kill_all(self, direct: list[int], number: int) -> list[int]:
        """All of the group, and what they forked meanwhile."""
        reached: set[int] = set()
        while fresh := {*direct, *self.members()} - reached:
            kill(fresh, number)
            reached |= fresh
        return sorted(reached)

    # Time

    def _arm(self, seconds: float, callback: Callable[[], None] | None = None) -> None:
        self._cancel_timer()
        if seconds != values.INFINITY:
            self._timer = self.manager.loop.call_later(seconds, callback or (lambda: timed_out(self)))

    def _cancel_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
