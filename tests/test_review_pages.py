"""The pages of reviews: harmless, true to the values, with every quote's place; and the command."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import callmine
from test_render_html import Page
from test_render_json import SCHEMA, check
from test_render_markdown import inline
from test_render_outcomes import HOSTILE

from callmine import audio
from callmine.domain import Outcome
from callmine.errors import CallmineError
from callmine.operations import pages
from callmine.operations.reviewing import deal_review, period_review
from callmine.reports.quote_values import Quote
from callmine.reports.render import period_pages, review_pages
from callmine.reports.review_period_values import PeriodReview
from callmine.reports.review_values import DealReview
from callmine.store import Store
from callmine.workspace import Workspace, find_workspace
from tests import media
from tests.builders import a_deal
from tests.closed_store import buyer, make_workspace, put_call, rep, small_year
from tests.review_store import calls, lost_deal

NOW = datetime(2026, 11, 1, tzinfo=UTC)
YEAR = {"since": "2026-01-01", "until": "2026-10-31", "now": NOW}
Review = DealReview | PeriodReview


def rendered(review: Review, format: str) -> str:
    """A review in a format that is text."""
    return str(pages.rendered(pages.pages_of_review(review), review, format))


def page_in(workspace: Workspace, review: Review) -> str:
    """The page of a review as it is written to its file."""
    return pages.write_page(pages.pages_of_review(review), review, workspace).paths[0].read_text("utf-8")


def with_both(folder: Path, name: str = "") -> tuple[DealReview, PeriodReview]:
    """Both reviews of a small year, all names in which begin with ``name``."""
    made = small_year(folder)
    long = {
        "name": f"{name}Ovens",
        "account": f"{name}Brennholt",
        "owner": f"{name}Maya",
        "segment": f"{name}SMB",
    }
    long |= {"loss_reason": f"{name}Price", "competitor": f"{name}Lantern", "stage": f"{name}Closed Lost"}
    with Store(made.database) as store:
        deal = a_deal("D-99", outcome=Outcome.LOST_COMPETITOR, close_date="2026-10-02", **long)
        store.import_deals([deal], at="2026-10-02T18:00:00Z", delta=True)
        calls(store, "D-99")
        put_call(
            store,
            f"{name}hostile.vtt",
            buyer(f"[[{name}the price is too high]] {name}", "price"),
            rep(f"{name}I see."),
            deal="D-99",
            title=f"{name}Third call",
            started_at="2026-09-25T08:00:00Z",
        )
    return deal_review(made, "D-99", now=NOW), period_review(made, side="lost", **YEAR)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[DealReview, PeriodReview]:
    return with_both(tmp_path_factory.mktemp("plain") / "workspace", "Some ")


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[DealReview, PeriodReview]:
    return with_both(tmp_path_factory.mktemp("hostile") / "workspace", HOSTILE)


def quotes_of(review: Review) -> list[Quote]:
    """All quotes of a review."""
    if isinstance(review, DealReview):
        return list(review_pages.quotes_of(review))
    return list(period_pages.quotes_of(review))


@pytest.mark.parametrize("at", [0, 1])
def test_the_pages_nest_and_their_links_lead_somewhere(plain: tuple[Review, ...], at: int) -> None:
    """Tags nest, ids are unique, no anchor is missing, nothing runs and nothing is fetched."""
    page = Page(rendered(plain[at], "html"))
    ids = list(page.values("id"))
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(ids)
    assert not {tag for tag, _ in page.tags} & {
        "script",
        "iframe",
        "object",
        "embed",
        "link",
        "img",
        "form",
    }
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]


@pytest.mark.parametrize("at", [0, 1])
def test_quotes_play_as_far_as_there_is_room(tmp_path: Path, at: int) -> None:
    """The clip begins with the quote's sentence; interviews play, too; what does not fit links."""
    place = lost_deal(tmp_path / "workspace") if at == 0 else small_year(tmp_path / "workspace")
    sound = tmp_path / "call.ogg"
    media.encode(sound, [np.concatenate([media.tone(1.0, 300 + 50 * n) for n in range(80)])], kind="ogg")
    with contextlib.closing(sqlite3.connect(place.database)) as db, db:
        db.execute("UPDATE calls SET recording = ?", [str(sound)])
    review: Review = (
        deal_review(place, "D-1", now=NOW) if at == 0 else period_review(place, side="lost", **YEAR)
    )
    page = page_in(place, review)
    quoted = {quote.finding_id for quote in quotes_of(review)}
    assert page.count("<audio") >= len(quoted)
    first = next(quote for quote in quotes_of(review) if quote.play_ms)
    clip = base64.b64encode(audio.clip(sound, first.play_ms, first.clip_end_ms)).decode()
    assert f'src="data:audio/ogg;base64,{clip}"' in page
    if at == 0:
        interview = page[page.index('id="h-interviews"') : page.index('id="h-questions"')]
        assert "<audio" in interview
    settings = place.root / "callmine.toml"
    room = 2.5 * len(audio.clip(sound, first.play_ms, first.clip_end_ms)) / 1e6
    settings.write_text(f"{settings.read_text()}max_clip_mb = {room:.4f}\n")
    few = page_in(find_workspace(place.root), review).count("<audio")
    assert 1 <= few < page.count("<audio")


@pytest.mark.parametrize("at", [0, 1])
def test_every_quote_on_a_page_says_where_it_is(plain: tuple[Review, ...], at: int) -> None:
    """With the finding's id and the turn that ``correct`` takes, in the page and in Markdown."""
    page, text = Page(rendered(plain[at], "html")).words, rendered(plain[at], "md")
    assert quotes_of(plain[at])
    for quote in quotes_of(plain[at]):
        assert quote.finding_id[:8] in page
        assert f"{quote.call_id}:{quote.utterance_index}" in page
        assert f"(finding {quote.finding_id[:8]}, {quote.call_id}:{quote.utterance_index})" in text


def test_the_decision_is_also_made_elsewhere(plain: tuple[Review, ...]) -> None:
    """Both pages say so, in both formats; neither says why."""
    for review in plain:
        for shown in (Page(rendered(review, "html")).words, rendered(review, "md")):
            assert "The decision is also made in rooms that were not recorded" in shown
            assert "because" not in shown


def test_a_period_says_how_to_open_its_deals(plain: tuple[Review, ...]) -> None:
    """By their ids, with the commands that take them."""
    page = Page(rendered(plain[1], "html")).words
    assert "callmine deals --show ID" in page
    assert "callmine deals --show D-99" in Page(rendered(plain[0], "html")).words
    assert "D-99" in page


@pytest.mark.parametrize("at", [0, 1])
def test_hostile_names_and_words_are_only_text(
    plain: tuple[Review, ...], attacked: tuple[Review, ...], at: int
) -> None:
    """Of accounts, owners, stages, reasons, files, titles and what was said, nothing becomes markup."""
    source = rendered(attacked[at], "html")
    page = Page(source)
    assert source.count("alert(1)") > 5
    assert "<script" not in source.lower()
    assert "<img" not in source.lower()
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    assert not [href for href in page.values("href") if "javascript:" in href]
    text = rendered(attacked[at], "md")
    kinds = {token.type for token in inline(text)}
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "s_open", "fence", "code_inline"}
    for kind in ("tr_open", "heading_open"):
        count = [sum(t.type == kind for t in inline(rendered(r[at], "md"))) for r in (plain, attacked)]
        assert count[0] == count[1], kind
    assert "@channel" not in text
    assert "https://" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("at", [0, 1])
def test_direction_overrides_stay_inside_their_block(attacked: tuple[Review, ...], at: int) -> None:
    """What turns the direction of text does so up to the end of its own words."""
    source = rendered(attacked[at], "html")
    while "<bdi" in source:
        source = re.sub(r"<bdi[^>]*>(?:(?!<bdi).)*?</bdi>", "", source, flags=re.DOTALL)
    source = re.sub(r"<title>.*?</title>|aria-label=\"[^\"]*\"", "", source, flags=re.DOTALL)
    assert "\u202e" not in source


def test_a_turn_of_ten_thousand_characters_is_cut(tmp_path: Path) -> None:
    """In every format, and the names beside it too."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        store.import_deals(
            [a_deal("D-1", account="x" * 10_000, outcome=Outcome.LOST_OTHER)], at="2026-09-01T08:00:00Z"
        )
        put_call(
            store, "a.vtt", buyer(f"[[{'too dear ' * 1_200}]]", "price"), rep("So."), title="y" * 10_000
        )
    for review in (deal_review(made, "D-1", now=NOW), period_review(made, side="lost", **YEAR)):
        for format in ("html", "md"):
            assert len(rendered(review, format)) < 60_000
        assert Page(rendered(review, "html")).words


def test_a_quote_that_is_not_verbatim_is_never_printed(plain: tuple[DealReview, PeriodReview]) -> None:
    """Each format checks once more."""
    review = plain[0]
    (message,) = review.messages
    false = replace(message, quotes=(replace(message.quotes[0], marked="something else"),))
    for format in ("html", "md", "json"):
        with pytest.raises(CallmineError, match="not verbatim"):
            rendered(replace(review, messages=(false,)), format)


@pytest.mark.parametrize(("at", "name"), [(0, "review"), (1, "period-review")])
def test_json_follows_its_published_schema(plain: tuple[Review, ...], at: int, name: str) -> None:
    """The file in docs is what the types say; UPDATE_SNAPSHOTS=1 writes it anew."""
    schema = (review_pages if at == 0 else period_pages).JSON.schema()
    made = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    file = SCHEMA.with_name(f"{name}-schema.json")
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(made, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == made
    read: Any = json.loads(rendered(plain[at], "json"))
    check(read, schema, schema)
    assert read["format"] == f"callmine-{name}/1"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.OPEN, "still open"),
        (Outcome.WON, "won"),
        (Outcome.LOST_UNKNOWN, "lost, no reason given"),
        (Outcome.EXCLUDED, "excluded"),
    ],
)
def test_deals_without_calls_read_well(tmp_path: Path, outcome: Outcome, said: str) -> None:
    """A headline, one sentence, and no empty section."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        store.import_deals([a_deal("D-1", outcome=outcome)], at="2026-09-01T08:00:00Z")
    review = deal_review(made, "D-1", now=NOW)
    page = Page(rendered(review, "html"))
    assert f"Brennholt Bakeries: {said}" in page.words
    assert "Call by call" not in page.words
    assert "None" not in page.words
    assert rendered(review, "md").startswith(f"# Brennholt Bakeries: {said}\n")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return lost_deal(tmp_path_factory.mktemp("command") / "workspace")


@pytest.mark.parametrize(
    ("words", "file", "starts"),
    [
        (("D-1",), "review-D-1.html", "<!doctype html>"),
        (("D-1", "--format", "md"), "review-D-1.md", "# Brennholt Bakeries: lost to a competitor"),
        (
            ("--lost", "--since", "2026-01-01"),
            "review-lost-2026-01-01-to-2026-10-02.html",
            "<!doctype html>",
        ),
        (
            ("--lost", "--since", "2026-01-01", "--format", "json"),
            "review-lost-2026-01-01-to-2026-10-02.json",
            "{",
        ),
    ],
    ids=str,
)
def test_the_command_writes_a_file(
    place: Workspace, words: tuple[str, ...], file: str, starts: str
) -> None:
    """And says which."""
    made = callmine("review", *words, at=place.database.parent)
    assert made.code == 0
    assert made.out.strip() == f"wrote {place.reports / file}"
    assert (place.reports / file).read_text("utf-8").startswith(starts)


def test_the_command_prints(place: Workspace) -> None:
    """JSON with --json, anything with -o -."""
    at = place.database.parent
    assert callmine("review", "D-1", "--json", at=at).json["deal"]["deal_id"] == "D-1"
    assert callmine("review", "--lost", "--since", "2026-01-01", "--json", at=at).json["side"] == "lost"
    assert callmine("review", "D-1", "--format", "md", "-o", "-", at=at).out.startswith("# Brennholt")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "nothing says what to review"),
        (("D-1", "--lost"), "a deal and a period are two reviews"),
        (("D-1", "--since", "2026-01-01"), "a deal and a period are two reviews"),
        (("--lost", "--won", "--since", "2026-01-01"), "--lost and --won are two reviews"),
        (("--lost",), "--since is missing"),
        (("D-9",), "there is no deal 'D-9'"),
        (("--won", "--since", "2026-01-01"), "no deal was won from 2026-01-01 to 2026-10-02"),
        (("D-1", "--json", "-o", "x.json"), "--json prints, and -o names a file"),
    ],
    ids=str,
)
def test_the_command_says_what_does_not_go_together(
    place: Workspace, words: tuple[str, ...], message: str
) -> None:
    """Exit code 2, what happened, and what to do."""
    made = callmine("review", *words, at=place.database.parent)
    assert made.code == 2
    assert f"Error: {message}" in made.err


def test_a_strange_id_makes_a_file_that_can_be(tmp_path: Path) -> None:
    """Slashes and dots lead nowhere else."""
    made = make_workspace(tmp_path)
    with Store(made.database) as store:
        store.import_deals([a_deal("../../x y"), a_deal("..")], at="2026-09-01T08:00:00Z")
    for deal in ("../../x y", ".."):
        written = callmine("review", deal, at=tmp_path)
        assert written.code == 0
        path = Path(written.out.strip().removeprefix("wrote "))
        assert path.parent == made.reports
    assert len(list(made.reports.glob("review-*.html"))) == 2
