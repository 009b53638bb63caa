"""The order of a sales process's stages, from the deals that went through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Path:
    """The way of one deal through the stages.

    Attributes:
        entered: Open stages and the day each was entered, in order of days; a stage that the deal came
            back to occurs again. Days are counted from anywhere, the same for all deals.
        won: How it ended; ``None`` while it is open.
        closed: Day of the end; ``None`` while it is open.
    """

    entered: tuple[tuple[str, int], ...]
    won: bool | None = None
    closed: int | None = None

    def __post_init__(self) -> None:
        if (self.won is None) != (self.closed is None):
            raise ValueError("a deal that has ended has an outcome and a day, an open one neither")
        days = [day for _, day in self.entered]
        if days != sorted(days):
            raise ValueError("stages are not in the order of their days")


def stage_order(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the stages in the order in which deals go through them.

    Each deal that was in two stages speaks for the one it entered first being the earlier. Stages are
    ordered by the strongest chain of such majorities between them (Schulze, Social Choice and Welfare 36,
    2011): a few deals that went back do not matter, and two stages that no deal was in both of are
    ordered by those between them. Where deals say nothing, or are even, it goes by name.

    Args:
        paths: Of any deals; the order does not matter.
    """
    before: dict[tuple[str, str], int] = {}
    stages: set[str] = set()
    for path in paths:
        firsts = list(dict.fromkeys(stage for stage, _ in path.entered))
        stages.update(firsts)
        for at, earlier in enumerate(firsts):
            for later in firsts[at + 1 :]:
                before[earlier, later] = before.get((earlier, later), 0) + 1
    named = sorted(stages)
    place = {stage: at for at, stage in enumerate(named)}
    majority = np.zeros((len(named), len(named)), dtype=np.int64)
    for (a, b), deals in before.items():
        majority[place[a], place[b]] = deals
    strength = np.maximum(0, majority - majority.T)
    # Whole rows at once: a column of free text that was taken for the stage has hundreds of them.
    for via in range(len(named)):
        np.maximum(strength, np.minimum.outer(strength[:, via], strength[via]), out=strength)
    ahead = (strength > strength.T).sum(axis=1)
    return tuple(sorted(named, key=lambda stage: (-ahead[place[stage]], stage)))
