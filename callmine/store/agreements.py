"""What was agreed on in the 1:1 of sales and marketing: kept until it is done, or taken back."""

from __future__ import annotations

from typing import NamedTuple

from sqlite_utils import Database

from callmine.domain import utc_now
from callmine.store.kept_reports import forget_agreement


class AgreementRow(NamedTuple):
    """Something that was agreed on.

    Attributes:
        number: Its row, by which it is called.
        made_by: Who wrote it down.
        agreed_on: ISO day.
        text: In their words.
        watch: What is to be told of since, as ``objection:price``; ``None``: nothing.
        ended_at: When it was called done, UTC; ``None`` while it is open.
        ended_by: Who called it done.
    """

    number: int
    made_by: str
    agreed_on: str
    text: str
    watch: str | None
    ended_at: str | None
    ended_by: str | None


def agreements(db: Database) -> list[AgreementRow]:
    """Return what was agreed on and not dropped, by day."""
    sql = """
        SELECT id, made_by, agreed_on, text, watch, ended_at, ended_by
        FROM agreements WHERE state <> 'dropped' ORDER BY agreed_on, id
    """
    return [AgreementRow(*row) for row in db.execute(sql)]


def add_agreement(db: Database, text: str, *, by: str, day: str, watch: str | None) -> int:
    """Keep what was agreed on, and return its number; runs inside the caller's transaction."""
    row = {"made_at": utc_now(), "made_by": by, "agreed_on": day, "text": text, "watch": watch}
    db.table("agreements").insert(row)
    return int(next(iter(db.query("SELECT max(id) AS number FROM agreements")))["number"])


def end_agreement(db: Database, number: int, state: str, *, by: str) -> None:
    """Call an agreement ``done`` or ``dropped``; runs inside the caller's transaction.

    The words of what is dropped go, from the briefs that are kept, too, as they may name somebody; the
    number is not given again.
    """
    if state == "dropped":
        forget_agreement(db, number)
    ended = {"state": state, "ended_at": utc_now(), "ended_by": by}
    db.table("agreements").update(number, {**ended, "text": ""} if state == "dropped" else ended)
