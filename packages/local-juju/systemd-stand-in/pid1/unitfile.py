"""Unit files and drop-ins as text: sections, keys, continuation lines. systemd.syntax(7)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

Settings = dict[str, dict[str, list[str]]]


@dataclass
class UnitFile:
    """What one unit's fragment and drop-ins say, in the order in which they say it."""

    name: str
    fragment: str | None
    drop_ins: list[str] = field(default_factory=list)
    sections: Settings = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    masked: bool = False
    stamp: tuple[object, ...] = ()
    #: Drop-in folders that were there when it was loaded: in others systemd does not look before a daemon-reload.
    drop_in_folders: list[str] = field(default_factory=list)

    def all(self, section: str, key: str) -> list[str]:
        """Values of a list-like key; an empty assignment resets what came before."""
        values: list[str] = []
        for value in self.sections.get(section, {}).get(key, []):
            values = [*values, value] if value else []
        return values

    def last(self, section: str, key: str) -> str | None:
        values = self.sections.get(section, {}).get(key)
        return values[-1] if values and values[-1] else None


def lines(text: str) -> list[tuple[int, str]]:
    """Logical lines: comments gone, continuation lines joined by one blank."""
    found: list[tuple[int, str]] = []
    pending: str | None = None
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        if line.lstrip().startswith(("#", ";")):
            continue  # also inside a continuation
        current = line if pending is None else pending + line.lstrip()
        backslashes = len(current) - len(current.rstrip("\\"))
        if backslashes % 2 and line.endswith("\\"):
            pending = current[:-1] + " "
            continue
        pending = None
        if current.strip():
            found.append((number, current.strip()))
    if pending is not None and pending.strip():
        found.append((0, pending.strip()))
    return found


def parse_into(unit: UnitFile, path: str) -> None:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        text = file.read()
    section: str | None = None
    for number, line in lines(text):
        if line.startswith("["):
            if not line.endswith("]"):
                unit.warnings.append(f"{path}:{number}: Invalid section header '{line}'")
                continue
            section = line[1:-1]
            continue
        key, separator, value = line.partition("=")
        if not separator:
            unit.warnings.append(f"{path}:{number}: Missing '=', ignoring line.")
        elif section is None:
            unit.warnings.append(f"{path}:{number}: Assignment outside of section. Ignoring.")
        else:
            unit.sections.setdefault(section, {}).setdefault(key.strip(), []).append(value.strip())


def is_masked(path: str) -> bool:
    try:
        return os.path.realpath(path) == "/dev/null" or os.path.getsize(path) == 0
    except OSError:
        return False
