"""The questions that a workspace learned: kept, replaced, asked, and told of when they are damaged."""

from __future__ import annotations

import dataclasses
import json
import math
import pickle
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from callmine.domain import Kind
from callmine.errors import ModelError, StoreError
from callmine.extractors import learned
from callmine.extractors.encoder import Encoder
from callmine.extractors.learned import put_away, read_learned, replace
from callmine.extractors.objections import ObjectionExtractor
from callmine.operations import building
from callmine.operations.checking import examine
from callmine.operations.counting import bars_of
from callmine.operations.learning import outdated
from callmine.operations.recipes import Recipe
from callmine.workspace import find_workspace
from tests.lessons import put, some_questions
from tests.workbench import Workbench


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
