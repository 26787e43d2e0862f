"""Starts one process of a service: who it runs as, where, with which environment and descriptors."""

from __future__ import annotations

import errno
import os
import shutil
import stat

from . import values
from .command import Command
from .credentials import make_credentials
from .exec_config import ExecConfig, ExecProblem
from .launch import Launch, launch
from .notify import NotifySocket
from .running import OnExit, Running
from .service_state import ServiceState
from .streams import Streams
from .users import User, find_user, group_exists


def spawn(unit: ServiceState, command: Command, main: bool, notify: NotifySocket | None, on_exit: OnExit) -> Running:
    """Raises ExecProblem when it cannot even be forked. What goes wrong after that is the process's own exit code."""
    manager, config = unit.manager, unit.execution
    user = find_user(manager.root, config.user or "root")
    given = config.environment(user, unit.note)
    failure = _credentials_problem(config, user, manager.root)
    fds = manager.fds_for(unit) if main else []
    environment = _own_environment(unit, main, [name for _, name in fds], notify)
    streams: Streams | None = None
    try:
        environment |= config.make_directories()
        environment |= make_credentials(config, unit.name)
        streams = Streams(unit, command)
        environment |= _journal_stream_of(streams.stdout)
    except ExecProblem as problem:
        failure = failure or problem
    if failure:
        unit.note(str(failure), 3)
    environment = config.without_unset(environment | given)
    what = Launch(
        path=manager.stand_in_for(_resolve(command.path, manager.path)),
        argv=command.expanded(environment),
        environment=environment,
        cwd=_working_directory(config, user.home if user else manager.root),
        cwd_may_miss=config.working_directory.startswith("-"),
        streams=(streams.stdin, streams.stdout, streams.stderr) if streams else (-1, -1, -1),
        fds=[fd for fd, _ in fds],
        non_blocking=config.flag("NonBlocking", False),
        umask=config.umask,
        limits=config.limits(),
        nice=int(config.last("Nice", "0")),
        ignore_sigpipe=config.flag("IgnoreSIGPIPE", True),
        fail_with=(failure.code, values.EXIT_NAMES.get(failure.code, "?"), failure.reason) if failure else None,
    )
    try:
        launched = launch(what)
    finally:
        if streams:
            streams.close()
    running = Running(unit, command, main, launched, on_exit)
    manager.track(running)
    return running


def _own_environment(unit: ServiceState, main: bool, names: list[str], notify: NotifySocket | None) -> dict[str, str]:
    """Variables that systemd itself sets; systemd.exec(5), "Environment Variables Set or Propagated"."""
    environment = {"PATH": unit.manager.path, "INVOCATION_ID": unit.invocation, "LANG": "C.UTF-8"}
    if names:
        environment |= {"LISTEN_FDS": str(len(names)), "LISTEN_FDNAMES": ":".join(names)}
    if notify:
        environment["NOTIFY_SOCKET"] = notify.address
    if not main and unit.main_pid:
        environment["MAINPID"] = str(unit.main_pid)
    if not main and unit.state in ("stop", "stop-post"):
        status = str(unit.main_status) if unit.main_code == "exited" else values.signal_name(unit.main_status)
        environment |= {
            "SERVICE_RESULT": unit.result,
            "EXIT_CODE": unit.main_code,
            "EXIT_STATUS": status if unit.main_code else "",
        }
    return environment


def _journal_stream_of(fd: int) -> dict[str, str]:
    found = os.fstat(fd)
    return {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"} if stat.S_ISSOCK(found.st_mode) else {}


def _credentials_problem(config: ExecConfig, user: User | None, root: str) -> ExecProblem | None:
    missing = os.strerror(errno.ESRCH)
    if config.user and user is None:
        return ExecProblem(217, "Failed to determine user credentials", missing)
    if config.group and not group_exists(root, config.group):
        return ExecProblem(216, "Failed to determine group credentials", missing)
    return None


def _resolve(path: str, search: str) -> str:
    return path if path.startswith("/") else shutil.which(path, path=search) or path


def _working_directory(config: ExecConfig, home: str) -> str:
    wanted = config.working_directory.removeprefix("-")
    return home if wanted == "~" else wanted or config.root
