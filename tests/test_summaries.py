"""Reports in short, as e-mails and posts: small, true to the page, and harmless whatever was said."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from test_letters import HOSTILE, PAGE, Tags, sent
from test_posts import EVIL, check_limits, texts

from callmine.errors import CallmineError
from callmine.operations import pages
from callmine.operations.abouts import about_of, period_asked, side_of
from callmine.operations.battlecards import battlecards
from callmine.operations.brief import brief_report
from callmine.operations.messages import message_report
from callmine.operations.outcomes import outcome_report
from callmine.operations.reviewing import deal_review, period_review
from callmine.outcomes.rates import Rate
from callmine.reports.letter_values import Surroundings
from callmine.reports.render.battlecard_summary import battlecard_summary
from callmine.reports.render.brief_summary import brief_summary
from callmine.reports.render.letters import LIMIT
from callmine.reports.render.message_summary import message_summary
from callmine.reports.render.outcome_summary import outcome_summary
from callmine.reports.render.period_summary import period_summary
from callmine.reports.render.pictures import RATE_HEIGHT, RATE_WIDTH, SCALE, rates_png
from callmine.reports.render.review_summary import review_summary
from callmine.reports.render.summaries import Entry, Part, Row, Summary, told
from callmine.reports.render.summary_letter import PLANS, summary_letter
from callmine.reports.render.summary_post import summary_post
from callmine.workspace import Workspace
from tests.closed_store import make_workspace, small_year
from tests.message_store import with_messages
from tests.outcome_pages import renamed
from tests.review_store import lost_deal

NOW = datetime(2026, 11, 1, tzinfo=UTC)
AROUND = Surroundings(page=PAGE, unsubscribe="stop@x.example", redacted=True)
SUMMARIES: dict[str, Callable[[Any], Summary]] = {
    "battlecard": battlecard_summary,
    "review": review_summary,
    "period": period_summary,
    "outcomes": outcome_summary,
    "messages": message_summary,
    "brief": brief_summary,
}
PAGES: dict[str, pages.Pages[Any]] = {
    "battlecard": pages.BATTLECARD,
    "review": pages.DEAL_REVIEW,
    "period": pages.PERIOD_REVIEW,
    "outcomes": pages.OUTCOMES,
    "messages": pages.MESSAGES,
    "brief": pages.BRIEF,
}
KINDS = pytest.mark.parametrize("kind", SUMMARIES)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A report of each kind."""
    year = small_year(tmp_path_factory.mktemp("year") / "workspace")
    deal = lost_deal(tmp_path_factory.mktemp("deal") / "workspace")
    said = with_messages(tmp_path_factory.mktemp("said") / "workspace")
    return {
        "battlecard": battlecards(year, ["Lantern"], now=NOW)[0],
        "review": deal_review(deal, "D-1", now=NOW),
        "period": period_review(year, side="lost", since="2026-01-01", now=NOW),
        "outcomes": outcome_report(year, now=NOW),
        "brief": brief_report(year, since="2026-02-01", until="2026-02-28", now=NOW),
        "messages": message_report(said, since="2026-05-01"),
    }


@KINDS
def test_it_is_one_small_message_with_inlined_styles(values: dict[str, Any], kind: str) -> None:
    """Under 100 kB, styles inlined, and both parts with the headline, each section and each quote."""
    summary = SUMMARIES[kind](values[kind])
    letter = summary_letter(summary, AROUND)
    wire = sent(letter)
    assert len(wire) <= letter.size < LIMIT
    assert wire.isascii()
    tags = Tags(letter.html)
    assert not {tag for tag, _ in tags.tags} & {"script", "svg", "audio", "link", "form"}
    assert all("style" in found for tag, found in tags.tags if tag in ("h1", "h2", "h3", "p"))
    html, text = " ".join(tags.words.split()), " ".join(letter.text.split())
    assert any(told(summary))
    for part in (html, text):
        assert summary.headline in part
        for sentence in (*summary.standfirst, *summary.basis, summary.foot):
            assert " ".join(sentence.split()) in part
        assert "It does not find everything" in part
    for section in summary.parts:
        assert section.title in html
        assert section.title.upper() in text
        for entry in section.entries:
            for one in entry.said[: PLANS[0].quotes]:
                quote = one.quote
                words = " ".join(f"“{quote.before}{quote.marked}{quote.after}”".split())
                assert words in html
                assert words in text
                assert f"{PAGE}#{quote.quote_id}" in letter.html
                assert f"{PAGE}#{quote.quote_id}" in letter.text
    assert 'href="mailto:stop@x.example"' in letter.html


@KINDS
def test_pictures_are_inside_and_not_needed(values: dict[str, Any], kind: str) -> None:
    """Each is a PNG of the message with its numbers as text beside it."""
    letter = summary_letter(SUMMARIES[kind](values[kind]))
    images = [found for tag, found in Tags(letter.html).tags if tag == "img"]
    assert [f"cid:{picture.name}" for picture in letter.pictures] == [image["src"] for image in images]
    assert all(image["alt"] for image in images)
    for picture, image in zip(letter.pictures, images, strict=True):
        width, height = struct.unpack(">II", picture.data[16:24])
        assert (width, height) == (2 * int(image["width"] or 0), 2 * int(image["height"] or 0))
    assert bool(images) == (kind not in ("review", "brief")), "of a few deals there are counts and no rates"


@KINDS
def test_without_a_page_nothing_is_linked(values: dict[str, Any], kind: str) -> None:
    """What is cut is said with the command that shows it; a recording's path is not for sharing."""
    summary = SUMMARIES[kind](values[kind])
    letter = summary_letter(summary)
    assert not [found for tag, found in Tags(letter.html).tags if tag == "a"]
    assert "file:" not in letter.html + letter.text
    assert "http" not in "\n".join(text["text"] for text in texts(summary_post(summary)))
    assert summary.command.startswith("callmine ")


@KINDS
def test_what_a_letter_links_to_is_on_the_page(values: dict[str, Any], kind: str) -> None:
    """Each quote's anchor is on the page, so that it can be heard there."""
    page = str(pages.rendered(PAGES[kind], values[kind], "html"))
    letter = summary_letter(SUMMARIES[kind](values[kind]), AROUND)
    anchors = {part.split('"')[0] for part in letter.html.split(f"{PAGE}#")[1:]}
    assert anchors
    assert not {anchor for anchor in anchors if f'id="{anchor}"' not in page}


@KINDS
def test_a_very_large_report_is_cut_and_counted(values: dict[str, Any], kind: str) -> None:
    """Quotes go first, then ends of lists, then of texts; what is left out is counted."""
    summary = SUMMARIES[kind](renamed(values[kind], "wörter " * 300))
    large = replace(
        summary,
        parts=tuple(
            replace(part, rows=part.rows * 30, entries=part.entries * 30, lines=part.lines * 30)
            for part in summary.parts
        ),
    )
    letter = summary_letter(large, AROUND)
    assert len(sent(letter)) < LIMIT
    assert " more " in letter.text
    assert f"in {summary.whole}" in letter.text
    check_limits(summary_post(large, AROUND))


@KINDS
def test_hostile_names_are_only_words(values: dict[str, Any], kind: str) -> None:
    """No tag, no style, no header, no mention, no link and no other direction comes from a name."""
    plain = Tags(summary_letter(SUMMARIES[kind](values[kind]), AROUND).html)
    summary = SUMMARIES[kind](renamed(values[kind], HOSTILE))
    letter = summary_letter(summary, AROUND)
    found = Tags(letter.html).tags
    assert {tag for tag, _ in found} <= {tag for tag, _ in plain.tags}
    assert not [1 for _, attributes in found for name in attributes if name.startswith("on")]
    links = {a["href"] or "" for t, a in found if t == "a"}
    assert all(link.startswith((PAGE, "mailto:stop@x.example")) for link in links)
    for part in (letter.html, letter.text, letter.subject):
        assert not set("\u202e\x00\ud800") & set(part)
    wire = sent(letter)
    assert b"\r\nBcc:" not in wire.partition(b"\r\n\r\n")[0]
    assert len(wire) < LIMIT
    post = summary_post(SUMMARIES[kind](renamed(values[kind], EVIL)), AROUND)
    check_limits(post)
    for text in texts(post):
        if text["type"] == "mrkdwn":
            assert not text["text"].replace(f"<{PAGE}", "").count("<")
            assert "*b*" not in text["text"]
        assert "\u202e" not in text["text"]
    assert "<!" not in post.text


@KINDS
def test_a_post_is_a_summary_with_a_link(values: dict[str, Any], kind: str) -> None:
    """Headline, what is known, the first sections, three quotes in plain text, and the link last."""
    summary = SUMMARIES[kind](values[kind])
    post = summary_post(summary, AROUND)
    check_limits(post)
    said = [text["text"] for text in texts(post)]
    assert said[0] == summary.headline
    assert f"<{PAGE}|Open {summary.whole}>" in said
    sections = [block["text"] for block in post.blocks if block["type"] == "section"]
    assert sum(text["type"] == "plain_text" for text in sections) <= 3
    for part in summary.parts[:6]:
        assert any(text.startswith(f"*{part.title}*") for text in said)


def test_the_same_numbers_stand_in_the_letter_and_on_the_page(values: dict[str, Any]) -> None:
    """They are words of the same functions, from the same fields."""
    html = Tags(summary_letter(outcome_summary(values["outcomes"])).html).words
    deals = values["outcomes"].basis.deals
    assert f"{deals.successes} of {deals.total} closed deals were won" in html
    html = Tags(summary_letter(period_summary(values["period"])).html).words
    for reason in values["period"].reasons:
        assert f"{reason.here.successes} of {reason.here.total}" in html
    card = values["battlecard"]
    assert (
        f"in {card.named.calls} of {card.sales_calls} sales calls" in battlecard_summary(card).standfirst[0]
    )


def test_what_is_internal_is_marked(values: dict[str, Any]) -> None:
    """In both parts of an e-mail and in a post."""
    summary = battlecard_summary(values["battlecard"])
    assert "Won and lost with them" in [part.title for part in summary.parts if part.internal]
    assert "WON AND LOST WITH THEM (INTERNAL)" in summary_letter(summary).text
    assert 'class="internal"' in summary_letter(summary).html
    assert any("*Won and lost with them* (internal)" in t["text"] for t in texts(summary_post(summary)))


def test_the_decision_is_also_made_elsewhere(values: dict[str, Any]) -> None:
    """Both reviews say so, and nothing says why."""
    for kind in ("review", "period"):
        letter = summary_letter(SUMMARIES[kind](values[kind]))
        for part in (Tags(letter.html).words, letter.text):
            assert "The decision is also made in rooms that were not recorded" in part
            assert "because" not in part


def test_too_little_for_a_card_reads_well(tmp_path: Path) -> None:
    """No version in the subject, no heading over nothing, and no link to nothing."""
    made = lost_deal(tmp_path / "workspace")
    summary = battlecard_summary(battlecards(made, ["Lantern"], now=NOW)[0])
    letter = summary_letter(summary)
    assert letter.subject == "Not enough evidence for a card on Lantern"
    assert [part.title for part in summary.parts] == ["What there is"]
    assert "None" not in letter.text
    assert letter.pictures == ()


def test_a_quote_that_is_not_verbatim_never_leaves(values: dict[str, Any]) -> None:
    """It is checked again right before, in e-mails and posts."""
    summary = review_summary(values["review"])
    (first, *_) = told(summary)
    false = replace(first, quote=replace(first.quote, text="other words"))
    broken = replace(summary, parts=(Part("Calls", entries=(Entry(said=(false,)),)),))
    for made in (summary_letter, summary_post):
        with pytest.raises(CallmineError, match="verbatim"):
            made(broken)


def test_rates_are_drawn_to_scale() -> None:
    """The dot stands where the rate is, between nothing and all; without deals there is only the line."""
    import io

    import av

    low, high = rates_png([Rate(1, 10, 0.1, 0.0, 0.3)]), rates_png([Rate(9, 10, 0.9, 0.7, 1.0)])

    def centre(data: bytes) -> float:
        with av.open(io.BytesIO(data)) as opened:
            pixels = next(opened.decode(video=0)).to_ndarray(format="rgba")
        assert pixels.shape[:2] == (RATE_HEIGHT * SCALE, RATE_WIDTH * SCALE)
        (columns,) = (pixels[RATE_HEIGHT * SCALE // 2 - 7, :, 3] > 0).nonzero()
        return float(columns.mean() / (RATE_WIDTH * SCALE)) if len(columns) else -1.0

    assert centre(low) == pytest.approx(0.1, abs=0.05)
    assert centre(high) == pytest.approx(0.9, abs=0.05)
    assert centre(rates_png([Rate(0, 0, None, 0.0, 1.0)])) == -1.0


def test_rows_without_a_rate_leave_their_cell_empty() -> None:
    """A table may have charts for some of its rows only."""
    rows = (Row("a", "1 of 2", rates=(Rate(1, 2, 0.5, 0.1, 0.9),), drawn="1 of 2"), Row("b", "none"))
    summary = Summary(
        "s", "Kind", (), "Head", (), (), (Part("P", rows=rows),), "", "the whole", "callmine x"
    )
    letter = summary_letter(summary)
    assert letter.html.count("<img") == 1
    assert len(letter.pictures) == 1


@pytest.mark.parametrize(
    ("given", "about"),
    [
        ({"report": "digest", "week": "2026-W40"}, "2026-W40"),
        ({"report": "battlecard", "about": "Lantern"}, "Lantern"),
        ({"report": "review", "side": "lost", "since": "2026-07-01"}, "lost 2026-07-01"),
        (
            {"report": "review", "side": "won", "since": "2026-07-01", "until": "2026-09-30"},
            "won 2026-07-01/2026-09-30",
        ),
        ({"report": "outcomes", "since": "2026-07-01"}, "2026-07-01"),
        ({"report": "outcomes"}, ""),
    ],
)
def test_options_say_what_a_report_is_about(given: dict[str, Any], about: str) -> None:
    """As one text, which recipes write and deliveries keep."""
    assert about_of(**given) == about


@pytest.mark.parametrize(
    "given",
    [
        {"report": "digest", "about": "2026-W40", "week": "2026-W39"},
        {"report": "battlecard", "about": "Lantern", "week": "2026-W39"},
        {"report": "battlecard", "about": "Lantern", "since": "2026-07-01"},
        {"report": "digest", "side": "lost", "since": "2026-07-01"},
        {"report": "outcomes", "side": "lost", "since": "2026-07-01"},
        {"report": "review", "since": "2026-07-01"},
        {"report": "review", "side": "lost"},
        {"report": "outcomes", "until": "2026-07-01"},
        {"report": "messages", "since": "2026-07-01", "until": "2026-07-31"},
    ],
)
def test_options_that_do_not_go_together_are_told(given: dict[str, Any]) -> None:
    """With exit code 2, before anything is built."""
    with pytest.raises(CallmineError) as raised:
        about_of(**given)
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [
        ("", None, None),
        ("2026-07-01", "2026-07-01", None),
        ("2026-07-01/2026-09-30", "2026-07-01", "2026-09-30"),
        ("last month", "2025-12-01", "2025-12-31"),
        (" Last  quarter ", "2025-10-01", "2025-12-31"),
    ],
)
def test_days_are_read(place: Workspace, days: str, first: str | None, last: str | None) -> None:
    """Days, or a calendar month or quarter that is over, which a recipe can ask for."""
    now = datetime(2026, 1, 15, tzinfo=UTC)
    assert period_asked(days, place, now=now) == (first, last)


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return make_workspace(tmp_path / "workspace")


def test_quarters_follow_the_calendar(place: Workspace) -> None:
    """In every month of a year the last one is over, and three months long."""
    for month in range(1, 13):
        first, last = period_asked("last quarter", place, now=datetime(2026, month, 28, tzinfo=UTC))
        begin, end = date.fromisoformat(first or ""), date.fromisoformat(last or "")
        assert begin.day == 1
        assert begin.month % 3 == 1
        assert 89 <= (end - begin).days <= 91
        assert end < date(2026, month, 28)


@pytest.mark.parametrize("days", ["2026-07-01/", "July", "2026-13-01"])
def test_days_that_are_none_are_told(place: Workspace, days: str) -> None:
    """With how to write them."""
    with pytest.raises(CallmineError, match=r"day|date"):
        period_asked(days, place)


def test_a_deal_is_told_from_a_period() -> None:
    """By the side before the days; a deal may be called nearly anything."""
    assert side_of("lost last quarter") == ("lost", "last quarter")
    assert side_of("won 2026-07-01") == ("won", "2026-07-01")
    for deal in ("L-2102", "lost", "Lost & Found", "lostsoul 2026-07-01"):
        assert side_of(deal) == ("", deal)
