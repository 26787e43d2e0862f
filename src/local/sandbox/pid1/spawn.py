"""One process of a service: its environment, its streams, and the news of its end."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
import struct
from typing import TYPE_CHECKING, Callable

from . import values
from .command import Command
from .credentials import make_credentials
from .exec_config import ExecConfig, ExecProblem
from .journal import LineReader
from .launch import Launch, launch
from .notify import NotifySocket
from .users import User, find_user, group_exists

if TYPE_CHECKING:
    from .service import Service
    from .unit import Unit

OnExit = Callable[["Running", str, int], None]
_SYSTEM_BIN = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/")


class Running:
    def __init__(self, unit: "Unit", command: Command, main: bool, on_exit: OnExit) -> None:
        self.unit = unit
        self.command = command
        self.main = main
        self.pid = 0
        self.failure = ""
        self._on_exit = on_exit
        self._executed: Callable[[], None] | None = None
        self._failure_fd = -1

    def launched(self, pid: int, failure_fd: int) -> None:
        self.pid, self._failure_fd = pid, failure_fd
        self.unit.manager.loop.add_reader(failure_fd, self._read_failure)

    def _read_failure(self) -> None:
        """Empty: the program runs. Else why it does not, which systemd says before the exit status."""
        if self._failure_fd < 0:
            return
        try:
            data = os.read(self._failure_fd, 4096)
        except BlockingIOError:
            return
        self.unit.manager.loop.remove_reader(self._failure_fd)
        os.close(self._failure_fd)
        self._failure_fd = -1
        if data:
            step, _, reason = data.decode("utf-8", "replace").partition("\t")
            self.failure = reason
            if step == "CHDIR":
                self.unit.note(f"Changing to the requested working directory failed: {reason}", 3)
            elif step == "EXEC":
                verb = "locate executable" if reason == os.strerror(errno.ENOENT) else "execute"
                self.unit.note(f"Failed to {verb} {self.command.path}: {reason}", 3)
            self.unit.note(f"Failed at step {step} spawning {self.command.path}: {reason}", 3)
        elif self._executed:
            self._executed()

    def when_executed(self, callback: Callable[[], None]) -> None:
        self._executed = callback

    def ended(self, status: int) -> None:
        self._read_failure()
        if os.WIFEXITED(status):
            self._on_exit(self, "exited", os.WEXITSTATUS(status))
        else:
            self._on_exit(self, "dumped" if os.WCOREDUMP(status) else "killed", os.WTERMSIG(status))


def spawn(unit: "Service", command: Command, main: bool, notify: NotifySocket | None, on_exit: OnExit) -> Running:
    """Raises ExecProblem when it cannot even be forked. What goes wrong after that is the process's own exit code."""
    manager, config = unit.manager, unit.execution
    user = find_user(manager.root, config.user or "root")
    given = config.environment(user, unit.note)
    failure = _credentials_problem(config, user, manager.root)
    environment = {"PATH": manager.path, "INVOCATION_ID": unit.invocation, "LANG": "C.UTF-8"}
    fds = unit.manager.fds_for(unit) if main else []
    if fds:
        environment |= {"LISTEN_FDS": str(len(fds)), "LISTEN_FDNAMES": ":".join(name for _, name in fds)}
    if notify:
        environment["NOTIFY_SOCKET"] = notify.address
    if not main and unit.main_pid:
        environment["MAINPID"] = str(unit.main_pid)
    if unit.state == "stop-post" or (not main and unit.state == "stop"):
        environment |= {"SERVICE_RESULT": unit.result, "EXIT_CODE": unit.main_code, "EXIT_STATUS": _status_text(unit.main_code, unit.main_status)}
    running = Running(unit, command, main, on_exit)
    close_after: list[int] = []
    streams = [-1, -1, -1]
    try:
        environment |= config.make_directories()
        environment |= make_credentials(config, unit.name)
        streams, close_after = _streams(unit, config, command)
    except ExecProblem as problem:
        failure = failure or problem
    if _is_socket(streams[1]):
        found = os.fstat(streams[1])
        environment["JOURNAL_STREAM"] = f"{found.st_dev}:{found.st_ino}"
    environment = config.without_unset(environment | given)
    what = Launch(
        path=manager.stand_in_for(_resolve(command.path, manager.path)), argv=command.expanded(environment), environment=environment,
        cwd=_working_directory(config, user.home if user else manager.root), cwd_may_miss=config.working_directory.startswith("-"),
        stdin=streams[0], stdout=streams[1], stderr=streams[2], umask=config.umask, fds=[fd for fd, _ in fds], limits=config.limits(),
        nice=int(config.last("Nice", "0")), ignore_sigpipe=config.flag("IgnoreSIGPIPE", True),
        non_blocking=config.flag("NonBlocking", False),
        fail_with=(failure.code, values.EXIT_NAMES.get(failure.code, "?"), failure.reason) if failure else None,
    )  # fmt: skip
    if failure:
        unit.note(str(failure), 3)
    try:
        launched = launch(what)
    finally:
        for fd in close_after:
            os.close(fd)
    running.launched(launched.pid, launched.failure_fd)
    manager.track(running)
    return running


def _credentials_problem(config: ExecConfig, user: User | None, root: str) -> ExecProblem | None:
    missing = os.strerror(errno.ESRCH)
    if config.user and user is None:
        return ExecProblem(217, "Failed to determine user credentials", missing)
    if config.group and not group_exists(root, config.group):
        return ExecProblem(216, "Failed to determine group credentials", missing)
    return None


def _is_socket(fd: int) -> bool:
    return fd >= 0 and stat.S_ISSOCK(os.fstat(fd).st_mode)


def _status_text(code: str, status: int) -> str:
    return str(status) if code == "exited" else values.signal_name(status) if code else ""


def _resolve(path: str, search: str) -> str:
    return path if path.startswith("/") else shutil.which(path, path=search) or path


def _working_directory(config: ExecConfig, home: str) -> str:
    wanted = config.working_directory.removeprefix("-")
    return home if wanted == "~" else wanted or config.root


def _streams(unit: "Service", config: ExecConfig, command: Command) -> tuple[list[int], list[int]]:
    """Descriptors for stdin, stdout, stderr, and those of them that are ours to close."""
    given = unit.manager.given_streams(unit)
    if given:
        return given, []
    null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    close = [null]
    out = _stream(unit, config.last("StandardOutput", "journal"), command, null)
    error_setting = config.last("StandardError", "inherit")
    error = out if error_setting == "inherit" else _stream(unit, error_setting, command, null)
    close += [fd for fd in {out, error} if fd != null]
    return [null, out, error], close


def _stream(unit: "Service", setting: str, command: Command, null: int) -> int:
    kind, _, path = setting.partition(":")
    if kind == "null":
        return null
    if kind in ("append", "file", "truncate"):
        how = {"append": os.O_APPEND, "truncate": os.O_TRUNC}.get(kind, 0)
        try:
            return os.open(unit.specifiers.expand(path), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how, 0o666 & ~0o022)
        except OSError as problem:
            raise ExecProblem(209, "Failed to set up standard output", problem.strerror or "") from None
    return _journal_stream(unit, command)


def _journal_stream(unit: "Service", command: Command) -> int:
    """A stream socket, as the journal's is, whose reader learns the pid of each writer."""
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    ours.setblocking(False)
    reader, manager = LineReader(), unit.manager
    identifier = unit.execution.last("SyslogIdentifier") or os.path.basename(command.path)
    invocation, default = unit.invocation, 6
    prefixed = unit.execution.flag("SyslogLevelPrefix", True)

    def write(lines: list[tuple[int | None, str]], pid: int) -> None:
        for priority, text in lines:
            if not prefixed and priority is not None:
                text = f"<{priority}>{text}"
            manager.journal.write(
                unit=unit.name, message=text, identifier=identifier, pid=pid, invocation=invocation,
                priority=default if priority is None or not prefixed else priority,
            )  # fmt: skip

    pid = 0

    def read() -> None:
        nonlocal pid
        while True:
            try:
                data, ancillary, _, _ = ours.recvmsg(65536, socket.CMSG_SPACE(12))
            except BlockingIOError:
                return
            except OSError:
                data, ancillary = b"", []
            for level, kind, content in ancillary if data else []:
                if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                    pid = struct.unpack("iii", content[:12])[0]
            if not data:
                write(reader.end(), pid)
                manager.loop.remove_reader(ours.fileno())
                manager.flushers.pop(ours.fileno(), None)
                ours.close()
                return
            write(reader.feed(data), pid)

    manager.flushers[ours.fileno()] = read
    manager.loop.add_reader(ours.fileno(), read)
    return theirs.detach()
