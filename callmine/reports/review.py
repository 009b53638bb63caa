"""The review of one deal: rows in, values out. Nothing is read or rendered here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from callmine.domain import Deal, Outcome, Role
from callmine.reports.closed import Standing, local_day
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import QuoteMaker
from callmine.reports.requests import grouped, title_of
from callmine.reports.review_calls import INTERVIEW, Told, told_in
from callmine.reports.review_questions import questions_for
from callmine.reports.review_reason import reason_check
from callmine.reports.review_values import (
    ANSWERED,
    UNANSWERED,
    Asked,
    DealReview,
    MessageSaid,
    Objected,
    Raised,
    ReviewCall,
    ReviewDeal,
    Rival,
    StageTime,
)
from callmine.reports.tally import RELATION_STRENGTH
from callmine.store.deal_queries import DealRow
from callmine.store.review_queries import ReviewRows
from callmine.store.rows import EvidenceRow, TalkRow

Stages = Sequence[tuple[str | None, str]]
"""Stages and the instants from which on a deal was in them, oldest first."""


def review_deal(
    row: DealRow,
    stages: Stages,
    talks: Sequence[TalkRow],
    rows: ReviewRows,
    quotes: QuoteMaker,
    *,
    today: date,
    timezone: str,
    titles: Mapping[str, Mapping[str, str]],
    own_names: Sequence[str] = (),
    rivals: Mapping[str, str] | None = None,
) -> DealReview:
    """Build the review of a deal.

    Args:
        row: The deal.
        stages: Its stages.
        talks: Its calls, by time; undated ones last.
        rows: All of these calls.
        quotes: Makes the quotes.
        today: When it is made.
        timezone: IANA name in which days are shown.
        titles: Family to label to what people call it.
        own_names: Our company and products.
        rivals: Competitors of the playbook by their names and aliases, folded.

    Raises:
        CallmineError: A row's text is not a verbatim span (a bug).
    """
    closed = closed_day(row.deal)
    told = told_in(
        *(talks, rows, quotes), closed=closed, timezone=timezone, titles=titles, own_names=own_names
    )
    calls = told.calls
    interviews = tuple(call for call in calls if call.type == INTERVIEW)
    after = tuple(call for call in calls if call.standing == Standing.AFTER_CLOSE)
    undated = tuple(call for call in calls if call.day is None and call.type != INTERVIEW)
    apart = {call.call_id for call in (*interviews, *after, *undated)}
    counted = tuple(call for call in calls if call.call_id not in apart)
    evidence = [call for call in counted if call.standing == Standing.COUNTS]
    made = DealReview(
        deal=_deal(row),
        today=today.isoformat(),
        timezone=timezone,
        company=own_names[0] if own_names else None,
        stages=_stages(stages, row.deal, closed, today, timezone),
        calls=counted,
        interviews=interviews,
        after_close=after,
        undated=undated,
        objections=_objections(evidence),
        competitors=_rivals(told, evidence, quotes),
        messages=_messages(told, quotes, titles.get("message", {})),
        requests=_requests(told, quotes),
        reason=reason_check(row, told, evidence, titles.get("objection", {}), quotes, rivals or {}),
    )
    return questions_for(made)


def closed_day(deal: Deal) -> date | None:
    """Return the day on which a deal closed; an open one has only a day on which it might."""
    if deal.outcome is Outcome.OPEN or deal.close_date is None:
        return None
    return date.fromisoformat(deal.close_date[:10])


def _deal(row: DealRow) -> ReviewDeal:
    deal = row.deal
    return ReviewDeal(
        deal_id=deal.deal_id,
        name=deal.name,
        account=deal.account,
        owner=deal.owner,
        segment=deal.segment,
        stage=deal.stage,
        outcome=deal.outcome,
        amount=deal.amount,
        currency=deal.currency,
        created_at=deal.created_at,
        close_date=deal.close_date,
        loss_reason=deal.loss_reason,
        competitor=deal.competitor,
        reason_labels=row.words.reason_labels,
        is_gone=row.is_gone,
    )


def _stages(
    stages: Stages, deal: Deal, closed: date | None, today: date, timezone: str
) -> tuple[StageTime, ...]:
    """Return the stages with their days; the last one of an open deal goes on until today.

    Of a deal of which the CRM named no stage there are none. How long the first one went on is not known
    where the deal is older than its history.
    """
    if not any(stage for stage, _ in stages):
        return ()
    days = [local_day(since, timezone) for _, since in stages]
    ends: list[date | None] = [*days[1:], None if closed else today]
    made = [
        StageTime(stage, day.isoformat(), None if end is None else max((end - day).days, 0))
        for (stage, _), day, end in zip(stages, days, ends, strict=False)
    ]
    if deal.created_at and deal.created_at[:10] < made[0].since:
        made[0] = replace(made[0], days=None)
    return tuple(made)


def _objections(calls: Iterable[ReviewCall]) -> tuple[Objected, ...]:
    found: dict[str, list[tuple[str, Raised]]] = {}
    for call in calls:
        for raised in call.raised:
            found.setdefault(raised.label, []).append((call.day or "", raised))
    made = []
    for label, said in found.items():
        taken = [{answer.accepted for answer in raised.answers} for _, raised in said]
        made.append(
            Objected(
                label=label,
                title=said[0][1].title,
                calls=len(said),
                answered=sum(raised.standing == ANSWERED for _, raised in said),
                unanswered=sum(raised.standing == UNANSWERED for _, raised in said),
                accepted=sum("yes" in words for words in taken),
                refused=sum("no" in words and "yes" not in words for words in taken),
                days=tuple(day for day, _ in said),
                quote_id=said[0][1].quotes[0].quote_id,
            )
        )
    return tuple(sorted(made, key=lambda one: (-one.calls, one.days[0], one.title)))


def _rivals(told: Told, calls: Iterable[ReviewCall], quotes: QuoteMaker) -> tuple[Rival, ...]:
    """Return the competitors, the first named first."""
    at = {call.call_id: call for call in calls}
    made = []
    for (family, name), rows in told.things.items():
        if family != "competitor":
            continue
        said = [row for row in rows if quotes.role(row) is Role.PROSPECT]
        relations = {row.detail.get("relation") for row in said}
        made.append(
            Rival(
                name=name,
                first_day=at[rows[0].call_id].day or "",
                first_stage=at[rows[0].call_id].stage,
                calls=len({row.call_id for row in rows}),
                by_prospects=len({row.call_id for row in said}),
                relation=next((one for one in RELATION_STRENGTH if one in relations), None),
                quotes=_first_of_each([*said, *rows], quotes),
            )
        )
    return tuple(sorted(made, key=lambda one: (one.first_day, -one.calls, one.name)))


def _first_of_each(
    rows: Iterable[EvidenceRow], quotes: QuoteMaker, *, named: bool = True
) -> tuple[Quote, ...]:
    """Return one quote a call, by time."""
    first: dict[str, EvidenceRow] = {}
    for row in rows:
        first.setdefault(row.call_id, row)
    ordered = sorted(first.values(), key=lambda row: (row.started_at or "", row.call_id))
    return tuple(quotes.quote(row if named else replace(row, speaker_name=None)) for row in ordered)


def _messages(told: Told, quotes: QuoteMaker, texts: Mapping[str, str]) -> tuple[MessageSaid, ...]:
    made = [
        MessageSaid(
            message=label,
            text=texts.get(label, label),
            calls=len({row.call_id for row in rows}),
            quotes=_first_of_each(rows, quotes, named=False),
        )
        for (family, label), rows in told.things.items()
        if family == "message"
    ]
    return tuple(sorted(made, key=lambda one: (-one.calls, one.message)))


def _requests(told: Told, quotes: QuoteMaker) -> tuple[Asked, ...]:
    """Return what was asked for; first what was asked for again in a later call."""
    made = []
    for seed, alike in grouped(told.requests):
        ordered = sorted(alike, key=lambda row: (row.started_at or "", row.call_id, row.utterance_index))
        calls = len({row.call_id for row in ordered})
        made.append(
            (
                -calls,
                ordered[0].started_at or "",
                Asked(title_of(seed.text), calls, tuple(map(quotes.quote, ordered))),
            )
        )
    return tuple(one for *_, one in sorted(made, key=lambda row: row[:2]))
