"""What a word of a person teaches, and what teaches nothing."""

from __future__ import annotations

import numpy as np
import pytest

from callmine.domain import digest_of
from callmine.extractors.heads import FEATURES, MEANING, TOKEN_LABELS
from callmine.extractors.lessons import RESISTANCE
from callmine.extractors.readings import Reading, pack_readings
from callmine.operations.learning import kept_out
from callmine.operations.taught import CHANGED, DAMAGED, OPEN, OWN, UNREAD, Taught, taught_by
from callmine.store.said_rows import KeptReadings, SaidOfTurn
from tests.lessons import some_questions

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
