"""Quotes that people pin to the digest, or bar from it: whoever builds or sends it, in every format."""

from __future__ import annotations

from collections.abc import Callable

from callmine.errors import UsageError
from callmine.operations.correcting import who_says
from callmine.operations.picking import picks
from callmine.operations.receipts import receipts
from callmine.reports.battlecard_people import changes_of, holding
from callmine.reports.digest_more_values import Pick
from callmine.reports.weeks import week_of
from callmine.store import Store
from callmine.store.cards import NewEdit
from callmine.store.rows import EvidenceRow
from callmine.workspace import Workspace

KIND = "digest"
"""What the digest is called among the reports that people change."""


def picks_of(store: Store) -> tuple[Pick, ...]:
    """Return what holds for every digest, of a finding only what was said last; oldest first."""
    return tuple(
        Pick(one.edit_id, one.what, one.finding_id, one.by, one.at)
        for one in changes_of(holding(store.report_edits(KIND)))
        if one.finding_id
    )


def edit_digest(
    store: Store,
    workspace: Workspace,
    *,
    pin: str | None = None,
    bar: str | None = None,
    drop: int | None = None,
    by: str | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> None:
    """Remember what a person says of the digest's quotes, all of it or nothing.

    Args:
        store: Where.
        workspace: Whose settings say who this is.
        pin: A finding, or its quote's anchor, to be quoted first.
        bar: One not to be quoted.
        drop: Number of something said before that holds no longer.
        by: Who says so; by default as for corrections.
        progress: Is told what is kept as which number, and of a quote in which week it is.

    Raises:
        UsageError: There is no such finding or number, or no digest can show what is pinned.
    """
    who = who_says(workspace, by) or "somebody"
    said = picks(store, pin=pin, bar=bar, by=who, refused=_in_no_digest)
    if drop is not None:
        if drop not in {edit.edit_id for edit in holding(store.report_edits(KIND))}:
            raise UsageError(
                f"nothing with number {drop} holds for the digest",
                hint="The numbers stand at the end of the digest, under what people chose.",
            )
        said.append(NewEdit("drop", who, about=drop))
    store.edit_report(KIND, "", said)
    for line in receipts(store, KIND, "", len(said)):
        progress(line)
    for edit in said:
        if edit.what == "pin" and edit.finding_id:
            progress(_where(store, edit.finding_id, workspace.settings.timezone))


def _where(store: Store, finding_id: str, timezone: str) -> str:
    """Say which digest a pinned quote is in: another one shows nothing of it."""
    (row,) = store.evidence(ids=[finding_id])
    week = week_of(row.started_at or "", timezone=timezone)
    return f"it stands in the digest of its own week only: callmine digest --week {week}"


def _in_no_digest(row: EvidenceRow) -> str:
    """Say why no digest shows a finding; empty where one may."""
    if row.started_at is None:
        return "its call has no date, and so no week"
    if row.call_type != "sales":
        return f"its call is no sales call (type: {row.call_type})"
    return ""
