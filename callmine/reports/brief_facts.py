"""Facts of a brief in one plain sentence each: the page and its questions say the same words."""

from __future__ import annotations

from collections.abc import Sequence

from callmine.outcomes.conversion import Step
from callmine.outcomes.rates import Rate
from callmine.reports.brief_values import Agreed, BriefReport, Since, Thing
from callmine.reports.render.message_quote_words import loosely
from callmine.reports.render.odds import count_words, of_100
from callmine.reports.text import capital, cut_name, listed, plural, spelled, verb

ENOUGH = 20
"""Cases from which on a share is told out of 100; of fewer, the counts are."""

LONGEST_STAGE = 40


def share(rate: Rate) -> str:
    """Return ``38 in 100``; of few cases ``3 of 7``."""
    if rate.value is None:
        return "none"
    return f"{of_100(rate.value)} in 100" if rate.total >= ENOUGH else count_words(rate)


def of_share(rate: Rate) -> str:
    """Return ``38 of 100``, to stand before what is counted; of few cases ``3 of 7``."""
    if rate.value is None or rate.total < ENOUGH:
        return count_words(rate)
    return f"{of_100(rate.value)} of 100"


def between(rate: Rate) -> str:
    """Return ``31 to 45``: how far a rate out of 100 can be off; empty for few cases."""
    return f"{of_100(rate.low)} to {of_100(rate.high)}" if rate.total >= ENOUGH else ""


def with_range(rate: Rate) -> str:
    """Return ``38 in 100 (31 to 45)``."""
    return f"{share(rate)} ({between(rate)})" if between(rate) else share(rate)


def won_fact(report: BriefReport) -> str:
    """Say how many of the closed deals were won, now and before."""
    now, before = report.closed, report.closed_before
    if not now.total:
        return f"No deal closed in {report.period}."
    closed = f"closed {verb(now.total, 'deal', 'deals')} {verb(now.successes, 'was', 'were')} won"
    said = f"{count_words(now)} {closed}"
    if now.total >= ENOUGH:
        said += f", {with_range(now)}"
    return f"{said}; {with_range(before)} in {report.before}." if before.total else f"{said}."


def thing_fact(thing: Thing, report: BriefReport) -> str:
    """Say in how many deals something was heard, now and before."""
    what = "calls" if thing.family == "message" else f"{unit_of(thing, report)} spoken with"
    said = f"{VERBS[thing.family]} in {count_words(thing.now)} {what}"
    said += loosely(thing.loose, thing.now.successes)
    if thing.now.total >= ENOUGH:
        said += f", {with_range(thing.now)}"
    if usual := before_of(thing):
        said += f"; {usual} in {report.before}"
    return f"{capital(said)}."


def unit_of(thing: Thing, report: BriefReport) -> str:
    """Return what is counted of a thing: ``deal``, ``deals``, ``deals and unlinked calls`` or ``calls``."""
    if thing.family == "message":
        return verb(thing.now.total, "call", "calls")
    if report.unlinked:
        only = report.unlinked == report.spoken
        return verb(
            thing.now.total, "unlinked call", "unlinked calls" if only else "deals and unlinked calls"
        )
    return verb(thing.now.total, "deal", "deals")


def level(things: Sequence[Thing]) -> tuple[Thing, ...]:
    """Return the things that are heard most; several where they are heard in as many deals.

    Args:
        things: Those of a family, most deals first.
    """
    return tuple(one for one in things if one.now.successes == things[0].now.successes)


VERBS = {"objection": "raised", "competitor": "named", "message": "said"}


def step_fact(step: Step) -> str:
    """Say how many deals went on from a stage, in the last quarter and before."""
    name = cut_name(step.stage, LONGEST_STAGE)
    earlier = len(step.periods) - 1
    before = "the quarter before" if earlier == 1 else f"the {spelled(earlier)} quarters before"
    year, _, quarter = step.periods[-1].period.partition("-")
    return (
        f"{name}: {with_range(step.now)} went on in {quarter} {year},"
        f" {with_range(step.before)} in {before}."
    )


CHANGES = {
    "up": "more than before",
    "new": "new",
    "down": "less than before",
    "gone": "not heard any more",
    "about the same": "as before",
    "too few to say": "too few to say",
    "no comparison": "",
}
"""What may be said of a change, in words that need no explanation."""


_UNITS = {"message": "calls", "stage": "deals went on"}


def since_fact(agreed: Agreed, since: Since) -> str:
    """Say what was watched, since the day and before it."""
    family, title = (agreed.watch or "").partition(":")[0], cut_name(agreed.title or "")
    all_since = since.weeks_after == since.weeks_since
    when = (
        f"the {_weeks(since.weeks_after)} since" if all_since else f"the last {_weeks(since.weeks_after)}"
    )
    if not since.after.total:
        if family != "stage":
            return f"{title}: no call in {when} in which it could be heard."
        if not since.entered:
            return f"{title}: no deal came there in {when}."
        return f"{title}: no deal that came there in {when} has had time to go on."
    said = [f"{_of_unit(since.after, _UNITS.get(family, 'deals'), family)} in {when}"]
    if since.before.total:
        as_long = since.weeks_before == since.weeks_after != 1
        earlier = f"{since.weeks_before:,}" if as_long else _weeks(since.weeks_before)
        said.append(f"{_of_unit(since.before, '', family)} in the {earlier} before")
        if not all_since:
            said[-1] += " you agreed"
    return f"{title}: {', '.join(said)}: {_against(since, family)}."


def _weeks(count: int) -> str:
    return "week" if count == 1 else f"{count:,} weeks"


def _against(since: Since, family: str) -> str:
    """Say what came of holding since against before, or why it was not done."""
    if family == "stage" or since.weeks_before == since.weeks_after:
        return CHANGES[since.trend.word] or "nothing before to hold it against"
    if not since.weeks_before:
        return "no whole week of calls before is known, so nothing is compared"
    return f"calls before are known for {plural(since.weeks_before, 'week')} only, too short to compare"


def _of_unit(rate: Rate, unit: str, family: str) -> str:
    """Return ``in 10 of 100 deals (8 to 11)``."""
    said = f"{'' if family == 'stage' else 'in '}{of_share(rate)} {unit}".strip()
    return f"{said} ({between(rate)})" if between(rate) else said


def before_of(thing: Thing) -> str:
    """Return how often something was heard in the periods before; empty where it could not be.

    Of few, each period is told by itself: a deal counts once in a period, so in their sum there would be
    more deals than there are.
    """
    before, out_of = thing.trend.before or 0, thing.trend.before_out_of
    if not out_of:
        return ""
    if out_of >= ENOUGH:
        return f"{of_100(before / out_of)} in 100"
    return listed([f"{one.heard:,} of {one.out_of:,}" for one in thing.counts[:-1] if one.out_of])
