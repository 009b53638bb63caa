"""Evaluation: reading gold, scoring, and the shapes of the command contract."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from callmine.domain import Json, Kind, Mention, Role
from callmine.errors import UsageError
from callmine.evaluate import (
    NO_PLAYBOOK,
    Score,
    evaluate,
    read_gold,
    score_any,
    score_labels,
    write_predictions,
)
from callmine.extractors.base import Passage, Turn
from callmine.playbook import Playbook

LABELS = ("price", "timing", "trust")
SETS = st.frozensets(st.sampled_from(LABELS))
PLAYBOOK = Playbook.model_validate(
    {
        "company": {"name": "Acme"},
        "competitors": [{"name": "Northwind", "aliases": ["NW"]}, {"name": "Corvane"}],
        "objections": [{"label": "data_residency"}, {"label": "timing", "enabled": False}],
    }
)


class Scripted:
    """Says what it is told to, by the words of the text; tested by the tests that use it."""

    name, version = "scripted", "1"
    kinds = frozenset({Kind.OBJECTION, Kind.COMPETITOR, Kind.POSITIONING})
    languages = frozenset({"en"})

    def __init__(self, script: dict[str, list[Mention]]) -> None:
        self.script = script
        self.seen: list[Passage] = []

    def settings(self) -> Json:
        return {}

    def setup(self, playbook: Playbook) -> None:
        pass

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        self.seen.extend(passages)
        return [list(self.script.get(p.text, [])) for p in passages]


def objection(label: str, start: int = 0, end: int = 3) -> Mention:
    return Mention(Kind.OBJECTION, label, start, end, 0.75)


def competitor(name: str, start: int = 0, end: int = 3) -> Mention:
    return Mention(Kind.COMPETITOR, name, start, end, 0.5, {"relation": "incumbent", "stance": "negative"})


def positioning(side: str) -> Mention:
    return Mention(Kind.POSITIONING, "positioning", 1, 4, 0.25, {"side": side})


def gold_file(folder: Path, *lines: object) -> Path:
    path = folder / "gold.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@given(st.lists(st.tuples(SETS, SETS), max_size=30))
def test_scores_are_sklearns(pairs: list[tuple[frozenset[str], frozenset[str]]]) -> None:
    """Each label's precision, recall and F1 are those that scikit-learn computes."""
    gold, found = [g for g, _ in pairs], [f for _, f in pairs]
    ours = score_labels(gold, found, known=LABELS)
    ours["any"] = score_any(gold, found)
    for label, score in ours.items():
        truth = np.array([bool(g) if label == "any" else label in g for g in gold], dtype=bool)
        guess = np.array([bool(f) if label == "any" else label in f for f in found], dtype=bool)
        if not pairs:
            assert score == Score(0, 0, 0)
            continue
        theirs = precision_recall_fscore_support(
            truth, guess, average=None, labels=[True], zero_division=np.nan
        )
        precision, recall, f1, support = (column[0] for column in theirs)
        assert score.support == support
        assert score.predicted == guess.sum()
        for mine, other in ((score.precision, precision), (score.recall, recall), (score.f1, f1)):
            assert (mine is None) == bool(np.isnan(other))
            assert mine is None or mine == pytest.approx(other)


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (Score(0, 0, 0), (None, None, None)),
        (Score(2, 0, 0), (None, 0.0, 0.0)),
        (Score(0, 2, 0), (0.0, None, 0.0)),
        (Score(4, 2, 1), (0.5, 0.25, 1 / 3)),
    ],
)
def test_undefined_ratios_are_null(score: Score, expected: tuple[float | None, ...]) -> None:
    """0/0 is null, never 0 or 1."""
    value = score.to_json()
    assert list(value) == ["support", "predicted", "precision", "recall", "f1"]
    assert (value["precision"], value["recall"], value["f1"]) == expected


def test_result_shape(tmp_path: Path) -> None:
    """The whole result, computed by hand."""
    path = gold_file(
        tmp_path,
        {
            "id": "1",
            "text": "one",
            "role": "prospect",
            "objections": ["price"],
            "competitors": [{"name": "nw"}],
        },
        {"id": "2", "text": "two", "role": "rep", "positioning": "rep"},
        {"id": "3", "text": "three", "objections": ["trust"], "competitors": [{"name": "Elsewhere"}]},
    )
    script = {
        "one": [
            objection("price"),
            objection("price", 1, 2),
            competitor("Northwind"),
            competitor("Northwind", 1, 2),
        ],
        "two": [objection("price"), positioning("rep"), competitor("Corvane")],
        "three": [positioning("unknown")],
    }
    value = evaluate(read_gold(path), [Scripted(script)], PLAYBOOK).to_json()
    assert list(value) == ["n", "objection_any", "objection", "competitor_any", "competitor", "positioning"]
    assert value["n"] == 3
    assert value["objection_any"] == Score(2, 2, 1).to_json()
    assert value["objection"]["price"] == Score(1, 2, 1).to_json()
    assert value["objection"]["trust"] == Score(1, 0, 0).to_json()
    assert "timing" not in value["objection"]
    assert value["objection"]["data_residency"] == Score(0, 0, 0).to_json()
    assert value["competitor_any"] == Score(2, 2, 1).to_json()
    assert value["competitor"] == {
        "Northwind": Score(1, 1, 1).to_json(),
        "Corvane": Score(0, 1, 0).to_json(),
        "Elsewhere": Score(1, 0, 0).to_json(),
    }
    assert list(value["positioning"]) == ["rep", "prospect", "unknown"]
    assert value["positioning"]["rep"] == Score(1, 1, 1).to_json()
    assert value["positioning"]["unknown"] == Score(0, 1, 0).to_json()
    json.dumps(value, allow_nan=False)


def test_without_a_playbook_competitors_are_null(tmp_path: Path) -> None:
    """Competitors need names to be scored: null, with a note; the twelve objections are there."""
    path = gold_file(tmp_path, {"id": "1", "text": "one", "competitors": [{"name": "Northwind"}]})
    value = evaluate(read_gold(path), [Scripted({})], None).to_json()
    assert value["competitor_any"] is None
    assert value["competitor"] is None
    assert value["note"] == NO_PLAYBOOK
    assert len(value["objection"]) == 12


def test_role_never_filters(tmp_path: Path) -> None:
    """A rep's objection counts like any other: labels and predictions are compared as they are."""
    path = gold_file(tmp_path, {"id": "1", "text": "one", "role": "rep"})
    value = evaluate(read_gold(path), [Scripted({"one": [objection("price")]})], None).to_json()
    assert value["objection_any"]["predicted"] == 1


def test_extractors_see_what_they_see_in_a_call(tmp_path: Path) -> None:
    """Text, role and the last three turns before it; plain strings are turns of nobody known."""
    before = ["a", {"role": "rep", "text": "b"}, {"text": "c"}, {"role": "prospect", "text": "d"}]
    spy = Scripted({})
    evaluate(
        read_gold(gold_file(tmp_path, {"id": 7, "text": "one", "role": "rep", "before": before})),
        [spy],
        None,
    )
    turns = (Turn(Role.REP, "b"), Turn(Role.UNKNOWN, "c"), Turn(Role.PROSPECT, "d"))
    assert spy.seen == [Passage("one", Role.REP, turns)]


def test_prediction_lines(tmp_path: Path) -> None:
    """One line an utterance, one entry a mention, by place, in the contract's shape."""
    gold = gold_file(tmp_path, {"id": "é", "text": "one"}, {"id": "2", "text": "two"})
    script = {
        "one": [objection("trust", 2, 3), objection("price"), competitor("Corvane"), positioning("rep")]
    }
    out = tmp_path / "out.jsonl"
    out.write_text("old")
    write_predictions(out, evaluate(read_gold(gold), [Scripted(script)], PLAYBOOK))
    first, second = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert first == {
        "id": "é",
        "objections": [
            {"label": "price", "score": 0.75, "start": 0, "end": 3},
            {"label": "trust", "score": 0.75, "start": 2, "end": 3},
        ],
        "competitors": [
            {
                "name": "Corvane",
                "relation": "incumbent",
                "stance": "negative",
                "score": 0.5,
                "start": 0,
                "end": 3,
            }
        ],
        "positioning": [{"side": "rep", "score": 0.25, "start": 1, "end": 4}],
    }
    assert second == {"id": "2", "objections": [], "competitors": [], "positioning": []}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["gold.jsonl", "out.jsonl"]


def test_predictions_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder that is not there is a usage error, and nothing is left behind."""
    result = evaluate(read_gold(gold_file(tmp_path, {"id": "1", "text": "x"})), [], None)
    with pytest.raises(UsageError, match="cannot be written"):
        write_predictions(tmp_path / "missing" / "out.jsonl", result)


def test_reads_any_line_ends(tmp_path: Path) -> None:
    """BOM, CRLF, empty lines, extra keys, nulls and odd white space in texts are all fine."""
    path = tmp_path / "gold.jsonl"
    lines = [
        '{"id":"1","text":"a\u2028b","extra":1}',
        "",
        '  {"id":"2","text":"","before":null,"positioning":null}  ',
    ]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n\r\n")
    assert [(i.id, i.text) for i in read_gold(path)] == [("1", "a\u2028b"), ("2", "")]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "not valid JSON"),
        ("[]", "must be a JSON object"),
        ('{"text":"x"}', "has no 'id'"),
        ('{"id":"1"}', "has no 'text'"),
        ('{"id":"","text":"x"}', "'id' must be"),
        ('{"id":true,"text":"x"}', "'id' must be"),
        ('{"id":"1","text":5}', "'text' must be text"),
        ('{"id":"1","text":"x","role":"boss"}', "'role' must be one of rep, prospect, unknown"),
        ('{"id":"1","text":"x","before":"y"}', "'before' must be a list"),
        ('{"id":"1","text":"x","before":[{"role":"rep"}]}', "'before.text' must be text"),
        ('{"id":"1","text":"x","objections":"price"}', "'objections' must be a list"),
        ('{"id":"1","text":"x","objections":[1]}', "'objections' must be text"),
        ('{"id":"1","text":"x","competitors":["Northwind"]}', "must hold objects"),
        (
            '{"id":"1","text":"x","competitors":[{"name":"N","relation":"friend"}]}',
            "'relation' must be one of",
        ),
        ('{"id":"1","text":"x","positioning":"ours"}', "'positioning' must be one of"),
        ('{"id":"0","text":"x"}', "the id '0' is already on line 1"),
    ],
)
def test_faults_name_file_and_line(tmp_path: Path, line: str, fault: str) -> None:
    """Every fault is told with file, line and what is wrong."""
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id":"0","text":"fine"}\n\n' + line + "\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_gold(path)
    assert f"{path}:3: " in caught.value.message
    assert fault in caught.value.message
    assert caught.value.exit_code == 2


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Up to twenty faults are listed, the rest counted."""
    path = tmp_path / "gold.jsonl"
    path.write_text("{\n" * 25, encoding="utf-8")
    with pytest.raises(UsageError, match="and 5 more") as caught:
        read_gold(path)
    assert len(caught.value.message.splitlines()) == 21


@pytest.mark.parametrize(
    ("content", "fault"),
    [(None, "there is no such file"), (b"\n \n", "no labelled"), (b"\xff\xfe", "cannot be read")],
)
def test_files_without_gold(tmp_path: Path, content: bytes | None, fault: str) -> None:
    """A missing, empty or undecodable file is a usage error."""
    path = tmp_path / "gold.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=fault):
        read_gold(path)
