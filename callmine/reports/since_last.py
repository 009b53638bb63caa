"""What is different in a week's digest from that of the last week before it with calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from callmine.outcomes.counts import compare_rates, q_values
from callmine.reports.digest_more_values import Moved, Recounted, SinceLast
from callmine.reports.tally import Window, split_units
from callmine.reports.trend_values import WeekCount
from callmine.store.rows import EvidenceRow

Kept = Callable[[str], Mapping[str, Any] | None]
"""Gives the digest of a week as it was kept, as JSON; ``None`` where none was, empty where emptied."""

Rows = Mapping[str, Sequence[EvidenceRow]]


def since_last(
    objections: Rows,
    competitors: Rows,
    window: Window,
    *,
    titles: Callable[[str], str],
    max_q: float,
    kept: Kept,
) -> SinceLast | None:
    """Compare a week with the last one before it that has calls, and that one with what was told of it.

    Args:
        objections: All rows that count, by label.
        competitors: The same of competitors whose speaker is known, by name.
        window: The calls.
        titles: Gives an objection's title.
        max_q: False-discovery rate at which a move is more than chance.
        kept: Gives the digest of that week as it was kept.
    """
    before = next((week for week in reversed(window.weeks[:-1]) if window.weekly[week]), None)
    if before is None or not window.weekly[window.week]:
        return None
    counts = {label: {c.week: c for c in window.counts(rows)} for label, rows in objections.items()}
    pairs = {label: (by_week[window.week], by_week[before]) for label, by_week in counts.items()}
    order = sorted(pairs, key=lambda label: (-max(c.heard for c in pairs[label]), titles(label)))
    named = {name: {window.week_by_call[row.call_id] for row in rows} for name, rows in competitors.items()}
    then = kept(before)
    return SinceLast(
        week=before,
        entered=tuple(titles(one) for one in order if pairs[one][0].heard and not pairs[one][1].heard),
        left=tuple(titles(one) for one in order if pairs[one][1].heard and not pairs[one][0].heard),
        moved=_moved(pairs, order, titles, max_q),
        competitors=tuple(sorted(name for name, weeks in named.items() if weeks == {window.week})),
        recounted=_recounted(then, objections, window, before, titles),
        forgotten=then is not None and not then,
    )


def _moved(
    pairs: Mapping[str, tuple[WeekCount, WeekCount]],
    order: Sequence[str],
    titles: Callable[[str], str],
    max_q: float,
) -> Moved | None:
    """Return the objection whose share changed most, and whether that is more than chance."""

    def change(label: str) -> float:
        now, before = pairs[label]
        return abs(now.heard / now.out_of - before.heard / before.out_of)

    if not order:
        return None
    biggest = max(order, key=change)
    if not change(biggest):
        return None
    compared = {
        label: compare_rates(
            now.heard, now.out_of, earlier_count=before.heard, earlier_exposure=before.out_of
        )
        for label, (now, before) in pairs.items()
    }
    tested = {label: result.p_value for label, result in compared.items() if result}
    adjusted = dict(zip(tested, q_values(list(tested.values())), strict=True))
    now, before = pairs[biggest]
    return Moved(
        label=biggest,
        title=titles(biggest),
        heard=now.heard,
        out_of=now.out_of,
        before=before.heard,
        before_out_of=before.out_of,
        beyond_chance=adjusted.get(biggest, 1.0) <= max_q,
    )


def _recounted(
    kept: Mapping[str, Any] | None,
    objections: Rows,
    window: Window,
    week: str,
    titles: Callable[[str], str],
) -> tuple[Recounted, ...]:
    """Return the numbers of a week's kept digest that are others, counted today; the total first."""
    if kept is None or kept.get("week") != week:
        return ()
    deals, unlinked = split_units(window.weekly[week])
    found = []
    if kept.get("heard_from") != deals + unlinked:
        found.append(Recounted("", int(kept.get("heard_from") or 0), deals + unlinked))
    told = {str(one["label"]): int(one["heard"]) for one in kept.get("objections", ())}
    today = {label: len(window.units(rows, week)) for label, rows in objections.items()}
    changed = [label for label in {**told, **today} if told.get(label, 0) != today.get(label, 0)]
    changed.sort(key=lambda label: (-abs(told.get(label, 0) - today.get(label, 0)), titles(label)))
    return (*found, *(Recounted(titles(one), told.get(one, 0), today.get(one, 0)) for one in changed))
