"""Write the report on approved messages to a file, or as the text of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from callmine.files import write_whole
from callmine.operations.drafts import page_or_draft
from callmine.operations.messages import WEEKS, message_report
from callmine.operations.playing import played
from callmine.operations.printing import shown
from callmine.operations.redacting import leaves, redact_report
from callmine.reports.limits import Limits
from callmine.reports.message_values import MessageReport
from callmine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Written:
    """A report that was written: where, and the value it shows."""

    path: Path
    report: MessageReport


def rendered(report: MessageReport, format: str) -> str | bytes:
    """Return a report as a page.

    Args:
        report: What is shown.
        format: ``html``, ``md``, ``json`` or ``pdf``.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
        MissingDependency: What a PDF needs is not there.
    """
    # Imported late, with the templates beside it.
    from callmine.reports.render import message_pages

    renderers: dict[str, Callable[[MessageReport], str]] = {
        "html": message_pages.render_html,
        "md": message_pages.render_markdown,
        "json": message_pages.render_json,
    }
    return shown(format, lambda name: renderers[name](report))


def write_messages(
    workspace: Workspace,
    *,
    weeks: int = WEEKS,
    since: str | None = None,
    segment: str | None = None,
    format: str = "html",
    output: Path | None = None,
    redact: bool | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Written:
    """Build the report and write it; by default to ``reports/messages-WEEK-to-WEEK.FORMAT``.

    What it is limited to stands in that name.

    Unless ``redact`` says so or not, personal data is taken out of a file outside the workspace.

    Raises:
        UsageError: See :func:`callmine.operations.messages.message_report`; or the file cannot be written.
        ModelError: See :func:`callmine.operations.messages.message_report`.
    """
    report = message_report(workspace, weeks=weeks, since=since, segment=segment, progress=progress)
    redact = leaves(workspace, output) if redact is None else redact
    return write_report(workspace, report, format=format, output=output, redact=redact, progress=progress)


def write_report(
    workspace: Workspace,
    report: MessageReport,
    *,
    format: str = "html",
    output: Path | None = None,
    redact: bool = False,
    progress: Callable[[str], None] = lambda text: None,
) -> Written:
    """Write a report that was built; see :func:`write_messages`.

    Raises:
        UsageError: The file cannot be written.
        ModelError: The language model for redaction cannot be had.
    """
    if format == "html":
        from callmine.reports.render.message_pages import quotes_in_turn

        (report,) = played(workspace, [report], quotes_in_turn)
    if redact:
        report = redact_report(report, workspace, progress=progress)
    path = output or workspace.reports / f"{_name(report)}.{format}"
    write_whole(path, page_or_draft("messages", report, format, workspace, rendered), folders=True)
    return Written(path, report)


def messages_page(report: MessageReport) -> str:
    """Return the name of a report's page; empty for one of a segment, which has none of its own."""
    return "" if report.segment else f"{_name(report)}.html"


def _name(report: MessageReport) -> str:
    """Return the name of a report's file: other weeks, or another segment, have another one."""
    return f"messages-{report.weeks[0]}-to-{report.weeks[-1]}{Limits(report.segment).slug}"
