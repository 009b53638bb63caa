"""What is said beside the approved messages: grouped by likeness, counted, told as a candidate or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from digest_rows import a_rep, call, said

from callmine.domain import Kind, Role
from callmine.extractors.heads import Floats
from callmine.reports.digest_values import DigestSettings
from callmine.reports.message_claims import ClaimMaterial, claims_of
from callmine.reports.message_values import Claims
from callmine.reports.people import people_of
from callmine.reports.quotes import QuoteMaker
from callmine.store.rows import CallRow, EvidenceRow

CALLS = [call(f"c-{n}", rep=f"Rep {n % 2}", deal_id=f"D-{n}", account=f"Account {n}") for n in range(4)]
SWAPS = "With us [[people swap shifts on their phone]], every day."


def axis(number: int) -> Floats:
    """A unit vector of its own."""
    return np.eye(8, dtype=np.float32)[number]


def claimed(on: CallRow, words: str = SWAPS, **changes: Any) -> EvidenceRow:
    """A rep's claim that is no message, in turn 10."""
    values: dict[str, Any] = {
        "role": Role.REP,
        "speaker": "ch0",
        "speaker_name": on.rep,
        "utterance_index": 10,
    }
    values |= {"kind": Kind.POSITIONING, "detail": {"side": "rep", "sort": "value"}}
    return said(on, words, "rep", **{**values, **changes})


def wished(on: CallRow, sort: str = "value", **detail: int) -> EvidenceRow:
    """A prospect's own words, or with ``echoes`` those that take up a turn."""
    told = {"side": "prospect", "sort": sort, **detail}
    return said(
        on, "I want [[the plan before lunch]] at last.", "prospect", kind=Kind.POSITIONING, detail=told
    )


def told(
    rows: list[EvidenceRow], *, accepted: frozenset[tuple[str, int]] = frozenset(), **axes: int
) -> Claims:
    """Claims of rows; all are alike unless ``axes`` gives the first of a role another meaning."""
    meanings = {row.finding_id: axis(axes.get(row.finding_id, 0)) for row in rows}
    people = people_of([a_rep(on) for on in CALLS])
    quotes = QuoteMaker(DigestSettings(), "Europe/Berlin")
    return claims_of(rows, people, quotes, ClaimMaterial(meanings, accepted), named=False)


def test_alike_claims_stand_together() -> None:
    """Counted by calls, deals and reps; their quotes name no rep."""
    rows = [claimed(on) for on in CALLS]
    rows[3] = claimed(replace(CALLS[3], deal_id=None))
    (group,) = told(rows).instead
    assert (group.mentions, group.calls, group.deals, group.unlinked_calls, group.reps) == (4, 4, 3, 1, 2)
    assert {quote.speaker_name for quote in group.quotes} == {None}


def test_the_same_words_are_quoted_twice_at_most() -> None:
    """Of different accounts; where words differ, each wording is quoted once."""
    (same,) = told([claimed(on) for on in CALLS]).instead
    assert len(same.quotes) == len({quote.account for quote in same.quotes}) == 2
    words = ("[[shifts are swapped by phone]]", "[[everybody swaps by phone now]]")
    rows = [claimed(on, w) for on, w in zip(CALLS, (SWAPS, SWAPS, *words), strict=True)]
    (other,) = told(rows).instead
    assert len({quote.text for quote in other.quotes}) == len(other.quotes) == 3


def test_two_of_a_kind_are_no_group() -> None:
    """Nor are three in one call, nor claims that mean different things."""
    assert told([claimed(on) for on in CALLS[:2]]).instead == ()
    assert told([claimed(CALLS[0], utterance_index=n) for n in range(3)]).instead == ()
    rows = [claimed(on, f"[[we make thing {n} much faster]] now") for n, on in enumerate(CALLS)]
    apart = told(rows, **{row.finding_id: n for n, row in enumerate(rows)})
    assert (apart.instead, apart.unapproved) == ((), 4)


def test_what_prospects_take_up_is_a_candidate() -> None:
    """From two calls on, and then it is not listed twice; what takes it up is quoted."""
    rows = [claimed(on) for on in CALLS]
    once = told([*rows, wished(CALLS[0], echoes=10)])
    assert (len(once.instead), once.candidates) == (1, ())
    twice = told(
        [*rows, wished(CALLS[0], echoes=10), wished(CALLS[1], echoes=10), wished(CALLS[2], echoes=9)]
    )
    (group,) = twice.candidates
    assert (twice.instead, group.said_by, group.echoed, len(group.taken_up)) == ((), Role.REP, 2, 2)


def test_what_prospects_accept_is_a_candidate() -> None:
    """An answer in the claim's turn that was accepted speaks for the claim."""
    rows = [claimed(on) for on in CALLS]
    accepted = frozenset({(CALLS[0].call_id, 10), (CALLS[1].call_id, 10), (CALLS[2].call_id, 11)})
    (group,) = told(rows, accepted=accepted).candidates
    assert (group.echoed, group.accepted) == (0, 2)


def test_prospects_own_words_are_candidates_but_pain_is_none() -> None:
    """Value and success could be a message; what they say of pain could not."""
    (group,) = told([wished(on) for on in CALLS]).candidates
    assert (group.said_by, group.calls, group.reps) == (Role.PROSPECT, 4, 0)
    assert told([wished(on, "pain") for on in CALLS]).candidates == ()


def test_messages_and_unknown_voices_are_no_claims() -> None:
    """What says a message is told with it; nobody knows whose words an unknown voice's are."""
    message = {"side": "rep", "sort": "value", "message": "fast"}
    rows = [claimed(on, detail=message) for on in CALLS]
    rows += [claimed(on, role=Role.UNKNOWN, role_confidence=0.0) for on in CALLS]
    assert told(rows) == Claims(unapproved=0, compared=0, left_out=0)


def test_what_was_not_compared_is_counted() -> None:
    """A claim whose meaning is not known is left out, and told."""
    rows = [claimed(on) for on in CALLS]
    people = people_of([a_rep(on) for on in CALLS])
    quotes = QuoteMaker(DigestSettings(), "Europe/Berlin")
    found = claims_of(rows, people, quotes, ClaimMaterial({}), named=False)
    assert found == Claims(unapproved=4, compared=0, left_out=4)
