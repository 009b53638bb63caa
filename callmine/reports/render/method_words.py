"""How the page on won and lost deals was worked out, in words."""

from __future__ import annotations

from callmine.reports.outcome_values import OutcomeReport
from callmine.reports.render.odds import of_100
from callmine.reports.text import plural, spelled, verb

THINGS = ("objection, competitor, message or answer", "objections, competitors, messages and answers")
WITH_THEMES = (
    "objection, competitor, message, theme or answer",
    "objections, competitors, messages, themes and answers",
)


def method(report: OutcomeReport) -> tuple[str, ...]:
    """Say how the page was worked out, in plain words first."""
    s = report.settings
    return (
        "The deal is counted, not the mention: a deal in which something is heard ten times counts once. A"
        " call after the day on which its deal closed is no evidence for how it ended.",
        "Like with like, call by call: at each call, the deals that hear something for the first time"
        " are held"
        " against those that have come as far and have not heard it yet. So a deal that went on longer, and"
        " had more calls to hear things in, counts neither for nor against it for that. Deal by deal:"
        " deals with it against deals without, of one kind, however many calls they had. Each way can be"
        " wrong"
        " where the other is right, so something is reported only where both find it.",
        "Odds are won deals against lost ones: 40 won in 100 are odds of 40 to 60. Half those odds are"
        " 20 to"
        " 60, which is 25 won in 100. Odds are used as they can be pooled over kinds of deals that are won"
        " more, or less, often.",
        "For those who want the names: risk sets as in survival analysis (Mantel 1966), odds ratios by"
        " Mantel and"
        " Haenszel, an exact test that permutes the outcomes among like deals, the larger p-value of"
        " both ways"
        " (Berger 1982), intervals of rates by Wilson.",
        f"What fewer than {spelled(s.min_deals)} deals have, or lack, is listed and not compared.",
        looks(report),
        themes(report),
        "All of this describes what was heard and how deals ended. It does not say what would have"
        " happened otherwise; to know that, try it on some deals and not on others, drawn by lot.",
    )


def looks(report: OutcomeReport) -> str:
    """Say how many comparisons were made, and how often."""
    lines = (line for family in report.families for line in family.lines)
    tested = sum(line.association.adjusted is not None for line in lines)
    tested += sum(line.comparison.adjusted is not None for one in report.answers for line in one.lines)
    things = WITH_THEMES if report.themes_sought else THINGS
    said = (
        f"{plural(tested, *things)} {verb(tested, 'was', 'were')} compared, and phrases, stages and"
        " kinds of deals besides. Who looks at so much finds something by chance; so the bar rises with"
        " the length of a list. Of what a list reports as going with winning or losing, at most"
        f" {of_100(report.settings.max_q)} in 100 are expected to be chance (Benjamini and Hochberg)."
        if tested
        else "Nothing that was heard could be compared: it takes more deals."
    )
    if report.looks > 1:
        said += (
            f" This is look number {report.looks} at such figures in this workspace: who looks often"
            " sees chance"
            " more often, and the bar does not rise for that."
        )
    return said


def themes(report: OutcomeReport) -> str:
    """Say whether emerging themes were looked for, and how."""
    if not report.themes_sought:
        return (
            "Emerging themes, what prospects said against us that fits no label, were not looked for:"
            " callmine outcomes --themes does, in what was kept of every call."
        )
    found = any(family.lines for family in report.families if family.family == "theme")
    return (
        "Emerging themes are what prospects said against us in several calls in much the same way, where no"
        " label fits. Software put them together by what they mean, without knowing how deals ended, and"
        " named them by their telling words."
    ) + ("" if found else " None was found.")
