"""The small generated year that tests share, always the same one."""

from __future__ import annotations

from benchmarks.year import make_year
from benchmarks.year.values import Year

SMALL = 200
"""Deals in it."""


def a_small_year() -> Year:
    """Make it anew; it takes some seconds, hence the fixture ``generated``."""
    return make_year(3, deals=SMALL, labels=6)
