"""Which calls are tied to deals, by what, and what would help the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from callmine.errors import UsageError
from callmine.reports.linking import LinkCoverage, Remedy, link_coverage, remedies
from callmine.store import Store
from callmine.store.links import LinkRow
from callmine.validation import did_you_mean
from callmine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Links:
    """How calls and deals go together.

    Attributes:
        coverage: The counts.
        remedies: What would help calls without a deal, most calls first.
        listed: The calls that were asked for.
    """

    coverage: LinkCoverage
    remedies: tuple[Remedy, ...]
    listed: tuple[LinkRow, ...]


def links_of(workspace: Workspace, *, unlinked: bool = False, rule: str | None = None) -> Links:
    """Return how calls and deals go together.

    Args:
        workspace: Where.
        unlinked: List the calls without a deal.
        rule: List the calls that this rule linked.

    Raises:
        UsageError: No call was linked by that rule, or both lists are asked for.
    """
    if unlinked and rule is not None:
        raise UsageError("--unlinked and --rule are two lists", hint="Ask for one of them.")
    with Store(workspace.database) as store:
        rows = store.links()
        problems = store.problems()
    skipped = Counter(
        p["reason"] or "no reason given"
        for p in problems
        if (p["stage"], p["status"]) == ("ingest", "skipped")
    )
    coverage = link_coverage(rows, skipped)
    known = [count.rule for count in coverage.rules]
    if rule is not None and rule not in known:
        hint = f"Rules in use: {', '.join(known)}." if known else "No call is linked yet: `callmine run`."
        raise UsageError(f"--rule: no call is linked by {rule!r}{did_you_mean(rule, known)}", hint=hint)
    listed: tuple[LinkRow, ...] = ()
    if unlinked:
        listed = tuple(row for row in rows if row.reason is not None)
    elif rule is not None:
        listed = tuple(row for row in rows if row.rule == rule and row.deal_id is not None)
    return Links(coverage, remedies(rows), listed)
