"""Export tables for other tools."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from callmine.config import Workspace
from callmine.operations.reporting import write_atomically
from callmine.store import Store
from callmine.store.meanings import TABLES

EXPORTED = ("calls", "utterances", "findings", "deals", "links")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_tables(workspace: Workspace, folder: Path, *, format: str = "csv") -> dict[Path, int]:
    """Write one file a table; return path to number of rows.

    In CSV, text that a spreadsheet would run as a formula gets a leading apostrophe; JSON lines
    are exact.

    Args:
        workspace: Where from.
        folder: Where to; made when it is not there.
        format: ``csv`` or ``jsonl``.
    """
    written = {}
    with Store(workspace.database, create=False) as store:
        for table in EXPORTED:
            rows = list(store.table_rows(table))
            columns = list(TABLES[table][1])
            text = _csv(columns, rows) if format == "csv" else _jsonl(rows)
            path = folder / f"{table}.{format}"
            write_atomically(path, text)
            written[path] = len(rows)
    return written


def _csv(columns: list[str], rows: Iterable[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(row[c]) for c in columns])
    return out.getvalue()


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def _jsonl(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows)
