"""systemd-run(1): transient services and timers."""

from __future__ import annotations

import getopt
import os
import shutil
import time
import uuid
import uuid
from typing import TYPE_CHECKING

from . import values
from .control import Request
from .options import Options
from .service import Service
from .settings import LEFT_OUT, SERVICE, UNIT
from .transaction import TransactionRefused
from .transient import service_text
from .unit import Unit
from .unitpath import with_suffix

if TYPE_CHECKING:
    from .manager import Manager

_LONG = (
    "unit= property= wait pipe collect quiet uid= gid= setenv= working-directory= same-dir description= "
    "service-type= remain-after-exit no-block on-active= on-boot= on-startup= on-unit-active= "
    "on-unit-inactive= timer-property= nice= slice= no-ask-password system scope send-sighup shell pty "
    "version"
).split()
_TIMERS = {
    "--on-active": "OnActiveSec",
    "--on-boot": "OnBootSec",
    "--on-startup": "OnStartupSec",
    "--on-unit-active": "OnUnitActiveSec",
    "--on-unit-inactive": "OnUnitInactiveSec",
}

_PROPERTIES = SERVICE | UNIT | LEFT_OUT


class SystemdRun:
    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._collected: set[str] = set()
        self._waiting: dict[str, Request] = {}
        self._quiet: set[str] = set()
        manager.on_collect = self._ended

    def handle(self, request: Request) -> None:
        try:
            options = Options(request.args, "p:u:GqtPE:dSr", _LONG, stop_early=True)
        except getopt.GetoptError as problem:
            request.err(f"systemd-run: {problem.msg}\n")
            return request.exit(1)
        timers = [(_TIMERS[name], value) for name, value in options.given if name in _TIMERS]
        name = with_suffix(options.last("-u", "--unit") or f"run-u{uuid.uuid4().hex[:8]}")
        if not options.rest and not timers:
            request.err("Command line to execute required.\n")
            return request.exit(1)
        if options.has("--scope", "-t", "--pty", "-S", "--shell"):
            request.err("systemd-run: scopes and terminals are not honoured in the sandbox\n")
            return request.exit(1)
        held = self._manager.units.get(name)
        if (
            held
            and (held.active_state not in ("inactive", "failed") or held.job or held.active_state == "failed")
            or self._manager.paths.find(name)
        ):
            request.err(f"Failed to start transient service unit: Unit {name} was already loaded or has a fragment file.\n")
            return request.exit(1)
        mistake = _mistake(options, self._manager.path)
        if mistake:
            request.err(f"{mistake}\n")
            return request.exit(1)
        if options.rest:
            options.rest[0] = shutil.which(options.rest[0], path=self._manager.path) or options.rest[0]
            self._write(name, service_text(options, request))
        if timers:
            return self._start_timer(request, options, name, timers)
        self._start_service(request, options, name)

    def _write(self, name: str, text: str) -> None:
        os.makedirs(self._manager.paths.transient, exist_ok=True)
        with open(os.path.join(self._manager.paths.transient, name), "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        self._manager.units.pop(name, None)
        self._manager.unit(name).transient = True

    def _start_timer(self, request: Request, options: Options, name: str, timers: list[tuple[str, str]]) -> None:
        timer = name.removesuffix(".service") + ".timer"
        lines = [f"{key}={value}" for key, value in timers] + options.all("--timer-property")
        self._write(timer, "\n".join(["[Timer]", f"Unit={name}", *lines]) + "\n")
        try:
            self._manager.jobs.submit(self._manager.unit(timer), "start")
        except TransactionRefused as refusal:
            request.err(f"Failed to start transient timer unit: {refusal}\n")
            return request.exit(1)
        if not options.has("-q", "--quiet"):
            request.err(f"Running timer as unit: {timer}\nWill run service as unit: {name}\n")
        request.exit(0)

    def _start_service(self, request: Request, options: Options, name: str) -> None:
        wait = options.has("--wait", "-P", "--pipe")
        if options.has("-P", "--pipe") and len(request.fds) >= 3:
            self._manager.give_streams(name, [os.dup(fd) for fd in request.fds[:3]])
        if options.has("-G", "--collect"):
            self._collected.add(name)
        unit = self._manager.unit(name)
        if wait:
            self._waiting[name] = request

        def started(result: str) -> None:
            if result != "done" and name not in self._waiting:
                request.err(
                    f'Job for {name} failed.\nSee "systemctl status {name}" and "journalctl -xeu {name}" for details.\n'
                )
                request.exit(1)
            elif not wait:
                request.exit(0)

        if options.has("-q", "--quiet"):
            self._quiet.add(name)
        else:
            invocation = "" if self._manager.version <= 252 else f"; invocation ID: {uuid.uuid4().hex}"
            request.err(f"Running as unit: {name}{invocation}\n")
        try:
            self._manager.jobs.submit(unit, "start", None if wait or options.has("--no-block") else started)
        except TransactionRefused as refusal:
            self._waiting.pop(name, None)
            self._forget(unit)
            request.err(
                f"Failed to start transient service unit: {refusal}\n" + (f"{unit.load_error}\n" if unit.load_error else "")
            )
            return request.exit(1)
        if not wait and options.has("--no-block"):
            request.exit(0)

    def _ended(self, unit: Unit) -> None:
        """A transient unit has come to its end."""
        self._manager.drop_streams(unit.name)
        request = self._waiting.pop(unit.name, None)
        if unit.result == "success" or unit.name in self._collected:
            self._collected.discard(unit.name)
            self._forget(unit)
        if request and isinstance(unit, Service):
            if unit.name not in self._quiet:
                request.err(_summary(unit, self._manager.version))
            self._quiet.discard(unit.name)
            request.exit(_exit_code(unit))

    def _forget(self, unit: Unit) -> None:
        for name in (unit.name,):
            self._manager.units.pop(name, None)
            try:
                os.unlink(os.path.join(self._manager.paths.transient, name))
            except FileNotFoundError:
                pass


def _exit_code(unit: Service) -> int:
    """What systemd-run(1) passes on: the exit code, 255 for a signal; 1 where the result is another."""
    if unit.result == "success":
        return 0
    if unit.result == "exit-code" and unit.main_status > 0:
        return unit.main_status
    return 255 if unit.result == "signal" else 1


def _summary(unit: Service, version: int) -> str:
    text = f"Finished with result: {unit.result}\n"
    if unit.main_code:
        status = str(unit.main_status) if unit.main_code == "exited" else values.signal_name(unit.main_status)
        if version <= 252:
            ended = f"{unit.main_code}/status={status}"
        else:
            name = values.EXIT_NAMES.get(unit.main_status, "n/a") if unit.main_code == "exited" else status
            ended = f"{unit.main_code}, status={unit.main_status}/{name}"
        text += f"Main processes terminated with: code={ended}\n"
    return text + f"Service runtime: {round((time.time() - unit.main_start) * 1000)}ms\n"


def _mistake(options: Options, path: str) -> str | None:
    """What systemd-run finds out before it asks for anything."""
    for given in options.all("-p", "--property"):
        key, separator, _ = given.partition("=")
        if not separator or key not in _PROPERTIES:
            return f"Unknown assignment: {given}"
    if options.rest and shutil.which(options.rest[0], path=path) is None:
        return f"Failed to find executable {options.rest[0]}: No such file or directory"
    return None
