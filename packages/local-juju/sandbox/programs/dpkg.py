"""dpkg-query(1) and dpkg(1): the host's answers, and our own for what is on record."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

from .machine import Machine, fail, say
from .packages import recorded

_FIELD = re.compile(r"\$\{([A-Za-z:-]+)(?:;-?\d+)?\}")


def dpkg_query(machine: Machine, args: list[str]) -> int:
    own = recorded(machine)
    form, show, names = _parse(args)
    if not show or not any(name in own for name in names):
        return machine.run_host("dpkg-query", args)
    code = 0
    for name in names:
        if name in own:
            if show == "status":
                say(f"Package: {name}\nStatus: {_status(own[name])}\nVersion: {own[name]}\n")
            elif own[name] or "db:Status" in form:
                out = _FIELD.sub(_fields(name, own[name]), form)
                sys.stdout.write(_unescaped(out))
                sys.stdout.flush()
            else:
                code = fail(f"dpkg-query: no packages found matching {name}")
            continue
        program = machine.host_program("dpkg-query")
        options = ["-W", "-f", form] if show == "show" else ["-s"]
        code = max(
            code,
            subprocess.call([program, *options, name]) if program else fail(f"dpkg-query: no packages found matching {name}"),
        )
    return code


def _parse(args: list[str]) -> tuple[str, str, list[str]]:
    form, show, names = "${binary:Package}\t${Version}\n", "", []
    at = 0
    while at < len(args):
        arg = args[at]
        if arg in ("-W", "--show"):
            show = "show"
        elif arg in ("-s", "--status"):
            show = "status"
        elif arg in ("-f", "--showformat"):
            at += 1
            form = args[at] if at < len(args) else form
        elif arg.startswith("--showformat="):
            form = arg.partition("=")[2]
        elif arg.startswith("-f"):
            form = arg[2:].removeprefix("=")
        elif not arg.startswith("-"):
            names.append(arg)
        at += 1
    return form, show, names


def _fields(name: str, version: str) -> Callable[[re.Match[str]], str]:
    values = {
        "Package": name,
        "binary:Package": name,
        "Version": version,
        "Architecture": "all",
        "Status": _status(version),
        "db:Status-Abbrev": "ii " if version else "un ",
        "db:Status-Status": "installed" if version else "not-installed",
        "db:Status-Want": "install" if version else "unknown",
        "db:Status-Eflag": "ok",
    }
    return lambda match: values.get(match.group(1), "")


def _status(version: str) -> str:
    return "install ok installed" if version else "unknown ok not-installed"


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")


def dpkg(machine: Machine, args: list[str]) -> int:
    if args[:1] in (["--configure"], ["-i"], ["--install"], ["-r"], ["-P"], ["--unpack"], ["--remove"], ["--purge"]):
        if args[:2] == ["--configure", "-a"]:
            return 0
        return fail("dpkg: the sandbox does not change packages of the host", 2)
    if args[:1] in (["-s"], ["--status"]):
        return dpkg_query(machine, args)
    return machine.run_host("dpkg", args)
