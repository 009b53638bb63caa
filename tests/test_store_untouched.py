"""Reading a database that may not be written, while another process does write it."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from callmine.errors import StoreError
from callmine.store import Store, database, untouched

NOBODY = 65534
"""The user who owns nothing."""

SCRIPT = """
import os, sys
from pathlib import Path
from callmine.store import Store
from tests.builders import a_deal

path = Path(sys.argv[1])

def put(store, stage, count=600):
    store.import_deals([a_deal(f"D-{n}", stage=stage) for n in range(count)])

def checkpoint(store):
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


class Writer:
    """Another process that may write the database."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
            user=0 if os.getuid() == 0 else None,
        )

    def does(self, line: str) -> None:
        """Let it run a line; back when that is done."""
        assert self._process.stdin
        assert self._process.stdout
        print(line, file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "done\n"

    def end(self) -> None:
        """Let it end by itself."""
        self._process.communicate(timeout=30)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that this process may not write: root becomes nobody, others are told so."""
    with tempfile.TemporaryDirectory() as name:
        made = Path(name)
        made.chmod(0o755)
        (made / "w").mkdir()
        (made / "tmp").mkdir()
        (made / "tmp").chmod(0o777)
        monkeypatch.setattr(tempfile, "tempdir", str(made / "tmp"))
        monkeypatch.setattr(database, "_may_write", lambda path: False)
        user = os.geteuid()
        if user == 0:
            os.seteuid(NOBODY)
        try:
            yield made
        finally:
            os.seteuid(user)


@pytest.fixture
def path(folder: Path) -> Path:
    """Where its database lies."""
    return folder / "w" / "callmine.db"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    """Somebody who has put six hundred deals into the database, and closed it."""
    made = Writer(path)
    made.does("with Store(path) as store: put(store, 'Demo')")
    yield made
    made.end()


def stages(store: Store) -> set[str | None]:
    """The stages of its deals, of which there are six hundred."""
    deals = store.deals()
    assert len(deals) == 600
    return {deal.stage for deal in deals}


def is_whole(store: Store) -> bool:
    """Whether SQLite finds no fault in any page of it."""
    return [row["integrity_check"] for row in store._db.query("PRAGMA integrity_check")] == ["ok"]


def test_who_reads_sees_one_state_while_others_write(folder: Path, path: Path, writer: Writer) -> None:
    """Each import writes its changes into the database when it closes it, below who reads."""
    with Store(path) as store:
        assert stages(store) == {"Demo"}
        for stage in ("Offer", "Talks", "Signed"):
            writer.does(f"with Store(path) as store: put(store, {stage!r}, 900); checkpoint(store)")
        assert stages(store) == {"Demo"}
        assert is_whole(store)
        with Store(path) as fresh:
            assert {deal.stage for deal in fresh.deals()} == {"Signed"}
            assert len(fresh.deals()) == 900
            assert is_whole(fresh)
        assert stages(store) == {"Demo"}
        assert list((folder / "tmp").iterdir()) == []
    assert [one.name for one in path.parent.iterdir()] == ["callmine.db"]


def test_an_empty_log_of_somebody_at_work_is_a_log(path: Path, writer: Writer) -> None:
    """Who has the database open may write at any moment; SQLite then keeps readers apart from that."""
    writer.does("held = Store(path); put(held, 'Offer'); checkpoint(held)")
    assert path.with_name("callmine.db-wal").stat().st_size == 0
    with Store(path) as store:
        rows = store._db.query("SELECT stage FROM deals ORDER BY deal_id")
        first = next(rows)["stage"]
        writer.does("put(held, 'Talks'); held._db.execute('PRAGMA wal_checkpoint').fetchone()")
        assert {first, *(row["stage"] for row in rows)} == {"Offer"}
        assert stages(store) == {"Talks"}
        assert is_whole(store)
    writer.does("held.close()")


def test_what_is_written_while_it_is_copied_is_seen(
    folder: Path, path: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that somebody wrote into is thrown away; nothing of it ever has a name."""
    copy = shutil.copyfileobj
    named: list[Path] = []

    def meanwhile(source: object, target: object, size: int) -> None:
        writer.does("with Store(path) as store: put(store, 'Offer'); checkpoint(store)")
        named.extend((folder / "tmp").iterdir())
        copy(source, target, size)  # type: ignore[arg-type]

    monkeypatch.setattr(untouched.shutil, "copyfileobj", meanwhile)
    with Store(path) as store:
        assert stages(store) == {"Offer"}
        assert is_whole(store)
    assert named == []


def test_a_writer_that_closes_just_then_is_no_bug(
    path: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are there at one look and gone at the next."""
    read = untouched._read_from
    writer.does("held = Store(path); put(held, 'Offer')")

    def too_late(*arguments: object) -> object:
        writer.does("held.close()")
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(untouched, "_read_from", too_late)
    with Store(path) as store:
        assert stages(store) == {"Offer"}


def test_a_database_that_never_rests_is_not_read(
    path: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where locks do not hold, as on some shares: better nothing than parts of two states."""
    copied: list[bool] = []

    def meanwhile(*arguments: object) -> None:
        copied.append(True)
        writer.does("os.utime(path)")

    monkeypatch.setattr(untouched.shutil, "copyfileobj", meanwhile)
    with pytest.raises(StoreError, match="is being changed while it is read") as caught:
        Store(path)
    assert caught.value.exit_code == 5
    assert "Ask again" in caught.value.hint
    assert len(copied) == 3


def test_somebody_who_locks_the_database_is_waited_for(path: Path, writer: Writer) -> None:
    """Who holds all of it may be changing it; once that is over it is read."""
    writer.does("import fcntl; held = path.open('r+b'); fcntl.lockf(held, fcntl.LOCK_EX, 510, 0x40000002)")
    with pytest.raises(StoreError, match="is being changed while it is read"):
        Store(path)
    writer.does("held.close()")
    with Store(path) as store:
        assert stages(store) == {"Demo"}


def test_a_copy_that_finds_no_room_is_told(
    folder: Path, path: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what it needs and where; nothing of it stays."""

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(untouched.shutil, "copyfileobj", full)
    with pytest.raises(StoreError, match=r"tmp \(No space left on device; \d+ MB are needed\)") as caught:
        Store(path)
    assert "TMPDIR" in caught.value.hint
    assert list((folder / "tmp").iterdir()) == []


def test_an_empty_log_that_nobody_uses_is_none(path: Path, writer: Writer) -> None:
    """As in a folder that was copied while it was open: SQLite could not read it, and need not."""
    writer.does("path.with_name('callmine.db-wal').touch()")
    with Store(path) as store:
        assert stages(store) == {"Demo"}
