"""Users and groups of the machine: its own passwd and group files, never the host's."""

from __future__ import annotations

import getopt
import os

from .machine import Machine, fail

Row = list[str]
_USERADD = (
    "comment= home-dir= home= gid= groups= create-home no-create-home no-user-group system shell= uid= "
    "user-group password= skel= base-dir="
).split()
_ADDUSER = (
    "system group ingroup= home= no-create-home shell= uid= gid= gecos= comment= disabled-password disabled-login quiet"
).split()


def rows(machine: Machine, file: str) -> list[Row]:
    return [line.split(":") for line in machine.read("etc", file).splitlines() if line]


def _save(machine: Machine, file: str, table: list[Row]) -> None:
    machine.write("".join(":".join(row) + "\n" for row in table), "etc", file)


def find(table: list[Row], wanted: str) -> Row | None:
    return next((row for row in table if row[0] == wanted or row[2] == wanted), None)


def _free_id(tables: list[list[Row]], system: bool) -> int:
    taken = {int(row[2]) for table in tables for row in table}
    candidates = range(999, 99, -1) if system else range(1000, 60000)
    return next(number for number in candidates if number not in taken)


def useradd(machine: Machine, args: list[str]) -> int:
    try:
        given, names = getopt.gnu_getopt(
            args,
            "c:d:g:G:k:mMNop:rs:u:U",
            _USERADD,
        )
    except getopt.GetoptError as problem:
        return fail(f"useradd: {problem.msg}", 2)
    options = dict(given)
    name = names[0] if len(names) == 1 else ""
    users, groups = rows(machine, "passwd"), rows(machine, "group")
    if not _is_name(name):
        return fail(f"useradd: invalid user name '{name}': use --badname to ignore", 3)
    if any(row[0] == name for row in users):
        return fail(f"useradd: user '{name}' already exists", 9)
    system = "-r" in options or "--system" in options
    group = options.get("-g") or options.get("--gid")
    own_group = group is None and not ({"-N", "--no-user-group"} & options.keys())
    found = find(groups, group) if group else None
    if group and found is None:
        return fail(f"useradd: group '{group}' does not exist", 6)
    if own_group and find(groups, name):
        return fail(f"useradd: group {name} exists - if you want to add this user to that group, use -g.", 9)
    uid = int(options.get("-u") or options.get("--uid") or _free_id([users, groups], system))
    gid = found[2] if found else str(uid)
    if own_group:
        _save(machine, "group", [*groups, [name, "x", gid, ""]])
    home = options.get("-d") or options.get("--home-dir") or options.get("--home") or f"/home/{name}"
    shell = options.get("-s") or options.get("--shell") or "/bin/sh"
    _save(
        machine,
        "passwd",
        [*users, [name, "x", str(uid), gid, options.get("-c") or options.get("--comment") or "", home, shell]],
    )
    for extra in (options.get("-G") or options.get("--groups") or "").split(","):
        if extra:
            _join(machine, name, extra)
    if {"-m", "--create-home"} & options.keys():
        os.makedirs(home if home.startswith(machine.root) else machine.root + home, exist_ok=True)
    return 0


def _is_name(name: str) -> bool:
    return (
        bool(name)
        and len(name) <= 32
        and all(c.isalnum() or c in "_-." for c in name)
        and not name.startswith("-")
        and name.isascii()
    )


def _join(machine: Machine, user: str, group: str) -> bool:
    groups = rows(machine, "group")
    found = find(groups, group)
    if found is None:
        return False
    members = [member for member in found[3].split(",") if member]
    found[3] = ",".join([*members, *([] if user in members else [user])])
    _save(machine, "group", groups)
    return True


def groupadd(machine: Machine, args: list[str]) -> int:
    try:
        given, names = getopt.gnu_getopt(args, "fg:or", "force gid= system non-unique".split())
    except getopt.GetoptError as problem:
        return fail(f"groupadd: {problem.msg}", 2)
    options = dict(given)
    groups = rows(machine, "group")
    if len(names) != 1 or not _is_name(names[0]):
        return fail(f"groupadd: '{' '.join(names)}' is not a valid group name", 3)
    if find(groups, names[0]):
        return 0 if {"-f", "--force"} & options.keys() else fail(f"groupadd: group '{names[0]}' already exists", 9)
    system = "-r" in options or "--system" in options
    gid = options.get("-g") or options.get("--gid") or str(_free_id([rows(machine, "passwd"), groups], system))
    _save(machine, "group", [*groups, [names[0], "x", gid, ""]])
    return 0


def usermod(machine: Machine, args: list[str]) -> int:
    try:
        given, names = getopt.gnu_getopt(
            args, "aG:d:s:c:g:mLU", "append groups= home= shell= comment= gid= move-home lock unlock".split()
        )
    except getopt.GetoptError as problem:
        return fail(f"usermod: {problem.msg}", 2)
    options = dict(given)
    users = rows(machine, "passwd")
    found = find(users, names[0]) if names else None
    if found is None:
        return fail(f"usermod: user '{' '.join(names)}' does not exist", 6)
    found[5] = options.get("-d") or options.get("--home") or found[5]
    found[6] = options.get("-s") or options.get("--shell") or found[6]
    group = options.get("-g") or options.get("--gid")
    if group:
        row = find(rows(machine, "group"), group)
        if row is None:
            return fail(f"usermod: group '{group}' does not exist", 6)
        found[3] = row[2]
    _save(machine, "passwd", users)
    for extra in (options.get("-G") or options.get("--groups") or "").split(","):
        if extra and not _join(machine, found[0], extra):
            return fail(f"usermod: group '{extra}' does not exist", 6)
    return 0


def userdel(machine: Machine, args: list[str]) -> int:
    name = args[-1] if args else ""
    users, groups = rows(machine, "passwd"), rows(machine, "group")
    if find(users, name) is None:
        return fail(f"userdel: user '{name}' does not exist", 6)
    _save(machine, "passwd", [row for row in users if row[0] != name])
    _save(machine, "group", [row for row in groups if row[0] != name])
    return 0


def groupdel(machine: Machine, args: list[str]) -> int:
    groups = rows(machine, "group")
    if not args or find(groups, args[-1]) is None:
        return fail(f"groupdel: group '{' '.join(args)}' does not exist", 6)
    _save(machine, "group", [row for row in groups if row[0] != args[-1]])
    return 0


def adduser(machine: Machine, args: list[str]) -> int:
    """Debian's adduser and addgroup, by way of the others."""
    try:
        given, names = getopt.gnu_getopt(
            args,
            "q",
            _ADDUSER,
        )
    except getopt.GetoptError as problem:
        return fail(f"adduser: {problem.msg}", 1)
    options = dict(given)
    if len(names) == 2:
        return 0 if _join(machine, names[0], names[1]) else fail(f"adduser: The group `{names[1]}' does not exist.", 1)
    if names and find(rows(machine, "passwd"), names[0]):
        return 0 if "--system" in options else fail(f"adduser: The user `{names[0]}' already exists.", 1)
    group = options.get("--ingroup") or options.get("--gid")
    passed = ["-r"] if "--system" in options else []
    passed += ["-g", group] if group else [] if "--group" in options or "--system" not in options else ["-g", "nogroup"]
    passed += ["-d", options["--home"]] if "--home" in options else []
    passed += ["-s", options.get("--shell", "/usr/sbin/nologin" if "--system" in options else "/bin/bash")]
    passed += [] if "--no-create-home" in options else ["-m"]
    return useradd(machine, [*passed, *names])


def addgroup(machine: Machine, args: list[str]) -> int:
    return groupadd(machine, [arg.replace("--system", "-r") for arg in args if arg not in ("--quiet", "--group")])
