"""Versions of battlecards: kept, and given back as they were approved."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from callmine.reports.battlecard_people import (
    Change,
    Standing,
    changed,
    changes_of,
    chosen,
    owner_of,
    quoted_ids,
)
from callmine.reports.battlecard_values import Battlecard
from callmine.reports.render.battlecard_pages import JSON
from callmine.store import Store
from callmine.store.cards import KIND, CardVersion, ReportEdit


def with_standing(
    store: Store, card: Battlecard, edits: Sequence[ReportEdit], *, rebuild: bool
) -> Battlecard:
    """Keep a card that was built, and return it with its version; an approved one in its place.

    Args:
        store: Where versions are kept.
        card: As built now.
        edits: What holds for it.
        rebuild: Keep and return what was built, be an earlier version approved or not. What is the same as
            the last version makes none, and is as approved as that one.
    """
    now = JSON.value(card)
    versions = {version.report_id: version for version in store.card_versions(card.competitor)}
    approvals = [edit for edit in edits if edit.what == "approve" and edit.about in versions]
    if approvals and not rebuild:
        return _approved(store, versions[approvals[-1].about or 0], approvals[-1], now, edits)
    store.save_report(KIND, card.competitor, json.dumps(now, ensure_ascii=False), as_of=None)
    kept = store.card_versions(card.competitor)
    if not kept or store.card_value(kept[-1]) != now:  # nobody may write here
        return replace(card, standing=Standing(None, None, owner_of(edits)))
    last, *earlier = reversed(kept)
    approval = next((edit for edit in reversed(approvals) if edit.about == last.report_id), None)
    if approval is not None:
        return _approved(store, last, approval, now, edits)
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
    changes = changes_of(edits)
    barred = frozenset(chosen(changes, "bar"))
    back = _Restored(store, old, barred)
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
        is_current=old == now,
    )
    return replace(card, standing=standing, changes=_with_bars(card.changes, changes, barred))


def _with_bars(
    then: Sequence[Change], now: Sequence[Change], barred: Collection[str]
) -> tuple[Change, ...]:
    """Return what people changed on a frozen card: what they did before, and what they barred since.

    So that it can be read who took a quote off, and taken back.
    """
    known = {one.edit_id for one in then}
    kept = [one for one in then if one.what != "pin" or one.finding_id not in barred]
    return (*kept, *(one for one in now if one.what == "bar" and one.edit_id not in known))


class _Restored:
    """Puts the turns of quotes, which are not kept, back from the store.

    Quotes whose words are not in the calls any more, or that somebody struck out or barred since, are left
    out.
    """

    def __init__(self, store: Store, card: Mapping[str, Any], barred: Collection[str]) -> None:
        self._store = store
        quoted = store.evidence(ids=frozenset(quoted_ids(card)))
        self._left_out = {row.finding_id for row in quoted if row.is_struck_out}.union(barred)
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
            quote["finding_id"] in self._left_out
            or text[quote["start"] : quote["end"]] != quote["text"]
            or text[first : first + len(shown)] != shown
        ):
            self.left_out += 1
            return None
        return {**quote, "utterance": text}
