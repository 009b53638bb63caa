"""What pages on won and lost deals say, in words that claim no more than is known."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from test_render_html import Page

import callmine.reports.render as pages
from callmine.outcomes.association import Association
from callmine.outcomes.bias import compare_coverage
from callmine.outcomes.rates import rate
from callmine.outcomes.strata import Stratified
from callmine.outcomes.verdicts import Verdict
from callmine.reports.comparison import CompareReport
from callmine.reports.outcome_values import OutcomeReport
from callmine.reports.render import outcome_words as o
from callmine.reports.render import section_words
from callmine.reports.render.compare import render_text
from callmine.reports.render.method_words import looks
from callmine.reports.render.needed_words import needed_note, needed_sentence, needed_short
from callmine.reports.render.odds import odds_words, rate_words
from callmine.reports.render.outcome_pages import (
    JSON,
    render_html,
    render_markdown,
    whisker,
)


@pytest.fixture
def report(small_year_reports: tuple[OutcomeReport, CompareReport]) -> OutcomeReport:
    return small_year_reports[0]


@pytest.fixture
def compared(small_year_reports: tuple[OutcomeReport, CompareReport]) -> CompareReport:
    return small_year_reports[1]


CLAIMS = re.compile(
    r"\b(because of|causes?|caused|due to|drives?|driven by|leads? to|led to|results? in|thanks to"
    r"|makes? (?:you |us )?(?:win|lose)|the reason (?:is|why|for))\b",
    re.IGNORECASE,
)


def shown_words() -> str:
    """Everything that pages on outcomes say of themselves."""
    folder = Path(str(pages.__file__)).parent
    names = (
        "outcome_words.py",
        "section_words.py",
        "reason_words.py",
        "method_words.py",
        "odds.py",
        "compare.py",
    )
    names += ("answer_words.py", "needed_words.py", "outcome_folds.py")
    names += ("templates/outcomes.html.j2", "templates/outcomes.md.j2")
    return "\n".join((folder / name).read_text("utf-8") for name in names)


def test_no_page_says_why() -> None:
    """Frequency is not cause: no words of cause in the templates or the sentences, but to deny one."""
    said = shown_words().replace("need not be the cause.", "")
    assert not [found[0] for found in CLAIMS.finditer(said)]


def test_because_is_never_said(report: OutcomeReport) -> None:
    """Not on a page, and not where ways of comparing part."""
    line = report.families[0].lines[0]
    parted = replace(line, association=replace(line.association, disagree=True))
    page = render_markdown(replace(report, families=(replace(report.families[0], lines=(parted,)),)))
    assert o.warning(parted)
    assert o.warning(parted) in page
    assert "because" not in page.lower()
    assert "because" not in render_markdown(report).lower()


@pytest.mark.parametrize(
    ("successes", "total", "words"),
    [
        (0, 0, "none"),
        (0, 6, "0 in 100 (0 to 39)"),
        (6, 6, "100 in 100 (61 to 100)"),
        (1, 1000, "1 in 100 (1 to 1)"),
        (999, 1000, "99 in 100 (99 to 99)"),
        (1, 3, "33 in 100 (6 to 79)"),
    ],
)
def test_rates_in_words(successes: int, total: int, words: str) -> None:
    """Out of a hundred; only none is 0 and only all is 100, also at the ends."""
    assert rate_words(rate(successes, total)) == words


def test_a_chart_has_no_whisker_without_deals() -> None:
    """Of 0 deals there is no rate; of others it lies within the chart."""
    assert whisker(rate(0, 0)) is None
    for one in (rate(0, 5), rate(5, 5), rate(3, 7)):
        found = whisker(one)
        assert found is not None
        assert 0 <= found.low <= found.value <= found.high <= 160


def test_odds_without_a_limit() -> None:
    """Where all are won, the upper end is no number; without a table there is no odds ratio."""
    found = Stratified.__dataclass_fields__
    values = dict.fromkeys(found, 0.0) | {"odds_ratio": 2.5, "low": 1.25, "high": None}
    assert odds_words(Stratified(**values)) == "2.5 times the odds of winning (1.2 to no limit)"
    nothing = Stratified(**{**values, "odds_ratio": None})
    assert odds_words(nothing) == "too few like deals meet to say anything"


@pytest.mark.parametrize(
    ("verdict", "needed", "words"),
    [
        (Verdict.WINS, 3, ""),
        (Verdict.NO_DIFFERENCE, 0, ""),
        (Verdict.NOT_ENOUGH, None, "cannot be said"),
        (Verdict.NOT_ENOUGH, 0, "With so many deals, a difference of 10 points would have been found"),
        (Verdict.NOT_ENOUGH, 1, "With about 1 more closed deal that had calls"),
        (Verdict.NOT_ENOUGH, 1284, "With about 1,300 more closed deals that had calls"),
    ],
)
def test_what_it_would_take(
    report: OutcomeReport, verdict: Verdict, needed: int | None, words: str
) -> None:
    """A rough number, where there is one; nothing where it is settled."""
    a: Association = replace(report.families[0].lines[0].association, verdict=verdict, needed=needed)
    said = needed_sentence(a, 0.10, 2_000)
    assert words in said
    assert bool(said) is bool(words)


def test_the_playbooks_answer_is_named_on_every_page(report: OutcomeReport) -> None:
    """By its text, in the table, above its quotes, in the sentence that sums up, and in JSON."""
    (price,) = report.answers
    (line,) = [line for line in price.lines if line.text]
    name = "playbook’s: “Set it against three days of planning”"
    assert render_markdown(report).count(f"the {name}") == 2
    words = Page(render_html(report)).words
    assert (words.count(f"the {name}"), words.count(f"The {name}")) == (1, 1)
    kept = json.loads(JSON.text(report))["answers"][0]["lines"]
    assert {one["kind"]: one["text"] for one in kept if one["text"]} == {"playbook": line.text}
    found = replace(line, comparison=replace(line.comparison, verdict=Verdict.WINS))
    said = o.standfirst(replace(report, answers=(replace(price, lines=(found,)),)))
    assert f"Of the answers to “Price”, the playbook’s “{line.text}” goes with winning." in said


def test_looks_are_declared(report: OutcomeReport, compared: CompareReport) -> None:
    """How many comparisons there were on the page, and how many such pages before."""
    assert looks(report).startswith("8 objections, competitors, messages and answers were compared")
    assert "look number" not in looks(report)
    assert "This is look number 3 " in render_markdown(replace(report, looks=3))
    assert "comparison number 4 " in render_text(replace(compared, looks=4))


@pytest.mark.parametrize(("needed", "never"), [(281, True), (280, False)])
def test_a_comparison_promises_no_deals_that_cannot_be_had(
    compared: CompareReport, needed: int, never: bool
) -> None:
    """Ten times what closed is the most that anybody is told to wait for, as on the page."""
    open_one = replace(compared.comparison, verdict=Verdict.NOT_ENOUGH, needed=needed, disagree=False)
    said = render_text(replace(compared, comparison=open_one, closed=28))
    assert ("takes more deals than will close in years" in said) is never
    assert ("With about 280 more closed deals that have A or B" in said) is not never


def test_a_stage_in_jeopardy_leads_the_page(report: OutcomeReport) -> None:
    """What fell beyond chance is told where the page begins; else nothing is."""
    (first, *others) = report.steps
    fallen = replace(report, steps=(replace(first, verdict=Verdict.LOSSES), *others))
    lead = f"{first.stage}: fewer deals go on from there than before, beyond chance."
    assert lead in render_markdown(fallen).split("## ")[0]
    assert lead in Page(render_html(fallen)).words.split("How to read this")[0]
    assert "fewer deals go on" not in render_markdown(report).split("## ")[0]


def test_parted_ways_are_an_answer_of_their_own(report: OutcomeReport) -> None:
    """Where call by call and deal by deal part, no number of further deals is promised."""
    family = report.families[0]
    line = next(x for x in family.lines if x.association.verdict is Verdict.NOT_ENOUGH)
    parted = replace(line, association=replace(line.association, disagree=True, needed=120))
    page = render_markdown(replace(report, families=(replace(family, lines=(parted,)),)))
    assert f"### {line.title}: depends on how one compares" in page
    assert "it depends on how one compares" in page.split("## ")[0]
    found = replace(line.association, disagree=True, verdict=Verdict.LOSSES)
    assert o.answer_words(found) == o.VERDICTS[Verdict.LOSSES]


@pytest.mark.parametrize(("deals", "words"), [(19, "Too few deals"), (20, "In nothing that the CRM tells")])
def test_no_difference_found_among_few_deals_says_nothing(deals: int, words: str) -> None:
    """That deals with calls are like those without is said of enough of both only."""
    has_call = [n < 40 for n in range(40 + deals)]
    levels = compare_coverage({"segment": ["SMB", "enterprise"] * 20 + ["SMB"] * deals}, has_call)
    alike = tuple(replace(level, differs=False) for level in levels)
    assert section_words.bias_summary(alike).startswith(words)


def test_too_few_to_compare_is_said_in_one_way(report: OutcomeReport) -> None:
    """Where no like deals were compared, no number of deals is promised, however many it would take."""
    a = replace(
        report.families[0].lines[0].association,
        verdict=Verdict.NOT_ENOUGH,
        adjusted=None,
        disagree=False,
        needed=500_000,
    )
    assert needed_note(a, 6) == needed_short(a, 6) == "too few to compare"
    assert "cannot be said: too few like deals meet" in needed_sentence(a, 0.10, 6)
