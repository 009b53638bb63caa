"""Evidence: what an extractor reports, and what is stored of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callmine.domain.basics import Json
from callmine.domain.words import ANSWER_KINDS, RELATIONS, STANCES, Kind


@dataclass(frozen=True, slots=True)
class Mention:
    """What an extractor reports: a span of one utterance and what it means there.

    ``start`` and ``end`` are character offsets into ``Utterance.text``; ``score`` is a
    calibrated probability (0..1); ``detail`` holds per-kind attributes (relation, stance,
    side, message, heard name), validated by :func:`callmine.domain.check_detail`.
    """

    kind: Kind
    label: str
    start: int
    end: int
    score: float
    detail: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A stored piece of evidence; see :class:`Mention` for span and score.

    ``start_ms`` is the first word of the span, ``play_ms`` the start of its sentence, where
    links and clips begin. ``extractor`` is ``name/version``, ``playbook`` the playbook's hash.
    """

    finding_id: str
    call_id: str
    utterance_index: int
    kind: Kind
    label: str
    start: int
    end: int
    text: str
    start_ms: int
    play_ms: int
    end_ms: int
    score: float
    extractor: str
    playbook: str
    detail: Json = field(default_factory=dict)


_DETAIL_KEYS: Mapping[Kind, Mapping[str, tuple[str, ...] | None]] = {
    Kind.OBJECTION: {"guarded": None},
    Kind.COMPETITOR: {
        "relation": RELATIONS,
        "stance": STANCES,
        "heard": None,
        "match": ("name", "alias", "heard_as", "sound"),
        "reason": None,
    },
    Kind.POSITIONING: {
        "side": ("rep", "prospect", "unknown"),
        "sort": ("value", "pain", "success"),
        "message": None,
        "echoes": None,
    },
    Kind.ANSWER: {
        "answers": None,
        "type": ANSWER_KINDS,
        "accepted": ("yes", "no", "unclear"),
        "shown_in": None,
        "playbook": None,
    },
    Kind.REQUEST: {"content": None},
    Kind.TRACKER: {},
}


def check_detail(kind: Kind, detail: Json) -> None:
    """Raise ``ValueError`` when ``detail`` has a key or value its kind does not know."""
    known = _DETAIL_KEYS[kind]
    for key, value in detail.items():
        if key not in known:
            raise ValueError(f"detail of a {kind} finding has no key {key!r}; known: {sorted(known)}")
        allowed = known[key]
        if allowed is not None and value not in allowed:
            raise ValueError(f"{kind} detail {key}={value!r} is not one of {', '.join(allowed)}")
