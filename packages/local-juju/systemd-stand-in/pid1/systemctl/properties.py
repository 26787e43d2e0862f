"""Properties of `systemctl show`, with the names and forms of the real one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .. import values
from ..service import Service
from ..sockets import SocketUnit
from ..unit import Unit

if TYPE_CHECKING:
    from ..manager import Manager

_CODES = {"": "0", "exited": "1", "killed": "2", "dumped": "3"}
PROPERTIES = (
    "Type Restart NotifyAccess RestartUSec TimeoutStartUSec TimeoutStopUSec RuntimeMaxUSec MainPID ControlPID "
    "StatusText Result ReloadResult NRestarts ExecMainPID ExecMainCode ExecMainStatus User Group WorkingDirectory "
    "EnvironmentFiles Environment StandardOutput KillMode Listen NConnections Accept Id Names Requires Wants "
    "BindsTo PartOf Before After Triggers TriggeredBy Description LoadState ActiveState SubState FragmentPath "
    "DropInPaths UnitFileState UnitFilePreset NeedDaemonReload InvocationID Job Transient StateChangeTimestamp "
    "ActiveEnterTimestamp ActiveExitTimestamp InactiveEnterTimestamp CanReload LoadError".split()
)


def properties(manager: Manager, unit: Unit, needs_reload: bool) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {}
    if isinstance(unit, Service):
        found |= _service(unit)
    if isinstance(unit, SocketUnit):
        found["Listen"] = [
            f"{shown} (Stream)"
            for shown in ([x.shown for x in unit.listeners] or [asked for asked, _ in getattr(unit, "addresses", [])])
        ]
        found |= {"Accept": "no", "NConnections": "0", "Result": unit.result, "Triggers": getattr(unit, "service_name", "")}
    found.setdefault("Result", unit.result)
    found |= {
        "Id": unit.name,
        "Names": unit.name,
        "Requires": " ".join(unit.names("Requires")),
        "Wants": " ".join(unit.wants()),
        "BindsTo": " ".join(unit.names("BindsTo")),
        "PartOf": " ".join(unit.names("PartOf")),
        "Before": " ".join(unit.before()),
        "After": " ".join(unit.after()) if unit.load_state == "loaded" else "",
        "Description": unit.description,
        "LoadState": unit.load_state,
        "ActiveState": unit.active_state,
        "SubState": unit.sub_state,
        "FragmentPath": unit.file.fragment or "",
        "DropInPaths": " ".join(unit.file.drop_ins),
        "UnitFileState": "" if unit.builtin else manager.paths.file_state(unit.name) or ("transient" if unit.transient else ""),
        "NeedDaemonReload": "yes" if needs_reload else "no",
        "InvocationID": unit.invocation,
        "Job": unit.job.kind if unit.job else "",
        "Transient": "yes" if unit.transient else "no",
        "LoadError": unit.load_error,
        "CanReload": "yes" if unit.can_reload else "no",
        "StateChangeTimestamp": _stamp(max(unit.since.values(), default=0)),
        "ActiveEnterTimestamp": _stamp(unit.since.get("active", 0)),
        "ActiveExitTimestamp": _stamp(unit.since.get("deactivating", 0)),
        "InactiveEnterTimestamp": _stamp(unit.since.get("inactive", 0)),
    }
    return found


def _service(unit: Service) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {
        "MainPID": str(unit.main.pid if unit.main else 0),
        "ControlPID": str(unit.control.pid if unit.control else 0),
        "StatusText": unit.status_text,
        "Result": unit.result,
        "ReloadResult": unit.reload_result,
        "NRestarts": str(unit.restarts),
        "ExecMainPID": str(unit.main_pid),
        "ExecMainCode": _CODES[unit.main_code],
        "ExecMainStatus": str(unit.main_status),
    }
    if unit.load_state != "loaded":
        return found
    config, execution = unit.config, unit.execution
    return found | {
        "Type": config.kind,
        "Restart": config.restart,
        "NotifyAccess": config.notify_access,
        "RestartUSec": _span(config.restart_sec),
        "TimeoutStartUSec": _span(config.timeout_start),
        "TimeoutStopUSec": _span(config.timeout_stop),
        "RuntimeMaxUSec": _span(config.runtime_max),
        "User": execution.user,
        "Group": execution.group,
        "WorkingDirectory": execution.working_directory,
        "EnvironmentFiles": [
            f"{v.removeprefix('-')} (ignore_errors={'yes' if v.startswith('-') else 'no'})"
            for v in unit.file.all("Service", "EnvironmentFile")
        ],
        "Environment": " ".join(execution.words("Environment")),
        "StandardOutput": execution.last("StandardOutput", "journal"),
        "KillMode": config.kill_mode,
        "TriggeredBy": " ".join(socket.name for socket in unit.sockets()),
    }


def state_line(unit: Unit) -> str:
    since = max(unit.since.values(), default=0)
    result = f" (Result: {unit.result})" if unit.active_state == "failed" else f" ({unit.sub_state})"
    return f"{unit.active_state}{result}" + (f" since {_stamp(since)}" if since else "")


def _stamp(when: float) -> str:
    return time.strftime("%a %Y-%m-%d %H:%M:%S UTC", time.gmtime(when)) if when else ""


def _span(seconds: float) -> str:
    if seconds == values.INFINITY:
        return "infinity"
    parts: list[str] = []
    rest = round(seconds * 1000)
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0"
