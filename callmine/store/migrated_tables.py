"""The tables that migrations made, or made anew: SQL statements, parted by two semicolons."""

from __future__ import annotations

WHO_SPOKE = """
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
WHO_CORRECTED = """
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

SECOND_READER = """
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
DEALS_OVER_TIME = """
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

DELIVERIES = """
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
