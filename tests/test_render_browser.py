"""The page in a real browser: it fits a phone, plays its clips and breaks no policy."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from digest_rows import digest, rich_week

from callmine.reports.clips import attach_clips
from callmine.reports.render.html import render_html

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """Headless Chromium; where one is promised, as in CI, its lack is a failure and no skip."""
    import playwright.sync_api as api

    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=options)
        yield running
        running.close()


@pytest.fixture
def page_file(tmp_path: Path) -> Path:
    """The rich week with a second of silence as every clip."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(16000))
    calls, rows = rich_week()
    file = tmp_path / "digest.html"
    made = attach_clips(digest(calls, rows), rows, lambda *_: sound.getvalue())
    file.write_text(render_html(made), encoding="utf-8")
    return file


def opened(browser: Any, file: Path, width: int) -> tuple[Any, list[str]]:
    messages: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.on("console", lambda message: messages.append(message.text))
    page.goto(file.as_uri())
    return page, messages


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_page_does_not_scroll_sideways(browser: Any, page_file: Path, width: int) -> None:
    """Only the tables scroll, inside their own box."""
    page, messages = opened(browser, page_file, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert messages == []


def test_clip_plays_under_the_policy(browser: Any, page_file: Path) -> None:
    """The embedded clip loads when asked to, and nothing is refused."""
    page, messages = opened(browser, page_file, 1280)
    seconds = page.evaluate(
        """new Promise((done, fail) => {
            const clip = document.querySelector('audio');
            clip.onloadedmetadata = () => done(clip.duration);
            clip.onerror = () => fail(clip.error.message);
            clip.preload = 'metadata';
            clip.load();
        })"""
    )
    assert seconds == pytest.approx(1.0)
    assert messages == []


def test_number_opens_the_quotes_behind_it(browser: Any, page_file: Path) -> None:
    """A click on a count goes to the quotes it counts."""
    page, _ = opened(browser, page_file, 1280)
    page.locator("a.count").first.click()
    assert page.url.endswith("#objection-price")
    assert page.locator("#objection-price mark").first.is_visible()


def test_outcome_opens_its_quote(browser: Any, page_file: Path) -> None:
    """A click on the one won deal shows that deal's quote, even where it is folded away."""
    page, _ = opened(browser, page_file, 1280)
    for link in page.locator(".ranking td.num:nth-child(n+5) a.count").all():
        link.click()
        assert page.locator(page.evaluate("location.hash")).is_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_outcomes_are_in_sight(browser: Any, page_file: Path, width: int) -> None:
    """The last column of the ranking is on the screen, on a phone as well."""
    page, _ = opened(browser, page_file, width)
    right = page.evaluate("document.querySelector('.ranking th:last-child').getBoundingClientRect().right")
    assert right <= width


def test_players_know_their_length(browser: Any, page_file: Path) -> None:
    """Nobody reads 0:00 / 0:00."""
    page, _ = opened(browser, page_file, 1280)
    page.wait_for_function("document.querySelector('audio').duration > 0")


def test_print_opens_tables_and_not_what_else_was_said(browser: Any, page_file: Path) -> None:
    """On paper nothing can be clicked: folded tables print, and of further mentions that there are some."""
    page, _ = opened(browser, page_file, 1280)
    mention = page.locator("#objection-price .evidence li").first
    table, answer = page.locator(".weeks"), page.locator("#h-answers ~ div .evidence li").first
    assert not any(one.is_visible() for one in (mention, table, answer))
    page.emulate_media(media="print")
    assert [one.is_visible() for one in (mention, table, answer)] == [False, True, True]
    assert page.locator("#objection-price summary").is_visible()
    said = "getComputedStyle(document.querySelector('#objection-price summary'), '::after').content"
    assert page.evaluate(said) == '" (not printed)"'
