"""Loss reasons against what was heard: objections by label, a competitor by the name that the CRM gives."""

from __future__ import annotations

from typing import Any

import pytest

from callmine.domain import LOST_TO_COMPETITOR, EndWords, Kind, Outcome, Role
from callmine.outcomes.agreement import Agreement
from callmine.reports.closed_reasons import reasons_of
from callmine.reports.digest_values import DigestSettings
from callmine.store.rows import HeardRow
from tests.closed_rows import a_heard, a_talk, gathered, lost, one_call_each, said_in

RIVALS = {"lantern": "Lantern", "lantern shift": "Lantern", "dutymark": "Dutymark"}
TO_A_RIVAL = (LOST_TO_COMPETITOR,)


def a_name(label: str = "Lantern", **changes: Any) -> HeardRow:
    """A competitor, named by a known prospect."""
    return a_heard(**{"label": label, "kind": Kind.COMPETITOR, "text": label, **changes})


def of_one(*rows: HeardRow, labels: tuple[str, ...] = TO_A_RIVAL, **deal: Any) -> Agreement:
    """What is found of one lost deal with one call."""
    closed = gathered([lost("D-1", **deal)], [a_talk()])
    words = {"D-1": EndWords(reason_labels=labels)}
    settings = DigestSettings()
    return reasons_of(closed, said_in(closed, *rows), words, settings, rivals=RIVALS, min_deals=1)


def test_reasons_are_held_against_objections_of_lost_deals() -> None:
    """Won deals, rivals and messages are no part of it; what parts is named."""
    closed = one_call_each(1, 3)
    heard = said_in(closed, a_heard("c-000"), a_heard("c-001"), a_heard("c-002", "trust"))
    words = {f"D-00{n}": EndWords(reason_labels=("price",)) for n in (0, 1, 2)}
    found = reasons_of(closed, heard, words, DigestSettings(), rivals=RIVALS, min_deals=1)
    assert (found.confirmed.successes, found.confirmed.total, found.without_reason) == (1, 2, 1)
    assert [(row.deal, row.never_heard) for row in found.parting] == [("D-002", ("price",))]


def test_losing_to_a_competitor_is_no_objection() -> None:
    """The objection "current vendor" neither confirms it nor is missing from the calls."""
    found = of_one(a_heard(label="incumbent"), loss_reason="Went with another vendor")
    assert found.confirmed.successes == 0
    assert [row.never_heard for row in found.parting] == [TO_A_RIVAL]
    assert {row.label: row.reason_only for row in found.labels} == {LOST_TO_COMPETITOR: 1, "incumbent": 0}


@pytest.mark.parametrize(
    ("row", "deal", "heard"),
    [
        (a_name(), {}, True),
        (a_name("Dutymark"), {}, True),
        (a_name(), {"competitor": "Lantern"}, True),
        (a_name(), {"competitor": "LANTERN  shift; Other"}, True),
        (a_name("Dutymark"), {"competitor": "Lantern"}, False),
        (a_name(), {"loss_reason": "Chose Dutymark", "competitor": "Lantern"}, False),
        (a_name(), {"loss_reason": "Lost to Competitor"}, True),
        (a_name(role=Role.REP), {}, False),
        (a_name(role_confidence=0.5), {}, False),
        (a_name(score=0.1), {}, False),
    ],
)
def test_heard_is_that_a_prospect_named_who_got_it(
    row: HeardRow, deal: dict[str, Any], heard: bool
) -> None:
    """Any competitor, or the one that the CRM names: in its reason, else in its column."""
    assert of_one(row, **{"loss_reason": "Went with another vendor", **deal}).confirmed.successes == heard


@pytest.mark.parametrize("deal", [{"competitor": "Frobwell"}, {"loss_reason": "Chose Frobwell"}])
def test_a_name_that_nobody_listens_for_is_not_missing(deal: dict[str, Any]) -> None:
    """Who is not in the playbook cannot be heard: other reasons of the deal still count."""
    assert of_one(a_name(), **deal).without_reason == 1
    found = of_one(a_heard(), labels=("price", *TO_A_RIVAL), **deal)
    assert (found.confirmed.successes, found.parting) == (1, ())


def test_a_name_alone_says_who_got_it() -> None:
    """A reason that is a name tells it where the deal was lost to a competitor, and only there."""
    assert of_one(a_name(), labels=(), loss_reason="Dutymark, price").confirmed.total == 1
    other = of_one(a_name(), labels=(), loss_reason="Dutymark, price", outcome=Outcome.LOST_OTHER)
    assert other.confirmed.total == 0


def test_a_competitor_who_did_not_get_it_parts_nothing() -> None:
    """Most deals name one: only where it is the reason is it looked for."""
    closed = gathered([lost("D-1")], [a_talk("c-1"), a_talk("c-2")])
    rows = [a_name(call_id="c-1"), a_name(call_id="c-2"), a_heard("c-1")]
    words = {"D-1": EndWords(reason_labels=("price",))}
    found = reasons_of(closed, said_in(closed, *rows), words, DigestSettings(), rivals=RIVALS, min_deals=1)
    assert found.parting == ()
    assert {row.label: row.heard_only for row in found.labels}[LOST_TO_COMPETITOR] == 1
