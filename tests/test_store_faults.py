"""What can happen to a database: locked, full, damaged, not one, not writable, two at once."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from callmine.domain import Facts
from callmine.errors import StoreError
from callmine.pipeline import only_run
from callmine.store import Store, database, sources
from callmine.store.migrations import migrations
from tests.builders import a_deal, a_segment, a_transcript
from tests.workbench import Workbench, write_recording

NOBODY = 65534
"""The user who owns nothing."""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits ten seconds for a lock."""
    monkeypatch.setattr(database, "BUSY_MS", 50)


@pytest.fixture
def hurried(impatient: None, tmp_path: Path) -> Iterator[Workbench]:
    """A workbench whose store does not wait for locks."""
    made = Workbench(tmp_path)
    yield made
    made.store.close()


def locked(path: Path) -> sqlite3.Connection:
    """A connection of another program that is writing."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_locked_database_is_said_to_be_locked(hurried: Workbench) -> None:
    """Whatever is written: StoreError, exit code 5, and what to do; afterwards it works."""
    path = write_recording(hurried.folder / "call.wav")
    with closing(locked(hurried.store.path)):
        for write in (
            lambda: hurried.store.add_source(path, origin="add"),
            lambda: hurried.store.import_deals([a_deal()]),
            lambda: hurried.store.retry(),
            lambda: hurried.run(),
            lambda: hurried.store.rehearsal().__enter__(),
        ):
            with pytest.raises(StoreError, match="locked") as caught:
                write()
            assert caught.value.exit_code == 5
            assert "wait for it or close it" in caught.value.hint
    hurried.add(path)
    assert hurried.did()["ingest"] == 1


def test_a_lock_in_the_middle_of_a_run_loses_nothing(hurried: Workbench) -> None:
    """The run stops with exit code 5; the next one goes on where it stopped."""
    hurried.recording("a.wav")
    hurried.recording("b.wav")
    others: list[sqlite3.Connection] = []
    transcribe = hurried.engine.transcribe

    def meanwhile(*arguments: object) -> object:
        if len(hurried.engine.asked) == 1:
            others.append(locked(hurried.store.path))
        return transcribe(*arguments)  # type: ignore[arg-type]

    hurried.engine.transcribe = meanwhile  # type: ignore[method-assign,assignment]
    with pytest.raises(StoreError, match="locked"):
        hurried.run()
    others.pop().close()
    del hurried.engine.transcribe  # type: ignore[attr-defined]
    assert hurried.did() == {"transcribe": 1, "attribute": 2, "extract": 2, "link": 2}


def test_opening_waits_for_no_lock_for_ever(impatient: None, tmp_path: Path) -> None:
    """A new database that another program holds."""
    path = tmp_path / "callmine.db"
    with closing(locked(path)), pytest.raises(StoreError, match="locked"):
        Store(path)


def test_opening_a_new_database_waits_for_who_made_it_first(tmp_path: Path) -> None:
    """Also where it is not in WAL yet, and SQLite itself would not wait."""
    path = tmp_path / "callmine.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    through = threading.Timer(0.3, other.close)
    through.start()
    Store(path).close()
    through.join()


def test_two_first_commands_at_once_both_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one waits for the schema that the first one makes, and finds it made."""
    path = tmp_path / "callmine.db"
    first = migrations._migrations[0]
    make = first.fn
    told: list[object] = []

    def second() -> None:
        try:
            Store(path).close()
        except StoreError as error:
            told.append(error)
        else:
            told.append("opened")

    beside = threading.Thread(target=second)

    def meanwhile(db: object) -> None:
        monkeypatch.setattr(first, "fn", make)
        beside.start()
        beside.join(timeout=1)  # it has to wait for this process, or would be through by then
        make(db)  # type: ignore[arg-type]

    monkeypatch.setattr(first, "fn", meanwhile)
    Store(path).close()
    beside.join()
    assert told == ["opened"]


def test_nobody_writes_between_a_look_and_a_write(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who came first is not told "locked" because somebody else was quicker."""
    path = bench.recording()
    looked: list[bool] = []

    def meanwhile(value: object) -> Facts:
        with closing(sqlite3.connect(bench.store.path, timeout=0)) as other, suppress(sqlite3.Error):
            other.execute("UPDATE sources SET origin = 'inbox'")
            other.commit()
        looked.append(True)
        return Facts()

    monkeypatch.setattr(sources, "facts_from_json", meanwhile)
    assert bench.store.add_source(path, origin="add", facts=Facts(account="New"))
    assert looked
    assert bench.only("sources")["origin"] == "add"


def test_a_full_disk_is_said_to_be_full(bench: Workbench) -> None:
    """Nothing of the result that did not fit is left; with room again the run goes on."""
    bench.recording("a.wav")
    bench.engine.says = {"a.wav": a_transcript(a_segment("The price is high. " * 2_000))}
    connection = bench.store._db.conn
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 8}")
    with pytest.raises(StoreError, match="full") as caught:
        bench.run()
    assert caught.value.exit_code == 5
    assert "free some room" in caught.value.hint
    assert bench.rows("transcripts") == []
    assert bench.sql("SELECT * FROM stage_runs WHERE stage = 'transcribe'") == []
    connection.execute("PRAGMA max_page_count = 1000000")
    assert bench.did() == {"transcribe": 1, "attribute": 1, "extract": 1, "link": 1}


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """It is left as it is."""
    path = tmp_path / "callmine.db"
    path.write_text("a letter to the tax office " * 100)
    with pytest.raises(StoreError, match="not a database") as caught:
        Store(path)
    assert "restore a copy" in caught.value.hint
    assert path.read_text().startswith("a letter")


def test_a_damaged_database_is_a_store_error(bench: Workbench) -> None:
    """Also where it is only read: no traceback, but what to do."""
    bench.import_deals(a_deal())
    bench.recording()
    bench.run()
    bench.store.close()
    path = bench.store.path
    tables = ("calls", "findings", "deals", "transcripts", "sources", "utterances")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_master"))
    data = bytearray(path.read_bytes())
    size = int.from_bytes(data[16:18], "big")
    for table in tables:
        data[(roots[table] - 1) * size : roots[table] * size] = b"\xa5" * size
    path.write_bytes(data)
    store = Store(path)
    reads = {
        "calls": store.calls,
        "evidence": store.evidence,
        "deals": store.deals,
        "rows": lambda: list(store.table_rows("transcripts")),
        "search": lambda: store.search("price"),
        "pending": lambda: list(store.pending(bench.stages()[0])),
    }
    bench.store = store
    told = {}
    for name, read in reads.items():
        try:
            read()
        except StoreError as error:
            told[name] = "restore a copy" in error.hint
    assert told == dict.fromkeys(reads, True)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The hint is about the folder, not about damage."""
    with pytest.raises(StoreError, match="unable to open") as caught:
        Store(tmp_path / "nowhere" / "callmine.db")
    assert "folder exists" in caught.value.hint


def test_reading_makes_no_database(tmp_path: Path) -> None:
    """Where there was no run yet, that is said, and no empty database left."""
    path = tmp_path / "callmine.db"
    with pytest.raises(StoreError, match="does not exist"):
        Store(path, create=False)
    assert not path.exists()


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder of a user who is not root, and the test is run as that user: root may write everywhere."""
    # Not tmp_path: nobody else may look into root's.
    with tempfile.TemporaryDirectory() as name:
        user = os.geteuid()
        if user == 0:
            os.chown(name, NOBODY, -1)
            os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            Path(name).chmod(0o700)
            os.seteuid(user)


def test_a_folder_without_permission(own_folder: Path) -> None:
    """The run says so before it begins; the same user may, where the folder lets him."""
    with only_run(own_folder):
        pass
    own_folder.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written"), only_run(own_folder):
        pass


@pytest.fixture
def others(own_folder: Path) -> Path:
    """A database with one deal that its reader may not write, nor its folder."""
    path = own_folder / "callmine.db"
    with Store(path) as store:
        store.import_deals([a_deal("D-1")])
    return close_to_writers(path)


def close_to_writers(path: Path) -> Path:
    """Let nobody write a database and its folder any more; return the database."""
    path.chmod(0o400)
    path.parent.chmod(0o500)
    return path


@pytest.mark.parametrize("asked", [False, True], ids=["told by its permissions", "found out by trying"])
def test_a_database_may_be_read_where_nobody_may_write(
    others: Path, asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a reviewer's network share: reports are built and not kept, what writes says why it cannot."""
    if asked:
        monkeypatch.setattr(database, "_may_write", lambda path: True)
    with Store(others) as store:
        assert [deal.deal_id for deal in store.deals()] == ["D-1"]
        store.save_report("digest", "2026-W40", "{}", as_of=None)
        assert store.reports_kept("digest") == 0
        with pytest.raises(StoreError, match="readonly") as caught:
            store.import_deals([a_deal("D-2")])
    assert "You may only read here" in caught.value.hint
    assert [one.name for one in others.parent.iterdir()] == ["callmine.db"]


def test_what_is_not_in_the_database_yet_is_not_left_out(own_folder: Path) -> None:
    """Changes that only the log has cannot be read without writing: better nothing than what was before."""
    path, copy = own_folder / "w" / "callmine.db", own_folder / "r" / "callmine.db"
    for folder in (path.parent, copy.parent):
        folder.mkdir()
    with Store(path) as store:
        store.import_deals([a_deal("D-1")])
        for end in ("", "-wal"):
            Path(f"{copy}{end}").write_bytes(Path(f"{path}{end}").read_bytes())
    close_to_writers(copy)
    with pytest.raises(StoreError, match=r"its last changes are in callmine\.db-wal") as caught:
        Store(copy)
    assert "copy the whole folder" in caught.value.hint
    copy.parent.chmod(0o700)


def test_an_old_database_is_not_read_as_a_new_one(own_folder: Path) -> None:
    """Its schema would have to be changed first, which takes somebody who may."""
    path = own_folder / "callmine.db"
    with Store(path) as store, store._writing():
        store._db.execute(
            "DELETE FROM _sqlite_migrations WHERE id = (SELECT max(id) FROM _sqlite_migrations)"
        )
    close_to_writers(path)
    with pytest.raises(StoreError, match="was written by an older callmine") as caught:
        Store(path)
    assert "may write there" in caught.value.hint


def test_the_second_run_names_the_first(tmp_path: Path) -> None:
    """One run at a time: the second gets the first's process number and changes nothing."""
    script = (
        "import sys; from pathlib import Path; from callmine.pipeline import only_run\n"
        "with only_run(Path(sys.argv[1])): print('at work', flush=True); sys.stdin.read()"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout
    assert first.stdout.readline() == "at work\n"
    with pytest.raises(StoreError, match=rf"process {first.pid}\)") as caught, only_run(tmp_path):
        pytest.fail("two at once")
    assert caught.value.exit_code == 5
    assert caught.value.hint
    first.communicate("end", timeout=30)
    with only_run(tmp_path):
        assert (tmp_path / ".callmine.pid").read_text() == f"{os.getpid()}\n"
    assert not (tmp_path / ".callmine.pid").exists()


def test_a_run_that_just_ends_is_named_without_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process number goes before its lock does."""
    read = Path.read_text

    def gone(path: Path, *args: str, **named: str) -> str:
        path.unlink()
        return read(path, *args, **named)

    with only_run(tmp_path):
        monkeypatch.setattr(Path, "read_text", gone)
        with pytest.raises(StoreError, match=f"another run is at work in {tmp_path}$"), only_run(tmp_path):
            pytest.fail("two at once")


def test_a_killed_run_holds_no_lock(tmp_path: Path) -> None:
    """What it left behind does not keep the next one out, and is not taken for it."""
    script = (
        "import os, signal, sys; from pathlib import Path; from callmine.pipeline import only_run\n"
        "with only_run(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path], check=False)
    assert (tmp_path / ".callmine.pid").exists()
    with only_run(tmp_path):
        assert (tmp_path / ".callmine.pid").read_text() == f"{os.getpid()}\n"
