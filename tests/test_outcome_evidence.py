"""Every number on the page of won and lost deals opens the deals and quotes behind it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from test_render_html import Page

from callmine.domain import EndWords, Outcome
from callmine.operations.outcomes import outcome_report
from callmine.outcomes.verdicts import Verdict
from callmine.reports.outcome_values import OutcomeReport, WaitingLeftOut
from callmine.reports.reason_values import MOST_PARTING
from callmine.reports.render import outcome_folds as fold
from callmine.reports.render.outcome_pages import JSON, render_html, render_markdown
from callmine.reports.render.section_words import waiting_words
from callmine.store import Store
from callmine.workspace import find_workspace
from tests.builders import a_deal
from tests.closed_rows import lost
from tests.closed_store import PRICE, TRUST, buyer, make_workspace, put_call, small_year


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> OutcomeReport:
    place = small_year(tmp_path_factory.mktemp("behind") / "workspace")
    return outcome_report(place, now=datetime(2026, 10, 1, tzinfo=UTC))


def test_conversion_numbers_are_as_many_deals(report: OutcomeReport) -> None:
    """Each quarter's deals are as many as its rate counts, each once, and all are told of."""
    known = {deal.deal_id: deal for deal in report.deals}
    counts = {(step.stage, entries.period): entries for step in report.steps for entries in step.periods}
    assert len(report.step_deals) == len(counts)
    for row in report.step_deals:
        entries = counts[row.stage, row.period]
        assert (len(row.went_on), len(row.went_on) + len(row.stayed)) == (
            entries.moved.successes,
            entries.moved.total,
        )
        assert len(row.under_way) == entries.open
        everyone = (*row.went_on, *row.stayed, *row.under_way)
        assert len(set(everyone)) == entries.entered
        assert all(known[one].reached == "Discovery" for one in everyone)
    assert sum(len(row.went_on) for row in report.step_deals) > 0


def test_conversion_deals_are_on_the_pages(report: OutcomeReport) -> None:
    """With account, outcome and the stage they reached."""
    (row,) = [row for row in report.step_deals if row.stayed]
    (step,) = report.steps
    upto = [entries.period for entries in step.periods].index(row.period) + 1
    report = replace(report, steps=(replace(step, periods=step.periods[:upto]),))
    page, text = Page(render_html(report)).words, render_markdown(report)
    deal = next(one for one in report.deals if one.deal_id == row.stayed[0])
    assert f"{deal.deal_id} · reached Discovery" in page
    assert f"{len(row.stayed)} deals did not go on" in page
    assert "The deals behind Discovery" in page
    assert deal.account is not None
    assert deal.account in page
    assert f"entered in {row.period}" in text
    assert f"{deal.account} ({deal.deal_id}, " in text
    assert ", reached Discovery)" in text
    assert f"; and {len(row.stayed) - fold.SOME_DEALS} more." in text


def test_answers_open_the_deals_that_are_compared(report: OutcomeReport) -> None:
    """As many as are counted with that answer, and as many of them won."""
    known = {deal.deal_id: deal for deal in report.deals}
    for one in report.answers:
        for line in one.lines:
            assert len(line.deals) == line.comparison.a.total
            won = sum(known[deal_id].outcome is Outcome.WON for deal_id in line.deals)
            assert won == line.comparison.a.successes
    page = Page(render_html(report)).words
    assert f"{len(report.answers[0].lines[0].deals)} deals with this answer and no other" in page
    assert "Deals with this answer and no other: " in render_markdown(report)


def test_json_names_every_deal(report: OutcomeReport) -> None:
    """However many a line has: all ids, each told of once, whatever a page prints."""
    value = json.loads(JSON.text(report))
    told = [deal["deal_id"] for deal in value["deals"]]
    assert told == sorted(set(told))
    named = {one for family in value["families"] for line in family["lines"] for one in line["deals"]}
    named |= {one for row in value["pairs"]["pairs"] for one in (row["won"], row["lost"])}
    assert named <= set(told)
    for family in value["families"]:
        for line in family["lines"]:
            assert len(line["deals"]) == line["association"]["with_it"]["total"]


def test_deals_that_entered_late_are_not_said_to_be_under_way(report: OutcomeReport) -> None:
    """They may have gone on or closed: what they lack is time to be judged by."""
    step = replace(report.steps[0], settled_days=29)
    row = next(
        one for one in report.step_deals if (one.stage, one.period) == (step.stage, step.periods[-1].period)
    )
    ended = next(deal.deal_id for deal in report.deals if deal.outcome.is_lost)
    late = replace(row, under_way=(ended,))
    made = replace(report, steps=(step,), step_deals=(late,))
    for shown in (Page(render_html(made)).words, render_markdown(made)):
        assert "Entered too late to judge: had not had their 29 days" in shown
        assert "on their way" not in shown


def test_a_page_prints_some_deals_and_says_where_the_rest_are(report: OutcomeReport) -> None:
    """The size of a page is bound; the command that has them all is told."""
    deal = report.deals[0]
    deals = tuple(replace(deal, deal_id=f"X-{n:03d}", account=f"Account {n}") for n in range(60))
    line = replace(report.families[0].lines[0], deals=tuple(one.deal_id for one in deals))
    family = replace(report.families[0], lines=(line,))
    page = Page(render_html(replace(report, families=(family,), deals=(*report.deals, *deals)))).words
    assert "And 20 more deals; callmine findings --kind objection --label price has them all." in page
    assert "Account 39" in page
    assert "Account 40" not in page
    message = replace(line, family="message", label="fast; rota")
    assert fold.command(message) == fold.ALL_DEALS
    assert fold.command(replace(line, label="a b")).endswith("--label 'a b'")


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> OutcomeReport:
    """Twenty lost deals whose CRM says price; calls have trust twice, price once, or nothing."""
    place = make_workspace(tmp_path_factory.mktemp("parted") / "w")
    deals = [
        lost(
            f"D-{n:02d}", account=f"Account {n}", loss_reason="Too dear", close_date=f"2026-09-{n + 1:02d}"
        )
        for n in range(20)
    ]
    with Store(place.database) as store:
        reasons = {deal.deal_id: EndWords(reason_labels=("price",)) for deal in deals}
        store.import_deals([*deals, a_deal("W-1")], words=reasons)
        for n, deal in enumerate(deals):
            turns = {0: (TRUST,), 1: (TRUST, PRICE), 2: ()}[n % 3]
            for at in range(2 if n % 3 < 2 else 1):
                said = [buyer(*turn) for turn in turns] or [buyer("We will see.")]
                put_call(
                    store, f"{n}-{at}", *said, deal=deal.deal_id, started_at=f"2026-08-0{at + 1}T08:00:00Z"
                )
    return outcome_report(place, now=datetime(2026, 10, 1, tzinfo=UTC))


def test_parting_deals_show_what_was_heard(parted: OutcomeReport) -> None:
    """The CRM's own words, the findings behind what it does not name, and quotes of the first deals."""
    assert parted.reasons is not None
    assert {row.deal for row in parted.parting} == {row.deal for row in parted.reasons.parting}
    both = [bool(row.never_heard and row.not_in_reason) for row in parted.parting]
    assert both == sorted(both, reverse=True)
    assert both.count(True) == 7
    for n, row in enumerate(parted.parting):
        assert row.reason == "Too dear"
        assert len(row.findings) == (2 if row.not_in_reason else 0)
        assert bool(row.quotes) is (bool(row.findings) and n < MOST_PARTING)
        assert {said.quote.deal_id for said in row.quotes} <= {row.deal}
        assert {said.quote.finding_id for said in row.quotes} <= set(row.findings)
        assert {label for said in row.quotes for label in said.labels} <= set(row.not_in_reason)


def test_parting_deals_are_on_the_pages(parted: OutcomeReport) -> None:
    """Account, outcome, the CRM's text and the quotes, on each page."""
    page, text = Page(render_html(parted)).words, render_markdown(parted)
    first = parted.parting[0]
    deal = fold.by_id(parted)[first.deal]
    assert deal.account is not None
    for shown in (page, text):
        assert deal.account in shown
        assert "CRM: “Too dear”" in shown
        assert first.quotes[0].quote.marked in shown
        assert f"{len(parted.parting) - MOST_PARTING} more" in shown
    assert f"finding {first.quotes[0].quote.finding_id[:8]}" in text
    ids = list(Page(render_html(parted)).values("id"))
    assert len(ids) == len(set(ids))


def test_a_deal_in_which_nothing_was_heard_says_so(parted: OutcomeReport) -> None:
    """Of its reason nothing was counted, and nothing else was."""
    silent = [row for row in parted.parting if not row.findings]
    assert silent
    assert "No other objection was counted on its calls." in render_markdown(
        replace(parted, parting=tuple(silent))
    )


def test_what_may_have_been_said_of_the_reason_is_shown_as_such(tmp_path: Path) -> None:
    """Below the score from which findings count it stands first, with its label; unlikelier ones do not."""
    place = make_workspace(tmp_path / "w")
    settings = place.root / "callmine.toml"
    settings.write_text(settings.read_text("utf-8").replace("min_score = 0.5", "min_score = 0.8"), "utf-8")
    place = find_workspace(place.root)
    deals = [lost(name, loss_reason="Too dear") for name in ("D-1", "D-2")]
    with Store(place.database) as store:
        words = {deal.deal_id: EndWords(reason_labels=("price",)) for deal in deals}
        store.import_deals(deals, words=words)
        for deal, score in zip(deals, (0.6, 0.4), strict=True):
            said = [buyer(*TRUST), buyer(*PRICE, score=score)]
            put_call(store, deal.deal_id, *said, deal=deal.deal_id, started_at="2026-08-01T08:00:00Z")
    made = outcome_report(place, now=datetime(2026, 11, 1, tzinfo=UTC))
    unsure, unlikely = sorted(made.parting, key=lambda row: row.deal)
    assert [(said.labels, said.counted) for said in unsure.quotes] == [
        (("price",), False),
        (("trust",), True),
    ]
    assert [said.labels for said in unlikely.quotes] == [("trust",)]
    assert (len(unsure.perhaps), len(unlikely.perhaps)) == (1, 0)
    for shown in (Page(render_html(made)).words, render_markdown(made)):
        assert "The CRM says Price, and no call has a counted finding of it" in shown
        assert "Perhaps Price, too unsure to count" in shown
        assert "heard on no call" not in shown


def test_one_passage_with_two_labels_is_one_quote(tmp_path: Path) -> None:
    """It is printed once, below both."""
    place = make_workspace(tmp_path / "w")
    with Store(place.database) as store:
        deal = lost("D-1", loss_reason="Too dear")
        store.import_deals([deal], words={"D-1": EndWords(reason_labels=("price",))})
        call = put_call(store, "1", buyer(*TRUST), deal="D-1", started_at="2026-08-01T08:00:00Z")
        with store._writing():
            (row,) = store._db.query("SELECT * FROM findings WHERE call_id = ?", [call])
            store._db["findings"].insert({**row, "finding_id": "0123456789abcdef", "label": "security"})
    (row,) = outcome_report(place, now=datetime(2026, 11, 1, tzinfo=UTC)).parting
    assert [said.labels for said in row.quotes] == [("security", "trust")]


def test_enough_deals_and_no_difference_is_said_without_contradiction(report: OutcomeReport) -> None:
    """A large difference would have been found: it is unlikely, a small one is not."""
    assert report.waiting is not None
    found = replace(report.waiting, verdict=Verdict.NOT_ENOUGH, needed=0)
    said = waiting_words(replace(report, waiting=found))
    assert said.startswith("No difference was found. With so many deals, one of 10 points ")
    assert "so a large one is unlikely, a small one possible." in said
    assert "cannot be said" not in said
    little = waiting_words(replace(report, waiting=replace(found, needed=40)))
    assert little.startswith("Whether waiting for the first call goes with losing cannot be said yet.")


def test_of_how_many_deals_the_waiting_is_known(tmp_path: Path) -> None:
    """Those without an inquiry, without a call, or called before it are counted and told."""
    place = make_workspace(tmp_path / "w")
    with Store(place.database) as store:
        dates = {"D-1": "2026-09-01", "D-2": "2026-09-01", "D-3": None, "D-4": None, "D-5": "2026-09-09"}
        store.import_deals([a_deal(one, inquired_at=day) for one, day in dates.items()])
        for one in ("D-1", "D-3", "D-5"):
            put_call(store, one, buyer("Hello."), deal=one, started_at="2026-09-03T08:00:00Z")
    made = outcome_report(place, now=datetime(2026, 11, 1, tzinfo=UTC))
    assert made.waiting_left_out == WaitingLeftOut(no_inquiry=2, no_call=1, before_inquiry=1)
    note = waiting_words(made)
    assert "The wait is known for 1 of 5 closed deals." in note
    assert "2 deals have no date of a first inquiry in the CRM." in note
    assert "1 deal has an inquiry, and no sales call by the day of the close." in note
    assert "1 deal has a call before the inquiry." in note
    assert note in render_markdown(made)
