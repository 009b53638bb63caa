-- A workspace's database as it was before corrections said who made them. Never edit it.

CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE TABLE sources (
    path TEXT PRIMARY KEY,
    origin TEXT NOT NULL CHECK (origin IN ('add', 'inbox')),
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    content TEXT,
    format TEXT,
    facts TEXT NOT NULL DEFAULT '{}',
    call_id TEXT REFERENCES calls (call_id) ON DELETE SET NULL
);
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
, role_doubt TEXT);
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
, left_out_ms INTEGER NOT NULL DEFAULT 0);
CREATE TABLE speakers (
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    speaker TEXT NOT NULL,
    name TEXT,
    role TEXT NOT NULL CHECK (role IN ('rep', 'prospect', 'unknown')),
    role_source TEXT NOT NULL,
    role_confidence REAL NOT NULL CHECK (role_confidence BETWEEN 0 AND 1),
    channel INTEGER,
    PRIMARY KEY (call_id, speaker)
);
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
);
CREATE VIRTUAL TABLE utterances_fts USING fts5 (
    text, content='utterances', content_rowid='id', tokenize='porter unicode61'
);
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
);
CREATE TABLE corrections (
    id INTEGER PRIMARY KEY,
    made_at TEXT NOT NULL,
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    utterance_index INTEGER,
    finding_id TEXT,
    verdict TEXT NOT NULL CHECK (verdict IN ('right', 'wrong', 'label', 'missed', 'roles')),
    label TEXT,
    text TEXT
);
CREATE TABLE playbooks (
    playbook TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    first_used_at TEXT NOT NULL
);
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
);
CREATE TABLE deal_history (
    id INTEGER PRIMARY KEY,
    deal_id TEXT NOT NULL REFERENCES deals (deal_id) ON DELETE CASCADE,
    imported_at TEXT NOT NULL,
    stage TEXT,
    outcome TEXT NOT NULL,
    amount REAL,
    close_date TEXT,
    is_gone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE links (
    call_id TEXT PRIMARY KEY REFERENCES calls (call_id) ON DELETE CASCADE,
    deal_id TEXT REFERENCES deals (deal_id) ON DELETE CASCADE,
    rule TEXT NOT NULL,
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    why TEXT NOT NULL
);
CREATE TABLE reports (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    made_at TEXT NOT NULL,
    as_of TEXT,
    value TEXT NOT NULL
);
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
);
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    pid INTEGER NOT NULL,
    exit_code INTEGER,
    counts TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE voices (
    call_id TEXT PRIMARY KEY REFERENCES calls (call_id) ON DELETE CASCADE,
    turns TEXT NOT NULL,
    embeddings TEXT
);
CREATE TABLE edits (
    id INTEGER PRIMARY KEY,
    made_at TEXT NOT NULL,
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    heard TEXT NOT NULL,
    text TEXT NOT NULL,
    role TEXT CHECK (role IN ('rep', 'prospect', 'unknown'))
);
CREATE TABLE voices_refused (person TEXT PRIMARY KEY, made_at TEXT NOT NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX sources_call ON sources (call_id);
CREATE UNIQUE INDEX calls_content ON calls (content);
CREATE INDEX calls_external ON calls (external_id, system);
CREATE INDEX calls_started ON calls (started_at);
CREATE INDEX findings_utterance ON findings (call_id, utterance_index);
CREATE INDEX findings_label ON findings (kind, label);
CREATE INDEX corrections_finding ON corrections (finding_id);
CREATE INDEX corrections_call ON corrections (call_id);
CREATE INDEX deal_history_deal ON deal_history (deal_id, imported_at);
CREATE INDEX links_deal ON links (deal_id);
CREATE INDEX stage_runs_key ON stage_runs (key);
CREATE INDEX edits_call ON edits (call_id);
CREATE TRIGGER utterances_fts_insert AFTER INSERT ON utterances BEGIN
    INSERT INTO utterances_fts (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER utterances_fts_delete AFTER DELETE ON utterances BEGIN
    INSERT INTO utterances_fts (utterances_fts, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER utterances_fts_update AFTER UPDATE OF text ON utterances BEGIN
    INSERT INTO utterances_fts (utterances_fts, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO utterances_fts (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER findings_verbatim BEFORE INSERT ON findings
WHEN new.text <> (
    SELECT substr(text, new.start + 1, new."end" - new.start) FROM utterances
    WHERE call_id = new.call_id AND utterance_index = new.utterance_index
) BEGIN
    SELECT raise(ABORT, 'finding is not verbatim in its utterance');
END;

INSERT INTO "_sqlite_migrations" VALUES (1, 'callmine', 'm0001_first_tables', '2026-11-21 23:53:51.528285+00:00');
INSERT INTO "_sqlite_migrations" VALUES (2, 'callmine', 'm0002_who_spoke', '2026-11-23 00:10:32.337010+00:00');
INSERT INTO "_sqlite_migrations" VALUES (3, 'callmine', 'm0003_voices_refused', '2026-11-23 00:10:32.337421+00:00');
INSERT INTO "sources" VALUES ('/calls/call.wav', 'add', 6444, 1795305231529507542, '27918269a1d5e3d0e8106981d7736707ea937f8caddda5a6399d22bee86cd32c', NULL, '{"consent":"yes","deal_id":"D-1","external_id":"REC-1","participants":[{"email":"maya@larkmoor.example","name":"Maya Linden"},{"email":"petra@brennholt.example","name":"Petra Voss"}],"rep":"Maya Linden","rep_channel":"left","started_at":"2026-09-29T08:00:00Z"}', '27918269a1d5e3d0');
INSERT INTO "calls" VALUES ('27918269a1d5e3d0', 'call.wav', '27918269a1d5e3d0e8106981d7736707ea937f8caddda5a6399d22bee86cd32c', '/calls/call.wav', NULL, NULL, 200, 2, 'file', 'REC-1', NULL, 'sales', '2026-09-29T08:00:00Z', 'Maya Linden', NULL, NULL, 'D-1', '[{"email":"maya@larkmoor.example","name":"Maya Linden"},{"email":"petra@brennholt.example","name":"Petra Voss"}]', 'left', NULL, 'yes', NULL);
INSERT INTO "transcripts" VALUES ('27918269a1d5e3d0', 'en', 'scripted', '1', 'paper', '{}', 2, '[]', 0, '[{"avg_logprob":null,"channel":1,"compression_ratio":null,"end_ms":2000,"no_speech_prob":null,"role":null,"speaker":null,"start_ms":0,"text":"Honestly, the price is too high for us.","words":[["Honestly,",0,250,1.0],["the",250,500,1.0],["price",500,750,1.0],["is",750,1000,1.0],["too",1000,1250,1.0],["high",1250,1500,1.0],["for",1500,1750,1.0],["us.",1750,2000,1.0]]}]', 0);
INSERT INTO "speakers" VALUES ('27918269a1d5e3d0', 'channel 2', 'Petra Voss', 'prospect', 'channel', 0.97, 1);
INSERT INTO "utterances" VALUES (1, '27918269a1d5e3d0', 0, 'channel 2', 'prospect', 'channel', 0.97, 0, 2000, 'Honestly, the price is too high for us.', '[[0,9,0,250],[10,13,250,500],[14,19,500,750],[20,22,750,1000],[23,26,1000,1250],[27,31,1250,1500],[32,35,1500,1750],[36,39,1750,2000]]', 8);
INSERT INTO "findings" VALUES ('0d4fccd38ea449e2', '27918269a1d5e3d0', 0, 'objection', 'price', 10, 19, 'the price', 250, 0, 750, 0.9, 'rules/1', 'd53dcf4a6aeb3f90', '{}');
INSERT INTO "corrections" VALUES (1, '2026-11-21T23:53:51Z', '27918269a1d5e3d0', 0, '0d4fccd38ea449e2', 'label', 'contract', 'the price');
INSERT INTO "corrections" VALUES (2, '2026-11-22T09:00:00Z', '27918269a1d5e3d0', 0, NULL, 'missed', 'timing', 'Honestly, the price is too high for us.');
INSERT INTO "corrections" VALUES (3, '2026-11-22T09:01:00Z', '27918269a1d5e3d0', NULL, NULL, 'roles', 'confirm', '{"channel 2":"prospect"}');
INSERT INTO "playbooks" VALUES ('d53dcf4a6aeb3f90', '{"answers": [], "company": {"domains": ["larkmoor.example"], "name": "Larkmoor", "products": []}, "competitors": [{"aliases": [], "heard_as": [], "name": "Lantern"}], "messages": [], "objections": [], "personas": [], "trackers": []}', '2026-11-21T23:53:51Z');
INSERT INTO "deals" VALUES ('D-1', 'Brennholt: ovens', 'Brennholt Bakeries', 'Maya Linden', 'Closed Won', 'won', 48000.0, 'EUR', '2026-09-01', NULL, '2026-10-05', NULL, NULL, 'SMB', NULL, 'brennholt.example', '["petra@brennholt.example"]', NULL, NULL, 0);
INSERT INTO "deal_history" VALUES (1, 'D-1', '2026-11-21T23:53:51Z', 'Closed Won', 'won', 48000.0, '2026-10-05', 0);
INSERT INTO "links" VALUES ('27918269a1d5e3d0', 'D-1', 'deal_id', 1.0, 'The call names deal D-1.');
INSERT INTO "reports" VALUES (1, 'digest', '2026-W40', '2026-11-21T23:53:51Z', NULL, '{}');
INSERT INTO "stage_runs" VALUES ('ingest', '/calls/call.wav', 'afa6cd91bca07973', '3069ec528a4a479f', 'done', NULL, NULL, NULL, 0, 0, NULL, 1, '[]', '2026-11-21T23:53:51Z-7828e3', '2026-11-21T23:53:51Z', 0.054);
INSERT INTO "stage_runs" VALUES ('transcribe', '27918269a1d5e3d0', '802d4c33b93bfda0', '88ce7419bebd703b', 'done', NULL, NULL, NULL, 0, 0, NULL, 1, '[]', '2026-11-21T23:53:51Z-7828e3', '2026-11-21T23:53:51Z', 0.0);
INSERT INTO "stage_runs" VALUES ('attribute', '27918269a1d5e3d0', '4b68ce154996bbae', 'e6488e03d83bcb15', 'done', NULL, NULL, NULL, 0, 0, NULL, 1, '[]', '2026-11-21T23:53:51Z-7828e3', '2026-11-21T23:53:51Z', 0.0);
INSERT INTO "stage_runs" VALUES ('extract', '27918269a1d5e3d0', '31f7c173a0761d98', '3fffc8c71bf19b12', 'done', NULL, NULL, NULL, 0, 0, NULL, 1, '[]', '2026-11-21T23:53:51Z-7828e3', '2026-11-21T23:53:51Z', 0.0);
INSERT INTO "stage_runs" VALUES ('link', '27918269a1d5e3d0', '296062c93e195b0e', 'cc6559c290a0a50f', 'done', NULL, NULL, NULL, 0, 0, NULL, 1, '[]', '2026-11-21T23:53:51Z-7828e3', '2026-11-21T23:53:51Z', 0.0);
INSERT INTO "runs" VALUES ('2026-11-21T23:53:51Z-7828e3', '2026-11-21T23:53:51Z', '2026-11-21T23:53:51Z', 3777, 0, '[{"bugs":0,"done":1,"failed":0,"failures":[],"seconds":0.06,"skipped":0,"stage":"ingest","waiting":0},{"bugs":0,"done":1,"failed":0,"failures":[],"seconds":0.0,"skipped":0,"stage":"transcribe","waiting":0},{"bugs":0,"done":1,"failed":0,"failures":[],"seconds":0.0,"skipped":0,"stage":"attribute","waiting":0},{"bugs":0,"done":1,"failed":0,"failures":[],"seconds":0.0,"skipped":0,"stage":"extract","waiting":0},{"bugs":0,"done":1,"failed":0,"failures":[],"seconds":0.0,"skipped":0,"stage":"link","waiting":0}]');
