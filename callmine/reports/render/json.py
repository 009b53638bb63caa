"""The digest as JSON of a published shape, ``docs/digest-schema.json``; what all reports in JSON share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from callmine.reports.digest_values import Digest
from callmine.reports.render import check_evidence

LEFT_OUT = frozenset({"clip", "clips_left_out", "utterance"})
"""Not in the JSON: recordings, and whole turns of which a passage is quoted."""

Report = TypeVar("Report")


@dataclass(frozen=True, slots=True)
class Shape(Generic[Report]):
    """The published shape of one kind of report as JSON.

    Attributes:
        report: Type of the report's value.
        format: Name and version of the shape, such as ``callmine-digest/1``.
        title: What people call the report.
        check: Checks that every quote of a report is verbatim, right before it leaves the house.
    """

    report: type[Report]
    format: str
    title: str
    check: Callable[[Report], None]

    def value(self, report: Report) -> dict[str, Any]:
        """Return a report as a JSON value: its fields by name, and ``format`` first.

        Raises:
            CallmineError: A quote is not verbatim (a bug).
        """
        self.check(report)
        return {"format": self.format, **plain(report)}

    def text(self, report: Report) -> str:
        """Return a report as indented JSON text.

        Raises:
            CallmineError: A quote is not verbatim (a bug).
        """
        return json.dumps(self.value(report), ensure_ascii=False, indent=2) + "\n"

    def kept(self, report: Report) -> str:
        """Return a report as the JSON text that is kept: the same as :meth:`text`, on one line.

        Raises:
            CallmineError: A quote is not verbatim (a bug).
        """
        return json.dumps(self.value(report), ensure_ascii=False, separators=(",", ":"))

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of :meth:`value`, made from the values' own types."""
        schema = TypeAdapter(self.report).json_schema()
        definitions = schema.pop("$defs")
        definitions.pop("Clip")
        for part in (schema, *definitions.values()):
            if part.get("type") != "object":
                continue
            for name in LEFT_OUT & part["properties"].keys():
                del part["properties"][name]
            part["required"] = list(part["properties"])
            part["additionalProperties"] = False
        properties = {
            "format": {"const": self.format, "title": "Format", "type": "string"},
            **schema["properties"],
        }
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **schema,
            "title": self.title,
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


JSON = Shape(Digest, "callmine-digest/1", "Weekly objection digest", check_evidence)
"""Published as ``docs/digest-schema.json``."""
