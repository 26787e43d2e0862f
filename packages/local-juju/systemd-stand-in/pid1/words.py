"""Splitting and unquoting of values, as systemd.syntax(7) and extract_first_word() do it."""

from __future__ import annotations

WHITESPACE = " \t\n\r"
_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "'": "'",
    "s": " ",
}


class SyntaxProblem(ValueError):
    """A value that systemd would refuse; the message says why."""


def unescape(text: str, at: int) -> tuple[bytes, int]:
    """Decodes the escape whose first character after the backslash is at `at`; returns bytes and the next index."""
    char = text[at]
    if char in _SIMPLE:
        return _SIMPLE[char].encode(), at + 1
    for letter, length in (("x", 2), ("u", 4), ("U", 8)):
        if char == letter:
            digits = text[at + 1 : at + 1 + length]
            if len(digits) != length:
                raise SyntaxProblem("invalid escape sequence")
            value = _number(digits, 16)
            return (bytes([value]) if letter == "x" else chr(value).encode()), at + 1 + length
    if char in "01234567":
        value = _number(text[at : at + 3], 8)
        if len(text[at : at + 3]) != 3 or value > 255:
            raise SyntaxProblem("invalid escape sequence")
        return bytes([value]), at + 3
    raise SyntaxProblem(f"unknown escape sequence \\{char}")


def _number(digits: str, base: int) -> int:
    if not all(digit in "0123456789abcdefABCDEF"[: 22 if base == 16 else 8] for digit in digits):
        raise SyntaxProblem("invalid escape sequence")
    value = int(digits, base)
    if value == 0:
        raise SyntaxProblem("NUL is not allowed")
    return value


def split(value: str, *, unquote: bool = True, escapes: bool = True, relax: bool = False) -> list[str]:
    """The words of a value. With `relax`, an unknown escape stays as it is instead of being refused."""
    words: list[str] = []
    at = skip_blanks(value, 0)
    while at < len(value):
        word, at = next_word(value, at, unquote, escapes, relax)
        words.append(word)
        at = skip_blanks(value, at)
    return words


def split_leading(value: str) -> tuple[list[str], str]:
    """The words up to the first thing that is no valid syntax, and that rest, which Environment= ignores."""
    words: list[str] = []
    at = skip_blanks(value, 0)
    while at < len(value):
        try:
            word, end = next_word(value, at)
        except SyntaxProblem:
            return words, value[at:]
        words.append(word)
        at = skip_blanks(value, end)
    return words, ""


def split_plain(value: str) -> list[str]:
    """As for a variable of a command line: quotes go, a backslash makes the next character plain, nothing is refused."""
    words: list[str] = []
    word: list[str] | None = None
    quote = ""
    characters = iter(value)
    for char in characters:
        if char == "\\":
            word = [*(word or []), next(characters, "")]
        elif quote:
            if char == quote:
                quote = ""
            else:
                word = [*(word or []), char]
        elif char in "'\"":
            word, quote = word or [], char
        elif char in WHITESPACE:
            if word is not None:
                words.append("".join(word))
            word = None
        else:
            word = [*(word or []), char]
    return [*words, "".join(word)] if word is not None else words


def skip_blanks(value: str, at: int) -> int:
    while at < len(value) and value[at] in WHITESPACE:
        at += 1
    return at


def next_word(value: str, at: int, unquote: bool = True, escapes: bool = True, relax: bool = False) -> tuple[str, int]:
    """The word that begins at `at`, and where it ends."""
    out = bytearray()
    quote = ""
    while at < len(value):
        char = value[at]
        if char == "\\" and escapes:
            if at + 1 >= len(value):
                if not relax:
                    raise SyntaxProblem("a backslash at the end")
                out += b"\\"
                at += 1
                continue
            try:
                decoded, at = unescape(value, at + 1)
                out += decoded
            except SyntaxProblem:
                if not relax:
                    raise
                out += ("\\" + value[at + 1]).encode("utf-8", "surrogateescape")
                at += 2
            continue
        at += 1
        if quote:
            if char == quote:
                quote = ""
            else:
                out += char.encode("utf-8", "surrogateescape")
        elif unquote and char in "'\"":
            quote = char
        elif char in WHITESPACE:
            break
        else:
            out += char.encode("utf-8", "surrogateescape")
    if quote:
        raise SyntaxProblem("unbalanced quoting")
    return out.decode("utf-8", "surrogateescape"), at
