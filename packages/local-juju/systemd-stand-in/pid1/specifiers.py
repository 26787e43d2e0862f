"""Specifiers of systemd.unit(5). Directories are the machine's own, with its root before them."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass


@dataclass(frozen=True)
class Specifiers:
    root: str
    unit: str
    fragment: str | None
    user: str
    home: str
    machine_id: str
    boot_id: str

    def expand(self, text: str) -> str:
        if "%" not in text:
            return text
        out: list[str] = []
        at = 0
        while at < len(text):
            if text[at] != "%" or at + 1 == len(text):
                out.append(text[at])
                at += 1
                continue
            value = self._value(text[at + 1])
            # One that is not known stays as it is.
            out.append(text[at : at + 2] if value is None else value)
            at += 2
        return "".join(out)

    def _value(self, letter: str) -> str | None:
        stem, _, kind = self.unit.rpartition(".")
        prefix, _, instance = stem.partition("@")
        directories = {
            "t": "/run",
            "S": "/var/lib",
            "C": "/var/cache",
            "L": "/var/log",
            "E": "/etc",
            "T": "/tmp",
            "V": "/var/tmp",
        }
        if letter in directories:
            return self.root + directories[letter]
        plain = {
            "%": "%", "n": self.unit, "N": stem, "p": prefix, "P": unescape(prefix), "i": instance, "I": unescape(instance),
            "j": prefix.rpartition("-")[2], "J": unescape(prefix.rpartition("-")[2]), "f": "/" + unescape(instance or prefix),
            "h": self.home, "u": self.user, "U": str(os.getuid()), "g": self.user, "G": str(os.getgid()),
            "H": socket.gethostname(), "l": socket.gethostname().partition(".")[0], "m": self.machine_id, "b": self.boot_id,
            "s": "/bin/sh", "y": self.fragment or "", "Y": os.path.dirname(self.fragment or ""), "a": os.uname().machine,
            "v": os.uname().release, "d": f"{self.root}/run/credentials/{self.unit}",
        }  # fmt: skip
        return plain.get(letter)


def unescape(name: str) -> str:
    """systemd-escape --unescape."""
    out = bytearray()
    at = 0
    raw = name.encode()
    while at < len(raw):
        if raw[at : at + 2] == b"\\x" and len(raw) >= at + 4:
            out.append(int(raw[at + 2 : at + 4], 16))
            at += 4
        else:
            out += b"/" if raw[at : at + 1] == b"-" else raw[at : at + 1]
            at += 1
    return out.decode("utf-8", "surrogateescape")
