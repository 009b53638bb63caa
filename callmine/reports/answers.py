"""Answers: what reps said to the week's objections, in which way, and how prospects took it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from callmine.domain import ANSWER_KINDS, BY_PEOPLE, Kind, Role
from callmine.reports.asked_values import AnswerCount, AnswerGiven, LabelAnswers
from callmine.reports.digest_values import LabelCount
from callmine.reports.passages import cut_at_word
from callmine.reports.quote_values import Reply
from callmine.reports.quotes import QuoteMaker, ranked
from callmine.reports.tally import Window, looks_inverted, passes
from callmine.store.rows import EvidenceRow, ReplyRow, RepRow

NONE = "none"
"""The kind of an objection that nobody answered."""

LONGEST_REPLY = 220
"""Characters of a prospect's reply that are shown, about; it is cut at a word."""


@dataclass(frozen=True, slots=True)
class Answered:
    """How a week's objections were answered: see :class:`Digest` for the fields."""

    answered: tuple[LabelAnswers, ...] = ()
    answers: tuple[AnswerGiven, ...] = ()
    answers_not_listed: int = 0


def answers_of(
    objections: Sequence[LabelCount],
    heard: Mapping[str, Sequence[EvidenceRow]],
    evidence: Sequence[EvidenceRow],
    window: Window,
    quotes: QuoteMaker,
    *,
    reps: Iterable[RepRow],
    replies: Iterable[ReplyRow],
) -> Answered:
    """Say how the objections of this week were answered.

    Only objections count after which one of our reps is known to speak in the call; without that, it
    cannot be told from a transcript in which the answer is missing. Where no answer was ever found,
    calls were read by a version that did not look for any, and nothing is said.

    Args:
        objections: The week's, most heard first.
        heard: The rows behind them, by label.
        evidence: Findings of any kind.
        window: The calls.
        quotes: Makes the quotes.
        reps: Our voices, call by call, roles as sure as the settings want them.
        replies: The turns that show how answers were taken.
    """
    rows = [row for row in evidence if row.kind is Kind.ANSWER and row.call_id in window.calls]
    if not rows:
        return Answered()
    answer_to = {str(one): row for row in rows for one in row.detail.get("answers", ())}
    last: dict[str, int] = {}
    for rep in reps:
        last[rep.call_id] = max(rep.last_turn, last.get(rep.call_id, -1))
    taken = {(reply.call_id, reply.utterance_index): reply for reply in replies}
    made: list[LabelAnswers] = []
    given: dict[str, tuple[EvidenceRow, list[str]]] = {}
    for objection in objections:
        raised = sorted(
            (
                row
                for row in window.now(heard[objection.label])
                if row.utterance_index < last.get(row.call_id, -1)
            ),
            key=lambda row: (row.started_at or "", row.call_id, row.utterance_index, row.finding_id),
        )
        found, silent, left_out = _sorted_out(raised, answer_to, quotes)
        for answer in found:
            given.setdefault(answer.finding_id, (answer, []))[1].append(objection.label)
        if raised:
            made.append(
                LabelAnswers(
                    label=objection.label,
                    title=objection.title,
                    times=len(found) + len({row.call_id for row in silent}),
                    counts=_counts(found, silent, taken, quotes),
                    unanswered=tuple(f"q-{row.finding_id}" for row in silent),
                    left_out=left_out,
                )
            )
    answers, not_listed = _listed(given, taken, quotes)
    return Answered(tuple(made), answers, not_listed)


def _sorted_out(
    raised: Iterable[EvidenceRow], answer_to: Mapping[str, EvidenceRow], quotes: QuoteMaker
) -> tuple[list[EvidenceRow], list[EvidenceRow], int]:
    """Return the answers to objections, the objections without one, and how many nobody can judge."""
    found: dict[str, EvidenceRow] = {}
    silent: list[EvidenceRow] = []
    left_out = 0
    for row in raised:
        answer = answer_to.get(row.finding_id)
        if answer is not None and is_ours(answer, quotes):
            found[answer.finding_id] = answer
        elif answer is None and not row.extractor.startswith(BY_PEOPLE):
            silent.append(row)
        else:
            left_out += 1
    return list(found.values()), silent, left_out


def is_ours(answer: EvidenceRow, quotes: QuoteMaker) -> bool:
    """Whether an answer is sure enough, and known to be given by one of us."""
    return (
        passes(answer, quotes.settings) and quotes.role(answer) is Role.REP and not looks_inverted(answer)
    )


def answer_kind(answer: EvidenceRow) -> str:
    """Return in which way an answer answers, one of :data:`callmine.domain.ANSWER_KINDS`."""
    return answer.label if answer.label in ANSWER_KINDS else str(answer.detail.get("type"))


def reply_to(
    answer: EvidenceRow, taken: Mapping[tuple[str, int], ReplyRow], quotes: QuoteMaker
) -> ReplyRow | None:
    """Return the turn of a known prospect that shows how an answer was taken."""
    reply = taken.get((answer.call_id, answer.detail.get("shown_in", -1)))
    sure = reply is not None and reply.role_confidence >= quotes.settings.min_role_confidence
    return reply if reply is not None and sure and reply.role is Role.PROSPECT else None


def how_taken(answer: EvidenceRow, taken: Mapping[tuple[str, int], ReplyRow], quotes: QuoteMaker) -> str:
    """Return ``yes``, ``no`` or ``unclear``: whether a known prospect accepted an answer."""
    said = answer.detail.get("accepted")
    return said if said in ("yes", "no") and reply_to(answer, taken, quotes) is not None else "unclear"


def _counts(
    found: Iterable[EvidenceRow],
    silent: Iterable[EvidenceRow],
    taken: Mapping[tuple[str, int], ReplyRow],
    quotes: QuoteMaker,
) -> tuple[AnswerCount, ...]:
    """Count answers by kind, the most frequent first, and what was not answered last."""
    by_kind: dict[str, list[str]] = {}
    for answer in found:
        by_kind.setdefault(answer_kind(answer), []).append(how_taken(answer, taken, quotes))
    counts = [AnswerCount(k, len(w), w.count("yes"), w.count("no")) for k, w in by_kind.items()]
    counts.sort(key=lambda count: (-count.times, ANSWER_KINDS.index(count.kind)))
    calls = {row.call_id for row in silent}
    return (*counts, AnswerCount(NONE, len(calls), 0, 0)) if calls else tuple(counts)


def _listed(
    given: Mapping[str, tuple[EvidenceRow, list[str]]],
    taken: Mapping[tuple[str, int], ReplyRow],
    quotes: QuoteMaker,
) -> tuple[tuple[AnswerGiven, ...], int]:
    """Return the best answers of each objection, kind and way of being taken, and how many more.

    So every number opens one of its answers. An answer to two objections is listed with the first.
    """
    groups: dict[tuple[str, str, str], list[EvidenceRow]] = {}
    for answer, labels in given.values():
        groups.setdefault((labels[0], answer_kind(answer), how_taken(answer, taken, quotes)), []).append(
            answer
        )
    listed: list[AnswerGiven] = []
    for (_, kind, accepted), rows in groups.items():
        best, _rest = quotes.choose(ranked(rows), quotes.settings.quotes_per_label)
        for row in best:
            reply = reply_to(row, taken, quotes)
            listed.append(
                AnswerGiven(
                    labels=tuple(given[row.finding_id][1]),
                    kind=kind,
                    accepted=accepted,
                    quote=quotes.quote(replace(row, speaker_name=None)),
                    reply=reply_of(row, reply, quotes) if reply else None,
                )
            )
    return tuple(listed), len(given) - len(listed)


def reply_of(answer: EvidenceRow, reply: ReplyRow, quotes: QuoteMaker) -> Reply:
    """Return the beginning of the turn that shows how an answer was taken."""
    text = cut_at_word(reply.text, LONGEST_REPLY)
    return Reply(
        text=text,
        cut_end=len(text) < len(reply.text.rstrip()),
        utterance=reply.text,
        speaker_name=reply.speaker_name,
        play_ms=reply.start_ms,
        href=quotes.link(replace(answer, play_ms=reply.start_ms)),
    )
