"""Forks and executes one process of a unit, in a session of its own."""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import signal
from dataclasses import dataclass, field

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Makes this process the parent of all orphans below it, so that a double fork does not escape."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


@dataclass
class Launch:
    path: str
    argv: list[str]
    environment: dict[str, str]
    cwd: str
    streams: tuple[int, int, int]
    cwd_may_miss: bool = False
    umask: int = 0o022
    fds: list[int] = field(default_factory=list)
    limits: dict[int, tuple[int, int]] = field(default_factory=dict)
    nice: int = 0
    ignore_sigpipe: bool = True
    non_blocking: bool = False
    #: Exit code, step and reason of what has gone wrong already; the process is there to exit with it.
    fail_with: tuple[int, str, str] | None = None


@dataclass
class Launched:
    pid: int
    #: Reads empty once the program runs, or `step: reason` when it could not be run.
    failure_fd: int


def launch(what: Launch) -> Launched:
    read, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    pid = os.fork()
    if pid == 0:
        _child(what, write)  # never returns
    os.close(write)
    return Launched(pid, read)


def _child(what: Launch, failure_fd: int) -> None:
    code, step = 203, "EXEC"
    try:
        os.setsid()
        if what.fail_with:
            code, step = what.fail_with[:2]
            raise ValueError(what.fail_with[2])
        # Should the supervisor be killed, what it started must not outlive it.
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        signal.set_wakeup_fd(-1)
        for number in range(1, signal.NSIG):
            if number not in (signal.SIGKILL, signal.SIGSTOP) and signal.getsignal(number) is not None:
                signal.signal(number, signal.SIG_DFL)
        if what.ignore_sigpipe:
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.umask(what.umask)
        code, step = 202, "FDS"
        failure_fd = fcntl.fcntl(failure_fd, fcntl.F_DUPFD_CLOEXEC, 100)
        wanted = [*what.streams, *what.fds]
        # First out of the way, then into place: a source may sit where a target belongs.
        moved = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in wanted]
        for target, source in enumerate(moved):
            os.dup2(source, target)
        for fd in range(3, len(wanted)):
            os.set_blocking(fd, what.non_blocking)
        code, step = 205, "LIMITS"
        for limit, value in what.limits.items():
            resource.setrlimit(limit, value)
        if what.nice:
            os.nice(what.nice)
        code, step = 200, "CHDIR"
        try:
            os.chdir(what.cwd)
        except OSError:
            if not what.cwd_may_miss:
                raise
            os.chdir("/")
        code, step = 203, "EXEC"
        environment = {**what.environment, "SYSTEMD_EXEC_PID": str(os.getpid())}
        if what.fds:
            environment["LISTEN_PID"] = str(os.getpid())
        os.execve(what.path, what.argv, {os.fsencode(k): os.fsencode(v) for k, v in environment.items()})
    except BaseException as problem:  # noqa: BLE001 - nothing of the supervisor may run on in a forked child
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        try:
            os.write(failure_fd, f"{step}\t{reason}".encode("utf-8", "replace"))
        except OSError:
            pass
    os._exit(code)
