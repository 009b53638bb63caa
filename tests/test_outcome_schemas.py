"""Pages on won and lost deals as JSON: the published shape, and nothing that JSON does not know."""

from __future__ import annotations

import json
import os

import pytest
from test_render_json import SCHEMA, check, passes

from callmine.reports.comparison import CompareReport
from callmine.reports.outcome_values import OutcomeReport
from callmine.reports.render.compare import JSON as COMPARE
from callmine.reports.render.outcome_pages import JSON as OUTCOMES


@pytest.fixture
def report(small_year_reports: tuple[OutcomeReport, CompareReport]) -> OutcomeReport:
    return small_year_reports[0]


@pytest.fixture
def compared(small_year_reports: tuple[OutcomeReport, CompareReport]) -> CompareReport:
    return small_year_reports[1]


@pytest.mark.parametrize("name", ["outcomes", "compare"])
def test_published_schemas_are_the_schemas(name: str) -> None:
    """The files in docs are what the types say; UPDATE_SNAPSHOTS=1 writes them anew."""
    schema = {"outcomes": OUTCOMES.schema, "compare": COMPARE.schema}[name]()
    made = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    file = SCHEMA.with_name(f"{name}-schema.json")
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(made, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == made


def strictly(text: str) -> object:
    """Read JSON that has no number JSON does not know."""
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_json_follows_the_published_schemas(report: OutcomeReport, compared: CompareReport) -> None:
    """Both validate, hold numbers only that JSON knows, and the text is the value."""
    for name, text, value in (
        ("outcomes", OUTCOMES.text(report), OUTCOMES.value(report)),
        ("compare", COMPARE.text(compared), COMPARE.value(compared)),
    ):
        schema = json.loads(SCHEMA.with_name(f"{name}-schema.json").read_text("utf-8"))
        read = strictly(text)
        check(read, schema, schema)
        assert read == value
        assert isinstance(read, dict)
        assert not passes({**read, "extra": 1}, schema, schema, "$")
        assert not passes({**read, "format": "other/1"}, schema, schema, "$")
        assert not passes({k: v for k, v in read.items() if k != "since"}, schema, schema, "$")


def test_whole_turns_stay_out_of_json(report: OutcomeReport) -> None:
    """A passage is quoted, not the rest of the turn."""
    quote = OUTCOMES.value(report)["families"][0]["lines"][0]["quotes"][0]
    assert not {"utterance", "clip"} & set(quote)
    assert quote["text"] in quote["before"] + quote["marked"] + quote["after"]
