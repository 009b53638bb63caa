"""The training data: valid, and apart from what is measured on."""

from __future__ import annotations

import json
import re
from pathlib import Path

from callmine.extractors.training.data import read_examples, split

DATA = Path(__file__).parent.parent / "data"


def sentences(path: Path) -> set[str]:
    """The utterances of a file, folded, of five words or more."""
    lines = (json.loads(line)["text"] for line in path.read_text("utf-8").splitlines() if line.strip())
    folded = (" ".join(re.sub(r"[^a-z0-9 ]", " ", text.lower()).split()) for text in lines)
    return {text for text in folded if len(text.split()) > 4}


def test_no_sample_or_gold_sentence_is_trained_on() -> None:
    """What is measured on stands nowhere in the training data; set phrases of five words may."""
    held = sentences(DATA / "sample" / "truth.jsonl") | sentences(DATA / "gold" / "dialogues.jsonl")
    trained = set().union(*(sentences(p) for p in (DATA / "train").glob("*.jsonl")))
    assert {text for text in held & trained if len(text.split()) > 5} == set()


def test_training_lines_are_valid_and_split_by_scenario() -> None:
    """Every line reads, and no scenario is on both sides."""
    train, held_out = split(read_examples((DATA / "train").glob("*.jsonl")))
    assert len(train) > 8_000
    assert len(held_out) > 500
    assert not {e.scenario for e in train} & {e.scenario for e in held_out}
