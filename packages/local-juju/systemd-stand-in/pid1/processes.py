"""Which processes belong to which unit, without cgroups: by descent, by session, and by a mark in the environment."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from typing import NamedTuple


class Process(NamedTuple):
    pid: int
    parent: int
    session: int
    dead: bool


def processes() -> dict[int, Process]:
    found: dict[int, Process] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    fields = file.read().rpartition(b") ")[2].split()
            except OSError:
                continue
            found[int(name)] = Process(int(name), int(fields[1]), int(fields[3]), fields[0] in (b"Z", b"X"))
    return found


def command_name(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return "n/a"


def environment_of(pid: int) -> dict[str, str]:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            pairs = file.read().split(b"\0")
    except OSError:
        return {}
    return dict(pair.decode("utf-8", "replace").partition("=")[::2] for pair in pairs if b"=" in pair)


class ProcessTable:
    """Remembers who started whom. The supervisor is the subreaper, so that every process of a unit is below it."""

    def __init__(self) -> None:
        self._unit_of: dict[int, str] = {}
        self._unit_of_invocation: dict[str, str] = {}
        self._own = os.getpid()

    def started(self, pid: int, unit: str, invocation: str) -> None:
        self._unit_of[pid] = unit
        self._unit_of_invocation[invocation] = unit

    def unit_of(self, pid: int) -> str | None:
        return self._attribute(processes()).get(pid)

    def members(self, unit: str) -> list[int]:
        """Living processes of the unit."""
        return [pid for pid, owner in self._attribute(processes()).items() if owner == unit]

    def all(self) -> list[int]:
        return list(self._attribute(processes()))

    def _attribute(self, seen: dict[int, Process]) -> dict[int, str]:
        owners: dict[int, str] = {}
        for process in seen.values():
            owner = self._owner(process, seen)
            if owner is not None and not process.dead:
                owners[process.pid] = owner
        sessions = {process.session for process in seen.values()}
        # Remember what is seen now: a process may be an orphan later, with neither its parent nor its environment to tell its unit.
        kept = {pid: unit for pid, unit in self._unit_of.items() if pid in seen or pid in sessions}
        self._unit_of = {**kept, **owners}
        return owners

    def _owner(self, process: Process, seen: dict[int, Process]) -> str | None:
        chain: list[Process] = []
        at: Process | None = process
        while at is not None and at.pid != self._own:
            chain.append(at)
            at = seen.get(at.parent)
        if at is None:
            return None  # not below us
        for link in chain:
            if link.pid in self._unit_of:
                return self._unit_of[link.pid]
            if link.session in self._unit_of:
                return self._unit_of[link.session]
        top = chain[-1] if chain else None
        return self._unit_of_invocation.get(environment_of(top.pid).get("INVOCATION_ID", "")) if top else None


def kill(pids: Iterable[int], number: int) -> list[int]:
    """Sends a signal; returns those that were there to get it."""
    reached: list[int] = []
    for pid in pids:
        try:
            os.kill(pid, number)
            reached.append(pid)
            if number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                os.kill(pid, signal.SIGCONT)  # a stopped process would not hear it
        except ProcessLookupError:
            pass
        except PermissionError:
            pass
    return reached


def end_leftovers(invocations: set[str]) -> None:
    """Ends what an earlier supervisor of this machine left behind, known by the ids of its units' invocations."""
    for process in processes().values():
        if process.pid != os.getpid() and environment_of(process.pid).get("INVOCATION_ID") in invocations:
            kill([process.pid], signal.SIGKILL)
