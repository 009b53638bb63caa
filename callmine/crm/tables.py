"""Tables that people export: CSV and JSON, read with true line numbers and without guessing much.

A damaged row is a :class:`~callmine.crm.rows.Problem` and the rows around it are kept; a file that
cannot be a table at all is a :class:`~callmine.errors.UsageError`, of which
:class:`~callmine.errors.UnreadableTable` is one that holds nothing readable.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from callmine.crm.footers import footer_begins, id_in_footer
from callmine.crm.rows import Problem, Row, Table, clean, fold
from callmine.errors import UnreadableTable, UsageError

MAX_BYTES = 200_000_000
"""Larger files are refused."""

MAX_FIELD = 131_072
"""Characters in one field; more means that a quote is not closed, or somebody is playing tricks."""

MAX_DAMAGED = 1_000
"""After so many damaged rows in a row of trouble the file is given up."""

_HEADER = 64
"""Bytes that surely belong to the header."""

SEPARATORS = (",", ";", "\t", "|")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def read_table(
    path: Path,
    *,
    known: Collection[str],
    encoding: str | None = None,
    separator: str | None = None,
    wrappers: Sequence[str] = (),
    ids: Collection[str] | None = None,
) -> Table:
    """Read a CSV or JSON table.

    Args:
        path: The file.
        known: Column names that can be expected; they decide between separators.
        encoding: Encoding, if it is known. A byte-order mark wins; without either UTF-8 is
            tried, then cp1252, which is a guess and noted as one.
        separator: Separator, if it is known.
        wrappers: Keys under which a JSON object may hold the list.
        ids: Names of the columns with a deal's id, in tables whose last lines may be no rows ("Grand
            Totals") and are told as such.

    Raises:
        UsageError: The file is missing, too large, or another kind of file.
        UnreadableTable: It is empty, no text, damaged, or no table.
    """
    text, notes, used = _text(path, encoding)
    if path.suffix.lower() == ".toml":
        raise _not_a_table(path)
    if not text.strip():
        raise UnreadableTable(f"{path}: the file is empty", hint="Export it again, with its header line.")
    if text.lstrip()[0] in "[{":
        table = _json_table(path, text, notes, wrappers)
    else:
        table = _csv_table(path, text, notes, {fold(name) for name in known}, separator, ids)
    return replace(table, encoding=used)


def _not_a_table(path: Path) -> UsageError:
    return UsageError(
        f"{path}: this is TOML, not a table",
        hint="Give the CSV or JSON export. Was this the mapping file? That one goes behind --mapping:"
        " callmine deals EXPORT.csv --mapping FILE.toml",
    )


def _is_toml(text: str) -> bool:
    try:
        return any(tomllib.loads(text).values())
    except (ValueError, RecursionError):
        return False


def _text(path: Path, encoding: str | None) -> tuple[str, list[str], str | None]:
    """Return a file's text, remarks, and the encoding used where no byte-order mark says it."""
    try:
        if not path.is_file():
            what = "is not a file" if path.exists() else "there is no such file"
            raise UsageError(f"{path}: {what}", hint="Give the path of a CSV or JSON file.")
        if (size := path.stat().st_size) > MAX_BYTES:
            raise UsageError(
                f"{path}: {size / 1e6:.0f} MB, more than {MAX_BYTES / 1e6:.0f} MB",
                hint="Export fewer columns or a shorter time, or split the file and use --delta.",
            )
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", hint="Check the file's rights.") from error
    for mark, marked in _BOMS:
        if data.startswith(mark):
            return _decoded(path, data[len(mark) :], marked), [], None
    if encoding:
        return _decoded(path, data, encoding), [], encoding
    if name := _utf16(data):
        note = f"no byte-order mark, but every other byte is zero: read as {name}"
        return _decoded(path, data, name), [note], name
    try:
        return data.decode("utf-8"), [], "utf-8"
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        note = f"not UTF-8 (line {line}): read as cp1252, which is a guess; say encoding in the mapping"
        return _decoded(path, data, "cp1252"), [note], "cp1252"


def _utf16(data: bytes) -> str | None:
    """Return which UTF-16 this is, where a mark does not say it: a header's beginning is mostly ASCII."""
    begin = data[:_HEADER]
    first, second, most = begin[::2].count(0), begin[1::2].count(0), 0.4 * len(begin)
    return "utf-16-le" if second > most > first else "utf-16-be" if first > most > second else None


def _decoded(path: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableTable(
            f"{path}: not {encoding} text: {error}",
            hint="Save it as UTF-8, or say its encoding in the mapping; save a workbook (.xlsx) as CSV.",
        ) from error


def _csv_table(
    path: Path,
    text: str,
    notes: list[str],
    known: set[str],
    separator: str | None,
    ids: Collection[str] | None,
) -> Table:
    # Only real line ends: str.splitlines would also break at form feeds and U+2028.
    lines = list(io.StringIO(text, newline=""))
    first = 0
    if declared := re.fullmatch(r"sep=(.)\s*", lines[0], re.IGNORECASE):
        separator, first = separator or declared[1], 1
    while first < len(lines) and not lines[first].strip():
        first += 1
    separator = separator or _sniffed(lines[first:], known)
    records = _records(lines, first, separator)
    _, header = next(records, (0, []))
    if isinstance(header, str) or not any(map(clean, header)):
        raise UnreadableTable(
            f"{path}: no header line: {header}", hint="The first line must name the columns."
        )
    names = [fold(name) for name in header]
    columns: dict[str, str] = {}
    for name, written in zip(names, header, strict=True):
        if name in columns:
            notes.append(f"the column {clean(written)!r} is there twice; the first one is read")
        elif name:
            columns[name] = clean(written)
    rows, problems = [], []
    below = list(records)
    wanted = {fold(name) for name in ids or ()}
    at = [place for place, name in enumerate(names) if name in wanted]
    ends = len(below) if ids is None else footer_begins(below, len(names), at)
    for line, cells in below[ends:]:
        if any(cell.strip() for cell in cells):
            what = f"a report's last line ({clean(cells[0])[:40]!r}), no deal; the row is left out"
            problems.append(Problem(line, id_in_footer(cells, len(names), at), what))
    for line, cells in below[:ends]:
        if isinstance(cells, str):
            hint = "Mend the quotes of that line, or export again."
            problems.append(Problem(line, None, cells, hint, lost=True))
        elif any(cell.strip() for cell in cells):
            while len(cells) > len(names) and not cells[-1].strip():
                cells.pop()
            if len(cells) != len(names):
                problems.append(
                    Problem(
                        line,
                        None,
                        f"{len(cells)} cells where the header has {len(names)}; the row is left out",
                        f"Quote values that hold a {_NAMES.get(separator, 'separator')} or a line break.",
                        lost=True,
                    )
                )
                continue
            # Reversed, so that of a doubled column the first one stays.
            pairs = zip(reversed(names), reversed(cells), strict=True)
            rows.append(Row(line, {name: cell for name, cell in pairs if name}))
    return Table(columns, tuple(rows), tuple(problems), tuple(notes), separator=separator)


def _sniffed(lines: Sequence[str], known: set[str]) -> str:
    """Return the separator under which the header names most known columns, then most columns."""

    def fit(separator: str) -> tuple[int, int]:
        cells = next(_records(lines, 0, separator), (0, ""))[1]
        names = [] if isinstance(cells, str) else [fold(cell) for cell in cells]
        return len(known.intersection(names)), len(names)

    return max(SEPARATORS, key=fit)


def _records(lines: Sequence[str], first: int, separator: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield ``(line, cells)``, or ``(line, what is wrong)`` and go on with the line after it.

    Strict, because the lenient parser lets an unclosed quote swallow the rows that follow.
    """
    damaged = 0
    while first < len(lines):
        remaining = map(lines.__getitem__, range(first, len(lines)))
        reader = csv.reader(remaining, delimiter=separator, strict=True)
        begin = first
        try:
            for cells in reader:
                if cells:
                    yield begin + 1, cells
                begin = first + reader.line_num
            return
        except csv.Error as error:
            # Python's own limit is the same number; behind it may also be a quote that is not closed.
            what = (
                f"a field of more than {MAX_FIELD:,} characters, or a quote is not closed"
                if "field limit" in str(error)
                else f"a quote is not closed, or not doubled ({error})"
            )
            yield begin + 1, f"{what}; the row is left out"
            damaged += 1
            if damaged >= MAX_DAMAGED:
                yield begin + 2, f"{damaged:,} damaged rows; the rest of the file is not read"
                return
            first = begin + 1


def _json_table(path: Path, text: str, notes: list[str], wrappers: Sequence[str]) -> Table:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        if _is_toml(text):
            raise _not_a_table(path) from error
        raise UnreadableTable(f"{path}: not valid JSON: {error}", hint="Export it again.") from error
    if isinstance(data, dict):
        data = next((data[key] for key in wrappers if isinstance(data.get(key), list)), data)
    if not isinstance(data, list):
        shapes = " or ".join(["a list of objects", *(f'{{"{key}": […]}}' for key in wrappers)])
        raise UnreadableTable(f"{path}: holds no list of rows", hint=f"Write {shapes}.")
    columns: dict[str, str] = {}
    rows, problems = [], []
    for number, record in enumerate(data, start=1):
        if not isinstance(record, dict):
            problems.append(Problem(number, None, "not an object; the record is left out", lost=True))
            continue
        cells: dict[str, Any] = {}
        for key, value in _flat(record):
            if isinstance(value, str) and len(value) > MAX_FIELD:
                problems.append(
                    Problem(number, None, f"{key}: more than {MAX_FIELD:,} characters; left empty")
                )
                value = ""
            columns.setdefault(fold(key), clean(key))
            cells.setdefault(fold(key), value)
        rows.append(Row(number, cells))
    return Table(columns, tuple(rows), tuple(problems), tuple(notes))


def _flat(record: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield leaves as ``Account.Name``; HubSpot's ``properties`` add no prefix."""
    for key, value in record.items():
        if isinstance(value, dict):
            if depth < 4:
                inner = prefix if key == "properties" else f"{prefix}{key}."
                yield from _flat(value, inner, depth + 1)
        elif value is not None:
            yield f"{prefix}{key}", value
