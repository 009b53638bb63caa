"""Find what looks like resistance in the kept readings of calls and fits no label."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from callmine.domain import OBJECTION_LABELS, Finding, Kind, Mention
from callmine.extractors.encoder import Encoder
from callmine.extractors.readings import unpack_readings
from callmine.extractors.spans import trim
from callmine.extractors.themes import resistance_in
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
    since: str,
    until: str,
    as_of: str | None = None,
    learned: Path | None = None,
    labels: Collection[str] = OBJECTION_LABELS,
) -> list[Heard]:
    """Return utterances that look like resistance and fit no label, whoever says them.

    Nothing is read again: calls whose kept readings another model made have none. Turns in which a person
    judged an objection are left out, also when it is not found there any more: they need no label.

    Args:
        store: Where.
        since: UTC instant; calls that started then or later.
        until: UTC instant; calls that started before.
        as_of: ISO date whose outcomes are taken.
        learned: Folder of the workspace's own questions, if it may have any.
        labels: Labels of objections that a person may have judged.

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
    for call_id, kept in store.calls_read(since=since, until=until):
        if kept.model != model or not kept.data:
            continue
        readings = []
        with suppress(ValueError):  # damaged: the next run makes them anew
            readings = unpack_readings(kept.data)
        resisting = resistance_in(readings, questions, threshold=threshold)
        utterances = store.utterances(call_id) if resisting else ()
        if len(utterances) != len(readings):
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
    rows = store.evidence(EvidenceFilter(as_of=as_of), given=found) if found else []
    return [Heard(row, meanings[row.finding_id]) for row in rows]
