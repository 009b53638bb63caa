"""Write the pictures of every report that the docs show, from a workspace that holds the read sample.

Run ``python docs/pictures.py WORKSPACE`` after a change to how pages look, then look at them:
``docs/gallery.md`` shows all. It needs Chromium and the extras ``test`` and ``pdf``. The workspace is only
read, but for the reports that it keeps of what was shown.
"""

from __future__ import annotations

import base64
import email
import email.policy
import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).parent / "images"

REPORTS = {
    "digest": "digest --week 2026-W40",
    "battlecard": "battlecard Lantern",
    "review": "review L-2102",
    "period": "review --lost --since 2026-01-01",
    "messages": "messages --weeks 8",
    "outcomes": "outcomes --since 2026-01-01",
    "brief": "brief --since 2026-09-01 --until 2026-10-04",
}
"""Name of a report's pictures to the command that writes it."""

VIEWS: dict[str, dict[str, Any]] = {
    "": {"width": 1100, "height": 1000},
    "-phone": {"width": 390, "height": 844},
    "-dark": {"width": 1100, "height": 1000, "color_scheme": "dark"},
    "-print": {"width": 674, "height": 1003, "media": "print", "margin": 60},
    "-email": {"width": 640, "height": 1000},
}
"""Ending of a name to how wide and high the picture is, pixels; a sheet of A4 is 794 by 1123."""

OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
COLOURS = 96
"""Colours of a picture: text and flat areas need no more, and it takes a third of the room."""


def write(name: str, ending: str, workspace: Path, folder: Path) -> Path:
    """Write a report as a page or a draft and return the file."""
    file = folder / f"{name}.{ending}"
    words = [*REPORTS[name].split(), "-o", str(file), "--no-redact", "-w", str(workspace)]
    subprocess.run([sys.executable, "-m", "callmine", *words], check=True)
    return file


def letter_page(draft: Path) -> Path:
    """Return a draft's HTML as a file of its own, its pictures inside."""
    message = email.message_from_bytes(draft.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("html",))
    assert body is not None
    html = body.get_content()
    for part in message.walk():
        if part.get_content_maintype() == "image":
            name = str(part["Content-ID"]).strip("<>")
            data = base64.b64encode(part.get_payload(decode=True)).decode("ascii")
            html = html.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{data}")
    page = draft.with_suffix(".eml.html")
    page.write_text(html, encoding="utf-8")
    return page


def small(png: bytes, margin: int) -> bytes:
    """Return a picture with few colours, and with white around it as wide as ``margin``."""
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(png)) as picture:
        made = io.BytesIO()
        ImageOps.expand(picture.convert("RGB"), margin, "white").quantize(COLOURS).save(
            made, "PNG", optimize=True
        )
    return made.getvalue()


def pictures(browser: Any, page: Path, letter: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the ending of each picture's name and the picture of the first screen or sheet."""
    for ending, view in VIEWS.items():
        size = {"width": view["width"], "height": view["height"]}
        shown = browser.new_page(viewport=size, color_scheme=view.get("color_scheme", "light"))
        shown.emulate_media(media=view.get("media", "screen"))
        shown.goto((letter if ending == "-email" else page).as_uri())
        yield ending, small(shown.screenshot(), view.get("margin", 0))
        shown.close()


def main(arguments: Sequence[str]) -> int:
    """Write all pictures, or those of the reports named after the workspace."""
    from playwright.sync_api import sync_playwright

    workspace, *names = arguments
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        for name in names or REPORTS:
            page = write(name, "html", Path(workspace), folder)
            letter = letter_page(write(name, "eml", Path(workspace), folder))
            for ending, picture in pictures(browser, page, letter):
                (IMAGES / f"{name}{ending}.png").write_bytes(picture)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
