"""The schema's history: named, append-only, transactional migrations.

Never edit a migration that was released; add one. What each table and column means is in
:mod:`callmine.store.meanings`, and a test holds the two together.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from callmine.store.first_tables import FIRST_TABLES
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
    for statement in _WHO_SPOKE.split(";;"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m0003_voices_refused(db: Database) -> None:
    """Remember whose voice must not be learned again."""
    db.execute("CREATE TABLE voices_refused (person TEXT PRIMARY KEY, made_at TEXT NOT NULL)")


@migrations()
def m0004_who_corrected(db: Database) -> None:
    """Remember who corrected something, words that were missed, turns without an objection, and links."""
    for statement in _WHO_CORRECTED.split(";;"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m0005_second_reader(db: Database) -> None:
    """Keep what a language model answered, the verdicts that hold, and its headlines."""
    for statement in _SECOND_READER.split(";;"):
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
    for statement in _DEALS_OVER_TIME.split(";;"):
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
    for statement in _DELIVERIES.split(";;"):
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


_WHO_SPOKE = """
ALTER TABLE transcripts ADD COLUMN left_out_ms INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE calls ADD COLUMN role_doubt TEXT;;
CREATE TABLE voices (
    call_id TEXT PRIMARY KEY REFERENCES calls (call_id) ON DELETE CASCADE,
    turns TEXT NOT NULL,
    embeddings TEXT
);;
CREATE TABLE edits (
    id INTEGER PRIMARY KEY,
    made_at TEXT NOT NULL,
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    heard TEXT NOT NULL,
    text TEXT NOT NULL,
    role TEXT CHECK (role IN ('rep', 'prospect', 'unknown'))
);;
CREATE INDEX edits_call ON edits (call_id);;
"""

# SQLite cannot change a CHECK, so the table is made anew.
_WHO_CORRECTED = """
CREATE TABLE corrections_new (
    id INTEGER PRIMARY KEY,
    made_at TEXT NOT NULL,
    made_by TEXT,
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    utterance_index INTEGER,
    finding_id TEXT,
    verdict TEXT NOT NULL
        CHECK (verdict IN ('right', 'wrong', 'label', 'missed', 'nothing', 'roles', 'link')),
    label TEXT,
    text TEXT,
    words TEXT
);;
INSERT INTO corrections_new (id, made_at, call_id, utterance_index, finding_id, verdict, label, text)
SELECT id, made_at, call_id, utterance_index, finding_id, verdict, label, text FROM corrections;;
DROP TABLE corrections;;
ALTER TABLE corrections_new RENAME TO corrections;;
CREATE INDEX corrections_finding ON corrections (finding_id);;
CREATE INDEX corrections_call ON corrections (call_id);;
"""

_SECOND_READER = """
CREATE TABLE second_readings (
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    made_at TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    verdict TEXT CHECK (verdict IN ('confirmed', 'rejected', 'relabelled')),
    label TEXT,
    reason TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    PRIMARY KEY (call_id, key)
);;
CREATE TRIGGER second_readings_stay BEFORE UPDATE ON second_readings BEGIN
    SELECT raise(ABORT, 'answers of a second reader are never changed');
END;;
CREATE TABLE second_verdicts (
    finding_id TEXT PRIMARY KEY,
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    model TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('confirmed', 'rejected', 'relabelled')),
    label TEXT NOT NULL
);;
CREATE INDEX second_verdicts_call ON second_verdicts (call_id);;
CREATE TABLE headlines (
    key TEXT PRIMARY KEY,
    made_at TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    calls TEXT NOT NULL,
    text TEXT,
    reason TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL
);;
"""

# Made anew: a column that must be filled, and one that may be empty from now on.
_DEALS_OVER_TIME = """
CREATE TABLE deal_imports (
    id INTEGER PRIMARY KEY,
    imported_at TEXT NOT NULL,
    since TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('full', 'delta', 'history')),
    file TEXT,
    mapping TEXT NOT NULL,
    rivals TEXT NOT NULL
);;
ALTER TABLE deals ADD COLUMN outcome_word TEXT;;
ALTER TABLE deals ADD COLUMN is_won INTEGER;;
ALTER TABLE deals ADD COLUMN is_closed INTEGER;;
ALTER TABLE deals ADD COLUMN reason_labels TEXT NOT NULL DEFAULT '[]';;
ALTER TABLE deals ADD COLUMN known_at TEXT;;
ALTER TABLE deals ADD COLUMN import_id INTEGER REFERENCES deal_imports (id);;
UPDATE deals SET known_at = (SELECT max(imported_at) FROM deal_history);;
CREATE TABLE deal_history_new (
    id INTEGER PRIMARY KEY,
    deal_id TEXT NOT NULL REFERENCES deals (deal_id) ON DELETE CASCADE,
    since TEXT NOT NULL,
    imported_at TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('import', 'crm', 'playbook')),
    stage TEXT,
    outcome TEXT CHECK (outcome IS NOT NULL OR origin = 'crm'),
    amount REAL,
    close_date TEXT,
    is_gone INTEGER NOT NULL DEFAULT 0
);;
INSERT INTO deal_history_new
    (id, deal_id, since, imported_at, origin, stage, outcome, amount, close_date, is_gone)
SELECT id, deal_id, imported_at, imported_at, 'import', stage, outcome, amount, close_date, is_gone
FROM deal_history;;
DROP TABLE deal_history;;
ALTER TABLE deal_history_new RENAME TO deal_history;;
CREATE INDEX deal_history_deal ON deal_history (deal_id, since);;
CREATE UNIQUE INDEX deal_history_crm ON deal_history (deal_id, since) WHERE origin = 'crm';;
"""

_DELIVERIES = """
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    segment TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'slack')),
    address TEXT NOT NULL,
    message_id TEXT NOT NULL,
    redacted INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('begun', 'sent', 'failed')),
    begun_at TEXT NOT NULL,
    ended_at TEXT,
    reason TEXT
);;
CREATE INDEX deliveries_to ON deliveries (kind, subject, segment, channel, address);;
"""
