"""Build the report on approved messages from the store."""

from __future__ import annotations

from collections.abc import Callable

from callmine.domain import Kind
from callmine.errors import UsageError
from callmine.operations.counting import counted_from
from callmine.operations.redacting import redact_report
from callmine.operations.reporting import default_week, instant_text
from callmine.playbook import load_playbook
from callmine.reports.message_values import MessageReport
from callmine.reports.messages import build_messages
from callmine.reports.weeks import bounds, shift
from callmine.store import Store
from callmine.store.rows import EvidenceFilter
from callmine.workspace import Workspace


def message_report(
    workspace: Workspace,
    *,
    weeks: int,
    redact: bool = False,
    progress: Callable[[str], None] = lambda text: None,
) -> MessageReport:
    """Build the report on the playbook's messages.

    Args:
        workspace: Where; its settings say which findings and roles are sure enough.
        weeks: How many weeks, up to the last complete one with a call; 1 or more.
        redact: Whether personal data is taken out, as far as it is found.
        progress: Is told that this guarantees nothing.

    Raises:
        UsageError: The playbook has no messages, or no call has a date.
        ModelError: The model's card, which says from which score on findings count, is missing or damaged.
    """
    playbook = load_playbook(workspace.playbook)
    if not playbook.messages:
        raise UsageError(
            f"{workspace.playbook}: there are no [[messages]] to look for",
            hint="Add each approved message with an id and its text, then callmine run.",
        )
    zone, settings = workspace.settings.timezone, counted_from(workspace)
    with Store(workspace.database, create=False) as store:
        week = default_week(store, zone)
        since = instant_text(bounds(shift(week, 1 - weeks), timezone=zone)[0])
        until = instant_text(bounds(week, timezone=zone)[1])
        report = build_messages(
            store.calls(),
            store.evidence(EvidenceFilter(kind=Kind.POSITIONING, since=since, until=until)),
            store.reps(since=since, until=until, min_confidence=settings.min_role_confidence),
            playbook.messages,
            week=week,
            weeks=weeks,
            timezone=zone,
            settings=settings,
            groups=workspace.settings.messages.groups,
            per_rep=workspace.settings.messages.per_rep,
        )
    return redact_report(report, workspace, progress=progress) if redact else report
