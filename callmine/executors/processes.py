"""Several worker processes on this machine.

Built on :class:`concurrent.futures.ProcessPoolExecutor`. That pool breaks as a whole when one
worker dies and cannot say which job killed it, so the jobs that were in flight are then run one
at a time, each in a pool of its own: the one that kills again is the culprit.

Native libraries keep memory, some for every call. Each result says what its worker holds, and when
one holds too much, nothing more is handed out until what is in flight has ended, and a fresh pool
goes on. The pool's own ``max_tasks_per_child`` counts jobs, and would load the models again for
nothing; a worker that left by itself would break the pool. The wait costs at most the longest job
in flight, once per replacement.
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
from callmine.executors.memory import Held, has_grown, resident_mb
from callmine.stage import Failed, Job, Stage

_CONTEXT = multiprocessing.get_context("spawn")  # fork and native threads do not mix

_stage: Stage | None = None
_ready = False
_loaded_mb: int | None = None

Reported = tuple[Finished, Held]


def _begin(stage: Stage) -> None:
    global _stage, _ready, _loaded_mb
    # Ctrl-C is the parent's business: it stops handing out work and ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _stage, _ready, _loaded_mb = stage, False, None


def _end_with_parent() -> None:
    """End this worker when the parent is killed: the pool's pipes would keep it waiting for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _work(job: Job) -> Reported:
    global _ready, _loaded_mb
    assert _stage is not None
    if not _ready:
        _stage.setup()
        _ready = True
    finished = execute(_stage, job)
    now = resident_mb()
    # A stage that says nothing of it has its models since setup().
    if _loaded_mb is None and getattr(_stage, "loaded", True):
        _loaded_mb = now
    return finished, Held(_loaded_mb, now)


class ProcessExecutor:
    """Runs jobs in ``jobs`` worker processes (at least 1).

    A worker that holds more than ``worker_mb`` MB (0: more than :func:`has_grown` allows) is
    replaced between jobs.
    """

    name = "processes"

    def __init__(self, jobs: int, *, worker_mb: int = 0) -> None:
        self.jobs = max(1, jobs)
        self.worker_mb = worker_mb
        self._pool: ProcessPoolExecutor | None = None

    def map(self, stage: Stage, jobs: Iterable[Job]) -> Iterator[Finished]:
        """Yield a result for each job, in order; at most two jobs a worker are in flight."""
        queue = iter(jobs)
        flying: deque[tuple[Job, Future[Reported]]] = deque()
        try:
            self._pool = self._start(stage, self.jobs)
            grown = False
            while True:
                while not grown and len(flying) < 2 * self.jobs and (job := next(queue, None)) is not None:
                    flying.append((job, self._submit(stage, job)))
                if not flying:
                    self._end()
                    if not grown:
                        return
                    self._pool, grown = self._start(stage, self.jobs), False
                    continue
                job, future = flying.popleft()
                try:
                    finished, held = future.result()
                    grown = grown or has_grown(held, self.worker_mb)
                    yield finished
                except BrokenProcessPool:
                    suspects = [job, *(j for j, _ in flying)]
                    done = {j.key: f.result()[0] for j, f in flying if _succeeded(f)}
                    flying.clear()
                    for suspect in suspects:
                        yield done.get(suspect.key) or self._alone(stage, suspect)
                    self._pool, grown = self._start(stage, self.jobs), False
        finally:
            self.close()

    def _start(self, stage: Stage, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(workers, mp_context=_CONTEXT, initializer=_begin, initargs=(stage,))

    def _submit(self, stage: Stage, job: Job) -> Future[Reported]:
        assert self._pool is not None
        try:
            return self._pool.submit(_work, job)
        except BrokenProcessPool as error:
            broken: Future[Reported] = Future()
            broken.set_exception(error)
            return broken

    def _alone(self, stage: Stage, job: Job) -> Finished:
        with self._start(stage, 1) as pool:
            try:
                return pool.submit(_work, job).result()[0]
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


def _succeeded(future: Future[Reported]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
