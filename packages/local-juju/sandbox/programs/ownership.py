"""Owners and other users: checked against the machine's users, and without effect, for it takes root."""

from __future__ import annotations

import os
import re

from .accounts import find, rows
from .machine import Machine, fail


def chown(machine: Machine, args: list[str]) -> int:
    return _change(machine, args, "chown")


def chgrp(machine: Machine, args: list[str]) -> int:
    return _change(machine, args, "chgrp")


def _change(machine: Machine, args: list[str], name: str) -> int:
    words = [arg for arg in args if not re.match(r"-[a-zA-Z]+\Z|--", arg)]
    reference = any(arg.startswith("--reference") for arg in args)
    if len(words) < (1 if reference else 2):
        return fail(f"{name}: missing operand")
    files = words if reference else words[1:]
    if not reference:
        user, _, group = words[0].replace(".", ":", 1).partition(":") if name == "chown" else ("", "", words[0])
        if user and find(rows(machine, "passwd"), user) is None and not user.isdigit():
            return fail(f"{name}: invalid user: ‘{words[0]}’")
        if group and find(rows(machine, "group"), group) is None and not group.isdigit():
            return fail(f"{name}: invalid group: ‘{words[0]}’")
    missing = [file for file in files if not os.path.lexists(file)]
    for file in missing:
        fail(f"{name}: cannot access '{file}': No such file or directory")
    return 1 if missing else 0


def install(machine: Machine, args: list[str]) -> int:
    """install(1) without its owners."""
    kept: list[str] = []
    skip = False
    for arg in args:
        if skip:
            skip = False
        elif arg in ("-o", "-g", "--owner", "--group"):
            skip = True
        elif not arg.startswith(("--owner=", "--group=")):
            kept.append(arg)
    return machine.run_host("install", kept)


def runuser(machine: Machine, args: list[str]) -> int:
    """runuser(1), su(1) and sudo(8): runs the command with the user's variables, as whoever runs the sandbox."""
    user, command, shell, login = "root", None, None, False
    at, rest = 0, []
    while at < len(args):
        arg = args[at]
        if arg == "--":
            rest += args[at + 1 :]
            break
        if arg in ("-u", "--user", "-c", "--command", "-s", "--shell", "-g", "--group", "-G", "-w"):
            at += 1
            value = args[at] if at < len(args) else ""
            if arg in ("-u", "--user"):
                user = value
            elif arg in ("-c", "--command"):
                command = value
            elif arg in ("-s", "--shell"):
                shell = value
        elif arg in ("-", "-l", "--login"):
            login = True
        elif arg.startswith("-") and not rest:
            pass
        else:
            rest += args[at:]
            break
        at += 1
    if command is not None or not any(flag in args for flag in ("-u", "--user")):
        user, rest = (rest[0], rest[1:]) if rest else (user, rest)
    row = find(rows(machine, "passwd"), user)
    if row is None:
        return fail(f"user {user} does not exist or the user entry does not contain all the required fields")
    home = row[5] if row[5].startswith(machine.root) else machine.root + row[5]
    environment = {**os.environ, "HOME": home, "USER": row[0], "LOGNAME": row[0], "SHELL": shell or row[6]}
    interpreter = shell or ("/bin/sh" if row[6].endswith(("nologin", "false")) else row[6])
    if command is not None:
        rest = [interpreter, "-c", command, *rest]
    elif not rest:
        rest = [interpreter]
    if login and os.path.isdir(home):
        os.chdir(home)
    return _become(rest, environment)


def setpriv(machine: Machine, args: list[str]) -> int:
    at = 0
    while at < len(args) and args[at].startswith("-"):
        at += 2 if args[at] in ("--reuid", "--regid", "--groups") else 1
    return _become(args[at:], dict(os.environ))


def _become(argv: list[str], environment: dict[str, str]) -> int:
    try:
        os.execvpe(argv[0], argv, environment)
    except OSError as problem:
        return fail(f"{argv[0]}: {problem.strerror}", 127 if isinstance(problem, FileNotFoundError) else 126)
