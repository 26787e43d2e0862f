"""ExecStart= and its kin: prefixes, words, variables. systemd.service(5), "Command lines"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .words import SyntaxProblem, next_word, skip_blanks, split_plain

_BRACED = re.compile(r"\$\{([^}]*)\}|\$\$")
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
            # Whatever follows a leading dollar is the name, even where no variable could have it.
            if word.startswith("$") and word[1:2] not in ("{", "$"):
                words += split_plain(environment.get(word[1:], ""))
            else:
                words.append(_substitute(word, environment))
        return words


def _substitute(word: str, environment: Mapping[str, str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        return "$" if match.group(1) is None else environment.get(match.group(1), "")

    return _BRACED.sub(replaced, word)


def parse(value: str, expand: Callable[[str], str]) -> list[Command]:
    """Commands of one assignment, which a lone `;` separates. Raises SyntaxProblem."""
    commands: list[Command] = []
    at = skip_blanks(value, 0)
    while at < len(value):
        try:
            first, at = next_word(value, at, relax=True)
        except SyntaxProblem:
            return commands  # as systemd has it: what is no word where a program should be is passed over
        if first != ";":
            path, flags = _prefixed(first)
            try:
                arguments, at = _arguments(value, at)
                commands.append(_command(path, flags, arguments, expand))
            except SyntaxProblem:
                # A command whose failure is ignored may be wrong as well; the line ends with it.
                if "-" in flags:
                    return commands
                raise
        at = skip_blanks(value, at)
    return commands


def _arguments(value: str, at: int) -> tuple[list[str], int]:
    """Words up to a semicolon that stands alone; a quoted or escaped one is a word."""
    words: list[str] = []
    at = skip_blanks(value, at)
    while at < len(value):
        rest = value[at : at + 3]
        if _SEPARATOR.match(rest):
            return words, at + 1
        if _ESCAPED_SEPARATOR.match(rest):
            words.append(";")
            at += 2
        else:
            word, at = next_word(value, at, relax=True)
            words.append(word)
        at = skip_blanks(value, at)
    return words, at


def _prefixed(word: str) -> tuple[str, str]:
    """Splits the prefixes off, each of which may stand once, `!` twice."""
    flags = ""
    while word and word[0] in "-@:+!" and (word[0] not in flags or (word[0] == "!" and flags.count("!") < 2)):
        if (word[0] == "+" and "!" in flags) or (word[0] == "!" and "+" in flags):
            break
        flags, word = flags + word[0], word[1:]
    return word, flags


def _command(path: str, flags: str, rest: list[str], expand: Callable[[str], str]) -> Command:
    path = expand(path)
    if not path:
        raise SyntaxProblem("Empty path in command line")
    if any(ord(char) < 0x20 or ord(char) == 0x7F or char in "\\\"'" for char in path):
        raise SyntaxProblem(f"Executable name contains special characters: {path}")
    if not path.startswith("/") and ("/" in path or path in (".", "..")):
        raise SyntaxProblem(f"Neither a valid executable name nor an absolute path: {path}")
    if path.endswith("/"):
        raise SyntaxProblem(f"Executable path specifies a directory: {path}")
    arguments = [expand(word) for word in rest]
    if "@" in flags and not arguments:
        raise SyntaxProblem("@ needs an argument")
    argv = arguments if "@" in flags else [path, *arguments]
    return Command(path, tuple(argv), "-" in flags, ":" in flags, "+" in flags or "!" in flags)
