"""Remove calls, and what stages left of them. Every function runs inside the caller's transaction."""

from __future__ import annotations

from sqlite_utils import Database

from callmine.store.kept_reports import forget_call


def remove_output(db: Database, provides: str, key: str) -> None:
    """Remove what an earlier run of a stage left, now that the stage skips the call."""
    if provides == "calls":
        of_file = "SELECT call_id FROM sources WHERE path = ? AND call_id IS NOT NULL"
        others = "SELECT 1 FROM sources WHERE call_id = ? AND path <> ?"
        for row in list(db.query(of_file, [key])):
            if not any(db.query(others, [row["call_id"], key])):
                delete_call(db, row["call_id"])
    else:
        tables = {
            "transcripts": (
                "transcripts",
                "voices",
                "utterances",
                "speakers",
                "readings",
                "name_readings",
                "second_verdicts",
            ),
            "utterances": ("utterances", "readings", "name_readings", "second_verdicts"),
        }
        for table in tables.get(provides, (provides,)):
            db.execute(f"DELETE FROM {table} WHERE call_id = ?", [key])
        if provides in tables:  # it quotes what is gone
            db.execute("UPDATE calls SET role_doubt = NULL WHERE call_id = ?", [key])
        if provides == "transcripts":
            # Else the same transcript, should it come back, would look attributed already.
            db.execute(
                "DELETE FROM stage_runs WHERE key = ?"
                " AND stage IN ('diarize', 'attribute', 'read', 'extract', 'second_read')",
                [key],
            )


def delete_call(db: Database, call_id: str) -> None:
    """Delete a call with everything made from it; of kept reports that tell of it, only the rows stay."""
    forget_call(db, call_id)
    db.execute("DELETE FROM headlines WHERE instr(calls, ?) > 0", [call_id])
    db.execute("DELETE FROM stage_runs WHERE key = ?", [call_id])
    db.execute("DELETE FROM calls WHERE call_id = ?", [call_id])
