"""The period of a report on won and lost deals: its days, its deals, and what is none."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callmine.domain import Deal, Outcome
from callmine.errors import UsageError
from callmine.operations.closed_period import period_of
from callmine.operations.outcomes import outcome_report
from callmine.operations.pages import OUTCOMES, write_page
from callmine.reports.outcome_values import OutcomeReport
from callmine.store import Store
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_store import (
    small_year,
)

LOST = tuple(outcome for outcome in Outcome if outcome.is_lost)


TODAY = date(2026, 10, 1)


NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Twenty-eight closed deals; a test that changes it makes its own."""
    return small_year(tmp_path_factory.mktemp("closed") / "workspace")


@pytest.fixture(scope="module")
def report(year: Workspace) -> OutcomeReport:
    return outcome_report(year, now=NOW)


def period(*deals: Deal, since: str | None = None, until: str | None = None, months: int = 12) -> str:
    """Return the period of a report as text."""
    found = period_of(deals, since=since, until=until, months=months, today=TODAY)
    return f"{found.since}/{found.until}"


@pytest.mark.parametrize(
    ("until", "months", "since"),
    [
        ("2026-09-30", 12, "2025-10-01"),
        ("2026-08-24", 12, "2025-08-25"),
        ("2025-12-31", 12, "2025-01-01"),
        ("2026-03-31", 1, "2026-03-01"),
        ("2024-03-31", 1, "2024-03-01"),
        ("2026-05-31", 3, "2026-03-01"),
        ("2024-02-29", 12, "2023-03-01"),
        ("2025-02-28", 12, "2024-02-29"),
        ("2026-01-31", 1, "2026-01-01"),
        ("2026-01-05", 1, "2025-12-06"),
        ("2026-09-30", 36, "2023-10-01"),
    ],
)
def test_the_period_ends_where_it_began(until: str, months: int, since: str) -> None:
    """So many months up to a day; months without that day end with their last."""
    assert period(a_deal(), until=until, months=months) == f"{since}/{until}"


@given(st.dates(), st.integers(1, 240))
@example(date.min, 12)
@example(date.max, 1)
def test_any_day_ends_a_period(until: date, months: int) -> None:
    """The first day is never after the last one, nor before there were days."""
    found = period_of((a_deal(),), since=None, until=until.isoformat(), months=months, today=until)
    assert date.min <= found.since <= found.until == until
    assert (found.until - found.since).days <= 31 * months


@pytest.mark.parametrize(
    ("closes", "until"),
    [
        (["2026-03-01", "2026-09-30", "2026-12-24"], "2026-09-30"),
        (["2026-10-01"], "2026-10-01"),
        (["2026-11-01", "2026-12-24"], "2026-10-01"),
    ],
)
def test_the_last_close_up_to_today_ends_the_period(closes: list[str], until: str) -> None:
    """A close date in the future is somebody's hope; where there is nothing else, today does."""
    deals = [a_deal(f"D-{n}", close_date=day) for n, day in enumerate(closes)]
    deals.append(a_deal("open", outcome=Outcome.OPEN, close_date="2026-09-30"))
    deals.append(a_deal("twin", outcome=Outcome.EXCLUDED, close_date="2026-09-30"))
    assert period(*deals).endswith(until)


@pytest.mark.parametrize(
    ("deals", "asked", "message"),
    [
        ([], {}, "there are no deals"),
        ([a_deal(outcome=Outcome.OPEN)], {}, "no deal is won or lost yet"),
        ([a_deal(close_date=None)], {}, "no deal that is won or lost has a close date"),
        ([a_deal()], {"since": "2026-10-02", "until": "2026-10-01"}, "before it begins on 2026-10-02"),
        (
            [a_deal(close_date="2026-09-30")],
            {"since": "2026-10-01"},
            "has closed on 2026-10-01 or later: the last closed on 2026-09-30",
        ),
        ([a_deal()], {"since": "2026-10-02"}, "--since 2026-10-02 is to come"),
        ([a_deal()], {"since": "tomorrow"}, "--since: 'tomorrow' is not a date"),
        ([a_deal()], {"until": "2026-10-02"}, "--until 2026-10-02 is to come"),
        ([a_deal()], {"until": "2026-02-30"}, "--until: '2026-02-30' is not a date"),
    ],
)
def test_periods_that_are_none(deals: list[Deal], asked: dict[str, str], message: str) -> None:
    """What is wrong is said, and what to do about it."""
    with pytest.raises(UsageError, match=message) as error:
        period(*deals, **asked)
    assert error.value.hint


def test_a_period_without_closed_deals_says_so(year: Workspace) -> None:
    """An empty page would look like a finding."""
    with pytest.raises(UsageError, match="no deal was won or lost from 2020-01-01 to 2020-12-31"):
        outcome_report(year, since="2020-01-01", until="2020-12-31")


def test_both_edges_of_the_period_count(year: Workspace) -> None:
    """The first and the last close are in it; with a day less on either side they are not."""
    with Store(year.database) as store:
        closes = sorted(deal.close_date for deal in store.deals() if deal.close_date)
    whole = outcome_report(year, since=closes[0], until=closes[-1])
    days = sorted(set(closes))
    inner = outcome_report(year, since=days[1], until=days[-2])
    assert whole.basis.deals.total == len(closes)
    assert inner.basis.deals.total == len(closes) - closes.count(days[0]) - closes.count(days[-1])


@pytest.mark.parametrize("format", ["html", "md", "json"])
def test_the_file_is_named_by_the_first_and_the_last_day(year: Workspace, format: str) -> None:
    """In ``reports/``, whole, and told."""
    report = outcome_report(year, until="2026-08-24")
    (path,) = write_page(OUTCOMES, report, year, format=format).paths
    assert path == year.reports / f"outcomes-2025-08-25-to-2026-08-24.{format}"
    assert "28" in path.read_text("utf-8")


def test_one_segment_by_itself(year: Workspace, report: OutcomeReport) -> None:
    """Asked for one segment, the report is about its deals only, and says so."""
    with Store(year.database) as store:
        deals = [deal for deal in store.deals() if deal.outcome in (Outcome.WON, *LOST)]
    names = sorted({deal.segment for deal in deals if deal.segment})
    assert names
    found = outcome_report(year, segment=names[0].upper(), now=NOW)
    assert found.segment == names[0], "as the CRM writes it"
    assert 0 < found.basis.deals.total <= report.basis.deals.total
    listed = {one for family in found.families for line in family.lines for one in line.deals}
    assert listed <= {deal.deal_id for deal in deals if deal.segment == names[0]}


def test_a_segment_that_no_deal_has(year: Workspace) -> None:
    """A misspelt segment is no empty report."""
    with pytest.raises(UsageError, match=r"no deal is of the segment 'SBM'") as raised:
        outcome_report(year, segment="SBM", now=NOW)
    assert raised.value.hint is not None
    assert "Known: " in raised.value.hint
