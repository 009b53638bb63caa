"""``python -m benchmarks.validity [--quarters 500] [--write]``: print, or write to docs/quality.md."""

from __future__ import annotations

import argparse
import sys
import time
from importlib import metadata
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.tables import origin, put
from benchmarks.validity.coverage import coverage_part, newcombe_coverage, odds_coverage, wilson_coverage
from benchmarks.validity.nothing import null_part, without_effect
from benchmarks.validity.pairs import pairs_part, pairs_without_effect
from benchmarks.validity.planted import planted, planted_like, power_part
from benchmarks.validity.quarters import World, a_quarter
from callmine.outcomes.association import associate

PAGE = Path(__file__).parents[2] / "docs" / "quality.md"


def seconds_for_all(deals: int = 5_000, repeats: int = 3) -> tuple[int, float]:
    """Return how many calls a large quarter has, and the median seconds for all its associations."""
    world = World("large", chatty=0.7, longer=1.5, segments=1.6, sizes=0.2, calls=5.0)
    quarter = a_quarter(world, np.random.default_rng(5), deals)
    associate(quarter.cohort, dict(list(quarter.firsts.items())[:2]))  # imports are not what is timed
    taken = []
    for _ in range(repeats):
        begun = time.perf_counter()
        associate(quarter.cohort, quarter.firsts)
        taken.append(time.perf_counter() - begun)
    return quarter.cohort.calls, median(taken)


def report(quarters: int) -> list[str]:
    """Measure everything and return the page's part."""
    lines = ["## Validity of the win/loss statistics", "", *null_part(without_effect(quarters, say=_say))]
    lines += ["", *pairs_part(pairs_without_effect(quarters))]
    _say("pairs: done")
    lines += ["", *power_part(planted(4 * quarters), planted_like(max(1, quarters // 4)))]
    _say("planted differences: done")
    lines += ["", *coverage_part([*wilson_coverage(), *newcombe_coverage(), *odds_coverage(quarters)])]
    _say("coverage: done")
    calls, seconds = seconds_for_all()
    lines += [
        "",
        f"All associations of 5,000 deals with {calls:,} calls and 80 labels take {seconds:.1f} s,"
        " in one process.",
    ]
    versions = {name: metadata.version(name) for name in ("numpy", "scipy", "statsmodels")}
    return [*lines, *origin(versions, f"python -m benchmarks.validity --quarters {quarters}")]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quarters", type=int, default=500, help="invented quarters of each kind")
    parser.add_argument("--write", action="store_true", help="put the result into docs/quality.md")
    asked = parser.parse_args()
    lines = report(asked.quarters)
    print("\n".join(lines))
    if asked.write:
        put(PAGE, "validity", lines)


if __name__ == "__main__":
    main()
