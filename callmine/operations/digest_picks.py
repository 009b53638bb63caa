"""Quotes that people pin to the digest, or bar from it: whoever builds or sends it, in every format."""

from __future__ import annotations

from typing import Any

from callmine.errors import UsageError
from callmine.operations.correcting import who_says
from callmine.reports.battlecard_people import changes_of, holding
from callmine.reports.digest_more_values import Pick
from callmine.store import Store
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
    workspace: Workspace,
    *,
    pin: str | None = None,
    bar: str | None = None,
    drop: int | None = None,
    by: str | None = None,
) -> None:
    """Remember what a person says of the digest's quotes.

    Args:
        workspace: Where.
        pin: A finding, or its quote's anchor, to be quoted first.
        bar: One not to be quoted.
        drop: Number of something said before that holds no longer.
        by: Who says so; by default as for corrections.

    Raises:
        UsageError: There is no such finding or number.
    """
    who = who_says(workspace, by) or "somebody"
    with Store(workspace.database, create=False) as store:
        said: list[tuple[str, dict[str, Any]]] = []
        for what, ref in (("pin", pin), ("bar", bar)):
            if ref is not None:
                said.append((what, {"finding_id": store.find_finding(ref.strip().removeprefix("q-"))}))
        if drop is not None:
            if drop not in {edit.edit_id for edit in holding(store.report_edits(KIND))}:
                raise UsageError(
                    f"nothing with number {drop} holds for the digest",
                    hint="The numbers stand at the end of the digest, under what people chose.",
                )
            said.append(("drop", {"about": drop}))
        for what, more in said:
            store.edit_report(KIND, "", what, by=who, **more)
