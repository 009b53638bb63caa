"""How deals ended: columns, flags, stages, and why they were lost."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.crm import parse_mapping
from callmine.crm.outcome import lost_because, names_competitor, outcome_of
from callmine.domain import Outcome


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"outcome": "won"}, Outcome.WON),
        ({"outcome": "Lost to no decision", "stage": "Closed Won"}, Outcome.WON),
        ({"outcome": "Lost Competitor"}, Outcome.LOST_COMPETITOR),
        ({"outcome": "lost-other"}, Outcome.LOST_OTHER),
        ({"outcome": "No decision"}, Outcome.LOST_NO_DECISION),
        ({"outcome": "lost"}, Outcome.LOST_UNKNOWN),
        ({"outcome": "lost", "loss_reason": "Price"}, Outcome.LOST_OTHER),
        ({"outcome": "test"}, Outcome.EXCLUDED),
        ({"outcome": "open", "stage": "Closed Won"}, Outcome.OPEN),
        ({"is_won": True, "stage": "Closed Lost"}, Outcome.WON),
        ({"is_closed": False, "stage": "Closed Won"}, Outcome.OPEN),
        ({"is_won": False, "is_closed": True, "stage": "Closed Won"}, Outcome.LOST_UNKNOWN),
        ({"is_won": False, "is_closed": True, "competitor": "Northwind"}, Outcome.LOST_COMPETITOR),
        ({"is_won": False, "stage": "closedlost"}, Outcome.LOST_UNKNOWN),
        ({"is_won": False, "stage": "Proposal"}, Outcome.OPEN),
        ({"is_won": False, "stage": "Closed Won"}, Outcome.EXCLUDED),
        ({"is_closed": True, "stage": "Closed Won"}, Outcome.WON),
        ({"is_closed": True, "stage": "Closed Lost", "loss_reason": "no budget"}, Outcome.LOST_NO_DECISION),
        ({"is_closed": True, "stage": "In progress"}, Outcome.EXCLUDED),
        ({"is_closed": True}, Outcome.EXCLUDED),
        ({"is_won": False, "is_closed": True, "stage": "Disqualified"}, Outcome.EXCLUDED),
        ({"stage": "Closed Won"}, Outcome.WON),
        ({"stage": "Closed-Won (signed)"}, Outcome.WON),
        ({"stage": "closedlost"}, Outcome.LOST_UNKNOWN),
        ({"stage": "Closed Lost - went dark"}, Outcome.LOST_NO_DECISION),
        ({"stage": "Closed Lost - went dark", "loss_reason": "Price"}, Outcome.LOST_OTHER),
        ({"stage": "Geschlossen und gewonnen"}, Outcome.WON),
        ({"stage": "Geschlossen & verloren"}, Outcome.LOST_UNKNOWN),
        ({"stage": "Fermé et gagné"}, Outcome.WON),
        ({"stage": "Cerrada y perdida"}, Outcome.LOST_UNKNOWN),
        ({"stage": "Closed and Lost", "loss_reason": "no budget"}, Outcome.LOST_NO_DECISION),
        ({"stage": "Won and waiting"}, Outcome.OPEN),
        ({"stage": "Closed"}, Outcome.EXCLUDED),
        ({"stage": "Duplicate"}, Outcome.EXCLUDED),
        ({"stage": "Wonderful prospects"}, Outcome.OPEN),
        ({}, Outcome.OPEN),
    ],
)
def test_outcomes(facts: dict[str, Any], outcome: Outcome) -> None:
    """The outcome column, then flags, then stage names."""
    assert outcome_of(**facts)[0] is outcome


def test_doubts_are_told() -> None:
    """Contradictions, unknown words and closed deals without an ending are said."""
    assert outcome_of(outcome="won", is_won=True)[1] is None
    assert "is_won and is_closed say lost" in str(
        outcome_of(outcome="won", is_won=False, is_closed=True)[1]
    )
    assert "is_closed say open" in str(outcome_of(outcome="won", is_closed=False)[1])
    assert outcome_of(outcome="lost_other", is_won=False, is_closed=True)[1] is None
    assert outcome_of(outcome="excluded", is_won=True)[1] is None
    lost = outcome_of(stage="Closed Won", is_won=False, is_closed=True)
    assert lost[0] is Outcome.LOST_UNKNOWN
    assert "the stage is 'Closed Won', but is_won and is_closed say lost" in str(lost[1])
    assert outcome_of(stage="No decision", is_won=False, is_closed=True)[1] is None
    assert "did you mean 'won'" in str(outcome_of(outcome="wonn", stage="Open")[1])
    assert "not clear whether it was won" in str(outcome_of(is_closed=True)[1])


@pytest.mark.parametrize(
    ("reason", "competitor", "outcome"),
    [
        ("No decision", None, Outcome.LOST_NO_DECISION),
        ("no-decision / status quo", "Northwind", Outcome.LOST_NO_DECISION),
        ("Budget was cut", None, Outcome.LOST_NO_DECISION),
        ("They went dark", None, Outcome.LOST_NO_DECISION),
        ("project postponed", None, Outcome.LOST_NO_DECISION),
        ("Lost to competitor", None, Outcome.LOST_COMPETITOR),
        ("Went with another vendor, no budget for us", None, Outcome.LOST_COMPETITOR),
        ("no competitor, no decision", None, Outcome.LOST_NO_DECISION),
        ("No competition", None, Outcome.LOST_OTHER),
        ("Price", "Northwind", Outcome.LOST_COMPETITOR),
        ("Price", "none", Outcome.LOST_OTHER),
        ("Price", None, Outcome.LOST_OTHER),
        ("Other", None, Outcome.LOST_OTHER),
        ("Unknown", None, Outcome.LOST_UNKNOWN),
        (None, None, Outcome.LOST_UNKNOWN),
        (None, "Northwind", Outcome.LOST_COMPETITOR),
        ("Duplicate or test", "Northwind", Outcome.EXCLUDED),
        ("Duplicate of D-12", None, Outcome.EXCLUDED),
        ("test deal", None, Outcome.EXCLUDED),
        ("Not qualified: too small", None, Outcome.EXCLUDED),
        ("created in error", None, Outcome.EXCLUDED),
        ("Duplicate functionality with our ERP", None, Outcome.LOST_OTHER),
        ("Failed the penetration test", None, Outcome.LOST_OTHER),
        ("Testing took too long", None, Outcome.LOST_OTHER),
    ],
)
def test_lost_deals_are_split(reason: str | None, competitor: str | None, outcome: Outcome) -> None:
    """The text of the reason first, then a named competitor."""
    assert lost_because(reason, competitor) is outcome


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("Went with Lantern", Outcome.LOST_COMPETITOR),
        ("went with LANTERN  shift, no budget for both", Outcome.LOST_COMPETITOR),
        ("Lost to the Lantern", Outcome.LOST_COMPETITOR),
        ("Price (Lantern was cheaper)", Outcome.LOST_COMPETITOR),
        ("No decision, had looked at Lantern", Outcome.LOST_NO_DECISION),
        ("Price, not Lantern", Outcome.LOST_OTHER),
        ("Lanterns were broken", Outcome.LOST_OTHER),
        ("Went with C+", Outcome.LOST_COMPETITOR),
    ],
)
def test_reasons_that_name_a_rival(reason: str, outcome: Outcome) -> None:
    """Whole names of the playbook, in any case; who was only in the deal did not take an undecided one."""
    rivals = ("Lantern", "Lantern Shift", "C+")
    assert lost_because(reason, None, rivals=rivals) is outcome
    if outcome is Outcome.LOST_COMPETITOR:
        assert lost_because(reason, None) is not outcome
    mapping = parse_mapping('[loss_reasons]\nlost_other = ["*lantern*"]')
    if "lantern" in reason.casefold():
        assert lost_because(reason, None, mapping, rivals=rivals) is Outcome.LOST_OTHER


def test_mapping_names_stages_and_reasons() -> None:
    """The company's own words win over the built-in ones."""
    mapping = parse_mapping(
        '[outcome]\nwon = ["Live"]\nlost = "Dead"\nopen = ["Closed for now"]\nexcluded = ["Closed Lost"]\n'
        '[loss_reasons]\nlost_competitor = ["incumbent*"]\nlost_no_decision = ["timing"]\n'
        'lost_other = ["price*status quo"]\nlost_unknown = ["misc"]\nexcluded = ["partner deal"]\n'
    )
    stages = {"LIVE": Outcome.WON, "closed for now": Outcome.OPEN, "Closed Lost": Outcome.EXCLUDED}
    for stage, outcome in stages.items():
        assert outcome_of(stage=stage, mapping=mapping) == (outcome, None)
    reasons = {
        "Bad timing": Outcome.LOST_NO_DECISION,
        "timings": Outcome.LOST_OTHER,
        "price, then the status quo": Outcome.LOST_OTHER,
        "Misc": Outcome.LOST_UNKNOWN,
        "a partner  deal": Outcome.EXCLUDED,
        "incumbents discounted": Outcome.LOST_COMPETITOR,
    }
    for reason, outcome in reasons.items():
        assert outcome_of(stage="dead", loss_reason=reason, mapping=mapping)[0] is outcome


def test_competitor_columns_that_name_nobody() -> None:
    """`None` and the like are not rivals."""
    assert [names_competitor(c) for c in (None, "", "None", "no competitor", "Northwind")] == [
        False, False, False, False, True,
    ]  # fmt: skip


def test_flags_never_contradict_the_outcome() -> None:
    """Without an outcome column no combination of flags and stages turns lost into won or back."""
    stages = (None, "Closed Won", "Closed Lost", "Closed", "Proposal", "Duplicate")
    for won, closed, stage in itertools.product((None, True, False), (None, True, False), stages):
        outcome, _ = outcome_of(is_won=won, is_closed=closed, stage=stage)
        if won:
            assert not outcome.is_lost
        if won is False:
            assert outcome is not Outcome.WON
        if closed is False and not won:
            assert outcome in (Outcome.OPEN, Outcome.EXCLUDED)


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.text(max_size=10))
def test_any_text_has_an_outcome(outcome: str, stage: str, reason: str, competitor: str) -> None:
    """No text breaks the rule."""
    found, _ = outcome_of(outcome=outcome, stage=stage, loss_reason=reason, competitor=competitor)
    assert isinstance(found, Outcome)
