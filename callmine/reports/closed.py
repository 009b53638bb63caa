"""The closed deals of a period and what was heard in them: rows in, arrays for the statistics out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from callmine.domain import Deal, Kind, Outcome, Role
from callmine.outcomes.cohort import Cohort, bands
from callmine.reports.digest_values import DigestSettings
from callmine.reports.families import FAMILIES
from callmine.reports.quotes import known_role
from callmine.reports.tally import in_another_language, looks_inverted, passes
from callmine.reports.weeks import zone
from callmine.store.rows import EvidenceRow, HeardRow, TalkRow

SIZE_BANDS = 3
"""Small, middle and large deals, a third each."""

Key = tuple[str, str]
"""A family and a label in it: ``("objection", "price")``."""


class Standing(StrEnum):
    """Whether a call is evidence for how its deal ended, and why it is none."""

    COUNTS = "counts"
    UNPLACED = "unplaced"
    AFTER_CLOSE = "after_close"
    UNDATED = "undated"
    OTHER = "other"


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """The closed deals of a period.

    Attributes:
        deals: Won or lost in the period, in the order of their ids.
        cohort: Those of them with a call that counts, as arrays.
        rows: Index in ``deals`` of each deal of the cohort.
        call_ids: The calls of the cohort, as its arrays order them.
        segments: What the codes of ``cohort.segment`` mean.
        stages: What the codes of ``cohort.stage`` mean.
        with_calls: For each of ``deals``, how many sales calls before its close are linked to it.
        after_close: Sales calls that are no evidence because their deal had closed.
        without_close: Deals that are won or lost, in no period, as nobody knows when.
        undated: Sales calls that are none because nobody knows when they were.
        unplaced: Sales calls in which no prospect is known to speak.
        failed: Sales calls without words because a stage failed on them.
    """

    deals: tuple[Deal, ...]
    cohort: Cohort
    rows: NDArray[np.int64]
    call_ids: tuple[str, ...]
    segments: tuple[str, ...]
    stages: tuple[str, ...]
    with_calls: NDArray[np.int64]
    after_close: int
    without_close: int
    undated: int
    unplaced: int
    failed: int


def closed_deals(
    deals: Iterable[Deal],
    talks: Iterable[TalkRow],
    *,
    since: date,
    until: date,
    timezone: str,
) -> Closed:
    """Gather the deals that were won or lost in a period, with the calls that are evidence for them.

    A call is evidence when it is a dated sales call in English, in which somebody known to be a prospect
    speaks, whose roles are not doubted, not after the day on which its deal closed.

    Args:
        deals: All deals that are not gone.
        talks: All calls, ordered by deal and time.
        since: First day on which a deal may have closed.
        until: Last day.
        timezone: IANA name; decides on which day a call was.
    """
    known = tuple(deals)
    chosen = sorted((deal for deal in known if closed_within(deal, since, until)), key=lambda d: d.deal_id)
    place = {deal.deal_id: n for n, deal in enumerate(chosen)}
    closes = [date.fromisoformat(deal.close_date or "") for deal in chosen]
    with_calls = np.zeros(len(chosen), dtype=np.int64)
    kept: dict[int, list[tuple[TalkRow, int]]] = defaultdict(list)
    after = undated = unplaced = failed = 0
    for talk in talks:
        deal = place.get(talk.deal_id or "")
        if deal is None:
            continue
        failed += talk.type == "sales" and not talk.skipped and not talk.words and talk.failed
        standing = standing_of(talk, closes[deal], timezone)
        undated += standing is Standing.UNDATED
        after += standing is Standing.AFTER_CLOSE
        unplaced += standing is Standing.UNPLACED
        with_calls[deal] += standing in (Standing.COUNTS, Standing.UNPLACED)
        if standing is not Standing.COUNTS:
            continue
        days = (closes[deal] - local_day(talk.started_at or "", timezone)).days
        kept[deal].append((talk, days))
    rows = sorted(kept)
    calls = [
        (n, number, talk, days)
        for n, deal in enumerate(rows)
        for number, (talk, days) in enumerate(kept[deal], 1)
    ]
    spoken = [chosen[deal] for deal in rows]
    segments, segment = _coded([deal.segment for deal in spoken])
    stages, stage = _coded([talk.stage for _, _, talk, _ in calls])
    return Closed(
        deals=tuple(chosen),
        cohort=Cohort(
            won=np.array([deal.outcome is Outcome.WON for deal in spoken], dtype=bool),
            segment=segment,
            size=sizes_of(spoken),
            deal=np.array([n for n, *_ in calls], dtype=np.int64),
            number=np.array([number for _, number, *_ in calls], dtype=np.int64),
            stage=stage,
            words=np.array([talk.prospect_words for _, _, talk, _ in calls], dtype=np.int64),
            days_to_close=np.array([days for *_, days in calls], dtype=np.int64),
        ),
        rows=np.array(rows, dtype=np.int64),
        call_ids=tuple(talk.call_id for _, _, talk, _ in calls),
        segments=segments,
        stages=stages,
        with_calls=with_calls,
        after_close=after,
        without_close=sum(_is_closed(deal) and deal.close_date is None for deal in known),
        undated=undated,
        unplaced=unplaced,
        failed=failed,
    )


def standing_of(talk: TalkRow, closed: date | None, timezone: str) -> Standing:
    """Say whether a call is evidence for how its deal ended, as :func:`closed_deals` counts.

    Args:
        talk: The call.
        closed: Day on which the deal closed; ``None`` where it is open.
        timezone: IANA name; decides on which day the call was.
    """
    if talk.type != "sales" or talk.skipped or not talk.words:
        return Standing.OTHER
    if talk.started_at is None:
        return Standing.UNDATED
    if closed is not None and local_day(talk.started_at, timezone) > closed:
        return Standing.AFTER_CLOSE
    return Standing.COUNTS if shows_prospects(talk) else Standing.UNPLACED


def shows_prospects(talk: TalkRow) -> bool:
    """Whether what prospects say in a call can be known: its roles are, and objections are looked for."""
    return bool(talk.prospect_words) and not looks_inverted(talk) and not in_another_language(talk)


@lru_cache(maxsize=1 << 16)
def local_day(instant: str, timezone: str) -> date:
    """Return the day of a UTC instant in a time zone."""
    return datetime.fromisoformat(instant).astimezone(zone(timezone)).date()


def sizes_of(deals: Sequence[Deal]) -> NDArray[np.int64]:
    """Return in which third of the deals in its currency each deal lies by its amount; -1: not known."""
    amounts = np.array([np.nan if deal.amount is None else deal.amount for deal in deals], dtype=float)
    return bands(amounts, SIZE_BANDS, currency=_coded([deal.currency for deal in deals])[1])


def _is_closed(deal: Deal) -> bool:
    return deal.outcome not in (Outcome.OPEN, Outcome.EXCLUDED)


def closed_within(deal: Deal, since: date, until: date) -> bool:
    """Whether a deal was won or lost in a period, both days included."""
    if deal.close_date is None or not _is_closed(deal):
        return False
    return since.isoformat() <= deal.close_date <= until.isoformat()


def _coded(values: Sequence[str | None]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the distinct values, sorted, and the place of each; -1 where there is none."""
    names = tuple(sorted({value for value in values if value}))
    code = {name: n for n, name in enumerate(names)}
    return names, np.array([code.get(value or "", -1) for value in values], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What was heard in the calls of a cohort.

    Attributes:
        calls: For each thing the calls of the cohort (their indices) in which it was heard.
        firsts: For each thing and deal the call in which it was heard first, or -1.
        rows: The findings behind each thing.
    """

    calls: Mapping[Key, NDArray[np.int64]]
    firsts: Mapping[Key, NDArray[np.int64]]
    rows: Mapping[Key, tuple[HeardRow, ...]]


def heard_in(
    closed: Closed, rows: Iterable[HeardRow], settings: DigestSettings, *, own_names: Iterable[str] = ()
) -> Heard:
    """Sort the findings that count into things heard, as digests count them.

    Args:
        closed: The deals and their calls.
        rows: Findings of those calls.
        settings: What counts.
        own_names: Our company and products, which are no competitors.
    """
    number = {call_id: n for n, call_id in enumerate(closed.call_ids)}
    ours = {name.casefold() for name in own_names}
    found: dict[Key, list[HeardRow]] = defaultdict(list)
    for row in rows:
        if row.call_id not in number or not passes(row, settings):
            continue
        role = known_role(row, min_confidence=settings.min_role_confidence)
        key = thing_of(row, role, ours=ours)
        if key is not None:
            found[key].append(row)
    calls = {
        key: np.unique(np.array([number[row.call_id] for row in found[key]], dtype=np.int64))
        for key in sorted(found, key=lambda k: (FAMILIES.index(k[0]), k[1]))
    }
    return Heard(
        calls=calls,
        firsts={key: closed.cohort.first_heard(indices) for key, indices in calls.items()},
        rows={key: tuple(found[key]) for key in calls},
    )


def thing_of(row: EvidenceRow | HeardRow, role: Role, *, ours: Collection[str]) -> Key | None:
    """Return what a finding counts as; ``None`` where it counts as nothing.

    Args:
        row: The finding.
        role: Who is known to have said it.
        ours: Names of our company and products, case folded, which are no competitors.
    """
    if row.kind is Kind.OBJECTION and role is Role.PROSPECT:
        return "objection", row.label
    if row.kind is Kind.COMPETITOR and row.label.casefold() not in ours:
        return "competitor", row.label
    if row.kind is Kind.POSITIONING and role is Role.REP and row.detail.get("message"):
        return "message", str(row.detail["message"])
    return None
