"""Which findings reports count, asked of one finding, and that the digest agrees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from digest_rows import call, digest, said

from callmine.domain import Kind, Outcome, Role
from callmine.reports.digest_values import DigestSettings
from callmine.reports.standing import counts

SETTINGS = DigestSettings(min_objection_score=0.8, min_label_scores={"price": 0.6})


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({"score": 0.61}, True),
        ({"score": 0.59}, False),
        ({"score": 0.59, "verdict": "right"}, True),
        ({"score": 0.99, "verdict": "wrong"}, False),
        ({"score": 0.99, "second_verdict": "rejected"}, False),
        ({"score": 0.99, "role": Role.REP}, False),
        ({"score": 0.99, "role_confidence": 0.5}, False),
        ({"score": 0.99, "role_doubt": "the seller asks for the price"}, False),
        ({"score": 0.99, "call_type": "internal"}, False),
        ({"score": 0.99, "started_at": None}, False),
        ({"score": 0.99, "outcome": Outcome.EXCLUDED}, False),
        ({"score": 0.99, "language": "de"}, False),
    ],
)
def test_an_objection_counts_as_in_the_digest(changes: dict[str, Any], counted: bool) -> None:
    """By its label's score or a person's word, said by a known prospect in a call that counts."""
    row = replace(said(call()), **changes)
    assert counts(row, SETTINGS) is counted
    of_call = {"role_doubt": row.role_doubt, "outcome": row.outcome, "started_at": row.started_at}
    on = replace(call(), type=row.call_type, language=row.language or "en", **of_call)
    assert bool(digest([on], [row], settings=SETTINGS).objections) is counted


@pytest.mark.parametrize(
    ("kind", "whose"),
    [
        (Kind.REQUEST, {Role.PROSPECT}),
        (Kind.ANSWER, {Role.REP}),
        (Kind.COMPETITOR, set(Role)),
        (Kind.POSITIONING, {Role.PROSPECT, Role.REP}),
        (Kind.TRACKER, set(Role)),
    ],
)
def test_whose_words_count_depends_on_the_kind(kind: Kind, whose: set[Role]) -> None:
    """Answers are ours, requests the prospect's, a competitor may be named by either side."""
    rows = {role: replace(said(call()), kind=kind, role=role, score=0.9, language="de") for role in Role}
    assert {role for role, row in rows.items() if counts(row, SETTINGS)} == whose
