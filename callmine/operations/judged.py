"""Utterances that people judged: what a finding can be likened to in its own workspace."""

from __future__ import annotations

from callmine.domain import BY_PEOPLE, Kind
from callmine.extractors.explain import Example
from callmine.extractors.readings import Reading, belong_to, meaning_at, unpack_readings
from callmine.operations.damaged import dropped
from callmine.store import Store
from callmine.store.rows import EvidenceFilter, EvidenceRow

JUDGED_KINDS = frozenset({Kind.OBJECTION, Kind.POSITIONING, Kind.REQUEST, Kind.ANSWER})
"""Kinds of which utterances are alike in what they mean; that two name one rival says nothing."""


def judged_right(store: Store, row: EvidenceRow, model: str) -> tuple[list[Example], int]:
    """Return what people judged to be what a finding is, with the meaning of each.

    Args:
        store: Where.
        row: The finding; what is said of it, and of others in its utterance, is left out.
        model: Hash of the encoder whose readings are taken.

    Returns:
        The examples, and how many more there are of which no reading by this model is kept.
    """
    readings: dict[str, dict[int, Reading]] = {}
    found, unread = [], 0
    for one in store.evidence(EvidenceFilter(kind=row.kind, label=row.label)):
        here = (one.call_id, one.utterance_index) == (row.call_id, row.utterance_index)
        if here or not _is_right(one):
            continue
        if one.call_id not in readings:
            readings[one.call_id] = _readings(store, one.call_id, model)
        reading = readings[one.call_id].get(one.utterance_index)
        if reading is None:
            unread += 1
            continue
        found.append(
            Example(
                text=one.text,
                label=one.label,
                vector=meaning_at(reading, (one.start, one.end)),
                origin="judged right",
                call_id=one.call_id,
                source=one.source,
                play_ms=one.play_ms,
            )
        )
    return found, unread


def _is_right(row: EvidenceRow) -> bool:
    by_person = row.extractor.startswith(BY_PEOPLE) and row.verdict is None
    return by_person or row.verdict in ("right", "label")


def _readings(store: Store, call_id: str, model: str) -> dict[int, Reading]:
    """Return what is kept of a call by utterance index; nothing where another model read it."""
    kept = store.readings(call_id)
    if kept is None or kept.model != model:
        return {}
    _, utterances, _ = store.transcript(call_id)
    try:
        read = unpack_readings(kept.data)
    except ValueError:
        damaged = True
    else:  # none: in another language nothing is read
        damaged = bool(read) and not belong_to(read, [u.text for u in utterances])
    if damaged:  # as if nothing was kept: it is told with the calls that were not read yet
        dropped(store, [call_id])
        return {}
    return {u.index: reading for u, reading in zip(utterances, read, strict=bool(read))}
