"""Further views of closed deals: groups, waiting, pairs, phrases, and who is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

import numpy as np

from callmine.domain import Deal, Kind, Outcome, Role
from callmine.outcomes.bias import Coverage, Level, Part, compare_coverage
from callmine.outcomes.groups import Grouping, win_rates
from callmine.outcomes.matching import Candidate, Matched, match_outcomes
from callmine.outcomes.phrases import PhraseContrast, contrast_phrases
from callmine.outcomes.verdicts import Verdict
from callmine.outcomes.waiting import Waiting, waiting
from callmine.outcomes.wording import phrase_matrix
from callmine.reports.closed import Closed, Heard, local_day, sizes_of
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcome_values import OutcomeSettings, PhraseTable, WaitingLeftOut
from callmine.reports.quotes import known_role
from callmine.reports.tally import passes
from callmine.store.rows import HeardRow, TalkRow

SIZES = {-1: "", 0: "small", 1: "middle", 2: "large"}
"""Thirds of the amounts, per currency; nothing where the amount is not known."""

MOST_PHRASES = 12
"""Phrases shown for each side of the table."""

FIRST_CALLS = 2
"""Phrases are taken from so many first calls of each deal: later ones only deals have that went on."""


NO_CALL = "no call that counts"
"""Stands where deals with a call have the stage that they were in at the first one."""


def groups_of(closed: Closed, settings: OutcomeSettings, *, per_rep: bool = False) -> tuple[Grouping, ...]:
    """Return win rates by segment, size, source, kind, month of close and stage, over all closed deals.

    The stage is the one at a deal's first call, never the one reached later, which is the outcome in
    disguise.

    Args:
        closed: The deals.
        settings: What is enough.
        per_rep: Whether owners are told apart; this is not for watching people.
    """
    columns = _characteristics(closed.deals)
    if per_rep:
        columns["owner"] = [deal.owner or "" for deal in closed.deals]
    columns["stage at the first call"] = _stages(closed)
    kept = {name: values for name, values in columns.items() if len(set(values) - {"", NO_CALL}) > 1}
    won = [deal.outcome is Outcome.WON for deal in closed.deals]
    return win_rates(kept, np.array(won, dtype=bool), max_q=settings.max_q)


def bias_of(closed: Closed, settings: OutcomeSettings) -> tuple[Level, ...]:
    """Return how deals with a call before their close differ from those without."""
    columns = _characteristics(closed.deals)
    columns["outcome"] = ["won" if d.outcome is Outcome.WON else "lost" for d in closed.deals]
    kept = {name: values for name, values in columns.items() if len(set(values)) > 1}
    return compare_coverage(kept, closed.with_calls > 0, max_q=settings.max_q)


def coverage_of_deals(closed: Closed, talks: Iterable[TalkRow], *, timezone: str) -> Coverage:
    """Return how much of everything the report can know.

    Calls and words are those of sales calls with words up to the last close of the period, from the first
    call of one of its deals on.
    """
    own = set(closed.call_ids)
    sales = [t for t in talks if t.type == "sales" and not t.skipped and t.words and t.started_at]
    days = [local_day(t.started_at or "", timezone) for t in sales if t.call_id in own]
    first = min(days, default=None)
    last = max((date.fromisoformat(d.close_date or "") for d in closed.deals), default=None)
    if first is None or last is None:
        return Coverage(Part(0, len(closed.deals)), Part(0, 0), Part(0, 0))
    within = [t for t in sales if first <= local_day(t.started_at or "", timezone) <= last]
    told = sum(t.prospect_words for t in within)
    return Coverage(
        deals=Part(int(np.count_nonzero(closed.with_calls)), len(closed.deals)),
        calls=Part(sum(t.deal_id is not None for t in within), len(within)),
        words=Part(told, told + sum(t.unknown_words for t in within)),
    )


def waiting_of(
    closed: Closed, talks: Iterable[TalkRow], settings: OutcomeSettings, *, timezone: str
) -> tuple[Waiting, WaitingLeftOut] | None:
    """Hold the days from inquiry to first call against the outcome, and say of how many they are not known.

    ``None`` where not one deal has both. A deal whose first call came after the day of its close is left
    out: nobody waited for that call.
    """
    first: dict[str, date] = {}
    for talk in talks:
        if talk.deal_id and talk.started_at and talk.type == "sales" and not talk.skipped:
            day = local_day(talk.started_at, timezone)
            first[talk.deal_id] = min(day, first.get(talk.deal_id, day))
    inquired = [deal for deal in closed.deals if deal.inquired_at]
    known = [
        (deal, (first[deal.deal_id] - date.fromisoformat(deal.inquired_at or "")).days)
        for deal in inquired
        if deal.deal_id in first and first[deal.deal_id] <= date.fromisoformat(deal.close_date or "")
    ]
    if not known:
        return None
    found = waiting(
        np.array([days for _, days in known], dtype=np.int64),
        np.array([deal.outcome is Outcome.WON for deal, _ in known], dtype=bool),
        smallest_effect=settings.smallest_effect,
        max_p=settings.max_q,
    )
    left_out = WaitingLeftOut(
        no_inquiry=len(closed.deals) - len(inquired),
        no_call=len(inquired) - len(known),
        before_inquiry=found.before_inquiry,
    )
    return found, left_out


def first_stages(closed: Closed) -> list[str]:
    """Return the stage of each deal of the cohort at its first call; empty where no import tells it."""
    firsts = np.searchsorted(closed.cohort.deal, np.arange(closed.cohort.deals))
    codes = closed.cohort.stage[firsts]
    return [closed.stages[code] if code >= 0 else "" for code in codes]


def pairs_of(closed: Closed, heard: Heard, settings: OutcomeSettings) -> Matched:
    """Pair won and lost deals of one segment, size and first stage, with about as many calls."""
    sizes = sizes_of([closed.deals[row] for row in closed.rows])
    calls = np.bincount(closed.cohort.deal, minlength=closed.cohort.deals)
    stages = first_stages(closed)
    said: dict[int, set[str]] = defaultdict(set)
    for (family, label), first in heard.firsts.items():
        if family in ("objection", "competitor"):
            for having in np.flatnonzero(first >= 0):
                said[int(having)].add(f"{family}:{label}")
    found = []
    for n, deal in enumerate(closed.deals[row] for row in closed.rows):
        found.append(
            Candidate(
                deal=deal.deal_id,
                cell=(
                    deal.segment or "",
                    SIZES[int(sizes[n])],
                    stages[n],
                    _call_band(int(calls[n])),
                ),
                closed=date.fromisoformat(deal.close_date or "").toordinal(),
                won=deal.outcome is Outcome.WON,
                heard=frozenset(said[n]),
            )
        )
    return match_outcomes(
        found,
        min_deals=settings.min_deals,
        smallest_effect=settings.smallest_effect,
        max_q=settings.max_q,
    )


def phrases_of(
    closed: Closed, rows: Iterable[HeardRow], counted: DigestSettings, settings: OutcomeSettings
) -> tuple[PhraseTable, ...]:
    """Contrast what prospects, and what reps, said in the first calls of won and of lost deals.

    Prospects' words are their objections and what they say of value, pain and success; reps' are their
    claims of value.
    """
    number = {call_id: n for n, call_id in enumerate(closed.call_ids)}
    texts: dict[Role, tuple[list[str], list[int]]] = {Role.PROSPECT: ([], []), Role.REP: ([], [])}
    for row in rows:
        role = known_role(row, min_confidence=counted.min_role_confidence)
        kinds = (Kind.POSITIONING, Kind.OBJECTION) if role is Role.PROSPECT else (Kind.POSITIONING,)
        if role not in texts or row.kind not in kinds or not passes(row, counted):
            continue
        call = number[row.call_id]
        if closed.cohort.number[call] <= FIRST_CALLS:
            texts[role][0].append(row.text)
            texts[role][1].append(int(closed.cohort.deal[call]))
    return tuple(
        PhraseTable(role, *_told(said, deals, closed, settings)) for role, (said, deals) in texts.items()
    )


def _told(
    said: Sequence[str], deals: Sequence[int], closed: Closed, settings: OutcomeSettings
) -> tuple[int, tuple[PhraseContrast, ...]]:
    counts = phrase_matrix(said, deals, closed.cohort.deals, settings.min_deals)
    found = contrast_phrases(
        counts,
        closed.cohort.won,
        min_deals=settings.min_deals,
        smallest_effect=settings.smallest_effect,
        max_q=settings.max_q,
    )
    clear = [one for one in found if one.verdict in (Verdict.WINS, Verdict.LOSSES)]
    if len(clear) <= MOST_PHRASES:
        # Nothing clear, or little: the strongest beside it, so that a reader sees what was looked at.
        nearest = sorted(found, key=lambda one: (-abs(one.z), one.key))[:MOST_PHRASES]
        clear = [one for one in found if one in clear or one in nearest]
    else:
        clear = clear[: MOST_PHRASES // 2] + clear[-MOST_PHRASES // 2 :]
    return len(found), tuple(clear)


def _characteristics(deals: Sequence[Deal]) -> dict[str, Sequence[str]]:
    return {
        "segment": [deal.segment or "" for deal in deals],
        "size": [SIZES[int(size)] for size in sizes_of(deals)],
        "source": [deal.lead_source or "" for deal in deals],
        "type": [deal.type or "" for deal in deals],
        "month of close": [(deal.close_date or "")[:7] for deal in deals],
    }


def _stages(closed: Closed) -> list[str]:
    """Return the stage of each closed deal at its first call that counts."""
    found = [NO_CALL] * len(closed.deals)
    for row, stage in zip(closed.rows, first_stages(closed), strict=True):
        found[row] = stage
    return found


def _call_band(calls: int) -> str:
    return "1 call" if calls == 1 else "2 to 3 calls" if calls <= 3 else "4 calls or more"


def ordinal_of(instant: str) -> int:
    """Return the day of a UTC instant as a number."""
    return datetime.fromisoformat(instant).astimezone(UTC).date().toordinal()
