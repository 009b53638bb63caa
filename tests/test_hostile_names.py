"""Whatever strangers are called and say, in every format of every report it is text and nothing else.

Names come from playbooks, CRMs, files and calendars, words from calls. What one format makes of single
names is tested beside it; here all of them are hostile at once, and all reports go through.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pypdf
import pytest
from test_posts import check_limits, texts
from test_render_html import Page
from test_render_markdown import inline

from callmine.operations.sendable import REPORTS, sendable
from callmine.operations.sendable_values import Ask
from callmine.reports.letter_values import Surroundings
from callmine.store import Store
from callmine.workspace import Workspace
from tests.closed_store import an_answer, buyer, put_call, small_year
from tests.commands import callmine
from tests.pages import PAGES, SMALL_YEAR, About, write

HOSTILE = (
    "=cmd|' /C calc'!A0 <script>alert(1)</script>\"><img src=x onerror=alert(1)> `c` **b**"
    " [k](javascript:x) ![p](//evil.example)\n# h\r\n- i \u202e\u2066\u200b{{ 7*7 }} @channel "
)
ENDLESS = "and it is too dear for us " * 400
"""A turn of ten thousand characters without a stop."""

HARMFUL = {
    "script",
    "iframe",
    "object",
    "embed",
    "link",
    "form",
    "base",
    "img",
    "video",
    "input",
    "template",
}
FORMULA = frozenset("=+-@")


def playbook(name: str) -> str:
    """A playbook in which everything that has a free name has this one."""

    def text(words: str) -> str:
        return json.dumps(f"{name}{words}")

    return f"""\
[company]
name = {text("Larkmoor")}
products = [{text("Rota")}]
domains = ["larkmoor.example"]

[[competitors]]
name = {text("Lantern")}
aliases = [{text("Shift")}]

[[objections]]
label = "price"
title = {text("Price")}

[[messages]]
id = "fast-rota"
text = {text("A rota in an hour")}

[[messages]]
id = "fewer-calls"
text = {text("Fewer calls")}

[[answers]]
objection = "price"
text = {text("Three days")}
"""


def year_of(folder: Path, name: str) -> tuple[Workspace, About]:
    """A small year in which every name and every turn begins with ``name``, and one turn is endless."""
    made = small_year(folder / "workspace", name, playbook(name))
    with Store(made.database) as store:
        put_call(
            store,
            f"{name}endless.vtt",
            buyer(f"{name}{ENDLESS}[[{ENDLESS}]]{ENDLESS}", "price"),
            an_answer(f"[[{name}{ENDLESS}]]", "discount", 0),
            deal="D-01",
            title=f"{name}Endless",
            started_at="2026-01-14T09:00:00Z",
        )
        store._db.execute("UPDATE speakers SET name = ? || name WHERE name IS NOT NULL", [name])
        store._db.execute("UPDATE deals SET owner = ?, loss_reason = ?, stage = ?", [name] * 3)
    week, deal, since, until = SMALL_YEAR.week, SMALL_YEAR.deal, SMALL_YEAR.since, SMALL_YEAR.until
    return made, About(week, deal, since, until, competitor=f"{name}Lantern")


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, About]:
    return year_of(tmp_path_factory.mktemp("attacked"), HOSTILE)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, About]:
    return year_of(tmp_path_factory.mktemp("plain"), "Some ")


def written(year: tuple[Workspace, About], name: str, format: str, folder: Path) -> Path:
    place, about = year
    return write(name, format, place.root, about, folder)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_holds_no_markup_of_strangers(
    attacked: tuple[Workspace, About], tmp_path: Path, name: str
) -> None:
    """No tag, no handler, no link, no style, no template; and every tag is closed."""
    source = written(attacked, name, "html", tmp_path).read_text("utf-8")
    page = Page(source)
    assert page.words.count("alert(1)") > 10
    assert "{{ 7*7 }}" in page.words
    assert not {tag for tag, _ in page.tags} & HARMFUL
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    assert [href for href in page.values("href") if not href.startswith(("#", "file:///"))] == []
    assert [tag for tag, _ in page.tags].count("style") == 1
    assert len(list(page.values("id"))) == len(set(page.values("id")))


@pytest.mark.parametrize("name", sorted(PAGES))
def test_what_turns_text_stays_in_its_element(
    attacked: tuple[Workspace, About], tmp_path: Path, name: str
) -> None:
    """A name that turns the direction of text is kept within an element that isolates it."""
    source = written(attacked, name, "html", tmp_path).read_text("utf-8")
    assert "\u202e" in source
    while "<bdi" in source:
        source = re.sub(r"<bdi[^>]*>(?:(?!<bdi).)*?</bdi>", "", source, flags=re.DOTALL)
    source = re.sub(r"<title>.*?</title>|aria-label=\"[^\"]*\"", "", source, flags=re.DOTALL)
    assert [m[0] for m in re.finditer(".{60}\u202e", source, re.DOTALL)] == []


@pytest.mark.parametrize("name", sorted(PAGES))
def test_markdown_holds_no_markup_of_strangers(
    attacked: tuple[Workspace, About], plain: tuple[Workspace, About], tmp_path: Path, name: str
) -> None:
    """No HTML, link, picture or code; as many headings, rows and items as with plain names."""
    text = written(attacked, name, "md", tmp_path).read_text("utf-8")
    tokens, others = inline(text), inline(written(plain, name, "md", tmp_path).read_text("utf-8"))
    kinds = {token.type for token in tokens}
    assert "alert(1)" in text
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "s_open", "fence"}
    code = {token.content for token in tokens if token.type == "code_inline"}
    assert all(words.startswith(("callmine ", "reports/")) for words in code), code
    assert not {token.content for token in tokens if token.type == "inline"} & {"h", "i"}
    # Which other words come near a message goes by the words, which differ here.
    for kind in ("tr_open", "td_open", "heading_open", "list_item_open") if name != "messages" else ():
        assert [t.type for t in tokens].count(kind) == [t.type for t in others].count(kind), kind
    assert "\u202e" not in text
    assert "@channel" not in text


@pytest.mark.parametrize("name", sorted(PAGES))
def test_json_holds_the_names_as_they_are(
    attacked: tuple[Workspace, About], tmp_path: Path, name: str
) -> None:
    """It is exact: whoever puts it on a page escapes it there. No line of it is longer for a line break."""
    text = written(attacked, name, "json", tmp_path).read_text("utf-8")
    assert json.dumps(HOSTILE, ensure_ascii=False)[1:-1] in text
    assert json.loads(text)["format"].startswith("callmine-")


@pytest.mark.usefixtures("pango")
@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_pdf_runs_and_opens_nothing(attacked: tuple[Workspace, About], tmp_path: Path, name: str) -> None:
    """No script, no action but links to recordings, no file inside; an endless turn is cut."""
    file = written(attacked, name, "pdf", tmp_path)
    document = pypdf.PdfReader(file)
    assert 1 <= len(document.pages) <= 40
    notes = [n.get_object() for page in document.pages for n in page.get("/Annots", [])]
    actions = [note["/A"] for note in notes if "/A" in note]
    assert {action["/S"] for action in actions} <= {"/URI"}
    assert [a["/URI"] for a in actions if not a["/URI"].startswith("file:///")] == []
    root = document.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert not document.attachments
    words = " ".join(" ".join(page.extract_text().split()) for page in document.pages)
    assert "alert(1)" in words
    assert "\u202e" not in words


SUBJECTS = {"digest": "{week}", "battlecard": "{competitor}", "review": "{deal}"}
"""What reports that can be sent are about; others by default of all there is."""


@pytest.mark.parametrize("kind", sorted(REPORTS))
def test_letters_and_posts_hold_no_markup_of_strangers(
    attacked: tuple[Workspace, About], kind: str
) -> None:
    """No tag, no header, no link, no command to Slack, and within the limits of both."""
    place, about = attacked
    subject = SUBJECTS.get(kind, "").format(week=about.week, deal=about.deal, competitor=about.competitor)
    how = sendable(kind)
    value = how.build(place, Ask(subject=subject))
    around = Surroundings(page="https://reports.example/page.html")
    letter = how.letter(value, around)
    page = Page(letter.html)
    assert "alert(1)" in page.words
    assert not {tag for tag, _ in page.tags} & (HARMFUL - {"img"} | {"svg", "audio"})
    assert [src for src in page.values("src") if not src.startswith("cid:")] == []
    assert [href for href in page.values("href") if not href.startswith("https://reports.example/")] == []
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    assert "\n" not in letter.subject
    assert letter.size < 100_000
    assert not {"\u202e", "\u2066"} & set(letter.html + letter.text + letter.subject)
    post = how.post(value, around)
    check_limits(post)
    for text in texts(post):
        assert "\u202e" not in text["text"]
        if text["type"] == "mrkdwn":
            assert "<script" not in text["text"]
            links = re.findall(r"<[^>]*>", text["text"])
            assert all(link.startswith("<https://reports.example/") for link in links), links
            assert not re.search(r"(?<!\u2060)[*`](?:b|c)(?!\u2060)[*`]", text["text"])
    assert "<!" not in post.text


def test_a_draft_has_the_headers_that_it_should(attacked: tuple[Workspace, About], tmp_path: Path) -> None:
    """A name with line breaks makes no header and no recipient."""
    place, about = attacked
    file = tmp_path / "draft.eml"
    told = callmine("digest", "--week", about.week, "--no-redact", "-o", file, "-w", place.root)
    assert told.code == 0, told.err
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert not {"to", "cc", "bcc"} & {name.lower() for name in message}
    assert "\n" not in str(message["subject"])
    assert {part.get_content_type() for part in message.walk()} <= {
        *("multipart/related", "multipart/alternative", "multipart/mixed"),
        *("text/plain", "text/html", "image/png"),
    }


def test_no_cell_of_an_export_is_a_formula(attacked: tuple[Workspace, About], tmp_path: Path) -> None:
    """In every column of every table, also behind blanks and marks that cannot be seen."""
    place, _ = attacked
    told = callmine("export", tmp_path / "out", "--format", "csv", "-w", place.root)
    assert told.code == 0, told.err
    files = sorted((tmp_path / "out").glob("*.csv"))
    assert len(files) == 6
    hostile = 0
    before = csv.field_size_limit(10_000_000)
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines):
                for cell in row:
                    seen = "".join(
                        c for c in cell if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf")
                    )
                    assert seen[:1] not in FORMULA or re.fullmatch(r"-?[\d.]+", seen), cell[:80]
                    hostile += "=cmd" in cell
    csv.field_size_limit(before)
    assert hostile > 100


@pytest.mark.parametrize("words", [("messages",), ("compare", "price", "trust", "--said-by", "prospect")])
def test_a_terminal_is_not_steered(attacked: tuple[Workspace, About], words: tuple[str, ...]) -> None:
    """What is printed has no control characters and nothing that turns text."""
    told = callmine(*words, "-w", attacked[0].root)
    assert told.code == 0, told.err
    assert not [c for c in told.out if not c.isprintable() and c != "\n"]
