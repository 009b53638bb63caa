"""A against B: which deals, which strata, which quotes."""

from __future__ import annotations

from typing import Any

import pytest
from digest_rows import call, said

from callmine.outcomes.verdicts import Verdict
from callmine.reports.closed import Closed
from callmine.reports.closed_answers import strata_at
from callmine.reports.comparison import CompareReport, Said, Side, compare_sides, with_evidence
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcome_values import OutcomeSettings
from callmine.reports.quotes import QuoteMaker
from tests.builders import a_deal
from tests.closed_rows import a_heard, a_talk, gathered, lost, one_call_each, said_in

A, B = Side("objection", "price", "Price"), Side("objection", "trust", "Trust")


def compared(closed: Closed, price: list[str], trust: list[str], **settings: Any) -> CompareReport:
    """Compare the deals in whose calls price, and trust, was heard."""
    rows = [a_heard(c) for c in price] + [a_heard(c, "trust") for c in trust]
    heard = said_in(closed, *rows)
    said = [
        Said(
            heard.firsts["objection", label],
            tuple((r.call_id, r.utterance_index, r.finding_id) for r in heard.rows["objection", label]),
        )
        for label in ("price", "trust")
    ]
    return compare_sides(
        closed,
        (A, B),
        (said[0], said[1]),
        since="2026-01-01",
        until="2026-12-31",
        settings=OutcomeSettings(**{"min_deals": 1, **settings}),
    )


def test_deals_with_both_or_neither_say_nothing() -> None:
    """They are counted, told, and in no group."""
    report = compared(one_call_each(3, 3), ["c-000", "c-003", "c-001"], ["c-001", "c-004"])
    assert (report.comparison.a.successes, report.comparison.a.total) == (1, 2)
    assert (report.comparison.b.successes, report.comparison.b.total) == (0, 1)
    assert (report.comparison.both, report.neither, report.closed) == (1, 2, 6)
    assert [one.deal.deal_id for one in report.a.deals] == ["D-003", "D-000"]
    assert [one.deal.deal_id for one in report.b.deals] == ["D-004"]


def test_deals_behind_a_number_are_that_number() -> None:
    """The last closed first, and as many won ones as the rate says."""
    deals = [a_deal("D-1", close_date="2026-10-03"), a_deal("D-2", close_date="2026-10-04"), lost("D-3")]
    closed = gathered(deals, [a_talk(f"c-{n}", f"D-{n}") for n in (1, 2, 3)])
    report = compared(closed, ["c-1", "c-2"], ["c-3"])
    assert [one.deal.deal_id for one in report.a.deals] == ["D-2", "D-1"]
    assert len(report.a.deals) == report.comparison.a.total


def test_a_clear_difference_is_found_and_turned_round() -> None:
    """A wins against B, and B loses against A, by the same numbers."""
    ids = [f"c-{n:03d}" for n in range(40)]
    closed = one_call_each(20, 20)
    one, other = compared(closed, ids[:20], ids[20:]), compared(closed, ids[20:], ids[:20])
    assert (one.comparison.verdict, other.comparison.verdict) == (Verdict.WINS, Verdict.LOSSES)
    assert one.comparison.a == other.comparison.b
    assert compared(closed, ids[:20], ids[20:], min_deals=21).comparison.verdict is Verdict.NOT_ENOUGH


def test_strata_are_those_of_the_call_in_which_it_was_heard() -> None:
    """Stage and number of that call, not of the deal's first or last one; size and segment of the deal."""
    talks = [
        a_talk(f"c-{n}", started_at=f"2026-09-0{n}T08:00:00Z", stage=stage)
        for n, stage in enumerate(("Discovery", "Proposal", "Proposal", "Terms"), 1)
    ]
    closed = gathered([a_deal(), lost("D-2", segment="Enterprise")], [*talks, a_talk("other", "D-2")])
    first = said_in(closed, a_heard("c-4"), a_heard("c-2")).firsts["objection", "price"]
    strata = strata_at(closed.cohort, first)
    assert closed.stages[strata["stage at the call"][0]] == "Proposal"
    assert strata["stage at the call"][1] == -1
    bands = {}
    for n in (1, 2, 3, 4):
        at = said_in(closed, a_heard(f"c-{n}")).firsts["objection", "price"]
        bands[n] = int(strata_at(closed.cohort, at)["number of the call"][0])
    assert bands == {1: 1, 2: 2, 3: 2, 4: 3}
    assert list(strata) == ["stage at the call", "number of the call", "segment", "size"]


def test_strata_without_calls_are_unknown() -> None:
    """No call, no stage, no error."""
    closed = gathered([a_deal()], [])
    strata = strata_at(closed.cohort, closed.cohort.first_heard([]))
    assert {name: len(codes) for name, codes in strata.items()} == dict.fromkeys(strata, 0)


def test_quotes_are_of_deals_that_have_one_of_the_two() -> None:
    """What a deal with both said is no proof for either; quotes differ in account while they can."""
    report = compared(one_call_each(3, 3), ["c-000", "c-003", "c-001"], ["c-001", "c-004"])
    rows = [
        said(call(f"call-{n}", deal_id=f"D-{n:03d}", account=f"Account {n}"), "[[It is far too dear]].")
        for n in (0, 1, 2, 3)
    ]
    told = with_evidence(report, {"a": rows}, QuoteMaker(DigestSettings(), "Europe/Berlin"))
    assert sorted(quote.deal_id or "" for quote in told.a.quotes) == ["D-000", "D-003"]
    assert told.b.quotes == ()


@pytest.mark.parametrize("most", [0, 1, 3])
def test_no_more_quotes_than_the_settings_say(most: int) -> None:
    """However many there are."""
    ids = [f"c-{n:03d}" for n in range(8)]
    report = compared(one_call_each(5, 5), ids, ["c-009"], quotes_per_line=most)
    rows = [said(call(n, deal_id=f"D-{n[2:]}", account=n), "[[It is too dear]].") for n in ids]
    told = with_evidence(report, {"a": rows, "b": []}, QuoteMaker(DigestSettings(), "UTC"))
    assert len(told.a.quotes) == most
