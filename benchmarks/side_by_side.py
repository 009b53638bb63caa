"""Several recordings at once, a process a core, as ``callmine run`` reads them."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from benchmarks import child

_listen: child.Listen | None = None
_opened = (0.0, 0.0)


def _open_worker(request: child.Json) -> None:
    """Load the tool in a worker process, and let it read the warm-up."""
    global _listen, _opened
    started = time.perf_counter()
    _listen = child.TOOLS[request["tool"]][0](request)
    load = time.perf_counter() - started
    _listen(request["warm_up"])
    _opened = load, time.perf_counter() - started - load


def _ready(barrier: Any) -> None:
    barrier.wait()


def _listen_in_worker(item: child.Json) -> child.Json:
    assert _listen is not None
    started, worked = time.perf_counter(), child.cpu_seconds()
    result = _listen(item)
    load, warm = _opened
    return result | {
        "own_seconds": time.perf_counter() - started,
        "cpu_seconds": child.cpu_seconds() - worked,
        "load_seconds": load,
        "warm_seconds": warm,
        "pid": os.getpid(),
        "worker_mb": child.peak_mb(),
    }


def read_all(request: child.Json, workers: int) -> list[child.Json]:
    """Read all recordings in ``workers`` processes, the longest first; return a line a recording.

    Only the whole has a wall time. Each recording is given its share of it by its length, so that
    the sum is right. What a recording itself took, and its engine, is divided by the processes that
    ran beside each other; the shares hold more: a process that waits for the last one to end.
    """
    items = sorted(request["recordings"], key=lambda item: -float(item["seconds"]))
    context = multiprocessing.get_context("spawn")
    one = request | {"threads": request["threads"] // workers}
    with (
        context.Manager() as manager,
        ProcessPoolExecutor(workers, mp_context=context, initializer=_open_worker, initargs=(one,)) as pool,
    ):
        barrier = manager.Barrier(workers)
        list(pool.map(_ready, [barrier] * workers))  # every worker has loaded
        started = time.perf_counter()
        results = list(pool.map(_listen_in_worker, items))
        took = time.perf_counter() - started
    peaks: dict[int, float] = {}
    for result in results:
        peaks[result["pid"]] = max(peaks.get(result["pid"], 0.0), result["worker_mb"])
    audio = sum(item["seconds"] for item in items)
    lines = {
        item["key"]: result
        | {
            "key": item["key"],
            "seconds": took * item["seconds"] / audio,
            "own_seconds": result["own_seconds"] / workers,
            "engine_seconds": result["engine_seconds"] / workers,
            "peak_mb": sum(peaks.values()),
        }
        for item, result in zip(items, results, strict=True)
    }
    return [lines[item["key"]] for item in request["recordings"]]
