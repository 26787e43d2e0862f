"""ExecStart= and its kin: prefixes, words, variables. systemd.service(5), "Command lines"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Iterator, Mapping

from .words import SyntaxProblem, next_word, skip_blanks, split

_BRACED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\$|\$([A-Za-z_][A-Za-z0-9_]*)")
_WHOLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)\Z")
_SEPARATOR = re.compile(r";(\s|\Z)")
_ESCAPED_SEPARATOR = re.compile(r"\\;(\s|\Z)")


@dataclass(frozen=True)
class Command:
    path: str
    argv: tuple[str, ...]
    ignore_failure: bool = False
    no_variables: bool = False
    privileged: bool = False

    def expanded(self, environment: Mapping[str, str]) -> list[str]:
        """Arguments with ${NAME} put in place and $NAME as a word of its own split into words."""
        first, *rest = self.argv
        if self.no_variables:
            return [first, *rest]
        words: list[str] = [first]
        for word in rest:
            whole = _WHOLE.match(word)
            if whole:
                words += split(environment.get(whole.group(1), ""), relax=True)
            else:
                words.append(_substitute(word, environment))
        return words


def _substitute(word: str, environment: Mapping[str, str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        if match.group(0) == "$$":
            return "$"
        if match.group(1) is not None:
            return environment.get(match.group(1), "")
        return match.group(0)  # $NAME inside a word stays

    return _BRACED.sub(replaced, word)


def parse(value: str, expand: Callable[[str], str]) -> list[Command]:
    """Commands of one assignment, which a lone `;` separates. Raises SyntaxProblem."""
    commands: list[Command] = []
    current: list[str] = []
    for word in _command_words(value):
        if word is not None:
            current.append(word)
        elif current:
            commands.append(_command(current, expand))
            current = []
    if current:
        commands.append(_command(current, expand))
    return commands


def _command_words(value: str) -> Iterator[str | None]:
    """Words; None for a semicolon that stands alone and separates commands. A quoted or escaped one is a word."""
    at = skip_blanks(value, 0)
    while at < len(value):
        rest = value[at:]
        if _SEPARATOR.match(rest):
            yield None
            at += 1
        elif _ESCAPED_SEPARATOR.match(rest):
            yield ";"
            at += 2
        else:
            word, at = next_word(value, at)
            yield word
        at = skip_blanks(value, at)


def _command(words: list[str], expand: Callable[[str], str]) -> Command:
    path, rest = words[0], words[1:]
    flags: set[str] = set()
    while path and path[0] in "-@:+!|":
        flags.add(path[0])
        path = path[1:]
    if not path:
        raise SyntaxProblem("empty path in a command line")
    path = expand(path)
    arguments = [expand(word) for word in rest]
    if "@" in flags:
        if not arguments:
            raise SyntaxProblem("@ needs an argument")
        argv = arguments
    else:
        argv = [path, *arguments]
    return Command(path, tuple(argv), "-" in flags, ":" in flags, bool(flags & {"+", "!"}))
