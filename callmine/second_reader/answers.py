"""Check what the second reader answers: anything but a full and fitting answer is thrown away."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from callmine.payloads import Verdict
from callmine.second_reader.questions import Question

LONGEST = 8_000
"""Characters of an answer beyond which it is not even parsed."""


_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Letters of scripts that leave no blanks between words: each may begin one."""

_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['’][^\W_{_UNSPACED}]+)*")


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
            offer, or does not quote a word of the turn, or more, as they stand there.
    """
    answer = parse_object(text, frozenset({"verdict", "label", "quote"}))
    verdict, label, quote = answer["verdict"], answer["label"], answer["quote"]
    if not _quotes(question.utterance, quote):
        raise Unusable("the quote is no whole words of the turn")
    if verdict in ("confirm", "reject"):
        if label != question.label:
            raise Unusable(f"{verdict} names another label")
        return Checked("confirmed" if verdict == "confirm" else "rejected", label)
    if verdict != "relabel":
        raise Unusable("the verdict is none of confirm, reject and relabel")
    if label not in question.labels or label == question.label:
        raise Unusable("the new label is not among the known ones")
    return Checked("relabelled", label)


def _quotes(said: str, quote: str) -> bool:
    """Whether a quote stands in what was said, holds a word of it, and cuts none."""
    words = [match.span() for match in _WORD.finditer(said)]
    for found in re.finditer(f"(?={re.escape(quote)})", said):
        start, end = found.start(), found.start() + len(quote)
        touched = [(a, b) for a, b in words if a < end and start < b]
        if touched and start <= touched[0][0] and touched[-1][1] <= end:
            return True
    return False
