"""The JSON and its published schema, which is made from the same types."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from digest_rows import call, digest, rich_week, said

from callmine.reports.clips import attach_clips
from callmine.reports.digest_values import Digest
from callmine.reports.render.json import JSON

SCHEMA = Path(__file__).parents[1] / "docs" / "digest-schema.json"


def check(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$") -> None:
    """Check a value against the parts of JSON Schema that our schema uses; fail on any other."""
    known = {
        "$ref",
        "anyOf",
        "type",
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
        "properties",
        "required",
        "additionalProperties",
        "enum",
        "const",
    }
    ignored = {"title", "description", "default", "$schema", "$defs"}
    assert set(schema) <= known | ignored, f"{at}: unknown keywords {set(schema) - known - ignored}"
    if "$ref" in schema:
        check(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    if "anyOf" in schema:
        assert any(passes(value, option, root, at) for option in schema["anyOf"]), f"{at}: {value!r}"
    if "enum" in schema:
        assert value in schema["enum"], f"{at}: {value!r}"
    if "const" in schema:
        assert value == schema["const"], f"{at}: {value!r}"
    kinds = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
    }
    if "type" in schema and schema["type"] == "null":
        assert value is None, f"{at}: {value!r}"
    elif "type" in schema:
        assert isinstance(value, kinds[schema["type"]]), f"{at}: {value!r}"  # type: ignore[arg-type]
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            check(item, schema["items"], root, f"{at}[{number}]")
    if isinstance(value, list) and "prefixItems" in schema:
        assert len(value) == schema["minItems"] == schema["maxItems"] == len(schema["prefixItems"]), at
        for number, (item, one) in enumerate(zip(value, schema["prefixItems"], strict=True)):
            check(item, one, root, f"{at}[{number}]")
    if isinstance(value, dict) and isinstance(schema.get("additionalProperties"), dict):
        for key, item in value.items():
            check(item, schema["additionalProperties"], root, f"{at}.{key}")
    if isinstance(value, dict) and "properties" in schema:
        assert set(schema["required"]) <= set(value) <= set(schema["properties"]), at
        for key, item in value.items():
            check(item, schema["properties"][key], root, f"{at}.{key}")


def passes(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> bool:
    try:
        check(value, schema, root, at)
    except AssertionError:
        return False
    return True


def test_published_schema_is_the_schema() -> None:
    """The file in docs is what the types say; UPDATE_SNAPSHOTS=1 writes it anew."""
    made = json.dumps(JSON.schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        SCHEMA.write_text(made, encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == made


@pytest.mark.parametrize("made", [digest(*rich_week()), digest([], []), digest([call()], [said(call())])])
def test_json_follows_the_published_schema(made: Digest) -> None:
    """Rich, empty and first-week digests validate, and the text is the value."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    value = json.loads(JSON.text(made))
    check(value, schema, schema)
    assert value == JSON.value(made)


def test_schema_refuses_what_is_not_a_digest() -> None:
    """An unknown field, a wrong type and a missing field are noticed."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    value = JSON.value(digest([], []))
    for wrong in (
        {**value, "extra": 1},
        {**value, "calls": "1"},
        {k: v for k, v in value.items() if k != "week"},
    ):
        assert not passes(wrong, schema, schema, "$")


def test_recordings_and_whole_turns_stay_out() -> None:
    """The JSON quotes a passage; it carries neither audio nor the rest of the turn."""
    calls, rows = rich_week()
    made = attach_clips(digest(calls, rows), rows, lambda *_: b"OggS")
    quote = JSON.value(made)["objections"][0]["quotes"][0]
    assert "clip" not in quote
    assert "utterance" not in quote
    assert quote["text"] in quote["before"] + quote["marked"] + quote["after"]
