"""Which conversion points are in jeopardy: deals that go on from a stage, now and before."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from callmine.outcomes.counts import q_values
from callmine.outcomes.entries import Entry, by_period, entries_of, sorted_out
from callmine.outcomes.judging import further_cases, judge_interval
from callmine.outcomes.rates import Difference, Rate, difference, rate
from callmine.outcomes.stages import Path, stage_order
from callmine.outcomes.verdicts import Verdict

SETTLED_SHARE = 0.9
"""Of the deals that go on from a stage, so many do within the settled time."""

Heard = Mapping[tuple[int, str], frozenset[str]]
"""What was heard while a deal was in a stage, by the deal's number and the stage.

A deal without a call in that stage has no entry; one whose calls there have nothing has an empty one.
"""


@dataclass(frozen=True, slots=True)
class Entries:
    """The deals that entered a stage in one period.

    Attributes:
        period: Its name.
        entered: Deals that entered the stage for the first time.
        moved: Those that went on within the settled time, out of those that have had that time.
        open: Deals that have not had that time yet, and are not counted in ``moved``.
    """

    period: str
    entered: int
    moved: Rate
    open: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Something heard in a stage now more, or less, often than before.

    Attributes:
        label: What was heard.
        now: Deals that heard it in that stage, out of those with a call in it.
        before: The same in the periods before.
        change: The first less the second.
        q: False-discovery rate among all labels in all flagged stages.
        beyond_chance: Whether it moved beyond chance.
    """

    label: str
    now: Rate
    before: Rate
    change: Difference
    q: float
    beyond_chance: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One conversion point: from a stage to any later one, or to a won deal.

    Attributes:
        stage: The stage that is left.
        settled_days: Days within which a deal has to go on; ``None`` where none ever did.
        periods: Oldest first.
        now: Deals that went on, in the period in question.
        before: In the periods before it, together.
        change: The first less the second; ``None`` when one is empty.
        q: False-discovery rate of the change among all stages tested; ``None`` when not tested.
        verdict: ``LOSSES`` when fewer go on beyond chance, ``WINS`` when more do.
        needed: Further deals, now and before, that would show the smallest change that matters; ``None``
            when no number can be given.
        heard: For a stage whose rate changed beyond chance, what was heard there now and before; the least
            likely by chance first.
    """

    stage: str
    settled_days: int | None
    periods: tuple[Entries, ...]
    now: Rate
    before: Rate
    change: Difference | None
    q: float | None
    verdict: Verdict
    needed: int | None
    heard: tuple[Moved, ...] = ()

    @property
    def in_jeopardy(self) -> bool:
        """Whether fewer deals go on than before, beyond chance."""
        return self.verdict is Verdict.LOSSES


def conversions(
    paths: Sequence[Path],
    periods: Sequence[tuple[str, int]],
    *,
    today: int,
    order: Sequence[str] | None = None,
    settled_days: int | None = None,
    heard: Heard | None = None,
    min_deals: int = 5,
    smallest_effect: float = 0.10,
    max_q: float = 0.05,
) -> tuple[Step, ...]:
    """Return how many deals go on from each stage, and where that changed beyond chance.

    A deal counts once it has had the settled time since it entered the stage: as gone on, if
    it was in a later stage or won within that time, and else as not. Deals that entered later do not
    count, whatever became of them: counting those that have already left would count the quick ones
    only, and the newest period would always look different. The settled time of a stage is that
    within which nine of ten deals that go on do so, over all periods alike. Going back is no progress,
    a stage that was skipped was not entered, and only the first time in a stage counts.

    The last period is held against all the others together: exact mid-p of the hypergeometric law,
    Benjamini and Hochberg's rate (JRSS B 57, 1995) over the stages. What was heard is compared for
    flagged stages only, over the same deals; that it moved at the same time makes it no cause.

    Args:
        paths: One per deal.
        periods: Names and first days, oldest first; the last one is the one in question. Each ends
            where the next begins, the last one today.
        today: Up to which day the paths are known.
        order: The stages, first to last; inferred by :func:`stage_order` if not given. Others are
            ignored.
        settled_days: The settled time of all stages, instead of each one's own.
        heard: What was heard in which stage of which deal.
        min_deals: Deals that have to count, now and before, for a test.
        smallest_effect: Smallest change that matters, up to 0.5.
        max_q: False-discovery rate up to which a change counts as found.

    Returns:
        One step per stage, in their order.

    Raises:
        ValueError: There is no period, or they are not in order.
    """
    starts = [first for _, first in periods]
    if not starts or starts != sorted(set(starts)) or starts[-1] > today:
        raise ValueError("periods are needed, oldest first, none that begins after today")
    stages = tuple(order) if order is not None else stage_order(paths)
    steps: list[Step] = []
    counted: dict[str, tuple[list[int], list[int]]] = {}
    for stage in stages:
        entries = [entry for entry in entries_of(paths, stages, stage) if starts[0] <= entry.day <= today]
        settled = settled_days if settled_days is not None else _settled(entries)
        step, deals = _step(stage, entries, periods, today, settled)
        counted[stage] = deals
        steps.append(step)
    tested = {
        step.stage: step.change.p_value
        for step in steps
        if step.change is not None and min(step.now.total, step.before.total) >= min_deals
    }
    q = dict(zip(tested, q_values(list(tested.values())), strict=True))
    judged = [_judged(step, q.get(step.stage), smallest_effect, max_q) for step in steps]
    return _with_heard(judged, counted, heard or {}, max_q)


def _settled(entries: Sequence[Entry]) -> int | None:
    """Return the days within which nine of ten deals that go on do so."""
    took = sorted(entry.moved_after for entry in entries if entry.moved_after is not None)
    return took[math.ceil(SETTLED_SHARE * len(took)) - 1] if took else None


def _step(
    stage: str,
    entries: Sequence[Entry],
    periods: Sequence[tuple[str, int]],
    today: int,
    settled: int | None,
) -> tuple[Step, tuple[list[int], list[int]]]:
    """Return a stage's rates, and which deals count now and before."""
    rows: list[Entries] = []
    counted: list[list[int]] = []
    for name, inside in by_period(entries, periods, today):
        moved, stayed, waiting = sorted_out(inside, settled, today)
        rows.append(Entries(name, len(inside), rate(len(moved), len(moved) + len(stayed)), len(waiting)))
        counted.append(sorted(entry.deal for entry in (*moved, *stayed)))
    now = rows[-1].moved
    before = rate(sum(row.moved.successes for row in rows[:-1]), sum(row.moved.total for row in rows[:-1]))
    change = difference(now.successes, now.total, before.successes, before.total)
    step = Step(stage, settled, tuple(rows), now, before, change, None, Verdict.NOT_ENOUGH, None)
    return step, (counted[-1], [deal for deals in counted[:-1] for deal in deals])


def _judged(step: Step, q: float | None, smallest_effect: float, max_q: float) -> Step:
    change = step.change
    verdict = judge_interval(
        change.value if change else 0.0,
        (change.low, change.high) if change else None,
        q=q,
        smallest_effect=smallest_effect,
        max_q=max_q,
    )
    needed = further_cases(
        step.before.value, smallest_effect, first=step.now.total, second=step.before.total
    )
    return replace(step, q=q, verdict=verdict, needed=needed)


def _with_heard(
    steps: Sequence[Step], counted: Mapping[str, tuple[list[int], list[int]]], heard: Heard, max_q: float
) -> tuple[Step, ...]:
    """Add to each flagged stage what was heard there now and before."""
    found: list[tuple[str, str, Rate, Rate, Difference]] = []
    for step in steps:
        if step.verdict not in (Verdict.LOSSES, Verdict.WINS):
            continue
        now, before = (
            [heard[deal, step.stage] for deal in deals if (deal, step.stage) in heard]
            for deals in counted[step.stage]
        )
        for label in sorted(frozenset().union(*now, *before)):
            rates = [rate(sum(label in labels for labels in group), len(group)) for group in (now, before)]
            change = difference(rates[0].successes, rates[0].total, rates[1].successes, rates[1].total)
            if change is not None:
                found.append((step.stage, label, rates[0], rates[1], change))
    q = q_values([row[4].p_value for row in found])
    moved: dict[str, list[Moved]] = {}
    for (stage, label, now_rate, before_rate, change), rate_of_false in zip(found, q, strict=True):
        row = Moved(label, now_rate, before_rate, change, rate_of_false, rate_of_false <= max_q)
        moved.setdefault(stage, []).append(row)
    return tuple(
        replace(
            step,
            heard=tuple(sorted(moved.get(step.stage, ()), key=lambda row: (row.change.p_value, row.label))),
        )
        for step in steps
    )
