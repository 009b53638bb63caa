"""Files that were taken in: remember them, and look at them again."""

from __future__ import annotations

import json
from pathlib import Path

from sqlite_utils import Database

from callmine.canonical import facts_from_json, facts_to_json
from callmine.domain import Facts
from callmine.store.database import upsert
from callmine.store.writing import dump


def add_source(db: Database, path: Path, *, origin: str, facts: Facts, format: str | None) -> bool:
    """Remember a file to ingest; return whether it is new or changed.

    ``facts`` given now win over those given before, key by key.
    """
    stat = path.stat()
    key = str(path)
    old = next(iter(db.query("SELECT * FROM sources WHERE path = ?", [key])), None)
    row = {
        "path": key,
        "origin": origin,
        "size": stat.st_size,
        "mtime_ns": stat.st_mtime_ns,
        "facts": dump(facts_to_json(facts)),
        "format": format,
    }
    if old is not None:
        merged = facts.over(facts_from_json(json.loads(old["facts"])))
        same = (old["size"], old["mtime_ns"]) == (stat.st_size, stat.st_mtime_ns)
        row["facts"] = dump(facts_to_json(merged))
        row["origin"] = old["origin"]
        row["format"] = format or old["format"]
        row["content"] = old["content"] if same else None
        if all(old[k] == row[k] for k in row):
            return False
    upsert(db, "sources", row, "path")
    return True


def refresh_sources(db: Database) -> None:
    """Look again at the files taken in before; a changed one will be read again."""
    for row in list(db.query("SELECT path, size, mtime_ns FROM sources")):
        try:
            stat = Path(row["path"]).stat()
        except OSError:
            continue
        if (stat.st_size, stat.st_mtime_ns) != (row["size"], row["mtime_ns"]):
            with db.atomic():
                db.execute(
                    "UPDATE sources SET size = ?, mtime_ns = ?, content = NULL WHERE path = ?",
                    [stat.st_size, stat.st_mtime_ns, row["path"]],
                )
