"""The statements of the migration that gives kept reports rows and numbers that are given once.

Rows were deleted until then, and SQLite gave the highest number again: an approval that is older than the
report it points at, or is of another one, was of a row that is gone. A row that an approval points at is
not given again either, though it is gone.

Numbers of versions were places in the list of what was left, so one that was sent may have become another
card's. Where a card is younger than what was sent under its place, all of its kind and subject are numbered
above what was sent: else ``send`` takes them for sent. Where none is, they keep the numbers people know,
and :func:`callmine.store.kept_reports.keep_report` begins above what was sent with the next one.
"""

from __future__ import annotations

NUMBERED_REPORTS = """
CREATE TABLE reports_new (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    number INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    as_of TEXT,
    value TEXT NOT NULL,
    UNIQUE (kind, subject, number)
);;
INSERT INTO reports_new (id, kind, subject, number, made_at, as_of, value)
WITH placed AS (
    SELECT *, row_number() OVER (PARTITION BY kind, subject ORDER BY id) AS place FROM reports
), sent AS (
    SELECT kind, substr(subject, 1, instr(subject, ', version ') - 1) AS subject, begun_at,
        CAST(substr(subject, instr(subject, ', version ') + 10) AS INTEGER) AS number
    FROM deliveries WHERE instr(subject, ', version ')
), above AS (
    SELECT kind, subject, max(number) AS number FROM sent GROUP BY kind, subject
    HAVING max(EXISTS (
        SELECT 1 FROM placed WHERE placed.kind = sent.kind AND placed.subject = sent.subject
        AND placed.place = sent.number AND placed.made_at > sent.begun_at
    ))
)
SELECT id, kind, subject, place + coalesce(above.number, 0), made_at, as_of, value
FROM placed LEFT JOIN above USING (kind, subject);;
DROP TABLE reports;;
ALTER TABLE reports_new RENAME TO reports;;
DELETE FROM sqlite_sequence WHERE name = 'reports';;
INSERT INTO sqlite_sequence (name, seq) SELECT 'reports', max(
    coalesce((SELECT max(id) FROM reports), 0),
    coalesce((SELECT max(about) FROM report_edits WHERE what = 'approve'), 0)
);;
UPDATE report_edits SET about = NULL WHERE what = 'approve' AND NOT EXISTS (
    SELECT 1 FROM reports WHERE id = report_edits.about AND kind = report_edits.kind
    AND subject = report_edits.subject AND made_at <= report_edits.made_at
);;
"""
