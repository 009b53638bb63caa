"""What people did to a battlecard, and what changed between two versions of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callmine.store.cards import ReportEdit

SECTIONS = (
    *("where", "record", "said", "objections", "answers"),
    *("traps", "questions", "asked_of_us", "requests", "landmines"),
)
"""Sections that a note may belong to, in the order of the pages."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a person said of a card and that holds for every version.

    Attributes:
        edit_id: By which it is taken back.
        what: ``note``, ``pin`` or ``bar``.
        section: Of a note, one of :data:`SECTIONS`.
        text: Of a note.
        finding_id: What is pinned or barred.
        by: Who.
        at: When, UTC.
    """

    edit_id: int
    what: str
    section: str | None
    text: str | None
    finding_id: str | None
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Count:
    """A number of a card that is another one now."""

    what: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Word:
    """Something of which another thing can be said now; ``None`` where nothing was, or is."""

    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """What is different from an earlier version.

    Attributes:
        version: Its number.
        made_at: When it was built, UTC.
        counts: Numbers that are others.
        verdict: What the win rate says, where that is another thing.
        lifts: Objections of which another thing can be said, by title.
        new_quotes: How many are new, by section.
        gone_quotes: How many are not shown any more, by section.
        findings: Ids of those that are new.
    """

    version: int
    made_at: str
    counts: tuple[Count, ...]
    verdict: Word | None
    lifts: tuple[Word, ...]
    new_quotes: tuple[Count, ...]
    gone_quotes: tuple[Count, ...]
    findings: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether anything is different."""
        return bool(self.counts or self.verdict or self.lifts or self.new_quotes or self.gone_quotes)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose a card is, and which version.

    Attributes:
        version: Number among the versions that are kept; ``None`` of a card that is not.
        made_at: When it was built first with these values, UTC.
        owner: Who answers for it.
        approved_by: Who froze it; ``None`` of a draft.
        approved_at: When, UTC.
        changed: Of a draft, what is different from the version before; of an approved card, what would be
            if it were built anew. ``None`` where there is nothing to compare with.
        left_out: Quotes of an approved card that are not shown: their words are not in the calls any
            more, or somebody struck them out, or barred them since.
        is_current: Whether an approved card would be the same if it were built anew.
    """

    version: int | None
    made_at: str | None
    owner: str | None
    approved_by: str | None = None
    approved_at: str | None = None
    changed: Changed | None = None
    left_out: int = 0
    is_current: bool = False


def holding(edits: Iterable[ReportEdit]) -> tuple[ReportEdit, ...]:
    """Return the edits that nobody took back, oldest first."""
    known = tuple(edits)
    dropped = {edit.about for edit in known if edit.what == "drop"}
    return tuple(edit for edit in known if edit.edit_id not in dropped and edit.what != "drop")


def changes_of(edits: Iterable[ReportEdit]) -> tuple[Change, ...]:
    """Return what people added, pinned and barred; of a finding only what was said last."""
    last: dict[object, ReportEdit] = {}
    for edit in edits:
        if edit.what in ("note", "pin", "bar"):
            key = edit.finding_id or edit.edit_id
            last.pop(key, None)
            last[key] = edit
    return tuple(
        Change(e.edit_id, e.what, e.section, e.text, e.finding_id, e.made_by, e.made_at)
        for e in last.values()
    )


def owner_of(edits: Iterable[ReportEdit]) -> str | None:
    """Return who owns the card, by what was said last."""
    return next((edit.text for edit in reversed(tuple(edits)) if edit.what == "owner"), None)


def chosen(changes: Iterable[Change], what: str) -> tuple[str, ...]:
    """Return the findings that are pinned, or barred, in the order in which that was said."""
    return tuple(one.finding_id for one in changes if one.what == what and one.finding_id)


def changed(
    old: Mapping[str, Any], new: Mapping[str, Any], *, version: int, made_at: str
) -> Changed | None:
    """Say what is different between two versions of a card.

    Args:
        old: The earlier one, as JSON.
        new: The later one, likewise.
        version: Number of the earlier one.
        made_at: When that was built, UTC.

    Returns:
        ``None`` where they are not of one format, and nobody can tell.
    """
    if old.get("format") != new.get("format"):
        return None
    before, after = _quotes(old), _quotes(new)
    people = [[one["edit_id"] for one in card["changes"]] for card in (old, new)]
    verdicts = _verdict(old), _verdict(new)
    lifts = _lifts(old), _lifts(new)
    return Changed(
        version=version,
        made_at=made_at,
        counts=(
            *(
                Count(name, old["named"][name], new["named"][name])
                for name in ("mentions", "calls", "deals")
                if old["named"][name] != new["named"][name]
            ),
            *((Count("changes by people", *map(len, people)),) if people[0] != people[1] else ()),
        ),
        verdict=Word("record", *verdicts) if verdicts[0] != verdicts[1] else None,
        lifts=tuple(
            Word(title, lifts[0].get(title), lifts[1].get(title))
            for title in dict.fromkeys((*lifts[1], *lifts[0]))
            if lifts[0].get(title) != lifts[1].get(title)
        ),
        new_quotes=_more(before, after),
        gone_quotes=_more(after, before),
        findings=tuple(sorted({one for _, one in set(after) - set(before)})),
    )


def _more(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> tuple[Count, ...]:
    counts = Counter(section for section, _ in set(after) - set(before))
    return tuple(Count(name, 0, counts[name]) for name in SECTIONS if counts[name])


def _verdict(card: Mapping[str, Any]) -> str | None:
    record = card.get("record")
    return record["family"]["lines"][0]["association"]["verdict"] if record else None


def _lifts(card: Mapping[str, Any]) -> dict[str, str]:
    """Return what can be said of objections; of those of which nothing can, nothing."""
    return {
        one["title"]: one["lift"] for one in card.get("objections", ()) if one["lift"] in ("more", "less")
    }


def _quotes(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the sections and findings of all quotes."""
    return [(name, one) for name in SECTIONS for one in quoted_ids(card.get(name))]


def quoted_ids(value: Any) -> Iterator[str]:
    """Yield the findings of all quotes in a part of a card, as JSON."""
    if isinstance(value, Mapping):
        if "finding_id" in value and "marked" in value:
            yield str(value["finding_id"])
            return
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from quoted_ids(part)
