"""What stands beside an objection of a digest: the answer that went well, what was asked for with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from callmine.domain import Kind, Role
from callmine.reports.answers import Answered
from callmine.reports.asked_values import RequestGroup
from callmine.reports.digest_more_values import Wanted, Worked
from callmine.reports.digest_values import LabelCount
from callmine.reports.quotes import QuoteMaker
from callmine.reports.requests import grouped, title_of
from callmine.reports.tally import Window, by_label
from callmine.store.rows import EvidenceRow


def with_worked(objections: Iterable[LabelCount], answers: Answered) -> tuple[LabelCount, ...]:
    """Return objections with the best answer that a prospect accepted this week, where there is one."""
    best: dict[str, str] = {}
    for answer in answers.answers:
        if answer.accepted == "yes":
            for label in answer.labels:
                best.setdefault(label, answer.quote.quote_id)
    return tuple(
        replace(o, worked=Worked(best[o.label], in_won_deal=False)) if o.label in best else o
        for o in objections
    )


def wanted_beside(
    objections: Sequence[LabelCount],
    heard: Mapping[str, Sequence[EvidenceRow]],
    evidence: Iterable[EvidenceRow],
    requests: Iterable[RequestGroup],
    window: Window,
    quotes: QuoteMaker,
) -> tuple[LabelCount, ...]:
    """Return objections with what prospects asked for next to them.

    A request belongs to the objection that is nearest in its call, the one before it where two are.
    Requests with alike words stand together, as in their own section.

    Args:
        objections: The week's, most heard first.
        heard: The rows behind them, by label.
        evidence: Findings of any kind.
        requests: What the page lists.
        window: The calls.
        quotes: Says which findings count, and which a person barred.
    """
    found = by_label(evidence, window, quotes.settings, kind=Kind.REQUEST, roles={Role.PROSPECT})
    raised: dict[str, list[tuple[int, str]]] = {}
    for objection in objections:
        for row in window.now(heard[objection.label]):
            raised.setdefault(row.call_id, []).append((row.utterance_index, objection.label))
    beside: dict[str, list[EvidenceRow]] = {}
    for row in quotes.allowed(window.now(row for rows in found.values() for row in rows)):
        if row.call_id in raised:
            beside.setdefault(_nearest(row.utterance_index, raised[row.call_id]), []).append(row)
    listed = {q.finding_id for group in requests for q in (*group.quotes, *group.others)}
    return tuple(
        replace(o, wanted=_wanted(beside[o.label], listed, window)) if o.label in beside else o
        for o in objections
    )


def _nearest(turn: int, raised: Iterable[tuple[int, str]]) -> str:
    return min(raised, key=lambda one: (abs(one[0] - turn), one[0] > turn))[1]


def _wanted(rows: Sequence[EvidenceRow], listed: set[str], window: Window) -> tuple[Wanted, ...]:
    made = []
    for seed, alike in grouped(rows):
        shown = next((row.finding_id for row in (seed, *alike) if row.finding_id in listed), None)
        made.append(Wanted(title_of(seed.text), len(window.units(alike)), f"q-{shown}" if shown else None))
    return tuple(sorted(made, key=lambda one: (-one.heard, one.words.casefold())))
