"""Sentences of the report on won and lost deals, for readers who know no statistics.

Nothing here says "because": what goes with winning need not be what wins.
"""

from __future__ import annotations

from collections import Counter

from callmine.outcomes.association import Association
from callmine.outcomes.verdicts import Verdict
from callmine.reports.outcome_values import Family, Line, OutcomeReport
from callmine.reports.render.answer_words import answer_name
from callmine.reports.render.odds import alike, like_words, odds_words, of_100, rate_words
from callmine.reports.text import capital, listed, listed_up_to, plural, spelled, verb

VERDICTS = {
    Verdict.WINS: "goes with winning",
    Verdict.LOSSES: "goes with losing",
    Verdict.NO_DIFFERENCE: "no difference that matters",
    Verdict.NOT_ENOUGH: "not enough evidence yet",
}
SIGNS = {Verdict.WINS: "▲", Verdict.LOSSES: "▼", Verdict.NO_DIFFERENCE: "≈", Verdict.NOT_ENOUGH: "○"}
HEADINGS = {
    "objection": "Objections",
    "competitor": "Competitors",
    "message": "Our messages",
    "theme": "Emerging themes",
}
HEARD = {
    "objection": "a prospect raised it",
    "competitor": "anybody named it",
    "message": "a rep said it",
    "theme": "a prospect said it in much the same way",
    "echo": "a prospect took it up",
}
NOUNS = {
    "objection": ("objection", "objections"),
    "competitor": ("competitor", "competitors"),
    "message": ("message", "messages"),
    "theme": ("emerging theme", "emerging themes"),
    "echo": ("message taken up", "messages taken up"),
}
HEADS = {
    "objection": ("Won where raised", "Won where not"),
    "competitor": ("Won where named", "Won where not"),
    "message": ("Won where said", "Won where not"),
    "theme": ("Won where heard", "Won where not"),
    "echo": ("Won where taken up", "Won where not"),
}

_BY_STAGE = "Read the quotes by stage, and ask those who were there"
WAYS_ON = {
    "objection": f"{_BY_STAGE}; or answer it in another way in every second new deal, and compare later.",
    "competitor": f"{_BY_STAGE}.",
    "message": f"{_BY_STAGE}; or say it in every second new deal, and compare later.",
    "theme": f"{_BY_STAGE}; or answer it in another way in every second new deal, and compare later.",
    "echo": f"{_BY_STAGE}.",
}
"""What to do where it depends on how one compares."""

LISTED = ("objection, competitor or message", "objections, competitors and messages")
LISTED_WITH_THEMES = (
    "objection, competitor, message or theme",
    "objections, competitors, messages and themes",
)


def headline(report: OutcomeReport) -> str:
    """Return what the page is about in one sentence."""
    deals = report.basis.deals
    were = verb(deals.successes, "was", "were")
    return f"{deals.successes:,} of {plural(deals.total, 'closed deal')} {were} won"


DEPENDS = "depends on how one compares"
"""What is said where call by call and deal by deal part, so that more deals need not settle it."""


def depends(association: Association) -> bool:
    """Whether the two ways of comparing part, and nothing is found."""
    return association.disagree and association.verdict not in (Verdict.WINS, Verdict.LOSSES)


def answer_words(association: Association) -> str:
    """Return the answer to what goes with winning, of four."""
    return DEPENDS if depends(association) else VERDICTS[association.verdict]


def standfirst(report: OutcomeReport) -> tuple[str, ...]:
    """Return what can be said, and how much cannot, in a few sentences."""
    lines = [line for family in report.families for line in family.lines]
    said = [*_found(lines), *_found_answers(report)]
    if not said:
        said = ["Of what was heard on calls, nothing can yet be said to go with winning or losing."]
    answers = Counter(answer_words(line.association) for line in lines)
    even, open_ones = (answers[VERDICTS[v]] for v in (Verdict.NO_DIFFERENCE, Verdict.NOT_ENOUGH))
    parted = answers[DEPENDS]
    if even or open_ones or parted:
        things = plural(len(lines), *(LISTED_WITH_THEMES if report.themes_sought else LISTED))
        rest = []
        if even:
            points = of_100(report.settings.smallest_effect)
            rest.append(f"for {spelled(even)} any difference is smaller than {points} points")
        if open_ones:
            rest.append(f"for {spelled(open_ones)} there is not enough evidence yet")
        if parted:
            rest.append(f"for {spelled(parted)} it depends on how one compares")
        if open_ones == len(lines):
            said.append(f"For all {things} listed there is not enough evidence yet.")
        else:
            said.append(f"Of {things} listed, {'; '.join(rest)}.")
    return tuple(said)


def _found(lines: list[Line]) -> list[str]:
    """Say of everything heard which goes with an outcome."""
    said = []
    for verdict in (Verdict.LOSSES, Verdict.WINS):
        for family, (one, several) in NOUNS.items():
            names = [
                line.title
                for line in lines
                if line.family == family and line.association.verdict is verdict
            ]
            if names:
                shown = listed_up_to([f"“{name}”" for name in names], 5)
                said.append(
                    f"The {verb(len(names), one, several)} {shown} {verb(len(names), 'goes', 'go')} with"
                    f" {verdict_noun(verdict)}."
                )
    return said


def _found_answers(report: OutcomeReport) -> list[str]:
    """Say which answers go with an outcome, an objection each."""
    said = []
    for one in report.answers:
        kinds = [
            f"{answer_name(line, ' ')} goes with {verdict_noun(line.comparison.verdict)}"
            for line in one.lines
            if line.comparison.verdict in (Verdict.LOSSES, Verdict.WINS)
        ]
        if kinds:
            said.append(f"Of the answers to “{one.title}”, {listed(kinds)}.")
    return said


def verdict_noun(verdict: Verdict) -> str:
    """Return ``winning`` or ``losing``."""
    return "winning" if verdict is Verdict.WINS else "losing"


def basis(report: OutcomeReport) -> tuple[str, ...]:
    """Say what the comparison rests on and what it could not see."""
    b = report.basis
    said = [
        f"{b.with_calls.successes:,} of {plural(b.deals.total, 'closed deal')} had a sales call by the"
        " day of"
        f" the close. Compared are {plural(b.compared.total, 'deal')}, on {plural(b.calls, 'call')};"
        f" {b.compared.successes:,} of them {verb(b.compared.successes, 'was', 'were')} won"
        + (f", {of_100(b.compared.value)} in 100." if b.compared.value is not None else ".")
    ]
    left_out = []
    if b.after_close:
        left_out.append(
            f"{plural(b.after_close, 'call')} after the close of {verb(b.after_close, 'its', 'their')} deal"
        )
    if b.without_close:
        left_out.append(f"{plural(b.without_close, 'won or lost deal')} without a close date")
    if b.undated:
        left_out.append(f"{plural(b.undated, 'call')} without a date")
    if b.unplaced:
        left_out.append(f"{plural(b.unplaced, 'call')} in which no prospect is known to speak")
    if b.failed:
        left_out.append(f"{plural(b.failed, 'call')} that failed, see `callmine status`")
    if left_out:
        said.append(f"Left out: {listed(left_out)}.")
    return tuple(said)


def raw_sentence(line: Line) -> str:
    """Say how many deals with and without it were won; of a handful no rate."""
    a = line.association
    won, others = (f"{rate.successes:,}" if rate.successes else "none" for rate in (a.with_it, a.without))
    rates = ("", "") if a.adjusted is None else (f": {rate_words(a.with_it)}", f": {rate_words(a.without)}")
    return (
        f"Of {plural(a.with_it.total, 'closed deal')} in which {HEARD[line.family]}, {won}"
        f" {verb(max(a.with_it.successes, 1), 'was', 'were')} won{rates[0]}."
        f" Of {a.without.total:,} others, {others}{rates[1]}."
    )


def alike_sentence(family: Family) -> str:
    """Say what like with like means in a list, in both ways; nothing where nothing is compared."""
    if all(line.association.adjusted is None for line in family.lines):
        return ""
    said = f"Like with like, call by call, means here: {alike(family.within)}"
    return f"{said}; deal by deal: {alike(family.kinds)}." if family.kinds else f"{said}."


def like_sentence(line: Line) -> str:
    """Say what is left when like is compared with like, in both ways."""
    a = line.association
    if a.adjusted is None or a.whole is None:
        return "Too few deals have it, or lack it, for like to be compared with like."
    said = (
        f"Like with like, call by call: {like_words(a.adjusted, a.base)}. Deal by deal:"
        f" {like_words(a.whole, a.base)}."
    )
    if a.verdict is Verdict.NOT_ENOUGH and not a.disagree and (a.adjusted.clear or a.whole.clear):
        said += (
            " One of these looks clear when taken alone. To be reported, both have to be, and clearer than"
            " the best of so many looks would be by chance."
        )
    return said


def early_sentence(line: Line, days: int) -> str:
    """Say whether it holds without the last days before the close."""
    a = line.association
    if a.adjusted is None or a.adjusted_early is None:
        return ""
    early = a.adjusted_early
    if early.odds_ratio is None:
        return f"Without calls in the last {days} days before the close, nothing is left to compare."
    if a.verdict in (Verdict.WINS, Verdict.LOSSES):
        holds = early.p_value <= 0.05 and (early.excess > 0) == (a.adjusted.excess > 0)
        what = "it holds" if holds else "it is no longer clear"
        return f"Without calls in the last {days} days before the close {what}: {odds_words(early)}."
    return f"Call by call, without the last {days} days before the close: {odds_words(early)}."


def warning(line: Line) -> str:
    """Warn where ways of comparing say different things; nothing where they agree."""
    a = line.association
    if a.disagree:
        return (
            "Mind: it depends on how one compares. Call by call and deal by deal, like deals say different"
            " things. That happens where deals that go on have more calls to hear it in, and where it is"
            " bound to come up and deals that end early have few calls for that. These deals cannot tell"
            f" which; do not rely on the plain win rates. {WAYS_ON[line.family]}"
        )
    if a.confounded and a.verdict not in (Verdict.WINS, Verdict.LOSSES):
        return (
            "Mind: the plain win rates differ, but among like deals no difference is clear. It may be heard"
            " in kinds of deals that are won, or lost, more often anyway."
        )
    return ""


def surely(association: Association) -> str:
    """Return how likely a find is a false one, in words; nothing where nothing was found."""
    if association.verdict not in (Verdict.WINS, Verdict.LOSSES) or association.q is None:
        return ""
    share = "fewer than 1" if association.q < 0.01 else f"about {of_100(association.q)}"
    return f"Of findings as clear as this one, {share} in 100 would be chance."


def not_listed(family: Family, min_deals: int) -> str:
    """Say how much is not listed; nothing where all is."""
    if not family.not_listed:
        return ""
    one, several = NOUNS[family.family]
    return (
        f"{capital(plural(family.not_listed, f'more {one}', f'more {several}'))} are not listed: fewer"
        f" than {spelled(min_deals)} deals have them, or lack them."
    )
