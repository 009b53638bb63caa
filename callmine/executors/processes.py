"""Several worker processes on this machine.

Each worker is a :class:`concurrent.futures.ProcessPoolExecutor` of its own, with one process. A pool
breaks as a whole when one of its processes dies and cannot say which job killed it; so built, a death
ends no other call's work, and whose job it was is known. A worker has one job at a time and takes the
next when it is done with that, so a long call holds nobody back.

Too little memory kills whoever holds most, which need not be the one at fault. So a job whose worker
died is tried once more while nothing else runs: when the other jobs are through, or as soon as there
are as many such jobs as workers. If its worker dies again, the job is the culprit.

Native libraries keep memory, some for every call. Each result says what its worker holds, and one that
holds too much leaves before its next job; a fresh one takes its place. The pool's own
``max_tasks_per_child`` counts jobs, and would load the models again for nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
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


class _Crew:
    """The workers of one map, and the jobs they are at."""

    def __init__(self, stage: Stage, worker_mb: int) -> None:
        self._stage = stage
        self._worker_mb = worker_mb
        self._workers: list[ProcessPoolExecutor] = []
        self._idle: list[ProcessPoolExecutor] = []
        self._at_work: dict[Future[Reported], tuple[Job, ProcessPoolExecutor]] = {}

    @property
    def busy(self) -> int:
        """How many workers have a job."""
        return len(self._at_work)

    def give(self, job: Job) -> None:
        """Hand a job to an idle worker, or to a new one."""
        while True:
            worker = self._idle.pop() if self._idle else self._hire()
            try:
                future = worker.submit(_work, job)
            except BrokenProcessPool:  # it died while it had nothing to do
                self._workers.remove(worker)
                continue
            self._at_work[future] = job, worker
            return

    def _hire(self) -> ProcessPoolExecutor:
        worker = ProcessPoolExecutor(1, mp_context=_CONTEXT, initializer=_begin, initargs=(self._stage,))
        self._workers.append(worker)
        return worker

    def take(self, *, block: bool) -> list[tuple[Job, Finished | BaseException]]:
        """Return the jobs that ended, oldest first, each with its result or with what was raised.

        Args:
            block: Whether to wait until one has ended, if any is at work.
        """
        done, _ = wait(self._at_work, timeout=None if block else 0, return_when=FIRST_COMPLETED)
        ended: list[tuple[Job, Finished | BaseException]] = []
        for future in [f for f in self._at_work if f in done]:
            job, worker = self._at_work.pop(future)
            error = future.exception()
            if error is None:
                finished, held = future.result()
                self._keep_or_replace(worker, held)
                ended.append((job, finished))
            else:
                if isinstance(error, BrokenProcessPool):
                    self._workers.remove(worker)
                ended.append((job, error))
        return ended

    def _keep_or_replace(self, worker: ProcessPoolExecutor, held: Held) -> None:
        if has_grown(held, self._worker_mb):
            worker.shutdown()  # its memory has to be free before another takes its place
            self._workers.remove(worker)
        else:
            self._idle.append(worker)

    def leave(self) -> None:
        """Let idle workers leave in order; terminating them would leak their semaphores."""
        if self._idle:
            with ThreadPoolExecutor(len(self._idle)) as side_by_side:
                list(side_by_side.map(ProcessPoolExecutor.shutdown, self._idle))
        self._workers = [worker for worker in self._workers if worker not in self._idle]
        self._idle = []

    def close(self) -> None:
        """Stop every worker at once."""
        processes = [p for worker in self._workers for p in (worker._processes or {}).values()]
        for worker in self._workers:
            worker.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        self._workers = []
        self._idle = []


class ProcessExecutor:
    """Runs jobs in ``jobs`` worker processes (at least 1).

    A worker that holds more than ``worker_mb`` MB (0: more than :func:`has_grown` allows) is
    replaced between jobs.
    """

    name = "processes"

    def __init__(self, jobs: int, *, worker_mb: int = 0) -> None:
        self.jobs = max(1, jobs)
        self.worker_mb = worker_mb
        self._crew: _Crew | None = None

    def map(self, stage: Stage, jobs: Iterable[Job]) -> Iterator[Finished]:
        """Yield a result for each job as it ends.

        At most ``2 * jobs`` jobs are at work or waiting to be handed over, so that memory stays flat.
        """
        crew = self._crew = _Crew(stage, self.worker_mb)
        try:
            yield from self._map(crew, stage, iter(jobs))
            crew.leave()
        finally:
            crew.close()

    def _map(self, crew: _Crew, stage: Stage, queue: Iterator[Job]) -> Iterator[Finished]:
        ended: deque[Finished] = deque()
        suspects: deque[Job] = deque()
        fault: BaseException | None = None
        more = True
        while True:
            for job, end in crew.take(block=not ended):
                if isinstance(end, Finished):
                    ended.append(end)
                elif isinstance(end, BrokenProcessPool):
                    suspects.append(job)
                else:
                    fault = fault or end
            # First the workers, then whoever records: nobody is idle meanwhile.
            while more and fault is None and len(suspects) < self.jobs and self._has_room(crew, len(ended)):
                try:
                    following = next(queue, None)
                except Exception as error:  # noqa: BLE001 - raised below, after the results that are there
                    fault = error
                    break
                if following is None:
                    more = False
                else:
                    crew.give(following)
            if ended:
                yield ended.popleft()
            elif fault is not None:
                raise fault
            elif not crew.busy and suspects:
                yield from self._alone(crew, stage, suspects)
            elif not crew.busy and not more:
                return

    def _has_room(self, crew: _Crew, ended: int) -> bool:
        return crew.busy < self.jobs and crew.busy + ended < 2 * self.jobs

    def _alone(self, crew: _Crew, stage: Stage, suspects: deque[Job]) -> Iterator[Finished]:
        """Try jobs whose worker died once more, one after the other, with all memory to themselves."""
        crew.leave()
        while suspects:
            crew.give(suspects.popleft())
            ((job, end),) = crew.take(block=True)
            if isinstance(end, Finished):
                yield end
            elif isinstance(end, BrokenProcessPool):
                message = f"{job.label}: the worker process died in stage {stage.name}"
                hint = "Often too little memory: try `--jobs 1` or a smaller model."
                yield Finished(job, Failed("WorkerDied", message, hint, retryable=True), 0.0)
            else:
                raise end

    def close(self) -> None:
        """Stop the workers at once; work in flight is lost, nothing that was recorded is."""
        crew, self._crew = self._crew, None
        if crew is not None:
            crew.close()
