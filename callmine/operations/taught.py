"""What people's corrections teach: of each utterance whether it holds an objection, and which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from callmine.domain import OBJECTION_LABELS, Kind, digest_of
from callmine.extractors.heads import Questions
from callmine.extractors.lessons import RESISTANCE
from callmine.extractors.objections import labels_of
from callmine.extractors.readings import unpack_features
from callmine.extractors.refit import Examples
from callmine.store.said_rows import KeptReadings, SaidOfTurn

OWN, CHANGED, UNREAD, DAMAGED, OPEN = (
    "of other things than the built-in objections",
    "of words that were corrected since",
    "of utterances without a reading by today's model: say `callmine run`",
    "of utterances whose kept reading is damaged: say `callmine run`, which reads them again",
    "that leave open what else the utterance is",
)
"""Why a correction teaches nothing, in words that follow "3 corrections"."""

Place = tuple[str, int]
"""A call's id and the index of an utterance in it."""


@dataclass(slots=True)
class _Said:
    """What is said of one utterance so far: its objections, those it does not hold, or that it has none."""

    ids: list[int] = field(default_factory=list)
    nothing: bool = False
    yes: dict[str, str] = field(default_factory=dict)
    no: dict[str, str] = field(default_factory=dict)

    def take(self, row: SaidOfTurn, finding_id: str, label: str) -> None:
        """Take in a person's word on a finding; it replaces earlier ones on the same."""
        self.ids.append(row.id)
        self.yes.pop(finding_id, None)
        self.no.pop(finding_id, None)
        if row.verdict in ("wrong", "label"):
            self.no[finding_id] = label
        if row.verdict != "wrong":
            self.yes[finding_id] = row.label or label


@dataclass(frozen=True, slots=True)
class Taught:
    """What can be learned from.

    Attributes:
        examples: The utterances.
        calls: The call of each; as often as it has utterances.
        corrections: Ids of the corrections behind them, in order.
        left_out: Why others teach nothing, with how many.
        damaged: Calls whose kept reading is damaged.
        in_order: The calls in the order in which somebody first corrected something in them.
    """

    examples: Examples
    calls: tuple[str, ...]
    corrections: tuple[int, ...]
    left_out: Mapping[str, int]
    damaged: tuple[str, ...] = ()
    in_order: tuple[str, ...] = ()

    def of_calls(self, calls: Iterable[str]) -> Examples:
        """Return the utterances of some calls."""
        wanted = set(calls)
        at = np.asarray([call in wanted for call in self.calls], dtype=bool)
        return Examples(self.examples.features[at], self.examples.yes[at], self.examples.labels[at])


def taught_by(
    said: Sequence[SaidOfTurn],
    readings: Iterable[KeptReadings],
    *,
    shipped: Questions,
    threshold: float,
) -> Taught:
    """Return what corrections teach; the same corrections and model teach the same.

    An utterance in which somebody found, or confirmed, an objection has one; one in which all that was
    found is wrong, or in which somebody found nothing, has none. What the shipped model finds in it
    besides, and nobody judged, leaves open whether there is an objection, or, where there surely is one,
    which: such an utterance teaches the first question and has no labels for the second.

    Args:
        said: Corrections, oldest first.
        readings: What the encoder made of the calls, by call.
        shipped: The questions before anything was learned.
        threshold: From which probability they find an objection.
    """
    left_out: Counter[str] = Counter()
    turns = _by_turn(said, left_out)
    features: list[np.ndarray] = []
    objects: list[bool] = []
    labels: list[list[bool]] = []
    calls: list[str] = []
    ids: list[int] = []
    damaged: list[str] = []
    first: dict[str, int] = {}
    for kept in readings:
        here = [i for i in kept.indices if (kept.call_id, i) in turns]
        if not here:
            continue
        try:
            rows = unpack_features(kept.data, len(kept.indices))
        except ValueError:
            damaged.append(kept.call_id)
            left_out[DAMAGED] += sum(len(turns.pop((kept.call_id, index)).ids) for index in here)
            continue
        for index in here if len(rows) else ():  # none: in another language nothing is read
            one = turns.pop((kept.call_id, index))
            row = rows[kept.indices.index(index)]
            yes = set(one.yes.values())
            known = yes | set(one.no.values())
            is_open = not one.nothing and bool(_finds(shipped, row, threshold) - known)
            if is_open and not yes:
                left_out[OPEN] += len(one.ids)
                continue
            features.append(row)
            objects.append(bool(yes))
            labels.append([label in yes and not is_open for label in RESISTANCE])
            calls.append(kept.call_id)
            first[kept.call_id] = min(first.get(kept.call_id, one.ids[0]), *one.ids)
            ids += one.ids
    left_out[UNREAD] += sum(len(one.ids) for one in turns.values())
    table = np.asarray(labels, dtype=bool).reshape(len(labels), len(RESISTANCE))
    width = shipped.weights.shape[1]
    matrix = np.asarray(features, dtype=np.float32).reshape(len(features), width)
    found = Examples(matrix, np.asarray(objects, dtype=bool), table)
    reasons = {why: count for why, count in left_out.items() if count}
    order = tuple(sorted(first, key=lambda call: first[call]))
    return Taught(found, tuple(calls), tuple(sorted(ids)), reasons, tuple(damaged), order)


def _by_turn(said: Sequence[SaidOfTurn], left_out: Counter[str]) -> dict[Place, _Said]:
    turns: dict[Place, _Said] = {}
    for row in said:
        place = (row.call_id, row.utterance_index)
        if row.verdict in ("missed", "nothing") and row.text != row.utterance:
            left_out[CHANGED] += 1
        elif row.verdict == "nothing":
            # It is refused while an objection stands, so whatever was found before is wrong.
            turns[place] = _Said([*turns.get(place, _Said()).ids, row.id], nothing=True)
        elif row.label is not None and row.label not in OBJECTION_LABELS:
            left_out[OWN] += 1
        elif row.verdict == "missed":
            words = row.words or row.utterance
            start = row.utterance.find(words)
            key = _id(row, str(row.label), start, start + len(words))
            turns.setdefault(place, _Said()).take(row, key, str(row.label))
        elif label := judged_label(row):
            turns.setdefault(place, _Said()).take(row, str(row.finding_id), label)
        else:
            left_out[OWN if (row.text or "") in row.utterance else CHANGED] += 1
    return turns


def judged_label(row: SaidOfTurn, labels: Collection[str] = OBJECTION_LABELS) -> str | None:
    """Return which of these objections a person judged, in the words that are still there.

    The finding itself may be gone: once it is learned that something is none, it is not found any more. But
    its id is a hash over its label and its place, so both can be known from it.
    """
    words = row.text or ""
    start = row.utterance.find(words) if words else -1
    while start >= 0:
        for label in labels:
            if _id(row, label, start, start + len(words)) == row.finding_id:
                return label
        start = row.utterance.find(words, start + 1)
    return None


def _id(row: SaidOfTurn, label: str, start: int, end: int) -> str:
    return digest_of(row.call_id, row.utterance_index, Kind.OBJECTION, label, start, end)


def _finds(questions: Questions, row: np.ndarray, threshold: float) -> set[str]:
    if questions.chances("objection", row[None])[0] < threshold:
        return set()
    return set(labels_of(questions.chances("label", row[None])[0]))
