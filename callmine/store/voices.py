"""What reps sound like: read what was learned, keep no more than that, and forget it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlite_utils import Database

from callmine.domain import utc_now

_REPS_CHANNEL = """
    s.role = 'rep' AND s.role_source IN ('person', 'channel') AND s.speaker LIKE 'channel %'
    AND s.name IS NOT NULL AND c.role_doubt IS NULL
"""
"""Where a person or the channel says that a speaker is our rep, and nothing speaks against it."""


def rep_voices(db: Database) -> list[dict[str, Any]]:
    """Return the rep's voice of each stereo call in which it is known which channel is whose.

    Calls whose roles are in doubt teach nothing. Keys: ``call_id``, ``name``, ``email`` (may be
    ``None``) and ``embedding``, a list of 256 numbers.
    """
    sql = f"""
        SELECT v.call_id, v.embeddings, s.speaker, s.name, c.rep, c.rep_email
        FROM voices v JOIN speakers s ON s.call_id = v.call_id JOIN calls c ON c.call_id = v.call_id
        WHERE v.embeddings IS NOT NULL AND {_REPS_CHANNEL} ORDER BY v.call_id, s.speaker
    """
    found = []
    for row in db.query(sql):
        embedding = json.loads(row["embeddings"]).get(row["speaker"])
        if embedding:
            email = row["rep_email"] if row["name"] == row["rep"] else None
            found.append(
                {"call_id": row["call_id"], "name": row["name"], "email": email, "embedding": embedding}
            )
    return found


def keep_only_learned(db: Database, call_id: str) -> None:
    """Delete the embeddings of a call that nobody may keep, or that nothing is learned from.

    None stay of a call in which a person took part who refused; of a stereo call whose speakers are
    known only the rep's does. Those of a mono call stay: they are what enrolled voices are looked
    for in.
    """
    refused = {row["person"] for row in db.query("SELECT person FROM voices_refused")}
    row = next(iter(db.query("SELECT embeddings FROM voices WHERE call_id = ?", [call_id])), None)
    if row is None or row["embeddings"] is None:
        return
    kept: dict[str, Any] = json.loads(row["embeddings"])
    if refused and any(refused & set(pair) for pair in _people(db, call_id)):
        kept = {}
    elif db.execute("SELECT 1 FROM speakers WHERE call_id = ?", [call_id]).fetchone():
        sql = f"""
            SELECT s.speaker FROM speakers s JOIN calls c ON c.call_id = s.call_id
            WHERE s.call_id = ? AND {_REPS_CHANNEL}
        """
        reps = {speaker["speaker"] for speaker in db.query(sql, [call_id])}
        kept = {key: kept[key] for key in kept if key in reps or not key.startswith("channel ")}
    text = json.dumps(kept, separators=(",", ":"), sort_keys=True) if kept else None
    db.execute("UPDATE voices SET embeddings = ? WHERE call_id = ?", [text, call_id])


def forget_voices(db: Database, *, person: str = "") -> int:
    """Delete the embeddings of every call, or of those a person took part in.

    A person (name or e-mail) is remembered, so that no later call teaches the voice again.

    Returns:
        From how many calls embeddings were deleted.

    Raises:
        LookupError: No call names this person.
    """
    sql = "UPDATE voices SET embeddings = NULL WHERE embeddings IS NOT NULL"
    if not person:
        return int(db.execute(sql).rowcount)
    everybody = dict(_everybody(db))
    meant = _meant(person, everybody.values())
    if not meant:
        raise LookupError(person)
    now = utc_now()
    db.table("voices_refused").insert_all(
        ({"person": who, "made_at": now} for who in sorted(meant)), pk="person", ignore=True
    )
    calls = [key for key, pairs in everybody.items() if any(meant & set(pair) for pair in pairs)]
    return sum(int(db.execute(f"{sql} AND call_id = ?", [key]).rowcount) for key in calls)


def allow_voices(db: Database, *, person: str = "") -> int:
    """Let the voice of a person, or of all, be learned again from calls to come.

    Returns:
        How many names and e-mails were taken off the list.
    """
    if not person:
        return int(db.execute("DELETE FROM voices_refused").rowcount)
    meant = sorted({_folded(person), *_meant(person, (pairs for _, pairs in _everybody(db)))})
    marks = ", ".join("?" for _ in meant)
    return int(db.execute(f"DELETE FROM voices_refused WHERE person IN ({marks})", meant).rowcount)


Pairs = set[tuple[str, str]]
"""Folded name and e-mail of each person of a call; empty text where one is not known."""


def _meant(person: str, everybody: Iterable[Pairs]) -> set[str]:
    """Return the person's name and e-mails, as calls name them together; empty if no call does."""
    who = _folded(person)
    return {known for pairs in everybody for pair in pairs if who in pair for known in pair if known}


def _everybody(db: Database) -> Iterator[tuple[str, Pairs]]:
    for row in db.query("SELECT call_id FROM calls ORDER BY call_id"):
        yield row["call_id"], _people(db, row["call_id"])


def _people(db: Database, call_id: str) -> Pairs:
    """Return who took part in a call, by its facts and by its speakers."""
    row = next(db.query("SELECT rep, rep_email, participants FROM calls WHERE call_id = ?", [call_id]))
    said = [(row["rep"], row["rep_email"])]
    said += [(p.get("name"), p.get("email")) for p in json.loads(row["participants"])]
    speakers = db.query("SELECT name FROM speakers WHERE call_id = ? AND name IS NOT NULL", [call_id])
    said += [(speaker["name"], None) for speaker in speakers]
    return {(_folded(name), _folded(email)) for name, email in said} - {("", "")}


def _folded(name: str | None) -> str:
    return " ".join((name or "").casefold().split())
