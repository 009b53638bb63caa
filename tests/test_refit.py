"""Questions are fitted to what was taught, and judged; lessons keep what was known."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from callmine.errors import ModelError
from callmine.extractors.encoder import Encoder
from callmine.extractors.fitting import nudged
from callmine.extractors.heads import COLUMNS
from callmine.extractors.lessons import FILE, Lessons
from callmine.extractors.refit import Examples, judge, refit
from tests.lessons import RNG, some_lessons, some_questions, together, utterances


def test_without_examples_nothing_moves() -> None:
    """The prior holds a question where it is."""
    weights, offsets = nudged(np.zeros((0, 3)), np.zeros((0, 1)), np.zeros((0, 1)), np.zeros(0), prior=1.0)
    assert not weights.any()
    assert not offsets.any()


@pytest.mark.parametrize("prior", [0.1, 10.0])
def test_examples_push_as_far_as_the_prior_lets_them(prior: float) -> None:
    """At the best place what the examples pull is what the prior holds."""
    features = RNG.normal(size=(40, 3))
    wanted = (features[:, :1] > 0).astype(np.float64)
    odds = np.full((40, 1), 0.3)
    weights, offsets = nudged(features, wanted, odds, np.ones(40), prior=prior)
    chances = 1 / (1 + np.exp(-(odds + features @ weights.T + offsets)))
    assert prior * weights[0] == pytest.approx(((wanted - chances).T @ features)[0], abs=1e-2)


def test_answers_may_share_an_example() -> None:
    """Half price, half trust: both are as likely then."""
    wanted = np.tile([[0.5, 0.5, 0.0]], (30, 1))
    _, offsets = nudged(np.zeros((30, 2)), wanted, np.zeros((30, 3)), np.ones(30), prior=0.01)
    assert offsets[0] == pytest.approx(offsets[1], abs=1e-3)
    assert offsets[0] > offsets[2] + 3


def test_corrections_teach_what_was_overlooked_and_lessons_keep_the_rest() -> None:
    """Objections that another feature shows are found from then on; those known are found still."""
    shipped, lessons = some_questions(), some_lessons()
    new = utterances(40, label="contract", way=100)
    bar = 0.5
    questions, bars = refit(shipped, lessons, together(new, utterances(40, label=None, way=100)))
    more = together(utterances(40, label="contract", way=100), utterances(40, label=None, way=100))
    before, after = judge(shipped, bar, more), judge(questions, bars["objection"], more)
    assert after.right is not None
    assert before.right is not None
    assert after.right > before.right + 0.1
    calls = Examples.of(lessons.only(judging=True))
    assert (judge(questions, bars["objection"], calls).f1 or 0) >= 0.97
    assert bars["digest"] >= bars["objection"]


def test_the_same_gives_the_same_bytes() -> None:
    """And only the two questions move."""
    shipped, lessons = some_questions(), some_lessons()
    taught = utterances(12, label="contract", way=100)
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        refit(shipped, lessons, taught)[0].save(file)
    assert files[0].getvalue() == files[1].getvalue()
    found = refit(shipped, lessons, taught)[0]
    moved = {q for q, at in COLUMNS.items() if not np.array_equal(found.weights[at], shipped.weights[at])}
    assert moved == {"objection", "label"}


def test_what_is_judged() -> None:
    """Shares of what is there, of what is found, of both, and of nothing."""
    questions = some_questions()
    examples = together(
        utterances(10, label="price"), utterances(5, label="trust", way=90), utterances(10, label=None)
    )
    score = judge(questions, 0.9, examples)
    assert (score.utterances, score.objections, score.precision, score.label) == (25, 15, 1.0, 1.0)
    assert score.recall is not None
    assert 0.6 <= score.recall < 1.0
    assert judge(questions, 0.5, utterances(0, label=None)).right is None
    assert judge(questions, 0.5, utterances(3, label=None)).f1 is None


def test_lessons_survive_their_rounding(tmp_path: Path) -> None:
    """Labels, groups and judges as they were, features to a hundredth of their range; damage is told."""
    lessons = some_lessons()
    data = lessons.pack()
    again = Lessons.unpack(data)
    assert np.abs(again.features - lessons.features).max() < 0.02
    for part in ("labels", "groups", "judging"):
        assert np.array_equal(getattr(again, part), getattr(lessons, part))
    (tmp_path / FILE).write_bytes(data[:-5])
    for expected in (None, "0" * 64):
        with pytest.raises(ModelError, match=r"lessons\.npz"):
            Lessons.load(tmp_path, expected)
    with pytest.raises(ModelError, match="not lessons"):
        Lessons.unpack(data[:-5])


def test_the_shipped_lessons() -> None:
    """Of the shipped model, small, of every label, and mostly quiet as calls are."""
    model = Encoder()
    assert (model.folder / FILE).stat().st_size <= 850_000
    for part in (model.lessons().only(judging=True), model.lessons().only(judging=False)):
        assert 0.05 < part.labels.any(axis=1).mean() < 0.3
        assert part.labels.any(axis=0)[:-1].all()
        score = judge(model.asked(), model.thresholds()["objection"], Examples.of(part))
        assert (score.f1 or 0) > 0.6
