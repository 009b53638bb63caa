"""Emerging themes against outcome: those of a period's calls, a list of their own, when asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from commands import callmine
from test_themes import EVERYTHING, all_of_it, watched

from callmine.domain import Kind, Mention, Outcome
from callmine.operations import emerging, outcomes
from callmine.operations.outcomes import outcome_report
from callmine.outcomes.verdicts import Verdict
from callmine.reports.closed_themes import themes_of, title_of, with_themes
from callmine.reports.digest_values import DigestSettings
from callmine.reports.emerging import Heard, alike_among
from callmine.reports.emerging_values import NO_LABEL
from callmine.reports.outcome_values import Line, OutcomeReport
from callmine.reports.render.outcome_pages import render_html, render_markdown
from callmine.spans import place
from callmine.store import Store
from callmine.store.rows import EvidenceRow
from callmine.workspace import find_workspace
from tests.builders import a_deal
from tests.closed_rows import a_heard, a_talk, gathered, lost, said_in
from tests.closed_store import small_year

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
RESISTING = ("We plan on paper", "Honestly, the price")
"""How the utterances begin that the encoder is made to take for resistance; price is told elsewhere."""


def resisting(store: Store, *, calls: Collection[str], **_: object) -> list[Heard]:
    """Take for resistance, all of one meaning, what begins with the words above, in any call at all."""
    assert set(calls) <= {call.call_id for call in store.calls()}
    found = [
        place(
            call.call_id,
            said,
            Mention(Kind.OBJECTION, NO_LABEL, 0, len(said.text), 0.4),
            extractor="themes/1",
            playbook="",
        )
        for call in store.calls()
        for said in store.utterances(call.call_id)
        if said.text.startswith(RESISTING)
    ]
    meaning = np.eye(1, 128, dtype=np.float32)[0]
    return [Heard(row, meaning) for row in store.evidence(given=found)]


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OutcomeReport:
    """The closed deals of the small year, with the theme that most won deals have."""
    monkeypatch.setattr(outcomes, "resistance", resisting)
    return outcome_report(small_year(tmp_path / "w"), themes=True, now=NOW)


def lines(report: OutcomeReport) -> tuple[Line, ...]:
    """Return what is said of themes."""
    (family,) = (family for family in report.families if family.family == "theme")
    return family.lines


def test_a_theme_is_held_against_outcome(report: OutcomeReport) -> None:
    """Won deals without the price objection said it: a line with counts, quotes and deals as others."""
    (line,) = lines(report)
    assert line.title == "day, paper, plan, takes"
    assert (line.association.with_it.successes, line.association.with_it.total) == (9, 9)
    assert line.association.verdict is Verdict.WINS
    assert {deal.outcome for deal in report.deals if deal.deal_id in line.deals} == {Outcome.WON}
    assert len(line.deals) == 9
    assert {q.text for q in line.quotes} == {"We plan on paper, and it takes all day."}
    assert {q.deal_id for q in line.quotes} <= set(line.deals)
    assert line.label.isalnum()


def test_pages_show_themes_and_how_to_put_a_quote_right(report: OutcomeReport) -> None:
    """With a heading and an anchor of their own, in the summary, and among the things compared."""
    page, text = render_html(report), render_markdown(report)
    (line,) = lines(report)
    assert "## Emerging themes\n" in text
    assert f'id="theme-{line.label}"' in page
    assert "The emerging theme “day, paper, plan, takes” goes with winning." in page
    turn = f"{line.quotes[0].call_id}:{line.quotes[0].utterance_index}"
    assert f"callmine correct --missed {turn} --nothing" in page
    assert "objections, competitors, messages and themes listed" in text
    assert "what they mean, without knowing how deals ended" in text
    assert "None was found" not in text


def test_themes_are_looked_for_only_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says so, and nothing is read; all other lines are the same."""
    year = small_year(tmp_path / "w")
    monkeypatch.setattr(outcomes, "resistance", resisting)
    asked = outcome_report(year, themes=True, now=NOW)
    monkeypatch.setattr(outcomes, "resistance", lambda *_, **__: pytest.fail("readings were read"))
    plain = outcome_report(year, now=NOW)
    assert lines(plain) == ()
    assert plain.families[:3] == asked.families[:3]
    assert plain.answers == asked.answers
    assert "were not looked for: callmine outcomes --themes" in render_html(plain)
    assert "themes" not in render_markdown(plain).split("## How this was worked out")[0]


def test_the_command_looks_for_themes(tmp_path: Path) -> None:
    """Calls whose readings were not kept have none, and the page says that none was found."""
    year = small_year(tmp_path / "w")
    told = callmine("outcomes", "--themes", "--format", "md", "-o", "-", at=year.root)
    assert told.code == 0, told.err
    assert "None was found." in told.out


def test_only_some_calls_are_read(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The calls of the period's deals are named; of others no reading is unpacked."""
    monkeypatch.setattr(emerging, "resistance_in", all_of_it)
    with Store(find_workspace(own).database) as store:
        every = emerging.resistance(store, **EVERYTHING)
        dated = [h.row for h in emerging.resistance(store) if h.row.started_at]
        assert dated == [h.row for h in every]
        one = every[0].row.call_id
        some = emerging.resistance(store, calls=[one])
        assert {h.row.call_id for h in every} > {one} == {h.row.call_id for h in some}
        assert emerging.resistance(store, calls=[]) == []


def test_calls_of_other_deals_make_no_theme() -> None:
    """Two utterances of calls that count and one of a call that does not are too few."""
    calls, found = watched()
    ids = [call.call_id for call in calls]
    assert len(alike_among(found, [], ids, DigestSettings())) == 1
    assert alike_among(found, [], ids[:2], DigestSettings()) == ()


@pytest.mark.parametrize(("score", "left"), [(0.9, 0), (0.3, 1)])
def test_lean_findings_tell_what_is_told_elsewhere(score: float, left: int) -> None:
    """A finding without its words takes an utterance out of the themes just as one with them does."""
    calls, found = watched()
    row = found[0].row
    told = a_heard(row.call_id, utterance_index=row.utterance_index, score=score)
    assert len(alike_among(found, [told], [call.call_id for call in calls], DigestSettings())) == left


def test_a_theme_without_telling_words_is_called_by_its_quote() -> None:
    """The one that is most like all the others, which is also its label."""
    calls, found = watched()
    (group,) = alike_among(found, [], [call.call_id for call in calls], DigestSettings())
    assert title_of(group) == ", ".join(group.words)
    bare = replace(group, words=())
    assert themes_of([bare]).titles == {group.rows[0].finding_id: group.rows[0].text}
    assert group.rows[0].text == "watched by a camera all day"


def test_the_first_call_of_a_deal_with_a_theme_counts() -> None:
    """Beside what else was heard, which stays as it was."""
    calls, found = watched()
    ids = sorted(call.call_id for call in calls)
    talks = [
        a_talk(ids[0], "D-1", started_at="2026-09-01T08:00:00Z"),
        a_talk(ids[1], "D-1", started_at="2026-09-08T08:00:00Z"),
        a_talk(ids[2], "D-2"),
    ]
    closed = gathered([a_deal("D-1"), lost("D-2"), lost("D-3")], talks)
    before = said_in(closed, a_heard(ids[2]))
    themes = themes_of(alike_among(found, [], ids, DigestSettings()))
    made = with_themes(closed, before, themes)
    (label,) = themes.groups
    assert made.calls["theme", label].tolist() == [0, 1, 2]
    assert made.firsts["theme", label].tolist() == [0, 2]
    assert list(made.firsts) == [*before.firsts, ("theme", label)]
    rows: tuple[EvidenceRow, ...] = themes.groups[label].rows
    assert [lean.finding_id for lean in made.rows["theme", label]] == [row.finding_id for row in rows]
