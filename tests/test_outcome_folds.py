"""What a page on won and lost deals shows at once, and what it folds, however long its lists are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from test_render_html import Page

from callmine.operations.outcomes import outcome_report
from callmine.outcomes.rates import rate
from callmine.outcomes.verdicts import Verdict
from callmine.reports.outcome_values import Family, Line, OutcomeReport
from callmine.reports.outcomes import _standing
from callmine.reports.render import outcome_folds as fold
from callmine.reports.render.needed_words import NEVER, needed_note, needed_short, out_of_reach
from callmine.reports.render.odds import count_words
from callmine.reports.render.outcome_pages import render_html, render_markdown
from tests.closed_store import small_year


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> OutcomeReport:
    place = small_year(tmp_path_factory.mktemp("folds") / "workspace")
    return outcome_report(place, now=datetime(2026, 10, 1, tzinfo=UTC))


def a_line(
    report: OutcomeReport, label: str, verdict: Verdict = Verdict.NOT_ENOUGH, **changes: object
) -> Line:
    """A line on trust, called otherwise and said to be something else."""
    line = next(one for one in report.families[0].lines if one.label == "trust")
    settled = {"disagree": False, "confounded": False, "verdict": verdict, **changes}
    quotes = tuple(replace(quote, quote_id=f"{quote.quote_id}-{label}") for quote in line.quotes)
    association = replace(line.association, label=label, **settled)  # type: ignore[arg-type]
    return replace(line, label=label, title=label, association=association, quotes=quotes)


def long_list(report: OutcomeReport) -> Family:
    """One line that is known, thirty that depend on how one compares, and sixty that nobody knows."""
    lines = [a_line(report, "known", Verdict.LOSSES)]
    lines += [a_line(report, f"parted {n}", disagree=True) for n in range(30)]
    lines += [a_line(report, f"open {n}") for n in range(60)]
    return replace(report.families[0], lines=tuple(lines))


def test_what_is_known_stands_before_what_is_not(report: OutcomeReport) -> None:
    """Found, no difference, what parts, what only plain rates say, the rest; untested lines last."""
    ordered = [
        a_line(report, "a", Verdict.LOSSES),
        a_line(report, "b", Verdict.WINS, disagree=True),
        a_line(report, "c", Verdict.NO_DIFFERENCE),
        a_line(report, "d", disagree=True),
        a_line(report, "e", confounded=True),
        a_line(report, "f"),
        a_line(report, "g", adjusted=None, disagree=True),
    ]
    mixed = [ordered[at] for at in (6, 2, 5, 0, 4, 1, 3)]
    found = sorted(mixed, key=lambda line: _standing(line.association))
    assert [line.label for line in found] == list("abcdefg")


def test_long_lists_are_folded(report: OutcomeReport) -> None:
    """Everything is in one of the folds, in its order, and only a few warnings stand in the open."""
    family = long_list(report)
    parts = fold.folds(family)
    assert [line.label for line in parts.known] == ["known"]
    assert (len(parts.warned), len(parts.parted), len(parts.unknown)) == (fold.MOST_PARTED, 26, 60)
    assert (*parts.shown, *parts.parted, *parts.unknown) == family.lines
    assert not parts.is_open
    assert fold.parted_words(26) == "26 more for which it depends on how one compares"


def test_a_short_list_of_unknown_lines_is_open(report: OutcomeReport) -> None:
    """A page on a small year is not a row of closed doors."""
    few = replace(report.families[0], lines=tuple(a_line(report, str(n)) for n in range(fold.MOST_OPEN)))
    assert fold.folds(few).is_open
    more = replace(few, lines=(*few.lines, a_line(report, "one more")))
    assert not fold.folds(more).is_open
    page = render_html(replace(report, families=(few,)))
    assert '<details class="more" open>' in page


def test_pages_fold_a_long_list(report: OutcomeReport) -> None:
    """One fold each; the page nests, every link leads somewhere, and nothing is left out."""
    long = replace(report, families=(long_list(report),), answers=(), steps=())
    source = render_html(long)
    page = Page(source)
    assert "60 more of which nothing is known yet" in page.words
    assert source.count('<details class="more"') == 2
    assert source.count("<article") == 1
    ids = list(page.values("id"))
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(ids)
    text = render_markdown(long)
    for n in range(60):
        assert f"| open {n} |" in text
        assert f"open {n}" in page.words
    assert text.index("### known") < text.index("### parted 0") < text.index("60 more of which nothing")


def test_text_has_tables_of_what_the_page_folds(report: OutcomeReport) -> None:
    """Of a long list lines that stand in the open have their evidence, the others a row and a command."""
    text = render_markdown(replace(report, families=(long_list(report),), answers=(), steps=()))
    assert "### parted 3" in text
    assert "### parted 4" not in text
    assert "| parted 29 |" in text
    assert "**open 0.**" not in text
    assert text.count("`callmine findings --kind objection --label LABEL` lists all that was heard.") == 2
    assert text.count("Like with like, call by call, means here: as many calls in") == 1
    few = replace(
        report.families[0], lines=tuple(a_line(report, f"open {n}") for n in range(fold.MOST_OPEN))
    )
    assert "**open 4.**" in render_markdown(replace(report, families=(few,)))


def test_a_warning_is_said_once_a_list(report: OutcomeReport) -> None:
    """Four lines with the same warning have one paragraph."""
    parts = fold.folds(long_list(report))
    assert len(fold.warnings(parts.warned)) == 1
    text = render_markdown(replace(report, families=(long_list(report),)))
    assert text.count("Mind: it depends on how one compares.") == 1
    page = Page(render_html(replace(report, families=(long_list(report),))))
    assert page.words.count("Mind: it depends on how one compares.") == 1
    assert "Read the quotes by stage" in page.words


def test_tallies_count_every_line(report: OutcomeReport) -> None:
    """Known, parted and not known together are all there is, those that are not listed too."""
    family = replace(long_list(report), not_listed=7)
    (first, *_) = fold.tallies(replace(report, families=(family,)))
    assert (first.known, first.parted, first.unknown) == (1, 30, 67)
    found = {one.heading: one for one in fold.tallies(report)}
    assert found["Answers"].known + found["Answers"].unknown == len(report.answers[0].lines)
    assert found["Conversion points"].known + found["Conversion points"].unknown == len(report.steps)
    shown = Page(render_html(report)).words
    assert "What is known" in shown
    assert f"| Answers | {found['Answers'].known} | – |" in render_markdown(report)


def test_folds_hold_what_the_table_counts(report: OutcomeReport) -> None:
    """Where only the plain win rates differ nothing is known: that is no line that depends on comparing."""
    long = long_list(report)
    family = replace(long, lines=(*long.lines, a_line(report, "plain", confounded=True)), not_listed=0)
    made = replace(report, families=(family,))
    parts, (tally, *_) = fold.folds(family), fold.tallies(made)
    shown = len(parts.known), len(parts.warned) + len(parts.parted), len(parts.unknown)
    assert shown == (tally.known, tally.parted, tally.unknown) == (1, 30, 61)
    assert "win rates differ, not clear among like deals" in Page(render_html(made)).words


def test_known_answers_stand_before_the_others(report: OutcomeReport) -> None:
    """What can be said of an answer is not hidden among those of which nothing can."""
    (price,) = report.answers
    line = replace(price.lines[0], comparison=replace(price.lines[0].comparison, verdict=Verdict.WINS))
    mixed = replace(report, answers=(replace(price, lines=(line, *price.lines[1:])),))
    ((known,), (unknown,)) = (fold.answers_known(mixed, known=known) for known in (True, False))
    assert (len(known.lines), len(unknown.lines)) == (1, len(price.lines) - 1)
    text = render_markdown(mixed)
    assert text.index("| goes with winning |") < text.index("2 more of which nothing is known yet")


@pytest.mark.parametrize(
    ("needed", "closed", "never"),
    [
        (140_000, 1_625, True),
        (10_001, 1_625, True),
        (10_000, 1_625, False),
        (281, 28, True),
        (280, 28, False),
    ],
)
def test_deals_that_cannot_be_had_are_not_promised(
    report: OutcomeReport, needed: int, closed: int, never: bool
) -> None:
    """Beyond ten times what closed, or ten thousand, it is said in words."""
    line = a_line(report, "x", needed=needed)
    assert out_of_reach(needed, closed) is never
    assert (needed_short(line.association, closed) == NEVER) is never
    assert (NEVER in needed_note(line.association, closed)) is never


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"adjusted": None, "needed": None}, "too few to compare"),
        ({"needed": None}, "cannot be said"),
        ({"needed": 0}, "not found, not ruled out"),
        ({"needed": 1284}, "about 1,300"),
    ],
)
def test_what_it_takes_in_a_column(report: OutcomeReport, changes: dict[str, object], words: str) -> None:
    """Every unknown line says what it would take, or why no number is given."""
    assert needed_short(a_line(report, "x", **changes).association, 2_000) == words


def test_numbers_are_written_alike(report: OutcomeReport) -> None:
    """Thousands have commas, and of a handful there is no rate under "in 100"."""
    assert count_words(rate(1_171, 12_380)) == "1,171 of 12,380"
    line = a_line(report, "x", with_it=rate(1_171, 12_380), without=rate(2, 4))
    made = replace(report, families=(replace(report.families[0], lines=(line,)),))
    for page in (Page(render_html(made)).words, render_markdown(made)):
        assert "1,171 of 12,380" in page
        assert "too few" in page
        assert not any(wrong in page for wrong in ("1171", "12380"))
