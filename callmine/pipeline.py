"""Check the wiring of stages, run what is pending, report."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from callmine.errors import CallmineError, RunError, StoreError
from callmine.executors.base import Executor, Finished, unexpected
from callmine.executors.serial import SerialExecutor
from callmine.stage import Done, Failed, Job, Result, Skipped, Stage, Tally
from callmine.store import STORED, Store

Pending = Callable[[], Iterator[Job]]
"""Returns the jobs that a stage has to do now."""


class Observer(Protocol):
    """Is told how a run goes, for progress bars and logs."""

    def stage_begins(self, stage: str, jobs: int) -> None:
        """A stage with ``jobs`` pending jobs begins."""
        ...

    def job_ended(self, stage: str, label: str, result: Result, seconds: float) -> None:
        """One job ended and is recorded."""
        ...

    def stage_ended(self, tally: Tally) -> None:
        """A stage is through."""
        ...


class Silent:
    """An observer that says nothing."""

    def stage_begins(self, stage: str, jobs: int) -> None:
        """Say nothing."""

    def job_ended(self, stage: str, label: str, result: Result, seconds: float) -> None:
        """Say nothing."""

    def stage_ended(self, tally: Tally) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """Counts per stage; the exit code derives from it.

    ``left_out`` are the rows and files of the inbox that could not be taken in.
    """

    run_id: str
    tallies: tuple[Tally, ...]
    seconds: float
    left_out: int = 0

    @property
    def failed(self) -> int:
        """Calls that failed in this run."""
        return sum(t.failed for t in self.tallies)

    @property
    def exit_code(self) -> int:
        """0 when all went well, 6 when a call failed or was left out, 1 when a failure was a bug."""
        if any(t.bugs for t in self.tallies):
            return 1
        return 6 if self.failed or self.left_out else 0


_SERIAL = frozenset({"calls", "utterances"})
"""What is made one after the other, so that what is recorded does not depend on which job ended first: a
call is known by the first of its files, and utterances are numbered through. Neither takes long to make."""


def check_wiring(stages: Sequence[Stage]) -> None:
    """Check that the stages fit together, before anything runs.

    What a stage requires must come from a stage before it, or, when a run leaves that stage
    out, from what is stored already.

    Raises:
        RunError: Two stages share a name, a stage requires what no stage ever provides, or it
            runs before the one that provides it.
    """
    stored = frozenset({"sources", "deals"}) | STORED
    names: set[str] = set()
    later = [name for stage in stages for name in stage.provides]
    for stage in stages:
        if stage.name in names:
            raise RunError(f"two stages are called {stage.name}")
        names.add(stage.name)
        for need in sorted(stage.requires):
            if need not in stored:
                raise RunError(f"stage {stage.name} requires {need}, which no stage provides")
            if need in later:
                raise RunError(f"stage {stage.name} requires {need}, which a later stage provides")
        for name in stage.provides:
            later.remove(name)


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Hold the workspace's run lock.

    Raises:
        StoreError: Another run holds it; the message names its process.
    """
    lock = FileLock(folder / ".callmine.lock")
    pid_file = folder / ".callmine.pid"
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StoreError(
            f"another run is at work in {folder}{_pid(pid_file)}",
            hint="Wait for it to end; one run at a time per workspace.",
        ) from error
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error}", hint="Check its permissions.") from error
    try:
        try:
            pid_file.write_text(f"{os.getpid()}\n")
        except OSError as error:
            raise StoreError(
                f"{folder} cannot be written: {error}", hint="Check its permissions."
            ) from error
        yield
    finally:
        pid_file.unlink(missing_ok=True)
        lock.release()


def _pid(file: Path) -> str:
    try:
        pid = file.read_text(errors="replace").strip()
    except OSError:  # the other run is just beginning, or has just ended
        return ""
    return f" (process {pid})" if pid else ""


def run(
    store: Store,
    stages: Sequence[Stage],
    executors: Mapping[str, Executor],
    *,
    observer: Observer | None = None,
    force: Mapping[str, frozenset[str]] | None = None,
    prepare: Mapping[str, Callable[[Pending], None]] | None = None,
    left_out: int = 0,
) -> RunReport:
    """Put everything that is new or changed through every stage.

    Args:
        store: The store; the only thing that is written to.
        stages: In order; see :func:`check_wiring`.
        executors: Stage name to executor; ``"*"`` for the others. Ingest and attribute, whose results are
            recorded in the order of their jobs, need a :class:`~callmine.executors.serial.SerialExecutor`.
        observer: Is told of progress.
        force: Stage name to keys to run although they are up to date (empty set: all).
        prepare: Stage name to what has to happen here, in the parent, before that stage's jobs are
            handed out; it is not called when there are none. It is given a function that returns the jobs
            as they are when it is called: what is fetched may show that most of them were done before.
        left_out: How many rows and files could not be taken in before; part of the report.

    Raises:
        RunError: Something concerns every call. What was recorded before stays recorded.
        ValueError: A stage that needs the serial executor was given another one.
    """
    check_wiring(stages)
    chosen = [executors.get(stage.name) or executors["*"] for stage in stages]
    for stage, executor in zip(stages, chosen, strict=True):
        if stage.provides & _SERIAL and not isinstance(executor, SerialExecutor):
            raise ValueError(f"stage {stage.name} needs the serial executor: its results have an order")
    observer = observer or Silent()
    run_id = store.start_run()
    started = time.monotonic()
    tallies: list[Tally] = []
    code = 1
    try:
        for stage, executor in zip(stages, chosen, strict=True):
            forced = (force or {}).get(stage.name)
            ready = (prepare or {}).get(stage.name)
            tallies.append(_run_stage(store, stage, executor, observer, run_id, forced, ready))
            observer.stage_ended(tallies[-1])
        report = RunReport(run_id, tuple(tallies), time.monotonic() - started, left_out)
        code = report.exit_code
    except KeyboardInterrupt:
        code = 130
        raise
    except CallmineError as error:
        code = error.exit_code
        raise
    finally:
        # Numbers only: the words of a failure may be a call's, and go with its row when the call has to.
        counts = [asdict(replace(tally, failures=())) for tally in tallies]
        store.finish_run(run_id, exit_code=code, counts=counts)
    return report


def _run_stage(
    store: Store,
    stage: Stage,
    executor: Executor,
    observer: Observer,
    run_id: str,
    force: frozenset[str] | None,
    prepare: Callable[[Pending], None] | None,
) -> Tally:
    waiting = _count(store, stage, force)
    if prepare is not None and waiting:
        prepare(lambda: store.pending(stage, force=force))
        waiting = _count(store, stage, force)
    started = time.monotonic()
    observer.stage_begins(stage.name, waiting)
    tally = Tally(stage.name)
    failures: list[tuple[str, str, str]] = []
    for finished in executor.map(stage, store.pending(stage, force=force)):
        job = finished.job
        result = _record(store, stage, finished, run_id)
        match result:
            case Done():
                tally = replace(tally, done=tally.done + 1, counts=_summed(tally.counts, result.counts))
            case Skipped():
                tally = replace(tally, skipped=tally.skipped + 1)
            case Failed():
                failures.append((job.label, result.message, result.hint))
                tally = replace(
                    tally,
                    failed=tally.failed + 1,
                    bugs=tally.bugs + result.bug,
                    counts=_summed(tally.counts, result.counts),
                )
        observer.job_ended(stage.name, job.label, result, finished.seconds)
    # Sorted: how calls happened to end is nothing to tell.
    return replace(tally, failures=tuple(sorted(failures)), seconds=round(time.monotonic() - started, 2))


def _summed(before: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {name: before.get(name, 0) + more.get(name, 0) for name in (*before, *more)}


def _record(store: Store, stage: Stage, finished: Finished, run_id: str) -> Result:
    """Record a result; one that holds what cannot be stored is this job's failure, not the run's."""
    job, seconds = finished.job, finished.seconds
    try:
        return store.record(stage, job, finished.result, run_id=run_id, seconds=seconds)
    except (UnicodeEncodeError, OverflowError) as error:
        return store.record(stage, job, unexpected(error), run_id=run_id, seconds=seconds)


def _count(store: Store, stage: Stage, force: frozenset[str] | None) -> int:
    return sum(1 for _ in store.pending(stage, force=force, payloads=False))


def plan(
    store: Store, stages: Sequence[Stage], *, force: Mapping[str, frozenset[str]] | None = None
) -> dict[str, list[Job]]:
    """Return what a run with ``force`` would do now, per stage, without payloads.

    Later stages only show what is already waiting for them: what earlier stages will hand on
    is not known yet.
    """
    check_wiring(stages)
    forced = force or {}
    return {s.name: list(store.pending(s, force=forced.get(s.name), payloads=False)) for s in stages}
