"""Pages as PDF: the print style sheet, laid out by WeasyPrint; nothing is fetched, no file is opened."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from functools import cache
from importlib.resources import files
from typing import Any

from callmine.errors import MissingDependency
from callmine.reports.text import cut_name, plural

TITLE = 90
"""Characters of a page's title that stand at the foot of each sheet."""

PRINTED = 3
"""Quotes that are printed of a folded list of class ``some``; the style sheet says the same."""

_CHARTS = (
    ".past { fill: #aaa } .now { fill: #000 } .none { fill: none; stroke: #aaa; stroke-dasharray: 1 2 }"
    " line { stroke-width: 2; stroke-linecap: round } .with { stroke: #000; fill: #000 }"
    " .without { stroke: #aaa; fill: #aaa }"
    " .base { stroke: #444; stroke-width: 1; stroke-dasharray: 2 3 }"
)
"""Colours of charts on paper: to WeasyPrint they are pictures, which a page's style does not reach."""

_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Signs that turn text around, as code points: WeasyPrint does not keep them within their element."""

_SVG = "{http://www.w3.org/2000/svg}"

_PLAYER = re.compile(r"<audio\b[^>]*></audio>")
"""A player; what is in its attributes is escaped, so it ends at the first sign that closes a tag."""


def render_pdf(page: str) -> bytes:
    """Return a page as a PDF document with bookmarks, tags for screen readers and links to recordings.

    Folded lists of quotes are left out, or cut to the first :data:`PRINTED`; the document says how many
    quotes that leaves out. The same page gives the same bytes.

    Args:
        page: A page of callmine's own, as HTML.

    Raises:
        MissingDependency: See :func:`library`.
    """
    weasyprint = library()
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    # Clips are most of a page's bytes and cannot be heard on paper.
    document = weasyprint.HTML(string=_PLAYER.sub("", page).translate(_TURNING), url_fetcher=nothing)
    root = document.etree_element
    if left_out := _without_folded(root):
        _tell(root, left_out)
    for chart in root.iter(f"{_SVG}svg"):
        _style(chart, f"{_SVG}style", _CHARTS)
    body = root.find("body")
    body.set("data-title", cut_name(" ".join(root.findtext("head/title", "").split()), TITLE))
    # Last in the page: what is given to WeasyPrint beside it would come before the page's own.
    _style(body, "style", _sheet())
    made: bytes = document.write_pdf(pdf_tags=True)
    return made


def library() -> Any:
    """Return WeasyPrint.

    Raises:
        MissingDependency: It is not installed, or Pango, which it sets text with, is not.
    """
    try:
        # Where a library of the system is missing, it explains that at length on standard output.
        with redirect_stdout(io.StringIO()):
            import weasyprint
    except ImportError as error:
        raise MissingDependency(
            f"PDF needs the package WeasyPrint, which cannot be loaded ({error})",
            hint='Install it: `pip install "callmine[pdf]"`, or in callmine\'s checkout'
            " `pip install -c constraints.txt '.[pdf]'`.",
        ) from error
    except OSError as error:
        raise MissingDependency(
            f"WeasyPrint cannot load Pango, which sets the text of a PDF ({error})",
            hint="Install it: `apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`,"
            " or `brew install pango`.",
        ) from error
    return weasyprint


@cache
def _sheet() -> str:
    return files("callmine.reports.render").joinpath("templates/pdf.css").read_text("utf-8")


def _style(parent: Any, tag: str, sheet: str) -> None:
    style = parent.makeelement(tag, {})
    style.text = sheet
    parent.append(style)


def _without_folded(root: Any) -> int:
    """Take out what is folded away and not printed; return how many quotes are nowhere in the rest."""
    before = _quotes(root)
    for fold in [fold for fold in root.iter("details") if "open" not in fold.attrib]:
        classes = set(fold.get("class", "").split())
        if classes & {"rest", "one"}:
            for child in [child for child in fold if child.tag != "summary"]:
                fold.remove(child)
        elif "some" in classes:
            for quotes in fold.iter("ul"):
                for child in list(quotes)[PRINTED:]:
                    quotes.remove(child)
    return len(before - _quotes(root))


def _quotes(root: Any) -> set[str]:
    return {name for one in root.iter() if (name := one.get("id", "")).startswith("q-")}


def _tell(root: Any, left_out: int) -> None:
    """Say at the end of the document how many quotes it leaves out."""
    for footer in root.iter("footer"):
        said = footer.makeelement("p", {})
        said.text = f"Not printed: {plural(left_out, 'quote')} that the page has folded away."
        footer.append(said)
        return
