"""Find what looks like resistance in the kept readings of calls and fits no label."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from callmine.domain import OBJECTION_LABELS, Finding, Kind, Mention
from callmine.extractors.encoder import Encoder
from callmine.extractors.readings import belong_to, unpack_readings
from callmine.extractors.spans import trim
from callmine.extractors.themes import resistance_in
from callmine.operations.damaged import dropped
from callmine.operations.taught import judged_label
from callmine.reports.emerging import Heard
from callmine.reports.emerging_values import NO_LABEL
from callmine.spans import place
from callmine.store import Store
from callmine.store.rows import EvidenceFilter

ORIGIN = "themes/1"


def resistance(
    store: Store,
    *,
    since: str | None = None,
    until: str | None = None,
    calls: Collection[str] | None = None,
    as_of: str | None = None,
    learned: Path | None = None,
    labels: Collection[str] = OBJECTION_LABELS,
    progress: Callable[[str], None] = lambda text: None,
) -> list[Heard]:
    """Return utterances that look like resistance and fit no label, whoever says them.

    Nothing is read again: calls whose kept readings another model made have none. Turns in which a person
    judged an objection are left out, also when it is not found there any more: they need no label.

    Args:
        store: Where.
        since: UTC instant; calls that started then or later.
        until: UTC instant; calls that started before.
        calls: Only calls with one of these ids.
        as_of: ISO date whose outcomes are taken.
        learned: Folder of the workspace's own questions, if it may have any.
        labels: Labels of objections that a person may have judged.
        progress: Is told of kept readings that are damaged.

    Raises:
        ModelError: The encoder, or what was learned, is missing or damaged.
    """
    encoder = Encoder(learned=learned)
    model, threshold = encoder.reading_version(), encoder.thresholds()["objection"]
    questions = encoder.asked()
    judged = {
        (said.call_id, said.utterance_index)
        for said in store.said_of_turns()
        if said.finding_id is not None and judged_label(said, labels) is not None
    }
    found: list[Finding] = []
    meanings = {}
    damaged = []
    for call_id, kept in store.calls_read(since=since, until=until, calls=calls):
        if kept.model != model:
            continue
        try:
            readings = unpack_readings(kept.data)
        except ValueError:
            damaged.append(call_id)
            continue
        resisting = resistance_in(readings, questions, threshold=threshold)
        utterances = store.utterances(call_id) if resisting else ()
        if resisting and not belong_to(readings, [u.text for u in utterances]):
            damaged.append(call_id)
            continue
        for one in resisting:
            utterance = utterances[one.number]
            if (call_id, utterance.index) in judged:
                continue
            start, end = trim(utterance.text, *one.span)
            if start < end:
                mention = Mention(Kind.OBJECTION, NO_LABEL, start, end, one.chance)
                placed = place(call_id, utterance, mention, extractor=ORIGIN, playbook="")
                found.append(placed)
                meanings[placed.finding_id] = one.meaning
    if note := dropped(store, damaged):
        progress(note)
    rows = store.evidence(EvidenceFilter(as_of=as_of), given=found) if found else []
    return [Heard(row, meanings[row.finding_id]) for row in rows]
