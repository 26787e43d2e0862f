"""start, stop, restart, reload and their kin: jobs, and what is said of those that fail."""

from __future__ import annotations

from collections.abc import Callable

from ..service import Service
from ..sockets import SocketUnit
from ..transaction import TransactionRefused
from ..unit import ACTIVE, Unit
from .call import Call

JOB_VERBS = {
    "start": "start",
    "stop": "stop",
    "restart": "restart",
    "try-restart": "try-restart",
    "condrestart": "try-restart",
    "reload": "reload",
    "reload-or-restart": "reload-or-restart",
    "force-reload": "reload-or-restart",
    "try-reload-or-restart": "try-reload-or-restart",
}
_WHY = {
    "exit-code": "the control process exited with error code",
    "timeout": "a timeout was exceeded",
    "signal": "a fatal signal was delivered to the control process",
    "core-dump": "a fatal signal was delivered causing the control process to dump core",
    "resources": "of unavailable resources or another system error",
    "protocol": "the service did not take the steps required by its unit configuration",
    "start-limit-hit": "start of the service was attempted too often",
}


def run_jobs(call: Call, kind: str, verb: str) -> None:
    """Queues a job for each unit and answers when all have ended; at once with --no-block."""
    if not call.names:
        call.request.err("Too few arguments.\n")
        return call.request.exit(1)
    alone = call.options.last("--job-mode") == "ignore-dependencies"
    wait = not call.options.has("--no-block")
    codes: list[int] = []
    names = _those_that_can(call, kind, verb, codes)
    waiting = set(names) if wait else set()

    def waiter(name: str) -> Callable[[str], None]:
        def done(result: str) -> None:
            codes.append(_explain(call, name, result))
            waiting.discard(name)
            if not waiting:
                answer()

        return done

    def answer() -> None:
        if kind == "stop":
            _warn_triggers(call, names)
        call.request.exit(max(codes, default=0))

    for name in names:
        unit = call.unit(name)
        _warn_reload(call, unit)
        try:
            call.manager.jobs.submit(unit, _actual(kind, unit), waiter(name) if wait else None, alone)
        except TransactionRefused as refusal:
            call.request.err(f"Failed to {verb} {name}: {refusal}\n")
            codes.append(refusal.code)
            waiting.discard(name)
    if not waiting and (not wait or not call.request.answered):
        answer()


def _those_that_can(call: Call, kind: str, verb: str, codes: list[int]) -> list[str]:
    names: list[str] = []
    for name in call.unit_names():
        unit = call.unit(name)
        if unit.load_state == "not-found" and (kind != "stop" or call.gone(unit)):
            call.request.err(f"Failed to {verb} {name}: Unit {name} not {'loaded' if kind == 'stop' else 'found'}.\n")
            codes.append(5)
        else:
            names.append(name)
    return names


def _actual(kind: str, unit: Unit) -> str:
    if kind == "try-reload-or-restart":
        return "reload-or-restart" if unit.active_state in ACTIVE else "try-restart"
    return kind


def _warn_reload(call: Call, unit: Unit) -> None:
    if call.needs_reload(unit):
        call.request.err(
            f"Warning: The unit file, source configuration file or drop-ins of {unit.name} changed on disk. "
            "Run 'systemctl daemon-reload' to reload units.\n"
        )


def _warn_triggers(call: Call, names: list[str]) -> None:
    """A stopped service may come back with the next connection."""
    sockets = [u for u in call.manager.units.values() if isinstance(u, SocketUnit) and u.active_state == "active"]
    for name in names:
        triggers = sorted(socket.name for socket in sockets if socket.service_name == name)
        if triggers and not call.quiet:
            if call.manager.version <= 252:
                call.request.err(f"Warning: Stopping {name}, but it can still be activated by:\n")
                call.request.err("".join(f"  {trigger}\n" for trigger in triggers))
            else:
                call.request.err(f"Stopping '{name}', but its triggering units are still active:\n")
                call.request.err(", ".join(triggers) + "\n")


def _explain(call: Call, name: str, result: str) -> int:
    if result in ("done", "skipped"):
        return 0
    if not call.quiet:
        call.request.err(_explanation(call.unit(name), result))
    return 1


def _explanation(unit: Unit, result: str) -> str:
    if result == "canceled":
        return f"Job for {unit.name} canceled.\n"
    if result == "dependency":
        return f"A dependency job for {unit.name} failed. See 'journalctl -xe' for details.\n"
    if result == "invalid":
        return f"{unit.name} is not active, cannot reload.\n"
    if not isinstance(unit, Service):
        return 'Job failed. See "journalctl -xe" for details.\n'
    of_reload = unit.reload_result != "success" and unit.active_state in ACTIVE
    why = _WHY.get(unit.reload_result if of_reload else unit.result)
    text = f"Job for {unit.name} failed" + (f" because {why}.\n" if why else ".\n")
    text += f'See "systemctl status {unit.name}" and "journalctl -xeu {unit.name}" for details.\n'
    if unit.result == "start-limit-hit":
        text += f'To force a start use "systemctl reset-failed {unit.name}"\nfollowed by "systemctl start {unit.name}" again.\n'
    return text
