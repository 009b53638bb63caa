"""Questions beside a competitor's name and what they led to: none is made up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from callmine.domain import Role
from callmine.reports.battlecard_ground import Ground, Read
from callmine.reports.battlecard_values import Asked
from callmine.reports.quotes import QuoteMaker
from callmine.reports.requests import grouped, telling
from callmine.spans import sentence_start
from callmine.store.cards import SaidTurn
from callmine.store.rows import EvidenceRow, HeardRow

BESIDE = 1
"""Turns between a question and the name up to which it was asked beside it; traps reach further."""

OPENING = 2
"""Turns with which a call begins: what is asked in them is asked in every call."""

LEAST_WORDS = 5
"""Words of a question, one of them telling: "Right?" and "Can you hear me?" ask for nothing."""

OFTEN = 2
"""Calls in which a question was asked that is a trap whatever it is about."""

_SMALL = """
aware bad bit brought busy chance change check clear come comfortable concern correct curious day
deal decided easy fair far feel felt fine folk full great guy half happen happy hard hate head hello
hope interested interesting join led left made mention mind minute moment month morning move ooh
open point prefer prompted question quiet ready reason remember said saw sense side sorry sort sound
start story stuff surprised team thinking thought told tomorrow touch tried trouble understand
useful weather weekend went wonder wondered word work worked working worry worth wrong year
"""
_SMALL_TALK = frozenset(_SMALL.split())
"""Words, in the singular, of which no question is about anything: "What made you take this call?"."""

DIFFERENT = 200
"""Requests in different words that are compared with each other at most, the most frequent."""


@dataclass(frozen=True, slots=True)
class Question:
    """The last sentence of a turn that asks something.

    Attributes:
        start: Its first character in the turn.
        end: The one after its last.
        text: The sentence.
        role: Who is known to ask.
        beside: Turns with the competitor's name that it stands near.
    """

    call_id: str
    utterance_index: int
    start: int
    end: int
    text: str
    role: Role
    beside: tuple[int, ...]


Quoted = Callable[[Sequence[Question]], Iterable[EvidenceRow]]
"""Reads questions as rows for quotes, in any order."""


def questions_of(turns: Iterable[SaidTurn], ground: Ground) -> tuple[Question, ...]:
    """Return what is asked near a competitor's name, by somebody whose side is known.

    What the same calls have elsewhere more often than there is asked in any call, and says nothing of it.

    Args:
        turns: What asks in the calls in which it is named.
        ground: The calls.
    """
    found: list[Question] = []
    everywhere: dict[str, set[str]] = defaultdict(set)
    nearby: dict[str, set[str]] = defaultdict(set)
    for turn in turns:
        sure = turn.role_confidence >= ground.counted.min_role_confidence
        if turn.utterance_index < OPENING or not sure or turn.role is Role.UNKNOWN:
            continue
        span = _asking(turn.text) if turn.call_id in ground.placed else None
        if span is None:
            continue
        words = turn.text[slice(*span)]
        everywhere[_same(words)].add(turn.call_id)
        beside = _near(turn, ground)
        if beside:
            nearby[_same(words)].add(turn.call_id)
            found.append(
                Question(turn.call_id, turn.utterance_index, *span, words, turn.role, tuple(beside))
            )
    return tuple(
        one for one in found if 2 * len(nearby[_same(one.text)]) >= len(everywhere[_same(one.text)])
    )


def _near(turn: SaidTurn, ground: Ground) -> list[int]:
    at, reach = turn.utterance_index, ground.settings.reach
    return [named for named in sorted(ground.turns[turn.call_id]) if abs(named - at) <= reach]


def _same(words: str) -> str:
    """Return words as they are compared with others."""
    return " ".join(words.casefold().split())


def _asking(text: str) -> tuple[int, int] | None:
    """Return where the last sentence stands that asks for something."""
    end = text.rfind("?") + 1
    while end:
        start = sentence_start(text, end - 1)
        start += len(text[start:end]) - len(text[start:end].lstrip())
        if len(text[start:end].split()) >= LEAST_WORDS and telling(text[start:end]):
            return start, end
        end = text.rfind("?", 0, start) + 1
    return None


@dataclass(frozen=True, slots=True)
class AllAsked:
    """The four lists of :class:`callmine.reports.battlecard_values.Battlecard` that ask."""

    traps: tuple[Asked, ...]
    questions: tuple[Asked, ...]
    asked_of_us: tuple[Asked, ...]
    requests: tuple[Asked, ...]


def asked_beside(
    found: Sequence[Question],
    requests: Iterable[HeardRow],
    ground: Ground,
    read: Read,
    quoted: Quoted,
    quotes: QuoteMaker,
) -> AllAsked:
    """Sort what is asked into our traps and questions, and what buyers ask and want.

    A trap is a question of ours after which, before anybody asks anything else, a buyer speaks against
    the competitor, in a turn that names no other one: of whom it speaks has to be plain. It is about
    something, or was asked in two calls; small talk that went well once is none, nor a question to ask.

    Args:
        found: See :func:`questions_of`.
        requests: Findings of requests that count.
        ground: The calls.
        read: Reads findings to quote.
        quoted: Reads questions to quote.
        quotes: Makes the quotes.
    """
    against: dict[str, dict[int, HeardRow]] = defaultdict(dict)
    for row in ground.by(Role.PROSPECT, ground.mentions):
        if row.detail.get("stance") == "negative" and ground.quotable(row) and ground.is_plain(row):
            against[row.call_id].setdefault(row.utterance_index, row)
    asked_at: dict[str, set[int]] = defaultdict(set)
    for one in found:
        asked_at[one.call_id].add(one.utterance_index)
    led_to: dict[Question, HeardRow] = {}
    for one in found:
        answer = _answer(one, against[one.call_id], asked_at[one.call_id], ground.settings.reach)
        if one.role is Role.REP and answer is not None:
            led_to[one] = answer
    near = [q for q in found if q not in led_to and _distance(q) <= BESIDE]
    wanted = (
        _telling_traps(led_to),
        [q for q in near if q.role is Role.REP],
        [q for q in near if q.role is Role.PROSPECT],
    )
    traps, questions, theirs = (_asked(one, led_to, ground, read, quoted, quotes) for one in wanted)
    return AllAsked(traps, questions, theirs, _requests(requests, ground, read, quotes))


def _telling_traps(led_to: Iterable[Question]) -> list[Question]:
    """Return the questions that are about something, or were asked often."""
    calls: dict[str, set[str]] = defaultdict(set)
    for one in led_to:
        calls[_same(one.text)].add(one.call_id)
    return [
        one for one in led_to if telling(one.text) - _SMALL_TALK or len(calls[_same(one.text)]) >= OFTEN
    ]


def _distance(question: Question) -> int:
    return min(abs(turn - question.utterance_index) for turn in question.beside)


def _answer(
    question: Question, against: Mapping[int, HeardRow], asked: set[int], reach: int
) -> HeardRow | None:
    """Return what speaks against the competitor after a question and before the next one."""
    for turn in range(question.utterance_index + 1, question.utterance_index + reach + 1):
        if turn in against:
            return against[turn]
        if turn in asked:
            return None
    return None


def _asked(
    found: Sequence[Question],
    led_to: Mapping[Question, HeardRow],
    ground: Ground,
    read: Read,
    quoted: Quoted,
    quotes: QuoteMaker,
) -> tuple[Asked, ...]:
    """Put questions of the same words together; those of most won deals, then of most calls first."""
    alike: dict[str, list[Question]] = defaultdict(list)
    for one in found:
        alike[_same(one.text)].append(one)
    ways = sorted(
        alike.values(),
        key=lambda same: (min(map(_distance, same)) > 0, -_won(same, ground), -len(same), same[0].text),
    )[: ground.settings.asked]
    firsts = [min(same, key=lambda q: (_distance(q), q.call_id)) for same in ways]
    rows = {(row.call_id, row.utterance_index): row for row in quoted(firsts)} if firsts else {}
    said = [led_to[one].finding_id for one in firsts if one in led_to]
    after = {row.finding_id: row for row in read(frozenset(said))} if said else {}
    return tuple(
        Asked(
            calls=len({q.call_id for q in same}),
            won=_won(same, ground),
            quote=quotes.quote(rows[one.call_id, one.utterance_index]),
            said=quotes.quote(after[led_to[one].finding_id]) if one in led_to else None,
        )
        for same, one in zip(ways, firsts, strict=True)
    )


def _won(same: Iterable[Question], ground: Ground) -> int:
    return won_deals((one.call_id for one in same), ground)


def won_deals(calls: Iterable[str], ground: Ground) -> int:
    """Return how many deals of calls were won."""
    return sum(ground.deals[deal].outcome.value == "won" for deal in ground.deals_of(calls))


def _requests(
    requests: Iterable[HeardRow], ground: Ground, read: Read, quotes: QuoteMaker
) -> tuple[Asked, ...]:
    """Return what buyers of the calls wanted, put together by alike words, what most calls have first."""
    said = [
        row
        for row in ground.by(Role.PROSPECT, requests)
        if row.call_id in ground.turns and ground.quotable(row)
    ]
    texts: dict[str, list[HeardRow]] = defaultdict(list)
    for row in said:
        texts[row.text.casefold()].append(row)
    # Of words that are the same one row is read.
    most = sorted(texts.values(), key=lambda rows: (-len(rows), rows[0].text))[:DIFFERENT]
    by_id = {rows[0].finding_id: rows for rows in most}
    groups = []
    for seed, alike in grouped(list(read(frozenset(by_id)))) if by_id else ():
        calls = {row.call_id for one in alike for row in by_id[one.finding_id]}
        groups.append(Asked(calls=len(calls), won=won_deals(calls, ground), quote=quotes.quote(seed)))
    groups.sort(key=lambda one: (-one.calls, one.quote.text))
    return tuple(groups[: ground.settings.asked])
