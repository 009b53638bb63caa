"""The sample calls' truth against what callmine found: recall, precision, roles, times."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

SLACK_MS = 300
"""Recognised times and planted ones may differ by this."""

ANY = "*"
"""A label that every label matches."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Something the script put into a call: a label in one turn."""

    call: str
    label: str
    start_ms: int
    end_ms: int
    text: str


@dataclass(slots=True)
class Score:
    """How well planted things were found."""

    planted: int = 0
    found: int = 0
    reported: int = 0
    right: int = 0
    missed: list[Planted] = field(default_factory=list)
    wrong: list[dict[str, Any]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the planted that was found."""
        return self.found / max(1, self.planted)

    @property
    def precision(self) -> float:
        """Share of the reported that was planted."""
        return self.right / max(1, self.reported)


def read_truth(folder: Path) -> list[dict[str, Any]]:
    """Return the turns of ``truth.jsonl``."""
    lines = (folder / "truth.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def planted(truth: Iterable[dict[str, Any]], calls: set[str], kind: str) -> list[Planted]:
    """Return what was planted in ``calls``: ``kind`` is ``objections`` or ``competitors``."""
    found = []
    for turn in truth:
        if turn["call"] in calls:
            for item in turn[kind]:
                label = item["name"] if isinstance(item, dict) else item
                found.append(Planted(turn["call"], label, turn["start_ms"], turn["end_ms"], turn["text"]))
    return found


def score(wanted: Sequence[Planted], findings: Iterable[dict[str, Any]]) -> Score:
    """Match findings to planted turns by call, label and time.

    Findings are the contract's JSON (``source``, ``label``, ``start_ms``, ``end_ms``).
    """
    result = Score(planted=len(wanted))
    reported = list(findings)
    result.reported = len(reported)
    hit: Counter[int] = Counter()
    for finding in reported:
        call = Path(finding["source"]).stem
        matches = [
            i
            for i, p in enumerate(wanted)
            if p.call == call and p.label in (finding["label"], ANY) and mostly_inside(finding, p)
        ]
        if matches:
            result.right += 1
            hit.update(matches)
        else:
            result.wrong.append(finding)
    result.found = len(hit)
    result.missed = [p for i, p in enumerate(wanted) if i not in hit]
    return result


def mostly_inside(finding: dict[str, Any], turn: Planted) -> bool:
    """Whether at least half of a finding's time lies in a turn, give or take the slack."""
    start = max(finding["start_ms"], turn.start_ms - SLACK_MS)
    end = min(finding["end_ms"], turn.end_ms + SLACK_MS)
    return end - start >= 0.5 * max(1, finding["end_ms"] - finding["start_ms"])


def whatever_label(
    wanted: Iterable[Planted], findings: Iterable[dict[str, Any]]
) -> tuple[list[Planted], list[dict[str, Any]]]:
    """Return the same once a turn and once an utterance, whatever the label."""
    turns = {(p.call, p.start_ms): replace(p, label=ANY) for p in wanted}
    utterances: dict[tuple[str, int], dict[str, Any]] = {}
    for finding in findings:
        utterances.setdefault((finding["source"], finding["utterance_index"]), finding)
    return list(turns.values()), list(utterances.values())


def turn_at(truth: Iterable[dict[str, Any]], call: str, ms: int) -> list[dict[str, Any]]:
    """Return the turns of ``call`` that are being spoken at ``ms``, within the slack."""
    return [
        turn
        for turn in truth
        if turn["call"] == call and turn["start_ms"] - SLACK_MS <= ms < turn["end_ms"] + SLACK_MS
    ]


def role_between(truth: Iterable[dict[str, Any]], call: str, start_ms: int, end_ms: int) -> str:
    """Return the role that speaks most of ``call`` between two times; a back-channel does not count."""
    spoken: Counter[str] = Counter()
    for turn in truth:
        if turn["call"] == call:
            both = min(end_ms, turn["end_ms"]) - max(start_ms, turn["start_ms"])
            spoken[turn["role"]] += max(0, both)
    return spoken.most_common(1)[0][0]
