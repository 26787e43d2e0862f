"""journalctl(1), as far as hooks, operators and tests ask it."""

from __future__ import annotations

import fnmatch
import getopt
import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .control import Request
from .journal import PRIORITIES
from .options import Options
from .unitpath import with_suffix

if TYPE_CHECKING:
    from .manager import Manager

_LONG = (
    "unit= lines= output= follow no-pager quiet reverse catalog pager-end boot priority= since= until= "
    "identifier= grep= all no-hostname utc no-tail vacuum-size= vacuum-time= rotate flush sync user-unit= "
    "output-fields= invert-grep dmesg system merge show-cursor after-cursor= cursor= version"
).split()
Entry = dict[str, str]


def journalctl(manager: Manager, request: Request) -> None:
    try:
        options = Options(_optional_lines(request.args), "u:n:o:fqrxeab:p:S:U:t:g:mkl", _LONG)
    except getopt.GetoptError as problem:
        request.err(f"journalctl: {problem.msg}\n")
        return request.exit(1)
    if options.has("--rotate", "--flush", "--sync", "--vacuum-size", "--vacuum-time"):
        return request.exit(0)
    output = options.last("-o", "--output") or "short"
    found = [entry for entry in _entries(manager.journal.path) if _matches(entry, options)]
    lines = options.last("-n", "--lines")
    if lines and lines != "all":
        found = found[-int(lines) :] if int(lines) else []
    elif options.has("-f", "--follow") and not lines:
        found = found[-10:]
    if options.has("-r", "--reverse"):
        found.reverse()
    if not found and not options.has("-q", "--quiet", "-f", "--follow") and output.startswith("short"):
        request.out("-- No entries --\n")
    for entry in found:
        request.out(format_entry(entry, output))
    if options.has("-f", "--follow"):
        return _follow(manager, request, options, output)
    request.exit(0)


def _follow(manager: Manager, request: Request, options: Options, output: str) -> None:
    def tell(entry: Entry) -> None:
        if _matches(entry, options):
            request.out(format_entry(entry, output))
            request.flush()

    request.flush()
    manager.journal.followers.append(tell)
    request.on_closed = lambda: manager.journal.followers.remove(tell)


def _optional_lines(args: list[str]) -> list[str]:
    """`-n` and `-b` take an argument only where one follows that can be one."""
    out: list[str] = []
    for at, arg in enumerate(args):
        following = args[at + 1] if at + 1 < len(args) else ""
        if arg in ("-n", "--lines") and not (following.lstrip("+").isdigit() or following == "all"):
            out += ["-n", "10"]
        elif arg == "-b" and not following.lstrip("-").isdigit():
            out += ["-b", "0"]
        else:
            out.append(arg)
    return out


def _entries(path: str) -> Iterator[Entry]:
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):
                    yield json.loads(line)
    except FileNotFoundError:
        return


def _matches(entry: Entry, options: Options) -> bool:
    units = [with_suffix(name) if not name.endswith("*") else name for name in options.all("-u", "--unit")]
    if units and not any(
        fnmatch.fnmatchcase(entry.get(field, ""), unit) for unit in units for field in ("_SYSTEMD_UNIT", "UNIT")
    ):
        return False
    identifiers = options.all("-t", "--identifier")
    if identifiers and entry["SYSLOG_IDENTIFIER"] not in identifiers:
        return False
    grep = options.last("-g", "--grep")
    if grep and grep not in entry["MESSAGE"]:
        return False
    since = options.last("-S", "--since")
    if since and int(entry["__REALTIME_TIMESTAMP"]) < _moment(since) * 1_000_000:
        return False
    until = options.last("-U", "--until")
    if until and int(entry["__REALTIME_TIMESTAMP"]) > _moment(until) * 1_000_000:
        return False
    priority = options.last("-p", "--priority")
    if priority:
        highest = priority.partition("..")[2] or priority
        if int(entry["PRIORITY"]) > (int(highest) if highest.isdigit() else PRIORITIES.index(highest)):
            return False
    for match in options.rest:
        key, separator, value = match.partition("=")
        if separator and entry.get(key) != value:
            return False
    return True


def _moment(text: str) -> float:
    if text.startswith("@"):
        return float(text[1:])
    if text == "now":
        return time.time()
    if text.startswith("-"):
        from .values import span

        return time.time() - span(text[1:].removesuffix("ago"))
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return time.mktime(time.strptime(text, form))
        except ValueError:
            continue
    return 0.0


def format_entry(entry: Entry, output: str) -> str:
    if output in ("json", "json-sse"):
        return json.dumps(entry, ensure_ascii=False) + "\n"
    if output == "cat":
        return entry["MESSAGE"] + "\n"
    when = int(entry["__REALTIME_TIMESTAMP"]) / 1_000_000
    stamp = time.strftime("%b %d %H:%M:%S", time.localtime(when))
    if output == "short-iso":
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(when))
    elif output == "short-unix":
        stamp = f"{when:.6f}"
    elif output == "short-precise":
        stamp += f".{int(entry['__REALTIME_TIMESTAMP']) % 1_000_000:06d}"
    return f"{stamp} sandbox {entry['SYSLOG_IDENTIFIER']}[{entry['_PID']}]: {entry['MESSAGE']}\n"


def short_lines(manager: Manager, units: list[str], count: int) -> list[str]:
    found = [e for e in _entries(manager.journal.path) if {e.get("_SYSTEMD_UNIT"), e.get("UNIT")} & set(units)]
    return [format_entry(entry, "short") for entry in found[-count:]] if count else []
