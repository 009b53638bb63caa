"""Emerging themes: resistance that fits no label, found in readings, grouped, and told in the digest."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commands import callmine
from digest_rows import call, digest, said

from callmine.domain import Kind, Role
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import COLUMNS, FEATURES, OUTPUTS, TOKEN_LABELS, Floats, Questions
from callmine.extractors.readings import Reading
from callmine.extractors.themes import Resistance, groups_of, resistance_in, telling_words, themes_among
from callmine.operations import emerging
from callmine.operations.reporting import digest_of_week
from callmine.reports.emerging import Heard
from callmine.reports.emerging_values import NO_LABEL, Theme
from callmine.reports.render.html import render_html
from callmine.reports.render.markdown import render_markdown
from callmine.store import Store
from callmine.store.rows import CallRow, EvidenceFilter, EvidenceRow
from callmine.workspace import find_workspace
from tests.builders import learn

WATCHED = (
    "Nobody here [[wants to be watched all day]].",
    "They would feel [[watched by a camera all day]].",
    "Being [[watched like that all day is creepy]].",
)
EVERYTHING = {"since": "2000-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}


def a_reading(objecting: float, sure: float = 0.0) -> Reading:
    """An utterance of two sentences, the second of which resists, with log-odds of objection and label."""
    features = np.zeros(FEATURES, dtype=np.float32)
    features[:2] = objecting, sure
    shown = np.full((2, len(TOKEN_LABELS)), -5.0, dtype=np.float32)
    shown[1, 0] = 2.0
    return Reading(features, shown, ((0, 5), (7, 12)), ((0, 6), (7, 13)), np.eye(2, 128, dtype=np.float32))


def questions() -> Questions:
    """Questions that read the two numbers of :func:`a_reading`."""
    weights = np.zeros((OUTPUTS, FEATURES), dtype=np.float32)
    weights[COLUMNS["objection"], 0] = 1.0
    weights[COLUMNS["label"].start, 1] = 1.0
    ones, zeros = np.ones(OUTPUTS, dtype=np.float32), np.zeros(OUTPUTS, dtype=np.float32)
    return Questions(weights, zeros, ones, zeros)


def meaning(number: int, off: float = 0.0) -> Floats:
    """A unit vector near the axis ``number``."""
    made = np.zeros(128, dtype=np.float32)
    made[number], made[100] = 1.0, off
    return made / np.linalg.norm(made)


def heard(on: CallRow, words: str, number: int, off: float = 0.0, **changes: object) -> Heard:
    """A prospect's utterance in ``on`` that fits no label."""
    return Heard(said(on, words, NO_LABEL, **{"score": 0.4, **changes}), meaning(number, off))


def watched() -> tuple[list[CallRow], list[Heard]]:
    """Three utterances of one meaning in three calls of the week, and one of another meaning."""
    calls = [call(f"now-{n}", deal_id=f"N-{n}", account=f"Account {n}") for n in range(3)]
    found = [heard(c, words, 0, 0.1 * n) for n, (c, words) in enumerate(zip(calls, WATCHED, strict=True))]
    other = heard(calls[0], "The logo [[looks like that of the football club]].", 1, utterance_index=20)
    return calls, [*found, other]


def themes(calls: list[CallRow], found: list[Heard], rows: list[EvidenceRow] | None = None) -> list[Theme]:
    return list(digest(calls, rows or [], resistance=found).emerging)


def test_resistance_is_half_as_likely_as_an_objection_and_has_no_clear_label() -> None:
    """What is unlikely to object, or clearly has a label, is none; the sentence is the one that resists."""
    readings = [a_reading(0.0), a_reading(-4.0), a_reading(0.0, sure=9.0)]
    (one,) = resistance_in(readings, questions(), threshold=0.6)
    assert isinstance(one, Resistance)
    assert (one.number, one.span, one.chance) == (0, (7, 13), pytest.approx(0.5))
    assert one.meaning[1] == 1.0
    assert resistance_in([], questions(), threshold=0.6) == []


def test_a_theme_needs_three_utterances_of_two_calls() -> None:
    """Two utterances are none, and three of one call are one person's."""
    near = np.stack([meaning(0), meaning(0, 0.1), meaning(0, 0.2), meaning(1)])
    chances = [0.4] * 4
    assert groups_of(near) == [[0, 1, 2], [3]]
    assert themes_among(near, ["a", "b", "a", "c"], chances) == [[0, 1, 2]]
    assert themes_among(near, ["a", "a", "a", "c"], chances) == []
    assert themes_among(near[1:], ["a", "b", "c"], chances[1:]) == []
    assert themes_among(near[:0], [], []) == []


def test_telling_words_are_those_of_the_theme_alone() -> None:
    """Words that every theme has, and those said once, tell nothing."""
    (first, rest) = telling_words(
        [["a camera on shifts", "the camera sees shifts"], ["new shifts", "old shifts"]]
    )
    assert first[0] == "camera"
    assert rest == ("shifts",)


def test_each_quote_says_how_to_put_it_right() -> None:
    """As an objection with a label, or as none; the page has the command, Markdown what goes into it."""
    calls, found = watched()
    made = digest(calls, [], resistance=found)
    page, text = render_html(made), render_markdown(made)
    for quote in made.emerging[0].quotes:
        turn = f"{quote.call_id}:{quote.utterance_index}"
        assert f"fits label L? <code>callmine correct --missed {turn} --label L</code>" in page
        assert f"no objection? <code>callmine correct --missed {turn} --nothing</code>" in page
        assert f"(utterance {turn})" in text
    assert "`callmine correct --missed CALL:UTT --label L` counts it there" in text
    assert "`callmine correct --missed CALL:UTT --nothing`" in text


def test_a_theme_is_named_by_its_most_representative_quote() -> None:
    """The one in the middle comes first; counts are deals, and each opens its quotes."""
    calls, found = watched()
    (theme,) = themes(calls, found)
    assert (theme.heard, theme.deals, theme.calls, theme.accounts, theme.mentions) == (3, 3, 3, 3, 3)
    assert theme.quotes[0].text == "watched by a camera all day"
    assert {q.text for q in (*theme.quotes, *theme.others)} == {h.row.text for h in found[:3]}
    assert theme.words[:2] == ("day", "watched")
    assert theme.trend.word == "no comparison"


def test_the_order_of_calls_does_not_matter() -> None:
    """The same utterances give the same themes in whatever order they come."""
    calls, found = watched()
    first = themes(calls, found)
    for seed in range(3):
        random.Random(seed).shuffle(found)
        assert themes(calls[::-1], found) == first


@pytest.mark.parametrize(
    "changes",
    [{"role": Role.REP}, {"role": Role.UNKNOWN}, {"role_confidence": 0.3}, {"verdict": "wrong"}],
    ids=str,
)
def test_only_known_prospects_count_and_a_persons_word_holds(changes: dict[str, object]) -> None:
    """What a rep says, or we do not know who, and what a person read and found nothing in, is no theme."""
    calls, found = watched()
    found[0] = replace(found[0], row=replace(found[0].row, **changes))  # type: ignore[arg-type]
    assert themes(calls, found) == []


@pytest.mark.parametrize(
    ("kind", "score", "verdict", "left"),
    [
        (Kind.OBJECTION, 0.9, None, 0),
        (Kind.OBJECTION, 0.3, None, 1),
        (Kind.OBJECTION, 0.3, "wrong", 0),
        (Kind.COMPETITOR, 0.9, None, 0),
        (Kind.REQUEST, 0.9, None, 1),
    ],
)
def test_what_is_counted_elsewhere_is_no_theme(
    kind: Kind, score: float, verdict: str | None, left: int
) -> None:
    """An utterance with an objection or competitor that counts is told there; a doubtful one is not."""
    calls, found = watched()
    row = said(calls[0], WATCHED[0], "price", kind=kind, score=score, verdict=verdict)
    assert len(themes(calls, found, [row])) == left


def test_growth_is_told_by_the_rules_for_objections() -> None:
    """Not found in forty deals before and in all of today's: new. Weeks ago only: not shown."""
    past = [
        call(f"past-{n}", deal_id=f"P-{n}", started_at=f"2026-09-{2 + 7 * (n % 4):02d}T09:00:00Z")
        for n in range(40)
    ]
    now = [call(f"now-{n}", deal_id=f"N-{n}", account=f"A{n}") for n in range(8)]
    found = [heard(c, WATCHED[n % 3], 0, 0.01 * n) for n, c in enumerate(now)]
    old = [heard(c, WATCHED[1], 3, 0.01 * n) for n, c in enumerate(past[:5])]
    (theme,) = themes([*past, *now], [*found, *old])
    assert (theme.trend.word, theme.trend.before, theme.trend.before_out_of) == ("new", 0, 40)
    assert [c.heard for c in theme.weekly][-1] == 8


def test_pages_show_themes_with_quotes_that_open() -> None:
    """Both pages have the section; the command under a quote says of its turn that it is nothing."""
    calls, found = watched()
    made = digest(calls, [], resistance=found)
    html, markdown = render_html(made), render_markdown(made)
    row = found[1].row
    assert f'id="q-{row.finding_id}"' in html
    assert f"callmine correct --missed {row.call_id}:{row.utterance_index} --nothing" in html
    assert "## Emerging\n" in markdown
    assert "### “watched by a camera all day”" in markdown
    assert "Emerging" not in render_markdown(digest(calls, []))


def all_of_it(readings: list[Reading], *_: object, **__: object) -> list[Resistance]:
    """Take every utterance for resistance, by its first sentence."""
    return [Resistance(n, r.sentences[0], 0.5, r.meanings[0]) for n, r in enumerate(readings)]


def test_kept_readings_become_quotes(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row is verbatim with its deal and account; nothing is read again."""
    monkeypatch.setattr(emerging, "resistance_in", all_of_it)
    with Store(find_workspace(own).database) as store:
        found = emerging.resistance(store, **EVERYTHING)
        assert emerging.resistance(store, since="2000-01-01T00:00:00Z", until="2000-01-02T00:00:00Z") == []
    texts = [h.row.text for h in found]
    assert "Honestly, your price is far too high for us." in texts
    assert all(h.row.utterance[h.row.start : h.row.end] == h.row.text for h in found)
    assert {h.row.deal_id for h in found} == {"D-1", "D-2"}
    row = next(h.row for h in found if h.row.text.startswith("I see"))
    told = callmine("correct", "--missed", f"{row.call_id}:{row.utterance_index}", "--nothing", at=own)
    assert told.code == 0, told.err
    with Store(find_workspace(own).database) as store:
        struck = [h.row.text for h in emerging.resistance(store, **EVERYTHING) if h.row.is_struck_out]
    assert struck == [row.text]


def test_what_somebody_judged_is_no_theme_when_it_is_not_found_any_more(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After learning, what was called wrong is no finding any more: the words tell whose verdict it is."""
    monkeypatch.setattr(emerging, "resistance_in", all_of_it)
    with Store(find_workspace(own).database) as store:
        words = "Honestly, your price is far too high for us."
        (row,) = (r for r in store.evidence(EvidenceFilter(kind="objection")) if r.text in words)
        assert words in [h.row.text for h in emerging.resistance(store, **EVERYTHING)]
        store.judge(row.finding_id, "wrong")
        with store._writing():
            store._db.execute("DELETE FROM findings WHERE finding_id = ?", [row.finding_id])
        left = [h.row.text for h in emerging.resistance(store, **EVERYTHING)]
        assert words not in left
        assert left


def test_the_workspaces_own_questions_are_asked(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is resistance, and what an objection, is told by the same questions and threshold."""
    asked: list[tuple[Path | None, float]] = []

    class Learned(Encoder):
        def thresholds(self) -> dict[str, float]:
            return {**super().thresholds(), "objection": 0.123}

    def note(readings: list[Reading], questions: Questions, *, threshold: float) -> list[Resistance]:
        asked.append((made[-1].learned, threshold))
        return []

    made: list[Learned] = []

    def make(*, learned: Path | None) -> Learned:
        made.append(Learned(learned=learned))
        return made[-1]

    monkeypatch.setattr(emerging, "Encoder", make)
    monkeypatch.setattr(emerging, "resistance_in", note)
    digest_of_week(find_workspace(own))
    assert set(asked) == {(find_workspace(own).learned, 0.123)}


def test_readings_of_another_model_are_left_alone(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They mean something else; the next run makes them anew."""
    monkeypatch.setattr(emerging, "resistance_in", all_of_it)
    with Store(find_workspace(own).database) as store:
        with store._writing():
            store._db.execute("UPDATE readings SET model = 'another'")
        assert emerging.resistance(store, **EVERYTHING) == []


@pytest.mark.parametrize("verdict", [("--wrong",), ("--right",), ("--label", "timing")], ids=" ".join)
def test_what_a_person_judged_does_not_come_back(
    own: Path, monkeypatch: pytest.MonkeyPatch, verdict: tuple[str, ...]
) -> None:
    """Also when no objection is found there any more, because that was learned; others are."""
    monkeypatch.setattr(emerging, "resistance_in", all_of_it)
    with Store(find_workspace(own).database) as store:
        row, *_ = store.evidence(EvidenceFilter(kind=Kind.OBJECTION))
        before = {h.row.utterance for h in emerging.resistance(store, **EVERYTHING)}
    assert row.utterance in before
    assert callmine("correct", row.finding_id, *verdict, at=own).code == 0
    with Store(find_workspace(own).database) as store:
        with store._writing():
            store._db.execute("DELETE FROM findings WHERE kind = 'objection'")
        left = {h.row.utterance for h in emerging.resistance(store, **EVERYTHING)}
    assert left == before - {row.utterance}


def test_the_workspaces_questions_are_put_and_no_model_is_loaded(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was learned decides what fits no label; its answers need no session of the encoder."""
    place, asked = find_workspace(own), []

    def look(readings: list[Reading], put: Questions, *, threshold: float) -> list[Resistance]:
        asked.append((put.weights[COLUMNS["objection"], 0].item(), threshold))
        return []

    monkeypatch.setattr(emerging, "resistance_in", look)
    monkeypatch.setattr(Encoder, "load", lambda self: pytest.fail("the encoder was loaded"))
    learn(place.learned, questions())
    assert callmine("digest", "--week", "2026-W40", "-o", "out.md", at=own).code == 0
    assert set(asked) == {(1.0, 0.31)}
