"""Coverage: which calls of the week a digest is based on, and why the others are not in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from callmine.domain import Kind, Outcome, Role
from callmine.outcomes.bias import Level, compare_coverage
from callmine.reports.coverage_values import Coverage, LanguageCount, ReasonCount
from callmine.reports.digest_values import DigestSettings
from callmine.reports.quotes import known_role
from callmine.reports.tally import (
    Window,
    can_show_objections,
    has_known_prospect,
    in_another_language,
    is_read,
    looks_inverted,
    passes,
)
from callmine.reports.weeks import week_of
from callmine.store.rows import CallRow, EvidenceRow, WeekDeal

LEAST_DEALS = 5
"""Deals with a call, and without, from which on their kinds are compared."""


def coverage_of(
    calls: Iterable[CallRow],
    evidence: Iterable[EvidenceRow],
    *,
    window: Window,
    timezone: str,
    settings: DigestSettings,
    deals: Sequence[WeekDeal] = (),
) -> Coverage:
    """Say what a week's digest is based on and what it could not see.

    Args:
        calls: All of them, of other weeks too.
        evidence: Their findings.
        window: The calls that count, by week.
        timezone: IANA name; decides which calls are of the week.
        settings: Which findings count.
        deals: Those open at the week's end or closed in it.
    """
    everything = list(calls)
    week = [
        call
        for call in everything
        if call.started_at and week_of(call.started_at, timezone=timezone) == window.week
    ]
    counted = [call for call in week if call.call_id in window.calls]
    words = sum(call.words for call in counted)
    unknown = sum(
        call.words if looks_inverted(call) else int(call.words_by_role.get(Role.UNKNOWN.value, 0))
        for call in counted
    )
    inverted = [call for call in counted if looks_inverted(call) and not in_another_language(call)]
    skipped = [call for call in week if call.status == "skipped"]
    other_types = [call for call in week if call.type != "sales" and call.status != "skipped"]
    possible = [
        row.kind
        for row in evidence
        if row.kind in (Kind.OBJECTION, Kind.REQUEST)
        and window.week_by_call.get(row.call_id) == window.week
        and passes(row, settings)
        and known_role(row, min_confidence=settings.min_role_confidence) is Role.UNKNOWN
    ]
    return Coverage(
        calls=len(week),
        read=sum(is_read(call) for call in week),
        not_counted=sum(is_read(call) and call.outcome is Outcome.EXCLUDED for call in week),
        linked=sum(call.deal_id is not None for call in counted if can_show_objections(call)),
        undated=sum(call.started_at is None for call in everything),
        pending=sum(call.status == "pending" and call.type == "sales" for call in week),
        failed=_reasons(
            [(call, call.reason or "no reason given") for call in week if call.status == "failed"]
        ),
        skipped=_reasons(
            [(call, (call.reason or "no reason given").replace("_", " ")) for call in skipped]
            + [(call, call.type) for call in other_types]
        ),
        attributed=round((words - unknown) / words, 4) if words else None,
        unknown_speaker=possible.count(Kind.OBJECTION),
        unknown_requests=possible.count(Kind.REQUEST),
        unplaced=sum(
            not (has_known_prospect(call) or in_another_language(call) or looks_inverted(call))
            for call in counted
        ),
        inverted=len(inverted),
        inverted_sources=tuple(sorted(call.source for call in inverted)[:5]),
        other_languages=_languages(counted),
        deals=len(deals),
        deals_with_call=sum(deal.has_call for deal in deals),
        differing=_differing(deals),
    )


def _differing(deals: Sequence[WeekDeal]) -> tuple[Level, ...]:
    """Return the kinds of deals that are more, or less, common among those with a call."""
    with_call = sum(deal.has_call for deal in deals)
    if min(with_call, len(deals) - with_call) < LEAST_DEALS:
        return ()
    columns = {
        "segment": [deal.segment or "" for deal in deals],
        "source": [deal.source or "" for deal in deals],
    }
    kept = {name: values for name, values in columns.items() if len(set(values)) > 1}
    levels = compare_coverage(kept, np.array([deal.has_call for deal in deals], dtype=bool))
    return tuple(level for level in levels if level.differs)


def _languages(calls: Iterable[CallRow]) -> tuple[LanguageCount, ...]:
    counts = Counter(call.language or "" for call in calls if in_another_language(call))
    return tuple(LanguageCount(*c) for c in sorted(counts.items(), key=lambda c: (-c[1], c[0])))


def _reasons(calls: Iterable[tuple[CallRow, str]]) -> tuple[ReasonCount, ...]:
    grouped: dict[str, list[str]] = {}
    for call, reason in calls:
        grouped.setdefault(reason, []).append(call.source)
    counts = [ReasonCount(reason, len(s), tuple(sorted(s)[:5])) for reason, s in grouped.items()]
    return tuple(sorted(counts, key=lambda r: (-r.calls, r.reason)))
