"""How well it is told which of the playbook's answers a rep gave to an objection."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.gold import DATA, Labels
from benchmarks.quality.tables import HEADER, label_line, share
from callmine.domain import Role
from callmine.extractors.answers import SAME_ANSWER, AnswerFinder
from callmine.extractors.base import Passage
from callmine.extractors.encoder import Encoder
from callmine.playbook import Answer

Books = Mapping[str, Mapping[str, Answer]]
"""The answers of each company's playbook, by their ids."""

SAID: Mapping[str, str] = {"near": "nearly word for word", "own": "in own words"}
"""How an answer of the playbook is said, as the file and the page have it."""

ELSE: Mapping[str, str] = {
    "claim": "another claim about the same thing",
    "opposite": "the opposite",
    "number": "another number",
    "promise": "a promise to send or ask",
    "concession": "a plain concession",
    "subject": "another subject, or a question",
}
"""What else answers an objection, as the file and the page have it."""


@dataclass(frozen=True, slots=True)
class Given:
    """A line of the answers' file: what a rep says to an objection.

    Attributes:
        company: Whose answers it may be.
        part: ``dev``, on which the bar was chosen, or ``test``.
        objection: Label of the objection that it answers.
        text: What is said.
        answer: Text of the playbook's answer that it gives; ``None`` for none.
        how: One of :data:`SAID` where it gives one, else of :data:`ELSE`.
    """

    company: str
    part: str
    objection: str
    text: str
    answer: str | None
    how: str


def playbook_answers_part(encoder: Encoder, folder: Path = DATA) -> list[str]:
    """Return the section on the playbook's answers."""
    books = read_books(folder / "playbook_answers_playbooks.json")
    given = read_given(folder / "playbook_answers.jsonl", books)
    found = named(encoder, books, given)
    test, in_test = _part("test", given, found)
    dev, in_dev = _part("dev", given, found)
    companies = len({one.company for one in test})
    return [
        f"## The playbook's answers ({len(test)} answers, {companies} companies)",
        "",
        "What a rep says to an objection is given, with the objection's label: which of the playbook's"
        f" answers is it, if any? Told by meaning, from a cosine of {SAME_ANSWER:g} on, or nearly word for"
        f" word, each turn read by itself. {sum(one.answer is None for one in test)} answers are near"
        f" misses, which say something else. The bar was chosen on {len(dev)} answers to the objections of"
        " two other companies (the second row).",
        "",
        HEADER,
        label_line("which of the playbook's", wanted(test), in_test),
        label_line("the same, where the bar was chosen", wanted(dev), in_dev),
        "",
        *how_lines(test, in_test),
    ]


def read_books(path: Path) -> Books:
    """Return each company's answers, by their ids."""
    return {
        one["company"]: {
            row["id"]: Answer(objection=row["objection"], text=row["text"]) for row in one["answers"]
        }
        for one in json.loads(path.read_text("utf-8"))
    }


def read_given(path: Path, books: Books) -> list[Given]:
    """Return the lines of the answers' file.

    Raises:
        ValueError: If a line names an answer that its playbook does not have for the objection.
    """
    given = []
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        answer = books[row["company"]][row["answer"]] if row["answer"] else None
        if answer is not None and answer.objection != row["objection"]:
            raise ValueError(f"{row['id']}: {row['answer']} does not answer {row['objection']}")
        text, how = (answer.text, row["wording"]) if answer else (None, row["miss"])
        given.append(Given(row["company"], row["part"], row["objection"], row["text"], text, how))
    return given


def named(encoder: Encoder, books: Books, given: Sequence[Given]) -> Labels:
    """Return the playbook's answer that callmine names for each line, as the stage asks for it."""
    finders = {company: AnswerFinder(encoder, tuple(book.values())) for company, book in books.items()}
    passages = [Passage(one.text, Role.REP) for one in given]
    found = (
        finders[one.company].given(passage, reading, {one.objection})
        for one, passage, reading in zip(given, passages, encoder.read(passages), strict=True)
    )
    return [frozenset({text} if text else ()) for text in found]


def wanted(given: Sequence[Given]) -> Labels:
    """Return the playbook's answer that each line gives."""
    return [frozenset({one.answer} if one.answer else ()) for one in given]


def how_lines(given: Sequence[Given], found: Labels) -> list[str]:
    """Return two tables: what is named by how an answer is said, and by what else is said."""
    lines: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for one, texts in zip(given, found, strict=True):
        lines[one.how] += 1
        hits[one.how] += one.answer in texts if one.answer else bool(texts)
    head = "| {} | answers | {} |\n|---|---|---|"
    return [
        head.format("the playbook's answer, said", "the right one is named (95 %)"),
        *(f"| {title} | {lines[how]} | {share(hits[how], lines[how])} |" for how, title in SAID.items()),
        "",
        head.format("something else", "one of the playbook's is named all the same (95 %)"),
        *(f"| {title} | {lines[how]} | {share(hits[how], lines[how])} |" for how, title in ELSE.items()),
    ]


def _part(part: str, given: Sequence[Given], found: Labels) -> tuple[list[Given], Labels]:
    at = [number for number, one in enumerate(given) if one.part == part]
    return [given[number] for number in at], [found[number] for number in at]
