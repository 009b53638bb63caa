"""No consent: what must not be kept, under whatever name it comes."""

from __future__ import annotations

from sqlite_utils import Database

from callmine.payloads import Ingested
from callmine.store.removing import delete_call

NO_CONSENT = "no_consent"
"""Reason of a skipped file whose call must not be kept under any other name either."""

ANOTHER_REFUSES = "another file of this call says that there is no consent"


def other_file_refuses(db: Database, output: Ingested) -> bool:
    """Whether another file says that there is no consent to use this call."""
    sql = (
        "SELECT 1 FROM sources WHERE json_extract(facts, '$.consent') = 'no'"
        " AND (content = :content OR json_extract(facts, '$.external_id') = :id)"
    )
    params = {"content": output.call.content, "id": output.call.facts.external_id}
    return next(iter(db.query(sql, params)), None) is not None


def refuse(db: Database, path: str, content: str | None) -> None:
    """Remove the call of a file without consent, whatever other files hold or name it as well.

    Args:
        db: The database.
        path: The file.
        content: Its SHA-256, where it could be read; kept, so that a later copy is known.
    """
    if content:
        db.execute("UPDATE sources SET content = ? WHERE path = ?", [content, path])
    sql = """
        SELECT call_id FROM calls
        WHERE call_id = (SELECT call_id FROM sources WHERE path = :path)
           OR call_id IN (SELECT call_id FROM sources WHERE content = :content)
           OR content = :content
           OR external_id = (SELECT json_extract(facts, '$.external_id') FROM sources WHERE path = :path)
    """
    rows = list(db.query(sql, {"path": path, "content": content}))
    for row in rows:
        db.execute(
            "UPDATE stage_runs SET status = 'skipped', output = NULL, reason = ?, message = ?"
            " WHERE stage = 'ingest' AND key IN (SELECT path FROM sources WHERE call_id = ?)",
            [NO_CONSENT, ANOTHER_REFUSES, row["call_id"]],
        )
        delete_call(db, row["call_id"])
    if rows:
        # A deletion only marks the words in the index; merging it takes them out.
        db.execute("INSERT INTO utterances_fts (utterances_fts) VALUES ('optimize')")


def is_refused(db: Database, call_id: str) -> bool:
    """Return whether there is no consent to use a call, be it deleted already or not.

    Of a deleted one its files are left, whose content gave the call its id. That one of them
    was refused before says nothing of a call that is there: consent may have come back.
    """
    sql = """
        SELECT 1 FROM sources s LEFT JOIN stage_runs r ON r.stage = 'ingest' AND r.key = s.path
        WHERE (s.call_id = :id OR substr(s.content, 1, 16) = :id)
          AND (json_extract(s.facts, '$.consent') = 'no' OR r.reason = :no
               AND NOT EXISTS (SELECT 1 FROM calls WHERE call_id = :id))
    """
    return next(iter(db.query(sql, {"id": call_id, "no": NO_CONSENT})), None) is not None
