"""getent(1) and id(1), of the machine's own users and groups."""

from __future__ import annotations

from .accounts import find, rows
from .machine import Machine, fail, say


def getent(machine: Machine, args: list[str]) -> int:
    words = [arg for arg in args if not arg.startswith("-")]
    if not words or words[0] not in ("passwd", "group"):
        return machine.run_host("getent", args)
    table = rows(machine, words[0])
    if len(words) == 1:
        say("\n".join(":".join(row) for row in table))
        return 0
    code = 0
    for wanted in words[1:]:
        row = find(table, wanted)
        if row is None:
            code = 2
        else:
            say(":".join(row))
    return code


def id_(machine: Machine, args: list[str]) -> int:
    names = [arg for arg in args if not arg.startswith("-")]
    if not names:
        return machine.run_host("id", args)
    user = find(rows(machine, "passwd"), names[0])
    if user is None:
        return fail(f"id: ‘{names[0]}’: no such user")
    groups = rows(machine, "group")
    primary = find(groups, user[3]) or [user[3], "x", user[3], ""]
    member_of = [primary, *(group for group in groups if user[0] in group[3].split(",") and group[2] != primary[2])]
    flags = "".join(arg[1:] for arg in args if arg.startswith("-") and not arg.startswith("--"))
    flags += "".join(
        {"--user": "u", "--group": "g", "--groups": "G", "--name": "n", "--real": "r"}.get(arg, "") for arg in args
    )
    column = 0 if "n" in flags else 2
    if "u" in flags:
        say(user[column])
    elif "g" in flags:
        say(primary[column])
    elif "G" in flags:
        say(" ".join(group[column] for group in member_of))
    else:
        say(f"uid={user[2]}({user[0]}) gid={primary[2]}({primary[0]}) groups=" + ",".join(f"{g[2]}({g[0]})" for g in member_of))
    return 0
