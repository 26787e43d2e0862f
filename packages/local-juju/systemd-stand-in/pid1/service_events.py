"""What happens to a service and what it does then: a process ends, a time is over, a message comes. As service.c has it."""

from __future__ import annotations

import signal

from . import values
from .processes import kill
from .running import Running
from .service_state import ServiceState

_RESULTS = {"exited": "exit-code", "killed": "signal", "dumped": "core-dump"}
_WAITING_FOR_END = ("stop-sigterm", "stop-sigkill", "final-sigterm", "final-sigkill")


def process_ended(service: ServiceState, running: Running, code: str, status: int) -> None:
    """`code` is exited, killed or dumped; `status` the exit code or the signal."""
    command = not running.main or service.config.kind == "oneshot"
    clean = service.config.is_clean(code, status, command) or running.command.ignore_failure
    result = "success" if clean else _RESULTS[code]
    what = "Main" if running is service.main else "Control"
    if not clean and running in (service.main, service.control):
        name = values.EXIT_NAMES.get(status, "n/a") if code == "exited" else values.signal_name(status)
        service.note(f"{what} process exited, code={code}, status={status}/{name}", 5)
    if running is service.main:
        service.main = None
        service.main_code, service.main_status = code, status
        service.worsen(result)
        _main_gone(service, result)
    elif running is service.control:
        service.control = None
        _control_gone(service, result, code, status)
    else:
        check_empty(service)


def _main_gone(service: ServiceState, result: str) -> None:
    state, kind = service.state, service.config.kind
    if state == "start" and kind == "oneshot":
        if result != "success":
            service.enter_signal("stop-sigterm", result)
        elif service.more_to_start:
            service.start_next()
        else:
            service.enter_start_post()
    elif state == "start" and kind == "notify":
        service.enter_signal("stop-sigterm", "protocol" if result == "success" else result)
    elif state in ("start", "running"):
        service.enter_running(result)
    elif state in ("stop-sigterm", "stop-sigkill") and service.control is None:
        service.enter_stop_post()
    elif state in ("final-sigterm", "final-sigkill"):
        check_empty(service)


def _control_gone(service: ServiceState, result: str, code: str, status: int) -> None:
    state = service.state
    if state in ("stop-sigterm", "stop-sigkill"):
        if service.main is None:
            service.enter_stop_post()
    elif state in ("final-sigterm", "final-sigkill"):
        check_empty(service)
    elif result == "success":
        service.next_control()
    elif state == "start-pre" and service.in_condition and code == "exited" and status < 255:
        service.note("Skipped due to 'exec-condition'.", 6)
        service.enter_signal("stop-sigterm", "exec-condition")
    elif state == "reload":
        service.reload_result = result
        service.enter_running("success")
    elif state == "stop-post":
        service.enter_signal("final-sigterm", result)
    else:
        service.enter_signal("stop-sigterm", result)


def check_empty(service: ServiceState) -> None:
    """Goes on once nothing of the service is left, while that is what it waits for."""
    if service.state not in _WAITING_FOR_END or service.main or service.control:
        return
    if service.config.kill_mode in ("control-group", "mixed") and service.members():
        watch_leftovers(service)
    elif service.state.startswith("stop"):
        service.enter_stop_post()
    else:
        service.enter_dead("success")


def watch_leftovers(service: ServiceState) -> None:
    """Looks again soon: nothing tells when the last process that is not our own child has gone."""
    service.manager.loop.call_later(0.02, lambda: check_empty(service))


def timed_out(service: ServiceState) -> None:
    state, hard = service.state, service.config.send_sigkill
    if state in ("start-pre", "start", "start-post"):
        service.note(f"{state} operation timed out. Terminating.", 4)
        service.enter_signal("stop-sigterm", "timeout")
    elif state == "reload":
        service.note("Reload operation timed out. Killing reload process.", 4)
        kill([service.control.pid] if service.control else [], signal.SIGKILL)
        service.control, service.reload_result = None, "timeout"
        service.enter_running("success")
    elif state == "stop":
        service.note("Stopping timed out. Terminating.", 4)
        service.enter_signal("stop-sigterm", "timeout")
    elif state in ("stop-sigterm", "final-sigterm"):
        service.note(f"State '{state}' timed out. {'Killing' if hard else 'Skipping SIGKILL'}.", 4)
        if hard:
            service.enter_signal(state.replace("sigterm", "sigkill"), "timeout")
        else:
            service.worsen("timeout")
            _after_signal(service)
    elif state == "stop-post":
        service.note("State 'stop-post' timed out. Terminating.", 4)
        service.enter_signal("final-sigterm", "timeout")
    elif state in ("stop-sigkill", "final-sigkill"):
        service.note("Processes still around after SIGKILL. Ignoring.", 4)
        service.worsen("timeout")
        _after_signal(service)


def _after_signal(service: ServiceState) -> None:
    if service.state.startswith("stop"):
        service.enter_stop_post()
    else:
        service.enter_dead("success")


def runtime_over(service: ServiceState) -> None:
    if service.state in ("running", "reload"):
        service.note("Service reached runtime time limit. Stopping.", 4)
        service.enter_stop("timeout")


def notified(service: ServiceState, pid: int, message: dict[str, str]) -> None:
    """A message of sd_notify(3), where the sender is one that NotifyAccess= lets in."""
    if service.config.notify_access == "main" and (service.main is None or pid != service.main.pid):
        return
    if service.config.notify_access != "main" and service.manager.table.unit_of(pid) not in (service.name, None):
        return
    service.status_text = message.get("STATUS", service.status_text)
    if message.get("STOPPING") == "1":
        service.announced = "stopping"
        if service.state == "running":
            service.enter_stop_by_notify()
    elif message.get("RELOADING") == "1":
        service.announced = "reloading"
        if service.state == "running":
            service.set_state("reload")
    elif message.get("READY") == "1":
        service.announced = "ready"
        if service.state == "start" and service.config.kind == "notify":
            service.enter_start_post()
        elif service.state == "reload" and service.control is None:
            service.enter_running("success")
