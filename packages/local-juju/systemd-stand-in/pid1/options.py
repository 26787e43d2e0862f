"""Command-line options of the stand-ins, in the forms getopt_long(3) takes."""

from __future__ import annotations

import getopt


class Options:
    """`short` and `long` as getopt has them; `stop_early` for commands that take another command."""

    def __init__(self, args: list[str], short: str, long: list[str], stop_early: bool = False) -> None:
        parse = getopt.getopt if stop_early else getopt.gnu_getopt
        self.given, self.rest = parse(args, short, long)

    def has(self, *names: str) -> bool:
        return any(name in names for name, _ in self.given)

    def last(self, *names: str) -> str | None:
        return next((value for name, value in reversed(self.given) if name in names), None)

    def all(self, *names: str) -> list[str]:
        return [value for name, value in self.given if name in names]
