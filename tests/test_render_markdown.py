"""The Markdown page: a snapshot, and nothing a caller says becomes more than text."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from digest_rows import call, digest, rich_week, said
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from callmine.domain import Kind
from callmine.reports.render.json import JSON
from callmine.reports.render.markdown import coded, escape, render_markdown
from callmine.reports.render.notes import COMMANDS

SNAPSHOTS = Path(__file__).parent / "snapshots"
HOSTILE = (
    "<script>alert(1)</script> [click](https://evil.example) ![x](y) `code` **bold** @channel #12 "
    "https://evil.example www.evil.example | a | b | \u202eevil $x$ ~~no~~ &lt; <!--"
)


def inline(source: str) -> list[Token]:
    """Return every inline token of a page, HTML allowed, as the most trusting reader would."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(source)
    return [child for token in tokens for child in [token, *(token.children or [])]]


@pytest.mark.parametrize(("name", "render"), [("digest.md", render_markdown), ("digest.json", JSON.text)])
def test_snapshot(name: str, render: object) -> None:
    """The rich week looks as it did; UPDATE_SNAPSHOTS=1 accepts a change on purpose."""
    made = render(digest(*rich_week()))  # type: ignore[operator]
    file = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8")


def test_hostile_words_are_only_words() -> None:
    """No link, no HTML, no picture, no code and no extra emphasis comes from a transcript."""
    on = call("x](y)<b>", account=HOSTILE)
    rows = [
        said(on, f"{HOSTILE} [[{HOSTILE}]] {HOSTILE}", speaker_name=HOSTILE),
        said(on, f"[[{HOSTILE}]]", HOSTILE, kind=Kind.COMPETITOR, detail={"heard": "h" + HOSTILE}),
    ]
    page = render_markdown(digest([on], rows, own_names=("<i>Us</i>",)))
    types = {token.type for token in inline(page)}
    assert not types & {"link_open", "image", "html_inline", "html_block", "s_open", "fence"}
    assert {token.content for token in inline(page) if token.type == "code_inline"} <= set(COMMANDS)
    assert "@channel" not in page
    assert "https://" not in page
    assert "www." not in page
    assert "\u202e" not in page


def test_the_commands_of_notes_are_code_and_nothing_else_is() -> None:
    """A file name in a note stays text; the command can be copied in one piece."""
    note = f"In 1 call (`x`_<b>.ogg) the roles look inverted: {COMMANDS[0]}."
    tokens = inline(coded(note))
    assert [token.content for token in tokens if token.type == "code_inline"] == [COMMANDS[0]]
    assert coded("`a` and *b*") == escape("`a` and *b*")


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_escaped_text_reads_as_it_was(words: str) -> None:
    """Whatever the words, a reader of the page sees them, and nothing but text."""
    tokens = (
        MarkdownIt("commonmark", {"html": True}).enable("table").parse("Said: " + escape(words) + ".\n")
    )
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    seen = "".join(child.content for child in tokens[1].children or [])
    assert seen.replace("\u2060", "") == f"Said: {visible(words)}."


def visible(words: str) -> str:
    """What a reader should see: one line, unseen characters shown."""
    line = " ".join(words.split())
    return "".join(
        "�" if unicodedata.category(c) in ("Cc", "Cf") and c not in "\u200c\u200d" else c for c in line
    )


@pytest.mark.parametrize("words", ["- a", "+ a", "# a", "1. a", "12) a", "=== ", "--- "])
def test_text_at_the_start_of_a_line_is_no_list_or_heading(words: str) -> None:
    """A name that looks like Markdown structure stays a name."""
    tokens = MarkdownIt("commonmark").parse(escape(words))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]


@pytest.mark.parametrize(
    "words",
    ["$84,000", "Vale & Sons", "01_first_call.ogg", "x > 3 and < 4", "a [note] here", "{braces}"],
)
def test_plain_words_are_not_escaped(words: str) -> None:
    """In a mail that shows Markdown as it is, nothing looks odd without need."""
    assert escape(words) == words


@pytest.mark.parametrize("words", ["> a", "[a]: https://x.example", "[ ] a", "[x]"])
def test_text_at_the_start_is_no_quotation_definition_or_task(words: str) -> None:
    """Brackets and angles are text where they would begin something."""
    page = MarkdownIt("commonmark").parse(f"- {escape(words)}\n\n[a] [x] {escape(words)}\n")
    kinds = {child.type for token in page for child in [token, *(token.children or [])]}
    assert not kinds & {"blockquote_open", "link_open"}
    assert not escape(words).startswith(("[", ">"))


def test_brackets_inside_the_text_of_a_link_stay_text() -> None:
    """A file name cannot end the link that leads to it."""
    on = call("a [b] c](https://evil.example) [")
    page = render_markdown(digest([on], [said(on)], link=lambda _: "https://calls.example/1"))
    links = [token.attrs["href"] for token in inline(page) if token.type == "link_open"]
    assert links == ["https://calls.example/1"]


def test_web_links_are_links_and_file_paths_are_not_shared() -> None:
    """A link into the web pages survives; where recordings lie on a disk does not leave."""
    web = render_markdown(
        digest([call()], [said(call())], link=lambda _: "https://calls.example/c/1?x=<y>#t=83")
    )
    links = [token.attrs["href"] for token in inline(web) if token.type == "link_open"]
    assert links == ["https://calls.example/c/1?x=%3Cy%3E#t=83"]
    assert "/recordings" not in render_markdown(digest([call()], [said(call())]))


def test_tables_have_the_columns_they_announce() -> None:
    """Every row of the ranking has as many cells as its head, with and without deals."""
    lone = call(deal_id=None, outcome=None)
    for page in (render_markdown(digest(*rich_week())), render_markdown(digest([lone], [said(lone)]))):
        rows = [line for line in page.splitlines() if line.startswith("|")]
        assert len(rows) >= 3
        assert len({row.count("|") for row in rows}) == 1


def test_empty_week_is_short() -> None:
    """A week without calls has no empty sections."""
    page = render_markdown(digest([], []))
    assert page.startswith("# There was no sales call this week\n")
    assert "pushed back" not in page
