"""What a page on won and lost deals shows at once, what it folds, and how much of it is known."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from callmine.outcomes.verdicts import Verdict
from callmine.reports.outcome_values import AnswersTo, Family, KnownDeal, Line, OutcomeReport
from callmine.reports.render.outcome_words import DEPENDS, HEADINGS, depends, warning
from callmine.reports.render.wording import OUTCOMES

MOST_PARTED = 4
"""Lines of a list that a page shows at once though it depends on how one compares."""

MOST_OPEN = 5
"""Lines of which nothing is known that are not folded where the list has no others."""

SOME_DEALS = 10
"""Deals that it prints behind a line in a fold, and behind other numbers; the values have them all."""

FEW_DEALS = 5
"""Deals that it prints behind a number that is one of several in a row."""

ALL_DEALS = "callmine outcomes --format json"
"""The command that names every deal of every line."""


@dataclass(frozen=True, slots=True)
class Folds:
    """The lines of one list.

    Attributes:
        known: Of which something can be said.
        warned: The first of those for which it depends on how one compares.
        parted: More of these.
        unknown: Of which nothing is known yet.
    """

    known: tuple[Line, ...]
    warned: tuple[Line, ...]
    parted: tuple[Line, ...]
    unknown: tuple[Line, ...]

    @property
    def shown(self) -> tuple[Line, ...]:
        """Return the lines that stand in the open, in one table."""
        return (*self.known, *self.warned)

    @property
    def is_open(self) -> bool:
        """Whether the unknown lines need no fold, as they are few and all there is."""
        return not self.shown and len(self.unknown) <= MOST_OPEN


def folds(family: Family) -> Folds:
    """Sort the lines of a list into what a page shows at once and what it folds; their order is kept.

    They are as many of each sort as :func:`tallies` counts.
    """
    known = [line for line in family.lines if _is_known(line)]
    warned = [line for line in family.lines if depends(line.association)]
    unknown = [line for line in family.lines if not (_is_known(line) or depends(line.association))]
    return Folds(tuple(known), tuple(warned[:MOST_PARTED]), tuple(warned[MOST_PARTED:]), tuple(unknown))


def _is_known(line: Line) -> bool:
    return line.association.verdict is not Verdict.NOT_ENOUGH and not depends(line.association)


def parted_words(count: int) -> str:
    """Say how many more lines depend on how one compares."""
    return f"{count:,} more for which it {DEPENDS}"


def warnings(lines: Iterable[Line]) -> tuple[str, ...]:
    """Return what to mind of lines, each warning once."""
    return tuple(dict.fromkeys(filter(None, map(warning, lines))))


def unknown_words(count: int, *, more: bool) -> str:
    """Say how much nothing is known of; ``more`` where something else stands above."""
    return f"{count:,}{' more' if more else ''} of which nothing is known yet"


def answers_known(report: OutcomeReport, *, known: bool) -> tuple[AnswersTo, ...]:
    """Return the answers of which something can be said, or those of which nothing can, by objection."""
    found = (
        replace(
            one,
            lines=tuple(
                line for line in one.lines if (line.comparison.verdict is not Verdict.NOT_ENOUGH) is known
            ),
        )
        for one in report.answers
    )
    return tuple(one for one in found if one.lines)


def count_answers(answers: Iterable[AnswersTo]) -> int:
    """Return how many answers there are to all objections."""
    return sum(len(one.lines) for one in answers)


@dataclass(frozen=True, slots=True)
class Tally:
    """How much is known of one list.

    Attributes:
        heading: The list's.
        anchor: Where it stands on the page.
        known: Lines of which something can be said.
        parted: Those for which it depends on how one compares.
        unknown: All others, those not listed too.
    """

    heading: str
    anchor: str
    known: int
    parted: int
    unknown: int


def is_long(count: int) -> bool:
    """Whether lines of which nothing is known are too many for a text that cannot fold them."""
    return count > MOST_OPEN


def tallies(report: OutcomeReport) -> tuple[Tally, ...]:
    """Return how much is known, list by list, in the order of the page."""
    found = []
    for family in report.families:
        if not family.lines:
            continue
        known = sum(map(_is_known, family.lines))
        parted = sum(depends(line.association) for line in family.lines)
        rest = len(family.lines) + family.not_listed - known - parted
        found.append(Tally(HEADINGS[family.family], f"h-{family.family}", known, parted, rest))
    if report.answers:
        said, unsaid = (count_answers(answers_known(report, known=known)) for known in (True, False))
        found.append(Tally("Answers", "h-answers", said, 0, unsaid))
    if report.steps:
        known = sum(step.verdict is not Verdict.NOT_ENOUGH for step in report.steps)
        found.append(Tally("Conversion points", "h-steps", known, 0, len(report.steps) - known))
    return tuple(found)


def by_id(report: OutcomeReport) -> dict[str, KnownDeal]:
    """Return what is known of each deal that a report names."""
    return {deal.deal_id: deal for deal in report.deals}


def deal_words(
    known: Mapping[str, KnownDeal], ids: Sequence[str], most: int, *, reached: bool = False
) -> str:
    """Name deals in a line of text: ``Kestrel Care (D-1, won); Brennholt (D-2, lost); and 3 more``.

    Args:
        known: What is known of each deal.
        ids: Whose names are wanted.
        most: Deals that are named at most.
        reached: Whether the last open stage of each is told.
    """
    named = []
    for one in ids[:most]:
        deal = known[one]
        facts = [deal.deal_id, OUTCOMES[deal.outcome]]
        if reached and deal.reached:
            facts.append(f"reached {deal.reached}")
        named.append(f"{deal.account or deal.name or deal.deal_id} ({', '.join(facts)})")
    if len(ids) > most:
        named.append(f"and {len(ids) - most:,} more")
    return "; ".join(named)


def command(line: Line) -> str:
    """Return the command that lists all that was heard of a line, or all deals of a report."""
    if line.family in ("objection", "competitor"):
        return f"callmine findings --kind {line.family} --label {shlex.quote(line.label)}"
    return ALL_DEALS
