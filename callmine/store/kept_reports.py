"""Reports that were built: kept, and emptied where what they tell is to be forgotten.

A row is emptied and never deleted: what people approved points at it, and its number is on pages and in
what was sent.
"""

from __future__ import annotations

from sqlite_utils import Database

from callmine.domain import utc_now

EMPTY = "{}"
"""The value of a report that was emptied."""


def keep_report(db: Database, kind: str, subject: str, value: str, *, as_of: str | None) -> None:
    """Keep a report that differs from the last of its kind and subject; inside a transaction."""
    sql = "SELECT number, value FROM reports WHERE kind = ? AND subject = ? ORDER BY number DESC LIMIT 1"
    last = next(iter(db.query(sql, [kind, subject])), None)
    if last is None or last["value"] != value:
        number = max(last["number"] if last else 0, _highest_of_gone(db, kind, subject)) + 1
        row = {"kind": kind, "subject": subject, "number": number, "made_at": utc_now()}
        db.table("reports").insert({**row, "as_of": as_of, "value": value})


def _highest_of_gone(db: Database, kind: str, subject: str) -> int:
    """Return a number above which no version is known of which the row may be gone.

    Rows were deleted once. What was sent still tells numbers, and approvals that point nowhere tell how
    many versions there were at least.
    """
    sql = """
        SELECT max(
            coalesce((
                SELECT max(CAST(substr(subject, length(:sent) + 1) AS INTEGER)) FROM deliveries
                WHERE kind = :kind AND substr(subject, 1, length(:sent)) = :sent
                AND substr(subject, length(:sent) + 1) NOT GLOB '*[^0-9]*'
            ), 0),
            (
                SELECT count(*) FROM report_edits
                WHERE kind = :kind AND subject = :subject AND what = 'approve' AND about IS NULL
            )
        ) AS number
    """
    rows = db.query(sql, {"kind": kind, "subject": subject, "sent": f"{subject}, version "})
    return int(next(iter(rows))["number"])


def forget_call(db: Database, call_id: str) -> None:
    """Empty the reports that quote a call; runs inside the caller's transaction, before the call goes.

    Reports that may count it without a quote are emptied, too, whatever their days, as a call's day may
    have been another one then. That somebody looked stays, as looks are declared. Battlecards are emptied
    only where they quote it: what is approved should not end with every call that is deleted.
    """
    db.execute("UPDATE reports SET value = ? WHERE kind IN ('brief', 'digest')", [EMPTY])
    db.execute(
        "UPDATE reports SET value = ? WHERE kind IN ('outcomes', 'compare') AND EXISTS"
        " (SELECT 1 FROM links WHERE call_id = ? AND deal_id IS NOT NULL)",
        [EMPTY, call_id],
    )
    db.execute("UPDATE reports SET value = ? WHERE instr(value, ?) > 0", [EMPTY, call_id])


def forget_agreement(db: Database, number: int) -> None:
    """Empty the briefs that tell of an agreement; runs inside the caller's transaction."""
    db.execute(
        "UPDATE reports SET value = ? WHERE kind = 'brief' AND EXISTS (SELECT 1"
        " FROM json_each(reports.value, '$.agreed') WHERE json_extract(json_each.value, '$.number') = ?)",
        [EMPTY, number],
    )
