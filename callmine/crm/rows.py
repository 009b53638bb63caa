"""A table as values: its rows, what is wrong with them, and cells and column names made plain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Control characters, direction overrides, byte-order marks and lone surrogates.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one row, or with one value of it.

    Attributes:
        line: Line of the file on which the row begins, from 1; in JSON the number of the record.
        about: What the row is about, where it says so: the deal's id, in a manifest the call's.
        what: What is wrong, one sentence.
        hint: What to do about it; may be empty.
        lost: Whether a row is left out because of a fault, rather than kept in part or no row at all.
    """

    line: int
    about: str | None
    what: str
    hint: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it begins, and its cells by folded column name."""

    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as read.

    Attributes:
        columns: Folded names to names as written.
        rows: In order.
        problems: Rows that could not be read.
        notes: Remarks about the file as a whole.
        encoding: As which its bytes were read, where no byte-order mark says it.
        separator: Of CSV.
    """

    columns: Mapping[str, str]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    encoding: str | None = None
    separator: str | None = None


def fold(column: str) -> str:
    """Return a column name without case, spaces, hyphens and underscores."""
    return re.sub(r"[\s_\-]+", "", clean(column)).casefold()


def clean(value: object) -> str:
    """Return a value as one line of text: no control characters, white space collapsed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(filter(None, map(clean, value)))
    text = str(value)
    if not text.isprintable():
        text = _UNSEEN.sub("", text)
    # Spreadsheets write ="00123" to keep leading zeros.
    if text.startswith('="') and text.endswith('"') and len(text) > 3:
        text = text[2:-1]
    return " ".join(text.split())
