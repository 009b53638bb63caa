"""From a generated year to the pages: all commands, end to end, on what a whole workspace holds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import callmine
from test_render_html import Page
from test_render_json import check
from test_render_markdown import inline

from benchmarks.year.values import Year
from callmine.reports.render.compare import JSON as COMPARE
from callmine.reports.render.outcome_pages import JSON as OUTCOMES
from callmine.store import Store
from callmine.workspace import Workspace


@pytest.fixture(scope="module")
def place(generated: tuple[Year, Workspace], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that these tests may write reports to."""
    root = tmp_path_factory.mktemp("year") / "workspace"
    return Path(shutil.copytree(generated[1].root, root))


@pytest.fixture(scope="module")
def value(place: Path) -> dict[str, Any]:
    """The report as JSON, as the command prints it."""
    told = callmine("outcomes", "--format", "json", "-o", "-", at=place)
    assert told.code == 0
    return dict(told.json)


def quotes(value: object) -> Iterator[dict[str, Any]]:
    """Yield every quote of a JSON value, wherever it stands."""
    if isinstance(value, dict):
        if "quote_id" in value:
            yield value
        for part in value.values():
            yield from quotes(part)
    elif isinstance(value, list):
        for part in value:
            yield from quotes(part)


def assert_verbatim(place: Path, value: object) -> int:
    """Check every quote against the store; return how many there are."""
    found = list(quotes(value))
    with Store(place / "callmine.db") as store:
        for quote in found:
            said = {u.index: u.text for u in store.utterances(quote["call_id"])}[quote["utterance_index"]]
            assert said[quote["start"] : quote["end"]] == quote["text"]
            assert quote["before"] + quote["marked"] + quote["after"] in said
    return len(found)


def test_json_is_whole_and_its_quotes_verbatim(place: Path, value: dict[str, Any]) -> None:
    """It follows the published schema, has every section, and quotes what the store holds."""
    schema = OUTCOMES.schema()
    check(value, schema, schema)
    assert assert_verbatim(place, value) > 50
    # All but conversion: one export without the CRM's history tells no stage but the last.
    sections = ("coverage", "bias", "answers", "waiting", "reasons", "pairs", "phrases", "groups", "deals")
    assert [name for name in sections if not value[name]] == []
    assert json.dumps(value, allow_nan=False)


def test_deals_are_counted_once_and_are_those_of_the_year(
    generated: tuple[Year, Workspace], value: dict[str, Any]
) -> None:
    """Every deal that is named exists; with and without a thing make all that are compared."""
    with Store(generated[1].database) as store:
        outcomes = {deal.deal_id: deal.outcome.value for deal in store.deals()}
    told = {deal["deal_id"]: deal["outcome"] for deal in value["deals"]}
    assert told.items() <= outcomes.items()
    for family in value["families"]:
        for line in family["lines"]:
            a = line["association"]
            assert a["with_it"]["total"] + a["without"]["total"] == value["basis"]["compared"]["total"]
            assert len(line["deals"]) == len(set(line["deals"])) == a["with_it"]["total"]
            assert set(line["deals"]) <= set(told)


def test_labels_without_effect_are_not_found(
    generated: tuple[Year, Workspace], value: dict[str, Any]
) -> None:
    """Nothing is said of the labels that are worth nothing, on this year at least."""
    lines = {line["label"]: line["association"] for f in value["families"] for line in f["lines"]}
    assert set(generated[0].labels) <= set(lines)
    for label in generated[0].labels:
        assert lines[label]["verdict"] in ("not_enough", "no_difference")


def test_pages(place: Path, value: dict[str, Any]) -> None:
    """HTML nests, with one place for each anchor; Markdown has no HTML; both have the number of deals."""
    for format in ("html", "md"):
        told = callmine("outcomes", "--format", format, at=place)
        assert told.code == 0
        assert "wrote" in told.out
    deals = value["basis"]["deals"]
    total = f"{deals['successes']} of {deals['total']} closed deals were won"
    page = Page(next((place / "reports").glob("outcomes-*.html")).read_text("utf-8"))
    ids = list(page.values("id"))
    assert total in page.words
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(ids)
    text = next((place / "reports").glob("outcomes-*.md")).read_text("utf-8")
    assert total in text
    assert not {token.type for token in inline(text)} & {"html_inline", "html_block"}


@pytest.mark.parametrize(
    "pair",
    [("price", "trust"), ("message:rota-in-an-hour", "overtime-down"), ("Lantern", "Rosterwick")],
)
def test_compare(place: Path, pair: tuple[str, str]) -> None:
    """Two objections, two messages, two rivals: an answer in words, the same in JSON, and its proof."""
    told = callmine("compare", *pair, at=place)
    assert (told.code, told.err) == (0, "")
    value = callmine("compare", *pair, "--json", at=place).json
    schema = COMPARE.schema()
    check(value, schema, schema)
    assert assert_verbatim(place, value) > 1
    for side in ("a", "b"):
        assert len(value[side]["deals"]) == value["comparison"][side]["total"]
        assert f"{value['comparison'][side]['total']:,} deals with it and not the other" in told.out


def test_words_are_compared_too(place: Path, value: dict[str, Any]) -> None:
    """Words of a quote of a rep are found again, in that call among others."""
    message = next(f for f in value["families"] if f["family"] == "message")["lines"][0]
    words = " ".join(message["quotes"][0]["text"].split()[:3])
    told = callmine("compare", f"phrase:{words}", "price", "--json", at=place)
    assert told.code == 0, told.err
    assert assert_verbatim(place, told.json) > 1
