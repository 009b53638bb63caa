"""Deals: what is true of them, how they end, and how they come there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.year import crm_habits, effects, words
from benchmarks.year.chance import Chance, short_id
from benchmarks.year.values import LAST_DAY, STAGES, Account, Rep, TrueDeal

DURATIONS = {"Discovery": 9.0, "Demo": 12.0, "Evaluation": 22.0, "Proposal": 12.0, "Negotiation": 11.0}
"""Median days in each stage, of a mid-market deal."""

SLOWNESS = {"SMB": 0.7, "mid-market": 1.0, "enterprise": 1.5}
AT_ONCE = 0.1
"""How often an account's next deal begins beside the last one, with people of its own or the same."""

AMOUNTS = {"SMB": 9_000.0, "mid-market": 38_000.0, "enterprise": 145_000.0}
_FIRST = date(2024, 12, 1)
_SPAN = (date(2025, 12, 18) - _FIRST).days


@dataclass(frozen=True, slots=True)
class _Plan:
    """When a deal begins, and of what kind it is."""

    account: Account
    begins: date
    kind: str
    owner: int


def make_deals(
    draw: Chance, habits: Chance, accounts: Sequence[Account], reps: Sequence[Rep], count: int
) -> tuple[TrueDeal, ...]:
    """Return ``count`` deals, duplicates, tests and disqualified ones included.

    Args:
        draw: For what is true.
        habits: For what the CRM makes of it.
        accounts: Those that are asked first, one for each deal at least. A third of them comes to two
            deals or three: a renewal, another try after a loss, or two at once.
        reps: Who sells.
        count: How many.
    """
    found: list[TrueDeal] = []
    for account in accounts:
        plan: _Plan | None = _Plan(
            account, _FIRST + timedelta(days=draw.below(_SPAN)), "new business", account.owner
        )
        more = draw.weighted((0, 1, 2), (0.4, 0.42, 0.18))
        while plan is not None:
            if len(found) >= count:
                return tuple(found)
            deal = _deal(draw, habits, plan, reps[plan.owner], len(found))
            found.append(deal)
            if len(found) < count and habits.hit(0.02):
                found.append(crm_habits.duplicate(habits, deal, len(found), account))
            plan, more = (_next(draw, plan, deal) if more else None), more - 1
    raise ValueError(f"{len(accounts)} companies are too few for {count} deals")


def _next(draw: Chance, plan: _Plan, deal: TrueDeal) -> _Plan | None:
    """Return the account's next deal: beside the last one, or after its close, if still within the year."""
    owner = plan.account.owner if draw.hit(0.85) else draw.below(25)
    if draw.hit(AT_ONCE):
        begins, kind = plan.begins + timedelta(days=draw.between(0, 25)), "expansion"
    elif deal.closed is None or deal.outcome == "excluded":
        return None
    elif deal.outcome == "won":
        begins = deal.closed + timedelta(days=draw.between(45, 220))
        kind = draw.pick(("renewal", "expansion"))
    else:
        begins, kind = deal.closed + timedelta(days=draw.between(30, 200)), "new business"
    return _Plan(plan.account, begins, kind, owner) if begins < _FIRST + timedelta(days=_SPAN) else None


def _deal(draw: Chance, habits: Chance, plan: _Plan, rep: Rep, number: int) -> TrueDeal:
    account, segment = plan.account, plan.account.segment
    source = draw.weighted(words.LEAD_SOURCES, words.LEAD_WEIGHTS)
    inquired, first = _beginning(draw, plan, source)
    dose = math.log2(1 + (first - inquired).days) if inquired else 0.0
    lag = -draw.between(0, 6) if draw.hit(0.65) else draw.between(1, 30 if draw.hit(0.12) else 12)
    created = min(max(first + timedelta(days=lag), inquired or date.min), LAST_DAY)
    days = [_days(draw, stage, segment) for stage in STAGES]
    days[0] = max(days[0], (first - created).days + 1)
    demo_ends = created + timedelta(days=days[0] + days[1])
    traits = _traits(draw, segment, source, q4=demo_ends.year == 2025 and demo_ends.month >= 10)
    odds = effects.log_odds(traits, segment=segment, dose=dose, skill=rep.skill)
    chance = 1 / (1 + math.exp(-odds))
    path, won = _path(draw, created, days, won=draw.hit(chance), q4=effects.Q4_DEMO in traits)
    rival = next((t.partition(":")[2] for t in sorted(traits) if t.startswith("competitor:")), "")
    outcome = "open" if won is None else "won" if won else _why_lost(draw, rival)
    closed = path[-1][1] if won is not None else None
    amount = round(draw.lognormal(AMOUNTS[segment], 0.5), -2)
    return crm_habits.enter(
        habits,
        TrueDeal(
            number=number,
            deal_id=short_id("0067S0000", number),
            hubspot_id=str(34_000_000_000 + number * 7_717),
            name=f"{account.short} - {plan.kind}",
            account=account.number,
            crm_account=account.crm_names[0],
            owner=plan.owner,
            segment=segment,
            amount=amount,
            first_amount=round(amount * (0.75 + 0.6 * draw.real()), -2),
            currency=words.CURRENCIES.get(account.country, "EUR"),
            lead_source=source,
            kind=plan.kind,
            copy_of=None,
            inquired=inquired,
            first_contact=first,
            created=created,
            expected=created + timedelta(days=90),
            path=path,
            crm_path=path,
            outcome=outcome,
            closed=closed,
            vanished=None,
            loss_reason="",
            crm_competitor="",
            crm_emails=(),
            group=_group(draw, len(account.contacts)),
            rival=rival,
            chance=chance,
            traits=traits,
            dose=dose,
        ),
        account,
    )


def _group(draw: Chance, contacts: int) -> tuple[int, ...]:
    """Return who of a company's people buys, the one who wants it first."""
    wanted = min(draw.between(1, 4), contacts)
    found: dict[int, None] = {}
    while len(found) < wanted:
        found[draw.below(contacts)] = None
    return tuple(found)


def _beginning(draw: Chance, plan: _Plan, source: str) -> tuple[date | None, date]:
    """Return the day of the inquiry, where there was one, and of the first talk."""
    if source in ("Outbound", "Partner") or plan.kind == "renewal":
        return None, plan.begins
    wait = min(int(draw.lognormal(4.0, 1.0)), 60)
    return plan.begins, plan.begins + timedelta(days=wait)


def _days(draw: Chance, stage: str, segment: str) -> int:
    stuck = 4.0 if draw.hit(0.05) else 1.0
    return max(2, round(draw.lognormal(DURATIONS[stage] * SLOWNESS[segment], 0.5) * stuck))


def _traits(draw: Chance, segment: str, source: str, *, q4: bool) -> frozenset[str]:
    """Draw what is true of a deal, before its outcome and without a look at it."""
    found = {f"segment:{segment}", f"source:{source}"}
    chatty = draw.hit(0.25)
    boost = effects.CHATTY_SAYS if chatty else 1.0
    if chatty:
        found.add("chatty")
    if q4:
        found.add(effects.Q4_DEMO)

    def says(share: float) -> bool:
        return draw.hit(effects.more_often(share, boost))

    shares = {
        null.label: null.share for null in effects.NULLS if null.trap in ("plain", "segment", "period")
    }
    shares["security"] = next(e.share for e in effects.EFFECTS if e.name == "security")
    if segment != "SMB":
        shares["no_need"] = effects.NO_NEED_ELSEWHERE
    if q4:
        shares["implementation"] = effects.IMPLEMENTATION_Q4
    found.update(f"objection:{label}" for label, share in sorted(shares.items()) if says(share))
    if "objection:price" in found:
        kind = draw.weighted(
            ("evidence", "discount", "reframing", "question", "deferral"), (0.35, 0.35, 0.12, 0.1, 0.08)
        )
        found.add(f"answer:{kind}")
    spoken = draw.weighted(("A", "B", "AB", ""), (0.3, 0.3, 0.1, 0.3))
    found.update(
        {f"message:{m}" for k, m in (("A", effects.MESSAGE_A), ("B", effects.MESSAGE_B)) if k in spoken}
    )
    found.update(f"message:{message}" for message in effects.OTHER_MESSAGES if draw.hit(0.25))
    rest = 1 - sum(effects.RIVALS.values())
    if rival := draw.weighted((*effects.RIVALS, ""), (*effects.RIVALS.values(), rest)):
        found.add(f"competitor:{rival}")
    if says(next(e.share for e in effects.EFFECTS if e.name == "phrase")):
        found.add(f"phrase:{effects.PHRASE}")
    return frozenset(found)


def _path(
    draw: Chance, created: date, days: Sequence[int], *, won: bool, q4: bool
) -> tuple[tuple[tuple[str, date], ...], bool | None]:
    """Return the stages with their days, up to the year's end, and whether the deal was won by then."""
    weights = [w * (3.0 if q4 and stage == "Demo" else 1.0) for stage, w in effects.LOST_IN.items()]
    last = len(STAGES) if won else STAGES.index(draw.weighted(STAGES, weights)) + 1
    path, day = [], created
    for stage, length in zip(STAGES[:last], days, strict=False):
        path.append((stage, day))
        day += timedelta(days=length)
    path.append(("Closed Won" if won else "Closed Lost", day))
    if day <= LAST_DAY:
        return tuple(path), won
    seen = [step for step in path[:-1] if step[1] <= LAST_DAY]
    return tuple(seen or path[:1]), None


def _why_lost(draw: Chance, rival: str) -> str:
    if rival and draw.hit(0.75 if rival == "Lantern" else 0.4):
        return "lost_competitor"
    return draw.weighted(("lost_no_decision", "lost_other"), (0.5, 0.5))
