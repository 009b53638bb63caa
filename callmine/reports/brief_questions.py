"""Questions of a brief: templates over facts, each of which the two can answer differently.

None of them says what to do, and none is asked where nothing is to be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from callmine.outcomes.verdicts import Verdict
from callmine.reports.brief_facts import LONGEST_STAGE, level, since_fact, step_fact, thing_fact, won_fact
from callmine.reports.brief_values import BriefQuestion, BriefReport, Thing
from callmine.reports.render.odds import count_words
from callmine.reports.text import cut_name

MOST = 3
"""Questions of a brief at most."""

SELDOM = 0.10
"""Share of calls below which a message is asked about."""

LEAST_CALLS = 20
"""Calls from which on it is."""

QUOTES = 3
"""Quotes behind a question at most."""


def questions_of(report: BriefReport) -> tuple[BriefQuestion, ...]:
    """Return the questions that the facts of a report raise, the weightiest first.

    One of each sort, and one about each thing.

    Args:
        report: The brief, without questions.
    """
    watched = {f"agreed:{one.number}": one.watch or "" for one in report.agreed}
    return tuple(islice(_different(_asked(report), watched), MOST))


def _different(questions: Iterable[BriefQuestion], watched: Mapping[str, str]) -> Iterator[BriefQuestion]:
    kinds: set[str] = set()
    things: set[str] = set()
    for question in questions:
        thing = watched.get(question.about, question.about)
        if question.kind not in kinds and thing not in things:
            yield question
            kinds.add(question.kind)
            things.add(thing)


def _asked(report: BriefReport) -> Iterator[BriefQuestion]:
    for point in report.jeopardy:
        stage = cut_name(point.step.stage, LONGEST_STAGE)
        yield BriefQuestion(
            "jeopardy",
            f"What is different now for deals in {stage}: who gets there, what we say there, or what they"
            " compare us with?",
            step_fact(point.step),
            f"stage:{point.step.stage}",
            point.quotes[:QUOTES],
        )
    yield from _of_agreed(report)
    yield from _of_wins(report)
    yield from _of_objections(report)
    for rival in report.competitors:
        if rival.trend.word in ("up", "new"):
            yield _about(
                rival,
                "competitor",
                f"{_named(rival)} is named in more deals than before: do they go after our buyers, or do we"
                " go after theirs?",
                report,
            )
    yield from _of_messages(report)
    for most in report.objections[:1]:
        if most.now.successes >= report.settings.min_deals and len(level(report.objections)) == 1:
            yield _about(
                most,
                "most",
                f"“{_named(most)}” is what buyers raise most. What would each of you say they mean by it?",
                report,
            )


def _of_agreed(report: BriefReport) -> Iterator[BriefQuestion]:
    for agreed in report.agreed:
        if agreed.since is not None and agreed.since.trend.word in ("up", "down", "new", "gone"):
            yield BriefQuestion(
                "agreed",
                f"You agreed: “{cut_name(agreed.text.rstrip('.'), 90)}”."
                " Is this what each of you expected to see?",
                since_fact(agreed, agreed.since),
                f"agreed:{agreed.number}",
                agreed.since.quotes[:QUOTES],
            )


def _of_wins(report: BriefReport) -> Iterator[BriefQuestion]:
    fewer = report.verdict is Verdict.LOSSES
    if fewer or report.verdict is Verdict.WINS:
        which = "lost" if fewer else "won"
        yield BriefQuestion(
            "won",
            f"{'Fewer' if fewer else 'More'} deals are won than before: which deal that was {which} would"
            " each of you call typical?",
            won_fact(report),
            "won",
            report.said_in_lost[:QUOTES] if fewer else (),
        )


def _of_objections(report: BriefReport) -> Iterator[BriefQuestion]:
    for one in report.objections:
        if one.trend.word in ("up", "new"):
            yield _about(
                one,
                "growing",
                f"“{_named(one)}” is raised in more deals than before: do buyers think differently, or do"
                " we speak with different buyers?",
                report,
            )
    for one in report.objections:
        if one.verdict is Verdict.LOSSES and one.won is not None:
            yield _about(
                one,
                "losing",
                f"Deals in which “{_named(one)}” is raised are won less often than deals like them: the"
                " wrong buyers, or the right ones not convinced yet?",
                report,
                f"{count_words(one.won)} such deals that closed since {report.won_since} were won.",
            )


def _of_messages(report: BriefReport) -> Iterator[BriefQuestion]:
    seldom = [one for one in report.messages if one.now.total >= LEAST_CALLS]
    seldom = [one for one in seldom if (one.now.value or 0) < SELDOM]
    for one in sorted(seldom, key=lambda one: (one.now.successes, one.label))[:1]:
        how = "seldom said" if one.now.successes else "never said"
        yield _about(
            one,
            "message",
            f"“{_named(one)}” is {how}: does it not fit these calls, or is it not at hand?",
            report,
        )


def _about(thing: Thing, kind: str, text: str, report: BriefReport, more: str = "") -> BriefQuestion:
    fact = f"{thing_fact(thing, report)} {more}".strip()
    return BriefQuestion(kind, text, fact, f"{thing.family}:{thing.label}", thing.quotes[:QUOTES])


def _named(thing: Thing) -> str:
    return cut_name(thing.title, 80)
