"""What is said beside the approved messages: by reps instead, and by prospects in words of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from callmine.domain import Role
from callmine.extractors.heads import Floats
from callmine.extractors.themes import (
    LEAST,
    LEAST_CALLS,
    by_likeness,
    groups_of,
    says_enough,
)
from callmine.reports.message_values import ClaimGroup, Claims
from callmine.reports.message_wording import choose_worded, quoted
from callmine.reports.people import People
from callmine.reports.quotes import QuoteMaker, ranked
from callmine.store.rows import EvidenceRow

INSTEAD, CANDIDATES = 6, 6
"""Groups that are listed at most."""

QUOTES = 3
"""Quotes of each group at most; of those who took it up, too."""

TAKEN_UP = 2
"""Calls in which prospects take a claim up, or accept it, from which on it is a candidate."""

OWN_WORDS = ("value", "success")
"""Sorts of a prospect's words that could be a message: pain is none."""

Turn = tuple[str, int]
"""Id of a call, and place of a turn in it."""


@dataclass(frozen=True, slots=True)
class ClaimMaterial:
    """What claims are grouped by.

    Attributes:
        meanings: What sets the words of a finding apart, by its id, shape (128,); not of all.
        accepted: Turns of answers that the prospect accepted.
    """

    meanings: Mapping[str, Floats]
    accepted: frozenset[Turn] = field(default_factory=frozenset)


def claims_among(rows: Iterable[EvidenceRow], quotes: QuoteMaker) -> list[EvidenceRow]:
    """Return what may be told beside the messages: other claims of reps, and prospects' own words.

    Args:
        rows: Phrases of positioning that count.
        quotes: Knows who is known to have said something.
    """
    found = [row for row in rows if _side(row, quotes) is not None]
    enough = {text: says_enough(text) for text in {row.text for row in found}}
    return [row for row in found if enough[row.text]]


def _side(row: EvidenceRow, quotes: QuoteMaker) -> Role | None:
    """Return whose words a phrase counts as; ``None`` where it is an approved message, or takes one up."""
    role = quotes.role(row)
    if "message" in row.detail:
        return None
    if role is Role.REP:
        return role
    own = role is Role.PROSPECT and "echoes" not in row.detail and row.detail.get("sort") in OWN_WORDS
    return role if own else None


def claims_of(
    rows: Sequence[EvidenceRow],
    people: People,
    quotes: QuoteMaker,
    material: ClaimMaterial,
    *,
    named: bool,
) -> Claims:
    """Group what is said beside the messages by likeness.

    Args:
        rows: Phrases of positioning that count, of the calls of the report.
        people: Who the reps are.
        quotes: Makes the quotes.
        material: What they are grouped by.
        named: Whether quotes may name the rep.
    """
    told = claims_among(rows, quotes)
    reps = [row for row in told if quotes.role(row) is Role.REP]
    known = [row for row in told if row.finding_id in material.meanings]
    echoes: dict[Turn, list[EvidenceRow]] = {}
    for row in rows:
        if quotes.role(row) is Role.PROSPECT and "echoes" in row.detail:
            echoes.setdefault((row.call_id, int(row.detail["echoes"])), []).append(row)
    made: dict[Role, list[ClaimGroup]] = {}
    for side in (Role.REP, Role.PROSPECT):
        mine = [row for row in known if quotes.role(row) is side]
        made[side] = [
            _group(side, group, people, quotes, material.accepted, echoes, named=named)
            for group in alike(mine, material.meanings)
        ]
    taken = [one for one in made[Role.REP] if one.echoed + one.accepted >= TAKEN_UP]
    instead = [one for one in made[Role.REP] if one.echoed + one.accepted < TAKEN_UP]
    taken.sort(key=lambda one: -(one.echoed + one.accepted))
    return Claims(
        unapproved=len({row.call_id for row in reps}),
        compared=len(known),
        left_out=len(told) - len(known),
        instead=tuple(instead[:INSTEAD]),
        not_listed=len(instead[INSTEAD:]),
        candidates=tuple([*taken, *made[Role.PROSPECT]][:CANDIDATES]),
    )


def alike(rows: Sequence[EvidenceRow], meanings: Mapping[str, Floats]) -> list[list[EvidenceRow]]:
    """Return what several calls say in much the same way, the most frequent first.

    In each group what is most like all the others comes first. The same words are compared once. What is a
    group is what emerging themes take for one.

    Args:
        rows: What was said.
        meanings: What each means, by the finding's id.
    """
    by_words: dict[str, list[EvidenceRow]] = {}
    for row in sorted(rows, key=lambda row: (row.call_id, row.utterance_index, row.finding_id)):
        by_words.setdefault(" ".join(row.text.casefold().split()), []).append(row)
    same = [group for group in by_words.values() if np.any(meanings[group[0].finding_id])]
    if not same:
        return []
    vectors = np.stack([meanings[group[0].finding_id] for group in same])
    found = []
    for numbers in groups_of(vectors):
        nearest = [numbers[i] for i in by_likeness(vectors[numbers])]
        group = [row for number in nearest for row in same[number]]
        if len(group) >= LEAST and len({row.call_id for row in group}) >= LEAST_CALLS:
            found.append((numbers[0], group))
    found.sort(key=lambda one: (-len({row.call_id for row in one[1]}), one[0]))
    return [group for _, group in found]


def _group(
    side: Role,
    rows: Sequence[EvidenceRow],
    people: People,
    quotes: QuoteMaker,
    accepted: Collection[Turn],
    echoes: Mapping[Turn, Sequence[EvidenceRow]],
    *,
    named: bool,
) -> ClaimGroup:
    """Count one group, and choose its quotes."""
    spoken = {people.voices.get((row.call_id, row.speaker)) for row in rows} if side is Role.REP else set()
    turns = {(row.call_id, row.utterance_index) for row in rows}
    taken = [row for turn in sorted(turns) for row in echoes.get(turn, ())]
    best = choose_worded(rows, QUOTES)
    answering = choose_worded(ranked(taken), QUOTES)
    part = "own" if side is Role.PROSPECT else "beside"
    return ClaimGroup(
        said_by=side,
        mentions=len(rows),
        calls=len({row.call_id for row in rows}),
        deals=len({row.deal_id for row in rows if row.deal_id}),
        unlinked_calls=len({row.call_id for row in rows if not row.deal_id}),
        reps=len(spoken - {None}),
        echoed=len({row.call_id for row in taken}),
        accepted=len({call_id for call_id, _ in turns & set(accepted)}),
        quotes=tuple(quoted(row, quotes, named=named or side is Role.PROSPECT, part=part) for row in best),
        taken_up=tuple(quoted(row, quotes, named=True, part=part) for row in answering),
    )
