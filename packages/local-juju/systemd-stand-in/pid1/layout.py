"""The folders of a machine, and the programs by which one talks to it."""

from __future__ import annotations

import os
import sys

_FOLDERS = ("bin", "root/etc/systemd/system", "root/run/systemd/system", "root/usr/lib/systemd/system", "root/var/log/journal")
_CLIENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients")
_PERL = "/usr/bin/perl"


def lay_out(directory: str) -> None:
    """Makes what is missing. The programs are put in place at each boot: their source may have moved since."""
    if any(sign in directory for sign in "'\"\\\n"):
        raise SystemExit(f"a machine cannot be in {directory!r}: quotes in its path")
    os.makedirs(os.path.join(directory, "run"), mode=0o700, exist_ok=True)
    for folder in _FOLDERS:
        os.makedirs(os.path.join(directory, folder), exist_ok=True)
    # Perl starts in a tenth of the time; systemd-run hands its streams over, which takes Python.
    quick = "client.pl" if os.access(_PERL, os.X_OK) else "client.py"
    for name, source in (("systemctl", quick), ("journalctl", quick), ("systemd-run", "client.py")):
        _place(directory, name, source)


def _place(directory: str, name: str, source: str) -> None:
    with open(os.path.join(_CLIENTS, source), encoding="utf-8") as file:
        text = file.read().replace("@DIRECTORY@", directory).replace("@PYTHON@", sys.executable)
    program = os.path.join(directory, "bin", name)
    # Whole and at once: the machine may be up already, and used.
    temporary = f"{program}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(temporary, 0o755)
    os.replace(temporary, program)
