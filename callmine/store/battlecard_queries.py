"""Named read-only queries for battlecards: what was asked beside a competitor's name."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import NamedTuple

from sqlite_utils import Database

from callmine.domain import Role

Place = tuple[str, int]
"""A call's id and the index of an utterance in it."""


class SaidTurn(NamedTuple):
    """A turn and who is taken to have said it.

    Attributes:
        beside: Index of the turn near which it was looked for.
        role: Of its speaker, however sure.
        role_confidence: How sure that is, 0..1.
    """

    call_id: str
    utterance_index: int
    beside: int
    text: str
    role: Role
    role_confidence: float


def questions_beside(db: Database, places: Collection[Place], *, reach: int) -> list[SaidTurn]:
    """Return the turns with a question mark at most ``reach`` turns before or after some places.

    Ordered by call and turn; one that is near two places is there twice, by place.
    """
    sql = """
        SELECT u.call_id, u.utterance_index, json_extract(p.value, '$[1]') AS beside, u.text, u.role,
               u.role_confidence
        FROM json_each(:places) p JOIN utterances u ON u.call_id = json_extract(p.value, '$[0]')
             AND u.utterance_index BETWEEN json_extract(p.value, '$[1]') - :reach
                                       AND json_extract(p.value, '$[1]') + :reach
        WHERE instr(u.text, '?') ORDER BY 1, 2, 3
    """
    found = db.execute(sql, {"places": json.dumps(sorted(places)), "reach": reach})
    return [SaidTurn(*row[:4], Role(row[4]), row[5]) for row in found]
