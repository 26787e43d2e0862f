"""Standard input, output and error of a service's process, and the way from there into the journal."""

from __future__ import annotations

import os
import socket
import struct

from .command import Command
from .exec_config import ExecProblem
from .journal import PRIORITIES, Line, LineReader
from .service_state import ServiceState

_CREDENTIALS = struct.Struct("iii")  # ucred of unix(7): pid, uid, gid
_FILES = {"append": os.O_APPEND, "truncate": os.O_TRUNC, "file": 0}


class Streams:
    """Descriptors for one process; `close` when it has been forked."""

    def __init__(self, unit: ServiceState, command: Command) -> None:
        """Raises ExecProblem where a file of StandardOutput= or StandardError= cannot be opened."""
        self._ours: list[int] = []
        given = unit.manager.given_streams(unit)
        if given:
            self.stdin, self.stdout, self.stderr = given
            return
        self.stdin = self._own(os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC))
        try:
            self.stdout = self._open(unit, unit.execution.last("StandardOutput", "journal"), command)
            error = unit.execution.last("StandardError", "inherit")
            self.stderr = self.stdout if error == "inherit" else self._open(unit, error, command)
        except ExecProblem:
            self.close()
            raise

    def _own(self, fd: int) -> int:
        self._ours.append(fd)
        return fd

    def _open(self, unit: ServiceState, setting: str, command: Command) -> int:
        kind, _, path = setting.partition(":")
        if kind == "null":
            return self.stdin
        if kind not in _FILES:
            return self._own(_journal_stream(unit, command))
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | _FILES[kind]
        try:
            return self._own(os.open(unit.specifiers.expand(path), flags, 0o644))
        except OSError as problem:
            raise ExecProblem(209, "Failed to set up standard output", problem.strerror or "") from None

    def close(self) -> None:
        for fd in self._ours:
            os.close(fd)
        self._ours = []


def _journal_stream(unit: ServiceState, command: Command) -> int:
    """The process's end of a stream to the journal."""
    ours, theirs = socket.socketpair()
    identifier = unit.execution.last("SyslogIdentifier") or os.path.basename(command.path)
    JournalStream(unit, ours, identifier)
    return theirs.detach()


class JournalStream:
    """A stream socket, as the journal's is, whose reader learns the pid of each writer."""

    def __init__(self, unit: ServiceState, ours: socket.socket, identifier: str) -> None:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        ours.setblocking(False)
        level = unit.execution.last("SyslogLevel", "info")
        self._unit, self._socket, self._identifier = unit, ours, identifier
        self._invocation, self._manager = unit.invocation, unit.manager
        self._default = PRIORITIES.index(level) if level in PRIORITIES else 6
        self._reader = LineReader(unit.execution.flag("SyslogLevelPrefix", True))
        self._pid = 0
        # Read once more before the end of a process is told: its last words come first.
        self._manager.flushers[ours.fileno()] = self._read
        self._manager.loop.add_reader(ours.fileno(), self._read)

    def _read(self) -> None:
        while True:
            try:
                data, ancillary, _, _ = self._socket.recvmsg(65536, socket.CMSG_SPACE(_CREDENTIALS.size))
            except BlockingIOError:
                return
            except OSError:
                data, ancillary = b"", []
            if not data:
                return self._end()
            for level, kind, content in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                    self._pid = _CREDENTIALS.unpack(content[: _CREDENTIALS.size])[0]
            self._write(self._reader.feed(data))

    def _end(self) -> None:
        self._write(self._reader.end())
        self._manager.loop.remove_reader(self._socket.fileno())
        self._manager.flushers.pop(self._socket.fileno(), None)
        self._socket.close()

    def _write(self, lines: list[Line]) -> None:
        for priority, text in lines:
            self._manager.journal.write(
                unit=self._unit.name,
                message=text,
                identifier=self._identifier,
                pid=self._pid,
                invocation=self._invocation,
                priority=self._default if priority is None else priority,
            )
