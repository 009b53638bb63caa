"""The content of a workspace's database, run ids and times apart, for comparison."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from callmine.store.meanings import TABLES

VOLATILE = {
    "id",
    "run_id",
    "finished_at",
    "seconds",
    "first_used_at",
    "imported_at",
    "since",
    "known_at",
    "made_at",
    "mtime_ns",
}
"""Columns that differ between two runs that did the same; row numbers follow the order of work."""


def content_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return every table but ``runs``, its rows sorted, without what legitimately differs."""
    found = {}
    connection = sqlite3.connect(path)
    for table, (_, columns) in TABLES.items():
        if table == "runs":
            continue
        names = [f'"{c}"' for c in columns if c not in VOLATILE]
        rows = connection.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
        found[table] = sorted(rows, key=repr)
    connection.close()
    return found
