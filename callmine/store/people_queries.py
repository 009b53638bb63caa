"""Who is known by name, from calls and deals: read-only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlite_utils import Database

from callmine.domain import Kind, Role


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as a call or a deal knows them.

    Attributes:
        call_id: The call that they take part in, or that belongs to the deal; ``None`` where none does.
        deal_id: The deal that they own or are a contact of, or whose call it is; ``None`` where none is.
        name: Their name, where it is known.
        email: Their address, where it is known.
        ours: Whether they are known to be one of us.
    """

    call_id: str | None
    deal_id: str | None
    name: str | None
    email: str | None
    ours: bool


def people(db: Database) -> list[PersonRow]:
    """Return everybody: reps, participants, named voices, deals' owners and contacts; some repeatedly."""
    sql = """
        SELECT c.call_id, l.deal_id, c.rep AS name, c.rep_email AS email, 1 AS ours
        FROM calls c LEFT JOIN links l USING (call_id) WHERE c.rep IS NOT NULL OR c.rep_email IS NOT NULL
        UNION SELECT c.call_id, l.deal_id, json_extract(p.value, '$.name'),
               json_extract(p.value, '$.email'), 0
        FROM calls c LEFT JOIN links l USING (call_id), json_each(c.participants) p
        UNION SELECT s.call_id, l.deal_id, s.name, NULL, s.role = :rep
        FROM speakers s LEFT JOIN links l USING (call_id) WHERE s.name IS NOT NULL
        UNION SELECT l.call_id, d.deal_id, d.owner, NULL, 1 FROM deals d LEFT JOIN links l USING (deal_id)
        WHERE d.owner IS NOT NULL
        UNION SELECT l.call_id, d.deal_id, NULL, e.value, 0
        FROM deals d LEFT JOIN links l USING (deal_id), json_each(d.contact_emails) e
        ORDER BY 1, 2, 3, 4, 5
    """
    rows = db.query(sql, {"rep": Role.REP.value})
    return [
        PersonRow(row["call_id"], row["deal_id"], row["name"], row["email"], ours=bool(row["ours"]))
        for row in rows
    ]


class VoiceRow(NamedTuple):
    """A prospect's voice in a call, by name.

    Attributes:
        account: Of the call, else of its deal.
    """

    call_id: str
    speaker: str
    name: str
    account: str | None


def prospects_named(db: Database) -> list[VoiceRow]:
    """Return the voices of prospects whose names are known, by call."""
    sql = """
        SELECT s.call_id, s.speaker, s.name, coalesce(c.account, d.account)
        FROM speakers s JOIN calls c ON c.call_id = s.call_id
        LEFT JOIN links l ON l.call_id = c.call_id LEFT JOIN deals d ON d.deal_id = l.deal_id
        WHERE s.name IS NOT NULL AND s.role = :prospect ORDER BY 1, 2
    """
    return [VoiceRow(*row) for row in db.execute(sql, {"prospect": Role.PROSPECT.value})]


def misheard(db: Database) -> list[tuple[str, str]]:
    """Return what was recognised instead of competitors' names, with the id of the call."""
    sql = """
        SELECT DISTINCT call_id, json_extract(detail, '$.heard') AS heard FROM findings
        WHERE kind = :kind AND heard IS NOT NULL ORDER BY 1, 2
    """
    return [(row["call_id"], str(row["heard"])) for row in db.query(sql, {"kind": Kind.COMPETITOR.value})]


def accounts(db: Database) -> list[str]:
    """Return the names of all accounts, of calls and of deals."""
    sql = """
        SELECT account FROM calls WHERE account IS NOT NULL
        UNION SELECT account FROM deals WHERE account IS NOT NULL ORDER BY 1
    """
    return [row["account"] for row in db.query(sql)]
