"""Loss reasons of deals that were imported before imports read them, in a database as it was left then."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from callmine.domain import Deal, Outcome
from callmine.operations.checking import examine
from callmine.operations.deal_list import show_deal
from callmine.operations.deals import import_deals
from callmine.operations.outcomes import outcome_report
from callmine.operations.reviewing import deal_review, period_review
from callmine.reports.review_values import PART
from callmine.store import Store
from callmine.store.migrations import migrations
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_store import TRUST, buyer, make_workspace, put_call, rep

NOW = datetime(2026, 11, 1, tzinfo=UTC)

REASONS = {"D-1": "Price", "D-2": "Other", "D-3": None}
"""Of the deals, as the CRM says them."""


@pytest.fixture
def old(tmp_path: Path) -> Workspace:
    """A workspace whose deals were taken in by the release before imports read loss reasons."""
    made = make_workspace(tmp_path / "workspace")
    made.database.unlink(missing_ok=True)
    db = Database(made.database)
    migrations.apply(db, stop_before="m0008_deals_over_time")
    for deal_id, reason in REASONS.items():
        row = asdict(lost(deal_id, reason)) | {"contact_emails": "[]", "is_gone": 0}
        db["deals"].insert({**row, "outcome": row["outcome"].value})
    db.close()
    with Store(made.database) as store:
        for deal_id in REASONS:
            said = buyer(*TRUST), rep("Well.")
            put_call(store, f"{deal_id}.vtt", *said, deal=deal_id, started_at="2026-09-01T08:00:00Z")
    return made


def lost(deal_id: str, reason: str | None) -> Deal:
    """A deal that was lost for a reason."""
    return a_deal(deal_id, outcome=Outcome.LOST_UNKNOWN, close_date="2026-09-05", loss_reason=reason)


def verdicts(place: Workspace) -> dict[str, str | None]:
    """What the review of each deal says of its reason."""
    found = {one: deal_review(place, one, now=NOW).reason for one in REASONS}
    return {one: check.verdict if check else None for one, check in found.items()}


def kept(place: Workspace) -> dict[str, str]:
    """What the table of deals has of what their reasons speak of."""
    with Store(place.database) as store:
        return {row["deal_id"]: row["reason_labels"] for row in store.table_rows("deals")}


def test_a_reason_that_no_import_read_is_read(old: Workspace) -> None:
    """Reviews, the deal and the report on outcomes say the same before and after another import."""
    before = verdicts(old)
    assert before["D-1"] == PART
    assert deal_review(old, "D-1", now=NOW).deal.reason_labels == ("price",)
    assert show_deal(old, "D-1")["deal"]["reason_labels"] == ["price"]
    assert outcome_report(old, now=NOW).reasons.confirmed.total == 1
    period = period_review(old, side="lost", since="2026-09-01", now=NOW)
    table = old.root / "deals.csv"
    lines = [f"{one},{reason or ''},lost,2026-09-05" for one, reason in REASONS.items()]
    table.write_text("\n".join(["deal_id,loss_reason,outcome,close_date", *lines]), "utf-8")
    import_deals(old, table)
    assert kept(old) == {"D-1": '["price"]', "D-2": "[]", "D-3": "[]"}
    assert verdicts(old) == before
    assert period_review(old, side="lost", since="2026-09-01", now=NOW).agreement == period.agreement


def test_the_table_tells_what_was_not_read_from_what_speaks_of_nothing(old: Workspace) -> None:
    """JSON null, where there is a reason at all."""
    assert kept(old) == {"D-1": "null", "D-2": "null", "D-3": "[]"}


def test_doctor_says_so_until_they_are_imported_again(old: Workspace) -> None:
    """A warning, with of how many deals and what to do."""
    (check,) = (one for one in examine(old.root) if one.what == "loss reasons")
    assert (check.ok, check.exit_code) == (False, 0)
    assert "of 2 deals no import has read them" in check.found
    assert "callmine deals FILE" in check.hint
    with Store(old.database) as store:
        store.import_deals([lost("D-2", "Other")])  # the other one is gone from the CRM
    assert "loss reasons" not in {one.what for one in examine(old.root)}
