"""Which deals entered a stage, when, and whether they went on from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callmine.outcomes.stages import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """A deal's first time in a stage.

    Attributes:
        deal: Its place in the paths.
        day: On which it entered.
        moved_after: Days after which it went on; ``None`` where it never did.
    """

    deal: int
    day: int
    moved_after: int | None


@dataclass(frozen=True, slots=True)
class Behind:
    """The deals behind one number: those that entered a stage in one period, by their place in ``paths``.

    Attributes:
        stage: The stage.
        period: Name of the period.
        went_on: Deals that went on within the settled time.
        stayed: Those that had that time and did not.
        under_way: Those that have not had it yet.
    """

    stage: str
    period: str
    went_on: tuple[int, ...]
    stayed: tuple[int, ...]
    under_way: tuple[int, ...]


def entries_of(paths: Sequence[Path], stages: Sequence[str], stage: str) -> list[Entry]:
    """Return each deal's first time in a stage, and after how many days it went on."""
    later = set(stages[stages.index(stage) + 1 :])
    entries = []
    for deal, path in enumerate(paths):
        day = next((day for name, day in path.entered if name == stage), None)
        if day is None:
            continue
        onward = [then for name, then in path.entered if name in later and then >= day]
        if path.won and path.closed is not None:
            onward.append(path.closed)
        entries.append(Entry(deal, day, min(onward) - day if onward else None))
    return entries


def by_period(
    entries: Sequence[Entry], periods: Sequence[tuple[str, int]], today: int
) -> list[tuple[str, list[Entry]]]:
    """Return the entries of each period, by its name."""
    ends = [first for _, first in periods[1:]] + [today + 1]
    return [
        (name, [entry for entry in entries if first <= entry.day < end])
        for (name, first), end in zip(periods, ends, strict=True)
    ]


def sorted_out(
    entries: Sequence[Entry], settled: int | None, today: int
) -> tuple[list[Entry], list[Entry], list[Entry]]:
    """Return the entries that went on within the settled time, that did not, and that may still."""
    moved: list[Entry] = []
    stayed: list[Entry] = []
    waiting: list[Entry] = []
    for entry in entries:
        if settled is None or entry.day + settled > today:
            waiting.append(entry)
        elif entry.moved_after is not None and entry.moved_after <= settled:
            moved.append(entry)
        else:
            stayed.append(entry)
    return moved, stayed, waiting


def deals_behind(
    paths: Sequence[Path],
    settled: Mapping[str, int | None],
    periods: Sequence[tuple[str, int]],
    *,
    today: int,
) -> tuple[Behind, ...]:
    """Return the deals behind each number of :func:`callmine.outcomes.conversion.conversions`.

    Args:
        paths: Those that it was given.
        settled: Each stage's settled time as it found it, all stages in their order.
        periods: As it was given them.
        today: The same.

    Returns:
        One per stage and period, in their order.
    """
    found = []
    for stage, days in settled.items():
        entries = entries_of(paths, tuple(settled), stage)
        for name, inside in by_period(entries, periods, today):
            moved, stayed, waiting = (
                tuple(entry.deal for entry in some) for some in sorted_out(inside, days, today)
            )
            found.append(Behind(stage, name, moved, stayed, waiting))
    return tuple(found)
