"""The machine's journal: JSON lines with the journal's own field names, and a syslog file beside it."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable

PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
#: Priority, where the line names one, and text.
Line = tuple["int | None", str]
_LIMIT = 48 * 1024  # LineMax= of journald.conf(5)


class Journal:
    def __init__(self, root: str, boot_id: str) -> None:
        self.path = os.path.join(root, "var/log/journal/journal.jsonl")
        self._syslog_path = os.path.join(root, "var/log/syslog")
        self._boot_id = boot_id
        self.followers: list[Callable[[dict[str, str]], None]] = []
        self._host = socket.gethostname()
        os.makedirs(os.path.dirname(self.path), exist_ok=True)

    def write(
        self,
        *,
        unit: str,
        message: str,
        priority: int = 6,
        identifier: str,
        pid: int,
        invocation: str = "",
        manager: bool = False,
    ) -> None:
        now = time.time()
        entry = {
            "__REALTIME_TIMESTAMP": str(int(now * 1_000_000)),
            "_BOOT_ID": self._boot_id,
            "PRIORITY": str(priority),
            "SYSLOG_IDENTIFIER": identifier,
            "_PID": str(pid),
            "MESSAGE": message,
        }
        entry["UNIT" if manager else "_SYSTEMD_UNIT"] = unit
        if invocation:
            entry["INVOCATION_ID" if manager else "_SYSTEMD_INVOCATION_ID"] = invocation
        self._append(self.path, json.dumps(entry, ensure_ascii=False))
        for follower in list(self.followers):
            follower(entry)
        stamp = time.strftime("%b %e %H:%M:%S", time.localtime(now))
        for line in message.split("\n"):
            self._append(self._syslog_path, f"{stamp} {self._host} {identifier}[{pid}]: {line}")

    def _append(self, path: str, line: str) -> None:
        # Opened each time: a log that was rotated, or a root that was removed, must not hold it up.
        try:
            fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError:
            return
        try:
            os.write(fd, (line + "\n").encode("utf-8", "backslashreplace"))
        except OSError:
            pass
        finally:
            os.close(fd)


class LineReader:
    """Cuts a stream into lines; understands the <N> prefix of sd-daemon(3)."""

    def __init__(self, prefixed: bool = True) -> None:
        self._prefixed = prefixed
        self._rest = b""

    def feed(self, data: bytes) -> list[Line]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        while len(self._rest) > _LIMIT:
            whole.append(self._rest[:_LIMIT])
            self._rest = self._rest[_LIMIT:]
        return [self._line(line) for line in whole]

    def end(self) -> list[Line]:
        rest, self._rest = self._rest, b""
        return [self._line(rest)] if rest else []

    def _line(self, line: bytes) -> Line:
        priority: int | None = None
        if self._prefixed and line[0:1] == b"<" and line[2:3] == b">" and line[1:2] in b"01234567":
            priority, line = int(line[1:2]), line[3:]
        return priority, line.rstrip(b"\r").decode("utf-8", "replace")
