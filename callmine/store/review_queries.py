"""Named read-only query for reviews: everything that is known of a handful of calls."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlite_utils import Database

from callmine.domain import Role
from callmine.store.queries import evidence
from callmine.store.rows import EvidenceFilter, EvidenceRow, ReplyRow


@dataclass(frozen=True, slots=True)
class HeadRow:
    """What a timeline says of a call before anything was said."""

    call_id: str
    source: str
    title: str | None
    duration_ms: int


@dataclass(frozen=True, slots=True)
class VoiceRow:
    """A voice in one call, in one role.

    Attributes:
        name: Who it is; ``None`` where nobody knows.
        confidence: How sure the role is, 0..1; of several turns the least.
        words: How much it said.
        last_turn: Index of its last utterance.
    """

    call_id: str
    speaker: str
    name: str | None
    role: Role
    confidence: float
    words: int
    last_turn: int


@dataclass(frozen=True, slots=True)
class ReviewRows:
    """All of some calls.

    Attributes:
        heads: By call id.
        voices: By call, most words first.
        found: Findings of every kind, by time and position.
        replies: The turns that show how answers were taken.
        answers_sought: Whether any call of the workspace was ever read for answers.
    """

    heads: dict[str, HeadRow]
    voices: list[VoiceRow]
    found: list[EvidenceRow]
    replies: list[ReplyRow]
    answers_sought: bool


def review_rows(db: Database, call_ids: Collection[str]) -> ReviewRows:
    """Return what a review needs of calls.

    Args:
        db: The database.
        call_ids: Their ids.
    """
    given = {"calls": json.dumps(sorted(call_ids))}
    among = "IN (SELECT value FROM json_each(:calls))"
    heads = db.query(f"SELECT call_id, source, title, duration_ms FROM calls WHERE call_id {among}", given)
    voices = db.query(
        f"""
        SELECT u.call_id, u.speaker, s.name, u.role, min(u.role_confidence) AS confidence,
               sum(u.word_count) AS words, max(u.utterance_index) AS last_turn
        FROM utterances u LEFT JOIN speakers s ON s.call_id = u.call_id AND s.speaker = u.speaker
        WHERE u.call_id {among}
        GROUP BY u.call_id, u.speaker, u.role ORDER BY u.call_id, words DESC, u.speaker, u.role
        """,
        given,
    )
    replies = db.query(
        f"""
        SELECT DISTINCT u.call_id, u.utterance_index, u.text, u.role, u.role_confidence,
               u.start_ms, s.name AS speaker_name
        FROM findings f
        JOIN utterances u ON u.call_id = f.call_id
            AND u.utterance_index = json_extract(f.detail, '$.shown_in')
        LEFT JOIN speakers s ON s.call_id = u.call_id AND s.speaker = u.speaker
        WHERE f.kind = 'answer' AND f.call_id {among}
        ORDER BY u.call_id, u.utterance_index
        """,
        given,
    )
    ids = [
        row["finding_id"]
        for row in db.query(f"SELECT finding_id FROM findings WHERE call_id {among}", given)
    ]
    sought = db.query("SELECT 1 FROM findings WHERE kind = 'answer' LIMIT 1")
    return ReviewRows(
        heads={row["call_id"]: HeadRow(**row) for row in heads},
        voices=[VoiceRow(**{**row, "role": Role(row["role"])}) for row in voices],
        found=evidence(db, EvidenceFilter(), ids=ids),
        replies=[ReplyRow(**{**row, "role": Role(row["role"])}) for row in replies],
        answers_sought=next(iter(sought), None) is not None,
    )
