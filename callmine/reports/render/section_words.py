"""Sentences of the report on won and lost deals: conversion, waiting, pairs, phrases, groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from callmine.domain import Role
from callmine.outcomes.bias import Coverage, Level, Part
from callmine.outcomes.conversion import Moved, Step
from callmine.outcomes.groups import Group, Grouping
from callmine.outcomes.matching import Matched, PairedLabel
from callmine.outcomes.phrases import PhraseContrast
from callmine.outcomes.verdicts import Verdict
from callmine.outcomes.waiting import Band
from callmine.reports.outcome_values import OutcomeReport, PhraseTable
from callmine.reports.render.needed_words import NEVER, out_of_reach, rounded
from callmine.reports.render.odds import of_100, rate_words
from callmine.reports.text import capital, listed, plural, verb

STEP_WORDS = {
    Verdict.LOSSES: "in jeopardy: fewer go on than before",
    Verdict.WINS: "more go on than before",
    Verdict.NO_DIFFERENCE: "no change that matters",
    Verdict.NOT_ENOUGH: "not enough evidence yet",
}
WAITING_WORDS = {
    Verdict.LOSSES: "Waiting longer for the first call goes with losing.",
    Verdict.WINS: "Waiting longer for the first call goes with winning.",
    Verdict.NO_DIFFERENCE: (
        "Deals whose buyer waited longer for the first call end much as the others: no difference that"
        " matters."
    ),
    Verdict.NOT_ENOUGH: "Whether waiting for the first call goes with losing cannot be said yet.",
}
SPEAKERS = {Role.PROSPECT: "Prospects", Role.REP: "Our reps"}
ENOUGH_TO_COMPARE = 20
"""Deals with calls, and without, from which on it says something that no difference was found."""

MOST_PAIRS = 12


class Titled(Protocol):
    """A report that knows what people call each label, by ``family:label``."""

    @property
    def titles(self) -> Mapping[str, str]:
        """Return the titles."""


def title_of(report: Titled, key: str) -> str:
    """Return what people call ``objection:price``; of what has no title, the label."""
    return report.titles.get(key, key.partition(":")[2])


def titles(report: Titled, keys: tuple[str, ...]) -> str:
    """Return what people call several things heard, the first of them."""
    named = [title_of(report, key) for key in keys[:4]]
    more = len(keys) - len(named)
    return listed([*named, f"{more} more"] if more else named)


def in_jeopardy(steps: tuple[Step, ...]) -> bool:
    """Whether any conversion point has fallen beyond chance."""
    return any(step.in_jeopardy for step in steps)


def step_summary(steps: tuple[Step, ...]) -> str:
    """Say in one sentence which conversion points are in jeopardy."""
    bad = [step.stage for step in steps if step.in_jeopardy]
    if not bad:
        return "In the last quarter no stage let fewer deals go on than before, beyond chance."
    return f"{capital(listed(bad))}: fewer deals go on from there than before, beyond chance."


def step_note(step: Step) -> str:
    """Say how a step is counted, and how many deals entered it too late to be counted."""
    waiting = sum(entries.open for entries in step.periods[-1:])
    said = f"gone on within {plural(step.settled_days, 'day')}" if step.settled_days is not None else ""
    if waiting:
        said += f"{'; ' if said else ''}{waiting:,} entered too late to judge"
    return said


def too_late_words(step: Step) -> str:
    """Say which deals are not counted: whether or not they went on or closed since, they had less time."""
    if step.settled_days is None:
        return "Entered too late to judge"
    return f"Entered too late to judge: had not had their {plural(step.settled_days, 'day')}"


def stayed_words(step: Step) -> str:
    """Say which deals did not go on from a stage: later than that they may have."""
    if step.settled_days is None:
        return "Did not go on"
    return f"Did not go on within {plural(step.settled_days, 'day')}"


def moved_words(report: OutcomeReport, moved: Moved) -> str:
    """Say what was heard more, or less, in a stage than before."""
    more = "more" if moved.change.value > 0 else "less"
    return (
        f"{title_of(report, moved.label)} is heard {more} there: {rate_words(moved.now)} now,"
        f" {rate_words(moved.before)} before."
    )


def band_words(band: Band) -> str:
    """Return ``the same day``, ``3 to 7 days`` or ``over 30 days``."""
    if band.first == band.last == 0:
        return "the same day"
    return f"over {band.first - 1} days" if band.last is None else f"{band.first} to {band.last} days"


def waiting_words(report: OutcomeReport) -> str:
    """Say whether waiting matters, what it would take to know, and for how many deals it is known."""
    found, left_out = report.waiting, report.waiting_left_out
    if found is None or left_out is None:
        return ""
    said = []
    points = of_100(report.settings.smallest_effect)
    if found.verdict is Verdict.NOT_ENOUGH and found.needed == 0:
        said.append(
            f"No difference was found. With so many deals, one of {points} points between the quicker and"
            " the slower half would have been found four times in five, so a large one is unlikely, a small"
            " one possible."
        )
    else:
        said.append(WAITING_WORDS[found.verdict])
    if found.verdict is Verdict.NOT_ENOUGH and found.needed:
        between = (
            f"a difference of {points} points between the quicker and the slower half, if there is one,"
        )
        if out_of_reach(found.needed, report.basis.deals.total):
            said.append(f"To find {between} takes {NEVER}.")
        else:
            said.append(
                f"With about {rounded(found.needed)} more closed deals, {between} would be found four"
                " times in five."
            )
    known = sum(band.won.total for band in found.bands)
    said.append(f"The wait is known for {known:,} of {plural(report.basis.deals.total, 'closed deal')}.")
    for count, why in (
        (left_out.no_inquiry, "no date of a first inquiry in the CRM"),
        (left_out.no_call, "an inquiry, and no sales call by the day of the close"),
        (left_out.before_inquiry, "a call before the inquiry"),
    ):
        if count:
            said.append(f"{plural(count, 'deal')} {verb(count, 'has', 'have')} {why}.")
    return " ".join(said)


def pairs_summary(found: Matched) -> str:
    """Say how many pairs there are."""
    if not found.pairs:
        return "No won and lost deal are alike enough to be put side by side."
    return (
        f"{plural(len(found.pairs), 'pair')} of one won and one lost deal of the same segment, size,"
        f" first stage and number of calls, closed near each other; {plural(found.unpaired, 'deal')}"
        f" without a counterpart {verb(found.unpaired, 'is', 'are')} left out. The pairs are for"
        " reading; what"
        " can be said stands in the lists above."
    )


def paired_words(row: PairedLabel) -> str:
    """Say in how many pairs only one side heard something."""
    return (
        f"heard only in the lost deal in {plural(row.lost_only, 'pair')}, only in the won deal in"
        f" {row.won_only:,}, in both in {row.both:,}"
    )


def phrase_summary(table: PhraseTable) -> str:
    """Say how many phrases were looked at and how many go with an outcome."""
    clear = sum(row.verdict in (Verdict.WINS, Verdict.LOSSES) for row in table.found)
    who = SPEAKERS[table.role]
    if not table.looked_at:
        return f"{who}: no phrase is used in enough deals."
    found = (
        f"{clear:,} {verb(clear, 'goes', 'go')} with winning or losing"
        if clear
        else "none goes with winning or losing beyond chance"
    )
    return f"{who}: of {plural(table.looked_at, 'phrase')} that enough deals have, {found}."


def clear_first(table: PhraseTable) -> tuple[PhraseContrast, ...]:
    """Return the phrases of a table, those that go with an outcome first."""
    return tuple(sorted(table.found, key=lambda row: row.verdict not in (Verdict.WINS, Verdict.LOSSES)))


def groupings(report: OutcomeReport) -> tuple[Grouping, ...]:
    """Return the kinds of deals, those first whose win rates differ."""
    return tuple(sorted(report.groups, key=lambda one: not one.differ))


def in_order(grouping: Grouping) -> tuple[Group, ...]:
    """Return the groups as people read them: months and sizes in their order, others by their deals."""
    if grouping.by.startswith("month"):
        return tuple(sorted(grouping.groups, key=lambda group: group.names))
    if grouping.by == "size":
        sizes = ("small", "middle", "large")
        return tuple(
            sorted(grouping.groups, key=lambda g: sizes.index(g.names[0]) if g.names[0] in sizes else 3)
        )
    return grouping.groups


def group_name(group: Group) -> str:
    """Return a group's name, or those of small ones put together."""
    names = [name or "not known" for name in group.names]
    return names[0] if len(names) == 1 else f"others ({listed(names[:4])}{', …' if len(names) > 4 else ''})"


def grouping_words(grouping: Grouping) -> str:
    """Say whether win rates of groups differ."""
    if len(grouping.groups) < 2:
        return "cannot be compared yet"
    return "differ beyond chance" if grouping.differ else "do not differ beyond chance"


def part_words(part: Part) -> str:
    """Return ``1,413 of 1,591 (89 in 100)``."""
    share = "" if part.share is None else f" ({of_100(part.share)} in 100)"
    return f"{part.count:,} of {part.total:,}{share}"


def coverage_words(found: Coverage) -> tuple[str, ...]:
    """Say how much of everything was heard."""
    said = [f"Closed deals with a sales call by the day of their close: {part_words(found.deals)}."]
    if found.calls.total:
        said.append(
            "Sales calls of that time that are tied to any deal, closed or open:"
            f" {part_words(found.calls)}."
        )
    if found.words.total:
        said.append(f"Words known to be a prospect’s, of those that may be: {part_words(found.words)}.")
        if found.words.count < found.words.total:
            said[-1] += " Of the rest nobody knows who spoke, and they count for nothing."
    return tuple(said)


def differing(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """Return the kinds of deals that are more, or less, common among those with calls."""
    return tuple(level for level in levels if level.differs)


def bias_summary(levels: tuple[Level, ...]) -> str:
    """Say whether deals with calls are like those without."""
    if not levels or levels[0].change is None:
        return "All closed deals had calls, or none had, so those with and without cannot be compared."
    if not differing(levels):
        if min(levels[0].with_calls.total, levels[0].without_calls.total) < ENOUGH_TO_COMPARE:
            return (
                "Too few deals had calls, or had none, to say whether those with calls are like the others."
            )
        return (
            "In nothing that the CRM tells do deals with calls differ from those without, beyond chance"
            " and by enough to matter."
        )
    return (
        "Deals with calls are not like those without. What this page says is about deals whose calls were"
        " recorded, and may not hold for the others. They differ in:"
    )


def level_words(level: Level) -> str:
    """Say how much more common one kind of deal is among those with calls."""
    name = level.value or "not known"
    return (
        f"{level.characteristic} “{name}”: {rate_words(level.with_calls)} of deals with calls,"
        f" {rate_words(level.without_calls)} of those without"
    )
