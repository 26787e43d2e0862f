"""Values of settings: booleans, time spans, signals, modes, exit statuses."""

from __future__ import annotations

import re
import signal

INFINITY = float("inf")
_UNITS = {
    "usec": 1e-6, "us": 1e-6, "µs": 1e-6, "msec": 1e-3, "ms": 1e-3,
    "seconds": 1, "second": 1, "sec": 1, "s": 1, "": 1,
    "minutes": 60, "minute": 60, "min": 60, "m": 60, "hours": 3600, "hour": 3600, "hr": 3600, "h": 3600,
    "days": 86400, "day": 86400, "d": 86400, "weeks": 604800, "week": 604800, "w": 604800,
    "months": 2629800, "month": 2629800, "M": 2629800, "years": 31557600, "year": 31557600, "y": 31557600,
}  # fmt: skip
_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-zµ]*)")

# systemd.exec(5), "Process Exit Codes"
EXIT_NAMES = {
    0: "SUCCESS", 1: "FAILURE", 2: "INVALIDARGUMENT", 3: "NOTIMPLEMENTED", 4: "NOPERMISSION", 5: "NOTINSTALLED",
    6: "NOTCONFIGURED", 7: "NOTRUNNING", 64: "USAGE", 65: "DATAERR", 66: "NOINPUT", 67: "NOUSER", 69: "UNAVAILABLE",
    70: "SOFTWARE", 71: "OSERR", 72: "OSFILE", 73: "CANTCREAT", 74: "IOERR", 75: "TEMPFAIL", 76: "PROTOCOL",
    77: "NOPERM", 78: "CONFIG", 200: "CHDIR", 201: "NICE", 202: "FDS", 203: "EXEC", 205: "LIMITS", 209: "STDOUT",
    214: "SETSCHEDULER", 216: "GROUP", 217: "USER", 222: "STDERR", 226: "NAMESPACE", 233: "RUNTIME_DIRECTORY",
    238: "STATE_DIRECTORY", 239: "CACHE_DIRECTORY", 240: "LOGS_DIRECTORY", 242: "CONFIGURATION_DIRECTORY", 243: "CREDENTIALS",
}  # fmt: skip


def boolean(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in ("1", "yes", "y", "true", "t", "on"):
        return True
    if lowered in ("0", "no", "n", "false", "f", "off"):
        return False
    raise ValueError(f"not a boolean: {text}")


def span(text: str) -> float:
    """Seconds of a time span such as `5min 20s`; systemd.time(7)."""
    text = text.strip()
    if text == "infinity":
        return INFINITY
    total, at = 0.0, 0
    while at < len(text):
        match = _SPAN.match(text, at)
        if not match or match.group(2) not in _UNITS:
            raise ValueError(f"not a time span: {text}")
        total += float(match.group(1)) * _UNITS[match.group(2)]
        at = match.end()
        while at < len(text) and text[at].isspace():
            at += 1
    if not text:
        raise ValueError("not a time span: (empty)")
    return total


def signal_number(text: str) -> int:
    text = text.strip()
    if text.isdigit():
        return int(text)
    name = text if text.startswith("SIG") else f"SIG{text}"
    try:
        return signal.Signals[name].value
    except KeyError:
        raise ValueError(f"not a signal: {text}") from None


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name[3:]
    except ValueError:
        return str(number)


def mode(text: str) -> int:
    return int(text.strip(), 8)


def exit_statuses(words: list[str]) -> tuple[set[int], set[int]]:
    """Exit codes and signals of SuccessExitStatus= and the like."""
    by_name = {name: code for code, name in EXIT_NAMES.items()}
    codes: set[int] = set()
    signals: set[int] = set()
    for word in words:
        if word.isdigit():
            codes.add(int(word))
        elif word in by_name:
            codes.add(by_name[word])
        else:
            signals.add(signal_number(word))
    return codes, signals


def size(text: str) -> int:
    """Bytes or a count, with an optional K, M, G or T (base 1024)."""
    text = text.strip()
    if text == "infinity":
        return -1
    factor = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}.get(text[-1:].upper(), 1)
    return int(float(text[:-1] if factor > 1 else text) * factor)
