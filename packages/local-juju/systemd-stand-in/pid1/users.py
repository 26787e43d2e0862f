"""Users of the machine, from its own passwd and group files."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class User:
    name: str
    uid: int
    gid: int
    home: str
    shell: str


def find_user(root: str, wanted: str) -> User | None:
    """By name or number; a home outside the machine's root is taken as one in it."""
    for line in _lines(os.path.join(root, "etc/passwd")):
        fields = line.split(":")
        if len(fields) >= 7 and wanted in (fields[0], fields[2]):
            home = fields[5] if fields[5].startswith(root) else root + fields[5]
            return User(fields[0], int(fields[2]), int(fields[3]), home, fields[6] or "/bin/sh")
    return None


def group_exists(root: str, wanted: str) -> bool:
    return any(wanted in line.split(":")[0:3:2] for line in _lines(os.path.join(root, "etc/group")))


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except OSError:
        return []
