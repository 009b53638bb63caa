"""Transcripts, utterances and facts as plain JSON values, and back.

The store, the replay engine and the ``callmine`` transcript format share these shapes, so that
a transcript written by one is read by the others.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from callmine.domain import (
    Facts,
    Participant,
    Role,
    RoleSource,
    Segment,
    SpokenWord,
    Transcript,
    Utterance,
    Word,
)


def transcript_to_json(transcript: Transcript) -> dict[str, Any]:
    """Return a JSON value; words are ``[text, start_ms, end_ms, probability]`` to stay small."""
    value = asdict(transcript)
    for raw, segment in zip(value["segments"], transcript.segments, strict=True):
        raw["words"] = [[w.text, w.start_ms, w.end_ms, w.probability] for w in segment.words]
    return value


def transcript_from_json(value: dict[str, Any]) -> Transcript:
    """Read what :func:`transcript_to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError: The value has another shape.
    """
    segments = []
    for raw in value["segments"]:
        fields = dict(raw)
        fields["words"] = tuple(Word(str(t), int(s), int(e), float(p)) for t, s, e, p in raw["words"])
        fields["role"] = Role(raw["role"]) if raw.get("role") else None
        segments.append(Segment(**fields))
    rest = {k: v for k, v in value.items() if k not in ("segments", "notes")}
    return Transcript(segments=tuple(segments), notes=tuple(value.get("notes", ())), **rest)


def facts_to_json(facts: Facts) -> dict[str, Any]:
    """Return the facts that are stated, as a JSON value."""
    return {k: v for k, v in asdict(facts).items() if v}


def facts_from_json(value: dict[str, Any]) -> Facts:
    """Read what :func:`facts_to_json` wrote."""
    people = tuple(Participant(**p) for p in value.get("participants", ()))
    return Facts(**{**value, "participants": people})


def words_to_json(utterance: Utterance) -> list[list[int]]:
    """Return the word spans as ``[start, end, start_ms, end_ms]``."""
    return [[w.start, w.end, w.start_ms, w.end_ms] for w in utterance.words]


def utterance_from_row(row: dict[str, Any], words: list[list[int]]) -> Utterance:
    """Build an utterance from a database row and its decoded word spans."""
    return Utterance(
        index=row["utterance_index"],
        speaker=row["speaker"],
        role=Role(row["role"]),
        role_source=RoleSource(row["role_source"]),
        role_confidence=row["role_confidence"],
        start_ms=row["start_ms"],
        end_ms=row["end_ms"],
        text=row["text"],
        words=tuple(SpokenWord(*w) for w in words),
    )
