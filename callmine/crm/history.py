"""The CRM's own history of its deals: who moved a deal to which stage, and when.

Salesforce's Opportunity History and Opportunity Field History (as reports or by API), HubSpot's
"Date entered" columns of a deal export, or any table with a deal, a time and a stage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from callmine.crm.mapping import History, Mapping
from callmine.crm.read import WRAPPERS
from callmine.crm.rows import Problem, Row, Table, fold
from callmine.crm.tables import read_table
from callmine.crm.values import BadValue, amount_of, date_of, id_key, text_of
from callmine.errors import UsageError
from callmine.validation import YEARS

_FIELDS = {"stage": "stage", "stagename": "stage", "amount": "amount", "closedate": "close_date"}
"""Which of ours a changed field is, by its folded name."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What the CRM recorded of a deal at a UTC instant; ``None`` is "not said"."""

    line: int
    deal_id: str
    at: str
    stage: str | None = None
    amount: float | None = None
    close_date: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """What a file of history holds: moments in order, one a deal and instant, and what was left out."""

    moments: tuple[Moment, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def read_history(path: Path, *, mapping: Mapping | None = None, timezone: str = "UTC") -> HistoryFile:
    """Read a CRM's history.

    Args:
        path: CSV or JSON.
        mapping: Its ``[history]`` names the columns, its ``[formats]`` hold; what it does not name of
            ``deal_id`` is looked for under ``[columns]``, too.
        timezone: Of times without an offset. A date without a time stands for the end of its day, so
            that nothing is said to have been known before it was.

    Raises:
        UsageError: The file cannot be read as a table, or lacks the columns needed.
    """
    used = mapping or Mapping()
    columns: History = used.history
    names = {ours: getattr(columns, ours) for ours in History.model_fields if ours != "entered"}
    names["deal_id"] = (*names["deal_id"], *used.columns.deal_id)
    table = read_table(
        path,
        known=[theirs for ours in names.values() for theirs in ours],
        encoding=used.formats.encoding,
        separator=used.formats.separator,
        wrappers=WRAPPERS,
        ids=names["deal_id"],
    )
    there = {
        ours: [folded for name in theirs if (folded := fold(name)) in table.columns]
        for ours, theirs in names.items()
    }
    reader = _Reader(used, there, ZoneInfo(timezone), _entered(table, columns.entered))
    if table.rows:
        reader.check(path, table)
    moments: dict[tuple[str, str], Moment] = {}
    for row in table.rows:
        for moment in reader.moments(row):
            key = (id_key(moment.deal_id), moment.at)
            before = moments.get(key)
            moments[key] = reader.merged(before, moment) if before else moment
    problems = sorted((*table.problems, *reader.problems), key=lambda p: p.line)
    notes = [*table.notes, *(["no rows"] if not table.rows else []), *reader.notes()]
    ordered = sorted(moments.values(), key=lambda m: (m.deal_id, m.at))
    return HistoryFile(tuple(ordered), tuple(problems), tuple(notes))


def _entered(table: Table, patterns: Sequence[str]) -> dict[str, str]:
    """Return the columns that hold when a stage began, with the stage each names."""
    found: dict[str, str] = {}
    for folded, written in table.columns.items():
        for pattern in patterns:
            before, star, after = pattern.partition("*")
            match = re.fullmatch(rf"{re.escape(before)}(.+){re.escape(after)}", written, re.IGNORECASE)
            if star and match:
                # HubSpot writes: Date entered "Contract sent (Sales Pipeline)"
                stage = re.sub(r"\s*\([^()]*\)$", "", match[1].strip(" \"'“”")).strip(" \"'“”")
                found.setdefault(folded, stage or match[1])
    return found


@dataclass
class _Reader:
    """Reads rows of one history and gathers their problems."""

    mapping: Mapping
    there: dict[str, list[str]]
    zone: ZoneInfo
    entered: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    skipped: int = 0

    def check(self, path: Path, table: Table) -> None:
        """Refuse a table that cannot be a history.

        Raises:
            UsageError: It has no deal, no time, or nothing that changed.
        """
        changed = any(self.there[name] for name in ("stage", "amount", "close_date"))
        by_field = self.there["field"] and self.there["new_value"]
        missing = [
            name
            for name, is_there in (
                ("deal_id", self.there["deal_id"]),
                ("at", self.there["at"] or self.entered),
                ("stage", changed or by_field or self.entered),
            )
            if not is_there
        ]
        if missing:
            shown = ", ".join(name[:60] for name in list(table.columns.values())[:12])
            raise UsageError(
                f"{path}: no column for {' and '.join(missing)} of the deals' history; found: {shown}",
                hint="Say which column it is under [history] in a file given with --mapping:"
                f' {missing[0]} = "Their Column".',
            )

    def moments(self, row: Row) -> Iterator[Moment]:
        """Yield what a row tells; what is wrong with it becomes a problem."""
        deal_id = text_of(self._cell(row, "deal_id"))
        if deal_id is None:
            self._left_out(row, None, "no deal_id")
            return
        try:
            if self.there["at"]:
                yield from self._changes(row, deal_id)
            else:
                yield from self._entries(row, deal_id)
        except BadValue as fault:
            self._left_out(row, deal_id, str(fault), fault.hint)

    def _changes(self, row: Row, deal_id: str) -> Iterator[Moment]:
        formats = self.mapping.formats
        at = instant_of(self._cell(row, "at"), zone=self.zone, date_format=formats.date_format)
        if at is None:
            raise BadValue("it does not say when")
        cells = {name: self._cell(row, name) for name in ("stage", "amount", "close_date")}
        if self.there["field"] and self.there["new_value"]:
            changed = _FIELDS.get(fold(text_of(self._cell(row, "field")) or ""))
            if changed is None:  # the next step, the owner: nothing that is kept
                self.skipped += 1
                return
            cells = {**dict.fromkeys(cells), changed: self._cell(row, "new_value")}
        moment = Moment(
            row.line,
            deal_id,
            at,
            text_of(cells["stage"]),
            amount_of(cells["amount"], decimal=formats.decimal)[0],
            date_of(cells["close_date"], date_format=formats.date_format),
        )
        if moment == Moment(row.line, deal_id, at):
            raise BadValue("neither a stage nor an amount nor a close date")
        yield moment

    def _entries(self, row: Row, deal_id: str) -> Iterator[Moment]:
        for column, stage in self.entered.items():
            date_format = self.mapping.formats.date_format
            try:
                at = instant_of(row.cells.get(column), zone=self.zone, date_format=date_format)
            except BadValue as fault:  # the deal's other stages are as good as before
                self.problems.append(
                    Problem(row.line, deal_id, f"{stage}: {fault}; it is left out", fault.hint)
                )
                continue
            if at is not None:
                yield Moment(row.line, deal_id, at, stage)

    def merged(self, before: Moment, moment: Moment) -> Moment:
        """Return two rows of one instant as one: Salesforce writes a row for each field saved."""
        told = {}
        for name in ("stage", "amount", "close_date"):
            old, new = getattr(before, name), getattr(moment, name)
            told[name] = old if new is None else new
            if None not in (old, new) and old != new:
                what = f"another {name} at the same instant as in line {before.line}; this one counts"
                self.problems.append(Problem(moment.line, moment.deal_id, what))
        return replace(moment, **told)

    def notes(self) -> list[str]:
        """Say what was passed over on purpose."""
        if not self.skipped:
            return []
        return [f"{self.skipped} changes of other fields than stage, amount and close date not kept"]

    def _cell(self, row: Row, ours: str) -> Any:
        cells = (row.cells.get(source) for source in self.there[ours])
        return next((cell for cell in cells if text_of(cell) is not None), None)

    def _left_out(self, row: Row, deal_id: str | None, what: str, hint: str = "") -> None:
        what = f"{what}; the row is left out"
        self.problems.append(Problem(row.line, deal_id, what, hint, lost=True))


def instant_of(cell: Any, *, zone: ZoneInfo, date_format: str | None = None) -> str | None:
    """Return the UTC instant of a cell; of a date without a time the last second of its day.

    Args:
        cell: ISO, or text in ``date_format``, with or without a time behind it.
        zone: Of times without an offset.
        date_format: A ``strptime`` pattern, or ``epoch_ms``.

    Raises:
        BadValue: Not an instant, or one whose order of day and month would be a guess.
    """
    text = text_of(cell)
    if text is None:
        return None
    moment = _moment(text, date_format)
    if moment is None:
        day = datetime.fromisoformat(date_of(text, date_format=date_format) or "")
        moment = day + timedelta(hours=23, minutes=59, seconds=59)
    if moment.year not in YEARS:
        raise BadValue(f"{text!r} is not a date that can be")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str, date_format: str | None) -> datetime | None:
    """Return a date with its time, or ``None`` where there is no time, or none that can be read."""
    if date_format == "epoch_ms" and re.fullmatch(r"[0-9]{1,13}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]", text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return None
    if not date_format or date_format == "epoch_ms":
        return None
    if re.search("%[HI]", date_format):
        formats = [date_format]
    else:
        times = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
        formats = [f"{date_format}{join}{time}" for join in (" ", ", ") for time in times]
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)
        except ValueError:
            continue
    return None
