"""Which findings may be quoted behind the facts of a brief: by their ids, before anything more is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from callmine.domain import Kind, Role
from callmine.reports.brief_material import BriefMaterial
from callmine.reports.brief_spans import Span
from callmine.reports.closed import closed_within
from callmine.reports.closed_steps import quarters
from callmine.reports.outcomes import sureness
from callmine.store.rows import HeardRow

CANDIDATES = 12
"""Findings from which they are chosen, the surest of as many deals."""


def by_buyers(rows: Sequence[HeardRow]) -> Sequence[HeardRow]:
    """Return what prospects said of a competitor, if they did; of anything else all there is."""
    said = [row for row in rows if row.kind is Kind.COMPETITOR and row.role is Role.PROSPECT]
    return said or rows


def surest(rows: Iterable[HeardRow], matter: BriefMaterial) -> tuple[str, ...]:
    """Return the surest finding of each deal, so many that quotes can be chosen from them."""
    best: dict[str, HeardRow] = {}
    for row in rows:
        unit = matter.said.calls.unit(row.call_id)
        if unit not in best or sureness(row) > sureness(best[unit]):
            best[unit] = row
    ranked = sorted(best.values(), key=sureness, reverse=True)
    return tuple(row.finding_id for row in ranked[:CANDIDATES])


def _objections(matter: BriefMaterial, calls: Collection[str]) -> list[HeardRow]:
    """Return what prospects objected to in some calls."""
    return [
        row
        for (family, _), rows in matter.said.rows.items()
        if family == "objection"
        for row in rows
        if row.call_id in calls
    ]


def at_stage(stage: str, matter: BriefMaterial) -> tuple[str, ...]:
    """Return what was objected to in a stage in the last quarter of the conversion points."""
    last = matter.spans[-1].last
    first = date.fromordinal(quarters(last)[-1][1])
    day_of = matter.said.calls.day_of
    calls = {
        talk.call_id
        for talk in matter.talks
        if talk.stage == stage and talk.call_id in day_of and first <= day_of[talk.call_id] <= last
    }
    return surest(_objections(matter, calls), matter)


def in_lost(matter: BriefMaterial, span: Span) -> tuple[str, ...]:
    """Return what was objected to in deals that were lost in a period, up to their close."""
    lost = {
        deal.deal_id: date.fromisoformat(deal.close_date or "")
        for deal in matter.deals
        if closed_within(deal, span.first, span.last) and deal.outcome.is_lost
    }
    calls = matter.said.calls
    heard = {
        call for call, deal in calls.deal_of.items() if deal in lost and calls.day_of[call] <= lost[deal]
    }
    return surest(_objections(matter, heard), matter)
