"""The tables of the first release, for the first migration: never edit them, add a migration."""

from __future__ import annotations

FIRST_TABLES = """
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
"""Statements, divided by ``;;`` because triggers hold a semicolon."""
