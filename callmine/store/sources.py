"""Files that were taken in: remember them, and look at them again."""

from __future__ import annotations

import json
import os
from pathlib import Path

from sqlite_utils import Database

from callmine.canonical import facts_from_json, facts_to_json
from callmine.domain import Facts
from callmine.store.database import transaction, upsert
from callmine.store.writing import dump


def add_source(db: Database, path: Path, *, origin: str, facts: Facts, format: str | None) -> bool:
    """Remember a file to ingest; return whether it is new or changed.

    ``facts`` given now win over those given before, key by key.
    """
    size, mtime_ns = _state(path.stat())
    key = str(path)
    old = next(iter(db.query("SELECT * FROM sources WHERE path = ?", [key])), None)
    row = {
        "path": key,
        "origin": origin,
        "size": size,
        "mtime_ns": mtime_ns,
        "facts": dump(facts_to_json(facts)),
        "format": format,
    }
    if old is not None:
        merged = facts.over(facts_from_json(json.loads(old["facts"])))
        same = (old["size"], old["mtime_ns"]) == (size, mtime_ns)
        row["facts"] = dump(facts_to_json(merged))
        row["origin"] = old["origin"]
        row["format"] = format or old["format"]
        row["content"] = old["content"] if same else None
        if all(old[k] == row[k] for k in row):
            return False
    upsert(db, "sources", row, "path")
    return True


def unread_files(db: Database) -> int:
    """Return how many files were taken in that no run has looked at yet."""
    sql = (
        "SELECT count(*) AS files FROM sources s WHERE NOT EXISTS"
        " (SELECT 1 FROM stage_runs r WHERE r.stage = 'ingest' AND r.key = s.path)"
    )
    return int(next(iter(db.query(sql)))["files"])


def refresh_sources(db: Database) -> None:
    """Look again at the files taken in before; a changed one will be read again."""
    for row in list(db.query("SELECT path, size, mtime_ns FROM sources")):
        try:
            size, mtime_ns = _state(Path(row["path"]).stat())
        except OSError:
            continue
        if (size, mtime_ns) != (row["size"], row["mtime_ns"]):
            with transaction(db):
                db.execute(
                    "UPDATE sources SET size = ?, mtime_ns = ?, content = NULL WHERE path = ?",
                    [size, mtime_ns, row["path"]],
                )


def _state(stat: os.stat_result) -> tuple[int, int]:
    """Return size and time by which a change is noticed.

    A broken clock may date a file after 2262 or before 1677, which no integer of SQLite's holds in
    nanoseconds; such a time is wrapped around, so that another one is still another one.
    """
    return stat.st_size, (stat.st_mtime_ns + 2**63) % 2**64 - 2**63
