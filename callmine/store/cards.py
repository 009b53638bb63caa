"""Reports in the store: what people change of them; of battlecards also questions, and versions kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlite_utils import Database

from callmine.domain import Role, utc_now
from callmine.store.kept_reports import EMPTY

KIND = "battlecard"
"""What versions are called among the reports that are kept."""


class SaidTurn(NamedTuple):
    """A turn and who is taken to have said it.

    Attributes:
        role: Of its speaker, however sure.
        role_confidence: How sure that is, 0..1.
    """

    call_id: str
    utterance_index: int
    text: str
    role: Role
    role_confidence: float


@dataclass(frozen=True, slots=True)
class CardVersion:
    """A version of a card that was kept.

    Attributes:
        report_id: Its row among the reports.
        number: The how-manieth of this competitor it is; those that were emptied since had theirs.
        made_at: When, UTC.
    """

    report_id: int
    number: int
    made_at: str


@dataclass(frozen=True, slots=True)
class ReportEdit:
    """Something that a person said of a report, such as a battlecard, or the digest.

    Attributes:
        edit_id: Its row.
        made_at: When, UTC.
        made_by: Who, as they are called.
        what: ``owner``, ``note``, ``pin``, ``bar``, ``approve`` or ``drop``.
        section: Of a note, the section that it belongs to.
        finding_id: What is pinned or barred.
        about: The version that is approved, or the edit that holds no longer.
        text: The note, or the owner.
    """

    edit_id: int
    made_at: str
    made_by: str
    what: str
    section: str | None
    finding_id: str | None
    about: int | None
    text: str | None


class NewEdit(NamedTuple):
    """Something that a person says of a report; see :class:`ReportEdit`."""

    what: str
    by: str
    section: str | None = None
    finding_id: str | None = None
    about: int | None = None
    text: str | None = None


class CardReads:
    """What is read for battlecards; a part of :class:`callmine.store.reader.Reader`."""

    _db: Database

    def asking_turns(self, calls: Collection[str]) -> list[SaidTurn]:
        """Return the turns of calls with a question mark, by call and turn."""
        sql = """
            SELECT call_id, utterance_index, text, role, role_confidence FROM utterances
            WHERE call_id IN (SELECT value FROM json_each(:calls)) AND instr(text, '?')
            ORDER BY call_id, utterance_index
        """
        found = self._db.execute(sql, {"calls": json.dumps(sorted(calls))})
        return [SaidTurn(call, at, text, Role(role), sure) for call, at, text, role, sure in found]

    def card_versions(self, competitor: str) -> list[CardVersion]:
        """Return the versions of a competitor's card that are kept, oldest first."""
        sql = """
            SELECT id, number, made_at FROM reports
            WHERE kind = ? AND subject = ? AND value <> ? ORDER BY number
        """
        return [CardVersion(*row) for row in self._db.execute(sql, [KIND, competitor, EMPTY])]

    def card_value(self, version: CardVersion) -> dict[str, Any]:
        """Return a version of a card as it was kept."""
        rows = self._db.query("SELECT value FROM reports WHERE id = ?", [version.report_id])
        found: dict[str, Any] = json.loads(next(iter(rows))["value"])
        return found

    def report_edits(self, kind: str, subject: str = "") -> list[ReportEdit]:
        """Return what people said of a report, oldest first, what they took back included.

        Args:
            kind: Kind of report, as in the table ``reports``.
            subject: A battlecard's competitor; empty for what holds for all reports of the kind.
        """
        sql = "SELECT * FROM report_edits WHERE kind = ? AND subject = ? ORDER BY id"
        names = [name for name in ReportEdit.__dataclass_fields__ if name != "edit_id"]
        rows = self._db.query(sql, [kind, subject])
        return [ReportEdit(row["id"], **{name: row[name] for name in names}) for row in rows]

    def last_report(self, kind: str, subject: str) -> dict[str, Any] | None:
        """Return the newest report of a kind about something as it was kept.

        ``None`` where none was; an empty one where it was emptied since.
        """
        sql = "SELECT value FROM reports WHERE kind = ? AND subject = ? ORDER BY number DESC LIMIT 1"
        row = next(iter(self._db.query(sql, [kind, subject])), None)
        return json.loads(row["value"]) if row else None


def add_edits(db: Database, kind: str, subject: str, edits: Iterable[NewEdit]) -> None:
    """Remember what a person said of a report; runs inside the caller's transaction.

    Args:
        db: The database.
        kind: See :meth:`CardReads.report_edits`.
        subject: The same.
        edits: What was said, in order.
    """
    rows = [
        {"made_at": utc_now(), "made_by": edit.by, "kind": kind, "subject": subject}
        | {name: value for name, value in edit._asdict().items() if name != "by"}
        for edit in edits
    ]
    db.table("report_edits").insert_all(rows)
