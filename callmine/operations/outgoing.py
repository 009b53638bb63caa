"""The one way by which reports lose personal data before they are sent."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from callmine.errors import MissingDependency
from callmine.workspace import Workspace

_REDACTION = "callmine.operations.redacting"


def without_personal_data(report: Any, workspace: Workspace, *, progress: Callable[[str], None]) -> Any:
    """Return a report without what is found of personal data in it.

    Raises:
        MissingDependency: Redaction, or a model that it needs, is not part of this installation.
    """
    return _redaction().redact_report(report, workspace, progress=progress)


def cannot_redact() -> str:
    """Say why nothing can be redacted here; empty where it can."""
    try:
        _redaction()
    except MissingDependency as error:
        return error.message
    return ""


def _redaction() -> ModuleType:
    # By name, as it may not be there: a report must not go out as it is because of that.
    try:
        return import_module(_REDACTION)
    except ImportError as error:
        raise MissingDependency(
            "personal data cannot be left out of quotes: redaction is not part of this installation",
            hint="Install it, or write redact = false for recipients who may read all that was said.",
        ) from error
