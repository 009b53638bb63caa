"""What reps' claims and prospects' own words mean: from the kept readings of calls, else read now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from callmine.domain import Role
from callmine.extractors.base import Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import Floats
from callmine.extractors.readings import belong_to, meaning_at, unpack_readings
from callmine.operations.damaged import dropped
from callmine.store import Store
from callmine.store.rows import EvidenceRow

MOST = 1500
"""Claims that are held against each other at most, each wording once: the surest. Their calls have to be
opened, a thousand in some two seconds."""

MOST_READ = 100
"""Wordings that are read now at most, where no reading of their call is kept; a second or so."""


def claim_meanings(
    store: Store,
    rows: Iterable[EvidenceRow],
    *,
    learned: Path | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> dict[str, Floats]:
    """Return what sets findings apart, by their ids: unit vectors, shape (128,); of some nothing is known.

    What is said in any call is taken off, as where echoes are told: claims of one product are all alike
    before that. The same words mean the same, so they are looked up once.

    Args:
        store: Where.
        rows: The findings.
        learned: Folder of the workspace's own questions, if it may have any.
        progress: Is told of kept readings that are damaged.

    Raises:
        ModelError: The encoder, or what was learned, is missing or damaged.
    """
    same: dict[tuple[Role, str], list[EvidenceRow]] = {}
    for row in sorted(rows, key=lambda row: (-row.score, row.finding_id)):
        same.setdefault((row.role, " ".join(row.text.casefold().split())), []).append(row)
    chosen = [group[0] for group in list(same.values())[:MOST]]
    if not chosen:
        return {}
    encoder = Encoder(learned=learned)
    found = _kept(store, chosen, encoder.reading_version(), progress)
    unread = [row for row in chosen if row.finding_id not in found][:MOST_READ]
    for row in unread:  # the whole turn, which sets the tone; one by one, as they follow nowhere
        (reading,) = encoder.read([Passage(row.utterance, row.role)])
        found[row.finding_id] = meaning_at(reading, (row.start, row.end))
    apart = {finding_id: encoder.contrast.apart(meaning) for finding_id, meaning in found.items()}
    return {
        row.finding_id: apart[group[0].finding_id]
        for group in same.values()
        if group[0].finding_id in apart
        for row in group
    }


def _kept(
    store: Store, rows: Sequence[EvidenceRow], model: str, progress: Callable[[str], None]
) -> dict[str, Floats]:
    """Return what kept readings of this model say of findings."""
    by_call: dict[str, list[EvidenceRow]] = {}
    for row in rows:
        by_call.setdefault(row.call_id, []).append(row)
    found: dict[str, Floats] = {}
    damaged = []
    for call_id, kept in store.calls_read(calls=by_call):
        if kept.model != model:
            continue
        utterances = store.utterances(call_id)
        try:
            readings = unpack_readings(kept.data)
        except ValueError:
            damaged.append(call_id)
            continue
        if not readings:  # in another language nothing is read
            continue
        if not belong_to(readings, [utterance.text for utterance in utterances]):
            damaged.append(call_id)
            continue
        at = {utterance.index: number for number, utterance in enumerate(utterances)}
        for row in by_call[call_id]:
            reading = readings[at[row.utterance_index]]
            found[row.finding_id] = meaning_at(reading, (row.start, row.end))
    if note := dropped(store, damaged):
        progress(note)
    return found
