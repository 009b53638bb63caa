"""The schema's history: named, append-only, transactional migrations.

Never edit a migration that was released; add one. What each table and column means is in
:mod:`callmine.store.meanings`, and a test holds the two together.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from callmine.store.first_tables import FIRST_TABLES
from callmine.store.migrated_tables import (
    DEALS_OVER_TIME,
    DELIVERIES,
    SECOND_READER,
    WHO_CORRECTED,
    WHO_SPOKE,
)
from callmine.store.numbered_reports import NUMBERED_REPORTS

migrations = Migrations("callmine")


@migrations()
def m0001_first_tables(db: Database) -> None:
    """Create every table of the first release."""
    for statement in FIRST_TABLES.split(";;"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m0002_who_spoke(db: Database) -> None:
    """Add voices, people's edits of transcripts, doubts about roles, and speech without words."""
    for statement in WHO_SPOKE.split(";;"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m0003_voices_refused(db: Database) -> None:
    """Remember whose voice must not be learned again."""
    db.execute("CREATE TABLE voices_refused (person TEXT PRIMARY KEY, made_at TEXT NOT NULL)")


@migrations()
def m0004_who_corrected(db: Database) -> None:
    """Remember who corrected something, words that were missed, turns without an objection, and links."""
    for statement in WHO_CORRECTED.split(";;"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m0005_second_reader(db: Database) -> None:
    """Keep what a language model answered, the verdicts that hold, and its headlines."""
    for statement in SECOND_READER.split(";;"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m0006_readings(db: Database) -> None:
    """Keep what the encoder makes of each call, so that a changed playbook reads nothing again."""
    db.execute(
        "CREATE TABLE readings (call_id TEXT PRIMARY KEY REFERENCES calls (call_id) ON DELETE CASCADE,"
        " model TEXT NOT NULL, said TEXT NOT NULL, data BLOB NOT NULL)"
    )


@migrations()
def m0007_names_read(db: Database) -> None:
    """Keep what the encoder makes of the names in each call, so that known places are not read again."""
    db.execute(
        "CREATE TABLE name_readings (call_id TEXT PRIMARY KEY REFERENCES calls (call_id) ON DELETE CASCADE,"
        " model TEXT NOT NULL, said TEXT NOT NULL, data BLOB NOT NULL)"
    )


@migrations()
def m0008_deals_over_time(db: Database) -> None:
    """Keep from when on each state of a deal held, who says so, and what its outcome was judged by."""
    for statement in DEALS_OVER_TIME.split(";;"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m0009_why_unlinked(db: Database) -> None:
    """Remember why a call has no deal, as a word that can be counted, and which unknown deal it names."""
    db.execute(
        "CREATE TABLE link_tries (call_id TEXT PRIMARY KEY REFERENCES calls (call_id) ON DELETE CASCADE,"
        " reason TEXT, about TEXT, unknown_id TEXT, nearest TEXT, probability REAL)"
    )


@migrations()
def m0010_words_by_role(db: Database) -> None:
    """Let words by role be added up without reading what was said."""
    db.execute("CREATE INDEX utterances_words ON utterances (call_id, role, role_confidence, word_count)")


@migrations()
def m0011_deliveries(db: Database) -> None:
    """Remember what was sent to whom, so that nobody gets the same report twice."""
    for statement in DELIVERIES.split(";;"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m0012_card_edits(db: Database) -> None:
    """Keep what people add to battlecards, pin, bar, own and approve."""
    db.execute(
        "CREATE TABLE card_edits (id INTEGER PRIMARY KEY, made_at TEXT NOT NULL, made_by TEXT NOT NULL,"
        " competitor TEXT NOT NULL,"
        " what TEXT NOT NULL CHECK (what IN ('owner', 'note', 'pin', 'bar', 'approve', 'drop')),"
        " section TEXT, finding_id TEXT, about INTEGER, text TEXT)"
    )


@migrations()
def m0013_report_edits(db: Database) -> None:
    """Let people pin and bar quotes of other reports than battlecards."""
    db.execute("ALTER TABLE card_edits RENAME TO report_edits")
    db.execute("ALTER TABLE report_edits RENAME COLUMN competitor TO subject")
    db.execute("ALTER TABLE report_edits ADD COLUMN kind TEXT NOT NULL DEFAULT 'battlecard'")


@migrations()
def m0014_agreements(db: Database) -> None:
    """Keep what the leaders of sales and marketing agreed on, and what they want to watch."""
    db.execute(
        "CREATE TABLE agreements (id INTEGER PRIMARY KEY, made_at TEXT NOT NULL, made_by TEXT NOT NULL,"
        " agreed_on TEXT NOT NULL, text TEXT NOT NULL, watch TEXT,"
        " state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'dropped')),"
        " ended_at TEXT, ended_by TEXT)"
    )


@migrations()
def m0015_numbered_reports(db: Database) -> None:
    """Give a report's row and number never again, so that no approval can come to be of a later card."""
    for statement in NUMBERED_REPORTS.split(";;"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m0016_reasons_not_read(db: Database) -> None:
    """Tell loss reasons that no import has read from those that speak of nothing.

    m0008 gave deals that were there an empty list, which says that they were read.
    """
    db.execute(
        "UPDATE deals SET reason_labels = 'null'"
        " WHERE import_id IS NULL AND trim(coalesce(loss_reason, '')) <> ''"
    )


@migrations()
def m0017_covering_indexes(db: Database) -> None:
    """Let findings of a kind be read in the order of calls, and who said them without what was said."""
    db.execute("DROP INDEX utterances_words")
    db.execute(
        "CREATE INDEX utterances_words"
        " ON utterances (call_id, utterance_index, role, role_confidence, word_count)"
    )
    db.execute("DROP INDEX findings_label")
    db.execute("CREATE INDEX findings_kind ON findings (kind, call_id, utterance_index, label)")


@migrations()
def m0018_whole_findings_index(db: Database) -> None:
    """Let objections be counted from an index alone, and calls that failed be found without the others."""
    db.execute("DROP INDEX findings_kind")
    db.execute(
        "CREATE INDEX findings_kind ON findings (kind, call_id, utterance_index, label, score, finding_id)"
    )
    db.execute(
        "CREATE INDEX stage_runs_unfinished ON stage_runs (key, status)"
        " WHERE status IN ('skipped', 'failed')"
    )
