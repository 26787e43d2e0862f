"""So many events in such a time, as systemd counts starts and connections."""

from __future__ import annotations

import time


class RateLimit:
    """At most `burst` events in `interval` seconds; no bound where either is 0."""

    def __init__(self, interval: float, burst: int) -> None:
        self.interval = interval
        self.burst = burst
        self._begin = 0.0
        self._count = 0

    def below(self) -> bool:
        """Counts an event; false when it is one too many."""
        if self.interval <= 0 or self.burst <= 0:
            return True
        now = time.monotonic()
        if now - self._begin >= self.interval or self._count == 0:
            self._begin, self._count = now, 0
        self._count += 1
        return self._count <= self.burst

    def reset(self) -> None:
        self._count = 0
