"""Every page in a real browser: axe-core finds nothing, nothing sticks out, nothing is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.closed_store import small_year
from tests.pages import PAGES, SMALL_YEAR, write

pytestmark = pytest.mark.browser

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
FAULTS = ("moderate", "serious", "critical")
"""How grave a finding of axe-core is that a page must not have; what is left are matters of taste."""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of a small year, as files."""
    folder = tmp_path_factory.mktemp("pages")
    place = small_year(folder / "workspace").root
    return {name: write(name, "html", place, SMALL_YEAR, folder) for name in PAGES}


def opened(browser: Browser, file: Path, width: int, scheme: str = "light") -> tuple[Page, list[str]]:
    """Open a page, and all that is folded; return it with what the browser complains of."""
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    told: list[str] = []
    page.on("console", lambda message: told.append(f"console: {message.text}"))
    page.on("requestfailed", lambda request: told.append(f"failed: {request.url[:80]}"))
    page.goto(file.as_uri())
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        told.append(f"{wide} pixels wide on a screen of {width}")
    return page, told


def faults(browser: Browser, file: Path, width: int, scheme: str) -> list[str]:
    """Return what the browser complains of, and what axe-core finds."""
    page, told = opened(browser, file, width, scheme)
    for found in Axe().run(page).response["violations"]:
        if found["impact"] in FAULTS:
            nodes = [node["html"][:160] for node in found["nodes"][:3]]
            told.append(f"{found['id']} ({found['impact']}): {nodes}")
    page.close()
    return told


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", sorted(PAGES))
def test_nothing_grave_is_found(
    browser: Browser, files: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    """Contrast, names, landmarks, tables and headings, on a desk and on phones, by day and by night."""
    assert faults(browser, files[name], width, scheme) == []


@pytest.mark.parametrize("name", sorted(PAGES))
def test_nothing_sticks_out_on_a_small_phone(browser: Browser, files: dict[str, Path], name: str) -> None:
    """At 320 pixels, the narrowest that people have; a page of 1280 at four times its size is as wide."""
    page, told = opened(browser, files[name], 320)
    page.close()
    assert told == []


def test_a_fault_would_be_found(browser: Browser, files: dict[str, Path], tmp_path: Path) -> None:
    """The check can fail: pale text, a picture without words, a line too long."""
    bad = tmp_path / "bad.html"
    shown = '<p style="color: #ccc; background: #fff; white-space: nowrap">' + "pale " * 200 + "</p>"
    shown += '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="9" height="9">'
    bad.write_text(files["review"].read_text("utf-8").replace("<footer>", f"<footer>{shown}"), "utf-8")
    told = " ".join(faults(browser, bad, 390, "light"))
    assert "color-contrast" in told
    assert "image-alt" in told
    assert "pixels wide" in told
