"""Groups, coverage, waiting, reasons, pairs, phrases and conversion: which rows each of them looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.domain import Deal, Kind, Outcome, Role
from callmine.reports.closed import Closed
from callmine.reports.closed_steps import quarters, steps_of
from callmine.reports.closed_views import (
    bias_of,
    coverage_of_deals,
    groups_of,
    pairs_of,
    phrases_of,
    waiting_of,
)
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcome_values import OutcomeSettings
from callmine.store.deal_queries import StageRow
from tests.builders import a_deal
from tests.closed_rows import a_heard, a_talk, gathered, lost, said_in

ENOUGH = OutcomeSettings(min_deals=2)
BERLIN = "Europe/Berlin"


def test_owners_are_told_apart_only_where_that_is_allowed() -> None:
    """Win rates per rep are for who asked for them; a column with one value says nothing."""
    deals = [a_deal("D-1", segment="SMB"), lost("D-2", segment="Enterprise", owner="Ines Okafor")]
    closed = gathered(deals, [])
    assert [grouping.by for grouping in groups_of(closed, ENOUGH)] == ["segment"]
    assert {grouping.by for grouping in groups_of(closed, ENOUGH, per_rep=True)} == {"segment", "owner"}


def test_groups_and_bias_are_over_all_closed_deals() -> None:
    """Those without a call, too: that is what the bias is about."""
    deals = [a_deal(f"D-{n}", segment=("SMB", "Enterprise")[n % 2]) for n in range(6)]
    closed = gathered([*deals, lost("L")], [a_talk("c", "D-0")])
    (by,) = [grouping for grouping in groups_of(closed, ENOUGH) if grouping.by == "segment"]
    assert sum(group.won.total for group in by.groups) == 7
    level = next(row for row in bias_of(closed, ENOUGH) if row.value == "Enterprise")
    assert (level.with_calls.total, level.without_calls.total) == (1, 6)


def test_coverage_counts_calls_of_that_time() -> None:
    """From the first call of the deals to the last close: linked or not, sales calls with words only."""
    talks = [
        a_talk("c-1", started_at="2026-09-10T08:00:00Z", prospect_words=60, unknown_words=20),
        a_talk("before", None, started_at="2026-09-09T08:00:00Z"),
        a_talk("unlinked", None, started_at="2026-09-20T08:00:00Z", prospect_words=0, unknown_words=20),
        a_talk("after", None, started_at="2026-10-06T08:00:00Z"),
        a_talk("inside", None, type="internal"),
        a_talk("silent", None, words=0, prospect_words=0),
        a_talk("undated", None, started_at=None),
    ]
    found = coverage_of_deals(gathered([a_deal(), lost("D-2")], talks), talks, timezone=BERLIN)
    told = [(part.count, part.total) for part in (found.deals, found.calls, found.words)]
    assert told == [(1, 2), (1, 2), (60, 100)]


def test_coverage_without_calls() -> None:
    """Nothing to divide by is no share."""
    found = coverage_of_deals(gathered([a_deal()], []), [], timezone=BERLIN)
    assert (found.deals.count, found.deals.total, found.calls.total) == (0, 1, 0)


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({}, [3]),
        ({"started_at": "2026-09-03T22:30:00Z"}, [3]),  # the day after in Berlin
        ({"started_at": None}, []),
        ({"started_at": "2026-10-06T08:00:00Z"}, []),
        ({"type": "internal"}, []),
        ({"skipped": True}, []),
    ],
)
def test_waiting_is_from_inquiry_to_the_first_sales_call(changes: dict[str, Any], days: list[int]) -> None:
    """In days of the workspace; no call, or none before the close, is no wait."""
    talks = [a_talk(**{"started_at": "2026-09-04T08:00:00Z", **changes})]
    closed = gathered([a_deal(inquired_at="2026-09-01")], talks)
    found = waiting_of(closed, talks, ENOUGH, timezone=BERLIN)
    bands = [band for band in found[0].bands if band.won.total] if found else []
    assert [band.first <= day <= (band.last or day) for band, day in zip(bands, days, strict=True)] == [
        True
    ] * len(days)


def test_pairs_are_alike_in_what_a_reader_sees() -> None:
    """Segment, size, first stage and number of calls; never what was heard; a pair is one of each."""
    deals = [a_deal("W"), lost("L"), lost("other", segment="Enterprise"), lost("late")]
    talks = [a_talk(f"c-{deal.deal_id}", deal.deal_id) for deal in deals[:3]]
    talks.append(a_talk("c-late", "late", stage="Proposal"))
    closed = gathered(deals, talks)
    found = pairs_of(closed, said_in(closed, a_heard("c-L"), a_heard("c-other")), ENOUGH)
    (pair,) = found.pairs
    assert (pair.won, pair.lost, pair.lost_only) == ("W", "L", ("objection:price",))
    assert found.unpaired == 2


def test_phrases_are_of_first_calls_and_known_speakers() -> None:
    """Prospects' objections and claims, reps' claims; of calls one and two, sure enough, not struck out."""
    deals = [a_deal("D-1"), lost("D-2")]
    talks = [
        a_talk(f"{deal}-{n}", deal, started_at=f"2026-09-0{n}T08:00:00Z")
        for deal in ("D-1", "D-2")
        for n in (1, 2, 3)
    ]
    closed = gathered(deals, talks)

    def looked_at(*changes: dict[str, Any]) -> dict[Role, int]:
        both = ("D-1-2", "D-2-2")
        rows = [a_heard(call, text="rota in an hour", **c) for call in both for c in changes]
        return {table.role: table.looked_at for table in phrases_of(closed, rows, DigestSettings(), ENOUGH)}

    value = {"kind": Kind.POSITIONING, "label": "value"}
    nothing = {Role.PROSPECT: 0, Role.REP: 0}
    assert looked_at({})[Role.PROSPECT] > 0
    assert looked_at(value)[Role.PROSPECT] > 0
    assert looked_at({**value, "role": Role.REP})[Role.REP] > 0
    for unheard in ({"role": Role.REP}, {"role": Role.UNKNOWN}, {"verdict": "wrong"}, {"score": 0.1}):
        assert looked_at(unheard) == nothing
    late = [a_heard(f"{deal}-3", text="rota in an hour") for deal in ("D-1", "D-2")]
    assert {t.looked_at for t in phrases_of(closed, late, DigestSettings(), ENOUGH)} == {0}


@pytest.mark.parametrize(
    ("day", "names"),
    [
        (date(2026, 12, 31), ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
        (date(2026, 1, 1), ["2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1"]),
        (date(2024, 2, 29), ["2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1"]),
    ],
)
def test_quarters_end_with_that_of_the_day(day: date, names: list[str]) -> None:
    """Four of them, each from its first day."""
    found = quarters(day)
    assert [name for name, _ in found] == names
    assert all(date.fromordinal(first).day == 1 for _, first in found)
    assert found[-1][1] <= day.toordinal()


def a_state(deal_id: str, since: str, stage: str | None, **changes: Any) -> StageRow:
    values = {"outcome": Outcome.OPEN, "amount": None, "close_date": None, "is_gone": False}
    return StageRow(deal_id, f"{since}T08:00:00Z", stage, **{**values, **changes})


def entered(deals: Sequence[Deal], history: Sequence[StageRow]) -> dict[str, int]:
    """Return how many deals entered each stage up to the end of September."""
    found = steps_of(deals, history, ENOUGH, until=date(2026, 9, 30), heard={})
    return {step.stage: sum(period.entered for period in step.periods) for step in found}


def test_conversion_is_of_every_deal_with_a_past() -> None:
    """Open ones too; excluded ones, final stages and what an import told too late are left out."""
    young, old = "2026-09-01", "2026-01-01"
    deals = [
        a_deal("won", created_at=young, close_date="2026-09-20"),
        a_deal("open", created_at=young, outcome=Outcome.OPEN, stage="Proposal", close_date=None),
        a_deal("twin", created_at=young, outcome=Outcome.EXCLUDED),
        a_deal("old", created_at=old, outcome=Outcome.OPEN, stage="Proposal", close_date=None),
        a_deal("unknown", created_at=None, outcome=Outcome.OPEN, stage="Proposal", close_date=None),
        a_deal("bare", created_at=young, outcome=Outcome.OPEN, stage="Proposal", close_date=None),
    ]
    history = [
        state
        for name in ("won", "open", "twin", "old", "unknown")
        for state in (a_state(name, "2026-09-02", "Discovery"), a_state(name, "2026-09-09", "Proposal"))
    ]
    history.append(a_state("won", "2026-09-20", "Closed Won", outcome=Outcome.WON))
    assert entered(deals, history) == {"Discovery": 2, "Proposal": 4}


def test_no_history_is_no_conversion() -> None:
    """Nothing is made up of the state of today."""
    assert entered([a_deal()], []) == {}
    assert entered([], []) == {}


@given(st.lists(st.integers(0, 20), max_size=5), st.integers(0, 3))
def test_what_comes_after_the_close_changes_nothing(days: list[int], findings: int) -> None:
    """However many calls, and whatever is heard in them: neither arrays nor things heard know of it."""
    before = [a_talk("a", started_at="2026-10-01T08:00:00Z"), a_talk("b", "D-2")]
    after = [a_talk(f"z-{n}", started_at=f"2026-10-{6 + day:02d}T08:00:00Z") for n, day in enumerate(days)]
    rows = [a_heard("a"), a_heard("b", "trust")]
    late = [a_heard(talk.call_id, f"late-{n}") for talk in after for n in range(findings)]

    def told(closed: Closed) -> str:
        return repr((closed.cohort, closed.call_ids, closed.with_calls, replace(closed, after_close=0)))

    deals = [a_deal("D-1"), lost("D-2")]
    with_them, without = gathered(deals, [*before, *after]), gathered(deals, before)
    assert told(with_them) == told(without)
    assert with_them.after_close == len(days)
    assert list(said_in(with_them, *rows, *late).firsts) == list(said_in(without, *rows).firsts)
