"""Several worker processes on this machine.

Built on :class:`concurrent.futures.ProcessPoolExecutor`. That pool breaks as a whole when one
worker dies and cannot say which job killed it, so the jobs that were in flight are then run one
at a time, each in a pool of its own: the one that kills again is the culprit.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from callmine.executors.base import Finished, execute
from callmine.stage import Failed, Job, Stage

_CONTEXT = multiprocessing.get_context("spawn")  # fork and native threads do not mix

_stage: Stage | None = None
_ready = False


def _begin(stage: Stage) -> None:
    global _stage, _ready
    # Ctrl-C is the parent's business: it stops handing out work and ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _stage, _ready = stage, False


def _end_with_parent() -> None:
    """End this worker when the parent is killed: the pool's pipes would keep it waiting for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _work(job: Job) -> Finished:
    global _ready
    assert _stage is not None
    if not _ready:
        _stage.setup()
        _ready = True
    return execute(_stage, job)


class ProcessExecutor:
    """Runs jobs in ``jobs`` worker processes."""

    name = "processes"

    def __init__(self, jobs: int) -> None:
        """Create an executor with ``jobs`` workers (at least 1)."""
        self.jobs = max(1, jobs)
        self._pool: ProcessPoolExecutor | None = None

    def map(self, stage: Stage, jobs: Iterable[Job]) -> Iterator[Finished]:
        """Yield a result for each job, in order; at most two jobs a worker are in flight."""
        queue = iter(jobs)
        flying: deque[tuple[Job, Future[Finished]]] = deque()
        try:
            self._pool = self._start(stage, self.jobs)
            while True:
                while len(flying) < 2 * self.jobs and (job := next(queue, None)) is not None:
                    flying.append((job, self._submit(stage, job)))
                if not flying:
                    self._end()
                    return
                job, future = flying.popleft()
                try:
                    yield future.result()
                except BrokenProcessPool:
                    suspects = [job, *(j for j, _ in flying)]
                    done = {j.key: f.result() for j, f in flying if _succeeded(f)}
                    flying.clear()
                    for suspect in suspects:
                        yield done.get(suspect.key) or self._alone(stage, suspect)
                    self._pool = self._start(stage, self.jobs)
        finally:
            self.close()

    def _start(self, stage: Stage, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(workers, mp_context=_CONTEXT, initializer=_begin, initargs=(stage,))

    def _submit(self, stage: Stage, job: Job) -> Future[Finished]:
        assert self._pool is not None
        try:
            return self._pool.submit(_work, job)
        except BrokenProcessPool as error:
            broken: Future[Finished] = Future()
            broken.set_exception(error)
            return broken

    def _alone(self, stage: Stage, job: Job) -> Finished:
        with self._start(stage, 1) as pool:
            try:
                return pool.submit(_work, job).result()
            except BrokenProcessPool:
                message = f"{job.label}: the worker process died in stage {stage.name}"
                hint = "Often too little memory: try `--jobs 1` or a smaller model."
                return Finished(job, Failed("WorkerDied", message, hint, retryable=True), 0.0)

    def _end(self) -> None:
        """Let idle workers leave in order; terminating them would leak their semaphores."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True)

    def close(self) -> None:
        """Stop the workers at once; work in flight is lost, nothing that was recorded is."""
        pool, self._pool = self._pool, None
        if pool is not None:
            workers = list((pool._processes or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.terminate()


def _succeeded(future: Future[Finished]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
