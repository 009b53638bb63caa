"""How the brief opens: its headline, and the sentences below it."""

from __future__ import annotations

from callmine.outcomes.verdicts import Verdict
from callmine.reports.brief_facts import (
    CHANGES,
    ENOUGH,
    LONGEST_STAGE,
    level,
    share,
    unit_of,
)
from callmine.reports.brief_values import BriefReport, Thing
from callmine.reports.render.odds import count_words
from callmine.reports.text import (
    capital,
    cut_name,
    listed,
    listed_up_to,
    plural,
    spelled,
    verb,
)

MOST_LEVEL = 2
"""Objections raised as often as each other that are named; of more, the number is told."""


def headline(report: BriefReport) -> str:
    """Return what matters most in one plain statement."""
    if report.jeopardy:
        stages = [cut_name(point.step.stage, LONGEST_STAGE) for point in report.jeopardy]
        return f"Fewer deals go on from {listed_up_to(stages, 3)}"
    if report.verdict is Verdict.LOSSES:
        return "Fewer deals are won than before"
    if report.verdict is Verdict.WINS:
        return "More deals are won than before"
    for thing in (*report.objections, *report.competitors):
        if thing.trend.word in ("up", "new"):
            how = "is raised" if thing.family == "objection" else "is named"
            return f"“{cut_name(thing.title)}” {how} in more deals than before"
    if report.verdict is Verdict.NO_DIFFERENCE:
        return "Deals are won as often as before"
    now = report.closed
    if now.total:
        if now.successes == now.total:
            every = {1: "The only closed deal was", 2: "Both closed deals were"}.get(now.total)
            return f"{every or f'All {now.total:,} closed deals were'} won"
        return f"{count_words(now)} closed deals {verb(now.successes, 'was', 'were')} won"
    return f"{plural(report.calls[-1].out_of, 'sales call')}, and no deal closed"


def standfirst(report: BriefReport) -> tuple[str, ...]:
    """Return the rest of what matters, in a sentence or two."""
    said = []
    now, before = report.closed, report.closed_before
    if now.total >= ENOUGH and before.total >= ENOUGH:
        change = {
            Verdict.LOSSES: "fewer than",
            Verdict.WINS: "more than",
            Verdict.NO_DIFFERENCE: "much as",
        }.get(report.verdict)
        was = f"{share(before)} in {report.before}"
        won = f"{count_words(now)} closed deals were won ({share(now)})"
        said.append(f"{won}, {change} the {was}." if change else f"{won}, {was}: too few to tell a change.")
    if report.objections:
        said.append(_pushed_back(report))
    elif report.spoken:
        with_deals = "" if report.unlinked else " spoken with"
        said.append(f"No objection was heard in {_spoken(report)}{with_deals}.")
    if report.spoken < ENOUGH and report.calls[-1].out_of:
        said.append(_of_few(report))
    return tuple(said)


def _of_few(report: BriefReport) -> str:
    """Say which figures are of few: what prospects say, and how deals ended where few closed, too."""
    if not report.spoken:
        return "Prospects are known to speak in none of the calls, so nothing can be told of what they say."
    few = f"prospects are known to speak in only {_spoken(report)}"
    if 0 < report.closed.total < ENOUGH:
        closed = plural(report.closed.total, "deal")
        return f"Only {closed} closed, and {few}: of either, hardly anything can be told from chance."
    return f"{capital(few)}, so hardly anything that they say can be told from chance."


def _spoken(report: BriefReport) -> str:
    """Return in how much prospects are known to speak: ``12 deals``, or unlinked calls as such."""
    if not report.unlinked:
        return plural(report.spoken, "deal")
    alone = report.unlinked == report.spoken
    return plural(report.spoken, "unlinked call", "unlinked calls" if alone else "deals and unlinked calls")


def _pushed_back(report: BriefReport) -> str:
    """Say what is raised most; where several are raised as often, which, or how many they are."""
    most = level(report.objections)
    first = most[0]
    how = f"{count_words(first.now)} {unit_of(first, report)} spoken with"
    if first.now.total >= ENOUGH:
        how += f" ({share(first.now)})"
    if len(most) == 1:
        return f"Buyers push back most on “{cut_name(first.title)}”: in {how}{_aside(first)}."
    if len(most) <= MOST_LEVEL:
        names = capital(listed([f"“{cut_name(one.title)}”" for one in most]))
    else:
        names = f"{capital(spelled(len(most)))} objections"
    all_alike = len(most) == len(report.objections)
    return f"{names} {'were raised' if all_alike else 'are raised most'}, each in {how}."


def _aside(thing: Thing) -> str:
    word = thing.trend.word
    return f", {CHANGES[word]}" if word in ("up", "down", "new", "about the same") else ""
