"""What reps sound like: read what was learned, keep no more than that, and forget it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from callmine.domain import utc_now
from callmine.names import folded

_REPS_CHANNEL = """
    s.role = 'rep' AND s.role_source IN ('person', 'channel') AND s.speaker LIKE 'channel %'
    AND s.name IS NOT NULL AND c.role_doubt IS NULL
"""
"""Where a person or the channel says that a speaker is our rep, and nothing speaks against it."""

_HELD = "EXISTS (SELECT 1 FROM json_each(voices.embeddings) WHERE value <> '[]')"
"""Where a call has an embedding; an empty list stands for one that was deleted."""


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

    In the place of a channel's embedding an empty list stays, for it may turn out to be the rep's
    later, when a manifest or a person says so. Then the next run hears the call again: once, because
    a channel without enough speech to teach a voice comes back without such a list.
    """
    refused = {row["person"] for row in db.query("SELECT person FROM voices_refused")}
    sql = "SELECT v.embeddings, c.recording FROM voices v JOIN calls c USING (call_id) WHERE call_id = ?"
    row = next(iter(db.query(sql, [call_id])), None)
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
        if any(kept.get(rep) == [] for rep in reps) and _is_there(row["recording"]):
            db.execute(
                "UPDATE stage_runs SET fingerprint = '' WHERE stage = 'diarize' AND key = ?", [call_id]
            )
        kept = {key: kept[key] if key in reps or not key.startswith("channel ") else [] for key in kept}
    text = json.dumps(kept, separators=(",", ":"), sort_keys=True) if kept else None
    db.execute("UPDATE voices SET embeddings = ? WHERE call_id = ?", [text, call_id])


def _is_there(recording: str | None) -> bool:
    """Whether a recording can be heard again; a call that is read need not fail for a voice."""
    try:
        return recording is not None and Path(recording).exists()
    except OSError:  # a folder that may not be entered
        return False


def forget_voices(db: Database, *, person: str = "") -> int:
    """Delete the embeddings of every call, or of those a person took part in.

    A person (name or e-mail) is remembered, so that no later call teaches the voice again.

    Returns:
        From how many calls embeddings were deleted.

    Raises:
        LookupError: No call names this person.
    """
    if not person:
        return _delete(db, "TRUE")
    everybody = dict(_everybody(db))
    meant = _meant(person, everybody.values())
    if not meant:
        raise LookupError(person)
    now = utc_now()
    db.table("voices_refused").insert_all(
        ({"person": who, "made_at": now} for who in sorted(meant)), pk="person", ignore=True
    )
    calls = [key for key, pairs in everybody.items() if any(meant & set(pair) for pair in pairs)]
    return sum(_delete(db, "call_id = ?", key) for key in calls)


def _delete(db: Database, where: str, *params: str) -> int:
    """Delete embeddings, and that there were any; return from how many calls."""
    (found,) = db.execute(f"SELECT count(*) FROM voices WHERE {where} AND {_HELD}", params).fetchone()
    db.execute(f"UPDATE voices SET embeddings = NULL WHERE {where} AND embeddings IS NOT NULL", params)
    return int(found)


def allow_voices(db: Database, *, person: str = "") -> int:
    """Let the voice of a person, or of all, be learned again from calls to come.

    Returns:
        How many names and e-mails were taken off the list.
    """
    if not person:
        return int(db.execute("DELETE FROM voices_refused").rowcount)
    meant = {folded(person), *_meant(person, (pairs for _, pairs in _everybody(db)))}
    refused = sorted(meant & {row["person"] for row in db.query("SELECT person FROM voices_refused")})
    marks = ", ".join("?" for _ in refused)
    return int(db.execute(f"DELETE FROM voices_refused WHERE person IN ({marks})", refused).rowcount)


Pairs = set[tuple[str, str]]
"""Folded name and e-mail of each person of a call; empty text where one is not known."""


def _meant(person: str, everybody: Iterable[Pairs]) -> set[str]:
    """Return the person's name and e-mails, as calls name them together; empty if no call does."""
    who = folded(person)
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
    return {(folded(name), folded(email)) for name, email in said} - {("", "")}
