"""Read a database that may not be written, also while somebody else writes it.

WAL needs files beside the database, also to read. Where they are there already, SQLite reads as it always
does. Where they are not, and may not be made, a private copy is read; see ``docs/design-notes.md``.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from callmine.errors import StoreError

REFUSED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
"""What SQLite says where it would have to write and may not."""

_TRIES = 3
_PAUSE_S = 0.2

_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510
"""The bytes that SQLite's readers lock; part of its file format."""

_COUNTER = slice(24, 28)
_HEADER_BYTES = 100


def reading(path: Path, *, timeout_s: float) -> sqlite3.Connection:
    """Open a database that may not be written; no statement reads parts of two states.

    Args:
        path: The database.
        timeout_s: How long a statement waits for another process.

    Returns:
        A connection whose first read was successful.

    Raises:
        StoreError: Its last changes cannot be read, it changes all the time, or a copy finds no room.
        sqlite3.Error: It is no database, damaged or locked.
    """
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE_S)
        if not _at_work(path):
            connection = _of_a_copy(path)
            if connection is not None:
                return connection
            continue
        try:
            return _read_from(path, "mode=ro", timeout_s)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in REFUSED:
                raise
            # Where the writer has just closed it, the next look finds it at rest.
            log = _at_work(path)
            if log and attempt == _TRIES - 1:
                raise StoreError(
                    f"{path} cannot be read here: its last changes are in {log.name}, which SQLite takes in"
                    " only where the folder may be written",
                    hint="Let somebody who may write there say `callmine status` once, or copy the whole"
                    " folder.",
                ) from error
    raise StoreError(
        f"{path} is being changed while it is read",
        hint="Ask again when the run or import that changes it is over.",
    )


def _read_from(path: Path, how: str, timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, timeout=timeout_s)
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _at_work(path: Path) -> Path | None:
    """Return the file that has, or may be about to get, changes that the database lacks.

    An empty log counts only beside an index: who writes makes that index before the first change.
    """
    log, index, journal = (path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))
    logged = _size(log)
    if logged or (logged is not None and _size(index) is not None):
        return log
    return journal if _size(journal) else None


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # asked once, not twice: a writer that closes takes its files away
        return None


def _of_a_copy(path: Path) -> sqlite3.Connection | None:
    """Open a private copy of a database at rest; none where it was changed meanwhile."""
    try:
        source = path.open("rb")
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read: {error.strerror}", hint="Let its owner give you the right to read it."
        ) from error
    with source:
        if not _locked(source):
            return None
        before = _state(path, source)
        if before is None or _at_work(path):
            return None
        with _room(path, before.size):
            connection, copy = _nameless(source)
        try:
            with _room(path, before.size), copy:
                source.seek(0)
                shutil.copyfileobj(source, copy, 1 << 20)
            if _at_work(path) or _state(path, source) != before:
                connection.close()
                return None
            connection.execute("PRAGMA schema_version").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection


def _locked(source: BinaryIO) -> bool:
    """Lock a database as SQLite's readers do, until it is closed; return whether nobody is in the way.

    While a reader has this lock, a log and its index can be made but not be taken away, and a database
    without a log cannot be written.
    """
    try:
        fcntl.lockf(source, fcntl.LOCK_SH | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a share that knows no locks: the file's state has to do
        return True
    return True


@dataclass(frozen=True, slots=True)
class _State:
    """What differs once a database was changed, or replaced."""

    inode: int
    size: int
    changed_ns: int
    counter: bytes


def _state(path: Path, source: BinaryIO) -> _State | None:
    try:
        now = path.stat()
    except FileNotFoundError:
        return None
    header = os.pread(source.fileno(), _HEADER_BYTES, 0)
    return _State(now.st_ino, now.st_size, now.st_mtime_ns, header[_COUNTER])


def _nameless(source: BinaryIO) -> tuple[sqlite3.Connection, BinaryIO]:
    """Open an empty copy that only this process can reach, and that goes with it, however it ends.

    SQLite opens files by name. It asks for the size and the header when it does, and for words only when
    it reads: so the name is gone before the first word is in the file.
    """
    handle, name = tempfile.mkstemp(prefix="callmine-", suffix=".db")
    copy = os.fdopen(handle, "wb")
    try:
        copy.truncate(os.fstat(source.fileno()).st_size)
        copy.write(source.read(_HEADER_BYTES))
        copy.flush()
        # Nobody else can change this file, so SQLite need not look whether it was.
        connection = sqlite3.connect(f"{Path(name).resolve().as_uri()}?immutable=1", uri=True)
        copy.seek(0)
    except BaseException:
        with suppress(OSError):
            copy.close()
        raise
    finally:
        Path(name).unlink()
    return connection, copy


@contextmanager
def _room(path: Path, size: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        try:
            folder = tempfile.gettempdir()
        except OSError:  # where not one folder takes a file, there is none to name
            folder = "any folder for temporary files"
        raise StoreError(
            f"{path} may not be written here, and is read from a copy, which cannot be made in {folder}"
            f" ({error.strerror or error}; {size / 1e6:.0f} MB are needed)",
            hint="Free some space there or set TMPDIR to a roomier folder.",
        ) from error
