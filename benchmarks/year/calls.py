"""Calls: when deals talk to us, who else does, and which of it is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from benchmarks.year.chance import Chance
from benchmarks.year.values import FIRST_DAY, LAST_DAY, STAGES, Account, Rep, TrueDeal

MOST = 15
"""Recorded calls of one deal, at most."""

UNRECORDED = 0.08
"""Share of the deals of which nothing was ever recorded."""

CALLS = {"Discovery": 1.45, "Demo": 2.0, "Evaluation": 3.3, "Proposal": 2.3, "Negotiation": 2.5}
"""Mean number of calls in each stage, beside the first talk, before the habits of reps and buyers."""

AFTER_WON, AFTER_LOST = 1.6, 0.5
CHATTIER = 1.7
"""Chatty deals call, and talk, so much more."""

INTERNAL = 0.03
"""Share of meetings on a deal that only our own people attend."""

STRANGERS = {
    "prospect": 0.26,
    "customer": 0.2,
    "partner": 0.2,
    "vendor": 0.16,
    "recruiter": 0.1,
    "press": 0.08,
}
"""Whose calls belong to no deal."""

STRANGE = 0.08
"""Calls without a deal, as a share of those with one."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A recorded call before anything is known of it: of which deal, with whom, when.

    Attributes:
        deal: ``None`` for strangers.
        account: The company that is on the line.
        minutes: How long.
        kind: As in :class:`~benchmarks.year.values.YearCall`.
        stage: True stage; empty without a deal.
        rep: Number of the rep.
    """

    deal: TrueDeal | None
    account: Account
    started: datetime
    minutes: int
    kind: str
    stage: str
    rep: int


def meetings_of(draw: Chance, deal: TrueDeal, account: Account, reps: Sequence[Rep]) -> tuple[Meeting, ...]:
    """Return the recorded calls of a deal in order of time; none of duplicates and tests."""
    if deal.copy_of is not None or deal.path[-1][0] == "Test" or draw.hit(UNRECORDED):
        return ()
    pace = CHATTIER if "chatty" in deal.traits else 1.0
    days = [(deal.first_contact, "deal"), *_before_close(draw, deal, pace), *_after_close(draw, deal)]
    found = []
    for day, kind in days:
        if not FIRST_DAY <= day <= LAST_DAY or not draw.hit(reps[deal.owner].records):
            continue
        started = _hour(draw, day)
        if deal.closed and started.date() > deal.closed:
            kind = "after"
        elif started.date() < deal.created:
            kind = "early"
        if draw.hit(INTERNAL):
            kind = "internal"
        rep = deal.owner if draw.hit(0.92) else draw.below(len(reps))
        minutes = max(4, round(draw.lognormal(26 * (1.3 if pace > 1 else 1.0), 0.45)))
        found.append(Meeting(deal, account, started, minutes, kind, deal.stage_on(started.date()), rep))
    return tuple(sorted(found, key=lambda meeting: meeting.started)[:MOST])


def strangers(
    draw: Chance, companies: Sequence[Account], accounts: Sequence[Account], reps: int, count: int
) -> tuple[Meeting, ...]:
    """Return calls that belong to no deal.

    Args:
        draw: Source of chance.
        companies: Who is in no CRM.
        accounts: Who is; a few of them also sell us something, or send a candidate.
        reps: How many reps there are.
        count: How many calls.
    """
    found = []
    for _ in range(count):
        kind = draw.weighted(tuple(STRANGERS), tuple(STRANGERS.values()))
        known = kind in ("vendor", "recruiter", "partner") and draw.hit(0.05)
        company = draw.pick(accounts if known else companies)
        day = FIRST_DAY + timedelta(days=draw.below((LAST_DAY - FIRST_DAY).days))
        minutes = max(4, round(draw.lognormal(22, 0.4)))
        found.append(Meeting(None, company, _hour(draw, day), minutes, kind, "", draw.below(reps)))
    return tuple(found)


def _before_close(draw: Chance, deal: TrueDeal, pace: float) -> Iterator[tuple[date, str]]:
    ends = [*(day for _, day in deal.path[1:]), LAST_DAY]
    for (stage, begins), ends_on in zip(deal.path, ends, strict=True):
        if stage in STAGES:
            length = max((ends_on - begins).days, 1)
            for _ in range(draw.poisson(CALLS[stage] * pace)):
                yield min(begins + timedelta(days=draw.below(length)), LAST_DAY), "deal"


def _after_close(draw: Chance, deal: TrueDeal) -> Iterator[tuple[date, str]]:
    if deal.closed is None or deal.outcome == "excluded":
        return
    won = deal.outcome == "won"
    for _ in range(draw.poisson(AFTER_WON if won else AFTER_LOST)):
        yield deal.closed + timedelta(days=draw.between(3, 90 if won else 40)), "after"


def _hour(draw: Chance, day: date) -> datetime:
    """Return a working hour of that day, or of the Friday before a week-end."""
    day -= timedelta(days=max(day.weekday() - 4, 0))
    return datetime(day.year, day.month, day.day, draw.between(7, 16), 15 * draw.below(4), tzinfo=UTC)
