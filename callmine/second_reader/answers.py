"""Check what the second reader answers: anything but a full and fitting answer is thrown away."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from callmine.payloads import Verdict
from callmine.second_reader.questions import Question

LONGEST = 8_000
"""Characters of an answer beyond which it is not even parsed."""


class Unusable(ValueError):
    """An answer that does not pass; the words say why, without repeating it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A verdict that passed, and the label that holds from now on."""

    verdict: Verdict
    label: str


def parse_object(text: str, keys: frozenset[str]) -> dict[str, str]:
    """Return the JSON object that an answer is: exactly these keys, each once, all of them text.

    Raises:
        Unusable: It is anything else; text around the object is refused, too.
    """
    if len(text) > LONGEST:
        raise Unusable("the answer is too long")
    try:
        value = json.loads(text, object_pairs_hook=_once)
    except Unusable:
        raise
    except (ValueError, RecursionError) as error:  # no JSON, or a number of more digits than Python reads
        raise Unusable("the answer is not JSON") from error
    if not isinstance(value, dict) or set(value) != keys:
        raise Unusable(f"the answer is not an object of {', '.join(sorted(keys))}")
    if not all(isinstance(part, str) for part in value.values()):
        raise Unusable("a part of the answer is not text")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unusable("the answer says something twice")
    return found


def check_answer(text: str, question: Question) -> Checked:
    """Return the verdict that an answer gives on the finding that was asked about.

    Raises:
        Unusable: It is no JSON of the shape asked for, names a verdict or a label that was not on
            offer, or does not quote the turn word for word.
    """
    answer = parse_object(text, frozenset({"verdict", "label", "quote"}))
    verdict, label, quote = answer["verdict"], answer["label"], answer["quote"]
    if not quote.strip() or quote not in question.utterance:
        raise Unusable("the quote is not in the turn")
    if verdict in ("confirm", "reject"):
        if label != question.label:
            raise Unusable(f"{verdict} names another label")
        return Checked("confirmed" if verdict == "confirm" else "rejected", label)
    if verdict != "relabel":
        raise Unusable("the verdict is none of confirm, reject and relabel")
    if label not in question.labels or label == question.label:
        raise Unusable("the new label is not among the known ones")
    return Checked("relabelled", label)
