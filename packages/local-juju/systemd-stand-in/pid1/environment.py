"""Environment= and EnvironmentFile= as systemd.exec(5) has them, and as parse_env_file() of systemd 252 really reads."""

from __future__ import annotations

import re

_WHITESPACE = " \t\n\r"
_NEWLINE = "\n\r"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class BadEnvironmentFile(ValueError):
    pass


def name_is_valid(name: str) -> bool:
    return bool(_NAME.match(name))


def value_is_valid(value: str) -> bool:
    """Any UTF-8 but control characters; tabs and newlines are fine."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return not any((ord(c) < 0x20 and c not in "\t\n") or ord(c) == 0x7F for c in value)


def parse_assignments(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Splits NAME=VALUE words; second are those that systemd ignores."""
    good: dict[str, str] = {}
    bad: list[str] = []
    for word in words:
        name, separator, value = word.partition("=")
        if separator and name_is_valid(name) and value_is_valid(value):
            good[name] = value
        else:
            bad.append(word)
    return good, bad


def parse_file(content: bytes) -> tuple[dict[str, str], list[str]]:
    """Reads an environment file. Second result: names that are ignored. Raises BadEnvironmentFile when it is not UTF-8."""
    try:
        text = content.split(b"\0")[0].decode()
    except UnicodeDecodeError:
        raise BadEnvironmentFile("not valid UTF-8") from None
    good: dict[str, str] = {}
    bad: list[str] = []
    for name, value in _scan(text):
        if name_is_valid(name) and value_is_valid(value):
            good[name] = value
        else:
            bad.append(name)
    return good, bad


def _scan(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    state = "pre-key"
    key: list[str] = []
    value: list[str] = []
    key_end = value_end = -1  # where trailing blanks begin

    def push(chomp: bool) -> None:
        nonlocal key, value
        name = "".join(key[:key_end] if key_end >= 0 else key)
        found.append((name, "".join(value[:value_end] if chomp and value_end >= 0 else value)))
        key, value = [], []

    for c in text:
        if state == "pre-key":
            if c in "#;":
                state = "comment"
            elif c not in _WHITESPACE:
                state, key_end = "key", -1
                key.append(c)
        elif state == "key":
            if c in _NEWLINE:
                state = "pre-key"
                key.clear()
            elif c == "=":
                state, value_end = "pre-value", -1
            else:
                key_end = _blanks_from(c, key_end, len(key))
                key.append(c)
        elif state == "pre-value":
            if c in _NEWLINE:
                state = "pre-key"
                push(False)
            elif c == "'":
                state = "single"
            elif c == '"':
                state = "double"
            elif c == "\\":
                state = "value-escape"
            elif c not in _WHITESPACE:
                state = "value"
                value.append(c)
        elif state == "value":
            if c in _NEWLINE:
                state = "pre-key"
                push(True)
            elif c == "\\":
                state, value_end = "value-escape", -1
            else:
                value_end = _blanks_from(c, value_end, len(value))
                value.append(c)
        elif state == "value-escape":
            state = "value"
            if c not in _NEWLINE:
                value.append(c)
        elif state == "single":
            if c == "'":
                state = "pre-value"
            else:
                value.append(c)
        elif state == "double":
            if c == '"':
                state = "pre-value"
            elif c == "\\":
                state = "double-escape"
            else:
                value.append(c)
        elif state == "double-escape":
            state = "double"
            if c in '"\\`$':
                value.append(c)
            elif c != "\n":
                value += ["\\", c]
        elif state == "comment":
            if c == "\\":
                state = "comment-escape"
            elif c in _NEWLINE:
                state = "pre-key"
        else:
            state = "comment"
    if state not in ("pre-key", "key", "comment", "comment-escape"):
        push(state == "value")
    return found


def _blanks_from(char: str, since: int, index: int) -> int:
    if char not in _WHITESPACE:
        return -1
    return index if since < 0 else since
