"""Sentences of the report on won and lost deals, for readers who know no statistics.

Nothing here says "because": what goes with winning need not be what wins.
"""

from __future__ import annotations

from callmine.domain import Outcome
from callmine.outcomes.association import Association
from callmine.outcomes.compare import Comparison
from callmine.outcomes.rates import Rate
from callmine.outcomes.strata import Stratified
from callmine.outcomes.verdicts import Verdict
from callmine.reports.outcome_values import AnswerLine, Family, Line, OutcomeReport
from callmine.reports.text import capital, listed, plural, spelled, verb

VERDICTS = {
    Verdict.WINS: "goes with winning",
    Verdict.LOSSES: "goes with losing",
    Verdict.NO_DIFFERENCE: "no difference that matters",
    Verdict.NOT_ENOUGH: "not enough evidence yet",
}
SIGNS = {Verdict.WINS: "▲", Verdict.LOSSES: "▼", Verdict.NO_DIFFERENCE: "≈", Verdict.NOT_ENOUGH: "?"}
HEADINGS = {
    "objection": "Objections",
    "competitor": "Competitors",
    "message": "Our messages",
}
HEARD = {
    "objection": "a prospect raised it",
    "competitor": "anybody named it",
    "message": "a rep said it",
}
NOUNS = {
    "objection": ("objection", "objections"),
    "competitor": ("competitor", "competitors"),
    "message": ("message", "messages"),
}
OUTCOMES = {
    Outcome.WON: "won",
    Outcome.LOST_COMPETITOR: "lost to a competitor",
    Outcome.LOST_NO_DECISION: "lost to no decision",
    Outcome.LOST_OTHER: "lost for another reason",
    Outcome.LOST_UNKNOWN: "lost, and the CRM does not say why",
}


def of_100(share: float) -> str:
    """Return a share as a whole number out of 100; only none is 0 and only all is 100."""
    rounded = round(100 * share)
    if 0 < share < 1:
        rounded = min(max(rounded, 1), 99)
    return str(rounded)


def rate_words(rate: Rate) -> str:
    """Return ``29 in 100 (18 to 44)``: the rate and how far it can be off; ``none`` without deals."""
    if rate.value is None:
        return "none"
    return f"{of_100(rate.value)} in 100 ({of_100(rate.low)} to {of_100(rate.high)})"


def times(odds_ratio: float) -> str:
    """Return an odds ratio as ``0.4`` or ``2.5``, with the digits it deserves."""
    return f"{odds_ratio:.2f}" if odds_ratio < 1 else f"{odds_ratio:.1f}"


def headline(report: OutcomeReport) -> str:
    """Return what the page is about in one sentence."""
    deals = report.basis.deals
    were = verb(deals.successes, "was", "were")
    return f"{deals.successes:,} of {plural(deals.total, 'closed deal')} {were} won"


def standfirst(report: OutcomeReport) -> tuple[str, ...]:
    """Return what can be said, and how much cannot, in two or three sentences."""
    lines = [line for family in report.families for line in family.lines]
    found = []
    for verdict in (Verdict.LOSSES, Verdict.WINS):
        names = [line.title for line in lines if line.association.verdict is verdict]
        if names:
            # Titles of messages are whole sentences.
            shown = [f"“{name}”" if " " in name else name for name in names]
            found.append(
                f"{listed(shown[:5])} {verb(len(names), 'goes', 'go')} with {verdict_noun(verdict)}."
            )
    said = (
        capital(" ".join(found))
        if found
        else ("Of what was heard on calls, nothing can yet be said to go with winning or losing.")
    )
    open_ones = sum(line.association.verdict is Verdict.NOT_ENOUGH for line in lines)
    even = sum(line.association.verdict is Verdict.NO_DIFFERENCE for line in lines)
    rest = []
    if even:
        rest.append(f"For {spelled(even)} it makes no difference that matters")
    if open_ones:
        rest.append(f"{'for' if rest else 'For'} {spelled(open_ones)} there is not enough evidence yet")
    tail = f"{'; '.join(rest)}." if rest else ""
    return (said, tail) if tail else (said,)


def verdict_noun(verdict: Verdict) -> str:
    """Return ``winning`` or ``losing``."""
    return "winning" if verdict is Verdict.WINS else "losing"


def basis(report: OutcomeReport) -> tuple[str, ...]:
    """Say what the comparison rests on and what it could not see."""
    b = report.basis
    said = [
        f"{plural(b.with_calls.successes, 'deal')} of {b.deals.total:,}"
        f" {verb(b.with_calls.successes, 'has', 'have')} a sales call before the close;"
        f" {b.compared.total:,} of them are compared, on {plural(b.calls, 'call')}."
    ]
    left_out = []
    if b.after_close:
        left_out.append(
            f"{plural(b.after_close, 'call')} after the close of {verb(b.after_close, 'its', 'their')} deal"
        )
    if b.undated:
        left_out.append(f"{plural(b.undated, 'call')} without a date")
    if b.unplaced:
        left_out.append(f"{plural(b.unplaced, 'call')} in which no prospect is known to speak")
    if left_out:
        said.append(f"Left out: {listed(left_out)}.")
    return tuple(said)


def raw_sentence(line: Line) -> str:
    """Say how many deals with and without it were won."""
    a = line.association
    return (
        f"Of {plural(a.with_it.total, 'deal')} in which {HEARD[line.family]}, {a.with_it.successes:,}"
        f" {verb(a.with_it.successes, 'was', 'were')} won: {rate_words(a.with_it)}. Of"
        f" {a.without.total:,} without it, {a.without.successes:,}: {rate_words(a.without)}."
    )


def like_sentence(line: Line, family: Family) -> str:
    """Say what is left when like is compared with like, in both ways."""
    a = line.association
    if a.adjusted is None or a.whole is None:
        return "Too few deals have it, or lack it, to be compared."
    call = f"Like with like, call by call ({listed(family.within)}): {odds_words(a.adjusted)}"
    if a.like_for_like is not None and a.base is not None:
        call += f"; that is as {of_100(a.like_for_like)} won in 100 are to {of_100(a.base)}"
    alike = f" ({listed(family.kinds)})" if family.kinds else ""
    return f"{call}. Deal by deal{alike}: {odds_words(a.whole)}."


def odds_words(found: Stratified) -> str:
    """Return ``0.45 times the odds of winning (0.20 to 0.80)``."""
    if found.odds_ratio is None:
        return "too few deals of one kind meet to say anything"
    high = "no limit" if found.high is None else times(found.high)
    return f"{times(found.odds_ratio)} times the odds of winning ({times(found.low)} to {high})"


def early_sentence(line: Line, days: int) -> str:
    """Say whether it holds without the last days before the close."""
    a = line.association
    if a.adjusted is None or a.adjusted_early is None:
        return ""
    early = a.adjusted_early
    if early.odds_ratio is None:
        return f"Without the last {days} days before the close, nothing is left to compare."
    if a.verdict in (Verdict.WINS, Verdict.LOSSES):
        holds = early.p_value <= 0.05 and (early.excess > 0) == (a.adjusted.excess > 0)
        what = "it holds" if holds else "it is no longer clear"
        return f"Without the last {days} days before the close {what}: {odds_words(early)}."
    return f"Without the last {days} days before the close: {odds_words(early)}."


def warning(line: Line) -> str:
    """Warn where ways of comparing say different things; nothing where they agree."""
    a = line.association
    if a.disagree:
        return (
            "Mind: it depends on how one compares. Call by call and deal by deal, deals of the same"
            " kind say different things, mostly because deals with more calls hear more, or because"
            " deals that end early have few calls to say it in. Nothing should be built on the plain"
            " win rates."
        )
    if a.confounded and a.verdict not in (Verdict.WINS, Verdict.LOSSES):
        return (
            "Mind: the plain win rates differ, and among deals of the same kind they do not beyond"
            " chance. What differs is what kind of deals it is heard in."
        )
    return ""


def needed_sentence(association: Association | Comparison, smallest_effect: float) -> str:
    """Say how many more deals would settle it; nothing where it is settled."""
    if association.verdict is not Verdict.NOT_ENOUGH:
        return ""
    points = of_100(smallest_effect)
    if association.needed is None:
        return "How many more deals would settle it cannot be said: too few of like kind meet."
    if association.needed == 0:
        return (
            f"There are enough deals to show a difference of {points} points four times in five, had"
            " there been one; a smaller one cannot be told from none."
        )
    return (
        f"About {plural(_rounded(association.needed), 'more closed deal')} would show a difference of"
        f" {points} points, if there is one, four times in five."
    )


def _rounded(count: int) -> int:
    """Return a number with two digits that mean something: it is a rough one."""
    digits = max(len(str(count)) - 2, 0)
    return int(round(count, -digits))


def surely(association: Association) -> str:
    """Return how likely a find is a false one, in words; nothing where nothing was found."""
    if association.verdict not in (Verdict.WINS, Verdict.LOSSES) or association.q is None:
        return ""
    share = "fewer than 1" if association.q < 0.01 else f"about {of_100(association.q)}"
    return f"Of such findings on this page {share} in 100 would be chance."


def looks(report: OutcomeReport) -> str:
    """Say how many comparisons were made, and how often."""
    lines = (line for family in report.families for line in family.lines)
    tested = sum(line.association.adjusted is not None for line in lines)
    tested += sum(line.comparison.adjusted is not None for one in report.answers for line in one.lines)
    said = (
        f"{plural(tested, 'comparison')} {verb(tested, 'was', 'were')} made on this page. In each list"
        f" at most {of_100(report.settings.max_q)} in 100 of what is reported as going with winning or"
        " losing are expected to be chance (Benjamini and Hochberg)."
    )
    if report.looks > 1:
        said += (
            f" This is look number {report.looks} at such figures in this workspace: who looks often"
            " sees chance more often, and these bounds do not correct for that."
        )
    return said


def rounded(count: int) -> str:
    """Return a rough number as such: ``1,300``."""
    return f"{_rounded(count):,}"


def not_listed(family: Family, min_deals: int) -> str:
    """Say how much is not listed; nothing where all is."""
    if not family.not_listed:
        return ""
    one, several = NOUNS[family.family]
    return (
        f"{capital(plural(family.not_listed, f'more {one}', f'more {several}'))} were heard in fewer"
        f" than {spelled(min_deals)} deals."
    )


def method(report: OutcomeReport) -> tuple[str, ...]:
    """Say how the page was worked out, for who wants to know."""
    s = report.settings
    return (
        "The unit is the deal, not the mention: a deal in which something is heard ten times counts"
        " once. A call after the day on which its deal closed is no evidence for how it ended.",
        "Like with like: at each call, the deals that hear something for the first time are held"
        " against those that have come as far and have not heard it yet, as survival analysis does"
        " (Mantel 1966). So a deal that had more calls, in which more could be heard, is not taken for"
        " a better or a worse one for that. The odds ratio is Mantel and Haenszel's; its test permutes"
        " the outcomes of the deals that are alike, in every possible way.",
        f"What fewer than {spelled(s.min_deals)} deals have, or lack, is listed and not compared.",
        looks(report),
        "All of this describes what was heard and how deals ended. It does not say what would have"
        " happened otherwise: that takes a trial.",
    )


ANSWERS = {
    "evidence": "evidence",
    "discount": "a discount",
    "reframing": "reframing",
    "question": "a question",
    "deferral": "putting it off",
}


def answer_sentence(line: AnswerLine) -> str:
    """Say how deals answered so compare with those answered otherwise."""
    c = line.comparison
    if c.adjusted is None:
        return "Too few deals were answered so, or otherwise, to compare."
    alike = f" ({listed(c.strata)})" if c.strata else ""
    return f"Like with like{alike}, against those answered otherwise: {odds_words(c.adjusted)}."
