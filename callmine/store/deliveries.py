"""What was sent to whom: a row before the handing over, and how it ended after it.

A row that stays ``begun`` is one of which nobody knows whether it arrived. Every function that writes runs
inside the caller's transaction.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlite_utils import Database

from callmine.domain import utc_now


@dataclass(frozen=True, slots=True)
class Parcel:
    """One report for one recipient: what must not be sent twice.

    Attributes:
        kind: ``digest``, ``battlecard``, ...
        subject: Week, competitor, deal, ...
        segment: That the report is limited to, in small letters; empty for everything.
        channel: ``email`` or ``slack``.
        address: E-mail address in small letters, or the variable that holds the webhook.
    """

    kind: str
    subject: str
    segment: str
    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A try to hand over a parcel; ``state`` is ``begun``, ``sent`` or ``failed``."""

    parcel: Parcel
    message_id: str
    state: str
    begun_at: str
    ended_at: str | None
    reason: str | None


_SAME = " AND ".join(f"{name} = :{name}" for name in Parcel.__dataclass_fields__)


def last_delivery(db: Database, parcel: Parcel) -> Delivery | None:
    """Return the try that says how a parcel stands: one that arrived, one that may have, or the last."""
    rows = db.query(
        f"SELECT * FROM deliveries WHERE {_SAME}"
        " ORDER BY state = 'sent' DESC, state = 'begun' DESC, id DESC",
        asdict(parcel),
    )
    return next((_delivery(row) for row in rows), None)


def times_sent(db: Database, parcel: Parcel) -> int:
    """Return how often a parcel was handed over for certain."""
    rows = db.query(
        f"SELECT count(*) AS times FROM deliveries WHERE {_SAME} AND state = 'sent'", asdict(parcel)
    )
    return int(next(iter(rows))["times"])


def failed_deliveries(db: Database, *, since: str) -> list[Delivery]:
    """Return the parcels whose last try since an instant failed for certain, oldest first."""
    rows = db.query(
        """
        SELECT * FROM deliveries d WHERE state = 'failed' AND begun_at >= :since
        AND NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.kind = d.kind AND o.subject = d.subject
            AND o.segment = d.segment AND o.channel = d.channel AND o.address = d.address
            AND (o.id > d.id OR o.state <> 'failed'))
        ORDER BY id
        """,
        {"since": since},
    )
    return [_delivery(row) for row in rows]


def begin_delivery(db: Database, parcel: Parcel, *, message_id: str, redacted: bool) -> int:
    """Write down that a parcel is about to be handed over; return the row's number."""
    row = {
        **asdict(parcel),
        "message_id": message_id,
        "redacted": int(redacted),
        "state": "begun",
        "begun_at": utc_now(),
    }
    return int(db.table("deliveries").insert(row).last_pk)  # type: ignore[arg-type]


def end_delivery(db: Database, row: int, *, state: str, reason: str | None) -> None:
    """Write down how it ended; ``begun`` where nobody knows."""
    db.execute(
        "UPDATE deliveries SET state = ?, ended_at = ?, reason = ? WHERE id = ?",
        [state, utc_now(), reason, row],
    )


def _delivery(row: dict[str, object]) -> Delivery:
    parcel = Parcel(**{name: str(row[name]) for name in Parcel.__dataclass_fields__})
    others = {name: row[name] for name in Delivery.__dataclass_fields__ if name != "parcel"}
    return Delivery(parcel, **others)  # type: ignore[arg-type]
