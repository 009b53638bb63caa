"""What people said of findings, when they correct the words these were found in.

Every function runs inside the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import Match, SequenceMatcher
from functools import lru_cache

from rapidfuzz import fuzz
from sqlite_utils import Database

from callmine.domain import BY_PEOPLE, Edit, Finding, Kind, Mention, Utterance, digest_of
from callmine.spans import place
from callmine.store.reading import edits_of, utterances_of

STILL_SAYS = 60.0
"""Likeness (0 to 100) up to which a corrected turn still holds what a person found missing in it."""


def missed_findings(db: Database, call_id: str, playbook: str) -> list[Finding]:
    """Return the findings that people added, where the utterance still says the same.

    Of a turn whose words a person corrected since, as long as most of them stayed.
    """
    missed = list(
        db.query(
            "SELECT * FROM corrections WHERE call_id = ? AND verdict = 'missed' ORDER BY id", [call_id]
        )
    )
    if not missed:
        return []
    edits = edits_of(db, call_id)
    by_index = {u.index: u for u in utterances_of(db, call_id)}
    found = []
    for row in missed:
        utterance = by_index.get(row["utterance_index"])
        if utterance is not None and _still_says(utterance, row["text"], edits):
            start, end = _span(utterance, row["text"], row["words"])
            mention = Mention(Kind.OBJECTION, row["label"], start, end, 1.0)
            found.append(place(call_id, utterance, mention, extractor=f"{BY_PEOPLE}1", playbook=playbook))
    return found


def _span(utterance: Utterance, text: str, words: str | None) -> tuple[int, int]:
    """Return where the words that a person named are now; all of the turn where they are not any more."""
    if words is not None:
        at = text.index(words)
        start = moved(text, utterance.text, at, at + len(words))
        if start is not None:
            return start, start + len(words)
    return 0, len(utterance.text)


def _still_says(utterance: Utterance, text: str, edits: Sequence[Edit]) -> bool:
    if utterance.text == text:
        return True
    return fuzz.ratio(utterance.text, text) >= STILL_SAYS and _by_person(text, utterance, edits)


def _by_person(before: str, after: Utterance, edits: Sequence[Edit]) -> bool:
    """Return whether people's edits, one after the other, made of ``before`` what a turn says now."""
    texts = {before}
    for edit in edits:
        if edit.heard in texts and edit.start_ms <= after.end_ms and edit.end_ms >= after.start_ms:
            texts.add(edit.text)
    return after.text in texts


def move_verdicts(db: Database, call_id: str, utterances: Sequence[Utterance]) -> None:
    """Let verdicts follow findings that still hold to their new place in a corrected turn.

    A finding's id goes by its span, and a word corrected in front of it moves the span. Call it
    before the old utterances, and their findings, are deleted. A verdict on words that were
    themselves corrected stays with the old id: it was about what is not there any more. Where
    another finding comes to have that id, the verdict is kept under one that no finding has.
    """
    edits = edits_of(db, call_id)
    judged = {
        row["finding_id"]
        for row in db.query("SELECT DISTINCT finding_id FROM corrections WHERE call_id = ?", [call_id])
    }
    if not edits or judged <= {None}:
        return
    by_index: Mapping[int, Utterance] = {u.index: u for u in utterances}
    rows = db.query(
        "SELECT f.*, u.text AS said FROM findings f"
        " JOIN utterances u ON u.call_id = f.call_id AND u.utterance_index = f.utterance_index"
        " WHERE f.call_id = ?",
        [call_id],
    )
    ids: dict[str, str] = {}
    for row in rows:
        utterance = by_index.get(row["utterance_index"])
        if utterance is None or utterance.text == row["said"]:
            continue
        if not _by_person(row["said"], utterance, edits):
            continue
        start = moved(row["said"], utterance.text, row["start"], row["end"])
        if start is None:
            continue
        end = start + row["end"] - row["start"]
        new = digest_of(call_id, utterance.index, Kind(row["kind"]), row["label"], start, end)
        ids[row["finding_id"]] = new
    taken = set(ids.values()) - set(ids)
    ids |= {old: digest_of("not there any more", old) for old in judged & taken}
    # All at once: the new id of one may be the old id of another.
    db.execute(
        "UPDATE corrections SET finding_id = (SELECT value FROM json_each(:ids) WHERE key = finding_id)"
        " WHERE finding_id IN (SELECT key FROM json_each(:ids))",
        {"ids": json.dumps(ids)},
    )


def moved(before: str, after: str, start: int, end: int) -> int | None:
    """Return where the span ``start:end`` of ``before`` begins in ``after``, if it stayed whole.

    No two spans of the same words move to one place.
    """
    for block in _blocks(before, after):
        if block.a <= start and end <= block.a + block.size:
            return block.b + start - block.a
    words = before[start:end]
    return after.find(words) if before.count(words) == after.count(words) == 1 else None


@lru_cache(maxsize=4)  # for the findings of one turn
def _blocks(before: str, after: str) -> list[Match]:
    return SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
