"""Objections that come with a competitor: more than in other deals, or may that be chance?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from callmine.outcomes.arrays import Flags, Ints, codes
from callmine.outcomes.bias import Part
from callmine.outcomes.cohort import bands
from callmine.outcomes.strata import Stratified, stratified, tables_of
from callmine.outcomes.verdicts import family_q
from callmine.reports.battlecard_ground import Ground, Read, best_of
from callmine.reports.battlecard_values import Lift, ObjectionBeside
from callmine.reports.quotes import QuoteMaker
from callmine.store.rows import HeardRow, RaisedRow

CALL_BANDS = (2, 3, 5, 8)
"""Numbers of calls at which a new band of deals begins: who is spoken with more, raises more."""

KEPT_INFORMATION = 0.6
"""Finer strata have to keep this much of what the coarsest could tell."""

ORDER = {Lift.MORE: 0, Lift.NOISE: 1, Lift.TOO_FEW: 1, Lift.LESS: 2}
"""What comes with a competitor first; what is heard less beside it last."""


def objections_beside(
    raised: Iterable[RaisedRow],
    beside: Iterable[HeardRow],
    ground: Ground,
    titles: Mapping[str, str],
    read: Read,
    quotes: QuoteMaker,
) -> tuple[ObjectionBeside, ...]:
    """Hold the objections of deals in which a competitor is named against those of all other deals.

    Deals that are spoken with more often, and say more, raise more of everything and name more
    competitors. So deals with as many calls, and about as much said, are compared with each other, and
    all objections are judged together (Benjamini and Hochberg).

    Args:
        raised: What prospects objected, in all calls.
        beside: What they objected in the calls in which the competitor is named.
        ground: The calls, and where the competitor is named.
        titles: Label to what people call it.
        read: Reads findings to quote.
        quotes: Makes the quotes.
    """
    raised_in: dict[str, set[str]] = defaultdict(set)
    for one in raised:
        if deal := ground.talks[one.call_id].deal_id:
            raised_in[one.label].add(deal)
    rows: dict[str, list[HeardRow]] = defaultdict(list)
    for row in beside:
        rows[row.label].append(row)
    units, named, strata = _deals(ground)
    place = {unit: n for n, unit in enumerate(units)}
    tested: dict[str, Stratified] = {}
    found = []
    for label, deals in raised_in.items():
        having = np.zeros(len(units), dtype=bool)
        having[[place[deal] for deal in deals]] = True
        with_it = Part(int((having & named).sum()), int(named.sum()))
        if not with_it.count:
            continue
        without = Part(int((having & ~named).sum()), int((~named).sum()))
        least = ground.settings.min_deals
        if with_it.total >= least and without.total >= least and with_it.count + without.count >= least:
            tested[label] = stratified(tables_of(named, having, strata))
        found.append(
            ObjectionBeside(
                label=label,
                title=titles.get(label, label),
                with_it=with_it,
                without=without,
                same_call=len({row.call_id for row in rows[label]}),
                compared=tested.get(label),
                q=None,
                lift=Lift.TOO_FEW,
            )
        )
    q_of = dict(zip(tested, family_q(list(tested.values())), strict=True))
    judged = [_judged(one, q_of.get(one.label), ground) for one in found]
    judged.sort(key=lambda one: (ORDER[one.lift], -_difference(one), -one.with_it.count, one.title))
    return tuple(
        replace(
            one, quotes=tuple(map(quotes.quote, best_of(rows[one.label], _quotes(one.lift), ground, read)))
        )
        for one in judged[: ground.settings.objections]
    )


def _difference(one: ObjectionBeside) -> float:
    """Return how much larger the share of deals with the competitor is than that of all others."""
    return (one.with_it.share or 0.0) - (one.without.share or 0.0)


def _quotes(lift: Lift) -> int:
    return 2 if lift is Lift.MORE else 1


def _judged(one: ObjectionBeside, q: float | None, ground: Ground) -> ObjectionBeside:
    if q is None or one.compared is None:
        return one
    if q > ground.settings.max_q or not one.compared.excess:
        return replace(one, q=q, lift=Lift.NOISE)
    return replace(one, q=q, lift=Lift.MORE if one.compared.excess > 0 else Lift.LESS)


def _deals(ground: Ground) -> tuple[list[str], Flags, Ints]:
    """Return the deals in which an objection could be heard, whether they name it, and their kinds."""
    calls: dict[str, int] = defaultdict(int)
    words: dict[str, int] = defaultdict(int)
    for call in ground.placed:
        talk = ground.talks[call]
        if talk.deal_id:
            calls[talk.deal_id] += 1
            words[talk.deal_id] += talk.prospect_words
    units = sorted(calls)
    with_them = ground.deals_of(ground.turns)
    named = np.array([unit in with_them for unit in units], dtype=bool)
    number = np.searchsorted(CALL_BANDS, [calls[unit] for unit in units], side="right").astype(np.int64)
    said = bands([words[unit] for unit in units], 3)
    coarse, fine = codes([number], len(units)), codes([number, said], len(units))
    kept = _comparable(named, fine) >= KEPT_INFORMATION * _comparable(named, coarse)
    return units, named, fine if kept else coarse


def _comparable(named: Flags, strata: Ints) -> float:
    """Return how much deals of the same kinds can tell; what is heard in them does not enter."""
    both = np.bincount(strata)
    with_it = np.bincount(strata, weights=named)
    return float((with_it * (both - with_it) / np.maximum(both, 1)).sum())
