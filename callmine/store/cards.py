"""Battlecards in the store: what was asked beside a name, versions that were kept, what people changed."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlite_utils import Database

from callmine.domain import Role, utc_now

Place = tuple[str, int]
"""A call's id and the index of an utterance in it."""

KIND = "battlecard"
"""What versions are called among the reports that are kept."""


class SaidTurn(NamedTuple):
    """A turn and who is taken to have said it.

    Attributes:
        beside: Index of the turn near which it was looked for.
        role: Of its speaker, however sure.
        role_confidence: How sure that is, 0..1.
    """

    call_id: str
    utterance_index: int
    beside: int
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

    def questions_beside(self, places: Collection[Place], *, reach: int) -> list[SaidTurn]:
        """Return the turns with a question mark at most ``reach`` turns before or after some places.

        Ordered by call and turn; one that is near two places is there twice, by place.
        """
        sql = """
            SELECT u.call_id, u.utterance_index, json_extract(p.value, '$[1]') AS beside, u.text, u.role,
                   u.role_confidence
            FROM json_each(:places) p JOIN utterances u ON u.call_id = json_extract(p.value, '$[0]')
                 AND u.utterance_index BETWEEN json_extract(p.value, '$[1]') - :reach
                                           AND json_extract(p.value, '$[1]') + :reach
            WHERE instr(u.text, '?') ORDER BY 1, 2, 3
        """
        found = self._db.execute(sql, {"places": json.dumps(sorted(places)), "reach": reach})
        return [
            SaidTurn(call, at, beside, text, Role(role), sure)
            for call, at, beside, text, role, sure in found
        ]

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
