"""Targets, which are there to be reached."""

from __future__ import annotations

from .unit import Unit


class Target(Unit):
    """Every machine has them, also without a file."""

    section = "Target"
    builtin = True
    WORDS = {("start", "done"): "Reached target {}.", ("stop", "done"): "Stopped target {}."}

    @property
    def active_state(self) -> str:
        return "active" if self.state == "active" else "inactive"

    def start(self) -> None:
        self.new_invocation()
        self.set_state("active")

    def stop(self) -> None:
        self.set_state("dead")
