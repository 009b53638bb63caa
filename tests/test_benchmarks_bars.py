"""``make quality``: what thresholds do, and what is found by likeness, is counted right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.quality import curves, messages, names, own_labels
from benchmarks.quality.gold import DATA
from benchmarks.quality.messages import Matched, Said
from callmine.domain import Kind, Mention, Role
from callmine.extractors.base import Passage
from callmine.extractors.encoder import Encoder
from callmine.operations.counting import Bars
from tests.gold_rows import NONE, PRICE, TRUST, a_gold, cells, found_in


def test_the_curve_and_the_labels_are_told_of_gold(tmp_path: Path) -> None:
    """Each threshold has its row in each file; a label is counted over all of them."""
    gold = a_gold(tmp_path, {"objections": ["price"]}, {"objections": ["trust"]}, {})
    ours = found_in(chances=np.asarray([0.95, 0.35, 0.55]), which=[PRICE, PRICE, TRUST])
    out = curves.curves_part([(gold, ours)], stored=0.4)
    assert "0.4" in out[2]
    rows = [cells(row) for row in out if row.startswith("| from")]
    assert len(rows) == 2 * len(curves.STEPS)
    assert rows[0] == ("from 0.2", 2, "0.67", "1.00")
    assert rows[len(curves.STEPS)] == ("from 0.2", 2, "0.33", "0.50")
    assert rows[-1] == ("from 0.9", 2, "1.00", "0.50")


def test_labels_are_counted_from_their_own_score_on(tmp_path: Path) -> None:
    """A label's row has its threshold, and only what reaches it."""
    gold = a_gold(tmp_path, {"objections": ["price"]}, {"objections": ["trust"]}, {})
    said = [
        {"objections": [{"label": "price", "score": 0.8}]},
        {"objections": [{"label": "trust", "score": 0.8}]},
        {"objections": [{"label": "trust", "score": 0.95}]},
    ]
    bars = Bars(dict.fromkeys(Kind, 0.5), {"price": 0.7, "trust": 0.9})
    out = curves.label_part(bars, [(gold, found_in(said))])
    asked = ("| any objection", "| price", "| trust")
    rows = {cells(row)[0]: cells(row)[1:] for row in out if row.startswith(asked)}
    assert rows["any objection"] == (2, "0.50", "0.50")
    assert rows["price, from 0.70"] == (1, "1.00", "1.00")
    assert rows["trust, from 0.90"] == (1, "0.00", "0.00")


def a_line(role: Role, message: str | None, text: str = "words") -> Said:
    """Return a line of the messages' file."""
    return Said("Acme", Passage(text, role), message)


def test_each_echo_follows_one_claim_of_each_message() -> None:
    """Which claim goes round; near misses are no claims."""
    claims = [a_line(Role.REP, m, f"{m}{n}") for n in range(2) for m in ("x", "y")]
    echoes = [a_line(Role.PROSPECT, m) for m in ("x", "x", "x", None)]
    said = [a_line(Role.REP, None), *claims, *echoes]
    told = [[c.passage.text for c in before] for before, _ in messages.conversations(said)]
    assert told == [["x0", "y0"], ["x1", "y1"], ["x0", "y0"], ["x0", "y0"]]
    assert [line for _, line in messages.conversations(said)] == echoes


def test_an_echo_takes_up_the_message_of_its_claim() -> None:
    """The finding names the passage; a phrase that takes up nothing names none."""
    claims = [a_line(Role.REP, "x"), a_line(Role.REP, "y")]
    one = Mention(
        Kind.POSITIONING, "prospect", 0, 5, 0.9, {"side": "prospect", "sort": "value", "echoes": 1}
    )
    other = Mention(Kind.POSITIONING, "prospect", 0, 5, 0.9, {"side": "prospect", "sort": "value"})
    assert messages.echoed([one], claims) == {"y"}
    assert messages.echoed([other], claims) == set()
    both = messages.joined([Matched([PRICE], [NONE], (True,)), Matched([NONE], [TRUST], (False,))])
    assert both == Matched([PRICE, NONE], [NONE, TRUST], (True, False))


def test_messages_belong_to_a_company_that_has_a_playbook() -> None:
    """Every line of the file says one of its own company's messages, or none."""
    known = {
        p.company.name: {m.id for m in p.messages}
        for p in messages.read_playbooks(DATA / "messages_playbooks.json")
    }
    for one in messages.read_said(DATA / "messages.jsonl"):
        assert one.message is None or one.message in known[one.company]


class Repeats:
    """An extractor that finds the label whose example an utterance repeats."""

    name, version = "examples", "0"
    kinds, languages = frozenset({Kind.OBJECTION}), frozenset[str]()

    def __init__(self, examples: dict[str, str]) -> None:
        self.examples = examples

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return a mention, and a tracker's that is none of the labels."""
        return [
            [Mention(kind, self.examples[p.text], 0, 1, 0.5) for kind in (Kind.OBJECTION, Kind.TRACKER)]
            if p.text in self.examples
            else []
            for p in passages
        ]


def test_own_labels_come_from_their_examples_only() -> None:
    """The playbook has what is an example; what is tested is not in it."""
    rows = [
        {"label": "residency", "part": "example", "text": "It has to stay here.", "role": "prospect"},
        {"label": "residency", "part": "test", "text": "It must not leave.", "role": "prospect"},
    ]
    (objection,) = own_labels.playbook_of(rows).objections
    assert (objection.label, objection.title) == ("residency", "residency")
    assert objection.examples == ("It has to stay here.",)
    finder: Any = Repeats({"It must not leave.": "residency"})
    assert own_labels.labels_by_example(finder, rows) == [NONE, frozenset({"residency"})]


def test_names_are_read_once_for_all_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same places of the same passages; others are read anew."""
    asked = []

    def read_places(self: Encoder, passages: object, places: object) -> list[None]:
        asked.append(places)
        return [None]

    monkeypatch.setattr(Encoder, "read_places", read_places)
    encoder = names.ReadOnce()
    for text, end in (("a", 1), ("a", 1), ("a", 2), ("b", 2)):
        assert encoder.read_places([Passage(text)], [(0, 0, end)]) == [None]
    assert len(asked) == 3
