"""list-units, list-jobs, list-sockets, list-timers and list-unit-files."""

from __future__ import annotations

import fnmatch

from ..sockets import SocketUnit
from ..timers import TimerUnit
from ..unit import Unit
from .call import Call, Verb


def _list_units(call: Call) -> int:
    call.manager.load_all()
    shown = [unit for unit in sorted(call.manager.units.values(), key=lambda unit: unit.name) if _is_listed(unit, call)]
    rows = [(unit.name, unit.load_state, unit.active_state, unit.sub_state, unit.description) for unit in shown]
    return call.table(("UNIT", "LOAD", "ACTIVE", "SUB", "DESCRIPTION"), rows, f"{len(rows)} loaded units listed.")


def _is_listed(unit: Unit, call: Call) -> bool:
    options, everything = call.options, call.options.has("-a", "--all")
    types = [kind for value in options.all("-t", "--type") for kind in value.split(",")]
    states = [state for value in options.all("--state") for state in value.split(",")]
    states += ["failed"] if options.has("--failed") else []
    if types and unit.name.rpartition(".")[2] not in types:
        return False
    if states:
        if not {unit.active_state, unit.sub_state, unit.load_state} & set(states):
            return False
    elif unit.active_state == "inactive" and not everything:
        return False
    if unit.load_state == "not-found" and not everything:
        return False
    return not call.names or any(fnmatch.fnmatchcase(unit.name, pattern) for pattern in call.names)


def _list_sockets(call: Call) -> int:
    sockets = [unit for unit in call.manager.units.values() if isinstance(unit, SocketUnit)]
    rows = sorted((listener.shown, unit.name, unit.service_name) for unit in sockets for listener in unit.listeners)
    return call.table(("LISTEN", "UNIT", "ACTIVATES"), rows, f"{len(rows)} sockets listed.")


def _list_timers(call: Call) -> int:
    timers = [unit for unit in call.manager.units.values() if isinstance(unit, TimerUnit) and unit.active_state == "active"]
    rows = [(unit.name, unit.unit_name) for unit in timers]
    return call.table(("UNIT", "ACTIVATES"), rows, f"{len(rows)} timers listed.")


def _list_jobs(call: Call) -> int:
    """The number of a job is its unit's place in the list: none is told by it."""
    units = [unit for unit in call.manager.units.values() if unit.job]
    listed = [unit for unit in units if not call.names or any(fnmatch.fnmatchcase(unit.name, name) for name in call.names)]
    rows = [
        (str(place), unit.name, unit.job.kind, "running" if unit.job.running else "waiting")
        for place, unit in enumerate(sorted(listed, key=lambda unit: unit.name), 1)
        if unit.job
    ]
    if not rows:
        if not call.options.has("--no-legend"):
            call.request.out("No jobs running.\n" if not call.names else "No jobs listed.\n")
        return 0
    return call.table(("JOB", "UNIT", "TYPE", "STATE"), rows, f"{len(rows)} jobs listed.")


def _list_unit_files(call: Call) -> int:
    paths = call.manager.paths
    names = [n for n in paths.all_names() if not call.names or any(fnmatch.fnmatchcase(n, p) for p in call.names)]
    states = {name: paths.file_state(name) or "-" for name in names}
    rows = [(name, states[name], "enabled" if states[name] in ("enabled", "disabled") else "-") for name in names]
    return call.table(("UNIT FILE", "STATE", "PRESET"), rows, f"{len(rows)} unit files listed.")


VERBS: dict[str, Verb] = {
    "list-units": _list_units,
    "list-jobs": _list_jobs,
    "list-sockets": _list_sockets,
    "list-timers": _list_timers,
    "list-unit-files": _list_unit_files,
}
