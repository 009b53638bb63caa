"""How competitors' relation to the prospect, and the stance towards them, are told."""

from __future__ import annotations

from benchmarks.quality.gold import Found, Gold
from benchmarks.quality.tables import HEADER, line, share
from callmine.domain import RELATIONS, STANCES

Views = dict[tuple[int, str], frozenset[str]]
"""What is said of a name in an utterance."""


def views_part(gold: Gold, ours: Found) -> list[str]:
    """Return how often relation and stance of a competitor found are right, and both value by value.

    Nothing where no rival is labelled. A rival that was not found counts as a relation and a stance that
    were not found.
    """
    if not gold.playbook:
        return []
    out = [""]
    told = {about: (_labelled(gold, about), _found(ours, about)) for about in ("relation", "stance")}
    relations, _ = told["relation"]
    both = [place for place in relations if place in told["relation"][1]]
    right = {
        about: sum(bool(wanted[place] & found[place]) for place in both)
        for about, (wanted, found) in told.items()
    }
    out.append(
        f"Of {len(both)} competitors found: relation right {share(right['relation'], len(both))}, stance"
        f" right {share(right['stance'], len(both))}."
    )
    for about, values in (("relation", RELATIONS), ("stance", STANCES)):
        out += ["", f"Competitors found and their {about}, by {about}:", "", HEADER]
        out += [view_line(value, *told[about]) for value in values]
    return out


def view_line(value: str, wanted: Views, found: Views) -> str:
    """Return the row of one relation or stance; the unit is a rival in an utterance."""
    hits = sum(value in views and value in found.get(place, ()) for place, views in wanted.items())
    reported = sum(value in views for views in found.values())
    return line(value, hits, reported, sum(value in views for views in wanted.values()))


def _labelled(gold: Gold, about: str) -> Views:
    return {
        (number, c["name"]): frozenset({c[about]})
        for number, row in enumerate(gold.rows)
        for c in row.get("competitors") or ()
        if c.get(about)
    }


def _found(ours: Found, about: str) -> Views:
    found: dict[tuple[int, str], set[str]] = {}
    for number, said in enumerate(ours.lines):
        for mention in said["competitors"]:
            found.setdefault((number, mention["name"]), set()).add(mention[about])
    return {place: frozenset(views) for place, views in found.items()}
