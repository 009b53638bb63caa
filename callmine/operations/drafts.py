"""A report as a draft of an e-mail, addressed to nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from callmine.operations.sendable import sendable
from callmine.reports.deliver.mime import draft
from callmine.reports.letter_values import Surroundings
from callmine.workspace import Workspace


def page_url(workspace: Workspace, name: str) -> str:
    """Return where a page of ``reports/`` can be opened in a browser; empty where it cannot."""
    base = workspace.settings.delivery.base_url.rstrip("/")
    return f"{base}/{name}" if base and name else ""


def draft_of(kind: str, report: Any, workspace: Workspace) -> str:
    """Return a report as the text of an ``.eml`` file, which any mail program opens.

    Args:
        kind: One of :data:`callmine.operations.sendable.REPORTS`.
        report: Its value.
        workspace: Whose settings hold the sender and the place of the pages.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    how, delivery = sendable(kind), workspace.settings.delivery
    around = Surroundings(
        page=page_url(workspace, how.page(report)),
        unsubscribe=delivery.unsubscribe,
        redacted=report.redacted,
    )
    return draft(
        how.letter(report, around),
        made_at=datetime.now(UTC),
        sender=delivery.sender,
        unsubscribe=delivery.unsubscribe,
    )
