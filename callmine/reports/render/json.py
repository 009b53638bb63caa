"""The digest as JSON of a published shape, ``docs/digest-schema.json``; what all reports in JSON share."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import TypeAdapter

from callmine.reports.digest_values import Digest
from callmine.reports.render import check_evidence

FORMAT = "callmine-digest/1"

LEFT_OUT = frozenset({"clip", "clips_left_out", "utterance"})
"""Not in the JSON: recordings, and whole turns of which a passage is quoted."""


def digest_json(digest: Digest) -> dict[str, Any]:
    """Return the digest as a JSON value: its fields by name, and ``format`` first.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    check_evidence(digest)
    return {"format": FORMAT, **plain(digest)}


def render_json(digest: Digest) -> str:
    """Return the digest as indented JSON text.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    return json.dumps(digest_json(digest), ensure_ascii=False, indent=2) + "\n"


def digest_schema() -> dict[str, Any]:
    """Return the JSON Schema of :func:`digest_json`, made from the values' own types."""
    return schema_of(Digest, title="Weekly objection digest", format=FORMAT)


def schema_of(report: type, *, title: str, format: str) -> dict[str, Any]:
    """Return the JSON Schema of a report's value as :func:`plain` makes it, with ``format`` first.

    Args:
        report: Type of the report.
        title: What people call it.
        format: Name and version of the shape.
    """
    schema = TypeAdapter(report).json_schema()
    definitions = schema.pop("$defs")
    definitions.pop("Clip")
    for part in (schema, *definitions.values()):
        if part.get("type") != "object":
            continue
        for name in LEFT_OUT & part["properties"].keys():
            del part["properties"][name]
        part["required"] = list(part["properties"])
        part["additionalProperties"] = False
    properties = {"format": {"const": format, "title": "Format", "type": "string"}, **schema["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": title,
        "properties": properties,
        "required": list(properties),
        "$defs": definitions,
    }


def plain(value: Any) -> Any:
    """Return a report's value as JSON knows it, without what is :data:`LEFT_OUT`."""
    if is_dataclass(value):
        names = (f.name for f in fields(value) if f.name not in LEFT_OUT)
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value
