"""What is planted in a year: effects with their odds ratios, and labels without any effect, with traps.

**How an outcome is drawn.** Every deal has *traits*, drawn before anything else: what will be said in it,
who else is in the running, how the reps sell. Its log odds of winning are :data:`BASE`, plus the logarithm
of the odds ratio of every row of :data:`EFFECTS` whose trait it has (times the dose, where the row is per
dose, and only within the row's segment), plus its owner's skill (normal, 0.2). One draw from that
probability decides. So every odds ratio is conditional on all other rows, and exact.

**How it is heard.** Whatever a deal has comes up at its moment: in the first recorded call of Discovery, or
of Demo, as likely as not, drawn before the deal's course (``stage`` of a row names one stage). A deal lost
before that moment never says it; one without a recorded call of Discovery says it in Demo. Later calls
repeat some of it. Nothing is misheard: the findings are the truth, so that statistics are tested and not
extractors.

**How a deal ends.** Which stage a lost deal is lost in is drawn apart from all traits but one: whoever
ends the Demo in the fourth quarter is lost there three times as often (:data:`Q4_DEMO`). Therefore the
probability of winning *given* that a stage was reached differs from the plain one by the shares of
:data:`LOST_IN` only, and the odds ratio of a trait given that the deal reached any stage is the planted
one still: the odds are multiplied by a factor that is the same with and without the trait.

**When a year ends.** Deals that did not end by its last day are open. Winners take longer than losers, so
of the deals begun late, more of those that ended are lost: whoever compares periods by the deals closed
so far meets that, too.

**What is not planted.** :data:`NULLS` lists labels that have no effect and look as if they had one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.year.values import TrueDeal

BASE = 0.15
"""Log odds of winning of a mid-market deal without any trait, of a rep of middling skill."""

SKILL = 0.2
"""Standard deviation of the reps' skill, in log odds."""

LOST_IN: Mapping[str, float] = {
    "Discovery": 0.15,
    "Demo": 0.27,
    "Evaluation": 0.25,
    "Proposal": 0.18,
    "Negotiation": 0.15,
}
"""The stage that lost deals are lost in."""

MESSAGE_A, MESSAGE_B = "rota-in-an-hour", "overtime-down"
OTHER_MESSAGES = ("no-last-minute-calls", "one-view-of-all-sites")
RIVALS: Mapping[str, float] = {"Lantern": 0.22, "Rosterwick": 0.16, "Dutymark": 0.14, "Ozquivo": 0.06}
"""Competitors, and in what share of the deals the prospect speaks of one as in the running."""

PHRASE = "quiet Sunday evenings"
"""A turn of phrase of prospects who are going to buy more often."""

Q4_DEMO = "ends the demo in Q4"


@dataclass(frozen=True, slots=True)
class Effect:
    """A planted effect: deals with ``trait`` (in ``segment``, if it names one) have these odds of winning.

    Attributes:
        name: Of the row.
        trait: As in ``TrueDeal.traits``: ``objection:security``, ``message:ID``, ``answer:KIND``.
        odds_ratio: Conditional on all other rows.
        share: How often deals have the trait.
        segment: Only there it has an effect (it is said in all).
        among: Trait that a deal must have to be able to have this one.
        stage: Where it is said, ``early`` for Discovery or Demo.
        meaning: In words.
    """

    name: str
    trait: str
    odds_ratio: float
    share: float
    meaning: str
    segment: str = ""
    among: str = ""
    stage: str = "early"


EFFECTS: tuple[Effect, ...] = (
    Effect("segment SMB", "segment:SMB", 0.6, 0.45, "small companies buy less often"),
    Effect("segment enterprise", "segment:enterprise", 0.8, 0.20, "large ones a little less often"),
    Effect("referral", "source:Referral", 1.6, 0.15, "whoever was sent by a customer buys more often"),
    Effect("chatty", "chatty", 2.0, 0.25, "who talks much buys more often, and says everything more often"),
    Effect(
        "security", "objection:security", 0.45, 0.30, "security is fatal in large deals only", "enterprise"
    ),
    Effect("message A", f"message:{MESSAGE_A}", 1.8, 0.40, "about 13 points better than message B"),
    Effect("message B", f"message:{MESSAGE_B}", 1.0, 0.40, "is said as often, and does nothing"),
    Effect(
        "answer evidence", "answer:evidence", 1.6, 0.35, "proof, against price", among="objection:price"
    ),
    Effect("answer discount", "answer:discount", 0.6, 0.35, "giving way on price", among="objection:price"),
    Effect("Lantern", "competitor:Lantern", 0.5, 0.22, "the one competitor that takes deals away"),
    Effect("phrase", f"phrase:{PHRASE}", 2.0, 0.15, "a turn of phrase that goes with winning"),
    Effect("Q4 demo", Q4_DEMO, 0.5, 0.0, "demos that end in the fourth quarter convert less", stage="Demo"),
    Effect("slow first call", "dose", 0.8, 1.0, "each doubling of (1 + days from inquiry to first talk)"),
)
"""Everything that changes the odds of winning, and message B, which does not."""


@dataclass(frozen=True, slots=True)
class Null:
    """A label without effect.

    Attributes:
        label: Objection.
        trap: Why it may look as if it had one; ``plain``: no reason beyond chattiness.
        share: How often deals say it.
        where: Which deals or calls say it.
    """

    label: str
    trap: str
    share: float
    where: str


NULLS: tuple[Null, ...] = (
    Null("price", "plain", 0.45, "early, and now and then again"),
    Null("timing", "plain", 0.25, "early, and now and then again"),
    Null("authority", "plain", 0.20, "early, and now and then again"),
    Null("trust", "plain", 0.10, "early, and now and then again"),
    Null("incumbent", "plain", 0.20, "early, and now and then again"),
    Null("no_need", "segment", 0.45, "SMB, which loses more; elsewhere 0.08"),
    Null("integration", "survival", 0.40, "Evaluation, so only by deals that came so far"),
    Null("contract", "survival", 0.45, "Proposal and Negotiation, so only by deals that came so far"),
    Null(
        "implementation",
        "period",
        0.15,
        "Demo; 0.40 where the demo ends in the fourth quarter, which loses more",
    ),
    Null("feature_gap", "leakage", 0.50, "after a deal was won: onboarding"),
    Null("brush_off", "leakage", 0.60, "after a deal was lost"),
)
"""Objections that change nothing. ``security`` outside enterprise is one, too.

All are said more often in chatty deals (odds times :data:`CHATTY_SAYS`), and these are won more often.
Extra labels ``theme_01`` to ``theme_80`` are plain nulls with shares from 0.02 to 0.15 in the first half
of their numbers; those of the second half are said in any call before the close with 0.02 to 0.06, so
that long lives, which end well more often, hear them more often (exposure).
"""

NO_NEED_ELSEWHERE = 0.08
IMPLEMENTATION_Q4 = 0.40
CHATTY_SAYS = 1.8
"""Odds of saying anything, in chatty deals, against others."""


def theme_labels(count: int) -> tuple[str, ...]:
    """Return the names of extra labels."""
    return tuple(f"theme_{number:02d}" for number in range(1, count + 1))


def theme_share(labels: Sequence[str], label: str) -> tuple[str, float]:
    """Return whether an extra label is said by ``deal`` or by ``call``, and how often."""
    at, half = labels.index(label), (len(labels) + 1) // 2
    if at < half:
        return "deal", 0.02 + 0.13 * at / max(half - 1, 1)
    return "call", 0.02 + 0.04 * (at - half) / max(len(labels) - half - 1, 1)


def log_odds(traits: frozenset[str], *, segment: str, dose: float, skill: float) -> float:
    """Return a deal's log odds of winning."""
    total = BASE + skill
    for effect in EFFECTS:
        if effect.trait == "dose":
            total += dose * math.log(effect.odds_ratio)
        elif effect.trait in traits and effect.segment in ("", segment):
            total += math.log(effect.odds_ratio)
    return total


def more_often(share: float, odds: float) -> float:
    """Return a share whose odds are multiplied."""
    return share * odds / (1 - share + share * odds)


def consequences(deals: Iterable[TrueDeal]) -> dict[str, dict[str, float]]:
    """Return what each effect comes to in these deals, were all of them with it and all without.

    Returns:
        Per row of :data:`EFFECTS`: its ``odds_ratio``; ``with`` and ``without``, mean probabilities of
        winning over the deals that it could concern, with everything else as it is (standardised, not
        what a raw comparison shows); their ``difference``; and how many deals it ``concerns``.
    """
    real = [deal for deal in deals if deal.copy_of is None and 0 < deal.chance < 1]
    chances = np.array([deal.chance for deal in real])
    logits = np.log(chances / (1 - chances))
    found = {}
    for effect in EFFECTS:
        step = math.log(effect.odds_ratio)
        if effect.trait == "dose":
            concerned = np.array([deal.inquired is not None for deal in real])
            without, dosed = logits, logits + step
        else:
            concerned = np.array(
                [
                    effect.segment in ("", d.segment) and (not effect.among or effect.among in d.traits)
                    for d in real
                ]
            )
            has = np.array([effect.trait in deal.traits for deal in real])
            without = logits - step * has
            dosed = without + step
        a, b = (
            float((1 / (1 + np.exp(-x[concerned]))).mean()) if concerned.any() else math.nan
            for x in (dosed, without)
        )
        found[effect.name] = {
            "odds_ratio": effect.odds_ratio,
            "with": round(a, 4),
            "without": round(b, 4),
            "difference": round(a - b, 4),
            "concerns": int(concerned.sum()),
        }
    return found


def tables() -> dict[str, object]:
    """Return both tables as plain values, for ``truth.json``."""
    return {"effects": [asdict(effect) for effect in EFFECTS], "nulls": [asdict(null) for null in NULLS]}
