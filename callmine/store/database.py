"""Open, migrate and guard the database. One writer, WAL, foreign keys on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from callmine.errors import StoreError
from callmine.store.migrations import migrations

BUSY_MS = 10_000
"""How long a statement waits for another process's write."""


def open_database(path: Path, *, create: bool = True) -> Database:
    """Open the database and bring its schema up to date.

    Raises:
        StoreError: It is not there (``create=False``), not a database, locked, damaged, or
            written by a newer callmine.
    """
    if not create and not path.is_file():
        raise StoreError(f"{path} does not exist", hint="Run `callmine run` in the workspace first.")
    with store_errors(path):
        connection = sqlite3.connect(path, timeout=BUSY_MS / 1000)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        database = Database(connection)
        known = {migration.name for migration in migrations.pending(database)}
        applied = {migration.name for migration in migrations.applied(database)}
        if unknown := applied - known - _names():
            raise StoreError(
                f"{path} was written by a newer callmine (it knows {', '.join(sorted(unknown))})",
                hint="Upgrade callmine, or use another workspace.",
            )
        if known:
            migrations.apply(database)
    return database


def _names() -> set[str]:
    scratch = Database(memory=True)
    names = {migration.name for migration in migrations.pending(scratch)}
    scratch.close()
    return names


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into :class:`StoreError` with the next step."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # a broken invariant is a bug, not the store's condition
    except sqlite3.DatabaseError as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            hint = "Another program holds the database; wait for it or close it, then try again."
        elif "full" in text:
            hint = "The disk is full; free some room and run again, nothing is lost."
        elif "readonly" in text or "unable to open" in text:
            hint = "Check that the folder exists and that you may write to it."
        else:
            hint = "The file may be damaged; restore a copy, or move it away and run again."
        raise StoreError(f"{path}: {text}", hint=hint) from error
