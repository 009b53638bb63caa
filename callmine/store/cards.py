"""Battlecards in the store: what was asked in calls, versions that were kept, what people changed."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlite_utils import Database

from callmine.domain import Role, utc_now

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
        number: The how-manieth of this competitor it is, of those that are kept.
        made_at: When, UTC.
    """

    report_id: int
    number: int
    made_at: str


@dataclass(frozen=True, slots=True)
class CardEdit:
    """Something that a person said of a card.

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
        sql = "SELECT id, made_at FROM reports WHERE kind = ? AND subject = ? ORDER BY id"
        rows = self._db.query(sql, [KIND, competitor])
        return [CardVersion(row["id"], n, row["made_at"]) for n, row in enumerate(rows, 1)]

    def card_value(self, version: CardVersion) -> dict[str, Any]:
        """Return a version of a card as it was kept."""
        rows = self._db.query("SELECT value FROM reports WHERE id = ?", [version.report_id])
        found: dict[str, Any] = json.loads(next(iter(rows))["value"])
        return found

    def card_edits(self, competitor: str) -> list[CardEdit]:
        """Return what people said of a competitor's card, oldest first, what they took back included."""
        rows = self._db.query("SELECT * FROM card_edits WHERE competitor = ? ORDER BY id", [competitor])
        names = [name for name in CardEdit.__dataclass_fields__ if name != "edit_id"]
        return [CardEdit(row["id"], **{name: row[name] for name in names}) for row in rows]


def add_edit(db: Database, competitor: str, what: str, *, by: str, **said: Any) -> None:
    """Remember what a person said of a card; runs inside the caller's transaction.

    Args:
        db: The database.
        competitor: Its name in the playbook.
        what: See :class:`CardEdit`, as are the fields of ``said``.
        by: Who.
        said: ``section``, ``finding_id``, ``about`` or ``text``.
    """
    row = {"made_at": utc_now(), "made_by": by, "competitor": competitor, "what": what, **said}
    db.table("card_edits").insert(row)
