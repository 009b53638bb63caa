"""The page of the brief: harmless, true to the value, one sheet of paper; and the command."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from commands import callmine
from test_render_html import Page
from test_render_json import SCHEMA, check
from test_render_markdown import inline
from test_render_outcomes import HOSTILE

from callmine.domain import Outcome, Role
from callmine.errors import CallmineError
from callmine.operations import pages
from callmine.operations.agreements import LONGEST, agree
from callmine.operations.brief import brief_report
from callmine.operations.outcomes import outcome_report
from callmine.operations.redacting import redact_report
from callmine.outcomes.conversion import Entries, Step
from callmine.outcomes.rates import difference, rate
from callmine.outcomes.verdicts import Verdict
from callmine.reports.brief_questions import questions_of
from callmine.reports.brief_values import BriefReport, Jeopardy, PeriodCount, Thing
from callmine.reports.digest_values import Money
from callmine.reports.outcome_values import StepDeals
from callmine.reports.quotes import check_quote
from callmine.reports.render.brief_folds import behind, in_the_open
from callmine.reports.render.brief_opening import headline, standfirst
from callmine.reports.render.brief_pages import JSON, quotes_of
from callmine.reports.render.brief_paper import fullness
from callmine.reports.render.brief_words import (
    SHORT,
    command,
    further_amounts,
    short,
    usual_calls,
)
from callmine.reports.trend_values import Trend
from callmine.store import Store
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_store import NAMES, PRICE, buyer, make_workspace, put_call, rep, small_year

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FEBRUARY = {"since": "2026-02-01", "until": "2026-02-28", "now": NOW}


def rendered(report: BriefReport, format: str) -> str:
    """A brief in a format that is text."""
    return str(pages.rendered(pages.BRIEF, report, format))


def a_step(stage: str) -> Step:
    now, before = rate(20, 60), rate(120, 180)
    quarters = (Entries("2025-Q4", 180, before, 0), Entries("2026-Q1", 60, now, 0))
    return Step(stage, 30, quarters, now, before, difference(20, 60, 120, 180), 0.01, Verdict.LOSSES, None)


def with_brief(folder: Path, name: str = "") -> BriefReport:
    """The brief of a small year in which a deal, a call, an agreement and three stages are called so."""
    made = small_year(folder)
    with Store(made.database) as store:
        deal = a_deal(
            "D-99",
            name=f"{name}Ovens",
            account=f"{name}Brennholt",
            outcome=Outcome.LOST_OTHER,
            close_date="2026-02-20",
            stage=f"{name}Closed",
        )
        store.import_deals([deal], at="2026-02-21T18:00:00Z", delta=True)
        put_call(
            store,
            f"{name}hostile.vtt",
            buyer(f"[[{name}the price is too high]] {name}", "price"),
            rep(f"{name}I see."),
            deal="D-99",
            title=f"{name}Third call",
            started_at="2026-02-10T08:00:00Z",
        )
        words = f"{name}Price list first"
        store.agree(words, by=f"{name}Jon", day="2026-02-02", watch="objection:price")
        store.agree(words, by=f"{name}Jon", day="2026-02-01", watch=f"competitor:{name}Lantern")
        store.agree(words, by="Jon", day="2026-02-01", watch=None)
    report = brief_report(made, **FEBRUARY)
    quotes = next(one.quotes for one in report.objections if one.label == "price")
    points = [Jeopardy(a_step(f"{name}{stage}"), quotes[:1]) for stage in ("Demo", "Trial", "Offer")]
    for n, point in enumerate(points):
        own = replace(quotes[0], quote_id=f"{quotes[0].quote_id}-{n}")
        points[n] = replace(point, quotes=(own,))
    report = replace(report, jeopardy=tuple(points), steps=tuple(point.step for point in points))
    return replace(report, questions=questions_of(report))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> BriefReport:
    return with_brief(tmp_path_factory.mktemp("plain") / "workspace", "Some ")


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> BriefReport:
    return with_brief(tmp_path_factory.mktemp("hostile") / "workspace", HOSTILE)


def test_the_page_nests_and_its_links_lead_somewhere(plain: BriefReport, attacked: BriefReport) -> None:
    """Tags nest, ids are unique, no anchor is missing, nothing runs and nothing is fetched."""
    for report in (plain, attacked):
        page = Page(rendered(report, "html"))
        ids = list(page.values("id"))
        assert len(ids) == len(set(ids))
        links = {href[1:] for href in page.values("href") if href.startswith("#")}
        assert links
        assert links <= set(ids)
        tags = {tag for tag, _ in page.tags}
        assert not tags & {"script", "iframe", "object", "embed", "link", "img", "form"}
        assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]


def test_every_fact_opens_its_quotes(plain: BriefReport) -> None:
    """Each quote is on the page with its finding's id, its call and the place in it."""
    source, page = rendered(plain, "html"), Page(rendered(plain, "html")).words
    assert list(quotes_of(plain))
    for quote in quotes_of(plain):
        assert quote.finding_id[:8] in page
        assert quote.source in page
    for one in (*plain.objections, *plain.competitors, *plain.messages):
        part = source.split(f'id="{one.family}-{one.label.lower()}"')[1].split("</li>\n<li id=")[0]
        assert f"quote{'s' if len(one.quotes) > 1 else ''}" in part


def test_a_quote_in_the_open_is_short_and_verbatim(plain: BriefReport) -> None:
    """Cut at words, never within a mark of redaction, and checked as any other."""
    quote = next(quotes_of(plain))
    words = "well, " * 40
    for before, marked, after in (
        ("a ", "b", " c"),
        (words, "the price", "." + words),
        ("", words, ""),
        ("So " * 20, "the price", f"{' x' * 36} [name 1] {words}"),
    ):
        turn = f"{before}{marked}{after}"
        made = replace(
            quote,
            text=marked,
            start=len(before),
            end=len(before) + len(marked),
            before=before,
            marked=marked,
            after=after,
            utterance=turn,
        )
        cut = short(made)
        check_quote(cut)
        shown = cut.before + cut.marked + cut.after
        assert cut.marked
        assert len(shown) <= SHORT
        assert shown.count("[") == shown.count("]")
        assert (cut.cut_start or cut.cut_end) is (shown != turn)


def test_no_word_of_statistics_is_on_the_page(plain: BriefReport) -> None:
    """Two executives read it: no q-value, no verdict's name, nothing that says why."""
    for format in ("html", "md"):
        shown = Page(rendered(plain, format)).words if format == "html" else rendered(plain, format)
        for word in ("q-value", "p-value", "interval", "significan", "not_enough", "None", "because"):
            assert word not in shown, word


def test_hostile_names_and_words_are_only_text(plain: BriefReport, attacked: BriefReport) -> None:
    """Of accounts, stages, files, agreements and what was said, nothing becomes markup."""
    source = rendered(attacked, "html")
    page = Page(source)
    assert source.count("alert(1)") > 5
    assert "<script" not in source.lower()
    assert "<img" not in source.lower()
    assert not [href for href in page.values("href") if "javascript:" in href]
    text = rendered(attacked, "md")
    kinds = {token.type for token in inline(text)}
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "s_open", "fence", "code_inline"}
    for kind in ("heading_open", "list_item_open", "strong_open"):
        count = [sum(t.type == kind for t in inline(rendered(r, "md"))) for r in (plain, attacked)]
        assert count[0] == count[1], kind
    assert "@channel" not in text
    assert "https://" not in text
    assert "\u202e" not in text


def test_direction_overrides_stay_inside_their_block(attacked: BriefReport) -> None:
    """What turns the direction of text does so up to the end of its own words."""
    source = rendered(attacked, "html")
    while "<bdi" in source:
        source = re.sub(r"<bdi[^>]*>(?:(?!<bdi).)*?</bdi>", "", source, flags=re.DOTALL)
    source = re.sub(r"<title>.*?</title>|aria-label=\"[^\"]*\"", "", source, flags=re.DOTALL)
    assert "\u202e" not in source


def test_a_quote_that_is_not_verbatim_is_never_printed(plain: BriefReport) -> None:
    """Each format checks once more."""
    first = plain.objections[0]
    false = replace(first, quotes=(replace(first.quotes[0], marked="something else"),))
    for format in ("html", "md", "json"):
        with pytest.raises(CallmineError, match="not verbatim"):
            rendered(replace(plain, objections=(false,)), format)


def test_json_follows_its_published_schema(plain: BriefReport) -> None:
    """The file in docs is what the types say; UPDATE_SNAPSHOTS=1 writes it anew."""
    schema = JSON.schema()
    made = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    file = SCHEMA.with_name("brief-schema.json")
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(made, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == made
    read: Any = json.loads(rendered(plain, "json"))
    check(read, schema, schema)
    assert read["format"] == "callmine-brief/1"


def test_the_headline_says_what_matters_most(plain: BriefReport) -> None:
    """Stages in jeopardy, then the win rate, then what grows, then plain counts."""
    assert headline(plain) == "Fewer deals go on from Some Demo, Some Trial and Some Offer"
    calm = replace(plain, jeopardy=())
    assert headline(replace(calm, verdict=Verdict.LOSSES)) == "Fewer deals are won than before"
    assert headline(replace(calm, verdict=Verdict.WINS)) == "More deals are won than before"
    grown = replace(calm.objections[0], title="Price", trend=Trend("up"))
    quiet = replace(calm, objections=(), competitors=())
    assert headline(replace(calm, objections=(grown,))) == "“Price” is raised in more deals than before"
    assert headline(replace(quiet, verdict=Verdict.NO_DIFFERENCE)) == "Deals are won as often as before"
    for closed, said in (
        (rate(0, 0), f"{plain.calls[-1].out_of} sales calls, and no deal closed"),
        (rate(1, 1), "The only closed deal was won"),
        (rate(2, 2), "Both closed deals were won"),
        (rate(3, 3), "All 3 closed deals were won"),
        (rate(1, 3), "1 of 3 closed deals was won"),
        (rate(0, 2), "0 of 2 closed deals were won"),
    ):
        assert headline(replace(quiet, closed=closed)) == said


def test_nothing_is_raised_most_where_several_are(plain: BriefReport) -> None:
    """Two are named, more are counted; one that leads is named alone."""
    first = replace(plain.objections[0], title="Price", now=rate(1, 3), trend=Trend("too few to say"))
    some = [replace(first, title=title) for title in ("Price", "Trust", "Timing")]

    def said(*objections: Thing) -> str:
        return standfirst(replace(plain, objections=objections, unlinked=0, spoken=30))[-1]

    assert said(*some) == "Three objections were raised, each in 1 of 3 deals spoken with."
    assert said(*some[:2]) == "“Price” and “Trust” were raised, each in 1 of 3 deals spoken with."
    more = replace(first, now=rate(2, 3))
    assert said(more, *some) == "Buyers push back most on “Price”: in 2 of 3 deals spoken with."
    twice = [replace(one, now=rate(2, 3)) for one in some]
    assert said(*twice, first) == "Three objections are raised most, each in 2 of 3 deals spoken with."


def test_what_moved_is_in_the_open(plain: BriefReport) -> None:
    """First what is heard more, then less; what is heard most is never folded away."""
    words = ("about the same", "about the same", "down", "too few to say", "up", "new", "down")
    things = tuple(
        replace(
            plain.objections[0], label=f"o{n}", title=f"Thing {n}", now=rate(60 - n, 90), trend=Trend(word)
        )
        for n, word in enumerate(words)
    )
    shown, rest = in_the_open(things)
    assert [one.label for one in shown] == ["o4", "o5", "o2", "o0"]
    assert [one.label for one in rest] == ["o1", "o3", "o6"]
    assert in_the_open(()) == ((), ())
    calm = replace(plain, jeopardy=(), competitors=(), objections=things)
    assert headline(calm) == "“Thing 4” is raised in more deals than before"
    for text in (Page(rendered(calm, "html")).words, rendered(calm, "md")):
        listed = text.split("What buyers push back on")[1]
        assert listed.index("Thing 5") < listed.index("Thing 0")
        assert "as well" not in text


def test_the_win_rate_says_out_of_how_many(plain: BriefReport) -> None:
    """And the money won of how many deals it is not known."""
    made = replace(plain, closed=rate(92, 210), closed_before=rate(220, 552))
    assert standfirst(made)[0].startswith("92 of 210 closed deals were won (44 in 100), ")
    bare = replace(made, objections=(), spoken=7, unlinked=2)
    assert "No objection was heard in 7 deals and unlinked calls." in standfirst(bare)
    assert "No objection was heard in 7 deals spoken with." in standfirst(replace(bare, unlinked=0))
    money = (Money(2_000, "EUR"), Money(500, "USD"))
    made = replace(plain, won_amounts=money, won_without_amount=2)
    assert further_amounts(made) == "and $500; 2 deals without amount"
    assert further_amounts(replace(made, won_amounts=money[:1])) == "2 deals without amount"
    assert "and $500; 2 deals without amount" in Page(rendered(made, "html")).words


def test_a_usual_month_is_of_months_that_are_known(plain: BriefReport) -> None:
    """Before the first call there was nothing to count; one month is no mean."""
    counts = tuple(PeriodCount(f"{n}", out_of, out_of) for n, out_of in enumerate((0, 12, 24, 20)))
    made = replace(plain, calls=counts, periods=3, known_periods=2)
    assert usual_calls(made) == "18 in a month before, of two"
    assert usual_calls(replace(made, known_periods=1)) == "36 in the month before"
    assert usual_calls(replace(made, known_periods=3)) == "12 in a month before"
    assert plain.known_periods == 1


def test_both_sides_of_a_point_in_jeopardy_open(plain: BriefReport) -> None:
    """Who went on stands behind the number as well as who did not."""
    one, two, *_ = (deal.deal_id for deal in plain.deals)
    point = plain.jeopardy[0]
    deals = (StepDeals(point.step.stage, "2026-Q1", (one,), (two,), ()),)
    made = replace(plain, jeopardy=(replace(point, deals=deals),))
    said = Page(rendered(made, "html")).words
    assert "1 deal that did not go on" in said
    assert "Went on: 1 deal" in said


def test_folds_add_up(plain: BriefReport) -> None:
    """Deals that a fold names and calls without one are together what is counted."""
    told = [one for one in (*plain.objections, *plain.competitors) if one.quotes]
    assert any(one.deals for one in told)
    for one in told:
        bare = replace(one, now=rate(len(one.deals) + 2, 90))
        assert behind(bare.quotes, bare.deals, bare).endswith(" and 2 unlinked calls")
        assert len(one.deals) <= one.now.successes


def test_a_line_of_markdown_after_a_quote_is_no_part_of_it(plain: BriefReport) -> None:
    """A paragraph that follows at once would go on with it."""
    lines = rendered(plain, "md").splitlines()
    ends = [after for line, after in pairwise(lines) if line.startswith(">") and not after.startswith(">")]
    assert ends
    assert set(ends) == {""}


def test_no_rep_is_named(tmp_path: Path) -> None:
    """Of what we say the words count, here and among won and lost deals; prospects have their names."""
    made = small_year(tmp_path / "workspace")
    with Store(made.database) as store:
        store.agree("Meet", by="Jon", day="2026-02-01", watch="message:fast-rota")
    told = brief_report(made, **FEBRUARY)
    ours = [quote for quote in quotes_of(told) if quote.role is Role.REP]
    theirs = [quote for quote in quotes_of(told) if quote.role is Role.PROSPECT]
    assert ours
    assert any(quote.speaker_name for quote in theirs)
    assert {quote.speaker_name for quote in ours} == {None}
    name = NAMES[Role.REP]
    assert name
    closed = outcome_report(made, since="2026-01-01", until="2026-10-31")
    for format in ("html", "md", "json"):
        assert name not in rendered(told, format), format
        assert name not in str(pages.rendered(pages.OUTCOMES, closed, format)), format


def test_a_tiny_month_reads_well(tmp_path: Path) -> None:
    """One call, nothing closed, nothing before: few sentences, and that they are few is said once."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        put_call(store, "a.vtt", buyer(*PRICE), rep("So."), deal=None, started_at="2026-10-01T08:00:00Z")
    report = brief_report(made, now=NOW)
    page = Page(rendered(report, "html"))
    assert headline(report) == "1 sales call, and no deal closed"
    assert standfirst(report)[1:] == (
        "Prospects are known to speak in only 1 unlinked call,"
        " so hardly anything that they say can be told from chance.",
    )
    assert "in 1 of 1 unlinked call spoken with" in page.words
    assert "1 quote and 1 unlinked call" in page.words
    assert "too few to say" not in page.words
    assert "Nothing is written down yet" in page.words
    assert "Whom we meet" not in page.words
    assert "Nothing to ask yet: too few deals." in page.words
    assert "Nothing to ask yet: too few deals." in rendered(report, "md")
    assert "None" not in page.words
    assert rendered(report, "md").startswith("# 1 sales call, and no deal closed\n")


@pytest.mark.parametrize(
    ("spoken", "closed", "remark"),
    [
        (12, 200, "Prospects are known to speak in only 12 deals, so hardly anything that they say "),
        (12, 0, "Prospects are known to speak in only 12 deals, so hardly anything that they say "),
        (12, 3, "Only 3 deals closed, and prospects are known to speak in only 12 deals: of either, "),
        (0, 200, "Prospects are known to speak in none of the calls, so nothing can be told of what they"),
        (20, 200, ""),
    ],
)
def test_what_is_few_is_named(plain: BriefReport, spoken: int, closed: int, remark: str) -> None:
    """Two hundred closed deals are not few, though hardly anybody was spoken with."""
    report = replace(
        plain,
        objections=(),
        spoken=spoken,
        unlinked=0,
        closed=rate(closed // 2, closed),
        closed_before=rate(100, 200),
    )
    *before, last = standfirst(report)
    assert last.startswith(remark)
    assert ("200 closed deals were won" in " ".join((*before, last))) == (closed == 200)
    assert ("only" in last) == (0 < spoken < 20)


def test_a_turn_of_ten_thousand_characters_is_cut(tmp_path: Path) -> None:
    """In every format, and the names beside it too."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        store.import_deals(
            [a_deal("D-1", account="x" * 10_000, outcome=Outcome.LOST_OTHER)], at="2026-09-01T08:00:00Z"
        )
        turn = buyer(f"[[{'too dear ' * 1_200}]]", "price")
        put_call(store, "a.vtt", turn, rep("So."), title="y" * 10_000, started_at="2026-09-02T08:00:00Z")
    for format in ("html", "md"):
        assert len(rendered(brief_report(made, now=NOW), format)) < 90_000


# -- paper -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """Headless Chromium; where one is promised, as in CI, its lack is a failure and no skip."""
    import playwright.sync_api as api

    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=options)
        yield running
        running.close()


def filled(report: BriefReport, share: float, rows: int = 9) -> BriefReport:
    """A brief of lists of so many rows, whose texts have this share of the length they may have."""
    name = "Wolframs-Eschenbacher Gebäudereinigungsgesellschaft mit Sitz in Neuendettelsau"
    long = name[: max(int(share * len(name)), 6)]
    thing = replace(report.objections[0], now=rate(1_234, 5_678), won=rate(1_200, 3_000), trend=Trend("up"))
    thing = replace(thing, trend=Trend("up", before=1_000, before_out_of=9_000), verdict=Verdict.LOSSES)

    def many(family: str) -> tuple[Any, ...]:
        quotes = thing.quotes
        words = ("and that is a lot of money for us " * 12)[: max(int(share * 290), 20)].rstrip()
        quote = replace(quotes[0], text=words, marked=words, before="", after="", start=0, end=len(words))
        quote = replace(quote, utterance=words, account=long)
        return tuple(
            replace(thing, family=family, label=f"{family}{n}", title=f"{long} {n}", quotes=(quote,))
            for n in range(rows)
        )

    points = tuple(replace(point, step=replace(point.step, stage=long)) for point in report.jeopardy)
    quote = many("objection")[0].quotes
    points = tuple(replace(point, quotes=quote) for point in points)
    since = replace(
        next(one.since for one in report.agreed if one.since),
        after=rate(600, 1_200),
        before=rate(400, 1_000),
    )
    told = tuple(
        replace(
            report.agreed[0],
            number=n,
            text=(name * 9)[: int(share * LONGEST)],
            by=long,
            watch="objection:price",
            title=long,
            known=True,
            since=replace(since, trend=Trend("up")),
        )
        for n in range(rows)
    )
    made = replace(
        report,
        closed=rate(1_000, 2_345),
        closed_before=rate(1_500, 4_567),
        objections=many("objection"),
        competitors=many("competitor"),
        messages=many("message"),
        jeopardy=(*points, *points[:1])[:rows],
        agreed=told,
        redacted=True,
        company=long,
    )
    return replace(made, questions=questions_of(made))


@pytest.mark.browser
@pytest.mark.parametrize("rows", [1, 2, 3, 9])
def test_it_is_one_sheet_of_paper(browser: Any, plain: BriefReport, tmp_path: Path, rows: int) -> None:
    """Printed on A4 by Chromium, however full; lines are only left out where it takes that."""
    page, found = browser.new_page(), set()
    for share in (0.1, 0.3, 0.5, 0.7, 1.0):
        report = filled(plain, share, rows)
        found.add(fullness(report))
        file = tmp_path / "brief.html"
        file.write_text(rendered(report, "html"), "utf-8")
        page.goto(file.as_uri())
        pdf = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 1, share
    page.close()
    assert found & ({"crowded"} if rows == 9 else {"roomy", "tight"})


# -- the command -----------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    made = make_workspace(tmp_path / "workspace")
    with Store(made.database) as store:
        store.import_deals([a_deal("D-1", close_date="2026-09-20")], at="2026-09-21T08:00:00Z")
        put_call(store, "a.vtt", buyer(*PRICE), rep("So."), started_at="2026-09-02T08:00:00Z")
    return made


def test_the_command_writes_and_prints(place: Workspace, tmp_path: Path) -> None:
    """To the workspace, to a file by its ending, to standard output, as JSON."""
    here = ["-w", str(place.root)]
    done = callmine("brief", *here, "--since", "2026-09-01", "--until", "2026-09-30")
    assert done.code == 0
    assert (place.reports / "brief-2026-09-01-to-2026-09-30.html").exists()
    file = tmp_path / "brief.md"
    asked = ["--since", "2026-09-01", "--until", "2026-09-30", "--no-redact"]
    assert callmine("brief", *here, *asked, "-o", str(file)).code == 0
    assert file.read_text("utf-8").startswith("# ")
    shown = callmine("brief", *here, *asked, "-o", "-", "--format", "md")
    assert shown.out == file.read_text("utf-8")
    assert json.loads(callmine("brief", *here, *asked, "--json").out)["format"] == "callmine-brief/1"


def test_no_brief_writes_over_another_and_each_says_how_it_is_built(place: Workspace) -> None:
    """The month as it ended and with what was agreed since; what each says builds that one again."""
    agree(place, "Meet", day="2026-10-05", by="Mara")
    here = ["-w", str(place.root), "--format", "json"]
    since, until = ("--since", "2026-09-01"), ("--until", "2026-09-30")
    for asked in ((), (*since, *until), ("--since", "2026-09-02", *until)):
        assert callmine("brief", *here, *asked).code == 0
    today = datetime.now(UTC).date().isoformat()
    pages = {path.stem: json.loads(path.read_text("utf-8")) for path in place.reports.glob("brief-*")}
    month = "brief-2026-09-01-to-2026-09-30"
    as_of_today = f"{month}-as-of-{today}"
    assert set(pages) == {month, as_of_today, "brief-2026-09-02-to-2026-09-30"}
    assert [len(pages[name]["agreed"]) for name in (month, as_of_today)] == [0, 1]
    for name, page in pages.items():
        report = brief_report(
            place,
            since=page["since"],
            until=page["until"],
            as_of=page["as_of"] if page["as_of"] != page["until"] else None,
        )
        words = shlex.split(command(report))
        assert words[:2] == ["callmine", "brief"]
        again = callmine(*words[1:], *here, "-o", "-")
        assert json.loads(again.out) == page, name


def test_the_command_keeps_what_was_agreed(place: Workspace) -> None:
    """Each of the three says what was done; what does not go together is refused with exit 2."""
    here = ["-w", str(place.root)]
    made = callmine("brief", *here, "--agree", "Meet", "--by", "Mara", "--on", "2026-09-01")
    assert (made.code, made.out) == (0, "agreement 1 is kept: callmine brief shows it\n")
    assert callmine("brief", *here, "--agree", "Price", "--watch", "objection:price").code == 0
    assert callmine("brief", *here, "--done", "1").out == "agreement 1 is done\n"
    assert callmine("brief", *here, "--drop", "2").out == "agreement 2 is dropped\n"
    with Store(place.database) as store:
        (row,) = store.agreements()
    assert (row.made_by, row.agreed_on) == ("Mara", "2026-09-01")
    for asked in (
        ["--done", "1", "--drop", "1"],
        ["--agree", "A", "--done", "1"],
        ["--watch", "objection:price"],
        ["--on", "2026-09-01"],
        ["--json", "-o", "brief.json"],
        ["--done", "9"],
        ["--agree", "A", "--since", "2026-09-01"],
        ["--drop", "1", "-o", "brief.md"],
        ["--done", "1", "--json"],
    ):
        refused = callmine("brief", *here, *asked)
        assert refused.code == 2, asked
        assert refused.err


def test_it_leaves_the_workspace_redacted(place: Workspace, tmp_path: Path) -> None:
    """Names in agreements go, of who said them as of who is named; the page says so."""
    agree(place, "Petra Voss hears the price first", by="Jon Linden", day="2026-09-03", now=NOW)
    report = brief_report(place, since="2026-09-01", until="2026-09-30", now=NOW)
    report = redact_report(report, place)
    for format in ("html", "md", "json"):
        text = rendered(report, format)
        assert "Petra" not in text
        assert "Linden" not in text
    assert "guarantees nothing" in rendered(report, "html")
    assert date.fromisoformat(report.agreed[0].day)
