"""``callmine learn`` from beginning to end: what people said makes a workspace's own questions."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from commands import callmine

from callmine.errors import StoreError
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import Questions
from callmine.extractors.objections import ObjectionExtractor
from callmine.extractors.refit import Accuracy
from callmine.operations import learning
from callmine.operations.learning import Figures, worse_by
from callmine.operations.overlooked import Overlooked
from callmine.operations.queueing import queue
from callmine.pipeline import only_run, run
from callmine.stage import Stage
from callmine.stages.extract import ExtractStage
from callmine.stages.read import ReadStage
from callmine.workspace import find_workspace
from tests.lessons import put, some_questions
from tests.workbench import Workbench

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
