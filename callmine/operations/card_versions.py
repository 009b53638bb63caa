"""Versions of battlecards: kept, approved, given back as they were; and what people say of a card."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from callmine.errors import UsageError
from callmine.operations.correcting import who_says
from callmine.playbook import Competitor, load_playbook
from callmine.reports.battlecard_people import (
    SECTIONS,
    Standing,
    changed,
    holding,
    owner_of,
    quoted_ids,
)
from callmine.reports.battlecard_values import Battlecard
from callmine.reports.render.battlecard_pages import battlecard_json
from callmine.store import Store
from callmine.store.cards import KIND, CardVersion, ReportEdit
from callmine.validation import did_you_mean
from callmine.workspace import Workspace

LONGEST_NOTE = 2000
"""Characters of a note at most: a card is no document."""


def edit_card(
    workspace: Workspace,
    competitor: Competitor,
    *,
    owner: str | None = None,
    approve: str | None = None,
    note: tuple[str, str] | None = None,
    pin: str | None = None,
    bar: str | None = None,
    drop: int | None = None,
    by: str | None = None,
) -> None:
    """Remember what a person says of a card; it holds for every version that is built later.

    Args:
        workspace: Where.
        competitor: Whose card.
        owner: Who answers for the card from now on.
        approve: Who freezes the last version that was built.
        note: A section and a text that stands there from now on.
        pin: A finding to be quoted first.
        bar: A finding not to be quoted.
        drop: Number of something said before that holds no longer.
        by: Who says so; by default as for corrections.

    Raises:
        UsageError: There is no such section, finding, version or number, or a text or name is empty or too
            long.
    """
    who = who_says(workspace, by) or "somebody"
    name = competitor.name
    with Store(workspace.database) as store:
        said: list[tuple[str, str, dict[str, Any]]] = []
        if owner is not None:
            said.append(("owner", who, {"text": _text(owner, "--owner")}))
        if note is not None:
            section, text = note
            said.append(("note", who, {"section": _section(section), "text": _text(text, "--note")}))
        for what, ref in (("pin", pin), ("bar", bar)):
            if ref is not None:
                said.append((what, who, {"finding_id": store.find_finding(ref)}))
        if drop is not None:
            said.append(
                ("drop", who, {"about": _known(drop, holding(store.report_edits(KIND, name)), name)})
            )
        if approve is not None:
            versions = store.card_versions(name)
            if not versions:
                raise UsageError(
                    f"there is no card of {name} to approve",
                    hint="Build and read it first: leave --approve out.",
                )
            said.append(("approve", _text(approve, "--approve"), {"about": versions[-1].report_id}))
        for what, person, more in said:
            store.edit_report(KIND, name, what, by=person, **more)


def competitor_of_edit(workspace: Workspace, names: Sequence[str]) -> Competitor:
    """Return the one competitor whose card is changed.

    Raises:
        UsageError: There are several, or the playbook has none of that name.
    """
    from callmine.operations.battlecards import competitor_of

    if len(names) != 1:
        raise UsageError("one card is changed at a time", hint="Name one competitor.")
    return competitor_of(names[0], load_playbook(workspace.playbook))


def _section(section: str) -> str:
    if section not in SECTIONS:
        raise UsageError(
            f"a card has no section {section!r}{did_you_mean(section, SECTIONS)}",
            hint=f"Sections: {', '.join(SECTIONS)}.",
        )
    return section


def _text(text: str, option: str) -> str:
    shown = " ".join(text.split())
    if not shown:
        raise UsageError(f"{option} is empty", hint="Write what it is to say.")
    if len(shown) > LONGEST_NOTE:
        raise UsageError(f"{option} has {len(shown):,} characters", hint=f"Write {LONGEST_NOTE:,} at most.")
    return shown


def _known(number: int, edits: Sequence[ReportEdit], name: str) -> int:
    if number not in {edit.edit_id for edit in edits}:
        raise UsageError(
            f"nothing with number {number} holds for the card of {name}",
            hint="The numbers stand on the card, under what people changed.",
        )
    return number


def with_standing(
    store: Store, card: Battlecard, edits: Sequence[ReportEdit], *, rebuild: bool
) -> Battlecard:
    """Keep a card that was built, and return it with its version; an approved one in its place.

    Args:
        store: Where versions are kept.
        card: As built now.
        edits: What holds for it.
        rebuild: Keep and return what was built, be an earlier version approved or not.
    """
    now = battlecard_json(card)
    versions = {version.report_id: version for version in store.card_versions(card.competitor)}
    approvals = [edit for edit in edits if edit.what == "approve" and edit.about in versions]
    if approvals and not rebuild:
        return _approved(store, versions[approvals[-1].about or 0], approvals[-1], now, edits)
    store.save_report(KIND, card.competitor, json.dumps(now, ensure_ascii=False), as_of=None)
    kept = store.card_versions(card.competitor)
    if not kept or store.card_value(kept[-1]) != now:  # nobody may write here
        return replace(card, standing=Standing(None, None, owner_of(edits)))
    last, *earlier = reversed(kept)
    before = earlier[0] if earlier else None
    found = before and changed(store.card_value(before), now, version=before.number, made_at=before.made_at)
    return replace(
        card, standing=Standing(last.number, last.made_at, owner_of(edits), changed=found or None)
    )


def _approved(
    store: Store,
    version: CardVersion,
    approval: ReportEdit,
    now: dict[str, Any],
    edits: Sequence[ReportEdit],
) -> Battlecard:
    """Return a version as it was approved, without quotes that do not hold any more."""
    old = store.card_value(version)
    back = _Restored(store, old)
    card: Battlecard = TypeAdapter(Battlecard).validate_python(
        {key: value for key, value in back.part(old).items() if key != "format"}
    )
    standing = Standing(
        version=version.number,
        made_at=version.made_at,
        owner=owner_of(edits),
        approved_by=approval.made_by,
        approved_at=approval.made_at,
        changed=changed(old, now, version=version.number, made_at=version.made_at),
        left_out=back.left_out,
    )
    return replace(card, standing=standing)


class _Restored:
    """Puts the turns of quotes, which are not kept, back from the store.

    Quotes whose words are not in the calls any more, or that somebody struck out since, are left out.
    """

    def __init__(self, store: Store, card: Mapping[str, Any]) -> None:
        self._store = store
        quoted = store.evidence(ids=frozenset(quoted_ids(card)))
        self._struck_out = {row.finding_id for row in quoted if row.is_struck_out}
        self._turns: dict[str, dict[int, str]] = {}
        self.left_out = 0

    def part(self, value: Any) -> Any:
        """Return a part of a kept card with its quotes whole; ``None`` for what has lost its quote."""
        if isinstance(value, list):
            return [made for one in value if (made := self.part(one)) is not None]
        if not isinstance(value, dict):
            return value
        if "marked" in value and "finding_id" in value:
            return self._quote(value)
        made = {key: self.part(one) for key, one in value.items()}
        lost = any(value.get(key) and made.get(key) is None for key in ("quote", "last"))
        emptied = "quotes" in made and value["quotes"] and not made["quotes"] and "mentions" in made
        return None if lost or emptied else made

    def _quote(self, quote: dict[str, Any]) -> dict[str, Any] | None:
        call = quote["call_id"]
        if call not in self._turns:
            self._turns[call] = {u.index: u.text for u in self._store.utterances(call)}
        text = self._turns[call].get(quote["utterance_index"], "")
        first = quote["start"] - len(quote["before"])
        shown = quote["before"] + quote["marked"] + quote["after"]
        if (
            quote["finding_id"] in self._struck_out
            or text[quote["start"] : quote["end"]] != quote["text"]
            or text[first : first + len(shown)] != shown
        ):
            self.left_out += 1
            return None
        return {**quote, "utterance": text}
