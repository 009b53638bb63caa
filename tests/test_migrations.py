"""Old databases become today's, newer ones are refused, and every column has a meaning."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from callmine.errors import StoreError
from callmine.store import Store
from callmine.store.meanings import TABLES
from callmine.store.migrations import migrations
from callmine.store.rows import EvidenceFilter

SCHEMAS = Path(__file__).parent / "schemas"
"""One dump a released schema, with a little data: the statements of its sqlite_master, then rows."""

RELEASED = sorted(SCHEMAS.glob("*.sql"))


def restored(dump: Path, target: Path) -> Path:
    """A database as that release left it."""
    with closing(sqlite3.connect(target)) as connection:
        connection.executescript(dump.read_text("utf-8"))
    return target


def schema(path: Path) -> dict[str, str]:
    """Name and text of everything in the schema, blanks evened out."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: " ".join(sql.split()) for name, sql in rows}


def fresh(folder: Path) -> Path:
    """A database as today's callmine makes it."""
    path = folder / "fresh.db"
    Store(path).close()
    return path


@pytest.mark.parametrize("dump", RELEASED, ids=lambda p: p.stem)
def test_released_schemas_migrate_to_todays(dump: Path, tmp_path: Path) -> None:
    """Table by table, index by index, trigger by trigger; opening it twice changes nothing more."""
    path = restored(dump, tmp_path / "old.db")
    Store(path).close()
    assert schema(path) == schema(fresh(tmp_path))
    Store(path).close()
    assert schema(path) == schema(fresh(tmp_path))


@pytest.mark.parametrize("dump", RELEASED, ids=lambda p: p.stem)
def test_released_data_is_kept_and_works(dump: Path, tmp_path: Path) -> None:
    """The call, its evidence, its deal and the search; and it is still guarded."""
    with Store(restored(dump, tmp_path / "old.db")) as store:
        (call,) = store.calls()
        (row,) = store.evidence(EvidenceFilter(label="contract"))
        assert (call.status, call.deal_id, call.outcome) == ("done", "D-1", "won")
        assert row.utterance[row.start : row.end] == row.text == "the price"
        assert row.verdict == "label"
        (state,) = store.stage_history()
        assert (state.deal_id, state.stage, state.outcome) == ("D-1", "Closed Won", "won")
        (kept,) = store.history_of("D-1")
        assert (kept["since"], kept["origin"]) == (kept["imported_at"], "import")
        assert store.deal_rows()[0].known_at == kept["imported_at"]
        assert list(store.deals_to_judge()) == [], "what it was judged by was not kept then"
        assert [u["call_id"] for u in store.search("prices")] == [call.call_id]
        transcript, utterances, speakers = store.transcript(call.call_id)
        assert (len(transcript.segments), len(utterances), len(speakers)) == (1, 1, 1)
        with pytest.raises(sqlite3.IntegrityError, match="verbatim"):
            store._db.execute(
                "INSERT INTO findings SELECT 'other', call_id, utterance_index, kind, label, start,"
                " \"end\", 'not said', start_ms, play_ms, end_ms, score, extractor, playbook, detail"
                " FROM findings"
            )


def test_there_is_a_dump_for_every_release() -> None:
    """Each migration that was released is the last one in some dump; a release adds its dump."""
    names = [m.name for m in migrations._migrations]
    assert names == sorted(names), "their numbers are their order"
    last = {f"m{dump.stem}" for dump in RELEASED}
    assert last <= {name[:5] for name in names}
    assert "m0001" in last


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """Exit code 5, what it knows, what to do; and it is not touched."""
    path = fresh(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)",
            ["callmine", "m9999_from_the_future", "2030-01-01"],
        )
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer callmine.*m9999_from_the_future") as caught:
        Store(path)
    assert caught.value.exit_code == 5
    assert "Upgrade" in caught.value.hint
    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one transaction: the next attempt starts from where the last release was."""
    twice = "CREATE TABLE a (x);; CREATE TABLE a (x);;"
    monkeypatch.setattr("callmine.store.migrations.FIRST_TABLES", twice)
    with pytest.raises(StoreError, match="already exists"):
        Store(tmp_path / "callmine.db")
    monkeypatch.undo()
    Store(tmp_path / "callmine.db").close()
    assert schema(tmp_path / "callmine.db") == schema(fresh(tmp_path))


def test_every_table_and_column_has_a_meaning(tmp_path: Path) -> None:
    """And every meaning a table or column, in the same order."""
    path = fresh(tmp_path)
    ours = [
        name
        for name, sql in schema(path).items()
        if sql.startswith("CREATE TABLE") and not name.startswith(("sqlite_", "_sqlite_", "utterances_fts"))
    ]
    assert sorted(ours) == sorted(TABLES)
    with closing(sqlite3.connect(path)) as connection:
        for table, (meaning, columns) in TABLES.items():
            info = connection.execute(f"PRAGMA table_info({table})").fetchall()
            assert [row[1] for row in info] == list(columns), table
            for text in (meaning, *columns.values()):
                assert text.strip() == text != ""
                assert "\n" not in text


def test_reports_keep_their_rows_and_approvals_that_are_theirs(tmp_path: Path) -> None:
    """Numbered as they were built; an approval of a row that was given again since is of nothing."""
    path = tmp_path / "callmine.db"
    db = Database(path)
    migrations.apply(db, stop_before="m0015_numbered_reports")
    card = {"kind": "battlecard", "subject": "Lantern", "as_of": None}
    db["reports"].insert_all(
        [
            {**card, "id": 2, "made_at": "2026-01-02T00:00:00Z", "value": '{"a": 1}'},
            {**card, "id": 3, "subject": "Other", "made_at": "2026-01-02T00:00:00Z", "value": '{"b": 1}'},
            {**card, "id": 5, "made_at": "2026-01-05T00:00:00Z", "value": '{"a": 2}'},
        ]
    )
    said = {"made_at": "2026-01-04T00:00:00Z", "made_by": "Ada Example", "subject": "Lantern"}
    db["report_edits"].insert_all({**said, "what": "approve", "about": about} for about in (2, 3, 5, 9))
    db["report_edits"].insert({**said, "what": "drop", "about": 1})
    db.close()
    with Store(path) as store:
        versions = store.card_versions("Lantern")
        assert [(one.report_id, one.number) for one in versions] == [(2, 1), (5, 2)]
        assert [one.about for one in store.report_edits("battlecard", "Lantern")] == [
            2,
            None,
            None,
            None,
            1,
        ]
        store.save_report("battlecard", "Lantern", '{"a": 3}', as_of=None)
        last = store.card_versions("Lantern")[-1]
        assert (last.report_id, last.number) == (10, 4), "three approvals are of versions that are gone"
        assert store.last_report("battlecard", "Other") == {"b": 1}
        assert store.last_report("battlecard", "Nobody") is None


def numbers_of(path: Path, *, sent: dict[int, str], before: bool) -> list[int]:
    """Numbers of two kept cards and of one that comes, and what was sent of versions, on which days.

    Made before the migration, where versions that were deleted left their numbers to others, or after it.
    """
    db = Database(path)
    migrations.apply(db, stop_before="m0015_numbered_reports" if before else None)
    card = {"kind": "battlecard", "subject": "Lantern", "as_of": None}
    for number in (1, 2):
        row = {**card, "made_at": f"2026-01-0{number}T00:00:00Z", "value": f'{{"a": {number}}}'}
        db["reports"].insert({**row, "id": number} if before else {**row, "number": number})
    parcel = {"kind": "battlecard", "segment": "", "channel": "email", "address": "a@b.example"}
    done = {"message_id": "<1@b.example>", "redacted": 0, "state": "sent"}
    rows = [(f"Lantern, version {number}", day) for number, day in sent.items()]
    others = [("Lantern, up to 2026-01-31", "2026-01-31"), ("Lantern, version 2, version 9", "2026-01-31")]
    db["deliveries"].insert_all(
        {**parcel, **done, "subject": subject, "begun_at": f"{day}T12:00:00Z"}
        for subject, day in [*rows, *others]
    )
    db.close()
    with Store(path) as store:
        store.save_report("battlecard", "Lantern", '{"a": 3}', as_of=None)
        store.save_report("battlecard", "Other", '{"a": 3}', as_of=None)
        assert [one.number for one in store.card_versions("Other")] == [1]
        return [one.number for one in store.card_versions("Lantern")]


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_version_never_has_the_number_of_one_that_was_sent_and_deleted(
    tmp_path: Path, before: bool
) -> None:
    """Version 3 was sent and deleted with its call: ``send`` would take the next card for sent."""
    sent = {1: "2026-01-01", 2: "2026-01-02", 3: "2026-01-03"}
    assert numbers_of(tmp_path / "callmine.db", sent=sent, before=before) == [1, 2, 4]


def test_a_version_that_moved_to_a_number_that_was_sent_before_has_another(tmp_path: Path) -> None:
    """Version 1 is gone, and what is left in its place is younger than what was sent of it."""
    assert numbers_of(tmp_path / "callmine.db", sent={2: "2026-01-01"}, before=True) == [3, 4, 5]
