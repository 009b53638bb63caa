"""Every quote on every page is verbatim in the store, and every clip begins with its sentence."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from benchmarks.year.values import Year
from callmine.store import Store
from callmine.workspace import Workspace, find_workspace
from tests.closed_store import small_year
from tests.pages import PAGES, SAMPLE, SMALL_YEAR, About, write
from tests.quote_walk import MARK, QuotePage, Walk, quotes_in

FEWEST = {
    "digest": 10,
    "battlecard": 3,
    "messages": 10,
    "outcomes": 3,
    "review": 2,
    "brief": 10,
    "period": 3,
}
"""Quotes that a page of the sample and of a year has at least: a walk over nothing finds nothing wrong."""


def walked(
    workspace: Workspace, about: About, folder: Path, name: str, *extra: str
) -> tuple[Any, str, list[str]]:
    """Write a report and return its value, its page and what is wrong with them."""
    value = json.loads(write(name, "json", workspace.root, about, folder, *extra).read_text("utf-8"))
    page = write(name, "html", workspace.root, about, folder, *extra).read_text("utf-8")
    with Store(workspace.database, create=False) as store:
        return value, page, Walk(store).faults(value, page)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small year of pages."""
    return small_year(tmp_path_factory.mktemp("walk") / "workspace")


def of_generated(workspace: Workspace) -> About:
    """Choose what pages of the generated year are about: its fullest week, and the deal with most calls."""
    with Store(workspace.database, create=False) as store:
        calls = store.calls()
        deals = [deal for deal in store.deals() if deal.outcome.is_lost]
    by_deal = {deal.deal_id: sum(call.deal_id == deal.deal_id for call in calls) for deal in deals}
    days = sorted(call.started_at for call in calls if call.started_at)
    middle = days[len(days) // 2]
    week = date.fromisoformat(middle[:10]).isocalendar()
    first, last = days[0][:10], days[-1][:10]
    return About(
        week=f"{week.year}-W{week.week:02d}",
        deal=max(by_deal, key=lambda one: (by_deal[one], one)),
        since=first,
        until=last,
    )


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_of_the_small_year(year: Workspace, tmp_path: Path, name: str) -> None:
    """Each quote, each reply, in the value and on the page."""
    value, _, faults = walked(year, SMALL_YEAR, tmp_path, name)
    assert faults == []
    assert any(quotes_in(value))


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_of_a_generated_year(generated: tuple[Year, Workspace], tmp_path: Path, name: str) -> None:
    """Hundreds of calls of many accounts, with amounts, languages and labels of their own."""
    place = generated[1]
    value, _, faults = walked(place, of_generated(place), tmp_path, name)
    assert faults == []
    assert len(list(quotes_in(value))) >= FEWEST[name]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_redacted_pages_are_verbatim_around_the_marks(
    generated: tuple[Year, Workspace], tmp_path: Path, name: str
) -> None:
    """What was taken out is marked; what stands around it was said so."""
    place = generated[1]
    value, _, faults = walked(place, of_generated(place), tmp_path, name, "--redact")
    assert faults == []
    assert value["redacted"]


@pytest.mark.audio
@pytest.mark.parametrize("name", sorted(PAGES))
@pytest.mark.parametrize("redact", ["--no-redact", "--redact"])
def test_pages_of_the_sample_play_their_sentences(
    sample_workspace: Path, tmp_path: Path, name: str, redact: str
) -> None:
    """From real recordings: the sound of each clip is looked up in its recording."""
    place = find_workspace(sample_workspace)
    value, page, faults = walked(place, SAMPLE, tmp_path, name, redact)
    assert faults == []
    assert any(quotes_in(value))
    if name in ("digest", "battlecard") and redact == "--no-redact":
        assert sum(len(one.clips) for one in QuotePage(page).shown.values()) >= 5


def test_the_walk_finds_what_is_changed(year: Workspace, tmp_path: Path) -> None:
    """One word, one second, one quote: in the value, and on the page alone."""
    value, page, faults = walked(year, SMALL_YEAR, tmp_path, "digest")
    assert faults == []

    def told(change: Any = None, shown: str = page) -> str:
        changed = json.loads(json.dumps(value))
        if change is not None:
            change(next(quotes_in(changed)))
        with Store(year.database, create=False) as store:
            return "\n".join(Walk(store).faults(changed, shown))

    first = next(quotes_in(value))
    assert "not verbatim" in told(lambda q: q.update(before="He said: " + q["before"]))
    assert "not verbatim" in told(lambda q: q.update(marked=q["marked"].replace("price", "cost")))
    assert "not verbatim" in told(lambda q: q.update(marked="[name 1] said " + q["marked"]))
    assert "not verbatim" in told(lambda q: q.update(text=q["text"] + "!"))
    assert "is not at" in told(lambda q: q.update(start=q["start"] + 1, end=q["end"] + 1))
    assert "its sentence begins at" in told(lambda q: q.update(play_ms=q["play_ms"] + 1100))
    assert "its clip ends before" in told(lambda q: q.update(clip_end_ms=q["play_ms"]))
    assert "no such turn" in told(lambda q: q.update(utterance_index=99))
    assert "not in the value" in told(lambda q: q.update(quote_id="q-another"))
    marked = f"<mark>{first['marked']}</mark>"
    assert marked in page
    assert "shows" in told(shown=page.replace(marked, f"<mark>{first['marked']}, very</mark>", 1))
    assert "marks and" in told(shown=page.replace("</main>", "<p><mark>made up</mark></p></main>"))
    assert "outside: shows" in told(shown=page.replace("</main>", "<bdi><mark>made up</mark></bdi></main>"))


@pytest.mark.audio
def test_the_walk_hears_a_clip_that_begins_elsewhere(sample_workspace: Path, tmp_path: Path) -> None:
    """A clip of another moment, or of another call, is found out."""
    place = find_workspace(sample_workspace)
    value, page, _ = walked(place, SAMPLE, tmp_path, "digest")
    players = re.findall(r'src="(data:audio[^"]+)"', page)
    assert players[0] != players[-1]
    with Store(place.database, create=False) as store:
        walk = Walk(store)
        swapped = page.replace(players[0], players[-1], 1)
        assert re.search(r"not in the recording|its clip begins at", "\n".join(walk.faults(value, swapped)))


def test_marks_stand_for_words() -> None:
    """The pattern of marks knows those of redaction, and not what people say in brackets."""
    assert all(
        MARK.fullmatch(mark)
        for mark in ("[name 12]", "[e-mail]", "[phone]", "[card]", "[iban]", "[account 1]")
    )
    assert not MARK.search("[Sic] a[1] [x=2]")
