"""enable, disable, mask and daemon-reload: what changes unit files and their links."""

from __future__ import annotations

from ..transaction import TransactionRefused
from ..unitpath import with_suffix
from .call import Call, Verb
from .jobs import run_jobs

_NO_INSTALL = """The unit files have no installation config (WantedBy=, RequiredBy=, Also=,
Alias= settings in the [Install] section, and DefaultInstance= for template
units). This means they are not meant to be enabled using systemctl.
"""


def _not_there(call: Call, name: str) -> str:
    return f"Unit file {name} does not exist." if call.manager.version <= 252 else f"Unit {name} does not exist"


def _daemon_reload(call: Call) -> int:
    call.manager.daemon_reload()
    return 0


def _enable(call: Call) -> int | None:
    paths = call.manager.paths
    units = [paths.load(with_suffix(name)) for name in call.names]
    for unit in units:
        if unit.masked:
            raise TransactionRefused(f"Failed to enable unit: Unit file {unit.fragment} is masked.")
        if unit.fragment is None:
            raise TransactionRefused(f"Failed to enable unit: {_not_there(call, unit.name)}")
    for unit in units:
        call.say(paths.enable(unit))
        for also in " ".join(unit.all("Install", "Also")).split():
            other = paths.load(also)
            if other.fragment:
                call.say(paths.enable(other))
        if not paths.install_targets(unit) and not call.quiet:
            call.request.err(_NO_INSTALL)
    call.manager.daemon_reload()
    return _now(call, "start")


def _disable(call: Call) -> int | None:
    for name in map(with_suffix, call.names):
        said = call.manager.paths.disable(name)
        if not said and call.manager.paths.find(name) is None:
            raise TransactionRefused(f"Failed to disable unit: {_not_there(call, name)}")
        call.say(said)
    call.manager.daemon_reload()
    return _now(call, "stop")


def _reenable(call: Call) -> int | None:
    for name in call.names:
        call.manager.paths.disable(with_suffix(name))
    return _enable(call)


def _mask(call: Call) -> int | None:
    for name in map(with_suffix, call.names):
        if call.manager.paths.find(name) is None:
            call.request.err(f"Unit {name} does not exist, proceeding anyway.\n")
        try:
            call.say(call.manager.paths.mask(name))
        except FileExistsError as problem:
            raise TransactionRefused(str(problem)) from None
    call.manager.daemon_reload()
    return _now(call, "stop")


def _unmask(call: Call) -> int:
    for name in call.names:
        call.say(call.manager.paths.unmask(with_suffix(name)))
    call.manager.daemon_reload()
    return 0


def _now(call: Call, kind: str) -> int | None:
    if not call.options.has("--now"):
        return 0
    run_jobs(call, kind, kind)
    return None


VERBS: dict[str, Verb] = {
    "daemon-reload": _daemon_reload,
    "daemon-reexec": _daemon_reload,
    "enable": _enable,
    "disable": _disable,
    "reenable": _reenable,
    "mask": _mask,
    "unmask": _unmask,
}
