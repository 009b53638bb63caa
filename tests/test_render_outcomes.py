"""The pages on won and lost deals: harmless, true to the values, and careful with words."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from test_render_html import Page
from test_render_json import check
from test_render_markdown import inline

from callmine.errors import CallmineError
from callmine.operations.comparing import compare_things
from callmine.operations.outcomes import outcome_report
from callmine.outcomes.verdicts import Verdict
from callmine.reports.comparison import CompareReport
from callmine.reports.outcome_values import OutcomeReport
from callmine.reports.render import outcome_words as o
from callmine.reports.render.compare import JSON as COMPARE
from callmine.reports.render.compare import render_text
from callmine.reports.render.outcome_pages import (
    JSON,
    quotes_of,
    render_html,
    render_markdown,
)
from callmine.store import Store
from tests.builders import a_deal
from tests.closed_rows import lost
from tests.closed_store import PRICE, TRUST, buyer, make_workspace, put_call, rep
from tests.outcome_pages import renamed

SNAPSHOTS = Path(__file__).parent / "snapshots"


HOSTILE = (
    '<script>alert(1)</script>"><img src=x onerror=alert(1)> | a | `code` **bold** [click](javascript:x)\n'
    "# head\r\n- item \u202e {{ 7*7 }} https://evil.example @channel "
)


@pytest.fixture
def report(small_year_reports: tuple[OutcomeReport, CompareReport]) -> OutcomeReport:
    return small_year_reports[0]


@pytest.fixture
def compared(small_year_reports: tuple[OutcomeReport, CompareReport]) -> CompareReport:
    return small_year_reports[1]


@pytest.mark.parametrize("name", ["outcomes.md", "compare.txt"])
def test_snapshot(report: OutcomeReport, compared: CompareReport, name: str) -> None:
    """They look as they did; UPDATE_SNAPSHOTS=1 accepts a change on purpose.

    JSON has none: its last digits are those of the machine's mathematics library.
    """
    shown = render_markdown(report) if name == "outcomes.md" else render_text(compared) + "\n"
    file = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")


def test_the_page_nests_and_its_links_lead_somewhere(report: OutcomeReport) -> None:
    """Tags nest, ids are unique, and no anchor is missing."""
    page = Page(render_html(report))
    ids = list(page.values("id"))
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(ids)


def test_nothing_is_fetched_and_nothing_runs(report: OutcomeReport) -> None:
    """No script, no handler, no picture from anywhere; the policy forbids the rest."""
    page = Page(render_html(report))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "iframe", "object", "embed", "link", "form", "base", "img"}
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    assert all(href.startswith(("#", "file:///")) for href in page.values("href"))
    assert any(str(a.get("content", "")).startswith("default-src 'none'") for _, a in page.tags)


def test_hostile_names_are_only_names(report: OutcomeReport) -> None:
    """Accounts, deals, stages, segments, phrases, titles and months cannot become markup on the page."""
    source = render_html(renamed(report, HOSTILE))
    page = Page(source)
    assert source.count("alert(1)") > 100
    assert "<script" not in source.lower()
    assert "<img" not in source.lower()
    assert "{{ 7*7 }}" in page.words
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    assert not [href for href in page.values("href") if "javascript:" in href]
    ids = list(page.values("id"))
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(ids)


def test_direction_overrides_stay_inside_their_block(report: OutcomeReport) -> None:
    """What turns the direction of text does so up to the end of its cell or sentence, no further."""
    source = render_html(renamed(report, "Ha\u202ecker "))
    while "<bdi" in source:
        source = re.sub(r"<bdi[^>]*>(?:(?!<bdi).)*?</bdi>", "", source, flags=re.DOTALL)
    source = re.sub(r"<title>.*?</title>|aria-label=\"[^\"]*\"", "", source, flags=re.DOTALL)
    assert "\u202e" not in source


def test_hostile_names_are_only_text_in_markdown(report: OutcomeReport) -> None:
    """No link, no HTML, no code, no emphasis, no further row or heading comes from a name."""
    plain, attacked = (inline(render_markdown(r)) for r in (report, renamed(report, HOSTILE)))
    kinds = {token.type for token in attacked}
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "s_open", "fence", "code_inline"}
    for kind in ("tr_open", "th_open", "td_open", "heading_open", "list_item_open", "strong_open"):
        count = [sum(token.type == kind for token in page) for page in (plain, attacked)]
        assert count[0] == count[1], kind
    shown = render_markdown(renamed(report, HOSTILE))
    assert "@channel" not in shown
    assert "https://" not in shown
    assert "\u202e" not in shown


def test_long_names_do_not_break_a_page(report: OutcomeReport) -> None:
    """A name of ten thousand characters is one name; the page still nests."""
    long = renamed(report, "x" * 10_000)
    assert Page(render_html(long)).words
    assert "x" * 10_000 in render_markdown(long)


def test_tables_have_the_columns_they_announce(report: OutcomeReport) -> None:
    """Every row of a table has as many cells as its head."""
    rows: list[int] = []
    for line in [*render_markdown(renamed(report, "a | b ")).splitlines(), ""]:
        if line.startswith("|"):
            rows.append(len(re.findall(r"(?<!\\)\|", line)))
        elif rows:
            assert len(set(rows)) == 1, line
            assert len(rows) >= 3
            rows = []


def test_hostile_names_on_a_terminal(compared: CompareReport) -> None:
    """A name with line breaks is one line of what is printed."""
    lines = len(render_text(compared).splitlines())
    assert len(render_text(renamed(compared, "a\nb\r\u2028c ")).splitlines()) == lines


def test_totals_are_the_same_everywhere(report: OutcomeReport) -> None:
    """Text, table and JSON have one number, from one field."""
    page, text, value = Page(render_html(report)), render_markdown(report), JSON.value(report)
    families = {family["family"]: family for family in value["families"]}
    for family in report.families:
        for line, told in zip(family.lines, families[family.family]["lines"], strict=True):
            a = line.association.with_it
            assert told["association"]["with_it"]["total"] == a.total
            assert f", {a.successes} of {a.total} |" in text
            assert o.raw_sentence(line) in page.words
            assert f"{a.successes} of {a.total}" in page.words
    deals = value["basis"]["deals"]
    assert f"{deals['successes']} of {deals['total']} closed deals were won" in page.words
    assert text.startswith(f"# {deals['successes']} of {deals['total']} closed deals were won")


def test_every_quote_is_on_every_page(report: OutcomeReport) -> None:
    """What is promised as proof is there, in one piece."""
    page, text = Page(render_html(report)), render_markdown(report)
    for quote in quotes_of(report):
        assert " ".join((quote.before + quote.marked + quote.after).split()) in page.words
        assert f"finding {quote.finding_id[:8]}" in text


@pytest.mark.parametrize("render", [render_html, render_markdown, JSON.text])
def test_a_quote_that_is_not_verbatim_stops_the_page(report: OutcomeReport, render: object) -> None:
    """A changed word is a bug and is never printed."""
    first = report.families[0]
    quote = replace(first.lines[0].quotes[0], marked="we love the price")
    line = replace(first.lines[0], quotes=(quote,))
    forged = replace(report, families=(replace(first, lines=(line,)), *report.families[1:]))
    with pytest.raises(CallmineError, match="not verbatim"):
        render(forged)  # type: ignore[operator]


def test_a_forged_quote_stops_a_comparison(compared: CompareReport) -> None:
    """There, too, in words and in JSON."""
    quote = replace(compared.a.quotes[0], marked="we love the price")
    forged = replace(compared, a=replace(compared.a, quotes=(quote,)))
    for render in (render_text, COMPARE.value):
        with pytest.raises(CallmineError, match="not verbatim"):
            render(forged)


def test_a_page_on_nothing_is_short(tmp_path: Path) -> None:
    """Two deals and no call: no empty heading, no empty table, in any format."""
    place = make_workspace(tmp_path / "w")
    with Store(place.database) as store:
        store.import_deals([a_deal("D-1"), lost("D-2")])
    empty = outcome_report(place)
    text, page = render_markdown(empty), Page(render_html(empty))
    assert "## Objections" not in text
    assert "nothing can yet be said" in page.words
    assert "Nothing that was heard could be compared" in text
    schema = JSON.schema()
    check(json.loads(JSON.text(empty)), schema, schema)


@pytest.mark.parametrize(("wins", "said"), [(12, "12 of 12"), (0, "0 of 12")])
def test_pages_where_all_or_none_were_won(tmp_path: Path, wins: int, said: str) -> None:
    """Without anything to tell apart every page says so, and no number is endless."""
    place = make_workspace(tmp_path / "w")
    with Store(place.database) as store:
        deals = [(a_deal if n < wins else lost)(f"D-{n}") for n in range(12)]
        store.import_deals(deals)
        for n, deal in enumerate(deals):
            turns = (buyer(*PRICE) if n % 2 else buyer(*TRUST), rep("I see."))
            put_call(store, deal.deal_id, *turns, deal=deal.deal_id, account=deal.deal_id)
    report = outcome_report(place)
    text = render_markdown(report)
    assert f"# {said} closed deals were won" in text
    assert {line.association.verdict for line in report.families[0].lines} == {Verdict.NOT_ENOUGH}
    told = render_text(compare_things(place, "price", "trust"))
    assert told.startswith("Not enough evidence yet")
    for page in (text, told, render_html(report), JSON.text(report)):
        assert not re.search(r"\b(nan|inf|infinity)\b", page, re.IGNORECASE)
