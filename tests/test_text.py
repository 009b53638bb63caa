"""Small words: names that are cut to fit a line."""

from __future__ import annotations

import pytest

from callmine.reports.text import LONGEST_NAME, cut_name, cut_names

LONG = "Bramble Foods " * 20


def test_a_name_is_cut_with_an_ellipsis() -> None:
    """It never is longer than a line may show, and one that fits stays as it is."""
    assert cut_name("a" * LONGEST_NAME) == "a" * LONGEST_NAME
    assert cut_name("a" * (LONGEST_NAME + 1)) == "a" * (LONGEST_NAME - 1) + "…"
    assert cut_name("Acme Germany", 5) == "Acme…"


@pytest.mark.parametrize("name", [LONG, f"{LONG}'s", f"""{LONG}'s "best\""""])
def test_names_in_a_sentence_are_cut(name: str) -> None:
    """However they are quoted; apostrophes are no quotes, and what stands around the names stays."""
    sentence = f"D-1: a participant's address, the account {name!r} is 'Acme' in other words, the deal's."
    cut = cut_names(sentence)
    assert cut.startswith("D-1: a participant's address, the account ")
    assert cut.endswith(" is 'Acme' in other words, the deal's.")
    assert len(cut) < 160
    assert cut_names(cut) == cut
