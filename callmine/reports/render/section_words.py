"""Sentences of the report on won and lost deals: conversion, waiting, reasons, pairs, phrases, groups."""

from __future__ import annotations

from callmine.domain import Role
from callmine.outcomes.agreement import Agreement, LabelAgreement, Parting
from callmine.outcomes.bias import Coverage, Level, Part
from callmine.outcomes.conversion import Moved, Step
from callmine.outcomes.groups import Group, Grouping
from callmine.outcomes.matching import Matched, PairedLabel
from callmine.outcomes.verdicts import Verdict
from callmine.outcomes.waiting import Band, Waiting
from callmine.reports.outcome_values import OutcomeReport, PhraseTable
from callmine.reports.render.outcome_words import of_100, rate_words, rounded
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
    Verdict.NO_DIFFERENCE: "How long a buyer waits for the first call makes no difference that matters.",
    Verdict.NOT_ENOUGH: "Whether waiting for the first call goes with losing cannot be said yet.",
}
SPEAKERS = {Role.PROSPECT: "Prospects", Role.REP: "Our reps"}
MOST_PAIRS = 12
MOST_PARTING = 12


def title_of(report: OutcomeReport, key: str) -> str:
    """Return what people call ``objection:price``; of what has no title, the label."""
    return report.titles.get(key, key.partition(":")[2])


def titles(report: OutcomeReport, keys: tuple[str, ...]) -> str:
    """Return what people call several things heard, the first of them."""
    named = [title_of(report, key) for key in keys[:4]]
    more = len(keys) - len(named)
    return listed([*named, f"{more} more"] if more else named)


def step_summary(steps: tuple[Step, ...]) -> str:
    """Say in one sentence which conversion points are in jeopardy."""
    bad = [step.stage for step in steps if step.in_jeopardy]
    if not bad:
        return "No conversion point has fallen beyond chance."
    return f"{capital(listed(bad))}: fewer deals go on from there than before, beyond chance."


def step_note(step: Step) -> str:
    """Say how a step is counted, and how many deals are still on their way."""
    waiting = sum(entries.open for entries in step.periods[-1:])
    said = f"within {plural(step.settled_days, 'day')}" if step.settled_days is not None else ""
    if waiting:
        said += f"{'; ' if said else ''}{waiting:,} still on their way and not counted"
    return said


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


def waiting_note(found: Waiting, smallest_effect: float) -> str:
    """Say how the waiting was judged, and what it would take to know."""
    said = ""
    if found.verdict is Verdict.NOT_ENOUGH and found.needed:
        said = (
            f"About {rounded(found.needed)} more closed deals would show a difference of"
            f" {of_100(smallest_effect)} points between the quicker and the slower half."
        )
    if found.before_inquiry:
        were = verb(found.before_inquiry, "was", "were")
        said += (
            f" {plural(found.before_inquiry, 'deal')} {were} spoken with before any inquiry and {were}"
            " left out."
        )
    return said.strip()


def reasons_summary(found: Agreement) -> str:
    """Say how often the CRM's reason was heard."""
    c = found.confirmed
    if not c.total:
        return "No lost deal with calls has a loss reason that stands for an objection."
    return (
        f"Of {plural(c.total, 'lost deal')} with calls and a reason that stands for an objection,"
        f" {c.successes:,} heard that objection: {rate_words(c)}."
        + (f" {plural(found.without_reason, 'more')} have no such reason." if found.without_reason else "")
    ).replace("mores have", "more have")


def reason_rows(found: Agreement) -> tuple[LabelAgreement, ...]:
    """Return the labels that are somebody's reason, or heard often; what both lack says nothing."""
    return tuple(row for row in found.labels if row.both + row.reason_only)[:12]


def parting_words(report: OutcomeReport, row: Parting) -> str:
    """Say where a deal's reason and its calls part."""
    said = []
    if row.never_heard:
        names = listed(title_of(report, f"objection:{label}") for label in row.never_heard)
        said.append(f"the CRM says {names}, which no call has")
    if row.not_in_reason:
        names = listed(title_of(report, f"objection:{label}") for label in row.not_in_reason[:3])
        said.append(f"several calls have {names}, which the CRM does not say")
    return "; ".join(said)


def pairs_summary(found: Matched) -> str:
    """Say how many pairs there are."""
    if not found.pairs:
        return "No won and lost deal are alike enough to be put side by side."
    return (
        f"{plural(len(found.pairs), 'pair')} of one won and one lost deal of the same segment, size,"
        f" first stage and number of calls, closed near each other; {plural(found.unpaired, 'deal')}"
        f" without a counterpart {verb(found.unpaired, 'is', 'are')} left out."
    )


def paired_words(row: PairedLabel) -> str:
    """Say in how many pairs only one side heard something."""
    return (
        f"heard only in the lost deal in {plural(row.lost_only, 'pair')}, only in the won one in"
        f" {row.won_only:,}, in both in {row.both:,}"
    )


def phrase_summary(table: PhraseTable) -> str:
    """Say how many phrases were looked at and how many go with an outcome."""
    clear = sum(row.verdict in (Verdict.WINS, Verdict.LOSSES) for row in table.found)
    who = SPEAKERS[table.role]
    if not table.looked_at:
        return f"{who}: no phrase is used in enough deals."
    found = (
        f"{clear:,} of them go with winning or losing"
        if clear
        else "none goes with winning or losing beyond chance"
    )
    return f"{who}: {plural(table.looked_at, 'phrase')} looked at, {found}."


def in_order(grouping: Grouping) -> tuple[Group, ...]:
    """Return the groups as people read them: months in their order, others by size."""
    if grouping.by.startswith("month"):
        return tuple(sorted(grouping.groups, key=lambda group: group.names))
    return grouping.groups


def group_name(group: Group) -> str:
    """Return a group's name, or those of small ones put together."""
    names = [name or "not known" for name in group.names]
    return names[0] if len(names) == 1 else f"others ({listed(names[:4])}{', …' if len(names) > 4 else ''})"


def grouping_words(grouping: Grouping) -> str:
    """Say whether groups differ."""
    return "differ beyond chance" if grouping.differ else "do not differ beyond chance"


def part_words(part: Part) -> str:
    """Return ``1,413 of 1,591 (89%)``."""
    share = "" if part.share is None else f" ({of_100(part.share)} in 100)"
    return f"{part.count:,} of {part.total:,}{share}"


def coverage_words(found: Coverage) -> tuple[str, ...]:
    """Say how much of everything was heard."""
    said = [f"Deals with a sales call before their close: {part_words(found.deals)}."]
    if found.calls.total:
        said.append(f"Sales calls of that time that are linked with a deal: {part_words(found.calls)}.")
    if found.words.total:
        said.append(
            "Words of prospects, or of nobody known, that are known to be a prospect's:"
            f" {part_words(found.words)}."
        )
    return tuple(said)


def differing(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """Return the kinds of deals that are more, or less, common among those with calls."""
    return tuple(level for level in levels if level.differs)


def bias_summary(levels: tuple[Level, ...]) -> str:
    """Say whether deals with calls are like those without."""
    if not levels or levels[0].change is None:
        return "All deals have calls, or none has; there is nothing to compare them with."
    if not differing(levels):
        return (
            "Deals with calls are like those without, in everything the CRM tells, as far as chance allows."
        )
    return (
        "Deals with calls are not like those without. What is said here is about deals that are"
        " recorded, and may not hold for the others:"
    )


def level_words(level: Level) -> str:
    """Say how much more common one kind of deal is among those with calls."""
    name = level.value or "not known"
    return (
        f"{level.characteristic} {name}: {rate_words(level.with_calls)} of deals with calls,"
        f" {rate_words(level.without_calls)} of those without"
    )
