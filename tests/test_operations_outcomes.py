"""The report on won and lost deals, from a store: its period, its numbers, and the proof behind them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callmine.domain import Deal, Kind, Outcome
from callmine.operations.brief import brief_report
from callmine.operations.outcomes import outcome_report
from callmine.operations.reporting import write_digest
from callmine.outcomes.rates import Rate
from callmine.outcomes.verdicts import Verdict
from callmine.reports.outcome_values import OutcomeReport
from callmine.reports.quote_values import Quote
from callmine.reports.render.outcome_words import basis
from callmine.store import Store, removing
from callmine.store.database import upsert
from callmine.workspace import Workspace, find_workspace
from tests.builders import a_deal
from tests.closed_rows import lost
from tests.closed_store import (
    PLAYBOOK,
    PRICE,
    SETTINGS,
    TRUST,
    an_answer,
    buyer,
    make_workspace,
    put_call,
    rep,
    small_year,
)

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Twenty-eight closed deals; a test that changes it makes its own."""
    return small_year(tmp_path_factory.mktemp("closed") / "workspace")


@pytest.fixture(scope="module")
def report(year: Workspace) -> OutcomeReport:
    return outcome_report(year, now=NOW)


def test_the_basis(report: OutcomeReport) -> None:
    """Every closed deal is somewhere, every call that is no evidence is told."""
    basis = report.basis
    assert (basis.deals.successes, basis.deals.total) == (14, 28)
    assert (basis.with_calls.successes, basis.with_calls.total) == (25, 28)
    assert (basis.compared.total, basis.calls) == (25, 50)
    assert (basis.after_close, basis.undated, basis.unplaced) == (1, 1, 0)
    assert sum(count for _, count in report.outcomes) == 28
    assert dict(report.outcomes)[Outcome.WON] == 14
    assert report.company == "Larkmoor"


def test_what_is_planted_is_found_and_nothing_else(report: OutcomeReport) -> None:
    """Price goes with losing; everything else has as many won deals as lost ones."""
    found = {line.label: line.association.verdict for family in report.families for line in family.lines}
    assert found.pop("price") is Verdict.LOSSES
    assert set(found) == {"trust", "Lantern", "fast-rota", "fewer-calls"}
    assert set(found.values()) == {Verdict.NOT_ENOUGH}


def test_the_deals_behind_a_number_are_that_number(report: OutcomeReport) -> None:
    """Each line names as many deals, and as many won ones, as it counts; the last closed first."""
    known = {deal.deal_id: deal for deal in report.deals}
    for family in report.families:
        for line in family.lines:
            counts = line.association.with_it
            deals = [known[deal_id] for deal_id in line.deals]
            assert len(deals) == len(set(deals)) == counts.total
            assert sum(deal.outcome is Outcome.WON for deal in deals) == counts.successes
            assert counts.total + line.association.without.total == report.basis.compared.total
            closes = [deal.close_date or "" for deal in deals]
            assert closes == sorted(closes, reverse=True)


def quotes(value: Any) -> Iterator[Quote]:
    """Walk a report and yield every quote, wherever it stands."""
    if isinstance(value, Quote):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from quotes(part)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from quotes(getattr(value, name))


def test_every_quote_is_verbatim(year: Workspace, report: OutcomeReport) -> None:
    """What is quoted is what the store holds, letter by letter, of a deal that the line names."""
    found = list(quotes(report))
    assert len(found) > 15
    with Store(year.database) as store:
        for quote in found:
            said = {u.index: u.text for u in store.utterances(quote.call_id)}
            assert said[quote.utterance_index][quote.start : quote.end] == quote.text
            assert quote.before + quote.marked + quote.after in said[quote.utterance_index]
    for family in report.families:
        for line in family.lines:
            assert line.quotes
            assert {q.deal_id for q in line.quotes} <= set(line.deals)
            assert len({q.account for q in line.quotes}) == len(line.quotes)


def test_every_rate_lies_within_its_interval(report: OutcomeReport) -> None:
    """Wherever a rate stands, and as a reader sees it: 0 of 6 is not "0 (1 to 39)"."""
    from callmine.reports.render.outcome_words import of_100

    def rates(value: Any) -> Iterator[Rate]:
        if isinstance(value, Rate):
            yield value
        elif isinstance(value, tuple):
            for part in value:
                yield from rates(part)
        elif hasattr(value, "__dataclass_fields__"):
            for name in value.__dataclass_fields__:
                yield from rates(getattr(value, name))

    found = [rate for rate in rates(report) if rate.value is not None]
    assert {rate.value for rate in found} >= {0.0, 1.0}
    for rate in found:
        assert rate.value is not None
        assert rate.low <= rate.value <= rate.high
        assert int(of_100(rate.low)) <= int(of_100(rate.value)) <= int(of_100(rate.high))


def test_a_report_is_one_look_until_it_changes(tmp_path: Path) -> None:
    """The same report again is no other look; another period is."""
    place = small_year(tmp_path / "workspace")
    assert [outcome_report(place, now=NOW).looks for _ in range(2)] == [1, 1]
    assert outcome_report(place, since="2026-05-01", now=NOW).looks == 2
    with Store(place.database) as store:
        kept = [row for row in store.table_rows("reports") if row["kind"] == "outcomes"]
    assert [row["subject"] for row in kept] == ["2025-08-25/2026-08-24", "2026-05-01/2026-08-24"]
    assert all(json.loads(row["value"])["looks"] == 0 for row in kept)


def test_the_same_deals_and_calls_give_the_same_report(report: OutcomeReport, tmp_path: Path) -> None:
    """Another workspace says the same, to the last digit."""
    other = outcome_report(small_year(tmp_path / "workspace"), now=NOW)
    assert replace(other, looks=report.looks) == report


def closed_with(folder: Path, *deals: Deal, said: bool) -> OutcomeReport:
    """Return the report on deals with a call each, in which price is raised or nothing is said."""
    place = make_workspace(folder)
    with Store(place.database) as store:
        store.import_deals(deals)
        for deal in deals:
            turn = buyer(*PRICE) if said else buyer("We will see.")
            put_call(store, deal.deal_id, turn, deal=deal.deal_id)
    return outcome_report(place)


def test_nothing_heard_at_all(tmp_path: Path) -> None:
    """Closed deals and calls, and not one finding: no lines, and no error."""
    made = closed_with(tmp_path / "w", a_deal("D-1"), lost("D-2"), said=False)
    assert [family.lines for family in made.families] == [(), (), (), ()]
    assert made.basis.compared.total == 2


def test_one_deal(tmp_path: Path) -> None:
    """It is listed, with its quote, and nothing can be said."""
    (line,) = closed_with(tmp_path / "w", lost("D-1"), said=True).families[0].lines
    assert (line.association.verdict, line.association.adjusted) == (Verdict.NOT_ENOUGH, None)
    assert line.deals == ("D-1",)
    assert [quote.text for quote in line.quotes] == ["the price is too high"]


def test_one_answer_below_two_objections_has_two_anchors(tmp_path: Path) -> None:
    """What answers price and trust at once is quoted below both, and no anchor leads to two places."""
    place = make_workspace(tmp_path / "w")
    with Store(place.database) as store:
        deals = [a_deal(f"D-{n}") if n % 2 else lost(f"D-{n}") for n in range(12)]
        store.import_deals(deals)
        for n, deal in enumerate(deals):
            answer = an_answer("[[Three in four save that]].", ("evidence", "question")[n // 6], 0)
            turns = (buyer(*PRICE), buyer(*TRUST), replace(answer, answers=(0, 1)))
            put_call(store, deal.deal_id, *turns, deal=deal.deal_id, account=deal.deal_id)
    made = outcome_report(place)
    assert [one.label for one in made.answers] == ["price", "trust"]
    ids = [quote.quote_id for quote in quotes(made)]
    assert len(set(ids)) == len(ids)
    assert len({quote.finding_id for quote in quotes(made.answers)}) < len(list(quotes(made.answers)))


def test_deals_without_any_call(tmp_path: Path) -> None:
    """What the CRM says is told; nothing was heard."""
    place = make_workspace(tmp_path / "w")
    with Store(place.database) as store:
        store.import_deals([a_deal("D-1"), lost("D-2", segment="Enterprise")])
    made = outcome_report(place)
    assert (made.basis.deals.total, made.basis.with_calls.successes, made.basis.calls) == (2, 0, 0)
    assert made.groups
    assert made.waiting is None


def test_a_first_call_after_the_close_is_no_first_call(tmp_path: Path) -> None:
    """A deal is not said to have waited for a call that came when all was over."""
    place = make_workspace(tmp_path / "w")
    with Store(place.database) as store:
        store.import_deals([a_deal("D-1", inquired_at="2026-09-01"), lost("D-2", inquired_at="2026-09-01")])
        put_call(store, "in time", buyer("Hello."), deal="D-1", started_at="2026-09-03T08:00:00Z")
        put_call(store, "too late", buyer("Hello."), deal="D-2", started_at="2026-11-03T08:00:00Z")
    waited = outcome_report(place).waiting
    assert waited is not None
    assert sum(band.won.total for band in waited.bands) == 1


def test_settings_decide_what_is_enough(tmp_path: Path) -> None:
    """Support, effect and rate of false finds come from the workspace."""
    place = small_year(tmp_path / "w")
    (place.root / "callmine.toml").write_text(
        SETTINGS + "[outcomes]\nmin_deals = 17\nsmallest_effect = 0.2\nmonths = 3\n", "utf-8"
    )
    made = outcome_report(find_workspace(place.root), now=NOW)
    assert (made.settings.min_deals, made.settings.smallest_effect) == (17, 0.2)
    assert made.since == "2026-05-25"
    assert all(line.association.adjusted is None for family in made.families for line in family.lines)


def test_our_own_name_and_a_label_without_a_title(tmp_path: Path) -> None:
    """We are no competitor of ours, and a label that left the playbook is shown as it is."""
    place = make_workspace(tmp_path / "w", PLAYBOOK)
    with Store(place.database) as store:
        store.import_deals([a_deal()])
        turns = [buyer("So [[Larkmoor Rota]] it is.", "LARKMOOR ROTA", kind=Kind.COMPETITOR)]
        turns.append(buyer("It [[has to stay]] here.", "data_residency"))
        put_call(store, "one", *turns)
    lines = [line for family in outcome_report(place).families for line in family.lines]
    assert [(line.label, line.title) for line in lines] == [("data_residency", "data_residency")]


def test_closed_deals_without_a_close_date_are_told(tmp_path: Path) -> None:
    """They are in no period, and the page says how many there are."""
    found = closed_with(tmp_path, a_deal("D-1"), a_deal("D-2", close_date=None), said=True)
    assert found.basis.without_close == 1
    assert found.basis.deals.total == 1
    assert "1 won or lost deal without a close date" in " ".join(basis(found))
    failed = replace(found, basis=replace(found.basis, failed=2))
    assert "2 calls that failed, see `callmine status`" in " ".join(basis(failed))


def test_a_call_that_is_deleted_is_in_no_kept_report(tmp_path: Path) -> None:
    """Also where it was counted and not quoted; that somebody looked is kept."""
    place = small_year(tmp_path / "w")
    outcome_report(place, now=NOW)
    with Store(place.database) as store:
        call = next(row.call_id for row in store.talks(min_role_confidence=0.8) if row.deal_id)
        removing.delete_call(store._db, call)
        kept = [row["value"] for row in store.table_rows("reports") if row["kind"] == "outcomes"]
        assert kept == ["{}"]
        assert store.reports_kept("outcomes") == 1


def test_a_call_that_is_deleted_is_in_no_kept_brief_or_digest(tmp_path: Path) -> None:
    """Where it was counted and not quoted; also one without a deal, which both count."""
    place = small_year(tmp_path / "w")
    with Store(place.database) as store:
        call = put_call(store, "unlinked.vtt", rep("So."), deal=None, started_at="2026-02-11T08:00:00Z")
    brief_report(place, since="2026-02-01", until="2026-02-28", now=NOW)
    write_digest(place, week="2026-W07", formats=("md",))
    with Store(place.database) as store:
        kept = {row["kind"]: row["value"] for row in store.table_rows("reports")}
        assert set(kept) == {"brief", "digest"}
        assert not any(call in value for value in kept.values())
        removing.delete_call(store._db, call)
        assert [row["value"] for row in store.table_rows("reports")] == ["{}", "{}"]
        assert store.last_report("digest", "2026-W07") == {}


def test_calls_that_failed_are_told(tmp_path: Path) -> None:
    """Nothing is known of them, and that is not the same as no call: a number in the report, and a line."""
    place = small_year(tmp_path / "w")
    before = outcome_report(place, now=NOW).basis
    with Store(place.database) as store:
        call = next(row.call_id for row in store.talks(min_role_confidence=0.8) if row.deal_id)
        for table in ("findings", "utterances"):
            store._db.execute(f"DELETE FROM {table} WHERE call_id = ?", [call])
        failure = {"stage": "attribute", "key": call, "status": "failed", "fingerprint": "f", "attempts": 1}
        failure |= {
            "message": "it is gone",
            "run_id": "r",
            "seconds": 0.1,
            "notes": "[]",
            "finished_at": "2026-09-30T08:00:00Z",
        }
        upsert(store._db, "stage_runs", failure, "stage", "key")
        (told,) = [row for row in store.talks(min_role_confidence=0.8) if row.failed]
        assert (told.call_id, told.words) == (call, 0)
    said: list[str] = []
    after = outcome_report(place, now=NOW, progress=said.append).basis
    assert (before.failed, after.failed) == (0, 1)
    assert said[0] == "1 call failed, and what they hold is left out: callmine status"
