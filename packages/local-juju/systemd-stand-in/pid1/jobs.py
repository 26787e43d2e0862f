"""Jobs: in which order they run, and how they end."""

from __future__ import annotations

from functools import partial

from .conditions import unmet_condition
from .transaction import Transaction
from .unit import ACTIVE, DOWN, Job, Refused, Unit, UnitManager, Waiter


class Jobs:
    def __init__(self, manager: UnitManager) -> None:
        self._manager = manager
        self._pumping = False

    # Making them

    def submit(self, unit: Unit, kind: str, waiter: Waiter | None = None, alone: bool = False) -> None:
        """Queues `start`, `stop`, `restart`, `try-restart`, `reload` or `reload-or-restart` with all that it pulls in.

        `alone` is the mode ignore-dependencies: with nothing else, and in no order.
        """
        transaction = Transaction(self._manager, alone)
        transaction.add(unit, kind)
        for name, job_kind in transaction.wanted.items():
            self._install(self._manager.unit(name), job_kind)
        if alone and unit.job:
            unit.job.ignores_order = True
        if waiter:
            if unit.job and unit.name in transaction.wanted:
                unit.job.waiters.append(waiter)
            else:
                waiter("done")
        self.pump()

    def _install(self, unit: Unit, kind: str) -> None:
        if kind == "start" and unit.active_state in ACTIVE and not unit.job:
            return
        if kind == "stop" and unit.active_state in DOWN and not unit.job and unit.state != "auto-restart":
            return
        if kind == "restart" and unit.active_state in DOWN:
            kind = "start"
        if unit.job:
            if (unit.job.kind == "stop") == (kind == "stop"):
                return unit.job.merge(kind)
            self.finish(unit.job, "canceled")
        unit.job = Job(unit, kind)
        self._manager.with_jobs.add(unit)

    # Running them

    def pump(self) -> None:
        if self._pumping:
            return
        self._pumping = True
        try:
            progress = True
            while progress:
                progress = False
                for unit in list(self._manager.with_jobs):
                    if unit.job and not unit.job.running and self._may_run(unit.job):
                        self._run(unit.job)
                        progress = True
        finally:
            self._pumping = False

    def _may_run(self, job: Job) -> bool:
        unit = job.unit
        # A start waits for what still comes down, and for the moment of an automatic restart.
        if job.kind == "start" and (unit.active_state == "deactivating" or unit.state == "auto-restart"):
            return False
        if job.kind == "reload" and unit.active_state == "reloading":
            return False
        if job.ignores_order:
            return True
        after, before = set(unit.after()), set(unit.before())
        for other in self._manager.with_jobs:
            if other is unit or other.job is None:
                continue
            is_after = other.name in after or unit.name in other.before()
            is_before = other.name in before or unit.name in other.after()
            # Stops go first; else the order is that of After= and Before=.
            if is_after and job.kind not in ("stop", "restart"):
                return False
            if is_before and other.job.kind in ("stop", "restart"):
                return False
        return True

    def _run(self, job: Job) -> None:
        unit = job.unit
        job.running = True
        try:
            if job.kind == "start":
                if unit.active_state in ACTIVE:
                    return self.finish(job, "done")
                problem = unmet_condition(unit)
                if problem:
                    unit.log(f"{unit.description} was skipped because of an unmet condition check ({problem}).")
                    return self.finish(job, "done")
                unit.name_left_out()
                unit.start()
                self._say_begun(job)
            elif job.kind in ("stop", "restart"):
                if unit.active_state in DOWN and unit.state != "auto-restart":
                    return self._settle(job)
                unit.stop()
                self._say_begun(job)
            else:
                if unit.active_state not in ACTIVE:
                    return self.finish(job, "invalid")
                unit.reload()
                self._say_begun(job)
        except Refused as refusal:
            unit.note(str(refusal), 3)
            if unit.job is job:
                self.finish(job, "failed")
            return
        except Exception as mishap:  # noqa: BLE001 - a job that hangs would hold up all that wait for it
            unit.note(f"the sandbox cannot do this: {mishap!r}", 3)
            if unit.job is job:
                self.finish(job, "failed")
            raise
        self._settle(job)

    def _settle(self, job: Job) -> None:
        """Ends the job when its unit has got where it should be; called at each change of its state."""
        unit, state = job.unit, job.unit.active_state
        if unit.job is not job or not job.running:
            return
        if job.kind == "start":
            if state in ACTIVE:
                self.finish(job, "done")
            elif state in DOWN:
                self.finish(job, "failed" if state == "failed" or unit.result != "success" else "done")
        elif job.kind == "stop":
            if state in DOWN:
                self.finish(job, "done")
        elif job.kind == "restart":
            if state in DOWN:
                self._say(unit, "stop", "done")
                job.kind, job.running = "start", False
                self._manager.loop.call_soon(self.pump)
        elif job.kind == "reload" and state != "reloading":
            failed = state not in ACTIVE or getattr(unit, "reload_result", "success") != "success"
            self.finish(job, "failed" if failed else "done")

    def on_state(self, unit: Unit) -> None:
        if unit.job:
            self._settle(unit.job)
        if self._manager.with_jobs:
            self._manager.loop.call_soon(self.pump)

    def finish(self, job: Job, result: str) -> None:
        unit = job.unit
        if unit.job is not job:
            return
        unit.job = None
        self._manager.with_jobs.discard(unit)
        self._say(unit, job.kind, result)
        if job.kind in ("start", "restart") and result not in ("done", "canceled"):
            for other in self._manager.dependents(unit, ("Requires", "BindsTo", "Requisite")):
                if other.job and other.job.kind == "start" and not other.job.running:
                    other.log(f"Dependency failed for {other.description}.", 4)
                    self.finish(other.job, "dependency")
        self._manager.job_ended(unit)
        # First what waited for this job to end, then who asked for it: they see what both came to.
        self._manager.loop.call_soon(self.pump)
        for waiter in job.waiters:
            self._manager.loop.call_soon(partial(waiter, result))

    @staticmethod
    def _say_begun(job: Job) -> None:
        """`Starting X...` is said of what takes its time only."""
        if job.unit.job is job and job.running:
            word = {"start": "Starting", "reload": "Reloading"}.get(job.kind, "Stopping")
            if job.unit.active_state in ("activating", "deactivating", "reloading"):
                job.unit.log(f"{word} {job.unit.title}...")

    @staticmethod
    def _say(unit: Unit, kind: str, result: str) -> None:
        said = unit.words(kind, result)
        if said:
            unit.log(said.format(unit.title), 6 if result == "done" else 3)
