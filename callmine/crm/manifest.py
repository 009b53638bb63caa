"""What people write down about calls: a manifest (CSV or JSON) or a sidecar beside one file."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from callmine.crm.facts import facts_of
from callmine.crm.rows import Problem, Row, clean, fold
from callmine.crm.tables import read_table
from callmine.crm.values import BadValue, text_of
from callmine.domain import Facts
from callmine.errors import UsageError
from callmine.validation import did_you_mean

COLUMNS: tuple[str, ...] = ("path", *Facts.__dataclass_fields__)
"""Columns of a manifest; only ``path`` is required."""

_MAX_SIDECAR = 1_000_000


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One call of a manifest: its file (absolute), what is known about it, and its line."""

    path: Path
    facts: Facts
    line: int


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """What a manifest holds.

    Attributes:
        rows: One per file, in order.
        problems: Rows left out and columns not known, by line.
        refused: Files that exist but whose row is faulty, or another row of the same call. They must
            not be taken in without their facts: the fault may be in the consent.
        faulty: How many rows were left out.
        incomplete: Whether rows could not be read at all, so that a file that no row names may
            be theirs.
        notes: Remarks about the file as a whole.
    """

    rows: tuple[ManifestRow, ...]
    problems: tuple[Problem, ...]
    refused: tuple[Path, ...]
    faulty: int
    incomplete: bool
    notes: tuple[str, ...]


def read_manifest(path: Path, *, timezone: str = "UTC") -> ManifestFile:
    """Read a manifest.

    A faulty row is left out and listed; the others are kept. Of two rows for one file the later
    counts, unless the earlier says that there is no consent.

    Args:
        path: CSV with a header, or a JSON list; file paths in it are relative to its folder.
        timezone: Zone of times that name none.

    Raises:
        UsageError: The file cannot be read as a table, has no column ``path``, or has a column
            that seems to be a misspelt ``consent``: a refusal in it would go unread.
    """
    table = read_table(path, known=COLUMNS)
    if "path" not in table.columns and (table.rows or not table.problems):
        found = ", ".join(name[:60] for name in list(table.columns.values())[:12])
        raise UsageError(
            f"{path}: no column 'path'{did_you_mean('path', table.columns.values())}; found: {found}",
            hint=f"The first line names the columns: {', '.join(COLUMNS)}.",
        )
    known = {fold(name): name for name in COLUMNS}
    if "consent" not in table.columns:
        for folded, written in table.columns.items():
            if folded not in known and _means_consent(folded):
                raise UsageError(
                    f"{path}: column {clean(written)[:60]!r} seems to hold the consent, but is not read",
                    hint="Call it 'consent' (yes, no or unknown), or rename it if it means something else.",
                )
    problems = [
        Problem(1, None, _unknown(written), f"Known: {', '.join(COLUMNS)}.")
        for folded, written in table.columns.items()
        if folded not in known
    ]
    problems.extend(table.problems)
    rows: dict[Path, ManifestRow] = {}
    refused: dict[Path, None] = {}
    unsure: dict[str, int] = {}  # external id to the line of a faulty row that may refuse this call
    faulty = len(table.problems)
    for row in table.rows:
        cells = {known[name]: cell for name, cell in row.cells.items() if name in known}
        file, faults = _file(path.absolute().parent, cells.get("path"))
        facts, more = facts_of(cells, ZoneInfo(timezone))
        for fault in (faults := faults + more):
            problems.append(_problem(row, cells, fault))
        faulty += bool(faults)
        if more and facts.external_id:
            unsure.setdefault(facts.external_id, row.line)
        same = file.resolve() if file else None
        if file is None or same is None:
            continue
        if faults:
            refused[same] = None
        elif earlier := rows.get(same):
            kept = earlier if earlier.facts.consent == "no" else ManifestRow(file, facts, row.line)
            what = f"this file is in line {earlier.line} too; line {kept.line} counts"
            problems.append(_problem(row, cells, BadValue(what)))
            rows[same] = kept
        else:
            rows[same] = ManifestRow(file, facts, row.line)
    for same, kept in rows.items():
        line = unsure.get(kept.facts.external_id or "")
        if line is not None and same not in refused and kept.facts.consent != "no":
            refused[same] = None
            faulty += 1
            what = f"{kept.path.name}: the row of this call in line {line} is faulty"
            problems.append(Problem(kept.line, kept.facts.external_id, what, "Mend that row."))
    kept_rows = tuple(row for same, row in rows.items() if same not in refused)
    return ManifestFile(
        kept_rows,
        tuple(sorted(problems, key=lambda p: p.line)),
        tuple(refused),
        faulty=faulty,
        incomplete=bool(table.problems),
        notes=table.notes,
    )


def read_sidecar(path: Path, *, timezone: str = "UTC") -> Facts:
    """Read the facts of one call from ``NAME.json``: an object with the keys of a manifest.

    Raises:
        UsageError: Not such an object, or a value in it is faulty. The call must not be taken in
            without its facts: the fault may be in the consent.
    """
    hint = f"Write a JSON object with any of: {', '.join(COLUMNS[1:])}."
    try:
        if path.stat().st_size > _MAX_SIDECAR:
            raise UsageError(f"{path.name}: too large for a sidecar", hint=hint)
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path.name}: cannot be read as JSON: {error}", hint=hint) from error
    if not isinstance(data, dict):
        raise UsageError(f"{path.name}: not a JSON object", hint=hint)
    known = {fold(name): name for name in COLUMNS}
    faults = [_unknown(key) for key in data if fold(key) not in known]
    cells = {known[fold(key)]: value for key, value in data.items() if fold(key) in known}
    facts, bad = facts_of(cells, ZoneInfo(timezone))
    if faults := faults + [str(fault) for fault in bad]:
        raise UsageError(f"{path.name}: {'; '.join(faults)}", hint=hint)
    return facts


def _means_consent(folded: str) -> bool:
    return "consent" in folded or bool(difflib.get_close_matches("consent", [folded], n=1, cutoff=0.7))


def _unknown(written: str) -> str:
    return f"unknown column {clean(written)[:60]!r}{did_you_mean(written, COLUMNS)}"


def _problem(row: Row, cells: Mapping[str, Any], fault: BadValue) -> Problem:
    shown = clean(cells.get("path"))[:200]
    what = f"{shown}: {fault}" if shown else str(fault)
    return Problem(row.line, text_of(cells.get("external_id")), what, fault.hint)


def _file(folder: Path, cell: Any) -> tuple[Path | None, list[BadValue]]:
    """Return the file a row names, if it is one, and what is wrong with it."""
    name = cell.strip() if isinstance(cell, str) else ""
    if not name:
        return None, [BadValue("no path; the row is left out")]
    # Lists written on Windows name audio\01.wav.
    for written in dict.fromkeys((name, name.replace("\\", "/"))):
        try:
            if (folder / written).is_file():
                return folder / written, []
        except (OSError, ValueError):
            continue
    return None, [BadValue("there is no such file", f"Paths are relative to {folder}.")]
