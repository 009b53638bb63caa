"""Pages as PDF: real documents, nothing fetched, what is left out is told; and without the library."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdf
import pytest
from digest_rows import call, digest, rich_week, said

from callmine.errors import MissingDependency
from callmine.reports.clips import attach_clips
from callmine.reports.render import pdf
from callmine.reports.render.html import render_html
from tests.closed_store import small_year
from tests.commands import callmine
from tests.pages import PAGES, SMALL_YEAR, write

pytestmark = pytest.mark.usefixtures("pango")

HEAD = "<!doctype html><html lang='en'><head><title>t</title></head><body><main>"
TAIL = "</main><footer><p>The end.</p></footer></body></html>"


def read(data: bytes) -> pypdf.PdfReader:
    assert data.startswith(b"%PDF-")
    return pypdf.PdfReader(io.BytesIO(data))


def words(document: pypdf.PdfReader) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in document.pages)


def printed(body: str) -> str:
    """What is read in the PDF of a page with that content."""
    return words(read(pdf.render_pdf(HEAD + body + TAIL)))


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, pypdf.PdfReader]]:
    """Each page of a small year and its PDF."""
    folder = tmp_path_factory.mktemp("pdf")
    place = small_year(folder / "workspace").root
    made = {}
    for name in PAGES:
        html, data = (write(name, ending, place, SMALL_YEAR, folder) for ending in ("html", "pdf"))
        made[name] = (html.read_text("utf-8"), read(data.read_bytes()))
    return made


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_page_is_a_document(documents: dict[str, tuple[str, pypdf.PdfReader]], name: str) -> None:
    """Its headline can be read, pages are numbered and named, bookmarks and tags are there."""
    html, document = documents[name]
    text = words(document)
    headline = re.search(r"<h1>(?:<bdi>)?(.*?)[<&]", html)
    assert headline
    assert headline[1] in text
    count = len(document.pages)
    assert 1 <= count <= 12
    for number, page in enumerate(document.pages, start=1):
        assert f"{number} of {count}" in page.extract_text()
        if number > 1:
            assert document.metadata
            assert str(document.metadata.title) in " ".join(page.extract_text().split())
    assert document.outline
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert document.metadata
    assert document.metadata.title
    assert document.metadata.title in html.replace("&amp;", "&")


def overlaps(page: pypdf.PageObject) -> list[tuple[str, str]]:
    """Pairs of texts that are printed over each other: baselines closer than letters are high."""
    boxes: list[tuple[str, float, float, float, float]] = []

    def note(text: str, _: list[float], at: list[float], __: object, size: float) -> None:
        if text.strip():
            # Narrower than any text is, so that neighbours do not count.
            boxes.append((text.strip(), at[4], at[5], at[4] + 0.3 * size * len(text.strip()), size))

    page.extract_text(visitor_text=note)
    return [
        (one[0], other[0])
        for n, one in enumerate(boxes)
        for other in boxes[:n]
        if abs(one[2] - other[2]) < 0.6 * min(one[4], other[4])
        and min(one[3], other[3]) > max(one[1], other[1])
    ]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_no_line_is_printed_over_another(
    documents: dict[str, tuple[str, pypdf.PdfReader]], name: str
) -> None:
    """Headings and figures beside them, in columns too."""
    assert [pair for page in documents[name][1].pages for pair in overlaps(page)] == []


def test_clips_are_links_on_paper() -> None:
    """A player cannot play there; the recording is linked at the second of the quote."""
    calls, rows = rich_week()
    made = attach_clips(digest(calls, rows), rows, lambda *_: b"OggS" + bytes(1000))
    html = render_html(made)
    assert "<audio" in html
    document = read(pdf.render_pdf(html))
    links = {
        note.get_object()["/A"]["/URI"]
        for page in document.pages
        for note in page.get("/Annots", [])
        if "/A" in note.get_object()
    }
    quotes = [quote for one in made.objections for quote in one.quotes]
    assert quotes
    assert {quote.href for quote in quotes} <= links
    assert "EmbeddedFile" not in str(document.trailer["/Root"])


def test_the_same_page_gives_the_same_bytes() -> None:
    """No date and no random number is in it."""
    html = render_html(digest(*rich_week()))
    assert pdf.render_pdf(html) == pdf.render_pdf(html)


def test_long_folds_are_left_out_and_counted() -> None:
    """Of a list that stands for itself three quotes print, of other mentions none; tables print whole."""

    def fold(kind: str, first: int) -> str:
        quotes = "".join(f'<li id="q-{n}">said{n}</li>' for n in range(first, first + 5))
        listed = f'<ul class="evidence">{quotes}</ul>'
        return f'<details class="{kind}"><summary>sum{kind}</summary>{listed}</details>'

    table = "<details><summary>sumtable</summary><table><tr><td>cell</td></tr></table></details>"
    text = printed(fold("some", 0) + fold("rest", 10) + fold("one", 20) + fold("rest open", 30) + table)
    assert re.findall(r"said\d+", text) == ["said0", "said1", "said2"]
    assert "sumrest" in text
    assert "cell" in text
    assert "Not printed: 17 quotes that the page has folded away." in text


def test_what_is_open_on_the_page_is_printed() -> None:
    """And where nothing is left out, nothing is said of it."""
    text = printed('<details class="one" open><summary>sum</summary><p id="q-1">said</p></details>')
    assert "said" in text
    assert "Not printed" not in text


def test_what_is_quoted_elsewhere_is_not_left_out() -> None:
    """A quote counts once, and not where it is printed in another place."""
    text = printed(
        '<p id="q-1">said</p><details class="rest"><summary>s</summary><p id="q-1">said</p></details>'
    )
    assert "Not printed" not in text


@pytest.mark.parametrize("lines", range(43, 51))
def test_no_sheet_holds_a_line_alone(lines: int) -> None:
    """Wherever the box at the end falls, its list stays whole, with the heading, and the footer with it."""
    style = (Path(pdf.__file__).parent / "templates" / "digest.css").read_text("utf-8")
    head = HEAD.replace("</head>", f"<style>{style}</style></head>")
    box = "<section class='box'><h2>Based on</h2><ul><li>first</li><li>last</li></ul></section>"
    document = read(pdf.render_pdf(head + "<p>Filled.</p>" * lines + box + TAIL))
    last = document.pages[-1].extract_text()
    assert all(said in last for said in ("Based on", "first", "last", "The end."))


def test_nothing_is_fetched_and_no_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a picture, a style sheet, a frame or an attachment, from the network or from this machine."""
    secret = tmp_path / "secret.txt"
    secret.write_text("topsecret")
    svg = "<svg width='9' height='9'><image href='{0}' width='9' height='9'/></svg>"
    asked: list[str] = []
    monkeypatch.setattr(
        "urllib.request.OpenerDirector.open", lambda _, url, *a, **k: asked.append(str(url))
    )
    body = ""
    for address in (
        secret.as_uri(),
        "http://127.0.0.1:9/x",
        "ftp://127.0.0.1/x",
        str(secret),
        "//127.0.0.1/x",
    ):
        body += f'<img src="{address}" alt="a"><link rel="stylesheet" href="{address}">'
        body += f'<link rel="attachment" href="{address}"><a rel="attachment" href="{address}">a</a>'
        body += (
            f'<object data="{address}"></object><embed src="{address}"><iframe src="{address}"></iframe>'
        )
        body += f'<style>@import "{address}"; p {{ background: url("{address}") }}</style>'
        body += (
            f'<style>@font-face {{ font-family: x; src: url("{address}") }} p {{ font-family: x }}</style>'
        )
        body += svg.format(address)
    data = pdf.render_pdf(HEAD + body + "<p>Here.</p>" + TAIL)
    assert "Here." in words(read(data))
    assert asked == []
    assert b"topsecret" not in data
    assert not read(data).attachments


@pytest.mark.parametrize(
    "said_so",
    [
        "価格が高すぎます、来年まで待ちたい。",
        "السعر مرتفع جدا بالنسبة لنا",
        "המחיר גבוה מדי עבורנו",
        "क़ीमत बहुत ज़्यादा है",
        "Zu teuer 🙈 \U0001f469‍\U0001f469‍\U0001f467",
        "a\u202eb\u2066c\u200d\u200e\ufeff\u0301" * 40,
        "y" * 10_000,
    ],
    ids=["japanese", "arabic", "hebrew", "hindi", "emoji", "marks", "endless"],
)
def test_any_script_is_printed(said_so: str) -> None:
    """Also where no font has its letters, and where nothing can be broken."""
    on = call(account=said_so)
    row = said(on, f"[[{said_so}]]", speaker_name=said_so)
    document = read(pdf.render_pdf(render_html(digest([on], [row]))))
    assert len(document.pages) < 40
    assert "In their words" in words(document)


def test_text_is_not_turned_around_by_a_name() -> None:
    """What turns text is taken out: it would turn all up to the end of the line."""
    assert "abc said it" in printed("<p><bdi>abc\u202e</bdi> said it</p>")


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, own: Path) -> None:
    """Exit code 3, before anything is built; other formats need none of it."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    for words_ in (
        ("digest", "--week", "2026-W40"),
        ("outcomes",),
        ("battlecard", "Lantern"),
        ("review", "D-1"),
    ):
        told = callmine(*words_, "--format", "pdf", at=own)
        assert (told.code, told.out) == (3, "")
        assert 'pip install "callmine[pdf]"' in told.err
        assert "wrote" not in told.err
    assert callmine("digest", "--week", "2026-W40", "-o", own / "x.pdf", at=own).code == 3
    assert not (own / "x.pdf").exists()
    assert callmine("digest", "--week", "2026-W40", "--format", "md", at=own).code == 0


def test_without_pango_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a library of the system, which pip does not bring; what WeasyPrint prints is not passed on."""
    real = __import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name == "weasyprint":
            print("WeasyPrint could not import some external libraries.")  # noqa: T201
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest, **named)

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr("builtins.__import__", without)
    with pytest.raises(MissingDependency, match="Pango") as told:
        pdf.library()
    assert "apt install libpango" in told.value.hint
    assert "brew install pango" in told.value.hint


def test_the_library_is_loaded_for_a_pdf_only() -> None:
    """It takes a second to load."""
    script = (
        "import sys, callmine.cli, callmine.reports.render.html, callmine.operations.reporting;"
        " sys.exit('weasyprint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_command_writes_and_prints_it(own: Path) -> None:
    """By the file's ending and by --format; the clips of a page beside it do not go in."""
    assert callmine("digest", "--week", "2026-W40", "-o", own / "x.pdf", at=own).code == 0
    assert "In their words" in words(read((own / "x.pdf").read_bytes()))
    assert callmine("digest", "--week", "2026-W40", "--format", "pdf", at=own).code == 0
    assert (own / "reports" / "digest-2026-W40.pdf").read_bytes() == (own / "x.pdf").read_bytes()


def test_an_empty_week_is_one_page() -> None:
    """A week without calls is a short document, not an empty one."""
    document = read(pdf.render_pdf(render_html(digest([], []))))
    assert len(document.pages) == 1
