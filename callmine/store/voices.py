"""What reps sound like: read what was learned, and forget it."""

from __future__ import annotations

import json
from typing import Any

from sqlite_utils import Database


def rep_voices(db: Database) -> list[dict[str, Any]]:
    """Return the rep's voice of each stereo call in which it is known which channel is whose.

    Calls whose roles are in doubt teach nothing. Keys: ``call_id``, ``name``, ``email`` (may be
    ``None``) and ``embedding``, a list of 256 numbers.
    """
    sql = """
        SELECT v.call_id, v.embeddings, s.speaker, s.name, c.rep, c.rep_email
        FROM voices v JOIN speakers s ON s.call_id = v.call_id JOIN calls c ON c.call_id = v.call_id
        WHERE v.embeddings IS NOT NULL AND s.role = 'rep' AND s.role_source IN ('person', 'channel')
          AND s.speaker LIKE 'channel %' AND s.name IS NOT NULL AND c.role_doubt IS NULL
        ORDER BY v.call_id, s.speaker
    """
    found = []
    for row in db.query(sql):
        embedding = json.loads(row["embeddings"]).get(row["speaker"])
        if embedding:
            email = row["rep_email"] if row["name"] == row["rep"] else None
            found.append(
                {"call_id": row["call_id"], "name": row["name"], "email": email, "embedding": embedding}
            )
    return found


def _folded(name: str | None) -> str:
    return " ".join((name or "").casefold().split())


def forget_voices(db: Database, *, person: str = "", call_id: str = "") -> int:
    """Delete the embeddings of every call, of one, or of those a person (name, e-mail) took part in.

    Returns:
        From how many calls embeddings were deleted.
    """
    sql, values = "UPDATE voices SET embeddings = NULL WHERE embeddings IS NOT NULL", []
    if call_id:
        sql, values = sql + " AND call_id = ?", [call_id]
    elif person:
        sql += """ AND call_id IN (
            SELECT c.call_id FROM calls c WHERE folded(c.rep) = :who OR folded(c.rep_email) = :who
               OR EXISTS (SELECT 1 FROM json_each(c.participants) p
                          WHERE folded(p.value ->> 'name') = :who OR folded(p.value ->> 'email') = :who)
               OR EXISTS (SELECT 1 FROM speakers s
                          WHERE s.call_id = c.call_id AND folded(s.name) = :who))"""
        # SQLite's own lower() knows the Latin letters of English only.
        db.register_function(_folded, name="folded", deterministic=True, replace=True)
        return int(db.execute(sql, {"who": _folded(person)}).rowcount)
    return int(db.execute(sql, values).rowcount)
