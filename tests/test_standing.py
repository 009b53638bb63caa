"""Whether a finding counts: the words of ``--why`` go by the very rules of the reports."""

from __future__ import annotations

from typing import Any

import pytest
from digest_rows import WEEK, call, digest, said

from callmine.domain import Kind, Outcome, Role
from callmine.playbook import parse_playbook
from callmine.reports.digest_values import DigestSettings
from callmine.reports.standing import standing_of

PLAYBOOK = parse_playbook(
    '[company]\nname = "Larkmoor"\n'
    '[[trackers]]\nname = "outage"\nwords = ["outage"]\nstage = ["Proposal"]\n'
)
SETTINGS = DigestSettings(min_score=0.5, min_objection_score=0.6, min_label_scores={"price": 0.8})


def standing(on: dict[str, Any] | None = None, **changes: Any) -> tuple[bool, str]:
    """Return whether a finding counts, and why, as one text."""
    where = call(**(on or {}))
    of_call = {name: getattr(where, name) for name in ("language", "role_doubt")}
    found = standing_of(said(where, **{**of_call, **changes}), PLAYBOOK, SETTINGS)
    return found.counts, "; ".join(found.because)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"score": 0.85}, "its score of 0.85 reaches 0.80"),
        ({"score": 0.65, "label": "trust"}, "its score of 0.65 reaches 0.60"),
        ({"score": 0.1, "verdict": "right"}, "a person said so"),
        ({"score": 1.0, "extractor": "person/1"}, "a person said so"),
        ({"score": 0.1, "verdict": "label", "second_verdict": "rejected"}, "a person said so"),
        (
            {"kind": Kind.COMPETITOR, "label": "Lantern", "role": Role.UNKNOWN},
            "its score of 0.90 reaches 0.50",
        ),
        ({"kind": Kind.ANSWER, "label": "evidence", "role": Role.REP}, "its score of 0.90 reaches 0.50"),
        (
            {"kind": Kind.TRACKER, "label": "outage", "deal_stage": "proposal"},
            "its score of 0.90 reaches 0.50",
        ),
    ],
    ids=str,
)
def test_what_counts(changes: dict[str, Any], why: str) -> None:
    """By its score, each label from its own; and by a person's word, whatever the score."""
    assert standing(**changes) == (True, why)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"score": 0.7}, "its score of 0.70 is below 0.80"),
        ({"verdict": "wrong"}, "a person said that it is none"),
        ({"verdict": "replaced", "replaced_by": "ab12"}, "replaced by ab12: the same, in other words"),
        ({"verdict": "replaced"}, "replaced: the same, in other words"),
        ({"second_verdict": "rejected", "second_model": "local"}, "the second reader, local, rejected it"),
        ({"role": Role.REP}, "the rep says it, and only what the prospect says counts"),
        ({"role": Role.UNKNOWN, "role_confidence": 0.0}, "nobody knows who says it"),
        ({"role_confidence": 0.5}, "who says it is prospect only to 0.50, and 0.80 is needed"),
        (
            {"kind": Kind.REQUEST, "role": Role.REP},
            "the rep says it, and only what the prospect says counts",
        ),
        ({"kind": Kind.COMPETITOR, "label": "larkmoor"}, "the name is our own"),
        (
            {"kind": Kind.TRACKER, "label": "outage", "deal_stage": "Won"},
            "the deal was in another stage at the call, or its stage is not known",
        ),
    ],
    ids=str,
)
def test_what_a_finding_lacks(changes: dict[str, Any], why: str) -> None:
    """A sure score is not enough."""
    assert standing(**changes) == (False, why)


@pytest.mark.parametrize(
    ("on", "why"),
    [
        ({"started_at": None}, "the call has no date, so it is in no week"),
        ({"type": "interview"}, "the call is of the type interview, and only sales calls count"),
        ({"outcome": Outcome.EXCLUDED}, "the call's deal is excluded"),
        ({"language": "de"}, "the call is in 'de', in which objections are not looked for"),
        ({"role_doubt": "the rep asks"}, "the call's roles look inverted (see `callmine correct --queue`)"),
    ],
    ids=str,
)
def test_what_a_call_lacks(on: dict[str, Any], why: str) -> None:
    """The surest finding in it counts for nothing, and a digest says the same."""
    assert standing(on) == (False, why)
    where = call(**on)
    assert digest([where], [said(where)]).objections == ()


def test_everything_that_keeps_it_out_is_told() -> None:
    """So that nobody mends one thing and finds the next."""
    counts, why = standing({"started_at": None}, score=0.1, role=Role.REP)
    assert (counts, why.count(";")) == (False, 2)


def test_a_digest_says_the_same() -> None:
    """What counts here is counted there."""
    assert standing(score=0.85)[0]
    assert [o.heard for o in digest([call()], [said(call(), score=0.85)], week=WEEK).objections] == [1]
