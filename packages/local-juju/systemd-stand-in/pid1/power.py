"""From boot to halt."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from .processes import end_leftovers, kill
from .service import Service
from .sockets import SocketUnit
from .timers import TimerUnit
from .transaction import TransactionRefused
from .unit import DOWN

if TYPE_CHECKING:
    from .manager import Manager

#: What default.target of a server comes to.
_TARGETS = ("timers.target", "sockets.target", "multi-user.target")
#: Seconds that services may take to stop; what is left then is killed.
_PATIENCE = 10.0


def boot(manager: Manager) -> None:
    """Ends what an earlier supervisor may have left, and starts what is enabled."""
    record = os.path.join(manager.directory, "run/invocations")
    try:
        with open(record, encoding="ascii") as file:
            end_leftovers(set(file.read().split()))
    except FileNotFoundError:
        pass
    with open(record, "w", encoding="ascii"):
        pass
    for name in _TARGETS:
        try:
            manager.jobs.submit(manager.unit(name), "start")
        except TransactionRefused as refusal:
            manager.unit(name).note(str(refusal), 3)


def halt(manager: Manager, then: Callable[[], None]) -> None:
    """Stops all units as a shutdown does, then whatever is left."""
    units = list(manager.units.values())
    for unit in units:
        if isinstance(unit, (SocketUnit, TimerUnit)) and unit.active_state == "active":
            unit.stop()
    services = [unit for unit in units if isinstance(unit, Service)]
    for service in services:
        if service.active_state not in DOWN or service.state == "auto-restart":
            manager.jobs.submit(service, "stop")
    deadline = time.monotonic() + _PATIENCE

    def wait() -> None:
        if any(service.active_state not in DOWN for service in services) and time.monotonic() < deadline:
            manager.loop.call_later(0.02, wait)
        else:
            power_off(manager)
            then()

    wait()


def power_off(manager: Manager) -> None:
    """Ends every process at once."""
    kill(manager.table.all(), signal.SIGKILL)
