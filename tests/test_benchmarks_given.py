"""The tables of ``make quality`` on the playbook's answers count right, and their data hold together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.quality.gold import DATA
from benchmarks.quality.playbook_answers import (
    Books,
    Given,
    how_lines,
    named,
    read_books,
    read_given,
    wanted,
)
from benchmarks.quality.tables import label_line
from callmine.extractors.encoder import Encoder
from callmine.playbook import Answer
from tests.gold_rows import cells

PILOT, REFUND = "Start with a pilot in one shop", "Money back within sixty days"
BOOKS: Books = {
    "Acme": {
        "pilot": Answer(objection="trust", text=PILOT),
        "refund": Answer(objection="price", text=REFUND),
    }
}


def given(answer: str | None, how: str) -> Given:
    """Return a reply to a doubt."""
    return Given("Acme", "test", "trust", "Right.", answer, how)


def test_answers_are_counted_by_how_they_are_said() -> None:
    """Another answer of the playbook is no hit; whatever is named for a near miss is a false one."""
    lines = [given(PILOT, "near"), given(PILOT, "own"), given(PILOT, "own")]
    lines += [given(None, "promise"), given(None, "promise")]
    pilot, refund, none = frozenset({PILOT}), frozenset({REFUND}), frozenset[str]()
    found = [pilot, refund, pilot, pilot, none]
    assert cells(label_line("all", wanted(lines), found)) == ("all", 3, "0.50", "0.67")
    shares = {row.split(" | ")[0]: row for row in how_lines(lines, found)}
    assert shares["| nearly word for word"].startswith("| nearly word for word | 1 | 1.00 ")
    assert shares["| in own words"].startswith("| in own words | 2 | 0.50 ")
    assert shares["| a promise to send or ask"].startswith("| a promise to send or ask | 2 | 0.50 ")
    assert shares["| the opposite"] == "| the opposite | 0 | – |"


def test_an_answer_is_asked_of_its_own_company_and_objection() -> None:
    """What another playbook has, or the same one for another objection, is not named."""
    said = replace(given(PILOT, "near"), text=f"Well, {PILOT.lower()}.")
    other = {**BOOKS, "Bolt": {"refund": Answer(objection="trust", text=REFUND)}}
    lines = [said, replace(said, company="Bolt"), replace(said, objection="price")]
    assert named(Encoder(), other, lines) == [{PILOT}, frozenset(), frozenset()]


def test_a_line_with_an_answer_to_another_objection_is_refused(tmp_path: Path) -> None:
    """A wrong label in the data would be a wrong figure on the page."""
    row = {"id": "ans-1", "company": "Acme", "part": "test", "objection": "price", "text": "Right."}
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({**row, "answer": "pilot", "wording": "own"}), "utf-8")
    with pytest.raises(ValueError, match="ans-1: pilot does not answer price"):
        read_given(path, BOOKS)


def test_no_playbook_is_both_tuned_on_and_tested_on() -> None:
    """The parts are split by company, and each answer is said in both wordings."""
    books = read_books(DATA / "playbook_answers_playbooks.json")
    lines = read_given(DATA / "playbook_answers.jsonl", books)
    parts = {company: {one.part for one in lines if one.company == company} for company in books}
    assert sorted(map(sorted, parts.values())) == [["dev"], ["dev"], ["test"], ["test"]]
    for book in books.values():
        for answer in book.values():
            assert {one.how for one in lines if one.answer == answer.text} == {"near", "own"}
