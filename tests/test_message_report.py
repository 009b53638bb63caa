"""The report on messages from a store: the same numbers as elsewhere, its pages, and the command."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from commands import callmine
from test_render_html import Page
from test_render_json import SCHEMA, check
from test_render_markdown import inline
from test_render_outcomes import HOSTILE

from callmine.domain import Role
from callmine.errors import CallmineError, UsageError
from callmine.operations import pages
from callmine.operations.comparing import compare_things
from callmine.operations.messages import message_report
from callmine.operations.outcomes import outcome_report
from callmine.operations.sendable import sendable
from callmine.operations.sendable_values import Ask
from callmine.outcomes.rates import rate
from callmine.reports.message_values import Halves, MessageReport
from callmine.reports.message_wording import halves_of
from callmine.reports.quote_clips import with_clips
from callmine.reports.render.message_pages import (
    JSON,
    quotes_in_turn,
    quotes_of,
)
from callmine.reports.render.message_words import moved
from callmine.reports.render.messages import messages_text
from callmine.reports.text import REDACTED
from callmine.store import Store
from callmine.workspace import Workspace, find_workspace
from tests.closed_store import make_workspace, put_call, rep
from tests.message_store import with_messages


def rendered(report: MessageReport, format: str) -> str:
    """A page that is text."""
    return str(pages.rendered(pages.MESSAGES, report, format))


FROM_MAY = "2026-05-01"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return with_messages(tmp_path_factory.mktemp("said") / "workspace")


@pytest.fixture(scope="module")
def report(place: Workspace) -> MessageReport:
    return message_report(place, since=FROM_MAY)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> MessageReport:
    made = with_messages(tmp_path_factory.mktemp("hostile") / "workspace", HOSTILE)
    return message_report(made, since=FROM_MAY, segment=f"{HOSTILE}SMB")


def test_outcomes_are_those_of_the_other_page(place: Workspace, report: MessageReport) -> None:
    """Deals, rates, intervals, q and verdicts are the very same numbers."""
    other = outcome_report(place)
    (family,) = (found for found in other.families if found.family == "message")
    assert report.outcomes is not None
    assert [line.association for line in report.outcomes.said.lines] == [
        x.association for x in family.lines
    ]
    assert [line.deals for line in report.outcomes.said.lines] == [line.deals for line in family.lines]
    assert (report.outcomes.since, report.outcomes.until) == (other.since, other.until)
    assert report.outcomes.compared == other.basis.compared


def test_the_pair_is_that_of_compare(place: Workspace, report: MessageReport) -> None:
    """Two messages are held against each other as the command does, and no look is counted for it."""
    assert report.outcomes is not None
    (pair,) = report.outcomes.pairs
    with Store(place.database) as store:
        assert store.reports_kept("compare") == 0
    assert pair.comparison == compare_things(place, pair.a.label, pair.b.label).comparison
    assert report.outcomes.pairs_left == 0


def test_deals_in_which_it_was_taken_up(report: MessageReport) -> None:
    """Another family: only messages that a known prospect took up, in deals that closed."""
    assert report.outcomes is not None
    (line,) = report.outcomes.echoed.lines
    assert (line.family, line.label, line.association.with_it.total) == ("echo", "fast-rota", 6)
    (fast,) = (message for message in report.messages if message.id == "fast-rota")
    assert (fast.said, fast.deals, fast.echoed) == (12, 12, 6)


def test_other_claims_and_own_words_are_told(report: MessageReport) -> None:
    """What reps say instead, taken up often enough to be a candidate, and what prospects say unasked."""
    assert report.claims is not None
    by = {one.said_by: one for one in (*report.claims.instead, *report.claims.candidates)}
    assert by[Role.REP].quotes[0].text == "people swap shifts on their phone"
    assert by[Role.PROSPECT].quotes[0].text == "the plan was done before lunch"
    assert (by[Role.REP].calls, by[Role.PROSPECT].calls) == (12, 12)


def test_wording_that_moved_away_is_drift(report: MessageReport) -> None:
    """Word for word first, in other words since: said with both counts, and with its other words."""
    (fast,) = (message for message in report.messages if message.id == "fast-rota")
    assert fast.wording is not None
    earlier, later = fast.wording.halves.earlier, fast.wording.halves.later
    assert (earlier.successes, earlier.total, later.successes, later.total) == (6, 6, 0, 6)
    assert "in 6 of 6 calls of the first half of these weeks, in 0 of 6" in rendered(report, "md")
    assert {quote.text for quote in fast.wording.quotes} == {"Your plan is there before coffee"}


def test_a_change_is_told_only_beyond_chance_among_all() -> None:
    """One in forty is no news where four are looked at; no change is none; an empty half says nothing."""
    weeks = ("2026-W01", "2026-W02", "2026-W03")
    calls = [f"c-{n}" for n in range(60)]
    week_by_call = {call: weeks[n % 2] for n, call in enumerate(calls)}
    more = halves_of(set(calls[1:30:2]), calls, weeks, week_by_call)
    assert (more.earlier.total, more.later.total) == (30, 30)
    assert (moved(more, 1), moved(Halves(more.later, more.earlier, None), 1)) == (1, 0)
    assert moved(halves_of(set(calls[1:14:2]) | set(calls[:2]), calls, weeks, week_by_call), 4) == 0
    assert halves_of(set(), calls[::2], weeks, week_by_call).change is None


def test_many_weeks_are_told_by_months(
    report: MessageReport, place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The months make the same calls as the weeks, which are too many for a chart."""
    assert all(not message.monthly for message in report.messages)
    monkeypatch.setattr("callmine.reports.messages.MONTHS_FROM", len(report.weeks))
    long = message_report(place, since=FROM_MAY)
    fast = long.messages[0]
    assert [(m.month, m.said) for m in fast.monthly] == [("2026-06", 6), ("2026-07", 6)]
    assert sum(m.out_of for m in fast.monthly) == sum(w.out_of for w in fast.weekly) == long.calls
    assert [(m.since, m.until) for m in fast.monthly] == [
        ("2026-06-01", "2026-06-30"),
        ("2026-07-01", "2026-07-26"),
    ]
    assert "| June 2026 |" in rendered(long, "md")
    for format in ("html", "md"):
        assert "1–26 July 2026" in rendered(long, format), "the weeks end there"
    assert "by month: 2026-06 6 of 12, 2026-07 (days 1–26) 6 of 12" in messages_text(long)


def test_a_segment_is_only_its_deals(place: Workspace) -> None:
    """Calls and deals of others are in none of its numbers."""
    found = message_report(place, since=FROM_MAY, segment="enterprise")
    assert found.outcomes is not None
    assert (found.calls, found.outcomes.compared.total, found.segment) == (8, 8, "Enterprise")
    with pytest.raises(UsageError, match="no deal is of the segment"):
        message_report(place, segment="Entreprise")


def test_weeks_that_end_before_they_begin(place: Workspace) -> None:
    """A day after the last call is told as such."""
    with pytest.raises(UsageError, match="before 2026-09-01"):
        message_report(place, since="2026-09-01")


@pytest.mark.parametrize("format", ["html", "md", "text"])
def test_every_format_says_the_same(report: MessageReport, format: str) -> None:
    """What was said, taken up, and how deals ended, in the same words."""
    text = messages_text(report) if format == "text" else rendered(report, format)
    shown = Page(text).words if format == "html" else text
    for words in (
        "not enough evidence yet" if format == "md" else "Its wording moved away from the playbook's",
        "people swap shifts on their phone",
        "Of 12 closed deals in which a rep said it, 8 were won",
        "callmine compare fast-rota fewer-calls",
    ):
        assert words in shown
    assert "because" not in shown


def test_no_rep_is_named(report: MessageReport) -> None:
    """Neither in a quote nor in a table, unless that is switched on."""
    for format in ("html", "md", "json"):
        assert "Maya Linden" not in rendered(report, format)
    assert "Petra Voss" in rendered(report, "html")


@pytest.mark.parametrize("attack", [False, True])
def test_the_page_nests_and_its_links_lead_somewhere(
    report: MessageReport, attacked: MessageReport, attack: bool
) -> None:
    """Tags nest, ids are unique, no anchor is missing, nothing runs and nothing is fetched."""
    page = Page(rendered(attacked if attack else report, "html"))
    ids = list(page.values("id"))
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(ids)
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "object", "link", "img", "form"}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_hostile_names_are_only_text(report: MessageReport, attacked: MessageReport) -> None:
    """Of accounts, deals, files, segments and what was said, nothing becomes markup."""
    source = rendered(attacked, "html")
    assert source.count("alert(1)") > 5
    while "<bdi" in source:
        source = re.sub(r"<bdi[^>]*>(?:(?!<bdi).)*?</bdi>", "", source, flags=re.DOTALL)
    assert "\u202e" not in re.sub(r"aria-label=\"[^\"]*\"", "", source)
    text = rendered(attacked, "md")
    kinds = {token.type for token in inline(text)}
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "s_open", "fence"}
    assert "@channel" not in text
    assert "https://" not in text
    assert "\u202e" not in text
    assert "\n# head" not in messages_text(attacked)


def test_a_turn_of_ten_thousand_characters_is_cut(tmp_path: Path) -> None:
    """In pages; the JSON has the finding's words."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        long = rep(f"[[{'a rota in an hour instead of a day ' * 300}]]", "fast-rota")
        put_call(store, "a.vtt", long, deal=None, started_at="2026-06-01T08:00:00Z")
    found = message_report(made)
    assert found.messages[0].said == 1
    for format in ("html", "md"):
        assert len(rendered(found, format)) < 60_000


def test_a_first_week_reads_well(tmp_path: Path) -> None:
    """One call without a deal: nothing is said of winning, claims and drift, and nothing is made up."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        put_call(
            store,
            "a.vtt",
            rep("You get [[a rota in an hour]].", "fast-rota"),
            deal=None,
            started_at="2026-06-01T08:00:00Z",
        )
    found = message_report(made)
    text = rendered(found, "md")
    assert text.startswith(
        "# “A rota in an hour instead of a day” is the only approved message that was heard"
    )
    assert "No deal with a call that counts has closed yet" in text
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "## Said, and taken up",
        "## How deals with a message ended",
        "## What this is based on",
    ]
    assert Page(rendered(found, "html")).words
    assert "1 call in which one of our reps" in messages_text(found)


def test_nothing_heard_reads_well(tmp_path: Path) -> None:
    """A call in which no message was said."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        put_call(store, "a.vtt", rep("Hello there."), deal=None, started_at="2026-06-01T08:00:00Z")
    text = rendered(message_report(made), "md")
    assert text.startswith("# No approved message was heard")
    assert "it is no proof of silence" in text


def test_published_schema_is_the_schema(report: MessageReport) -> None:
    """The file in docs is what the types say, and JSON follows it; UPDATE_SNAPSHOTS=1 writes it anew."""
    schema = JSON.schema()
    made = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    file = SCHEMA.with_name("messages-schema.json")
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(made, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == made
    value = json.loads(rendered(report, "json"))
    check(value, schema, schema)
    assert value == json.loads(json.dumps(JSON.value(report), allow_nan=False))


def test_a_quote_that_is_not_verbatim_is_refused(report: MessageReport) -> None:
    """In every format, whichever part it is in."""
    assert report.claims is not None
    (group, *_) = (*report.claims.candidates, *report.claims.instead)
    wrong = replace(group, quotes=(replace(group.quotes[0], text="made up"),))
    broken = replace(report, claims=replace(report.claims, instead=(), candidates=(wrong,)))
    assert len(list(quotes_of(report))) > 8
    for show in (lambda r: rendered(r, "html"), lambda r: rendered(r, "md"), JSON.value, messages_text):
        with pytest.raises(CallmineError, match="not verbatim"):
            show(broken)


def test_what_is_shown_first_plays_first(report: MessageReport) -> None:
    """Every quote of the page may get a clip, and the first of each part gets it before second ones."""
    turn = [quote.finding_id for quote in quotes_in_turn(report)]
    assert set(turn) == {quote.finding_id for quote in quotes_of(report)}
    fast = report.messages[0]
    assert turn[0] == fast.echoes[0].finding_id
    second = turn.index(fast.echoes[1].finding_id)
    assert all(m.examples[0].finding_id in turn[:second] for m in report.messages if m.examples)
    played = with_clips(report, quotes_in_turn(report), lambda quote: b"OggS", max_bytes=8)
    assert sum(quote.clip is not None for quote in quotes_of(played)) == 2
    assert rendered(played, "html").count("<audio") == 2


def test_comparisons_in_a_redacted_report_say_so(place: Workspace, tmp_path: Path) -> None:
    """Each of them is a report by itself, and nothing in the file says that it is not redacted."""
    outside = tmp_path / "said.json"
    assert callmine("messages", "--since", FROM_MAY, "-o", str(outside), at=place.root).code == 0
    (comparison,) = json.loads(outside.read_text("utf-8"))["outcomes"]["pairs"]
    assert comparison["redacted"] is True
    printed = callmine("messages", "--since", FROM_MAY, "--json", at=place.root).out
    assert set(re.findall(r'"redacted": (\w+)', printed)) == {"false"}


def test_rates_of_the_first_table_are_counts(report: MessageReport) -> None:
    """Shares and counts of the page come from the same field."""
    (fast, _) = report.messages
    assert fast.halves is not None
    assert fast.halves.earlier.total + fast.halves.later.total == report.calls
    assert fast.wording is not None
    assert fast.wording.worded == rate(6, fast.said)


@pytest.mark.parametrize("ending", ["html", "md", "json"])
def test_the_command_writes_pages(place: Workspace, tmp_path: Path, ending: str) -> None:
    """Into the workspace as it is; elsewhere redacted, unless told otherwise; to stdout as it is."""
    root = place.root
    told = callmine("messages", "--since", FROM_MAY, "--format", ending, at=root)
    assert (told.code, told.out) == (
        0,
        f"wrote {root / 'reports' / f'messages-2026-W23-to-2026-W30.{ending}'}\n",
    )
    inside = (root / "reports" / f"messages-2026-W23-to-2026-W30.{ending}").read_text("utf-8")
    assert "Petra Voss" in inside
    outside = tmp_path / "out" / f"said.{ending}"
    told = callmine("messages", "--since", FROM_MAY, "-o", str(outside), at=root)
    assert "guarantees nothing" in told.err
    page = outside.read_text("utf-8")
    assert "Petra Voss" not in page
    assert ('"redacted": true' if ending == "json" else REDACTED) in page
    printed = callmine("messages", "--since", FROM_MAY, "--format", ending, "-o", "-", at=root)
    assert printed.out == inside


def test_a_retry_sends_its_own_weeks(place: Workspace, report: MessageReport) -> None:
    """Asked for weeks that ended earlier, it says those, and never others under their name."""
    how = sendable("messages")
    assert how.build(place, Ask(subject=how.subject(report))).weeks == report.weeks
    earlier = f"{report.weeks[0]}/{report.weeks[-2]}"
    assert how.subject(how.build(place, Ask(subject=earlier))) == earlier


def test_text_and_json_are_printed_without_a_format(place: Workspace) -> None:
    """As ever: nothing is written."""
    before = set((place.root / "reports").iterdir())
    told = callmine("messages", "--since", FROM_MAY, at=place.root)
    assert told.out.splitlines()[0].endswith("in which one of our reps is known to speak")
    value = callmine("messages", "--since", FROM_MAY, "--json", at=place.root).json
    assert value["format"] == "callmine-messages/1"
    assert set((place.root / "reports").iterdir()) == before
    assert find_workspace(place.root).root == place.root
