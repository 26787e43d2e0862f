"""One command line of systemctl, with what all verbs do with it."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..unitpath import with_suffix

if TYPE_CHECKING:
    from ..control import Request
    from ..manager import Manager
    from ..options import Options
    from ..unit import Unit


@dataclass
class Call:
    manager: Manager
    request: Request
    options: Options
    names: list[str]

    @property
    def quiet(self) -> bool:
        return self.options.has("-q", "--quiet")

    def unit(self, name: str) -> Unit:
        return self.manager.unit(name)

    def unit_names(self) -> list[str]:
        """Names with their suffix; a pattern is matched against what is in memory, and systemd forgets what is inactive."""
        found: list[str] = []
        for name in self.names:
            if any(char in name for char in "*?["):
                pattern = name if name.endswith("*") else with_suffix(name)
                in_memory = (unit for unit in self.manager.units.values() if unit.active_state != "inactive" or unit.job)
                found += [unit.name for unit in in_memory if fnmatch.fnmatchcase(unit.name, pattern)]
            else:
                found.append(with_suffix(name))
        return found

    def say(self, lines: Sequence[str]) -> None:
        """What changed, which systemctl tells on stderr."""
        if not self.quiet:
            self.request.err("".join(f"{line}\n" for line in lines))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], closing: str) -> int:
        bare = self.options.has("--no-legend") or self.options.last("--legend") in ("no", "false", "0")
        lines = [*([] if bare else [heads]), *rows]
        widths = [max((len(line[column]) for line in lines), default=0) for column in range(len(heads))]
        for line in lines:
            self.request.out(" ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() + "\n")
        if not bare:
            self.request.out(f"\n{closing}\n")
        return 0

    def needs_reload(self, unit: Unit) -> bool:
        if unit.transient or unit.builtin or not unit.file.stamp or unit.load_state not in ("loaded", "masked"):
            return False
        return self.manager.paths.stamp(unit.file) != unit.file.stamp

    def gone(self, unit: Unit) -> bool:
        """There is no such unit, nor anything of it that runs."""
        return unit.load_state == "not-found" and unit.active_state in ("inactive", "failed")


#: Returns the exit code; None when the call will be answered later.
Verb = Callable[[Call], "int | None"]
