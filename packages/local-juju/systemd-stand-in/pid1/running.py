"""A process of a service, from its fork to its end."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from .command import Command
from .launch import Launched
from .unit import Unit

OnExit = Callable[["Running", str, int], None]


class Running:
    def __init__(self, unit: Unit, command: Command, main: bool, launched: Launched, on_exit: OnExit) -> None:
        self.unit = unit
        self.command = command
        self.main = main
        self.pid = launched.pid
        self._failure_fd = launched.failure_fd
        self._on_exit = on_exit
        self._executed: Callable[[], None] | None = None
        unit.manager.loop.add_reader(self._failure_fd, self._read_failure)

    def _read_failure(self) -> None:
        """Empty: the program runs. Else why it does not, which systemd says before the exit status."""
        if self._failure_fd < 0:
            return
        try:
            data = os.read(self._failure_fd, 4096)
        except BlockingIOError:
            return
        self.unit.manager.loop.remove_reader(self._failure_fd)
        os.close(self._failure_fd)
        self._failure_fd = -1
        if data:
            step, _, reason = data.decode("utf-8", "replace").partition("\t")
            if step == "CHDIR":
                self.unit.note(f"Changing to the requested working directory failed: {reason}", 3)
            elif step == "EXEC":
                verb = "locate executable" if reason == os.strerror(errno.ENOENT) else "execute"
                if verb == "execute" or self.unit.manager.version <= 252:
                    self.unit.note(f"Failed to {verb} {self.command.path}: {reason}", 3)
                else:
                    self.unit.note(f"Unable to locate executable '{self.command.path}': {reason}", 3)
            self.unit.note(f"Failed at step {step} spawning {self.command.path}: {reason}", 3)
        elif self._executed:
            self._executed()

    def when_executed(self, callback: Callable[[], None]) -> None:
        self._executed = callback

    def ended(self, status: int) -> None:
        self._read_failure()
        if os.WIFEXITED(status):
            self._on_exit(self, "exited", os.WEXITSTATUS(status))
        else:
            self._on_exit(self, "dumped" if os.WCOREDUMP(status) else "killed", os.WTERMSIG(status))
