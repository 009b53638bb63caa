"""What people write down about calls: a manifest (CSV or JSON) or a sidecar beside one file."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import getaddresses, unquote
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from callmine.crm.tables import Problem, Row, clean, fold, read_table
from callmine.crm.values import BadValue, text_of
from callmine.domain import FACT_WORDS, Facts, Participant
from callmine.errors import UsageError
from callmine.validation import LANGUAGE_HINT, YEARS, did_you_mean, language_code

COLUMNS: tuple[str, ...] = ("path", *Facts.__dataclass_fields__)
"""Columns of a manifest; only ``path`` is required."""

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]+@[^\s<>()\[\],;:\"@]+")
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
        facts, more = _facts(cells, ZoneInfo(timezone))
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
    facts, bad = _facts(cells, ZoneInfo(timezone))
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


def _facts(cells: Mapping[str, Any], zone: ZoneInfo) -> tuple[Facts, list[BadValue]]:
    """Return the facts of a row and everything that is wrong with them."""
    faults: list[BadValue] = []
    values: dict[str, Any] = {}
    for name in COLUMNS[1:]:
        cell = cells.get(name)
        try:
            if name == "participants":
                values[name] = participants_of(cell)
            elif (text := text_of(cell)) is None:
                continue
            elif name == "started_at":
                values[name] = instant_of(text, zone)
            elif name == "language":
                values[name] = _language(text)
            elif name == "rep_email":
                values[name] = _email(text)
            elif name in FACT_WORDS:
                values[name] = _word(name, text)
            else:
                values[name] = text
        except BadValue as fault:
            faults.append(fault)
    return Facts(**values), faults


def _word(name: str, text: str) -> str:
    known = FACT_WORDS[name]
    if text.casefold() not in known:
        raise BadValue(
            f"{name} {text!r} is not one of {', '.join(known)}{did_you_mean(text.casefold(), known)}",
            f"Write {' or '.join(known)}, or leave it empty.",
        )
    return text.casefold()


def _language(text: str) -> str:
    try:
        return language_code(text)
    except ValueError as fault:
        raise BadValue(str(fault), LANGUAGE_HINT) from fault


def _email(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise BadValue(f"{text!r} is not an e-mail address", "Write one such as name@acme.example.")
    return text


def instant_of(text: str, zone: ZoneInfo) -> str:
    """Return a UTC instant; a time without an offset is in ``zone``, a date begins its day there.

    Raises:
        BadValue: Not an ISO date or time.
    """
    fault = BadValue(
        f"started_at {text!r} is not an ISO time", "Write 2026-10-02T09:30:00+02:00, with the offset."
    )
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]|$)", text):
        raise fault
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise fault from error
    if moment.year not in YEARS:
        raise fault
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def participants_of(cell: Any) -> tuple[Participant, ...]:
    """Return the people in ``Name <e-mail>; …``, in a list of such texts, or of objects.

    A piece may also be an address alone, whose name is then empty, or a name alone.

    Raises:
        BadValue: A piece is none of these.
    """
    pieces: list[Participant] = []
    for item in cell if isinstance(cell, list) else [cell]:
        if isinstance(item, dict):
            if unknown := sorted(set(item) - {"name", "email"}):
                raise BadValue(f"participant: unknown key {unknown[0]!r}", "Known: name, email.")
            email = text_of(item.get("email"))
            pieces.append(Participant(clean(item.get("name")), _email(email) if email else None))
        else:
            pieces.extend(_person(piece) for piece in _pieces(clean(item)))
    return tuple(dict.fromkeys(p for p in pieces if p.name or p.email))


def _pieces(text: str) -> list[str]:
    """Split at semicolons outside quotes; at commas only where that is what mail programs do."""
    pieces = [p.strip() for p in re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^;])+', text)]
    if len(pieces) == 1 and text.count("@") > 1:
        parsed = [(name, mail) for name, mail in getaddresses([text]) if name or mail]
        # Older Pythons make "a@b@c" one address and lose a part: every "@" must be accounted for.
        if text.count("@") == len(parsed) and all(_ADDRESS.fullmatch(mail) for _, mail in parsed):
            return [f"{name} <{mail}>" for name, mail in parsed]
    return [p for p in pieces if p]


def _person(piece: str) -> Participant:
    # Not parseaddr: it takes "Linden, Maya <maya@…>" for somebody called Linden.
    bracketed = re.fullmatch(r"([^<>]*)<\s*(?:mailto:)?([^<>]*?)\s*>", piece)
    if bracketed:
        return Participant(unquote(bracketed[1].strip()).strip(), _email(bracketed[2]))
    if "@" in piece or "<" in piece or ">" in piece:
        return Participant("", _email(piece))
    return Participant(unquote(piece), None)


__all__ = [
    "ManifestFile",
    "ManifestRow",
    "instant_of",
    "participants_of",
    "read_manifest",
    "read_sidecar",
]
