"""Write the pictures of every report that the docs show, from the read sample and from a generated year.

Run ``python docs/pictures.py WORKSPACE`` with a workspace that holds the read sample, and
``python docs/pictures.py year``, which generates the year, after a change to how pages look. Then look at
them: ``docs/gallery.md`` shows those of the sample, ``docs/gallery-year.md`` those of the year. It needs
Chromium and the extras ``test`` and ``pdf``. The workspace is only read, but for the reports that it keeps
of what was shown.
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

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"

SAMPLE = {
    "digest": "digest --week 2026-W40",
    "battlecard": "battlecard Lantern",
    "review": "review L-2102",
    "period": "review --lost --since 2026-01-01",
    "messages": "messages --weeks 8",
    "outcomes": "outcomes --since 2026-01-01",
    "brief": "brief --since 2026-09-01 --until 2026-10-04",
}
"""Name of a report's pictures to the command that writes it."""

YEAR, SEED = "year", 2026
OF_THE_YEAR = {
    "year-digest": "digest --week 2025-W46",
    "year-battlecard": "battlecard Lantern",
    "year-review": "review 0067S000001EsioQAC",
    "year-period": "review --lost --since 2025-10-01",
    "year-messages": "messages --weeks 8",
    "year-outcomes": "outcomes --since 2025-01-01",
    "year-brief": "brief --since 2025-11-01 --until 2025-11-30",
}
"""The same for the year of that seed, in which every report has enough to tell."""

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


def generated_year(folder: Path) -> Path:
    """Return a new workspace that holds the generated year."""
    sys.path.insert(0, str(ROOT))
    from benchmarks.year import load_year, make_year
    from callmine.operations.workspaces import init_workspace

    workspace, _ = init_workspace(folder / "workspace")
    load_year(make_year(SEED), workspace)
    return workspace.root


def write(command: str, name: str, ending: str, workspace: Path, folder: Path) -> Path:
    """Write a report as a page or a draft and return the file."""
    file = folder / f"{name}.{ending}"
    words = [*command.split(), "-o", str(file), "--no-redact", "-w", str(workspace)]
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
    """Write all pictures of the workspace or the year, or those of the reports that are named after it."""
    from playwright.sync_api import sync_playwright

    source, *names = arguments
    reports = OF_THE_YEAR if source == YEAR else SAMPLE
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        workspace = generated_year(folder) if source == YEAR else Path(source)
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        for name in names or reports:
            page = write(reports[name], name, "html", workspace, folder)
            letter = letter_page(write(reports[name], name, "eml", workspace, folder))
            for ending, picture in pictures(browser, page, letter):
                (IMAGES / f"{name}{ending}.png").write_bytes(picture)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
