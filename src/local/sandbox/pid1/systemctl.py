"""systemctl(1): verbs, words and exit codes."""

from __future__ import annotations

import fnmatch
import getopt
from typing import TYPE_CHECKING, Callable

from . import values
from .control import Request
from .jobs import TransactionRefused
from .journalctl import short_lines
from .options import Options
from .service import Service
from .sockets import SocketUnit
from .systemctl_show import PROPERTIES, properties, state_line
from .unit import ACTIVE, Refused, Unit
from .unitpath import with_suffix

if TYPE_CHECKING:
    from .manager import Manager

_SHORT = "p:t:s:n:o:H:qlafP:"
_LONG = (
    "property= type= state= signal= kill-whom= kill-who= lines= output= value now no-block quiet all full force no-pager no-legend "
    "system runtime plain no-ask-password no-reload wait version help failed legend= root= job-mode= show-types".split()
)
_JOB_VERBS = {
    "start": "start", "stop": "stop", "restart": "restart", "try-restart": "try-restart", "condrestart": "try-restart", "reload": "reload",
    "reload-or-restart": "reload-or-restart", "try-reload-or-restart": "try-reload-or-restart", "force-reload": "reload-or-restart",
}  # fmt: skip
_WHY = {
    "exit-code": "the control process exited with error code", "timeout": "a timeout was exceeded",
    "signal": "a fatal signal was delivered to the control process", "core-dump": "a fatal signal was delivered causing the control process to dump core",
    "resources": "of unavailable resources or another system error", "protocol": "the service did not take the steps required by its unit configuration",
    "start-limit-hit": "start of the service was attempted too often",
}  # fmt: skip

_NO_INSTALL = """The unit files have no installation config (WantedBy=, RequiredBy=, Also=,
Alias= settings in the [Install] section, and DefaultInstance= for template
units). This means they are not meant to be enabled using systemctl.
"""


class Systemctl:
    def __init__(self, manager: "Manager") -> None:
        self._manager = manager

    def handle(self, request: Request) -> None:
        try:
            options = Options(request.args, _SHORT, _LONG)
        except getopt.GetoptError as problem:
            request.err(f"systemctl: {problem.msg}\n")
            return request.exit(1)
        if options.has("--version"):
            request.out("systemd 252 (sandbox)\n")
            return request.exit(0)
        verb, *names = options.rest or ["list-units"]
        if verb in _JOB_VERBS:
            return self._jobs(request, options, _JOB_VERBS[verb], verb, names)
        found: Callable[[Request, Options, list[str]], int] | None = getattr(self, f"_{verb.replace('-', '_')}_verb", None)
        if found is None:
            request.err(f"Unknown command verb {verb}.\n")
            return request.exit(1)
        try:
            code = found(request, options, names)
        except (TransactionRefused, Refused) as refusal:
            request.err(f"{refusal}\n")
            code = getattr(refusal, "code", 1)
        if code >= 0:
            request.exit(code)

    # start, stop, ...

    def _jobs(self, request: Request, options: Options, kind: str, verb: str, names: list[str]) -> None:
        if not names:
            request.err("Too few arguments.\n")
            return request.exit(1)
        quiet, wait = options.has("-q", "--quiet"), not options.has("--no-block")
        pending: dict[str, str | None] = {}
        codes: list[int] = []

        def done(name: str, result: str) -> None:
            pending[name] = result
            if all(value is not None for value in pending.values()):
                codes.extend(self._explain(request, unit_name, value or "", quiet) for unit_name, value in pending.items())
                request.exit(max(codes))

        submitted = []
        for name in self._expand(names, options):
            try:
                self._check(name, kind)
                submitted.append(name)
                pending[name] = None if wait else "done"
            except TransactionRefused as refusal:
                request.err(f"Failed to {verb} {name}: {refusal}\n")
                codes.append(refusal.code)
        if not submitted:
            return request.exit(max(codes or [0]))
        for name in submitted:
            unit = self._manager.unit(name)
            if kind == "stop":
                self._warn_triggers(request, unit, quiet)
            self._warn_reload(request, unit)
            try:
                actual = kind
                if kind == "try-reload-or-restart":
                    actual = "reload-or-restart" if unit.active_state in ACTIVE else "try-restart"
                self._manager.jobs.submit(unit, actual, (lambda result, n=name: done(n, result)) if wait else None)
            except TransactionRefused as refusal:
                request.err(f"Failed to {verb} {name}: {refusal}\n")
                codes.append(refusal.code)
                if wait:
                    done(name, "")
        if not wait:
            request.exit(max(codes or [0]))

    def _check(self, name: str, kind: str) -> None:
        unit = self._manager.unit(name)
        if kind == "stop":
            if unit.load_state == "not-found" and unit.active_state in ("inactive", "failed"):
                raise TransactionRefused(f"Unit {name} not loaded.", 5)
        elif unit.load_state == "not-found":
            raise TransactionRefused(f"Unit {name} not found.", 5)

    def _explain(self, request: Request, name: str, result: str, quiet: bool) -> int:
        if result in ("done", "skipped"):
            return 0
        if result == "":
            return 1
        unit = self._manager.unit(name)
        if not quiet:
            request.err(_explanation(unit, result))
        return 1

    def _warn_triggers(self, request: Request, unit: Unit, quiet: bool) -> None:
        triggers = [u.name for u in self._manager.units.values() if isinstance(u, SocketUnit) and u.active_state == "active" and u.service_name == unit.name]
        if triggers and not quiet and unit.active_state in ACTIVE:
            request.err(f"Warning: Stopping {unit.name}, but it can still be activated by:\n" + "".join(f"  {name}\n" for name in sorted(triggers)))

    def _warn_reload(self, request: Request, unit: Unit) -> None:
        if self.needs_reload(unit):
            request.err(f"Warning: The unit file, source configuration file or drop-ins of {unit.name} changed on disk. Run 'systemctl daemon-reload' to reload units.\n")

    def needs_reload(self, unit: Unit) -> bool:
        return not unit.transient and unit.load_state in ("loaded", "masked") and not unit.builtin and self._manager.paths.stamp(unit.file) != unit.file.stamp and bool(unit.file.stamp)

    def _expand(self, names: list[str], options: Options) -> list[str]:
        found: list[str] = []
        for name in names:
            if any(c in name for c in "*?["):
                pattern = with_suffix(name) if not name.endswith("*") else name
                # A pattern is matched against what is in memory, and systemd forgets what is inactive.
                found += [u.name for u in self._manager.units.values() if fnmatch.fnmatchcase(u.name, pattern) and (u.active_state != "inactive" or u.job)]
            else:
                found.append(with_suffix(name))
        return found

    # Questions

    def _is_active_verb(self, request: Request, options: Options, names: list[str]) -> int:
        return self._ask_state(request, options, names, ACTIVE, 3)

    def _is_failed_verb(self, request: Request, options: Options, names: list[str]) -> int:
        return self._ask_state(request, options, names, ("failed",), 1)

    def _ask_state(self, request: Request, options: Options, names: list[str], wanted: tuple[str, ...], otherwise: int) -> int:
        states = [self._manager.unit(name).active_state for name in self._expand(names, options)]
        if not options.has("-q", "--quiet"):
            request.out("".join(f"{state}\n" for state in states))
        return 0 if any(state in wanted for state in states) else otherwise

    def _is_enabled_verb(self, request: Request, options: Options, names: list[str]) -> int:
        enabled = False
        for name in self._expand(names, options):
            state = self._manager.paths.file_state(name)
            if state is None:
                request.err(f"Failed to get unit file state for {name}: No such file or directory\n")
                continue
            if not options.has("-q", "--quiet"):
                request.out(f"{state}\n")
            enabled = enabled or state in ("enabled", "static", "alias", "indirect", "generated", "transient")
        return 0 if enabled else 1

    def _is_system_running_verb(self, request: Request, options: Options, names: list[str]) -> int:
        failed = any(unit.active_state == "failed" for unit in self._manager.units.values())
        request.out("degraded\n" if failed else "running\n")
        return 1 if failed else 0

    def _show_verb(self, request: Request, options: Options, names: list[str]) -> int:
        wanted = [name for value in options.all("-p", "--property", "-P") for name in value.split(",")]
        bare = options.has("--value", "-P")
        blocks: list[str] = []
        for name in self._expand(names, options):
            found = properties(self._manager, self._manager.unit(name), self.needs_reload)
            keys = [key for key in found if key in wanted] if wanted else [key for key in PROPERTIES if key in found]
            blocks.append("".join(f"{value}\n" if bare else f"{key}={value}\n" for key in keys for value in _as_list(found[key])))
        request.out("\n".join(blocks))
        return 0

    def _cat_verb(self, request: Request, options: Options, names: list[str]) -> int:
        code = 0
        for name in self._expand(names, options):
            file = self._manager.paths.load(name)
            if file.fragment is None:
                request.err(f"No files found for {name}.\n")
                code = 1
                continue
            parts: list[str] = []
            for path in (file.fragment, *file.drop_ins):
                with open(path, encoding="utf-8", errors="replace") as content:
                    parts.append(f"# {path}\n{content.read()}")
            request.out("\n".join(parts))
        return code

    def _status_verb(self, request: Request, options: Options, names: list[str]) -> int:
        code = 0
        for name in self._expand(names, options) or [u.name for u in self._manager.units.values() if u.active_state != "inactive"]:
            unit = self._manager.unit(name)
            if unit.load_state == "not-found" and unit.active_state == "inactive":
                request.err(f"Unit {name} could not be found.\n")
                code = max(code, 4)
                continue
            request.out(self._status(unit, options.last("-n", "--lines") or "10"))
            if unit.active_state not in ACTIVE:
                code = max(code, 3)
        return code

    def _status(self, unit: Unit, lines: str) -> str:
        state = self._manager.paths.file_state(unit.name) or "transient"
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
        return text + "\n" + "".join(short_lines(self._manager, [unit.name], int(lines))) + "\n"

    def _list_units_verb(self, request: Request, options: Options, names: list[str]) -> int:
        self._manager.load_all()
        shown = [u for u in sorted(self._manager.units.values(), key=lambda u: u.name) if self._listed(u, options, names)]
        rows = [(u.name, u.load_state, u.active_state, u.sub_state, u.description) for u in shown]
        return _table(request, options, ("UNIT", "LOAD", "ACTIVE", "SUB", "DESCRIPTION"), rows, f"{len(rows)} loaded units listed.")

    def _listed(self, unit: Unit, options: Options, patterns: list[str]) -> bool:
        types = [t for value in options.all("-t", "--type") for t in value.split(",")]
        states = [s for value in options.all("--state") for s in value.split(",")] + (["failed"] if options.has("--failed") else [])
        if types and unit.name.rpartition(".")[2] not in types:
            return False
        if states:
            if not {unit.active_state, unit.sub_state, unit.load_state} & set(states):
                return False
        elif not options.has("-a", "--all") and not patterns and unit.active_state == "inactive":
            return False
        if unit.load_state == "not-found" and not options.has("-a", "--all"):
            return False
        if patterns and unit.active_state == "inactive" and not options.has("-a", "--all") and not states:
            return False
        return not patterns or any(fnmatch.fnmatchcase(unit.name, pattern) for pattern in patterns)

    def _list_sockets_verb(self, request: Request, options: Options, names: list[str]) -> int:
        rows = [(listener.shown, u.name, u.service_name) for u in self._manager.units.values() if isinstance(u, SocketUnit) for listener in u.listeners]
        return _table(request, options, ("LISTEN", "UNIT", "ACTIVATES"), sorted(rows), f"{len(rows)} sockets listed.")

    def _list_unit_files_verb(self, request: Request, options: Options, names: list[str]) -> int:
        shown = [n for n in self._manager.paths.all_names() if not names or any(fnmatch.fnmatchcase(n, p) for p in names)]
        states = {n: self._manager.paths.file_state(n) or "-" for n in shown}
        rows = [(n, states[n], "enabled" if states[n] in ("enabled", "disabled") else "-") for n in shown]
        return _table(request, options, ("UNIT FILE", "STATE", "PRESET"), rows, f"{len(rows)} unit files listed.")

    def _list_timers_verb(self, request: Request, options: Options, names: list[str]) -> int:
        rows = [(u.name, getattr(u, "unit_name", "")) for u in self._manager.units.values() if u.section == "Timer" and u.active_state == "active"]
        return _table(request, options, ("UNIT", "ACTIVATES"), rows, f"{len(rows)} timers listed.")

    # Changes

    def _daemon_reload_verb(self, request: Request, options: Options, names: list[str]) -> int:
        self._manager.daemon_reload()
        return 0

    _daemon_reexec_verb = _daemon_reload_verb

    def _reset_failed_verb(self, request: Request, options: Options, names: list[str]) -> int:
        code = 0
        for name in self._expand(names, options) or list(self._manager.units):
            unit = self._manager.units.get(name)
            if unit is None or (unit.load_state == "not-found" and unit.active_state == "inactive"):
                request.err(f"Failed to reset failed state of unit {name}: Unit {name} not loaded.\n")
                code = 1
            else:
                unit.reset_failed()
        return code

    def _kill_verb(self, request: Request, options: Options, names: list[str]) -> int:
        number = values.signal_number(options.last("-s", "--signal") or "SIGTERM")
        whom = options.last("--kill-whom", "--kill-who") or "all"
        for name in self._expand(names, options):
            unit = self._manager.unit(name)
            if unit.load_state == "not-found" and unit.active_state == "inactive":
                request.err(f"Failed to kill unit {name}: Unit {name} not loaded.\n")
                return 1
            if isinstance(unit, Service):
                try:
                    unit.signal(number, whom)
                except Refused as refusal:
                    request.err(f"Failed to kill unit {name}: {refusal}\n")
                    return 1
        return 0

    def _enable_verb(self, request: Request, options: Options, names: list[str]) -> int:
        units = [self._manager.paths.load(with_suffix(name)) for name in names]
        for unit in units:
            if unit.masked:
                raise TransactionRefused(f"Failed to enable unit: Unit file {unit.fragment} is masked.")
            if unit.fragment is None:
                raise TransactionRefused(f"Failed to enable unit: Unit file {unit.name} does not exist.")
        for unit in units:
            self._say(request, options, self._manager.paths.enable(unit))
            for also in " ".join(unit.all("Install", "Also")).split():
                other = self._manager.paths.load(also)
                if other.fragment:
                    self._say(request, options, self._manager.paths.enable(other))
            if not self._manager.paths.install_targets(unit) and not options.has("-q", "--quiet"):
                request.err(_NO_INSTALL)
        self._manager.daemon_reload()
        return self._now(request, options, "start", names)

    def _disable_verb(self, request: Request, options: Options, names: list[str]) -> int:
        for name in names:
            full = with_suffix(name)
            said = self._manager.paths.disable(full)
            if not said and self._manager.paths.find(full) is None:
                raise TransactionRefused(f"Failed to disable unit: Unit file {full} does not exist.")
            self._say(request, options, said)
        self._manager.daemon_reload()
        return self._now(request, options, "stop", names)

    def _reenable_verb(self, request: Request, options: Options, names: list[str]) -> int:
        for name in names:
            self._manager.paths.disable(with_suffix(name))
        return self._enable_verb(request, options, names)

    def _mask_verb(self, request: Request, options: Options, names: list[str]) -> int:
        for name in names:
            full = with_suffix(name)
            if self._manager.paths.find(full) is None:
                request.err(f"Unit {full} does not exist, proceeding anyway.\n")
            try:
                self._say(request, options, self._manager.paths.mask(full))
            except FileExistsError as problem:
                raise TransactionRefused(str(problem)) from None
        self._manager.daemon_reload()
        return self._now(request, options, "stop", names)

    def _unmask_verb(self, request: Request, options: Options, names: list[str]) -> int:
        for name in names:
            self._say(request, options, self._manager.paths.unmask(with_suffix(name)))
        self._manager.daemon_reload()
        return 0

    def _now(self, request: Request, options: Options, kind: str, names: list[str]) -> int:
        if not options.has("--now"):
            return 0
        self._jobs(request, options, kind, kind, [name for name in names])
        return -1  # answered when the jobs are done

    @staticmethod
    def _say(request: Request, options: Options, lines: list[str]) -> None:
        if not options.has("-q", "--quiet"):
            request.err("".join(f"{line}\n" for line in lines))


def _explanation(unit: Unit, result: str) -> str:
    if result == "canceled":
        return f"Job for {unit.name} canceled.\n"
    if result == "dependency":
        return f"A dependency job for {unit.name} failed. See 'journalctl -xe' for details.\n"
    if result == "invalid":
        return f"{unit.name} is not active, cannot reload.\n"
    if unit.section != "Service":
        return 'Job failed. See "journalctl -xe" for details.\n'
    why = _WHY.get(unit.result)
    if result == "failed" and isinstance(unit, Service) and unit.reload_result != "success" and unit.active_state in ACTIVE:
        why = _WHY.get(unit.reload_result)
    text = f"Job for {unit.name} failed" + (f" because {why}.\n" if why else ".\n")
    text += f'See "systemctl status {unit.name}" and "journalctl -xeu {unit.name}" for details.\n'
    if unit.result == "start-limit-hit":
        text += f'To force a start use "systemctl reset-failed {unit.name}"\nfollowed by "systemctl start {unit.name}" again.\n'
    return text


def _as_list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _table(request: Request, options: Options, heads: tuple[str, ...], rows: list[tuple[str, ...]], closing: str) -> int:
    bare = options.has("--no-legend") or options.last("--legend") in ("no", "false", "0")
    lines = [*([] if bare else [heads]), *rows]
    widths = [max((len(line[column]) for line in lines), default=0) for column in range(len(heads))]
    for line in lines:
        request.out((" ".join(cell.ljust(width) for cell, width in zip(line, widths))).rstrip() + "\n")
    if not bare:
        request.out(f"\n{closing}\n")
    return 0
