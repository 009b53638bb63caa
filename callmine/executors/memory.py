"""How much memory this process holds, and when that is too much for a worker."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

_STATM = Path("/proc/self/statm")
_SPARE_MB = 500


@dataclass(frozen=True, slots=True)
class Held:
    """Resident memory of a worker in MB.

    Attributes:
        loaded_mb: After the first job at whose end its models were loaded; ``None`` before that.
        now_mb: Now.
    """

    loaded_mb: int | None
    now_mb: int


def resident_mb() -> int:
    """Return the resident memory of this process in MB; 0 where the system does not tell.

    Linux says what is held now; other Unix systems only the most that ever was, which is good
    enough: a fresh process starts from nothing.
    """
    if _STATM.exists():
        pages = int(_STATM.read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1_000_000 if sys.platform == "darwin" else most * 1024 // 1_000_000


def has_grown(held: Held, limit_mb: int = 0) -> bool:
    """Return whether a worker holds so much that it should be replaced.

    Args:
        held: What it reports.
        limit_mb: The most it may hold; 0 allows half as much again as when its models were
            loaded, and 500 MB more: calls differ in length. Before that, 0 allows everything.
    """
    if limit_mb:
        return held.now_mb > limit_mb
    return held.loaded_mb is not None and held.now_mb > held.loaded_mb * 1.5 + _SPARE_MB
