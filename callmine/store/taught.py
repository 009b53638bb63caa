"""What people said of utterances, and what the encoder made of these: the material to learn from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlite_utils import Database

from callmine.domain import Role
from callmine.store.said_rows import KeptReadings, QuietTurn, SaidOfTurn


def said_of_turns(db: Database) -> list[SaidOfTurn]:
    """Return what people said of utterances that there still are, in the order in which they said it."""
    sql = """
        SELECT k.id, k.call_id, k.utterance_index, k.finding_id, k.verdict, k.label, k.text, k.words,
               u.text AS utterance
        FROM corrections k
        JOIN utterances u ON u.call_id = k.call_id AND u.utterance_index = k.utterance_index
        WHERE k.verdict IN ('right', 'wrong', 'label', 'missed', 'nothing')
        ORDER BY k.id
    """
    return [SaidOfTurn(**row) for row in db.query(sql)]


def kept_readings(db: Database, model: str, call_id: str | None = None) -> Iterator[KeptReadings]:
    """Yield, call by call, what a model made of the utterances that there are today.

    Args:
        db: The database.
        model: Hash of the model.
        call_id: Of this call only.
    """
    sql = """
        SELECT r.call_id, r.data FROM readings r
        JOIN stage_runs a ON a.stage = 'attribute' AND a.key = r.call_id AND a.output = r.said
        WHERE r.model = :model AND (:id IS NULL OR r.call_id = :id)
        ORDER BY r.call_id
    """
    indices = "SELECT utterance_index FROM utterances WHERE call_id = ? ORDER BY utterance_index"
    for row in db.query(sql, {"model": model, "id": call_id}):
        numbers = tuple(turn["utterance_index"] for turn in db.query(indices, [row["call_id"]]))
        yield KeptReadings(row["call_id"], numbers, row["data"])


def without_reading(db: Database, model: str) -> frozenset[str]:
    """Return the calls that were read, and of which there is nothing today that could be a reading.

    Bytes are not looked at, so that it is quick for any number of calls: see
    :func:`drop_readings` for what is noticed later.

    Args:
        db: The database.
        model: Hash of the model that reads today.
    """
    sql = """
        SELECT s.key FROM stage_runs s
        JOIN stage_runs a ON a.stage = 'attribute' AND a.key = s.key AND a.output IS NOT NULL
        LEFT JOIN readings r ON r.call_id = s.key
        WHERE s.stage = 'read' AND s.status = 'done'
          AND (r.call_id IS NULL OR r.model <> :model OR r.said <> a.output
               OR typeof(r.data) <> 'blob' OR length(r.data) = 0)
    """
    return frozenset(row["key"] for row in db.query(sql, {"model": model}))


def drop_readings(db: Database, calls: Iterable[str]) -> None:
    """Delete what was kept of calls and is damaged; the next run finds nothing there and reads again."""
    for call_id in calls:
        db.execute("DELETE FROM readings WHERE call_id = ?", [call_id])


def quiet_turns(db: Database, call_id: str) -> list[QuietTurn]:
    """Return the utterances of a call without an objection, of which nobody said anything."""
    sql = """
        SELECT u.call_id, c.source, u.utterance_index, u.role, u.text, u.start_ms AS play_ms
        FROM utterances u JOIN calls c ON c.call_id = u.call_id
        WHERE u.call_id = :id
          AND NOT EXISTS (SELECT 1 FROM findings f WHERE f.call_id = u.call_id
                          AND f.utterance_index = u.utterance_index AND f.kind = 'objection')
          AND NOT EXISTS (SELECT 1 FROM corrections k WHERE k.call_id = u.call_id
                          AND k.utterance_index = u.utterance_index)
        ORDER BY u.utterance_index
    """
    return [QuietTurn(**{**row, "role": Role(row["role"])}) for row in db.query(sql, {"id": call_id})]
