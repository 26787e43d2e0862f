"""is-active, is-enabled, show, cat, status: what a unit is, and how it does."""

from __future__ import annotations

from ..journalctl import short_lines
from ..service import Service
from ..sockets import SocketUnit
from ..unit import ACTIVE, Unit
from .call import Call, Verb
from .properties import PROPERTIES, properties, state_line


def _is_active(call: Call) -> int:
    return _ask_state(call, ACTIVE, 3)


def _is_failed(call: Call) -> int:
    return _ask_state(call, ("failed",), 1)


def _ask_state(call: Call, wanted: tuple[str, ...], otherwise: int) -> int:
    states = [call.unit(name).active_state for name in call.unit_names()]
    if not call.quiet:
        call.request.out("".join(f"{state}\n" for state in states))
    if any(state in wanted for state in states):
        return 0
    known = any(call.unit(name).load_state not in ("not-found", "masked") for name in call.unit_names())
    return otherwise if known or call.manager.version <= 252 else 4


def _is_enabled(call: Call) -> int:
    enabled, missing = False, False
    for name in call.unit_names():
        state = call.manager.paths.file_state(name)
        if state is None and call.manager.version > 252:
            missing = True
            state = "not-found"
        if state is None:
            call.request.err(f"Failed to get unit file state for {name}: No such file or directory\n")
            continue
        if not call.quiet:
            call.request.out(f"{state}\n")
        enabled = enabled or state in ("enabled", "static", "alias", "indirect", "generated", "transient")
    return 0 if enabled else 4 if missing else 1


def _is_system_running(call: Call) -> int:
    failed = any(unit.active_state == "failed" for unit in call.manager.units.values())
    call.request.out("degraded\n" if failed else "running\n")
    return 1 if failed else 0


def _show(call: Call) -> int:
    wanted = [name for value in call.options.all("-p", "--property", "-P") for name in value.split(",")]
    bare = call.options.has("--value", "-P")
    blocks: list[str] = []
    for name in call.unit_names():
        unit = call.unit(name)
        found = properties(call.manager, unit, call.needs_reload(unit))
        keys = [key for key in found if key in wanted] if wanted else [key for key in PROPERTIES if key in found]
        lines = [(key, value) for key in keys for value in _as_list(found[key])]
        blocks.append("".join(f"{value}\n" if bare else f"{key}={value}\n" for key, value in lines))
    call.request.out("\n".join(blocks))
    return 0


def _as_list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _cat(call: Call) -> int:
    code = 0
    for name in call.unit_names():
        file = call.manager.paths.load(name)
        if file.fragment is None:
            call.request.err(f"No files found for {name}.\n")
            code = 1
            continue
        parts: list[str] = []
        for path in (file.fragment, *file.drop_ins):
            with open(path, encoding="utf-8", errors="replace") as content:
                parts.append(f"# {path}\n{content.read()}")
        call.request.out("\n".join(parts))
    return code


def _status(call: Call) -> int:
    code = 0
    known = call.manager.units.values()
    for name in call.unit_names() or [unit.name for unit in known if unit.active_state != "inactive"]:
        unit = call.unit(name)
        if unit.load_state == "not-found" and unit.active_state == "inactive":
            call.request.err(f"Unit {name} could not be found.\n")
            code = max(code, 4)
            continue
        call.request.out(_status_text(call, unit))
        if unit.active_state not in ACTIVE:
            code = max(code, 3)
    return code


def _status_text(call: Call, unit: Unit) -> str:
    state = call.manager.paths.file_state(unit.name) or "transient"
    dot = {"active": "●", "failed": "×"}.get(unit.active_state, "○")
    text = f"{dot} {unit.name} - {unit.description}\n     Loaded: {unit.load_state} ({unit.file.fragment}; {state})\n"
    if unit.file.drop_ins:
        text += f"    Drop-In: {' '.join(unit.file.drop_ins)}\n"
    text += f"     Active: {state_line(unit)}\n"
    if isinstance(unit, SocketUnit):
        text += "".join(f"     Listen: {listener.shown} (Stream)\n" for listener in unit.listeners)
    if isinstance(unit, Service) and unit.main:
        text += f"   Main PID: {unit.main.pid}\n"
    if isinstance(unit, Service) and unit.status_text:
        text += f'     Status: "{unit.status_text}"\n'
    lines = int(call.options.last("-n", "--lines") or "10")
    return text + "\n" + "".join(short_lines(call.manager, [unit.name], lines)) + "\n"


VERBS: dict[str, Verb] = {
    "is-active": _is_active,
    "is-failed": _is_failed,
    "is-enabled": _is_enabled,
    "is-system-running": _is_system_running,
    "show": _show,
    "cat": _cat,
    "status": _status,
}
