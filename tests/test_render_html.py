"""The HTML page: self-contained, harmless, complete, and true to the evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from digest_rows import call, digest, rich_week, said

from callmine.domain import Kind, Outcome, Role
from callmine.errors import CallmineError
from callmine.reports.clips import attach_clips
from callmine.reports.digest_values import DealGroup, Digest, Money
from callmine.reports.render import all_quotes, digest_folds
from callmine.reports.render.html import anchor, badge, chart, render_html, safe_href
from callmine.reports.render.markdown import render_markdown
from callmine.reports.render.wording import first_quote, standings
from callmine.reports.trend_values import WeekCount

HOSTILE = (
    '<script>alert(1)</script>"><img src=x onerror=alert(1)> \u202e {{ 7*7 }} [a](javascript:alert(1))'
)
VOID = {"meta", "br", "img", "rect", "link", "hr", "input"}


class Page(HTMLParser):
    """Collects tags, ids, links and text, and fails on tags that do not nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)

    def values(self, name: str) -> Iterator[str]:
        return (str(attrs[name]) for _, attrs in self.tags if name in attrs)

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


@pytest.fixture(scope="module")
def rich() -> Digest:
    return digest(*rich_week())


@pytest.fixture(scope="module")
def page(rich: Digest) -> Page:
    return Page(render_html(rich))


def hostile_digest() -> Digest:
    """Every name and every word that a stranger chose is an attack."""
    on = call(HOSTILE, account=HOSTILE, deal_name=HOSTILE, outcome=Outcome.LOST_COMPETITOR)
    failed = call("x", status="failed", words=0, reason=HOSTILE)
    rows = [
        said(on, f"{HOSTILE} [[{HOSTILE}]] {HOSTILE}", speaker_name=HOSTILE, currency="<b>"),
        said(on, f"[[{HOSTILE}]]", HOSTILE, kind=Kind.COMPETITOR, detail={"heard": HOSTILE + "!"}),
        said(on, f"[[{HOSTILE}]]", "v", kind=Kind.POSITIONING, detail={"side": "prospect"}),
    ]
    titles = {"price": HOSTILE}
    return digest(
        [on, failed],
        rows,
        own_names=(HOSTILE + "Inc",),
        playbook_titles=titles,
        link=lambda _: "javascript:alert(1)",
    )


def test_page_nests_and_ids_are_unique(page: Page) -> None:
    """The page is well formed, and an anchor leads to one place."""
    ids = list(page.values("id"))
    assert len(ids) == len(set(ids))


def test_every_link_inside_the_page_leads_somewhere(page: Page) -> None:
    """Every number opens the quotes behind it, so no anchor may be missing."""
    ids = set(page.values("id"))
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= ids


def test_nothing_is_fetched_and_nothing_runs(rich: Digest, page: Page) -> None:
    """No script, no handler, no address but recordings; the policy forbids the rest."""
    source = render_html(rich)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "iframe", "object", "embed", "link", "form", "base", "img"}
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    assert all(href.startswith(("#", "file:///")) for href in page.values("href"))
    policy = next(
        a["content"] for t, a in page.tags if t == "meta" and "content" in a and a.get("http-equiv")
    )
    assert policy is not None
    assert policy.startswith(
        "default-src 'none'; img-src data:; media-src data: file:; style-src 'unsafe-inline'"
    )
    assert "@import" not in source
    assert "url(" not in source


def test_hostile_words_are_only_words() -> None:
    """Names, transcripts, titles, reasons and currencies cannot become markup, links or templates."""
    source = render_html(hostile_digest())
    page = Page(source)
    assert "<script" not in source.lower()
    assert "<img" not in source.lower()
    assert "<b>" not in source
    assert "javascript:" not in " ".join(page.values("href"))
    assert "{{ 7*7 }}" in page.words
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]


def test_direction_overrides_stay_inside_their_quote() -> None:
    """Right-to-left marks in names and words that strangers chose are isolated, one by one."""
    name = "Ha\u202ecker"
    on = call(name, account=name)
    row = said(on, f"{name} [[{name}]] {name}", speaker_name=name)
    source = render_html(digest([on], [row], link=lambda _: None))
    while "<bdi" in source:
        source = re.sub(r"<bdi[^>]*>(?:(?!<bdi).)*?</bdi>", "", source, flags=re.DOTALL)
    assert "\u202e" not in source


def test_turn_of_ten_thousand_characters_is_cut() -> None:
    """An endless turn does not make an endless page."""
    row = said(call(), "no " * 3000 + "[[too much]] " + "no " * 3000)
    assert len(render_html(digest([call()], [row]))) < 40_000


def test_quote_is_marked_and_verbatim(page: Page, rich: Digest) -> None:
    """The words of every best quote are on the page, in one piece."""
    for objection in rich.objections:
        for quote in (*objection.quotes, *objection.others):
            passage = " ".join((quote.before + quote.marked + quote.after).split())
            assert passage in page.words


def test_quote_that_is_not_verbatim_stops_the_page(rich: Digest) -> None:
    """A changed word is a bug and is never printed."""
    first = rich.objections[0]
    forged = replace(
        first, quotes=(replace(first.quotes[0], marked="we love the price"), *first.quotes[1:])
    )
    with pytest.raises(CallmineError, match="not verbatim"):
        render_html(replace(rich, objections=(forged, *rich.objections[1:])))


def test_corrected_name_shows_what_was_heard(page: Page) -> None:
    """A name that the recogniser misspelt is shown with its spelling."""
    assert "Xyvenna [heard: sy vena]" in page.words
    assert "Dutymark [heard: Duty Mark]" in page.words


def test_clips_are_inside_the_page(rich: Digest) -> None:
    """Clips play without a network, and players know their length before they are asked."""
    made = attach_clips(rich, rich_week()[1], lambda *_: b"OggS0123", max_bytes=8 * 4)
    audio = [attrs for tag, attrs in Page(render_html(made)).tags if tag == "audio"]
    assert len(audio) == 4
    assert {a["preload"] for a in audio} == {"metadata"}
    assert {a["src"] for a in audio} == {"data:audio/ogg;base64,T2dnUzAxMjM="}


def test_quotes_behind_the_fold_have_players_too(rich: Digest) -> None:
    """Every quote plays its second; on a page of very many players the folded ones load late."""
    made = attach_clips(rich, rich_week()[1], lambda *_: b"OggS0123")
    page = Page(render_html(made))
    quotes = list(all_quotes(made))
    audio = [attrs for tag, attrs in page.tags if tag == "audio"]
    assert made.objections[0].others
    assert len(audio) == len(quotes)
    assert "no player" not in page.words
    many = replace(made, competitors=made.competitors * 12)
    assert "none" in re.findall(r'preload="(\w+)"', render_html(many))


def test_page_says_where_the_limit_for_sound_is_reached(rich: Digest) -> None:
    """A missing player is explained."""
    made = attach_clips(rich, rich_week()[1], lambda *_: b"OggS0123", max_bytes=8 * 4)
    left = len(list(all_quotes(rich))) - 4
    assert (
        f"{left} quotes on this page have no player: the limit for sound" in Page(render_html(made)).words
    )
    off = attach_clips(rich, rich_week()[1], lambda *_: b"OggS0123", max_bytes=0)
    assert "no player" not in Page(render_html(off)).words


def test_outcomes_open_a_quote_of_that_outcome(rich: Digest) -> None:
    """A click on "Won 1" shows the quote of the won deal, wherever it stands."""
    source = render_html(rich)
    for objection in rich.objections:
        by_id = {q.quote_id: q for q in (*objection.quotes, *objection.others)}
        for outcome, said_ in standings(objection):
            target = first_quote(objection, outcome)
            assert badge(by_id[target].outcome or Outcome.EXCLUDED) == outcome
            assert f'<a href="#{target}">{said_}</a>' in source


def test_one_denominator_on_a_page(page: Page) -> None:
    """Headline, table and basis are out of the same number."""
    assert "Price came up in 6 of 12 deals and unlinked calls" in page.words
    assert "11 deals and 1 unlinked call, 12 in all" in page.words
    assert "Deals*of 12" in page.words
    assert "of 11 deals" not in page.words


def test_quote_names_its_correction(page: Page, rich: Digest) -> None:
    """Who reads a wrong label knows how to mend it, and that labels can be wrong."""
    finding = rich.objections[0].quotes[0].finding_id
    assert f"callmine correct {finding[:8]} --wrong" in page.words
    assert "Wording and labels come from software and can be wrong" in page.words


def test_page_tells_what_is_missing_beside_what_was_not_found(rich: Digest) -> None:
    """Nobody takes silence in unattributed calls for calm."""
    dark = replace(rich, coverage=replace(rich.coverage, unplaced=2))
    words = Page(render_html(dark)).words
    assert words.count("In 2 of 14 calls we cannot tell who spoke; they are not counted.") == 3


def test_charts_have_their_numbers_in_words_and_in_a_table(page: Page) -> None:
    """Who cannot see the bars can read or hear them."""
    labels = [a["aria-label"] or "" for tag, a in page.tags if tag == "svg"]
    assert any(label.startswith("Price, W29: 3 of 12, W30: 2 of 11") for label in labels)
    assert "The numbers behind the small charts" in page.words


def test_headings_are_in_order(page: Page) -> None:
    """One h1, and no level is skipped."""
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_page_says_what_it_must(page: Page) -> None:
    """Coverage, method and the warning about sums are on every page with counts."""
    for words in (
        "so the rows do not add up",
        "13 of 17 calls of this week transcribed and read",
        "3 more possible objections where we do not know who spoke",
        "2 calls failed: the file is truncated (13-broken.ogg, 14-silent.ogg)",
        "1 undated call is in no week",
        "Frequency is not cause",
        "To reproduce this page: playbook version 5f0c2ad11b7e9034",
    ):
        assert words in page.words


def test_no_deals_no_outcome_columns() -> None:
    """Columns of zeros would look like an answer; without deals there are none."""
    on = call(deal_id=None, outcome=None)
    words = Page(render_html(digest([on], [said(on)]))).words
    assert "Won" not in words
    assert "No deals are imported yet" in words


@pytest.mark.parametrize("week", ["2026-W40", "2026-W41"])
def test_empty_pages_are_pages(week: str) -> None:
    """A week without calls, and an empty workspace, render."""
    words = Page(render_html(digest([call()] if week == "2026-W41" else [], [], week=week))).words
    assert "There was no sales call this week" in words


def test_first_week_says_there_is_nothing_to_compare() -> None:
    """The first digest anybody sees explains itself."""
    words = Page(render_html(digest([call()], [said(call())]))).words
    assert "First week: nothing to compare with" in words


def test_weeks_that_tell_nothing_have_no_column() -> None:
    """One earlier call without the objection: a sentence says so, and no column of dashes does."""
    calls = [call(), call("before", started_at="2026-09-23T08:30:00Z", deal_id="D-2")]
    made = digest(calls, [said(calls[0])])
    for words in (Page(render_html(made)).words, render_markdown(made)):
        assert "None of these was found in the week before; that is too little to say that" in words
        assert "In the week before" not in words


def test_numbers_without_a_word_are_explained(page: Page, rich: Digest) -> None:
    """In a sentence, not by a sign in the cells."""
    assert "Where no word such as “up” stands with the numbers of the four weeks before" in page.words
    assert "| Price | 6 (1 unlinked; €422,000, £80,000) | 12 of 42; 33 of 117 in 11 weeks |" in (
        render_markdown(rich)
    )
    assert "up (3 of 42)" in render_markdown(rich)


def test_a_competitors_quote_says_how_it_was_read(page: Page, rich: Digest) -> None:
    """So that each relation that is counted can be checked; what a rep says of it is not counted."""
    for words in (page.words, render_markdown(rich)):
        assert words.count("read as using it") == 2
        assert words.count("read as having left it") == 1
    row = said(
        *(call(), "Do you know [[Crewtide]]?", "Crewtide"),
        **{"kind": Kind.COMPETITOR, "role": Role.REP, "detail": {"relation": "evaluating"}},
    )
    assert "read as" not in render_markdown(digest([call()], [row]))


def test_rep_and_unknown_speakers_are_named_so() -> None:
    """A competitor quote by a rep is labelled as one."""
    row = said(call(), "Do you know [[Crewtide]]?", "Crewtide", kind=Kind.COMPETITOR, role=Role.REP)
    assert "Our rep, Kestrel Care" in Page(render_html(digest([call()], [row]))).words


def test_chart_of_weeks_without_calls() -> None:
    """No calls is drawn otherwise than no objections, and nothing is taller than the chart."""
    made = chart(
        [WeekCount("2026-W38", 0, 0), WeekCount("2026-W39", 0, 5), WeekCount("2026-W40", 3, 5)], tallest=3
    )
    assert [bar.kind for bar in made.bars] == ["none", "past", "now"]
    assert all(bar.y >= 0 and bar.y + bar.height == made.height for bar in made.bars)
    assert made.words == "W38: no calls, W39: 0 of 5, W40: 3 of 5"


@pytest.mark.parametrize(
    ("href", "safe"),
    [
        ("https://example.com/x", True),
        ("file:///a.ogg#t=3", True),
        ("/calls/1#t=3", True),
        ("//evil.example", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        (None, False),
    ],
)
def test_only_links_to_pages_and_files(href: str | None, safe: bool) -> None:
    """A link that would run something is dropped."""
    assert (safe_href(href) == href and href is not None) is safe


def test_anchors_of_names_that_read_alike_differ() -> None:
    """Two names never share an anchor, and a plain name has a plain one."""
    assert anchor("Tip Alti") == "tip-alti"
    assert len({anchor(n) for n in ("Tip Alti", "Tip/Alti", "Tip+Alti", "株式会社", "有限会社")}) == 5


def many_objections(labels: int) -> Digest:
    """A week in which every label was heard in one deal, and the last one is new beyond chance."""
    made = digest(*rich_week())
    first = made.objections[0]
    quiet = replace(first.trend, word="too few to say")
    counts = [
        replace(first, label=f"l{n}", title=f"Label {n}", trend=quiet, quotes=(), others=(), worked=None)
        for n in range(labels)
    ]
    counts[-1] = replace(counts[-1], trend=replace(quiet, word="new"))
    return replace(made, objections=tuple(counts), new=(), gone=(), answered=())


def test_what_changed_is_never_folded() -> None:
    """Of forty objections twelve stand in the open, and beside them the one that is new."""
    made = many_objections(40)
    shown = digest_folds.shown(made)
    assert [count.label for count in shown.open] == [*(f"l{n}" for n in range(12)), "l39"]
    assert len(shown.open) + len(shown.folded) == 40
    page = Page(render_html(made))
    assert page.words.count("27 more objections") == 2
    assert len([v for v in page.values("id") if v.startswith("objection-")]) == 40


def test_a_single_objection_is_never_folded() -> None:
    """Thirteen are all shown: a fold over one row would be longer than the row."""
    assert digest_folds.shown(many_objections(13)).folded == ()


def test_sums_in_many_currencies_are_cut_in_the_table() -> None:
    """Three sums at most stand in a cell; with the objection itself they all do."""
    group = DealGroup(5, tuple(Money(1000.0, code) for code in ("EUR", "GBP", "USD", "SEK", "PLN")))
    assert digest_folds.amounts(group) == ["€1,000", "£1,000", "and three more"]
    assert digest_folds.amounts(replace(group, amounts=group.amounts[:3])) == ["€1,000", "£1,000", "$1,000"]
