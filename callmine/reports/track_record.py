"""What a digest tells of deals that are closed: how often they were won, and what was answered in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from callmine.domain import Role
from callmine.outcomes.rates import rate
from callmine.reports.answers import answer_kind, how_taken, is_ours, reply_of, reply_to
from callmine.reports.asked_values import AnswerGiven
from callmine.reports.closed import Closed, Heard
from callmine.reports.digest_more_values import WinRate, Worked
from callmine.reports.digest_values import Digest, LabelCount
from callmine.reports.quotes import QuoteMaker, known_role, ranked
from callmine.reports.tally import passes
from callmine.store.rows import EvidenceRow, HeardRow, ReplyRow

CANDIDATES = 3
"""Answers to an objection of which the one that reads best is shown."""


def with_win_rates(digest: Digest, closed: Closed, heard: Heard, *, min_deals: int) -> Digest:
    """Return a digest with the win rates of all closed deals and of those with each objection.

    Args:
        digest: The week.
        closed: All deals that were closed by then, and their calls.
        heard: What was heard in these.
        min_deals: From how many deals on a rate says something.
    """
    won = closed.cohort.won

    def of(deals: Sequence[bool]) -> WinRate | None:
        total = len(deals)
        return WinRate(rate(sum(deals), total), total >= min_deals) if total else None

    def told(objection: LabelCount) -> LabelCount:
        firsts = heard.firsts.get(("objection", objection.label))
        return objection if firsts is None else replace(objection, won=of(won[firsts >= 0].tolist()))

    return replace(digest, won=of(won.tolist()), objections=tuple(map(told, digest.objections)))


class Material(NamedTuple):
    """What answers in deals that were won are found in.

    Attributes:
        rows: Answers given in calls of these deals.
        read: Gives findings with all that a quote needs, by their ids.
        replies: Gives the turns that show how answers were taken, likewise.
    """

    rows: Iterable[HeardRow]
    read: Callable[[Collection[str]], list[EvidenceRow]]
    replies: Callable[[Collection[str]], list[ReplyRow]]


def with_won_answers(
    digest: Digest, heard: Heard, material: Material, quotes: QuoteMaker
) -> tuple[Digest, list[EvidenceRow]]:
    """Return a digest with answers from won deals to objections to which none was accepted this week.

    Answers that the prospect refused are left out, and those that were accepted come first.

    Args:
        digest: The week.
        heard: What was heard in closed deals.
        material: The answers given in those that were won.
        quotes: Makes the quotes.

    Returns:
        The digest, and the findings behind the answers.
    """
    labels = [one.label for one in digest.objections if one.worked is None]
    objections = {
        row.finding_id: label for label in labels for row in heard.rows.get(("objection", label), ())
    }
    chosen = _candidates(material.rows, objections, quotes)
    rows = {row.finding_id: row for row in material.read({one for ids in chosen.values() for one in ids})}
    taken = {(reply.call_id, reply.utterance_index): reply for reply in material.replies(rows.keys())}
    given: dict[str, AnswerGiven] = {}
    used: list[EvidenceRow] = []
    for label in labels:
        fit = [rows[one] for one in chosen.get(label, ()) if one in rows]
        fit = [row for row in quotes.allowed(ranked(fit)) if row not in used and is_ours(row, quotes)]
        fit.sort(key=lambda row: how_taken(row, taken, quotes) != "yes")
        if fit:
            used.append(fit[0])
            given[label] = _given(label, fit[0], taken, quotes)
    return (
        replace(
            digest,
            won_answers=tuple(given.values()),
            objections=tuple(
                replace(o, worked=Worked(given[o.label].quote.quote_id, in_won_deal=True))
                if o.label in given
                else o
                for o in digest.objections
            ),
        ),
        used,
    )


def _candidates(
    rows: Iterable[HeardRow], objections: Mapping[str, str], quotes: QuoteMaker
) -> dict[str, list[str]]:
    """Return the likeliest answers to each objection: accepted ones first, then the surest."""
    found: dict[str, list[tuple[bool, float, str]]] = {}
    least = quotes.settings.min_role_confidence
    for row in rows:
        if row.detail.get("accepted") == "no" or not passes(row, quotes.settings):
            continue
        if known_role(row, min_confidence=least) is not Role.REP:
            continue
        for label in {
            objections[one] for one in map(str, row.detail.get("answers", ())) if one in objections
        }:
            found.setdefault(label, []).append(
                (row.detail.get("accepted") != "yes", -row.score, row.finding_id)
            )
    return {label: [one for *_, one in sorted(such)[:CANDIDATES]] for label, such in found.items()}


def _given(
    label: str, row: EvidenceRow, taken: Mapping[tuple[str, int], ReplyRow], quotes: QuoteMaker
) -> AnswerGiven:
    reply = reply_to(row, taken, quotes)
    return AnswerGiven(
        labels=(label,),
        kind=answer_kind(row),
        accepted=how_taken(row, taken, quotes),
        quote=quotes.quote(replace(row, speaker_name=None)),
        reply=reply_of(row, reply, quotes) if reply else None,
    )
