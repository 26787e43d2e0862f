"""Waits for files, timers and ended children. Callbacks only: units are state machines."""

from __future__ import annotations

import heapq
import os
import select
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable

Callback = Callable[[], None]


class Timer:
    def __init__(self, when: float, callback: Callback) -> None:
        self.when = when
        self.callback: Callback | None = callback

    def cancel(self) -> None:
        self.callback = None

    def __lt__(self, other: Timer) -> bool:
        return self.when < other.when


class Loop:
    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._readers: dict[int, Callback] = {}
        self._writers: dict[int, Callback] = {}
        self._timers: list[Timer] = []
        self._soon: deque[Callback] = deque()
        self._running = False
        self._signals: dict[int, Callback] = {}
        read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        self.add_reader(read, lambda: self._on_signals(read))

    def on_signal(self, number: int, callback: Callback) -> None:
        self._signals[number] = callback
        signal.signal(number, lambda *_: None)

    def _on_signals(self, fd: int) -> None:
        for number in set(os.read(fd, 4096)):
            callback = self._signals.get(number)
            if callback:
                callback()

    def add_reader(self, fd: int, callback: Callback) -> None:
        self._readers[fd] = callback
        self._watch(fd)

    def remove_reader(self, fd: int) -> None:
        if self._readers.pop(fd, None):
            self._watch(fd)

    def add_writer(self, fd: int, callback: Callback) -> None:
        self._writers[fd] = callback
        self._watch(fd)

    def remove_writer(self, fd: int) -> None:
        if self._writers.pop(fd, None):
            self._watch(fd)

    def _watch(self, fd: int) -> None:
        mask = (select.EPOLLIN if fd in self._readers else 0) | (select.EPOLLOUT if fd in self._writers else 0)
        try:
            if mask:
                self._epoll.modify(fd, mask)
            else:
                self._epoll.unregister(fd)
        except FileNotFoundError:
            if mask:
                self._epoll.register(fd, mask)
        except OSError:
            pass  # closed already: the kernel has forgotten it

    def call_later(self, seconds: float, callback: Callback) -> Timer:
        timer = Timer(time.monotonic() + seconds, callback)
        heapq.heappush(self._timers, timer)
        return timer

    def call_soon(self, callback: Callback) -> None:
        self._soon.append(callback)

    def stop(self) -> None:
        self._running = False

    def run(self) -> None:
        self._running = True
        while self._running:
            while self._soon:
                self._guarded(self._soon.popleft())
            for fd, events in self._epoll.poll(self._next_wait()):
                if events & ~select.EPOLLOUT:
                    self._call(self._readers, fd)
                if events & ~select.EPOLLIN:
                    self._call(self._writers, fd)
            now = time.monotonic()
            while self._timers and self._timers[0].when <= now:
                callback = heapq.heappop(self._timers).callback
                if callback:
                    self._guarded(callback)

    def _call(self, table: dict[int, Callback], fd: int) -> None:
        callback = table.get(fd)
        if callback:
            self._guarded(callback)

    @staticmethod
    def _guarded(callback: Callback) -> None:
        """One unit's mishap must not end the machine."""
        try:
            callback()
        except Exception:  # noqa: BLE001
            traceback.print_exc()
            sys.stderr.flush()

    def _next_wait(self) -> float:
        while self._timers and self._timers[0].callback is None:
            heapq.heappop(self._timers)
        if self._soon or not self._running:
            return 0
        return max(0.0, self._timers[0].when - time.monotonic()) if self._timers else -1
