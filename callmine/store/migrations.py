"""The schema's history: named, append-only, transactional migrations.

Never edit a migration that was released; add one. What each table and column means is in
:mod:`callmine.store.meanings`, and a test holds the two together.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("callmine")


@migrations()
def m0001_first_tables(db: Database) -> None:
    """Create every table of the first release."""
    for statement in _FIRST.split(";;"):
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


_FIRST = """
CREATE TABLE sources (
    path TEXT PRIMARY KEY,
    origin TEXT NOT NULL CHECK (origin IN ('add', 'inbox')),
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    content TEXT,
    format TEXT,
    facts TEXT NOT NULL DEFAULT '{}',
    call_id TEXT REFERENCES calls (call_id) ON DELETE SET NULL
);;
CREATE INDEX sources_call ON sources (call_id);;
CREATE TABLE calls (
    call_id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    content TEXT NOT NULL,
    recording TEXT,
    transcript_file TEXT,
    format TEXT,
    duration_ms INTEGER NOT NULL,
    channels INTEGER NOT NULL,
    system TEXT NOT NULL,
    external_id TEXT,
    title TEXT,
    type TEXT NOT NULL,
    started_at TEXT,
    rep TEXT,
    rep_email TEXT,
    account TEXT,
    deal_id TEXT,
    participants TEXT NOT NULL DEFAULT '[]',
    rep_channel TEXT,
    language TEXT,
    consent TEXT
);;
CREATE UNIQUE INDEX calls_content ON calls (content);;
CREATE INDEX calls_external ON calls (external_id, system);;
CREATE INDEX calls_started ON calls (started_at);;
CREATE TABLE transcripts (
    call_id TEXT PRIMARY KEY REFERENCES calls (call_id) ON DELETE CASCADE,
    language TEXT NOT NULL,
    engine TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    model TEXT NOT NULL,
    settings TEXT NOT NULL,
    channels INTEGER NOT NULL,
    notes TEXT NOT NULL,
    speech_ms INTEGER NOT NULL,
    segments TEXT NOT NULL
);;
CREATE TABLE speakers (
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    speaker TEXT NOT NULL,
    name TEXT,
    role TEXT NOT NULL CHECK (role IN ('rep', 'prospect', 'unknown')),
    role_source TEXT NOT NULL,
    role_confidence REAL NOT NULL CHECK (role_confidence BETWEEN 0 AND 1),
    channel INTEGER,
    PRIMARY KEY (call_id, speaker)
);;
CREATE TABLE utterances (
    id INTEGER PRIMARY KEY,
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    utterance_index INTEGER NOT NULL,
    speaker TEXT NOT NULL,
    role TEXT NOT NULL,
    role_source TEXT NOT NULL,
    role_confidence REAL NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL CHECK (end_ms >= start_ms),
    text TEXT NOT NULL CHECK (text <> ''),
    words TEXT NOT NULL DEFAULT '[]',
    word_count INTEGER NOT NULL,
    UNIQUE (call_id, utterance_index)
);;
CREATE VIRTUAL TABLE utterances_fts USING fts5 (
    text, content='utterances', content_rowid='id', tokenize='porter unicode61'
);;
CREATE TRIGGER utterances_fts_insert AFTER INSERT ON utterances BEGIN
    INSERT INTO utterances_fts (rowid, text) VALUES (new.id, new.text);
END;;
CREATE TRIGGER utterances_fts_delete AFTER DELETE ON utterances BEGIN
    INSERT INTO utterances_fts (utterances_fts, rowid, text) VALUES ('delete', old.id, old.text);
END;;
CREATE TRIGGER utterances_fts_update AFTER UPDATE OF text ON utterances BEGIN
    INSERT INTO utterances_fts (utterances_fts, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO utterances_fts (rowid, text) VALUES (new.id, new.text);
END;;
CREATE TABLE findings (
    finding_id TEXT PRIMARY KEY,
    call_id TEXT NOT NULL,
    utterance_index INTEGER NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    play_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    score REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
    extractor TEXT NOT NULL,
    playbook TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '{}',
    FOREIGN KEY (call_id, utterance_index)
        REFERENCES utterances (call_id, utterance_index) ON DELETE CASCADE
);;
CREATE INDEX findings_utterance ON findings (call_id, utterance_index);;
CREATE INDEX findings_label ON findings (kind, label);;
CREATE TRIGGER findings_verbatim BEFORE INSERT ON findings
WHEN new.text <> (
    SELECT substr(text, new.start + 1, new."end" - new.start) FROM utterances
    WHERE call_id = new.call_id AND utterance_index = new.utterance_index
) BEGIN
    SELECT raise(ABORT, 'finding is not verbatim in its utterance');
END;;
CREATE TABLE corrections (
    id INTEGER PRIMARY KEY,
    made_at TEXT NOT NULL,
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    utterance_index INTEGER,
    finding_id TEXT,
    verdict TEXT NOT NULL CHECK (verdict IN ('right', 'wrong', 'label', 'missed', 'roles')),
    label TEXT,
    text TEXT
);;
CREATE INDEX corrections_finding ON corrections (finding_id);;
CREATE INDEX corrections_call ON corrections (call_id);;
CREATE TABLE playbooks (
    playbook TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    first_used_at TEXT NOT NULL
);;
CREATE TABLE deals (
    deal_id TEXT PRIMARY KEY,
    name TEXT,
    account TEXT,
    owner TEXT,
    stage TEXT,
    outcome TEXT NOT NULL,
    amount REAL,
    currency TEXT,
    created_at TEXT,
    inquired_at TEXT,
    close_date TEXT,
    loss_reason TEXT,
    competitor TEXT,
    segment TEXT,
    lead_source TEXT,
    account_domain TEXT,
    contact_emails TEXT NOT NULL DEFAULT '[]',
    pipeline TEXT,
    type TEXT,
    is_gone INTEGER NOT NULL DEFAULT 0
);;
CREATE TABLE deal_history (
    id INTEGER PRIMARY KEY,
    deal_id TEXT NOT NULL REFERENCES deals (deal_id) ON DELETE CASCADE,
    imported_at TEXT NOT NULL,
    stage TEXT,
    outcome TEXT NOT NULL,
    amount REAL,
    close_date TEXT,
    is_gone INTEGER NOT NULL DEFAULT 0
);;
CREATE INDEX deal_history_deal ON deal_history (deal_id, imported_at);;
CREATE TABLE links (
    call_id TEXT PRIMARY KEY REFERENCES calls (call_id) ON DELETE CASCADE,
    deal_id TEXT REFERENCES deals (deal_id) ON DELETE CASCADE,
    rule TEXT NOT NULL,
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    why TEXT NOT NULL
);;
CREATE INDEX links_deal ON links (deal_id);;
CREATE TABLE reports (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    made_at TEXT NOT NULL,
    as_of TEXT,
    value TEXT NOT NULL
);;
CREATE TABLE stage_runs (
    stage TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    output TEXT,
    status TEXT NOT NULL CHECK (status IN ('done', 'skipped', 'failed')),
    reason TEXT,
    message TEXT,
    hint TEXT,
    retryable INTEGER NOT NULL DEFAULT 0,
    bug INTEGER NOT NULL DEFAULT 0,
    trace TEXT,
    attempts INTEGER NOT NULL DEFAULT 1,
    notes TEXT NOT NULL DEFAULT '[]',
    run_id TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (stage, key)
);;
CREATE INDEX stage_runs_key ON stage_runs (key);;
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    pid INTEGER NOT NULL,
    exit_code INTEGER,
    counts TEXT NOT NULL DEFAULT '[]'
);;
"""

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
