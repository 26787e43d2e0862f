"""The machine that a stand-in stands in, and the host's own programs behind it."""

from __future__ import annotations

import os
import sys

_HOST_PATH = ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")


class Machine:
    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.root = os.path.join(directory, "root")
        self.bin = os.path.join(directory, "bin")

    def path(self, *parts: str) -> str:
        return os.path.join(self.root, *parts)

    def read(self, *parts: str) -> str:
        try:
            with open(self.path(*parts), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def write(self, text: str, *parts: str) -> None:
        """Puts a whole file in place at once."""
        path = self.path(*parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        mode = os.stat(path).st_mode & 0o7777 if os.path.exists(path) else 0o644
        temporary = f"{path}.{os.getpid()}"
        with open(temporary, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        os.chmod(temporary, mode)
        os.replace(temporary, path)

    def fault(self, name: str) -> str | None:
        """What a test has written into this fault's switch; None when it is off."""
        path = self.path("etc/sandbox/faults", name)
        return self.read("etc/sandbox/faults", name).strip() if os.path.exists(path) else None

    def host_program(self, name: str) -> str | None:
        return next((p for folder in _HOST_PATH if os.access(p := os.path.join(folder, name), os.X_OK)), None)

    def run_host(self, name: str, args: list[str]) -> int:
        """Becomes the host's program of that name."""
        program = self.host_program(name)
        if program is None:
            return fail(f"{name}: command not found", 127)
        sys.stdout.flush()
        os.execv(program, [name, *args])


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def fail(text: str, code: int = 1) -> int:
    sys.stdout.flush()
    sys.stderr.write(text + "\n")
    return code
