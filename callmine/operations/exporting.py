"""Export tables for other tools."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any

from callmine.files import write_whole
from callmine.operations.counting import counted_from
from callmine.operations.listing import in_stage
from callmine.reports.digest_values import DigestSettings
from callmine.reports.standing import counts
from callmine.store import Store
from callmine.store.meanings import TABLES
from callmine.store.rows import EvidenceRow
from callmine.store.writing import dump
from callmine.workspace import Workspace

EXPORTED = ("calls", "utterances", "findings", "deals", "deal_history", "links")

_KEYS: Mapping[str, tuple[str, ...]] = {
    "calls": ("call_id",),
    "utterances": ("call_id", "utterance_index"),
    "deals": ("deal_id",),
    "deal_history": ("deal_id", "since", "id"),
    "links": ("call_id",),
}
"""What rows are sorted by; how they are stored depends on which call came, or ended, first."""

_OWN: Mapping[str, frozenset[str]] = {
    "deals": frozenset({"known_at", "import_id"}),
    "deal_history": frozenset({"id", "imported_at"}),
}
"""Columns that are about taking in: the same deals imported twice give the same export."""

FINDING_COLUMNS = (
    *TABLES["findings"][1],
    "role",
    "verdict",
    "verdict_by",
    "verdict_at",
    "replaced_by",
    "found_label",
    "second_verdict",
    "second_model",
    "counts",
)
"""Columns of exported findings: the table's, who said it, what a person and a second reader said, and
whether reports count it."""

_FORMULA = frozenset("=+-@")


def export_tables(workspace: Workspace, folder: Path, *, format: str = "csv") -> dict[Path, int]:
    """Write one file a table; return path to number of rows.

    Findings are as ``callmine findings --json`` tells them: the label is the one that a person
    gave, where one did, else a second reader. They stand in the order of the calls' times, other
    rows in that of their ids, in whatever order calls came and ended. History stands by deal and
    instant, each change as it was learnt: of the CRM's own, what it does not say is empty.
    In CSV, text that a spreadsheet would run as a formula gets a leading apostrophe; JSON lines are exact.

    Args:
        workspace: Where from.
        folder: Where to; made when it is not there.
        format: ``csv`` or ``jsonl``.
    """
    written = {}
    with Store(workspace.database, create=False) as store:
        for table in EXPORTED:
            if table == "findings":
                settings = counted_from(workspace)
                rows = [_finding(row, settings) for row in in_stage(workspace, store.evidence())]
                columns = list(FINDING_COLUMNS)
            else:
                columns = [name for name in TABLES[table][1] if name not in _OWN.get(table, ())]
                stored = sorted(store.table_rows(table), key=itemgetter(*_KEYS[table]))
                rows = [{name: row[name] for name in columns} for row in stored]
            text = _csv(columns, rows) if format == "csv" else _jsonl(rows)
            path = folder / f"{table}.{format}"
            write_whole(path, text, folders=True)
            written[path] = len(rows)
    return written


def _finding(row: EvidenceRow, settings: DigestSettings) -> dict[str, Any]:
    """Return a finding's row; its detail stays JSON text, as in the database."""
    values = {name: getattr(row, name) for name in FINDING_COLUMNS if name != "counts"}
    return {**values, "detail": dump(row.detail), "counts": counts(row, settings)}


def _csv(columns: list[str], rows: Iterable[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(row[c]) for c in columns])
    return out.getvalue()


def _harmless(value: Any) -> Any:
    """Return a cell with an apostrophe before what a spreadsheet would run.

    Some of them skip blanks, control characters and marks without width before a formula, and take
    full-width signs for the plain ones.
    """
    if not isinstance(value, str):
        return value
    first = next((c for c in value if not _is_skipped(c)), "")
    starts = unicodedata.normalize("NFKC", first)[:1] in _FORMULA
    return "'" + value if starts or unicodedata.category(value[:1] or "x") == "Cc" else value


def _is_skipped(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf")


def _jsonl(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows)
