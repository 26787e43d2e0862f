"""What is installed and what could be: the host's packages, and those that the sandbox has on record only."""

from __future__ import annotations

import glob
import json
import os
import re
import subprocess

from .machine import Machine

_RECORD = "var/lib/dpkg/sandbox.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?\Z")


def is_name(name: str) -> bool:
    return bool(_NAME.match(name))


def recorded(machine: Machine) -> dict[str, str]:
    """Versions by name; an empty version is a package that was removed."""
    text = machine.read(_RECORD)
    return {str(k): str(v) for k, v in json.loads(text).items()} if text else {}


def record(machine: Machine, name: str, version: str) -> None:
    machine.write(json.dumps({**recorded(machine), name: version}, indent=1, sort_keys=True) + "\n", _RECORD)


def installed_version(machine: Machine, name: str) -> str | None:
    own = recorded(machine).get(name)
    return own or None if own is not None else _on_host(machine, name)


def really_installed(machine: Machine, name: str) -> bool:
    return _on_host(machine, name) is not None


def candidate(machine: Machine, name: str) -> str | None:
    """The version that an install would get; None for a name that no index has."""
    found = installed_version(machine, name) or _on_host(machine, name)
    if found:
        return found
    program = machine.host_program("apt-cache")
    if program and glob.glob("/var/lib/apt/lists/*_Packages*"):
        shown = subprocess.run(
            [program, "show", "--no-all-versions", name], capture_output=True, text=True, check=False, env={"LC_ALL": "C"}
        )
        versions = re.findall(r"^Version: (\S+)$", shown.stdout, re.MULTILINE)
        return versions[0] if versions else None
    with open(os.path.join(os.path.dirname(__file__), "known-packages.txt"), encoding="ascii") as file:
        return "0" if name in file.read().split() else None


def _on_host(machine: Machine, name: str) -> str | None:
    program = machine.host_program("dpkg-query")
    if program is None:
        return None
    asked = subprocess.run(
        [program, "-W", "-f", "${db:Status-Status} ${Version}\n", name],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C"},
    )
    words = asked.stdout.split()
    return words[1] if len(words) >= 2 and words[0] == "installed" else None
