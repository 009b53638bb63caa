"""The calls of a reviewed deal: who spoke, what was raised, and how it was answered. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from callmine.domain import BY_PEOPLE, Kind, Role
from callmine.extractors.approved import WORDED
from callmine.extractors.wording import share_said, wording
from callmine.reports.answers import answer_kind, how_taken, is_ours, reply_of, reply_to
from callmine.reports.closed import Standing, local_day, shows_prospects, standing_of, thing_of
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import QuoteMaker
from callmine.reports.review_unsure import unsure_in
from callmine.reports.review_values import ANSWERED, UNANSWERED, UNCLEAR, Given, Raised, ReviewCall, Voice
from callmine.reports.tally import in_another_language, looks_inverted, passes
from callmine.store.review_queries import HeadRow, ReviewRows, VoiceRow
from callmine.store.rows import EvidenceRow, ReplyRow, TalkRow

ROLE_ORDER = (Role.PROSPECT, Role.REP, Role.UNKNOWN)
INTERVIEW = "interview"


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What was said in the calls of a deal, sorted.

    Attributes:
        calls: As values, in the order of the rows.
        things: ``(family, label)`` to findings of the calls that are evidence, in order.
        requests: What prospects asked for in these calls, in order.
    """

    calls: tuple[ReviewCall, ...]
    things: Mapping[tuple[str, str], tuple[EvidenceRow, ...]]
    requests: tuple[EvidenceRow, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What is looked up call by call."""

    quotes: QuoteMaker
    titles: Mapping[str, Mapping[str, str]]
    ours: frozenset[str]
    answer_to: Mapping[str, EvidenceRow]
    taken: Mapping[tuple[str, int], ReplyRow]
    last_turn: Mapping[str, int]


def told_in(
    talks: Sequence[TalkRow],
    rows: ReviewRows,
    quotes: QuoteMaker,
    *,
    closed: date | None,
    timezone: str,
    titles: Mapping[str, Mapping[str, str]],
    own_names: Iterable[str] = (),
) -> Told:
    """Sort what was said in the calls of a deal, as the reports on closed deals count it.

    Args:
        talks: The calls, by time.
        rows: All of them.
        quotes: Makes the quotes.
        closed: Day on which the deal closed; ``None`` where it is open.
        timezone: IANA name; decides on which day a call was.
        titles: Family to label to what people call it.
        own_names: Our company and products, which are no competitors.
    """
    settings = quotes.settings
    known = _Known(
        quotes=quotes,
        titles=titles,
        ours=frozenset(name.casefold() for name in own_names),
        answer_to={
            str(one): row
            for row in rows.found
            if row.kind is Kind.ANSWER
            for one in row.detail.get("answers", ())
        },
        taken={(reply.call_id, reply.utterance_index): reply for reply in rows.replies},
        last_turn=_last_turns(rows.voices, settings.min_role_confidence) if rows.answers_sought else {},
    )
    by_call: dict[str, list[EvidenceRow]] = defaultdict(list)
    for row in rows.found:
        by_call[row.call_id].append(row)
    voices: dict[str, list[VoiceRow]] = defaultdict(list)
    for voice in rows.voices:
        voices[voice.call_id].append(voice)
    things: dict[tuple[str, str], list[EvidenceRow]] = defaultdict(list)
    asked: list[EvidenceRow] = []
    calls = []
    for talk in talks:
        standing = standing_of(talk, closed, timezone)
        heard = by_call[talk.call_id] if _may_count(talk) else []
        found = [row for row in heard if passes(row, settings)]
        call = _call(
            *(talk, standing, rows.heads[talk.call_id], voices[talk.call_id], found, known),
            timezone=timezone,
        )
        unsure = unsure_in(heard, quotes, titles=titles.get("objection", {}), ours=known.ours)
        calls.append(replace(call, unsure=unsure))
        if standing is Standing.COUNTS:
            for row in found:
                thing = thing_of(row, quotes.role(row), ours=known.ours)
                if thing is not None:
                    things[thing].append(row)
            asked += [row for row in found if _is_request(row, quotes)]
    return Told(tuple(calls), {key: tuple(said) for key, said in things.items()}, tuple(asked))


def _may_count(talk: TalkRow) -> bool:
    """Whether something of a call may be shown: a sales call's or an interview's, its prospects known."""
    return talk.type in ("sales", INTERVIEW) and not talk.skipped and shows_prospects(talk)


def _is_request(row: EvidenceRow, quotes: QuoteMaker) -> bool:
    return row.kind is Kind.REQUEST and quotes.role(row) is Role.PROSPECT


def _call(
    talk: TalkRow,
    standing: Standing,
    head: HeadRow,
    voices: Sequence[VoiceRow],
    found: Sequence[EvidenceRow],
    known: _Known,
    *,
    timezone: str,
) -> ReviewCall:
    quotes = known.quotes
    heard: dict[str, dict[str, list[EvidenceRow]]] = defaultdict(lambda: defaultdict(list))
    for row in found:
        thing = thing_of(row, quotes.role(row), ours=known.ours)
        if thing is not None:
            heard[thing[0]][thing[1]].append(row)
    messages = known.titles.get("message", {})
    return ReviewCall(
        call_id=talk.call_id,
        source=head.source,
        title=head.title,
        type=talk.type,
        standing=standing.value,
        why_not=_why_not(talk),
        day=local_day(talk.started_at, timezone).isoformat() if talk.started_at else None,
        stage=talk.stage,
        duration_ms=head.duration_ms,
        voices=_voices(voices, quotes.settings.min_role_confidence),
        raised=tuple(
            _raised(label, rows, known, answers=talk.type != INTERVIEW)
            for label, rows in heard["objection"].items()
        ),
        competitors=tuple(heard["competitor"]),
        messages=tuple(messages.get(label, label) for label in heard["message"]),
        requests=tuple(quotes.quote(row) for row in found if _is_request(row, quotes)),
        apart=() if standing is Standing.COUNTS else _apart(found, known),
    )


def _apart(found: Iterable[EvidenceRow], known: _Known) -> tuple[Quote, ...]:
    """Quote the first mention of each competitor and message, and prospects' own words."""
    chosen: dict[tuple[str, str], EvidenceRow] = {}
    for row in found:
        role = known.quotes.role(row)
        thing = thing_of(row, role, ours=known.ours)
        if thing is not None and thing[0] != "objection":
            chosen.setdefault(thing, row)
        elif row.kind is Kind.POSITIONING and role is Role.PROSPECT:
            chosen["words", row.finding_id] = row
    return tuple(
        known.quotes.quote(
            row if known.quotes.role(row) is not Role.REP else replace(row, speaker_name=None)
        )
        for row in chosen.values()
    )


def _why_not(talk: TalkRow) -> str:
    """Say why nothing of a call counts; empty where something may."""
    if talk.skipped:
        return "it was skipped: no consent, nobody from outside, or an internal call"
    if talk.type not in ("sales", INTERVIEW):
        return "it is no sales call"
    if not talk.words:
        return "it has no transcript yet"
    if in_another_language(talk):
        return "it is in a language in which objections are not looked for"
    if looks_inverted(talk):
        return "its roles look the wrong way round, and nobody has confirmed or swapped them"
    if not talk.prospect_words:
        return "no prospect is known to speak in it"
    return ""


def _voices(voices: Iterable[VoiceRow], sure: float) -> tuple[Voice, ...]:
    """Return who spoke, prospects first, whoever says most first; a voice of no words is nobody."""
    words: dict[tuple[Role, str | None, str], int] = defaultdict(int)
    for voice in voices:
        role = voice.role if voice.confidence >= sure else Role.UNKNOWN
        # Without a name, voices are told apart by their keys.
        words[role, voice.name, "" if voice.name else voice.speaker] += voice.words
    found = [Voice(name, role, count) for (role, name, _), count in words.items() if count]
    return tuple(sorted(found, key=lambda v: (ROLE_ORDER.index(v.role), -v.words, v.name or "")))


def _last_turns(voices: Iterable[VoiceRow], sure: float) -> dict[str, int]:
    """Return the last turn of ours in each call."""
    last: dict[str, int] = {}
    for voice in voices:
        if voice.role is Role.REP and voice.confidence >= sure:
            last[voice.call_id] = max(voice.last_turn, last.get(voice.call_id, -1))
    return last


def _raised(label: str, rows: Sequence[EvidenceRow], known: _Known, *, answers: bool) -> Raised:
    """Return one objection of one call with its answers; whoever asks in an interview answers nothing.

    As in digests, that nobody answered is only said of an objection after which one of us is known to
    speak, and which no person added after answers were looked for.
    """
    quotes = known.quotes
    given: dict[str, EvidenceRow] = {}
    silent = False
    for row in rows if answers else ():
        answer = known.answer_to.get(row.finding_id)
        if answer is not None and is_ours(answer, quotes):
            given[answer.finding_id] = answer
        elif answer is None and not row.extractor.startswith(BY_PEOPLE):
            silent |= row.utterance_index < known.last_turn.get(row.call_id, -1)
    return Raised(
        label=label,
        title=known.titles.get("objection", {}).get(label, label),
        standing=ANSWERED if given else UNANSWERED if silent else UNCLEAR,
        quotes=tuple(map(quotes.quote, rows)),
        answers=tuple(_given(label, answer, known) for answer in given.values()),
    )


def _given(label: str, answer: EvidenceRow, known: _Known) -> Given:
    quotes = known.quotes
    reply = reply_to(answer, known.taken, quotes)
    quote = quotes.quote(replace(answer, speaker_name=None))
    said = answer.detail.get("playbook")
    return Given(
        kind=answer_kind(answer),
        playbook=str(said) if said else None,
        playbook_sure=bool(said)
        and (answer.verdict == "right" or share_said(wording(str(said)), answer.text) >= WORDED),
        accepted=how_taken(answer, known.taken, quotes),
        # One answer may stand below each of several objections; an anchor leads to one place.
        quote=replace(quote, quote_id=f"{quote.quote_id}-{label}"),
        reply=reply_of(answer, reply, quotes) if reply else None,
    )
