"""Sentences of the brief: two executives read them in one minute, so no word needs an explanation."""

from __future__ import annotations

import shlex
from dataclasses import replace

from callmine.outcomes.verdicts import Verdict
from callmine.reports.brief_facts import (
    CHANGES,
    ENOUGH,
    LONGEST_STAGE,
    before_of,
    between,
    share,
    unit_of,
    with_range,
)
from callmine.reports.brief_values import Agreed, BriefQuestion, BriefReport, Thing
from callmine.reports.passages import cut_at_word
from callmine.reports.quote_values import Quote
from callmine.reports.render.html import anchor
from callmine.reports.render.message_quote_words import loosely
from callmine.reports.render.odds import count_words
from callmine.reports.text import (
    capital,
    cut_name,
    listed,
    listed_up_to,
    money,
    plural,
    rate,
    spelled,
    verb,
)
from callmine.reports.weeks import long_day

SHORT = 120
"""Characters of a quote in the open; the whole passage is in the fold."""

MOST_POINTS = 3
"""Conversion points in jeopardy in the open."""

MOST_AGREED = 4
"""Agreements in the open."""

MOST_DEALS = 10
"""Deals that a fold names."""

QUOTED_THERE = ("competitor", "message")
"""Kinds of questions whose fact is shown without a quote elsewhere."""

CHANGE_CLASSES = {"up": "up", "new": "new", "down": "down", "gone": "down"}

HOW = (
    "“38 in 100” counts deals out of 100, and “31 to 45” beside it is how far such a number can be off:"
    " in 19 cases out of 20 the rate lies in between. Of fewer than twenty the counts are told.",
    "Deals are counted, and calls without a deal, in which prospects are known to speak; a deal counts"
    " once in a period. Of messages, calls are counted in which one of our reps is known to speak. What"
    " counts is what counts in digests, and a change is called one by the same test.",
    "A conversion point is in jeopardy where fewer deals go on from a stage in the last quarter than in"
    " the three before, beyond chance, as in callmine outcomes. Win rates beside a name are those of deals"
    " in which it was heard; what is heard and how deals end need not be cause and effect.",
    "What is watched is counted over the weeks since the day of the agreement, of more than twelve over the"
    " last twelve, and held against as many before it, where so many are known; a deal counts once on"
    " either side. Of a stage it is the deals that came there since, and in up to twelve weeks before."
    " Questions are ready sentences with a fact put in.",
)


def usual_calls(report: BriefReport) -> str:
    """Return how many calls a period before had: ``1,434 in a month before``."""
    return _usual(sum(count.out_of for count in report.calls[:-1]), report)


def usual_closed(report: BriefReport) -> str:
    """Return how many deals closed in a period before."""
    return _usual(report.closed_before.total, report)


def _usual(total: int, report: BriefReport) -> str:
    """Return the mean of the periods before of which anything is known; fewer than usual are named."""
    if not total:
        return "none before"
    known = report.known_periods
    mean = total / max(known, 1)
    each = "before"
    if report.periods > 1 and known == 1:
        each = f"in the {'month' if report.is_month else 'one such period'} before"
    elif report.periods > 1:
        count = "" if known == report.periods else f", of {spelled(known)}"
        each = f"in {'a month' if report.is_month else 'such a period'} before{count}"
    return f"{f'{mean:,.0f}' if mean >= 10 else rate(mean)} {each}"


def won_figure(report: BriefReport) -> str:
    """Return the win rate as a figure: ``44 in 100`` or ``2 of 3``."""
    return share(report.closed)


def won_range(report: BriefReport) -> str:
    """Return how sure the win rate is, and what it was before."""
    said = []
    if between(report.closed):
        said.append(f"{between(report.closed)} of 100")
    if report.closed_before.total:
        said.append(f"before {with_range(report.closed_before)}")
    return "; ".join(said)


WON_CHANGES = {
    Verdict.LOSSES: "fewer than before",
    Verdict.WINS: "more than before",
    Verdict.NO_DIFFERENCE: "no difference that matters",
    Verdict.NOT_ENOUGH: "too few to say whether it changed",
}


def further_amounts(report: BriefReport) -> str:
    """Return what was won beside the largest sum, and of how many deals that is not known.

    ``and $84,000; 2 deals without amount``; empty where all is in one currency and known.
    """
    rest = [money(one.amount, one.currency) for one in report.won_amounts[1:]]
    said = [f"and {listed_up_to(rest, 3)}"] if rest else []
    if report.won_without_amount:
        said.append(f"{plural(report.won_without_amount, 'deal')} without amount")
    return "; ".join(said)


def change(thing: Thing) -> str:
    """Return what may be said of a change; of few cases nothing, which is said once for the page."""
    few = thing.now.total < ENOUGH and thing.trend.word == "too few to say"
    return "" if few else CHANGES[thing.trend.word]


def counts(thing: Thing, report: BriefReport) -> str:
    """Return ``64 of 433 deals, 12 to 18 in 100; before 11 in 100``; of a message what is loose, too."""
    said = f"{count_words(thing.now)} {unit_of(thing, report)}"
    said += loosely(thing.loose, thing.now.successes)
    if between(thing.now):
        said += f", {between(thing.now)} in 100"
    if usual := before_of(thing):
        said += f"; before {usual}"
    return said


def won_with(thing: Thing, report: BriefReport) -> str:
    """Return the win rate of deals in which something was heard; empty where too few closed."""
    if thing.won is None or not thing.won.total:
        return ""
    if thing.won.total < report.settings.min_deals:
        return f"won {count_words(thing.won)} closed"
    return f"won {with_range(thing.won)}"


def how_counted(report: BriefReport) -> str:
    """Say what the numbers beside a name are out of."""
    what = "Deals and unlinked calls" if report.unlinked else "Deals spoken with"
    said = f"{what}, and in how many of them it was raised."
    if any(one.won is not None for one in (*report.objections, *report.competitors)):
        said += f" “Won”: of those that closed since {long_day(report.won_since)}."
    return said


AMONG_LIKE = {
    Verdict.LOSSES: "less often than deals like them without it",
    Verdict.WINS: "more often than deals like them without it",
}
"""Said only where deals like each other show it, beyond chance."""


def steps_clear(report: BriefReport) -> str:
    """Say that no conversion point is in jeopardy, or that nobody can know."""
    if not report.steps:
        return "The CRM’s history does not tell yet how deals go from stage to stage."
    known = [step for step in report.steps if step.verdict is not Verdict.NOT_ENOUGH]
    if not known:
        return "Too few deals to say of any stage whether fewer go on than before."
    more = [cut_name(step.stage, LONGEST_STAGE) for step in report.steps if step.verdict is Verdict.WINS]
    said = "From no stage do fewer deals go on than before, beyond chance."
    return f"{said} From {listed(more)} more do." if more else said


def nothing_agreed() -> str:
    """Say that nothing was agreed on yet, and how to."""
    return "Nothing is written down yet."


def agreed_line(one: Agreed) -> str:
    """Return who wrote it down and when, and when it was done."""
    said = f"{one.by}, {long_day(one.day)}"
    return f"{said}; done {long_day(one.done_on)}" if one.done_on else said


def not_told(one: Agreed, report: BriefReport) -> str:
    """Say why there is nothing to tell since; empty where nothing is watched."""
    if one.watch is None:
        return ""
    if not one.known and one.watch.startswith("stage:"):
        return (
            f"{one.watch.replace(':', ' ', 1)} cannot be followed yet: no deal is known to go on from it."
        )
    if not one.known:
        return f"{one.watch.replace(':', ' ', 1)} is not known any more, so nothing can be told."
    return f"{capital(one.title or '')}: no whole week is over since, up to {long_day(report.known_until)}."


def short(quote: Quote) -> Quote:
    """Return a quote of few words, verbatim: its mark with as much around it as there is room for."""
    if len(quote.before) + len(quote.marked) + len(quote.after) <= SHORT:
        return quote
    begin = len(quote.before) + len(quote.marked) <= SHORT
    before = quote.before if begin else ""
    marked = _cut(quote.marked, SHORT)
    whole = len(marked) == len(quote.marked.rstrip())
    marked, room = quote.marked if whole else marked, SHORT - len(before) - len(quote.marked)
    after = _cut(quote.after, room) if whole and room > 0 else ""
    return replace(
        quote,
        before=before,
        marked=marked,
        after=after,
        cut_start=quote.cut_start or not begin,
        cut_end=quote.cut_end or not whole or len(after) < len(quote.after.rstrip()),
    )


def _cut(text: str, longest: int) -> str:
    """Return the beginning of a text up to a word, and not into a mark of what was taken out."""
    cut = cut_at_word(text, longest)
    return cut[: cut.rindex("[")].rstrip() if cut.rfind("[") > cut.rfind("]") else cut


def command(report: BriefReport) -> str:
    """Return the command that builds this very brief, on whichever day it is run."""
    days = ["--since", report.since, "--until", report.until]
    if report.as_of != report.until:
        days += ["--as-of", report.as_of]
    return shlex.join(["callmine", "brief", *days])


def period_spelled(report: BriefReport) -> str:
    """Return what the period is held against."""
    return f"held against {report.before}" if report.periods else "nothing before to hold it against"


def nothing_asked(report: BriefReport) -> str:
    """Say why there is no question."""
    if report.spoken < ENOUGH:
        return "Nothing to ask yet: too few deals."
    return "Nothing to ask: nothing here moved beyond chance."


def questions_title(count: int) -> str:
    """Return ``Three questions``; ``Questions`` where there are none."""
    if not count:
        return "Questions"
    return f"{capital(spelled(count))} {verb(count, 'question', 'questions')}"


def anchor_of(question: BriefQuestion) -> str:
    """Return the place on the page of the fact that a question is about."""
    family, _, label = question.about.partition(":")
    return f"{family}-{anchor(label)}" if label else family
