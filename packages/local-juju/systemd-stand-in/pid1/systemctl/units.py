"""kill and reset-failed."""

from __future__ import annotations

from .. import values
from ..service import Service
from ..unit import Refused
from .call import Call, Verb


def _kill(call: Call) -> int:
    number = values.signal_number(call.options.last("-s", "--signal") or "SIGTERM")
    whom = call.options.last("--kill-whom", "--kill-who") or "all"
    for name in call.unit_names():
        unit = call.unit(name)
        if call.gone(unit):
            call.request.err(f"Failed to kill unit {name}: Unit {name} not loaded.\n")
            return 1
        if isinstance(unit, Service):
            try:
                unit.signal(number, whom)
            except Refused as refusal:
                call.request.err(f"Failed to kill unit {name}: {refusal}\n")
                return 1
    return 0


def _reset_failed(call: Call) -> int:
    code = 0
    for name in call.unit_names() or list(call.manager.units):
        unit = call.manager.units.get(name)
        if unit is None or (unit.load_state == "not-found" and unit.active_state == "inactive"):
            call.request.err(f"Failed to reset failed state of unit {name}: Unit {name} not loaded.\n")
            code = 1
        else:
            unit.reset_failed()
    return code


VERBS: dict[str, Verb] = {"kill": _kill, "reset-failed": _reset_failed}
