"""Monotonic timers. systemd.timer(5), without calendar events."""

from __future__ import annotations

from . import values
from .loop import Timer
from .unit import Unit


class TimerUnit(Unit):
    section = "Timer"
    _pending: Timer | None = None

    def configure(self) -> None:
        self.unit_name = self.file.last("Timer", "Unit") or self.name.removesuffix(".timer") + ".service"
        self.spans = {
            key: values.span(value)
            for key in ("OnActiveSec", "OnBootSec", "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec")
            if (value := self.file.last("Timer", key))
        }

    @property
    def active_state(self) -> str:
        return {"dead": "inactive", "failed": "failed"}.get(self.state, "active")

    def start(self) -> None:
        self.new_invocation()
        waits = [self.spans["OnActiveSec"]] if "OnActiveSec" in self.spans else []
        waits += [
            max(0.0, self.spans[key] - self.manager.uptime()) for key in ("OnBootSec", "OnStartupSec") if key in self.spans
        ]
        self._plan(min(waits) if waits else None)

    def _plan(self, wait: float | None) -> None:
        if wait is not None:
            self._pending = self.manager.loop.call_later(wait, self._elapse)
        self.set_state("waiting" if wait is not None else "elapsed")

    def _elapse(self) -> None:
        self._pending = None
        self.set_state("running")
        self.manager.jobs.submit(self.manager.unit(self.unit_name), "start")

    def triggered_by_others(self, other: Unit) -> None:
        again = self.spans.get("OnUnitInactiveSec") or self.spans.get("OnUnitActiveSec")
        if self.state == "running" and other.active_state in ("inactive", "failed") and not other.job:
            if again:
                self._plan(again)
            elif self.transient:
                self.stop()
            else:
                self.set_state("elapsed")

    def stop(self) -> None:
        if self._pending:
            self._pending.cancel()
            self._pending = None
        self.set_state("dead")
