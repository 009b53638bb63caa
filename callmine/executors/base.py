"""The executor protocol, and the one place that catches what a stage raises."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from callmine.errors import CallError, RunError, SkipCall, is_memory
from callmine.stage import Failed, Job, Result, Skipped, Stage


@dataclass(frozen=True, slots=True)
class Finished:
    """A job that ran: its result and the seconds of work it took."""

    job: Job
    result: Result
    seconds: float


@runtime_checkable
class Executor(Protocol):
    """Maps jobs through a stage.

    Every job gets one result, which is yielded as soon as it is there, in whatever order jobs end.
    Jobs are drawn lazily, so that memory does not grow with their number. A worker that dies gives
    its job a retryable ``Failed``; a :class:`~callmine.errors.RunError`, or whatever drawing the next
    job raises, is raised in the parent and ends the map, after the results that were there before it.
    """

    name: str

    def map(self, stage: Stage, jobs: Iterable[Job]) -> Iterator[Finished]:
        """Yield a :class:`Finished` for each job, as it ends."""
        ...

    def close(self) -> None:
        """Stop the workers."""
        ...


def execute(stage: Stage, job: Job) -> Finished:
    """Run one job; the only ``try`` around stage code.

    Raises:
        RunError: No call can be processed; the run must stop.
    """
    started = time.monotonic()
    result: Result
    try:
        result = stage.process(job)
    except SkipCall as skip:
        result = Skipped(skip.reason, skip.message, skip.content, skip.notes)
    except CallError as error:
        result = Failed(
            type(error).__name__,
            error.message,
            error.hint,
            retryable=error.retryable,
            kept=error.kept,
            counts=error.counts,
        )
    except RunError:
        raise
    except Exception as error:  # noqa: BLE001 - the one place: a bug in one call must not end the run
        result = _out_of_memory(stage, job) if is_memory(error) else unexpected(error)
    return Finished(job, result, time.monotonic() - started)


def _out_of_memory(stage: Stage, job: Job) -> Failed:
    return Failed(
        "OutOfMemory",
        f"{job.label}: memory ran out in stage {stage.name}",
        "The next run tries again. If that fails too: fewer workers (`--jobs 1`), a smaller batch_size"
        " under [transcribe], or a smaller model.",
        retryable=True,
    )


def unexpected(error: Exception) -> Failed:
    """Return the failure of a job by an error that nobody expected; while it is handled."""
    return Failed(
        type(error).__name__,
        f"unexpected {type(error).__name__}: {error}",
        "This is a bug in callmine; please report it with the traceback in `callmine status --json`.",
        bug=True,
        trace=traceback.format_exc(),
    )
