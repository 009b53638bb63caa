"""Invented quarters of closed deals in which nothing that is heard has any effect on the outcome.

What is hard about real quarters is in them: prospects who talk more have more calls, longer ones and
more of everything in them, and win more often (or less); deals that are being won go on longer and
reach later stages; segments and deal sizes differ both in what is said and in how often they are won;
some things are said in late stages only, and most are rare. What is said in a call depends on its words,
the deal's segment and the stage, and on nothing else; so whatever goes with the outcome does so by way
of these. What no CRM and no transcript shows is left out: nothing could be done about it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from callmine.outcomes.arrays import Floats, Ints
from callmine.outcomes.cohort import Cohort, bands

SEGMENT_SHARES = (0.5, 0.3, 0.2)
STAGES = 4


@dataclass(frozen=True, slots=True)
class World:
    """What is unfair about a quarter.

    Attributes:
        name: In plain words.
        chatty: Log-odds of winning per standard deviation of how much a prospect talks.
        longer: How many calls a won deal has for one of a lost deal, after the first.
        segments: Log-odds of winning between the best and the worst segment.
        sizes: Log-odds of losing per standard deviation of a deal's size within its segment.
        calls: How many calls a lost deal has after its first, on average.
        deals: Fewest and most closed deals of a quarter.
        labels: How many things are listened for.
        rare: Whether they are all heard by few deals (2 to 8 %), instead of by 2 to 60 %.
    """

    name: str
    chatty: float = 0.0
    longer: float = 1.0
    segments: float = 0.0
    sizes: float = 0.0
    calls: float = 1.8
    deals: tuple[int, int] = (300, 600)
    labels: int = 80
    rare: bool = False


WORLDS = (
    World("fair"),
    World("chatty deals win more", chatty=0.7),
    World("chatty deals win less", chatty=-0.7),
    World("won deals have more calls", longer=2.5),
    World("segments and sizes differ", segments=1.6, sizes=0.2),
    World("all of it, chatty deals win more", chatty=0.7, longer=2.5, segments=1.6, sizes=0.2),
    World("all of it, chatty deals win less", chatty=-0.7, longer=2.5, segments=1.6, sizes=0.2),
    World("all of it, 2,000 deals", chatty=0.7, longer=2.5, segments=1.6, sizes=0.2, deals=(2_000, 2_000)),
    World("all of it, small labels", chatty=0.7, longer=2.5, segments=1.6, sizes=0.2, rare=True),
)


@dataclass(frozen=True, slots=True, eq=False)
class Quarter:
    """A cohort, and in which call each deal heard each label first."""

    cohort: Cohort
    firsts: dict[str, Ints]


def a_quarter(world: World, rng: np.random.Generator, deals: int | None = None) -> Quarter:
    """Invent a quarter of as many closed deals as the world has, or as are asked for."""
    n = int(rng.integers(world.deals[0], world.deals[1] + 1)) if deals is None else deals
    segment = rng.choice(len(SEGMENT_SHARES), n, p=SEGMENT_SHARES)
    large = rng.normal(size=n)
    amount = np.exp(9 + 0.8 * segment + 0.7 * large)
    talk = rng.normal(size=n)
    log_odds = -0.4 + world.chatty * talk + world.segments * (segment / 2 - 0.35) - world.sizes * large
    won = rng.random(n) < 1 / (1 + np.exp(-log_odds))
    calls = 1 + rng.poisson(world.calls * np.where(won, world.longer, 1.0) * np.exp(0.25 * talk))
    deal = np.repeat(np.arange(n), calls)
    number = np.arange(len(deal)) - np.repeat(np.cumsum(calls) - calls, calls) + 1
    stage = _stages(number, won[deal] & (world.longer > 1), rng)
    words = np.round(rng.lognormal(np.log(500) + 0.6 * talk[deal], 0.5)).astype(np.int64)
    amount[rng.random(n) < 0.1] = np.nan
    cohort = Cohort(
        won=won,
        segment=segment,
        size=bands(amount, 4),
        deal=deal,
        number=number,
        stage=np.where(rng.random(len(deal)) < 0.08, -1, stage),
        words=words,
        days_to_close=_days_to_close(calls, rng),
    )
    firsts = {
        f"label {i:02}": cohort.first_heard(_heard(cohort, stage, large, i, world, rng))
        for i in range(world.labels)
    }
    return Quarter(cohort, firsts)


def _stages(number: Ints, faster: np.ndarray, rng: np.random.Generator) -> Ints:
    """Return the stage at each call: none goes back, and deals that are being won move faster."""
    steps = (rng.random(len(number)) < np.where(faster, 0.65, 0.45)) & (number > 1)
    through = np.cumsum(steps)
    start = np.maximum.accumulate(np.where(number == 1, np.arange(len(number)), 0))
    return np.minimum(through - through[start], STAGES - 1)


def _days_to_close(calls: Ints, rng: np.random.Generator) -> Ints:
    """Return days to the close, about nine between two calls."""
    gaps = rng.geometric(1 / 9, int(calls.sum()))
    total = np.cumsum(gaps)
    ends = np.cumsum(calls) - 1
    return np.repeat(total[ends], calls) - total + np.repeat(rng.integers(0, 8, len(calls)), calls)


def _heard(
    cohort: Cohort, stage: Ints, large: Floats, label: int, world: World, rng: np.random.Generator
) -> Ints:
    """Return the calls in which a label is heard: by words, segment and stage, whoever wins."""
    share = np.exp(rng.uniform(np.log(0.02), np.log(0.08 if world.rare else 0.6)))
    by_segment = np.exp(rng.normal(0, 0.7, len(SEGMENT_SHARES)))
    by_stage: Floats = np.exp(rng.normal(0, 0.4, STAGES))
    by_size = np.exp(rng.normal(0, 0.3) * large)
    if label % 4 == 0:
        by_stage[:2] = 0
    pace = cohort.words * (by_segment[cohort.segment] * by_size)[cohort.deal] * by_stage[stage]
    per_deal = np.bincount(cohort.deal, weights=pace, minlength=cohort.deals)
    pace *= -np.log1p(-share) / max(1e-9, float(np.median(per_deal[per_deal > 0])))
    return np.flatnonzero(rng.random(cohort.calls) < -np.expm1(-pace))
