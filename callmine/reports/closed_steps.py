"""Conversion between stages: what the CRM's history says of every deal, closed or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from callmine.domain import Deal, Outcome
from callmine.outcomes.conversion import Step, conversions
from callmine.outcomes.entries import deals_behind
from callmine.outcomes.stages import Path
from callmine.reports.closed_views import ordinal_of
from callmine.reports.outcome_values import OutcomeSettings, StepDeals
from callmine.store.deal_queries import StageRow

KNOWN_SOON = 31
"""Days after its creation within which a deal's first known stage is taken for the one it began in."""

PERIODS = 4
"""Quarters that are looked at, the last one included."""


def steps_of(
    deals: Iterable[Deal],
    history: Iterable[StageRow],
    settings: OutcomeSettings,
    *,
    until: date,
    heard: Mapping[tuple[str, str], frozenset[str]],
) -> tuple[Step, ...]:
    """Say which conversion points are in jeopardy in the last quarter, against those before.

    Args:
        deals: All deals that are not gone or excluded, open ones too.
        history: Their states over time.
        settings: What is enough.
        until: Last day that is looked at; its quarter is the one in question.
        heard: What was heard by deal and stage, where the deal had a call in that stage.
    """
    ids, paths = paths_of(deals, history, until=until)
    if not paths:
        return ()
    number = {deal_id: n for n, deal_id in enumerate(ids)}
    return conversions(
        paths,
        quarters(until),
        today=until.toordinal(),
        heard={(number[deal], stage): said for (deal, stage), said in heard.items() if deal in number},
        min_deals=settings.min_deals,
        smallest_effect=settings.smallest_effect,
        max_q=settings.max_q,
    )


def paths_of(
    deals: Iterable[Deal], history: Iterable[StageRow], *, until: date
) -> tuple[list[str], list[Path]]:
    """Return the ways of deals through the stages, and whose they are; those of which nothing is known not.

    Args:
        deals: See :func:`steps_of`.
        history: The same.
        until: The same.
    """
    known = sorted((d for d in deals if d.outcome is not Outcome.EXCLUDED), key=lambda d: d.deal_id)
    final = {deal.stage for deal in known if deal.outcome is not Outcome.OPEN}
    ends = final - {deal.stage for deal in known if deal.outcome is Outcome.OPEN}
    states: dict[str, list[StageRow]] = defaultdict(list)
    for row in history:
        states[row.deal_id].append(row)
    paths, ids = [], []
    for deal in known:
        path = _path(deal, states[deal.deal_id], {name for name in ends if name}, until)
        if path is not None:
            paths.append(path)
            ids.append(deal.deal_id)
    return ids, paths


def behind_steps(
    deals: Sequence[Deal], history: Sequence[StageRow], steps: Sequence[Step], *, until: date
) -> tuple[tuple[StepDeals, ...], dict[str, str]]:
    """Return the deals behind each number of :func:`steps_of`, and the last stage that each was in.

    Args:
        deals: Those that it was given.
        history: The same.
        steps: What it returned.
        until: Last day that is looked at.
    """
    ids, paths = paths_of(deals, history, until=until)
    # The close date of an open deal is somebody's hope: those come last.
    closes = {d.deal_id: (d.outcome is not Outcome.OPEN, d.close_date or "") for d in deals}

    def named(numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(sorted((ids[n] for n in numbers), key=lambda one: (closes[one], one), reverse=True))

    settled = {step.stage: step.settled_days for step in steps}
    found = deals_behind(paths, settled, quarters(until), today=until.toordinal())
    reached = {deal_id: path.entered[-1][0] for deal_id, path in zip(ids, paths, strict=True)}
    return tuple(
        StepDeals(one.stage, one.period, named(one.went_on), named(one.stayed), named(one.under_way))
        for one in found
    ), reached


def quarters(until: date) -> tuple[tuple[str, int], ...]:
    """Return the quarter of a day and those before it, oldest first: name and first day."""
    count = until.year * 4 + (until.month - 1) // 3
    found = []
    for back in range(PERIODS - 1, -1, -1):
        year, quarter = divmod(count - back, 4)
        found.append((f"{year}-Q{quarter + 1}", date(year, 3 * quarter + 1, 1).toordinal()))
    return tuple(found)


def _path(deal: Deal, states: Sequence[StageRow], ends: set[str], until: date) -> Path | None:
    """Return the way of a deal; ``None`` where nothing is known of it.

    The first state that an import tells may be old: it is the stage the deal began in only where the
    deal was young then.
    """
    entered: list[tuple[str, int]] = []
    for n, state in enumerate(states):
        if state.stage is None or state.stage in ends or state.is_gone:
            continue
        day = ordinal_of(state.since)
        if n == 0 and deal.created_at is not None:
            began = date.fromisoformat(deal.created_at).toordinal()
            if day - began > KNOWN_SOON:
                continue
            day = min(day, began)
        elif n == 0:
            continue
        if entered and entered[-1][0] == state.stage:
            continue
        if day <= until.toordinal():
            entered.append((state.stage, day))
    if not entered:
        return None
    closed = None
    if deal.outcome is not Outcome.OPEN and deal.close_date is not None:
        closed = date.fromisoformat(deal.close_date).toordinal()
    if closed is None or closed > until.toordinal():
        return Path(tuple(entered))
    kept = tuple((stage, day) for stage, day in entered if day <= closed)
    return Path(kept, won=deal.outcome is Outcome.WON, closed=closed) if kept else None
