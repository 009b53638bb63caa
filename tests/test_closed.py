"""Which deals and calls count as won and lost, and what counts as heard in them."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.domain import Kind, Outcome, Role
from callmine.reports.closed import closed_deals
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcome_sections import heard_by_stage
from tests.builders import a_deal
from tests.closed_rows import a_heard, a_talk, gathered, lost, one_call_each, said_in

DAY = {"since": date(2026, 10, 2), "until": date(2026, 10, 5)}


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"close_date": "2026-10-02"}, True),
        ({"close_date": "2026-10-05"}, True),
        ({"close_date": "2026-10-01"}, False),
        ({"close_date": "2026-10-06"}, False),
        ({"close_date": None}, False),
        ({"outcome": Outcome.OPEN}, False),
        ({"outcome": Outcome.EXCLUDED}, False),
        *(({"outcome": outcome}, True) for outcome in Outcome if outcome.is_lost),
    ],
)
def test_deals_that_closed_in_the_period(changes: dict[str, Any], counts: bool) -> None:
    """Won and lost ones whose close lies in the period, both edges included."""
    deal = a_deal(**{"close_date": "2026-10-03", **changes})
    assert gathered([deal], [], **DAY).deals == ((deal,) if counts else ())


@pytest.mark.parametrize(
    ("changes", "left_out"),
    [
        ({}, None),
        ({"started_at": "2026-10-05T21:59:59Z"}, None),  # the close date's last second in Berlin
        ({"started_at": "2026-10-05T22:00:00Z"}, "after_close"),
        ({"started_at": "2026-10-07T08:00:00Z"}, "after_close"),
        ({"started_at": None}, "undated"),
        ({"prospect_words": 0}, "unplaced"),
        ({"role_doubt": "the rep asks for a price"}, "unplaced"),
        ({"language": "de"}, "unplaced"),
        ({"language": None}, None),
        ({"type": "internal"}, "untold"),
        ({"type": "interview"}, "untold"),
        ({"skipped": True}, "untold"),
        ({"words": 0, "prospect_words": 0}, "untold"),
        ({"words": 0, "prospect_words": 0, "failed": True}, "failed"),
        ({"words": 0, "prospect_words": 0, "failed": True, "type": "internal"}, "untold"),
        ({"failed": True}, None),  # a later stage failed, and its words are there
        ({"deal_id": None}, "untold"),
        ({"deal_id": "D-2"}, "untold"),
    ],
)
def test_calls_that_are_evidence(changes: dict[str, Any], left_out: str | None) -> None:
    """Each call that is none is told with its reason, once; those that are no sales calls are not."""
    closed = gathered([a_deal()], [a_talk(**changes)])
    told = {name: getattr(closed, name) for name in ("after_close", "undated", "unplaced", "failed")}
    assert told == {name: int(name == left_out) for name in told}
    assert closed.call_ids == (("c-1",) if left_out is None else ())


@pytest.mark.parametrize(
    ("timezone", "counts"), [("Europe/Berlin", False), ("America/New_York", True), ("UTC", True)]
)
def test_days_are_the_workspaces(timezone: str, counts: bool) -> None:
    """A call late in the evening of the close is on that day in New York, and on the next in Berlin."""
    talk = a_talk(started_at="2026-10-05T23:30:00Z")
    assert bool(gathered([a_deal()], [talk], timezone=timezone).call_ids) is counts


def test_a_call_on_the_day_of_the_close_is_no_day_away_from_it() -> None:
    """Days to the close are whole days of the workspace, never hours."""
    talks = [a_talk("a", started_at="2026-10-03T22:30:00Z"), a_talk("b", started_at="2026-10-05T05:00:00Z")]
    assert gathered([a_deal()], talks).cohort.days_to_close.tolist() == [1, 0]


def test_calls_are_numbered_within_their_deal_by_time() -> None:
    """Only calls that are evidence have a number, so that the first of them is number one."""
    closed = gathered(
        [a_deal("D-1"), lost("D-2")],
        [
            a_talk("late", started_at="2026-10-01T08:00:00Z"),
            a_talk("early", started_at="2026-09-01T08:00:00Z"),
            a_talk("nobody", started_at="2026-08-01T08:00:00Z", prospect_words=0),
            a_talk("other", "D-2"),
        ],
    )
    assert closed.call_ids == ("early", "late", "other")
    assert closed.cohort.number.tolist() == [1, 2, 1]
    assert closed.cohort.deal.tolist() == [0, 0, 1]
    assert closed.cohort.won.tolist() == [True, False]


def test_a_deal_without_evidence_is_in_the_basis_only() -> None:
    """It closed, it had a call, and nothing can be held against it."""
    deals = [lost("D-1"), a_deal("D-2"), a_deal("D-3")]
    closed = gathered(deals, [a_talk("a", "D-1", prospect_words=0), a_talk("b", "D-3")])
    assert [deal.deal_id for deal in closed.deals] == ["D-1", "D-2", "D-3"]
    assert closed.with_calls.tolist() == [1, 0, 1]
    assert closed.rows.tolist() == [2]
    assert closed.cohort.deals == 1


def test_segments_and_stages_are_codes_with_names() -> None:
    """What is not known is -1, an empty text too; codes are places in the sorted names."""
    deals = [a_deal("D-1", segment="SMB"), a_deal("D-2", segment=None), a_deal("D-3", segment="Enterprise")]
    stages = ("Proposal", None, "Discovery")
    talks = [a_talk(f"c-{n}", f"D-{n}", stage=stage) for n, stage in enumerate(stages, 1)]
    closed = gathered(deals, talks)
    assert closed.segments == ("Enterprise", "SMB")
    assert closed.cohort.segment.tolist() == [1, -1, 0]
    assert closed.stages == ("Discovery", "Proposal")
    assert closed.cohort.stage.tolist() == [1, -1, 0]


def test_sizes_are_thirds_within_a_currency() -> None:
    """The largest deal in yen is as large as the largest in euro, whatever the numbers; none is -1."""
    amounts = [(1, "EUR"), (2, "EUR"), (3, "EUR"), (100, "JPY"), (200, "JPY"), (300, "JPY"), (None, "EUR")]
    deals = [a_deal(f"D-{n}", amount=a, currency=c) for n, (a, c) in enumerate(amounts)]
    closed = gathered(deals, [a_talk(f"c-{n}", f"D-{n}") for n in range(len(deals))])
    assert closed.cohort.size.tolist() == [0, 1, 2, 0, 1, 2, -1]


def test_neither_deals_nor_calls() -> None:
    """Nothing in, nothing out, and no error."""
    for closed in (gathered([], []), gathered([a_deal()], []), gathered([], [a_talk()])):
        assert (closed.cohort.deals, closed.cohort.calls, closed.call_ids) == (0, 0, ())
        assert said_in(closed, a_heard()).calls == {}


@given(st.permutations([a_deal("D-1"), lost("D-2"), a_deal("D-3", segment=None)]))
def test_the_order_of_deals_means_nothing(deals: list[Any]) -> None:
    """An export in another order gives the same arrays."""
    talks = [a_talk(f"c-{n}", f"D-{n}") for n in (1, 2, 3)]
    found = closed_deals(
        deals, talks, since=date(2026, 1, 1), until=date(2026, 12, 31), timezone="Europe/Berlin"
    )
    assert [deal.deal_id for deal in found.deals] == ["D-1", "D-2", "D-3"]
    assert found.cohort.won.tolist() == [True, False, True]


MESSAGE = {"kind": Kind.POSITIONING, "label": "value", "detail": {"side": "rep", "message": "fast-close"}}
RIVAL = {"kind": Kind.COMPETITOR, "label": "Lantern"}


@pytest.mark.parametrize(
    ("changes", "thing"),
    [
        ({}, ("objection", "price")),
        ({"role": Role.REP}, None),
        ({"role": Role.UNKNOWN}, None),
        ({"role_confidence": 0.8}, ("objection", "price")),
        ({"role_confidence": 0.79}, None),
        ({"score": 0.6}, ("objection", "price")),
        ({"score": 0.59}, None),
        ({"label": "trust", "score": 0.59}, None),
        ({"label": "trust", "score": 0.7}, ("objection", "trust")),
        ({"label": "own_label", "score": 0.55}, ("objection", "own_label")),
        ({"label": "own_label", "score": 0.54}, None),
        ({"score": 0.1, "verdict": "right"}, ("objection", "price")),
        ({"score": 0.1, "verdict": "label"}, ("objection", "price")),
        ({"verdict": "wrong"}, None),
        ({"verdict": "replaced"}, None),
        ({"second_verdict": "rejected"}, None),
        ({"second_verdict": "rejected", "verdict": "right"}, ("objection", "price")),
        ({"score": 0.1, "second_verdict": "confirmed"}, None),
        (RIVAL, ("competitor", "Lantern")),
        ({**RIVAL, "role": Role.REP}, ("competitor", "Lantern")),
        ({**RIVAL, "role": Role.UNKNOWN}, ("competitor", "Lantern")),
        ({**RIVAL, "score": 0.49}, None),
        ({**RIVAL, "label": "LARKMOOR"}, None),
        ({**MESSAGE, "role": Role.REP}, ("message", "fast-close")),
        ({**MESSAGE, "role": Role.PROSPECT}, None),
        ({**MESSAGE, "role": Role.REP, "role_confidence": 0.5}, None),
        ({**MESSAGE, "role": Role.REP, "detail": {"side": "rep"}}, None),
        ({"kind": Kind.REQUEST, "label": "content"}, None),
        ({"kind": Kind.TRACKER, "label": "outage"}, None),
        ({"kind": Kind.ANSWER, "label": "evidence", "role": Role.REP}, None),
        ({"call_id": "elsewhere"}, None),
    ],
)
def test_what_counts_as_heard(changes: dict[str, Any], thing: tuple[str, str] | None) -> None:
    """Sure enough, by whose word counts, in a call that counts; a person's word before any score."""
    closed = gathered([a_deal()], [a_talk()])
    found = said_in(
        closed,
        a_heard(**changes),
        own_names=("Larkmoor",),
        min_objection_score=0.55,
        min_label_scores={"price": 0.6, "trust": 0.7},
    )
    assert list(found.firsts) == ([thing] if thing else [])
    assert all(rows and rows[0].label in (*key, "value") for key, rows in found.rows.items())


def test_things_are_heard_first_in_one_call_of_a_deal() -> None:
    """Ten mentions are one deal; the first call that has it counts, whatever the rows' order."""
    talks = [a_talk(f"c-{n}", started_at=f"2026-09-0{n}T08:00:00Z") for n in (1, 2, 3)]
    closed = gathered([a_deal()], talks)
    rows = [a_heard("c-3"), a_heard("c-2"), a_heard("c-2", utterance_index=9)]
    found = said_in(closed, *rows)
    assert found.calls["objection", "price"].tolist() == [1, 2]
    assert found.firsts["objection", "price"].tolist() == [1]
    assert len(found.rows["objection", "price"]) == 3


def test_things_are_told_in_one_order() -> None:
    """Objections, competitors, messages, each by label, so that reports are the same every time."""
    rows = [
        a_heard(**{**MESSAGE, "role": Role.REP}),
        a_heard(**RIVAL),
        a_heard(label="trust"),
        a_heard(label="price"),
    ]
    found = said_in(one_call_each(1, 0), *(row._replace(call_id="c-000") for row in rows))
    expected = [("objection", "price"), ("objection", "trust"), ("competitor", "Lantern")]
    assert list(found.firsts) == [*expected, ("message", "fast-close")]
    assert np.array_equal(found.firsts["objection", "price"], [0])


@pytest.mark.parametrize(
    "changes",
    [
        {"role_doubt": "inverted"},
        {"language": "de"},
        {"type": "interview"},
        {"skipped": True},
        {"stage": None},
    ],
)
def test_what_moved_with_a_stage_goes_by_the_same_calls(changes: dict[str, Any]) -> None:
    """A call that is no evidence for an outcome is none for a conversion point either."""
    rows, counted = [a_heard(), a_heard(label="own", role=Role.REP)], DigestSettings()
    assert heard_by_stage([a_talk()], rows, counted) == {
        ("D-1", "Discovery"): frozenset({"objection:price"})
    }
    assert heard_by_stage([a_talk(**changes)], rows, counted) == {}
    assert heard_by_stage([a_talk()], [], counted) == {("D-1", "Discovery"): frozenset()}


def test_our_own_name_moves_with_no_stage() -> None:
    """Who names us names no competitor."""
    rows = [a_heard(kind=Kind.COMPETITOR, label=name) for name in ("Lantern", "Larkmoor")]
    found = heard_by_stage([a_talk()], rows, DigestSettings(), own_names=("LARKMOOR",))
    assert found == {("D-1", "Discovery"): frozenset({"competitor:Lantern"})}
