"""How often a competitor is named in the calls of a battlecard, by whom, when and where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta

from callmine.domain import Deal, Outcome, Role
from callmine.outcomes.bias import Part
from callmine.reports.battlecard_ground import Ground
from callmine.reports.battlecard_named import Met, Named, Relation
from callmine.reports.tally import RELATION_STRENGTH


def named_of(ground: Ground) -> Named:
    """Count how often the competitor is named, by whom and where."""
    roles: dict[Role, set[str]] = {role: set() for role in Role}
    for row in ground.mentions:
        roles[ground.role(row)].add(row.call_id)
    calls = frozenset(ground.turns)
    days = sorted(ground.days[call] for call in calls)
    deals = ground.deals_of(calls)
    # The last day is one of them.
    from_day = ground.until - timedelta(days=ground.settings.recent_days - 1)
    recent = [row for row in ground.mentions if ground.days[row.call_id] >= from_day]
    return Named(
        mentions=len(ground.mentions),
        calls=len(calls),
        deals=len(deals),
        unlinked_calls=sum(ground.talks[call].deal_id is None for call in calls),
        prospect_calls=len(roles[Role.PROSPECT]),
        rep_calls=len(roles[Role.REP]),
        unknown_calls=len(roles[Role.UNKNOWN] - roles[Role.PROSPECT] - roles[Role.REP]),
        first_day=days[0].isoformat() if days else None,
        last_day=days[-1].isoformat() if days else None,
        days_since=(ground.until - days[-1]).days if days else None,
        recent=len(recent),
        recent_calls=len({row.call_id for row in recent}),
        quarters=_quarters(ground),
        stages=_stages(ground),
        segments=_segments(ground, deals),
        relations=_relations(ground),
    )


def _quarters(ground: Ground) -> tuple[Met, ...]:
    found: dict[str, list[str]] = defaultdict(list)
    for call, day in ground.days.items():
        found[f"{day.year} Q{(day.month + 2) // 3}"].append(call)
    return tuple(Met(name, _part(calls, ground)) for name, calls in sorted(found.items()))


def _stages(ground: Ground) -> tuple[Met, ...]:
    """Return the stages up to the close, those first whose calls are earliest in their deals.

    Calls at a stage that nobody knows are last, where any is known.
    """
    found: dict[str | None, list[str]] = defaultdict(list)
    order: dict[str | None, list[int]] = defaultdict(list)
    number: dict[str, int] = defaultdict(int)
    for call, talk in ground.talks.items():  # by deal and time
        if talk.deal_id and ground.days[call].isoformat() <= _close(ground.deals[talk.deal_id]):
            number[talk.deal_id] += 1
            found[talk.stage or None].append(call)
            order[talk.stage or None].append(number[talk.deal_id])
    if not any(found):
        return ()
    met = [Met(name, _part(calls, ground)) for name, calls in found.items()]
    return tuple(
        sorted(
            met,
            key=lambda one: (one.name is None, sum(order[one.name]) / len(order[one.name]), one.name or ""),
        )
    )


def _close(deal: Deal) -> str:
    """Return the day of a deal's close; of one that is open, a day that no call is after."""
    return deal.close_date if deal.close_date and deal.outcome is not Outcome.OPEN else "9999"


def _segments(ground: Ground, named: Collection[str]) -> tuple[Met, ...]:
    found: dict[str | None, set[str]] = defaultdict(set)
    for deal in ground.deals_of(ground.talks):
        found[ground.deals[deal].segment].add(deal)
    met = [Met(name, Part(len(deals & set(named)), len(deals))) for name, deals in found.items()]
    return tuple(sorted(met, key=lambda one: (-one.named.count, one.name or "~")))


def _part(calls: Sequence[str], ground: Ground) -> Part:
    return Part(sum(call in ground.turns for call in calls), len(calls))


def _relations(ground: Ground) -> tuple[Relation, ...]:
    """Count deals and unlinked calls, each once, under the strongest relation that a prospect tells."""
    best: dict[str, int] = {}
    for row in ground.by(Role.PROSPECT, ground.mentions):
        relation = row.detail.get("relation")
        if relation in RELATION_STRENGTH:
            unit, rank = ground.unit(row.call_id), RELATION_STRENGTH.index(relation)
            best[unit] = min(rank, best.get(unit, rank))
    ranks = list(best.values())
    return tuple(Relation(name, ranks.count(n)) for n, name in enumerate(RELATION_STRENGTH) if n in ranks)
