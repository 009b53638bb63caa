"""Watch a run of callmine from outside: memory of its processes, and how far it is."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: calls through each stage so far, MB of the parent and of each worker."""

    done: dict[str, int]
    parent_mb: float
    worker_mb: tuple[float, ...]


def watch(workspace: Path, arguments: Sequence[str], log: Path, *, every_s: float = 1.0) -> list[Sample]:
    """Run ``callmine run`` in a workspace and look at it every ``every_s`` seconds (Linux only).

    Raises:
        RuntimeError: The run failed; ``log`` says why.
    """
    command = [sys.executable, "-m", "callmine", "run", "-w", str(workspace), *arguments]
    samples = []
    with log.open("wb") as out:
        run = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        while run.poll() is None:
            samples.append(
                Sample(done(workspace), rss_mb(run.pid), tuple(rss_mb(p) for p in descendants(run.pid)))
            )
            time.sleep(every_s)
    if run.returncode:
        raise RuntimeError(f"callmine run ended with {run.returncode}; see {log}")
    return samples


def done(workspace: Path) -> dict[str, int]:
    """Return how many calls each stage has recorded; nothing while there is no database."""
    database = workspace / "callmine.db"
    if not database.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as db:
            return dict(db.execute("SELECT stage, COUNT(*) FROM stage_runs GROUP BY stage"))
    except sqlite3.OperationalError:
        return {}  # the run is just making its tables


def rss_mb(pid: int) -> float:
    """Return the resident memory of a process in MB; 0 when it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def descendants(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    parents: dict[int, int] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                parents[int(place.name)] = int((place / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def at(samples: Sequence[Sample], stage: str, low: int, high: int) -> tuple[float, float] | None:
    """Return median MB of the parent and of the largest worker while ``low:high`` calls were done."""
    there = [s for s in samples if low <= s.done.get(stage, 0) < high and any(s.worker_mb)]
    if not there:
        return None
    return median(s.parent_mb for s in there), median(max(s.worker_mb) for s in there)
