"""Open, migrate and guard the database. One writer, WAL, foreign keys on.

Who may not write where it lies can read it; see :mod:`callmine.store.untouched`.
"""

from __future__ import annotations

import gc
import os
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from callmine.errors import StoreError
from callmine.store import untouched
from callmine.store.migrations import migrations

BUSY_MS = 10_000
"""How long a statement waits for another process's write."""

Made = TypeVar("Made")


def open_database(path: Path, *, create: bool = True) -> Database:
    """Open the database and bring its schema up to date; where nobody may write, only to read it.

    Raises:
        StoreError: It is not there (``create=False``), not a database, locked, damaged,
            written by a newer callmine, or by an older one where its schema may not be changed.
    """
    if not create and not path.is_file():
        raise StoreError(f"{path} does not exist", hint="Run `callmine run` in the workspace first.")
    with store_errors(path):
        if path.is_file() and not _may_write(path):
            return _opened(path, _for_reading)
        try:
            return _opened(path, _prepared)
        except sqlite3.OperationalError as error:
            # On network shares only the attempt shows whether one may write.
            if error.sqlite_errorcode & 0xFF not in untouched.REFUSED or not path.is_file():
                raise
            return _opened(path, _for_reading)


def _may_write(path: Path) -> bool:
    """Whether a database can be written: WAL needs files of its own beside it, also to read."""
    as_now = os.access in os.supports_effective_ids
    return all(os.access(one, os.W_OK, effective_ids=as_now) for one in (path, path.parent))


def _opened(path: Path, prepare: Callable[[Path], _Told]) -> Database:
    database = prepare(path)
    try:
        return _up_to_date(database, path)
    except BaseException:
        database.close()
        raise


def is_read_only(db: Database) -> bool:
    """Whether a database was opened only to read it."""
    return bool(db.execute("PRAGMA query_only").fetchone()[0])


class _Told(Database):
    """A database whose reads, too, fail with :class:`StoreError` when it is damaged or locked."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        super().__init__(connection)
        self.path = path

    def query(
        self, sql: str, params: Sequence[Any] | dict[str, Any] | None = None
    ) -> Generator[dict[str, Any], None, None]:
        """Run a query at once; its rows are fetched as they are asked for.

        What is asked for by an argument that is no text, such as an old file name, is found nowhere.
        """
        if isinstance(params, dict):
            params = {name: _as_text(value) for name, value in params.items()}
        elif params is not None:
            params = [_as_text(value) for value in params]
        with store_errors(self.path):
            return self._fetched(super().query(sql, params))

    def _fetched(
        self, rows: Generator[dict[str, Any], None, None]
    ) -> Generator[dict[str, Any], None, None]:
        with store_errors(self.path):
            yield from rows


def fetched(
    db: Database, sql: str, params: Mapping[str, Any], make: Callable[[tuple[Any, ...]], Made]
) -> list[Made]:
    """Return what is made of each row of a query, for those with tens of thousands of rows.

    The columns come by position: by name, a row takes three times as long to make. All that is made is
    kept, and the garbage collector would look through it again and again.
    """
    asked = {name: _as_text(value) for name, value in params.items()}
    with not_collecting(), store_errors(db.path if isinstance(db, _Told) else Path(":memory:")):
        return [make(row) for row in db.conn.execute(sql, asked)]


@contextmanager
def not_collecting() -> Generator[None, None, None]:
    """Let no garbage be collected meanwhile: for a second of work on rows that are all kept."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _as_text(value: Any) -> Any:
    """Return text that SQLite takes: in the place of bytes that were no UTF-8, what no name holds."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return value


_CACHE = "cache_size = -65536"
"""64 MB of pages are kept: statistics look up hundreds of thousands of utterances."""


def _prepared(path: Path) -> _Told:
    """Open a database to read and write it."""
    connection = sqlite3.connect(path, timeout=BUSY_MS / 1000)
    try:
        _use_wal(connection)
        # Deleted words are overwritten: who withdraws consent must not be found in free pages.
        for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON", _CACHE):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return _Told(connection, path)


def _for_reading(path: Path) -> _Told:
    """Open a database that may not be written."""
    connection = untouched.reading(path, timeout_s=BUSY_MS / 1000)
    try:
        for pragma in ("query_only = ON", _CACHE):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return _Told(connection, path)


def _up_to_date(database: Database, path: Path) -> Database:
    """Bring the schema up to date."""
    known = {migration.name for migration in migrations.pending(database)}
    applied = {migration.name for migration in migrations.applied(database)}
    if unknown := applied - known - _names():
        raise StoreError(
            f"{path} was written by a newer callmine (it knows {', '.join(sorted(unknown))})",
            hint="Upgrade callmine, or use another workspace.",
        )
    if known and is_read_only(database):
        raise StoreError(
            f"{path} was written by an older callmine, and may not be brought up to date here: it, or its"
            " folder, cannot be written",
            hint="Let somebody who may write there say `callmine status` once with this callmine.",
        )
    if known:
        with transaction(database):
            migrations.apply(database)  # looks again: another process may have done it by now
    return database


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a database to WAL; SQLite does not wait for others by itself here, as it does elsewhere."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """Write in one transaction that holds the lock from its beginning; in another one, as a part of it.

    Not only sqlite-utils' ``atomic``: that one asks for the lock with the first write. Where another
    process wrote between a read before it and that write, SQLite says "locked" at once, without waiting.
    """
    if db.conn.in_transaction:
        with db.atomic():
            yield
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.commit()
    finally:
        db.rollback()  # what an error left; there is nothing after a commit


def upsert(db: Database, table: str, row: Mapping[str, Any], *keys: str) -> None:
    """Insert a row, or update the one with the same ``keys``; inside the caller's transaction.

    Not sqlite-utils' own upsert: that one tries once whether SQLite knows ``ON CONFLICT``, takes
    a locked database or a full disk for a no, and then loses rows without an error.
    """
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    values = ", ".join(f'"{name}" = excluded."{name}"' for name in row if name not in keys)
    db.execute(
        f'INSERT INTO "{table}" ({columns}) VALUES ({marks})'
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {values}",
        list(row.values()),
    )


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
        elif "readonly" in text:
            hint = "You may only read here: this command needs a database and a folder that you may write."
        elif "unable to open" in text:
            hint = "Check that the folder exists and that you may write to it."
        else:
            hint = "The file may be damaged; restore a copy, or move it away and run again."
        raise StoreError(f"{path}: {text}", hint=hint) from error
