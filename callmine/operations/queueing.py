"""The queue: what is worth a minute of a person's time, because their word on it teaches most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from callmine.domain import BY_PEOPLE, Kind, Role
from callmine.operations.counting import bars_of, counted_from
from callmine.operations.listing import told
from callmine.operations.overlooked import Overlooked, overlooked
from callmine.store import Store
from callmine.store.rows import CallRow, EvidenceFilter, EvidenceRow
from callmine.store.said_rows import CorrectionRow
from callmine.workspace import Workspace

QUEUE = 20
"""How many utterances the queue shows unless it is said."""

PER_CALL = 2
"""How many of them may come from one call: further ones teach the same speakers' ways."""


class Uncertain(Protocol):
    """What a model was unsure of: a finding, or an utterance that did not become one.

    ``label`` is the likeliest one, ``score`` the probability of it, 0..1.
    """

    @property
    def call_id(self) -> str:
        """The call."""

    @property
    def utterance_index(self) -> int:
        """The utterance in it."""

    @property
    def role(self) -> Role:
        """Who says it."""

    @property
    def label(self) -> str:
        """What it may be."""

    @property
    def score(self) -> float:
        """How likely that is."""


Item = TypeVar("Item", bound=Uncertain)


def most_telling(items: Iterable[Item], *, bar: Callable[[Item], float], limit: int) -> list[Item]:
    """Choose what a person's word on teaches most: scores nearest their threshold, of many kinds.

    At most two are from one call. Prospects' words come first, because only they are counted;
    among them the labels take turns, the one with the nearest score first, each with every threshold that
    its items have: what was nearly overlooked is much more than what was nearly counted. The same items
    give the same list, in whatever order they come.

    Args:
        items: What nobody has judged yet.
        bar: The score at which an item becomes another thing, such as a finding that counts; 0..1.
        limit: How many to return at most.
    """

    def doubt(item: Item) -> tuple[bool, float, str, int, str]:
        away = round(abs(item.score - bar(item)), 6)
        return item.role is not Role.PROSPECT, away, item.call_id, item.utterance_index, item.label

    calls: Counter[str] = Counter()
    labels: Counter[tuple[bool, float, str]] = Counter()
    turns: list[tuple[bool, int, Item]] = []
    for item in sorted(items, key=doubt):
        if calls[item.call_id] < PER_CALL:
            group = (item.role is not Role.PROSPECT, bar(item), item.label)
            turns.append((group[0], labels[group], item))
            calls[item.call_id] += 1
            labels[group] += 1
    turns.sort(key=lambda turn: turn[:2])
    return [item for _, _, item in turns[:limit]]


def queue(
    workspace: Workspace, *, limit: int = QUEUE, progress: Callable[[str], None] = lambda text: None
) -> list[EvidenceRow | Overlooked]:
    """Return what a person's word on teaches most; what was judged never comes back.

    Objections nearest the score from which on they count, and utterances nearest the one from which on they
    would have been found, the nearest of both first. ``progress`` is told why utterances may be missing.
    """
    with Store(workspace.database) as store:
        rows = store.evidence(EvidenceFilter(kind="objection"))
        said = store.corrections()
        quiet, least = overlooked(workspace, store, progress=progress)
    bars = bars_of(workspace.settings, learned=workspace.learned)
    items: list[EvidenceRow | Overlooked] = [*_unjudged(rows, said), *quiet]
    return most_telling(
        items,
        bar=lambda item: least if isinstance(item, Overlooked) else bars.of(Kind.OBJECTION, item.label),
        limit=limit,
    )


def _unjudged(rows: Sequence[EvidenceRow], said: Iterable[CorrectionRow]) -> list[EvidenceRow]:
    """Return the findings of which nobody said anything."""
    spoken = spoken_of(rows, said, there={row.finding_id for row in rows})
    return [
        row
        for row in rows
        if row.verdict is None and not row.extractor.startswith(BY_PEOPLE) and row.finding_id not in spoken
    ]


def spoken_of(
    rows: Iterable[EvidenceRow], said: Iterable[CorrectionRow], *, there: Collection[str]
) -> set[str]:
    """Return the ids of rows of which somebody spoke when they had another id.

    Read anew by another model, or with other questions, a turn may give a finding of the same words with
    another span, and so with another id: what was said of the one that is gone holds for it, too.

    Args:
        rows: Findings, or what looks like some.
        said: What people said.
        there: Ids of the findings that there are: what was said of these is known to be theirs alone.
    """
    by_turn: dict[tuple[str, int | None], list[CorrectionRow]] = {}
    for one in said:
        if one.verdict == "missed" or (one.finding_id is not None and one.finding_id not in there):
            by_turn.setdefault((one.call_id, one.utterance_index), []).append(one)
    return {
        row.finding_id
        for row in rows
        if _spoken_of(row, by_turn.get((row.call_id, row.utterance_index), ()))
    }


def _spoken_of(row: EvidenceRow, said: Collection[CorrectionRow]) -> bool:
    for one in said:
        words = one.text or ""
        same = one.label == row.label if one.verdict == "missed" else True
        if same and words and (words in row.text or row.text in words):
            return True
    return False


def doubted(workspace: Workspace) -> list[CallRow]:
    """Return the calls whose roles look inverted; nothing said in them is counted."""
    with Store(workspace.database) as store:
        return [row for row in store.calls() if row.role_doubt]


def whole_queue(
    workspace: Workspace, *, limit: int = QUEUE, progress: Callable[[str], None] = lambda text: None
) -> list[dict[str, Any]]:
    """Return the queue as one list for programs, in the order in which people see it.

    First the calls whose roles look inverted, all of them, as ``{"kind": "roles", "finding_id": null,
    "call_id", "source", "role_doubt"}``, then at most ``limit`` findings with all of their fields, and
    utterances in which none was found, of the kind ``overlooked``, with ``finding_id`` null.
    """
    calls = [
        {
            "kind": "roles",
            "finding_id": None,
            "call_id": call.call_id,
            "source": call.source,
            "role_doubt": call.role_doubt,
        }
        for call in doubted(workspace)
    ]
    items = queue(workspace, limit=limit, progress=progress)
    settings = counted_from(workspace)
    return [*calls, *(i.to_json() if isinstance(i, Overlooked) else told(i, settings) for i in items)]
