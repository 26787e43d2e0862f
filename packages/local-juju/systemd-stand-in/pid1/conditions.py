"""Condition...= of systemd.unit(5), those on paths."""

from __future__ import annotations

import os
from collections.abc import Callable

from .unit import Unit


def _not_empty(path: str) -> bool:
    return os.path.isfile(path) and os.path.getsize(path) > 0


_CHECKS: dict[str, Callable[[str], bool]] = {
    "ConditionPathExists": os.path.exists,
    "ConditionPathIsDirectory": os.path.isdir,
    "ConditionFileNotEmpty": _not_empty,
}


def unmet_condition(unit: Unit) -> str | None:
    """The first condition that does not hold, as its line says it."""
    for key, holds in _CHECKS.items():
        for value in unit.file.all("Unit", key):
            negated = value.startswith("!")
            if holds(unit.specifiers.expand(value.lstrip("!|"))) == negated:
                return f"{key}={value}"
    return None
