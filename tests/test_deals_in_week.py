"""How many of a week's deals had a call: the count that a digest's coverage tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callmine.domain import Outcome
from callmine.operations.reporting import digest_of_week
from callmine.store import Store
from callmine.workspace import find_workspace
from tests.builders import a_deal
from tests.closed_rows import lost
from tests.closed_store import buyer, make_workspace, put_call

W40 = {"first_day": "2026-09-28", "last_day": "2026-10-04", "until": "2026-10-04T22:00:00Z"}
OPEN = {"outcome": Outcome.OPEN, "close_date": None}


def counted(folder: Path, call: dict[str, Any] | None = None, **deal: Any) -> tuple[int, int]:
    """Count one deal in week 40, with a call if there is one."""
    with Store(folder / "callmine.db") as store:
        store.import_deals([a_deal(**{**OPEN, **deal})])
        if call is not None:
            facts = {name: value for name, value in call.items() if name != "silent"}
            put_call(store, "one", *([] if "silent" in call else [buyer("Hello.")]), **facts)
        deals = store.week_deals(**W40)
        return len(deals), sum(deal.has_call for deal in deals)


@pytest.mark.parametrize(
    ("deal", "deals"),
    [
        ({}, 1),
        ({"close_date": "2026-01-01"}, 1),
        ({"outcome": Outcome.WON, "close_date": "2026-09-27"}, 0),
        ({"outcome": Outcome.WON, "close_date": "2026-09-28"}, 1),
        ({"outcome": Outcome.LOST_OTHER, "close_date": "2026-10-04"}, 1),
        ({"outcome": Outcome.WON, "close_date": "2026-12-24"}, 1),
        ({"outcome": Outcome.WON}, 0),
        ({"outcome": Outcome.EXCLUDED}, 0),
        ({"outcome": Outcome.EXCLUDED, "close_date": "2026-09-30"}, 0),
        ({"created_at": "2026-10-04T23:59:00Z"}, 1),
        ({"created_at": "2026-10-05"}, 0),
        ({"created_at": None}, 1),
    ],
    ids=str,
)
def test_deals_open_at_the_weeks_end_or_closed_in_it(
    deal: dict[str, Any], deals: int, tmp_path: Path
) -> None:
    """Closed later is open then, closed nobody knows when is left out, and so is what came later."""
    assert counted(tmp_path, **deal) == (deals, 0)


@pytest.mark.parametrize(
    ("call", "heard"),
    [
        ({"started_at": "2025-01-01T08:00:00Z"}, 1),
        ({"started_at": "2026-10-04T21:59:59Z"}, 1),
        ({"started_at": "2026-10-04T22:00:00Z"}, 0),
        ({"started_at": None}, 0),
        ({"type": "internal"}, 0),
        ({"deal": None}, 0),
        ({"silent": True}, 0),
    ],
    ids=str,
)
def test_a_sales_call_with_words_up_to_the_weeks_end(
    call: dict[str, Any], heard: int, tmp_path: Path
) -> None:
    """In whatever week; undated, internal, unlinked and silent calls tell nothing of a deal so far."""
    assert counted(tmp_path, call) == (1, heard)


def test_a_skipped_call_and_a_gone_deal_are_none(tmp_path: Path) -> None:
    """Two calls are one deal; what was skipped was not heard, and what the CRM has no more is no deal."""
    with Store(tmp_path / "callmine.db") as store:
        store.import_deals([a_deal("D-9", **OPEN)], at="2026-08-01T00:00:00Z")
        store.import_deals([a_deal("D-1", **OPEN), lost("D-2")], at="2026-09-01T00:00:00Z")
        put_call(store, "one", buyer("Hello."))
        put_call(store, "two", buyer("Hello."))
        put_call(store, "gone", buyer("Hello."), deal="D-9")
        skipped = put_call(store, "skipped", buyer("Hello."), deal="D-2")
        assert [deal.has_call for deal in store.week_deals(**W40)] == [True, True]
        with store._writing():
            store._db.execute(
                "INSERT INTO stage_runs (stage, key, fingerprint, status, run_id, finished_at, seconds)"
                " VALUES ('extract', ?, '', 'skipped', 'r', '2026-10-01T00:00:00Z', 0)",
                [skipped],
            )
        assert [deal.has_call for deal in store.week_deals(**W40)] == [True, False]


def test_the_digest_counts_by_the_days_of_its_own_week(tmp_path: Path) -> None:
    """Whichever day's outcomes are asked for; without any deal nothing is said."""
    place = make_workspace(tmp_path / "w")
    with Store(place.database) as store:
        put_call(store, "one", buyer("Hello."), deal=None, started_at="2026-09-29T08:00:00Z")
    made = digest_of_week(place, week="2026-W40")
    assert (made.coverage.deals, made.coverage.deals_with_call) == (0, 0)
    with Store(place.database) as store:
        store.import_deals([a_deal("D-1"), a_deal("D-2", close_date="2026-09-27"), lost("D-3")])
        put_call(store, "two", buyer("Hello."), deal="D-1", started_at="2026-10-04T21:30:00Z")
        put_call(store, "late", buyer("Hello."), deal="D-3", started_at="2026-10-04T22:30:00Z")
    for as_of in (None, "2026-10-31"):
        made = digest_of_week(find_workspace(place.root), week="2026-W40", as_of=as_of)
        assert (made.coverage.deals, made.coverage.deals_with_call) == (2, 1)
