"""Groups of paraphrases: what the reader's meanings learn from."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from callmine.domain import Role
from callmine.extractors.encoder import Encoder
from callmine.extractors.training.data import read_groups
from callmine.extractors.training.groups import Group, read_pairs
from callmine.extractors.training.pairs import GROUPS, pair_batches
from callmine.extractors.training.scripts import Labelled, Script
from tests.test_training_data import DATA, folded, gold_texts

ONE = """## a-1 | message | bread vans
= An hour off the round
+ So they are home an hour sooner.
+ it's an hour less on the road
~ an hour sooner, yes
- You see the vans on a map.
"""


def written(folder: Path, text: str) -> Path:
    """Return a file with ``text``."""
    path = folder / "pairs.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_group_is_read(tmp_path: Path) -> None:
    """Message, paraphrases, echoes and look-alikes are told apart."""
    (group,) = read_pairs(written(tmp_path, ONE))
    assert (group.name, group.kind, group.about) == ("a-1", "message", "bread vans")
    assert group.message == "An hour off the round"
    assert len(group.same) == 2
    assert (group.echoes, group.others) == (("an hour sooner, yes",), ("You see the vans on a map.",))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("+ what is this", "line 1"),
        (ONE + "? what is this", "line 7"),
        (ONE + "+", "line 7"),
        ("## a-1 | message | vans\n= An hour\n- A map", "a-1: one line with '='"),
        (ONE + "= Another", "a-1: one line with '='"),
    ],
)
def test_a_faulty_group_is_told(tmp_path: Path, text: str, told: str) -> None:
    """What is wrong is told with its line or its group."""
    with pytest.raises(ValueError, match=told):
        read_pairs(written(tmp_path, text))


def test_no_gold_message_is_trained_on() -> None:
    """The shipped groups are readable, bear names of their own, and share no sentence with gold."""
    held = read_pairs(DATA / "train" / "pairs" / "held_1.txt")
    groups = [*read_groups(DATA / "train"), *held]
    assert len(groups) > len(held) + 100
    assert [name for name, many in Counter(g.name for g in groups).items() if many > 1] == []
    trained = {folded(t) for g in groups for t in (g.message, *g.same, *g.echoes, *g.others)}
    files = ("messages.jsonl", "own_labels.jsonl", "playbook_answers.jsonl")
    gold = {text for name in files for text in gold_texts(DATA / "gold" / name)}
    assert {text for text in trained & gold if len(text.split()) > 7} == set()


def test_nothing_is_learned_from_what_the_bars_are_chosen_on() -> None:
    """The held-out groups are none of those learned from, and share no sentence with them."""
    learned = read_groups(DATA / "train")
    held = read_pairs(DATA / "train" / "pairs" / "held_1.txt")

    def texts(groups: Sequence[Group]) -> set[str]:
        return {folded(t) for g in groups for t in (g.message, *g.same, *g.echoes, *g.others)}

    assert {text for text in texts(learned) & texts(held) if len(text.split()) > 7} == set()
    assert {g.name for g in learned} & {g.name for g in held} == set()


def test_batches_hold_every_group_once_a_round() -> None:
    """A round shows each message once, with some of what says the same and what does not."""
    groups = [
        Group(f"g{i}", "message", "", f"message {i}", (f"same {i} a", f"same {i} b"), (), (f"other {i}",))
        for i in range(GROUPS + 3)
    ]
    tokenizer = Encoder().tokenizer
    first, second = islice(pair_batches(groups, (), tokenizer, random.Random(1)), 2)
    assert len(first.message) == GROUPS
    assert len(second.message) == 3
    for batch in (first, second):
        rows = len(batch.group)
        assert rows == 4 * len(batch.message)
        assert batch.inputs["ids"].shape[0] == rows
        assert batch.same.sum() == 3 * len(batch.message)
        assert np.array_equal(batch.group[batch.message], np.arange(len(batch.message)))


def test_sentences_are_also_read_in_calls() -> None:
    """Messages are read alone; of the others the stretch is the sentence, whatever stands around it."""
    group = Group("g", "message", "", "an hour saved", ("home an hour sooner",), (), ("a map of the vans",))
    said = tuple(Labelled(Role.REP, tuple(f"turn number {i}".split())) for i in range(9))
    tokenizer = Encoder().tokenizer
    calls = [Script("s", "calls_1.txt", said)]
    alone = {len(tokenizer.encode(t, add_special_tokens=False).ids) for t in (group.same + group.others)}
    surrounded = 0
    for batch in islice(pair_batches([group], calls, tokenizer, random.Random(1)), 30):
        ids, turns, spans = (batch.inputs[name] for name in ("ids", "turns", "spans"))
        for row, (start, end) in enumerate(spans[:, 0]):
            words = tokenizer.decode(ids[row, start:end].tolist(), skip_special_tokens=True)
            text = (group.message, *group.same, *group.others)[row]
            assert words.split(" ", 1)[-1] == text or words == text
            assert turns[row, start] == turns[row, end - 1] == turns[row].max()
            if row == batch.message[0]:
                assert turns[row].max() == 1
            surrounded += int(turns[row].max() > 1 or end - start in alone)
    assert surrounded > 30


def test_without_groups_there_is_nothing_to_learn() -> None:
    """An empty folder is told, not turned into a wait without end."""
    with pytest.raises(ValueError, match="no groups"):
        next(pair_batches([], (), Encoder().tokenizer, random.Random(1)))


def test_the_loss_falls_where_the_same_is_near() -> None:
    """Meanings that stand together for what says the same cost less than ones that stand apart."""
    torch = pytest.importorskip("torch", reason="training needs torch")
    from callmine.extractors.training.pairs import pair_loss

    groups = [
        Group(f"g{i}", "message", "", f"message {i}", (f"same {i}",), (), (f"no {i}",)) for i in (0, 1)
    ]
    batch = next(pair_batches(groups, (), Encoder().tokenizer, random.Random(1)))
    axis = torch.eye(4)
    group, same = torch.from_numpy(batch.group), torch.from_numpy(batch.same)
    right = torch.where(same[:, None], axis[group], axis[2 + group])
    wrong = axis[2 + group]
    wrong[batch.message] = axis[group[batch.message]]

    class Fixed:
        """Says what each sentence means, whatever it is."""

        def __init__(self, meaning: torch.Tensor) -> None:
            self.meaning = meaning

        def __call__(self, **_: torch.Tensor) -> tuple[None, torch.Tensor, None]:
            return None, self.meaning[:, None], None

    assert pair_loss(Fixed(right), batch) < pair_loss(Fixed(wrong), batch)  # type: ignore[arg-type]
