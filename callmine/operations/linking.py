"""Which calls are tied to deals, by what, what would help the others, and which of them wait for a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callmine.domain import Deal
from callmine.errors import SettingsError, UsageError
from callmine.playbook import Playbook, load_playbook
from callmine.reports.linking import LinkCoverage, Remedy, link_coverage, remedies
from callmine.reports.text import plural, verb
from callmine.store import Store
from callmine.store.links import LinkRow
from callmine.validation import did_you_mean
from callmine.workspace import Workspace

if TYPE_CHECKING:
    from callmine.stages.link import LinkStage


@dataclass(frozen=True, slots=True)
class Links:
    """How calls and deals go together.

    Attributes:
        coverage: The counts.
        remedies: What would help calls without a deal, most calls first.
        listed: The calls that were asked for.
        waiting: That calls wait for a run, as :func:`waiting_for_links` says it; empty where none does.
    """

    coverage: LinkCoverage
    remedies: tuple[Remedy, ...]
    listed: tuple[LinkRow, ...]
    waiting: str = ""


def link_stage(
    workspace: Workspace, store: Store, playbook: Playbook, *, deals: Sequence[Deal] | None = None
) -> LinkStage:
    """Return the stage that ties calls to the deals of today: ``deals``, where all of them were read."""
    from callmine.stages.link import LinkStage

    company, least = playbook.company, workspace.settings.link.min_confidence
    known = store.deals() if deals is None else deals
    return LinkStage(known, company.domains, least, own_names=playbook.own_names)


def waiting_for_links(
    workspace: Workspace,
    store: Store,
    playbook: Playbook | None = None,
    *,
    deals: Sequence[Deal] | None = None,
) -> str:
    """Say how many calls no run has looked at since they, the deals or the rules changed; else nothing.

    Args:
        workspace: Where.
        store: Its store.
        playbook: Its playbook, if it was loaded; one that is not valid lets nothing be said.
        deals: All its deals, if they were read.
    """
    if playbook is None:
        with suppress(SettingsError):
            playbook = load_playbook(workspace.playbook)
    calls = 0
    if playbook is not None:
        stage = link_stage(workspace, store, playbook, deals=deals)
        calls = sum(1 for _ in store.pending(stage, payloads=False))
    files = store.unread_files()
    parts = [
        f"{plural(calls, 'call')} {verb(calls, 'waits', 'wait')} to be linked" if calls else "",
        f"{plural(files, 'file')} {verb(files, 'waits', 'wait')} to be read" if files else "",
    ]
    said = " and ".join(filter(None, parts))
    return f"{said}: callmine run" if said else ""


def tell_waiting(
    workspace: Workspace,
    store: Store,
    playbook: Playbook,
    progress: Callable[[str], None],
    *,
    deals: Sequence[Deal] | None = None,
) -> None:
    """Tell readers of a report what :func:`waiting_for_links` says, as what waits is not in it."""
    if said := waiting_for_links(workspace, store, playbook, deals=deals):
        progress(said)


def tell_failed(store: Store, progress: Callable[[str], None]) -> None:
    """Tell readers of a report on deals how many calls failed: what they hold is not in it."""
    if failed := len({problem["key"] for problem in store.problems() if problem["status"] == "failed"}):
        progress(f"{plural(failed, 'call')} failed, and what they hold is left out: callmine status")


def coverage_of(store: Store) -> LinkCoverage:
    """Return what is linked and what is not."""
    skipped = Counter(
        p["reason"] or "no reason given"
        for p in store.problems()
        if (p["stage"], p["status"]) == ("ingest", "skipped")
    )
    return link_coverage(store.links(), skipped, store.gone_deals())


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
        rows, gone = store.links(), store.gone_deals()
        coverage = coverage_of(store)
        waiting = waiting_for_links(workspace, store)
    known = [count.rule for count in coverage.rules]
    if rule is not None and rule not in known:
        hint = f"Rules in use: {', '.join(known)}." if known else "No call is linked yet: `callmine run`."
        raise UsageError(f"--rule: no call is linked by {rule!r}{did_you_mean(rule, known)}", hint=hint)
    listed: tuple[LinkRow, ...] = ()
    if unlinked:
        listed = tuple(row for row in rows if row.reason is not None)
    elif rule is not None:
        listed = tuple(row for row in rows if row.rule == rule and row.deal_id is not None)
    return Links(coverage, remedies(rows, gone), listed, waiting)
