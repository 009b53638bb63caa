"""The one way by which reports lose personal data before they leave the workspace."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from callmine.errors import MissingDependency
from callmine.workspace import Workspace


def redacted(report: Any, workspace: Workspace) -> Any:
    """Return a report without personal data in its quotes.

    Raises:
        MissingDependency: Redaction is not part of this installation.
    """
    try:
        redaction = import_module("callmine.redaction")
    except ImportError as error:
        raise MissingDependency(
            "personal data cannot be left out of quotes: redaction is not part of this installation",
            hint="Install it, or write redact = false for recipients who may read all that was said.",
        ) from error
    return redaction.redacted(report)


def can_redact() -> bool:
    """Whether redaction is part of this installation."""
    try:
        import_module("callmine.redaction")
    except ImportError:
        return False
    return True
