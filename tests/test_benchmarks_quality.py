"""The tables of ``make quality`` count right: their figures are claims, so what makes them is tested."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.quality import answers, personal, views, wishes
from benchmarks.quality.answers import Reply
from benchmarks.quality.gold import Gold
from benchmarks.quality.tables import each_line, label_line
from callmine.extractors.base import Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import COLUMNS, FEATURES, OUTPUTS, Questions
from callmine.extractors.readings import Reading
from callmine.redaction import PersonalSpan
from tests.gold_rows import NONE, PRICE, TRUST, a_gold, cells, found_in


def test_one_label_is_counted_by_itself() -> None:
    """Other labels of the same utterance are neither found nor missed."""
    wanted, found = [PRICE | TRUST, PRICE, NONE], [PRICE, TRUST, TRUST]
    assert cells(each_line("price", wanted, found)) == ("price", 2, "1.00", "0.50")
    assert cells(each_line("trust", wanted, found, name="t")) == ("t", 1, "0.00", "0.00")
    assert cells(label_line("all", wanted, found)) == ("all", 3, "0.33", "0.33")


def test_calls_are_told_apart(tmp_path: Path) -> None:
    """Each scenario is a range of utterances."""
    gold = a_gold(tmp_path, {"scenario": "x"}, {"scenario": "x"}, {"scenario": "y"})
    assert gold.calls() == [range(2), range(2, 3)]


def test_likely_labels_are_also_those_that_are_not_stored() -> None:
    """The curve begins below the threshold of the product; resistance without a label is nothing found."""
    ours = found_in(chances=np.asarray([0.2, 0.5, 0.9]), which=[PRICE, TRUST, NONE])
    assert ours.likely(0.2) == [PRICE, TRUST, NONE]
    assert ours.likely(0.5) == [NONE, TRUST, NONE]


def test_relation_and_stance_are_counted_by_value(tmp_path: Path) -> None:
    """A rival in an utterance is one, a false one counts against precision, a missed one against recall."""
    labelled = [("Ozquivo", "incumbent", "neutral"), ("Lantern", "churned", "negative"), None]
    said = [("Ozquivo", "incumbent", "negative"), None, ("Lantern", "incumbent", "neutral")]

    def mentions(one: tuple[str, str, str] | None) -> list[dict[str, str]]:
        return [dict(zip(("name", "relation", "stance"), one, strict=True))] * 2 if one else []

    gold = a_gold(tmp_path, *({"competitors": mentions(one)} for one in labelled), playbook=tmp_path)
    ours = found_in([{"competitors": mentions(one)} for one in said])
    out = views.views_part(gold, ours)
    rows = [cells(row) for row in out if row.startswith("| ") and "support" not in row]
    assert ("incumbent", 1, "0.50", "1.00") in rows
    assert ("churned", 1, "–", "0.00") in rows
    assert ("negative", 1, "0.00", "0.00") in rows
    assert out[1].startswith("Of 1 competitors found: relation right 1.00")
    assert "stance right 0.00" in out[1]
    assert views.views_part(a_gold(tmp_path, {}), ours) == []


def test_sorts_are_right_where_a_phrase_is_found() -> None:
    """Two sorts in an utterance are two to find; either is right for what is found there."""
    pain, success = frozenset({"pain"}), frozenset({"success"})
    out = wishes.sort_lines([pain | success, pain, NONE], [pain, NONE, success])
    rows = {cells(row)[0]: cells(row)[1:] for row in out if row.startswith(("| pain", "| the right"))}
    assert rows == {"the right sort": (3, "0.50", "0.33"), "pain": (2, "1.00", "0.50")}
    assert out[-1].startswith("Where a phrase is found, its sort is right in 1.00")


def answered(folder: Path) -> Gold:
    """Return a call in which the first objection is answered twice, the second once, the third never."""
    return a_gold(
        folder,
        {"objections": ["price"]},
        {"role": "rep", "answer": "question"},
        {"reaction": "accepted"},
        {"role": "rep", "answer": "evidence"},
        {"objections": ["trust"], "reaction": "not_accepted"},
        {"role": "rep", "answer": "deferral"},
        {"scenario": "b", "objections": ["price"]},
        {"scenario": "c", "role": "rep", "answer": "discount"},
    )


def test_what_answers_an_objection_ends_with_the_next_one(tmp_path: Path) -> None:
    """The turns after a further objection answer that, and another call answers nothing."""
    assert answers.labelled(answered(tmp_path)) == {
        0: {1: Reply(1, "question", "yes"), 3: Reply(3, "evidence", "no")},
        4: {5: Reply(5, "deferral", "")},
        6: {},
    }


def test_objections_in_a_row_have_the_same_answer(tmp_path: Path) -> None:
    """A further objection before anything is answered takes no answer away."""
    gold = a_gold(
        tmp_path,
        {"objections": ["price"]},
        {"objections": ["trust"]},
        {"role": "rep", "answer": "evidence"},
    )
    assert [list(turns) for turns in answers.labelled(gold).values()] == [[2], [2]]


def test_answers_are_counted_by_objection(tmp_path: Path) -> None:
    """Any of an objection's answers is right, with its own kind; one to no objection is a false one."""
    wanted = answers.labelled(answered(tmp_path))
    found = {0: Reply(3, "evidence", "no"), 4: Reply(5, "discount", "yes"), 7: Reply(8, "evidence", "no")}
    assert cells(answers.answered_line("any", wanted, found)) == ("any", 2, "0.67", "1.00")
    assert cells(answers.kind_line("kind", wanted, found)) == ("kind", 2, "0.33", "0.50")
    of_kind = {k: cells(answers.kind_line(k, wanted, found, kind=k))[1:] for k in ("evidence", "question")}
    assert of_kind == {"evidence": (1, "0.50", "1.00"), "question": (0, "–", "–")}
    assert cells(answers.taken_line("no", wanted, found, "no")) == ("no", 1, "0.50", "1.00")
    assert cells(answers.taken_line("yes", wanted, found, "yes")) == ("yes", 0, "0.00", "–")
    assert cells(answers.taken_line("yes", wanted, {}, "yes")) == ("yes", 1, "–", "0.00")


class Told(Encoder):
    """An encoder to which each passage says the kind of answer that its text names."""

    KINDS = ("none", "evidence", "discount", "reframing", "question", "deferral")

    def __init__(self) -> None:
        super().__init__()
        self.read_anew: list[list[str]] = []

    def load(self) -> None:
        """Load nothing."""

    @property
    def questions(self) -> Questions:
        """Questions of which the first features are the log-odds of the kinds of answer."""
        weights = np.zeros((OUTPUTS, FEATURES), np.float32)
        for n in range(len(self.KINDS)):
            weights[COLUMNS["answer"].start + n, n] = 1.0
        weights[COLUMNS["reaction"].start, FEATURES - 1] = 1.0
        zero = np.zeros(OUTPUTS, np.float32)
        return Questions(weights, zero, np.ones_like(zero), zero)

    def read(self, passages: Sequence[Passage]) -> list[Reading]:
        """Read what was not remembered."""
        if tuple(passages) not in self._known:
            self.read_anew.append([p.text for p in passages])
            self.remember(passages, [self._reading(p.text) for p in passages])
        return self._known[tuple(passages)]

    def _reading(self, text: str) -> Reading:
        features = np.zeros(FEATURES, np.float32)
        features[self.KINDS.index(text) if text in self.KINDS else 0] = features[-1] = 9.0
        nothing = np.zeros((0, 0), np.float32)
        return Reading(features, nothing, (), (), nothing)


def test_answers_are_looked_for_call_by_call_and_nothing_is_read_twice(tmp_path: Path) -> None:
    """The end of one call is not answered by the beginning of the next."""
    gold = a_gold(
        tmp_path,
        {"text": "too dear"},
        {"role": "rep", "text": "discount"},
        {"text": "still too dear"},
        {"scenario": "b", "role": "rep", "text": "evidence"},
    )
    encoder = Told()
    found = answers.replies(gold, [PRICE, NONE, PRICE, NONE], encoder)
    assert found == {0: Reply(1, "discount", "no")}
    assert encoder.read_anew == [["too dear", "discount", "still too dear", "evidence"]]


def test_personal_data_is_found_when_nothing_of_it_is_left() -> None:
    """A half covered name is not found; what touches one is right, and what touches none is false."""
    rows = [{"spans": [{"start": 0, "end": 10, "kind": "name"}, {"start": 20, "end": 24, "kind": "phone"}]}]
    spans = [PersonalSpan(0, 5, "name"), PersonalSpan(20, 26, "phone"), PersonalSpan(30, 33, "name")]
    rows_of = [cells(row) for row in personal.kind_lines(rows, [spans])]
    assert rows_of == [
        ("all", 2, "0.67", "0.50"),
        ("name", 1, "0.50", "0.00"),
        ("phone", 1, "1.00", "1.00"),
    ]
