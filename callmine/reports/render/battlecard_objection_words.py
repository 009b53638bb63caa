"""Sentences of a battlecard on the objections that come up beside a competitor."""

from __future__ import annotations

from callmine.reports.battlecard_values import Battlecard, Lift, ObjectionBeside
from callmine.reports.render.battlecard_words import part_words
from callmine.reports.render.odds import of_100
from callmine.reports.text import plural, spelled

LIFTS = {
    Lift.MORE: "heard more with them",
    Lift.LESS: "heard less with them",
    Lift.NOISE: "may be chance",
    Lift.TOO_FEW: "may be chance",
}
SIGNS = {Lift.MORE: "▲", Lift.LESS: "▼", Lift.NOISE: "", Lift.TOO_FEW: ""}


def lift_words(one: ObjectionBeside, card: Battlecard) -> str:
    """Say whether an objection comes with the competitor, and why that cannot be said."""
    least = card.settings.min_deals
    if one.lift is Lift.TOO_FEW and min(one.with_it.total, one.without.total) < least:
        return "too few deals to compare"
    return LIFTS[one.lift]


def objection_words(one: ObjectionBeside, card: Battlecard) -> str:
    """Say in how many deals an objection comes up with the competitor and without it."""
    same = (
        f" In {plural(one.same_call, 'call')} both come up."
        if one.same_call
        else " Never in the same call."
    )
    return (
        f"Raised in {part_words(one.with_it)} deals with {card.competitor}, in {part_words(one.without)}"
        f" others: {lift_words(one, card)}.{same}"
    )


def objections_note(card: Battlecard) -> str:
    """Say how deals are compared, and how far the list can be relied on."""
    how = (
        f"Deals in which {card.competitor} is named against all others with as many calls and about as much"
        " said."
    )
    least = card.settings.min_deals
    if any(
        one.lift is Lift.TOO_FEW and lift_words(one, card) == LIFTS[one.lift] for one in card.objections
    ):
        how += f" What fewer than {spelled(least)} deals raised is not compared, as it may be chance."
    if not any(one.lift in (Lift.MORE, Lift.LESS) for one in card.objections):
        return f"{how} In nothing that is listed do they differ beyond chance."
    return (
        f"{how} Of what is marked {SIGNS[Lift.MORE]} or {SIGNS[Lift.LESS]}, at most"
        f" {of_100(card.settings.max_q)} in 100 are expected to be chance; the rest cannot be told from it."
    )
