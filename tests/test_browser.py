"""The digest in a real browser: it opens clean, reads on a phone, and its quotes play."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from callmine.operations.reporting import write_digest
from callmine.workspace import find_workspace

pytestmark = [pytest.mark.audio, pytest.mark.browser]

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def page_file(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digest of the sample's last week."""
    target = tmp_path_factory.mktemp("page") / "digest.html"
    return write_digest(find_workspace(sample_workspace), week="2026-W40", output=target).paths[0]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_opens_without_a_complaint_and_fits(browser: Browser, page_file: Path, width: int) -> None:
    """No console message (so no blocked content), and nothing sticks out sideways."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url[:80]}"))
    page.goto(page_file.as_uri())
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
    page.close()


def test_every_embedded_quote_plays(browser: Browser, page_file: Path) -> None:
    """The browser decodes each clip to a few seconds of sound."""
    page = browser.new_page()
    page.goto(page_file.as_uri())
    durations = page.evaluate(
        """async () => Promise.all([...document.querySelectorAll('audio')].map(a => new Promise(done => {
            a.addEventListener('loadedmetadata', () => done(a.duration));
            a.addEventListener('error', () => done(-1));
            a.preload = 'metadata'; a.load();
        })))"""
    )
    assert len(durations) >= 5
    assert all(0.5 < seconds <= 20 for seconds in durations), durations
    page.close()
