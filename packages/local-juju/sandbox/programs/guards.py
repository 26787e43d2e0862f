"""Programs that would reach through to the host, and small ones that have little to do here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from .machine import Machine, fail


def refused(name: str) -> Callable[[Machine, list[str]], int]:
    def program(machine: Machine, args: list[str]) -> int:
        return fail(f"{name}: not honoured in the sandbox")

    return program


def systemd_analyze(machine: Machine, args: list[str]) -> int:
    words = [arg for arg in args if not arg.startswith("-")]
    if words[:1] == ["verify"]:
        code = 0
        for name in words[1:]:
            shown = subprocess.run(
                [
                    os.path.join(machine.bin, "systemctl"),
                    "show",
                    "-p",
                    "LoadState,LoadError",
                    "--value",
                    os.path.basename(name),
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            problem, _, state = shown.stdout.partition("\n") if shown.stdout.startswith("Unit") else ("", "", shown.stdout)
            if "bad-setting" in shown.stdout or "not-found" in shown.stdout:
                code = fail(f"{os.path.basename(name)}: {' '.join((problem + state).split())}")
        return code
    if words[:1] == ["security"]:
        return fail("systemd-analyze: there is nothing to rate in the sandbox")
    return machine.run_host("systemd-analyze", args)


def systemd_tmpfiles(machine: Machine, args: list[str]) -> int:
    """Makes the directories and links of tmpfiles.d(5); nothing else of it."""
    files = [arg for arg in args if not arg.startswith("-")]
    folder = machine.path("etc/tmpfiles.d")
    if not files and os.path.isdir(folder):
        files = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".conf")]
    for file in files:
        with open(file, encoding="utf-8") as content:
            for line in content:
                fields = line.split()
                if not fields or fields[0].startswith("#") or "--create" not in args:
                    continue
                path = fields[1] if fields[1].startswith(machine.root) else machine.root + fields[1]
                if fields[0][0] in "dDv":
                    os.makedirs(path, exist_ok=True)
                    if len(fields) > 2 and fields[2] != "-":
                        os.chmod(path, int(fields[2], 8))
                elif fields[0][0] == "L" and not os.path.lexists(path):
                    os.symlink(fields[6], path)
    return 0


def service(machine: Machine, args: list[str]) -> int:
    if len(args) < 2:
        return fail("Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]")
    sys.stdout.flush()
    os.execv(os.path.join(machine.bin, "systemctl"), ["systemctl", args[1], args[0]])


def hostname(machine: Machine, args: list[str]) -> int:
    if [arg for arg in args if not arg.startswith("-")]:
        return fail("hostname: you must be root to change the host name")
    return machine.run_host("hostname", args)


def say_nothing(machine: Machine, args: list[str]) -> int:
    return 0
