"""Sentences of the report on won and lost deals about how objections were answered."""

from __future__ import annotations

from callmine.reports.outcome_values import AnswerLine
from callmine.reports.render.odds import alike, like_words

ANSWERS = {
    "evidence": "evidence",
    "discount": "a discount",
    "reframing": "reframing",
    "question": "a question",
    "deferral": "putting it off",
    "playbook": "the playbook’s",
}


def answer_name(line: AnswerLine, joint: str = ": ") -> str:
    """Return how a kind of answer is called, or one of the playbook's; ``joint`` stands before its text."""
    return ANSWERS[line.kind] if line.text is None else f"{ANSWERS[line.kind]}{joint}“{line.text}”"


def answer_sentence(line: AnswerLine) -> str:
    """Say how deals answered so compare with those answered otherwise."""
    c = line.comparison
    if c.adjusted is None:
        return "Too few deals got this answer, or another one, to be compared."
    within = f" ({alike(c.strata)})" if c.strata else ""
    return f"Like with like{within}, against other answers: {like_words(c.adjusted, c.base)}."
