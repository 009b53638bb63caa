"""Learning from corrections: what they teach, how the questions move, who judges, and what is used."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import pickle
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from commands import callmine

from callmine.domain import Kind, digest_of
from callmine.errors import ModelError, StoreError
from callmine.extractors import learned
from callmine.extractors.encoder import Encoder
from callmine.extractors.fitting import nudged
from callmine.extractors.heads import COLUMNS, FEATURES, MEANING, OUTPUTS, TOKEN_LABELS, Questions
from callmine.extractors.learned import Learned, put_away, read_learned, replace
from callmine.extractors.lessons import FILE, RESISTANCE, Lessons
from callmine.extractors.objections import ObjectionExtractor
from callmine.extractors.readings import Reading, pack_readings
from callmine.extractors.refit import Accuracy, Examples, judge, refit
from callmine.operations import building, learning
from callmine.operations.checking import examine
from callmine.operations.counting import bars_of
from callmine.operations.learning import Figures, kept_out, outdated, worse_by
from callmine.operations.overlooked import Overlooked
from callmine.operations.queueing import queue
from callmine.operations.recipes import Recipe
from callmine.operations.taught import CHANGED, DAMAGED, OPEN, OWN, UNREAD, Taught, taught_by
from callmine.pipeline import only_run, run
from callmine.stage import Stage
from callmine.stages.extract import ExtractStage
from callmine.stages.read import ReadStage
from callmine.store.said_rows import KeptReadings, SaidOfTurn
from callmine.workspace import find_workspace
from tests.builders import learn
from tests.workbench import Workbench

RNG = np.random.default_rng(5)


def some_questions() -> Questions:
    """Questions by which the first feature says "objection" and the next ones say which."""
    weights = np.zeros((OUTPUTS, FEATURES), np.float32)
    weights[COLUMNS["objection"].start, 0] = 4.0
    for n in range(len(RESISTANCE)):
        weights[COLUMNS["label"].start + n, 1 + n] = 4.0
    zero = np.zeros(OUTPUTS, np.float32)
    return Questions(weights, zero, np.ones_like(zero), zero.copy())


def utterances(count: int, *, label: str | None, way: int = 0) -> Examples:
    """Utterances with an objection that feature ``way`` shows, or (``None``) without one."""
    features = RNG.normal(0, 0.3, (count, FEATURES)).astype(np.float32)
    features[:, way] += -1.0 if label is None else 1.0
    labels = np.zeros((count, len(RESISTANCE)), bool)
    if label is None:
        features[:, 0] -= 1.0
    else:
        labels[:, RESISTANCE.index(label)] = True
        features[:, 1 + RESISTANCE.index(label)] += 1.0
    return Examples(features, labels.any(axis=1), labels)


def together(*parts: Examples) -> Examples:
    """Put examples together."""
    return Examples(
        np.concatenate([p.features for p in parts]),
        np.concatenate([p.yes for p in parts]),
        np.concatenate([p.labels for p in parts]),
    )


def some_lessons() -> Lessons:
    """Lessons that the questions answer well; every second one judges."""
    every = together(
        utterances(300, label=None), utterances(40, label="price"), utterances(40, label="trust")
    )
    return Lessons(
        every.features,
        every.labels,
        (np.arange(len(every.yes)) // 4).astype(np.uint16),
        np.arange(len(every.yes)) % 2 == 1,
    )


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


SAID = "Honestly the price is too high for us."


def a_word(number: int, verdict: str, label: str | None = None, **changes: object) -> SaidOfTurn:
    """A person's word on the finding ``price`` at "price" in :data:`SAID`, or on the whole utterance."""
    turn = verdict in ("missed", "nothing")
    values = {
        "id": number,
        "call_id": "c",
        "utterance_index": 4,
        "finding_id": None if turn else digest_of("c", 4, "objection", "price", 13, 18),
        "verdict": verdict,
        "label": label,
        "text": SAID if turn else "price",
        "words": None,
        "utterance": SAID,
    }
    return SaidOfTurn(**{**values, **changes})  # type: ignore[arg-type]


def a_reading(features: np.ndarray) -> Reading:
    """A reading of one sentence with these features."""
    shown, meanings = np.zeros((0, len(TOKEN_LABELS)), np.float32), np.ones((1, MEANING), np.float32)
    return Reading(features, shown, (), ((0, 9),), meanings)


def taught(*said: SaidOfTurn, features: np.ndarray | None = None) -> Taught:
    """What these words teach; the shipped questions find nothing unless ``features`` say so."""
    rows = np.full((2, FEATURES), -1.0, np.float32) if features is None else features
    kept = KeptReadings("c", (2, 4), pack_readings([a_reading(row) for row in rows]))
    return taught_by(said, [kept], shipped=some_questions(), threshold=0.5)


@pytest.mark.parametrize(
    ("said", "labels"),
    [
        ([a_word(1, "right")], {"price"}),
        ([a_word(1, "wrong")], set()),
        ([a_word(1, "label", "trust")], {"trust"}),
        ([a_word(1, "wrong"), a_word(2, "right")], {"price"}),
        ([a_word(1, "label", "trust"), a_word(2, "wrong")], set()),
        ([a_word(1, "missed", "timing")], {"timing"}),
        ([a_word(1, "missed", "timing", words="too high")], {"timing"}),
        ([a_word(1, "right"), a_word(2, "missed", "timing")], {"price", "timing"}),
        ([a_word(1, "wrong"), a_word(2, "missed", "timing")], {"timing"}),
        ([a_word(1, "nothing")], set()),
        ([a_word(1, "missed", "timing"), a_word(2, "nothing")], set()),
        ([a_word(1, "nothing"), a_word(2, "missed", "timing")], {"timing"}),
    ],
)
def test_what_a_word_teaches(said: list[SaidOfTurn], labels: set[str]) -> None:
    """The last word on each finding holds; the finding itself need not be there any more."""
    found = taught(*said)
    assert found.calls == ("c",)
    assert {name for name, yes in zip(RESISTANCE, found.examples.labels[0], strict=True) if yes} == labels
    assert found.examples.yes.tolist() == [bool(labels)]
    assert found.corrections == tuple(row.id for row in said)
    assert found.left_out == {}


def test_a_missed_one_that_was_judged_afterwards() -> None:
    """What a person added has an id as any finding, and can be called wrong."""
    added = digest_of("c", 4, "objection", "timing", 0, len(SAID))
    found = taught(a_word(1, "missed", "timing"), a_word(2, "wrong", finding_id=added, text=SAID))
    assert found.examples.yes.tolist() == [False]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (a_word(1, "label", "data_residency"), OWN),
        (a_word(1, "missed", "data_residency"), OWN),
        (a_word(1, "right", finding_id=digest_of("c", 4, "competitor", "price", 13, 18)), OWN),
        (a_word(1, "wrong", utterance="Honestly the fee is too high."), CHANGED),
        (a_word(1, "nothing", utterance="Honestly."), CHANGED),
        (a_word(1, "nothing", call_id="unread"), UNREAD),
        (a_word(1, "nothing", utterance_index=3), UNREAD),
    ],
)
def test_what_teaches_nothing(said: SaidOfTurn, why: str) -> None:
    """It is said why."""
    found = taught(said)
    assert (found.calls, found.left_out) == ((), {why: 1})


def test_another_label_may_stand() -> None:
    """That it is not "price" does not say that it is no "trust", which the model finds as well."""
    features = np.zeros((2, FEATURES), np.float32)
    features[:, [0, 1 + RESISTANCE.index("trust")]] = 2.0
    assert taught(a_word(1, "wrong"), features=features).left_out == {OPEN: 1}
    assert taught(a_word(1, "nothing"), features=features).examples.yes.tolist() == [False]
    found = taught(a_word(1, "right"), features=features)
    assert found.examples.yes.tolist() == [True]
    assert not found.examples.labels.any(), "it is surely price; whether it is trust as well, nobody said"
    features[:, 1 + RESISTANCE.index("price")] = 3.0
    assert taught(a_word(1, "wrong"), features=features).examples.yes.tolist() == [False]


@pytest.mark.parametrize("data", [b"no archive", "text", pack_readings([a_reading(np.ones(FEATURES))] * 2)])
def test_damaged_readings_teach_nothing(data: bytes) -> None:
    """They are told apart from those that were not made yet, and whose they are is known."""
    found = taught_by(
        [a_word(1, "nothing")], [KeptReadings("c", (4,), data)], shipped=some_questions(), threshold=0.5
    )
    assert found.left_out == {DAMAGED: 1}
    assert found.damaged == ("c",)
    assert found.calls == ()


def test_who_judges() -> None:
    """About a fifth of the calls, at least one and never all; whoever judges never teaches later."""
    calls = [f"call {n}" for n in range(300)]
    judges = kept_out(calls)
    assert 40 <= len(judges) <= 80
    assert kept_out(["one"]) == set()
    for few in range(2, 300):
        assert kept_out(calls[:few]) == judges & set(calls[:few])
        assert 0 < len(kept_out(calls[:few])) < few


def test_calls_stand_in_the_order_in_which_they_were_corrected() -> None:
    """Who judges goes by it, and readings come in another order."""
    kept = [KeptReadings(call, (4,), pack_readings([a_reading(np.ones(FEATURES))])) for call in "abc"]
    said = [a_word(n, "nothing", call_id=call) for n, call in enumerate("cab", start=1)]
    found = taught_by(said, kept, shipped=some_questions(), threshold=0.5)
    assert (found.calls, found.in_order) == (("a", "b", "c"), ("c", "a", "b"))


def put(folder: Path, **changes: object) -> Learned:
    """Put learned questions into a folder."""
    return learn(folder, some_questions(), **changes)


def test_learned_questions_are_asked(tmp_path: Path) -> None:
    """With thresholds and a version of their own; what is read stays the same, so nothing is read anew."""
    own, shipped = Encoder(learned=tmp_path), Encoder()
    assert own.version() == shipped.version()
    card = put(tmp_path)
    assert own.version() == card.version != shipped.version()
    assert own.reading_version() == shipped.reading_version()
    rest = {name: bar for name, bar in shipped.thresholds().items() if not name.startswith("digest:")}
    assert own.thresholds() == {**rest, "objection": 0.31, "digest": 0.77}
    assert np.array_equal(own.asked().weights, some_questions().weights)
    assert ObjectionExtractor(own).threshold == 0.31
    assert pickle.loads(pickle.dumps(own)).learned == tmp_path  # noqa: S301 - our own bytes
    assert put(tmp_path, made_at="2026-11-01T00:00:00Z").version == card.version


def test_questions_for_another_model_are_not_asked(tmp_path: Path) -> None:
    """Its features mean something else."""
    put(tmp_path, shipped="another")
    assert Encoder(learned=tmp_path).version() == Encoder().version()
    assert Encoder(learned=tmp_path).thresholds() == Encoder().thresholds()


def test_damaged_questions_are_told(tmp_path: Path) -> None:
    """Neither is half of them used, nor are the shipped ones taken silently."""
    put(tmp_path)
    (tmp_path / "questions.npz").write_bytes(b"")
    with pytest.raises(ModelError, match="SHA-256"):
        Encoder(learned=tmp_path).asked()
    card = json.loads((tmp_path / "model.json").read_text())
    for value in (math.nan, math.inf, -5, 99):
        (tmp_path / "model.json").write_text(
            json.dumps({**card, "thresholds": {"objection": 0.3, "digest": value}})
        )
        with pytest.raises(ModelError, match="threshold digest"):
            Encoder(learned=tmp_path).thresholds()
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(ModelError, match="not a card"):
        Encoder(learned=tmp_path).version()


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('"corrections": [', '"corrections": [Infinity, '),
        ('"objection": 0.31', f'"objection": {"9" * 400}'),
        ('"figures": {', '"figures": {"deep": ' + "[" * 100_000 + "]" * 100_000),
        ('"digest": 0.77', '"digest": 0.1'),
        ('"digest": 0.77', '"digest": 0.77, "digest:price": 0.2'),
    ],
    ids=["infinity", "400 digits", "brackets", "counted unstored", "label counted unstored"],
)
def test_a_damaged_card_is_told_and_can_be_put_away(tmp_path: Path, was: str, now: str) -> None:
    """Whatever stands in it: it is no bug, and going back to the shipped questions mends it."""
    put(tmp_path)
    card = tmp_path / "model.json"
    text = card.read_text()
    assert was in text
    card.write_text(text.replace(was, now))
    with pytest.raises(ModelError, match="not a card of learned questions") as caught:
        Encoder(learned=tmp_path).thresholds()
    assert "--forget" in caught.value.hint
    away = put_away(tmp_path)
    assert away is not None
    assert away.name.startswith("previous-damaged-")
    assert read_learned(tmp_path) is None


def test_the_previous_ones_are_kept(tmp_path: Path) -> None:
    """Under the hash of what they find."""
    first = put(tmp_path)
    put(tmp_path, corrections=(1, 2, 3), thresholds={"objection": 0.4, "digest": 0.8})
    away = tmp_path / f"previous-{first.version}"
    assert read_learned(away) == first
    assert put_away(tmp_path) is not None
    assert read_learned(tmp_path) is None
    assert put_away(tmp_path) is None
    assert len(list(tmp_path.glob("previous-*/questions.npz"))) == 2


class Killed(BaseException):
    """Nobody catches it, as nobody does a power cut."""


def test_killed_while_replacing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it stops, the old questions or the new ones are in use, and the old ones are kept whole."""
    first, shipped = put(tmp_path / "as it was"), Encoder().folder / "questions.npz"
    new = dataclasses.replace(
        first, questions=learned.hash_of(shipped), thresholds={"objection": 0.5, "digest": 0.5}
    )
    moves = ("copyfile", "rename", "write_bytes", "replace")
    seen = set()
    for stop in range(20):
        folder = tmp_path / f"stopped at {stop}"
        shutil.copytree(tmp_path / "as it was", folder)
        left = [stop]

        def dying(do, left=left):  # type: ignore[no-untyped-def]
            def step(*args, **named):  # type: ignore[no-untyped-def]
                left[0] -= 1
                if left[0] < 0:
                    raise Killed
                return do(*args, **named)

            return step

        with monkeypatch.context() as patch, suppress(Killed):
            patch.setattr(learned.shutil, "copyfile", dying(shutil.copyfile))
            for name in moves[1:]:
                patch.setattr(Path, name, dying(getattr(Path, name)))
            replace(folder, shipped.read_bytes(), new)
        card = read_learned(folder)
        assert card in (first, new)
        learned.load_questions(folder, card)
        seen.add(card.version)
        replace(folder, shipped.read_bytes(), new)
        assert read_learned(folder) == new
        learned.load_questions(folder, new)
        away = folder / f"previous-{first.version}"
        learned.load_questions(away, first)
        assert read_learned(away) == first
        assert not list(folder.glob("previous-*.part"))
    assert seen == {first.version, new.version}


def test_something_stands_in_the_place_of_the_folder(tmp_path: Path) -> None:
    """It is a fault of the workspace, told with what to do; no bug."""
    (tmp_path / "model").write_text("mine")
    with pytest.raises(StoreError, match="cannot be written") as caught:
        put(tmp_path / "model")
    assert "move away" in caught.value.hint
    assert (tmp_path / "model").read_text() == "mine"


def test_worse_by_more_than_is_tolerated() -> None:
    """One objection of the shipped calls, one correction; two hundredths where corrections gain more."""

    def figures(calls: float, right: float, label: float | None = 0.8) -> Figures:
        shipped = Accuracy(1000, 100, 0.9, 0.8, 0.8, calls, label)
        return Figures(shipped, Accuracy(10, 4, right, None, None, None, None), {})

    before = figures(0.80, 0.9)
    assert worse_by(before, figures(0.791, 0.8)) == ()
    assert worse_by(before, figures(0.785, 0.9)) == ("F1 on calls never learned from: 0.800 → 0.785",)
    assert worse_by(before, figures(0.785, 0.91)) == ("F1 on calls never learned from: 0.800 → 0.785",)
    assert worse_by(before, figures(0.785, 0.92)) == ()
    lost = worse_by(before, figures(0.785, 0.95, label=0.6))
    assert lost[:1] == ("F1 on calls never learned from: 0.800 → 0.785",)
    assert worse_by(before, figures(0.77, 0.8)) == ("F1 on calls never learned from: 0.800 → 0.770",)
    assert worse_by(before, figures(0.9, 0.7)) == ("yes or no on your other corrections: 0.900 → 0.700",)
    assert len(worse_by(before, figures(0.9, 0.9, label=0.7))) == 1
    assert worse_by(before, figures(0.9, 0.9, label=None)) == ()


def test_it_is_told_that_what_was_learned_is_not_used(bench: Workbench) -> None:
    """Another model came with a newer version; a run says so."""
    (bench.folder / "callmine.toml").write_text("")
    place = find_workspace(bench.folder)
    assert outdated(place) == ""
    put(place.learned)
    assert outdated(place) == ""
    put(place.learned, shipped="older")
    assert "callmine learn" in outdated(place)


def test_a_run_asks_the_workspaces_questions(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every extractor shares an encoder that knows of them; outdated ones are told of."""
    (bench.folder / "callmine.toml").write_text("")
    place = find_workspace(bench.folder)
    given: list[Encoder] = []
    monkeypatch.setattr(building, "build_extractors", lambda *_, encoder, **__: given.append(encoder) or [])
    put(place.learned, shipped="older")
    notes: list[str] = []
    building.build_stages(
        place, bench.playbook, bench.store, Recipe(stages=("extract",)), workers=1, progress=notes.append
    )
    assert [encoder.learned for encoder in given] == [place.learned]
    assert notes == [outdated(place)]


def test_doctor_looks_at_what_was_learned(bench: Workbench) -> None:
    """In use, outdated (a warning), or damaged (what came with callmine cannot stand in silently)."""
    (bench.folder / "callmine.toml").write_text("")

    def found() -> tuple[bool, str, int] | None:
        checks = {c.what: (c.ok, c.found, c.exit_code) for c in examine(bench.folder)}
        return checks.get("learned questions")

    assert found() is None
    put(bench.folder / "model")
    assert found() == (True, "in use, from 2 corrections", 0)
    put(bench.folder / "model", shipped="older")
    assert (found() or ())[::2] == (False, 0)
    shutil.rmtree(bench.folder / "model")
    put(bench.folder / "model")
    (bench.folder / "model" / "questions.npz").unlink()
    assert (found() or ())[::2] == (False, 3)
    (bench.folder / "model" / "model.json").write_text("{}")
    assert (found() or ())[::2] == (False, 3)


def test_the_workspaces_threshold_counts(bench: Workbench) -> None:
    """Reports and the queue ask for what was learned, unless the settings say a score."""
    (bench.folder / "callmine.toml").write_text("")
    place = find_workspace(bench.folder)
    put(place.learned)
    own, shipped = bars_of(place.settings, learned=place.learned), bars_of(place.settings)
    assert own.of(Kind.OBJECTION, "price") == 0.77
    assert shipped.of(Kind.OBJECTION, "price") == Encoder().thresholds()["digest:price"]
    assert own.of(Kind.OBJECTION, "our own") == shipped.of(Kind.OBJECTION, "our own") == 0.5
    put(place.learned, thresholds={"objection": 0.31, "digest": 0.77, "digest:price": 0.9})
    assert bars_of(place.settings, learned=place.learned).of(Kind.OBJECTION, "price") == 0.9
    (bench.folder / "callmine.toml").write_text("[digest]\nmin_score = 0.6\n")
    assert bars_of(find_workspace(bench.folder).settings).of(Kind.OBJECTION, "price") == 0.6


PUSHED_BACK = (
    "Honestly, that is more than we can pay this year.",
    "Our lawyers will never sign a three year term.",
    "We already have a tool for this and nobody complains.",
    "I would have to ask our finance people first.",
    "Come back in spring, we are in the middle of an audit.",
    "Does it even talk to our warehouse system? I doubt it.",
)
PLAIN = (
    "We have four sites and about two hundred people.",
    "My colleague sends you the numbers tomorrow.",
    "Sure, go ahead and share your screen.",
)


@pytest.fixture
def read(bench: Workbench) -> Workbench:
    """Six calls that the real encoder read, in a workspace."""
    for n, text in enumerate(PUSHED_BACK):
        said = [("Maya Linden", "What do you think of it?"), ("Petra Voss", text)]
        bench.transcript(f"{n}.vtt", *said, ("Maya Linden", "I see."), ("Petra Voss", PLAIN[n % 3]))
    (bench.folder / "callmine.toml").write_text("")
    run_it(bench)
    return bench


def run_it(bench: Workbench) -> dict[str, int]:
    """Run as a workspace does, with its own questions; return how many calls were read and extracted."""
    encoder = Encoder(threads=1, learned=bench.folder / "model")
    stages: list[Stage] = bench.stages()[:3]
    stages += [
        ReadStage(encoder),
        ExtractStage([ObjectionExtractor(encoder)], bench.playbook, None, encoder),
    ]
    bench.store.refresh_sources()
    report = run(bench.store, stages, bench.executors)
    return {t.stage: t.done for t in report.tallies if t.stage in ("read", "extract")}


def say_all(bench: Workbench, texts: Sequence[str] = PUSHED_BACK) -> None:
    """Say of every call that its second utterance is a contract objection and its last one is none."""
    for row in bench.rows("utterances"):
        here = (row["call_id"], row["utterance_index"])
        there = [f for f in bench.store.evidence() if (f.call_id, f.utterance_index) == here]
        if row["text"] in texts:
            if found := [f for f in there if f.label == "contract"]:
                bench.store.judge(found[0].finding_id, "right")
            else:
                bench.store.add_missed(*here, "contract")
        elif row["text"] in PLAIN:
            for finding in there:
                bench.store.judge(finding.finding_id, "wrong")
            bench.store.add_nothing(*here)


def test_learn_from_beginning_to_end(read: Workbench) -> None:
    """Shown first, then used: calls are looked through again and not read again; and all of it undone."""
    say_all(read)
    shown = callmine("learn", "--dry-run", at=read.folder)
    assert shown.code == 0, shown.err
    assert "calls never learned from" in shown.out
    assert not (read.folder / "model").exists()
    told = callmine("learn", "--force", "--json", at=read.folder)
    assert told.code == 0, told.err
    assert told.json["replaced"] is True
    assert told.json["taught"] + told.json["judged"] == 12
    assert told.json["before"]["calls"]["utterances"] == told.json["after"]["calls"]["utterances"] > 500
    card = json.loads((read.folder / "model" / "model.json").read_text())
    assert len(card["corrections"]) == 12
    first = (read.folder / "model" / "questions.npz").read_bytes()
    assert run_it(read) == {"read": 0, "extract": 6}

    again = callmine("learn", "--force", at=read.folder)
    assert "in use already" in again.out
    assert callmine("learn", "--forget", at=read.folder).code == 0
    assert run_it(read) == {"read": 0, "extract": 6}
    assert callmine("learn", "--force", at=read.folder).code == 0
    assert (read.folder / "model" / "questions.npz").read_bytes() == first


def test_learning_twice_does_not_go_downhill(read: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is as good as what is in use, and much worse than what was shipped, is refused; it is said."""
    say_all(read)
    poor = some_questions()
    thresholds = dict.fromkeys(("objection", "digest"), 0.5)
    put(read.folder / "model", thresholds=thresholds)
    in_use = (read.folder / "model" / "questions.npz").read_bytes()
    moved = Questions(poor.weights, poor.offsets + np.float32(1e-6), poor.slopes, poor.shifts)
    monkeypatch.setattr(learning, "refit", lambda *_: (moved, thresholds))
    found = callmine("learn", "--json", at=read.folder).json
    assert found["before"]["calls"] == found["after"]["calls"] != found["shipped"]["calls"]
    assert found["replaced"] is False
    assert found["worse"]
    assert all(reason.endswith("(shipped)") for reason in found["worse"])
    assert (read.folder / "model" / "questions.npz").read_bytes() == in_use
    told = callmine("learn", at=read.folder)
    assert "shipped" in told.out
    assert "present questions stay in use" in told.out
    for way in ("callmine correct --queue", "callmine learn --dry-run", "callmine learn --force"):
        assert f"`{way}`" in told.out
    assert "also without --dry-run" in callmine("learn", "--dry-run", at=read.folder).out
    forced = callmine("learn", "--force", at=read.folder).out
    assert forced.index("worse by more than is gained") < forced.index("in use from now on all the same")


def test_nothing_else_runs_while_it_is_learned(read: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared is what is replaced; a run at work is told at once, before anything is fitted."""
    say_all(read)
    place = find_workspace(read.folder)
    fitted: list[bool] = []

    def fitting(shipped: Questions, *_: object) -> tuple[Questions, dict[str, float]]:
        with pytest.raises(StoreError, match="another run is at work"), only_run(place.root):
            pass
        fitted.append(True)
        return shipped, {"objection": 0.5, "digest": 0.5}

    monkeypatch.setattr(learning, "refit", fitting)
    with only_run(place.root), pytest.raises(StoreError, match="another run is at work"):
        learning.learn(place, force=True)
    assert not fitted
    assert learning.learn(place, force=True).replaced
    monkeypatch.setattr(learning, "refit", lambda shipped, *_: (shipped, {"objection": 0.5, "digest": 0.5}))
    with only_run(place.root):
        assert learning.learn(place, dry_run=True).same


def test_too_little_to_learn_from(read: Workbench) -> None:
    """Nine utterances may be chance; it is said how many there are, and which corrections are of no use."""
    say_all(read, PUSHED_BACK[:3])
    told = callmine("learn", at=read.folder)
    assert told.code == 2
    assert "9 corrected utterances can be learned from, and it takes 10" in told.err
    with read.store._writing():
        read.store._db.execute("UPDATE readings SET model = 'older'")
    assert "9 corrections of utterances without a reading" in callmine("learn", at=read.folder).err
    assert callmine("learn", "--forget", "--json", at=read.folder).code == 2
    assert "shipped questions are in use" in callmine("learn", "--forget", at=read.folder).out


def test_nearly_found_utterances_wait_for_a_word(read: Workbench) -> None:
    """Those just under the threshold are in the queue, until somebody says what they are."""
    place = find_workspace(read.folder)
    with read.store._writing():
        read.store._db.execute("DELETE FROM findings")
    chances = dict(zip(*nearly(read), strict=True))
    index = max(chances, key=chances.__getitem__)
    put(read.folder / "model", thresholds={"objection": 0.99, "digest": 1.0})
    (read.folder / "model" / "questions.npz").write_bytes((Encoder().folder / "questions.npz").read_bytes())
    card = json.loads((read.folder / "model" / "model.json").read_text())
    card["questions"] = Encoder().card()["files"]["questions.npz"]
    card["thresholds"]["objection"] = min(1.0, round(chances[index] + 0.001, 4))
    (read.folder / "model" / "model.json").write_text(json.dumps(card))
    waiting = queue(place)
    assert all(isinstance(item, Overlooked) for item in waiting)
    first = next(item for item in waiting if (item.call_id, item.utterance_index) == index)
    shown = callmine("correct", "--queue", at=read.folder)
    name = f"{first.call_id}:{first.utterance_index}"
    assert f"{name}  {first.label}?  {first.score:.2f}" in shown.out
    assert "--missed CALL:UTT" in shown.err
    read.store.add_nothing(*index)
    assert name not in callmine("correct", "--queue", at=read.folder).out
    kinds = {row["kind"] for row in callmine("correct", "--queue", "--json", at=read.folder).json}
    assert kinds <= {"overlooked"}


def nearly(bench: Workbench) -> tuple[list[tuple[str, int]], list[float]]:
    """Place and probability of every utterance."""
    from callmine.extractors.readings import unpack_features

    encoder = Encoder()
    places: list[tuple[str, int]] = []
    chances: list[float] = []
    for kept in bench.store.kept_readings(encoder.reading_version()):
        places += [(kept.call_id, index) for index in kept.indices]
        features = unpack_features(kept.data, len(kept.indices))
        chances += encoder.asked().chances("objection", features).tolist()
    return places, chances


def test_the_shipped_lessons() -> None:
    """Of the shipped model, small, of every label, and mostly quiet as calls are."""
    model = Encoder()
    assert (model.folder / FILE).stat().st_size <= 850_000
    for part in (model.lessons().only(judging=True), model.lessons().only(judging=False)):
        assert 0.05 < part.labels.any(axis=1).mean() < 0.3
        assert part.labels.any(axis=0)[:-1].all()
        score = judge(model.asked(), model.thresholds()["objection"], Examples.of(part))
        assert (score.f1 or 0) > 0.6
