"""A comparison of two things as text for the terminal, and as JSON; quotes are checked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from callmine.outcomes.rates import Rate
from callmine.outcomes.strata import Stratified
from callmine.outcomes.verdicts import Verdict
from callmine.outcomes.versus import Versus
from callmine.reports.comparison import CompareReport, Side
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import check_quote
from callmine.reports.render import odds
from callmine.reports.render.json import Shape
from callmine.reports.render.needed_words import NEVER, out_of_reach, rounded
from callmine.reports.render.wording import OUTCOMES, short_id
from callmine.reports.text import REDACTED, listed, plural, verb
from callmine.reports.weeks import long_day
from callmine.spans import clock

DEALS_SHOWN = 8

_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
"""What a CRM's names may hold, and what would make two lines of one."""


def render_text(report: CompareReport) -> str:
    """Return the comparison as a screen of text.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(report)
    return "\n".join(_BREAKS.sub(" ", line) for line in _lines(report))


def _lines(report: CompareReport) -> Iterator[str]:
    c = report.comparison
    yield answer(report)
    yield ""
    for name, side, only, first in (("A", report.a, c.a, c.a_first), ("B", report.b, c.b, c.b_first)):
        yield f"{name}: {_named(side)}"
        yield f"   {plural(only.total, 'deal')} with it and not the other, {_won(only, c)}"
        if c.both:
            yield f"   {plural(first.total, 'deal')} with it first, or alone, {_won(first, c)}"
    yield ""
    yield from figures(c)
    yield _rest(report)
    yield _base(c)
    if sentence := needed(c, report):
        yield sentence
    if report.looks > 1:
        yield (
            f"This is comparison number {report.looks} in this workspace: who compares often finds"
            " something by chance sooner or later, and nothing here corrects for that."
        )
    yield (
        "This describes what was heard and how deals ended. It does not say what would have happened"
        " otherwise."
    )
    for name, side in (("A", report.a), ("B", report.b)):
        yield ""
        yield f"{name}, in their words:" if side.quotes else f"{name}: no quote"
        for quote in side.quotes:
            ended = OUTCOMES.get(quote.outcome, "open") if quote.outcome else "open"
            where = f"{quote.account or quote.source}, {ended}; {quote.source} @ {clock(quote.play_ms)}"
            yield f"   {_id(side, quote)}  “{quote.before}{quote.marked}{quote.after}” ({where})"
        yield f"   deals with it only: {_deals(side)}"
    yield ""
    if report.redacted:
        yield REDACTED
    yield from _ways_on(report)


def answer(report: CompareReport) -> str:
    """Return the answer in one sentence."""
    c = report.comparison
    if c.verdict in (Verdict.WINS, Verdict.LOSSES):
        more = "more" if c.verdict is Verdict.WINS else "less"
        return (
            f"Deals with A were won {more} often than like deals with B, beyond what chance explains, in"
            " both ways of comparing."
        )
    if c.disagree and _parted(c):
        return "It depends on how one compares whether deals with A or with B are won more often."
    if c.disagree:
        return (
            "Not enough evidence yet: one way of comparing finds that deals with"
            f" {_ahead(c)} are won more often, the other leans that way and is not sure."
        )
    if c.verdict is Verdict.NO_DIFFERENCE:
        points = odds.of_100(report.settings.smallest_effect)
        return f"No difference that matters: any between A and B is smaller than {points} points."
    return "Not enough evidence yet to say whether deals with A or with B are won more often."


def _won(rate: Rate, c: Versus) -> str:
    """Return ``189 were won: 54 in 100 (49 to 59)``; no rate of groups too small to test."""
    won = f"{rate.successes:,}" if rate.successes else "none"
    rates = "" if c.adjusted is None else f": {odds.rate_words(rate)}"
    return f"{won} {verb(max(rate.successes, 1), 'was', 'were')} won{rates}"


def figures(c: Versus) -> Iterator[str]:
    """Yield how far A and B lie apart, in all ways of comparing."""
    if c.adjusted is None or c.whole is None:
        yield "Like cannot be compared with like: too few deals have one of the two and not the other."
        return
    if c.raw is not None:
        yield (
            f"All deals with one of the two: A is {_points(c.raw.value)} (from {_points(c.raw.low)} to"
            f" {_points(c.raw.high)}, in 19 cases out of 20)."
        )
    yield (
        f"Like with like, call by call, what came first ({odds.alike(c.strata)}):"
        f" {_like(c.adjusted, c.base)}."
    )
    within = f" ({odds.alike(c.kinds)})" if c.kinds else ""
    yield f"Like with like, deal by deal, one and not the other{within}: {_like(c.whole, c.base)}."
    if c.disagree and _parted(c):
        yield (
            "Mind: one of the two ways finds a difference, and the other points elsewhere. That happens"
            " where one of the two comes up more often and deals that go on have more calls for it, and"
            " where they are bound to come up and deals that end early have few calls for that. These deals"
            " cannot tell which; do not rely on the plain win rates. Read the quotes by stage, or give"
            " one of the two to every second new deal and compare again."
        )
    elif c.confounded:
        yield (
            "Mind: the plain win rates differ, but among like deals no difference is clear. One of the two"
            " may be heard in kinds of deals that are won more often anyway."
        )


def _parted(c: Versus) -> bool:
    """Whether the two ways point to different sides, so that more deals need not settle it."""
    return c.adjusted is None or c.whole is None or c.adjusted.excess * c.whole.excess <= 0


def _ahead(c: Versus) -> str:
    return "A" if c.whole is not None and c.whole.excess > 0 else "B"


def _like(found: Stratified, base: Rate) -> str:
    if found.odds_ratio is None:
        return "too few like deals meet to say anything"
    return odds.like_words(found, base.value, these="deals with A", others="deals with B")


def _points(share: float) -> str:
    points = round(100 * share)
    if not points:
        return "level"
    return f"{plural(abs(points), 'point')} {'ahead' if points > 0 else 'behind'}"


def _rest(report: CompareReport) -> str:
    """Say which deals are in no group, and in which period all of them closed."""
    c = report.comparison
    both = f"{plural(c.both, 'deal')} {verb(c.both, 'has', 'have')} both"
    if c.both:
        both += ": call by call, what came first counts"
    if c.together:
        both += f" (in {c.together:,} both came first in one call, which counts for neither)"
    return (
        f"{both}; {report.neither:,} {verb(report.neither, 'has', 'have')} neither. In all"
        f" {plural(report.closed, 'deal')} with calls closed from {long_day(report.since)} to"
        f" {long_day(report.until)}."
    )


def _base(c: Versus) -> str:
    """Say at which win rate everything is read, and how sure that is."""
    return (
        f"Of all these deals {odds.rate_words(c.base)} were won: odds are read as win rates, and numbers of"
        " deals worked out, from that."
    )


def needed(c: Versus, report: CompareReport) -> str:
    """Say how many more deals would settle it; nothing where it is settled."""
    if c.verdict is not Verdict.NOT_ENOUGH:
        return ""
    points = odds.of_100(report.settings.smallest_effect)
    if c.disagree and _parted(c):
        return "More deals need not settle this, as the two ways of comparing may go on parting."
    if c.needed is None:
        return "How many more deals would settle it cannot be said: too few like deals meet."
    if c.needed == 0:
        return (
            f"With so many deals, a difference of {points} points would have been found four times in five."
            " It was not; but one of that size cannot be ruled out, nor a smaller one."
        )
    if out_of_reach(c.needed, report.closed):
        return f"To find a difference of {points} points, if there is one, takes {NEVER}."
    return (
        f"With about {rounded(c.needed)} more closed deals that have A or B, a difference of {points}"
        " points, if there is one, would be found four times in five in either way."
    )


def _named(side: Side) -> str:
    if side.what == "phrase":
        return f"the words “{side.title}”"
    same = side.title == side.label
    return f"{side.what} {side.label}" + ("" if same else f" (“{side.title}”)")


def _id(side: Side, quote: Quote) -> str:
    """Return what opens a quote: its finding; words that were looked for are none, so their turn."""
    return short_id(quote) if side.what != "phrase" else f"{quote.call_id}:{quote.utterance_index}"


def _ways_on(report: CompareReport) -> Iterator[str]:
    """Say how to open what is listed."""
    whats = {side.what for side in (report.a, report.b) if side.quotes}
    if whats - {"phrase"}:
        yield "`callmine findings ID` opens a quote."
    if "phrase" in whats:
        yield "`callmine transcript CALL` shows the call of quoted words; its id stands before the colon."
    yield "`--json` has every deal of both sides, and what was heard in it."


def _deals(side: Side) -> str:
    deals = [one.deal for one in side.deals]
    names = [
        f"{deal.account or deal.name or deal.deal_id} ({OUTCOMES[deal.outcome]})"
        for deal in deals[:DEALS_SHOWN]
    ]
    more = len(deals) - len(names)
    return listed([*names, f"{more:,} more"] if more > 0 else names) or "none"


def _check(report: CompareReport) -> None:
    for side in (report.a, report.b):
        for quote in side.quotes:
            check_quote(quote)


JSON = Shape(CompareReport, "callmine-compare/1", "Comparison of two things heard", _check)
"""Published as ``docs/compare-schema.json``."""
