"""Quotes that people pin to a report, or bar from it: what can be, before anything is kept."""

from __future__ import annotations

from collections.abc import Callable

from callmine.errors import UsageError
from callmine.store import Store
from callmine.store.cards import NewEdit
from callmine.store.rows import EvidenceRow


def picks(
    store: Store,
    *,
    pin: str | None,
    bar: str | None,
    by: str,
    refused: Callable[[EvidenceRow], str],
    not_barred: Callable[[EvidenceRow], str] = lambda row: "",
) -> list[NewEdit]:
    """Return what is to be kept of a pin and a bar.

    Args:
        store: Where the findings are.
        pin: A finding, or its quote's anchor, to be quoted first.
        bar: One not to be quoted.
        by: Who says so.
        refused: Why the report cannot show a finding; empty where it can.
        not_barred: Why there is nothing to bar; empty where there may be.

    Raises:
        UsageError: There is no such finding, the report cannot show what is pinned or barred, or one is to
            be both.
    """
    said = [
        NewEdit(what, by, finding_id=store.find_finding(_id(ref)))
        for what, ref in (("pin", pin), ("bar", bar))
        if ref is not None
    ]
    if len({edit.finding_id for edit in said}) < len(said):
        raise UsageError(
            f"finding {said[0].finding_id} is to be both pinned and barred",
            hint="Say one of them; what is said last holds.",
        )
    for edit in said:
        if edit.what == "pin" and edit.finding_id:
            _showable(store, edit.finding_id, refused)
        elif edit.finding_id:
            _barrable(store, edit.finding_id, not_barred)
    return said


def _id(ref: str) -> str:
    """Return the finding of a quote's anchor, such as ``q-17037ba8-said``; what is none stays."""
    shown = ref.strip()
    return shown.removeprefix("q-").partition("-")[0] if shown.startswith("q-") else shown


def _showable(store: Store, finding_id: str, refused: Callable[[EvidenceRow], str]) -> None:
    (row,) = store.evidence(ids=[finding_id])
    if row.is_struck_out:
        reason = "it is marked wrong, replaced or rejected"
        hint = f"See what was said of it with `callmine findings {finding_id}`."
    else:
        reason = refused(row)
        hint = "Pin one whose id stands below a quote, or in the list of `callmine findings`."
    if reason:
        raise UsageError(f"finding {finding_id} cannot be pinned: {reason}", hint=hint)


def _barrable(store: Store, finding_id: str, refused: Callable[[EvidenceRow], str]) -> None:
    (row,) = store.evidence(ids=[finding_id])
    if reason := refused(row):
        raise UsageError(
            f"finding {finding_id} cannot be barred: {reason}",
            hint="Bar one whose id stands below a quote there.",
        )
