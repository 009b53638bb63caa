"""Our reps as persons: who is who across calls, and which groups of them may be told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from callmine.store.rows import RepRow

FEWEST = 3
"""A group's figures are told from so many reps on; fewer could be told apart."""


@dataclass(frozen=True, slots=True)
class People:
    """Who our voices are.

    Attributes:
        voices: ``(call, speaker)`` to the person, ``None`` where nobody knows.
        names: Person to the name or address to show.
        keys: Name or address, in small letters, to the person.
    """

    voices: Mapping[tuple[str, str], str | None]
    names: Mapping[str, str]
    keys: Mapping[str, str]


def people_of(reps: Iterable[RepRow]) -> People:
    """Tell persons apart by name; an address that comes with a name is that person."""
    rows = list(reps)
    by_email = {row.email.casefold(): row.name.strip().casefold() for row in rows if row.email and row.name}
    voices: dict[tuple[str, str], str | None] = {}
    names: dict[str, str] = {}
    keys: dict[str, str] = dict(by_email)
    for row in rows:
        email = row.email.casefold() if row.email else None
        person = row.name.strip().casefold() if row.name else by_email.get(email or "", email)
        voices[row.call_id, row.speaker] = person
        if person is not None:
            names.setdefault(person, row.name or row.email or person)
            keys.setdefault(person, person)
    return People(voices, names, keys)


def told_groups(
    groups: Mapping[str, Collection[str]], people: People
) -> tuple[dict[str, frozenset[str]], tuple[str, ...]]:
    """Return the groups that may be told with the persons in them, and the names of the others.

    A group needs three reps who spoke. When the reps outside all told groups would be one or two,
    the smallest group is withheld as well: the total less the groups would be theirs.

    Args:
        groups: Group to names and addresses, no person in two of them.
        people: Who spoke.
    """
    persons = set(people.names)
    found = {
        name: frozenset(people.keys[one] for m in members if (one := m.strip().casefold()) in people.keys)
        for name, members in groups.items()
    }
    told = {name: members for name, members in found.items() if len(members) >= FEWEST}
    while told and 0 < len(persons.difference(*told.values())) < FEWEST:
        told.pop(min(told, key=lambda name: (len(told[name]), name)))
    return told, tuple(name for name in groups if name not in told)
