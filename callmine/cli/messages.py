"""``messages``: approved messages said and taken up, and what is said instead."""

from __future__ import annotations

from typing import Annotated

import typer

from callmine.cli.common import (
    JsonOption,
    OutputOption,
    PageFormat,
    RedactOption,
    WorkspaceOption,
    print_json,
    put_out,
    say,
    wanted_format,
    warn,
)


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(messages)


def messages(
    weeks: Annotated[
        int, typer.Option(min=1, max=520, help="So many weeks, up to the last complete one with a call.")
    ] = 8,
    since: Annotated[
        str | None, typer.Option(help="From the week of this day on, instead of so many weeks.")
    ] = None,
    segment: Annotated[
        str | None, typer.Option(help="Only calls of deals of this segment, as the CRM calls it.")
    ] = None,
    format: Annotated[
        PageFormat | None,
        typer.Option(help="Write a page. Default: the file's ending; without a file, text is printed."),
    ] = None,
    output: OutputOption = None,
    redact: RedactOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell how far approved messages are said and taken up, how deals end, and what is said instead.

    Example: callmine messages --weeks 12 -o messages.html
    """
    from callmine.operations.messages import message_report
    from callmine.operations.pages import MESSAGES
    from callmine.reports.render.message_pages import JSON
    from callmine.reports.render.messages import messages_text
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    wants_page = not as_json and (format is not None or output is not None)
    page = wanted_format(format, output, PageFormat) if wants_page else None
    report = message_report(
        place,
        weeks=weeks,
        since=since,
        segment=segment,
        redact=page is None and bool(redact),
        progress=warn,
    )
    if as_json:
        print_json(JSON.value(report))
    elif page is None:
        say(messages_text(report))
    else:
        put_out(MESSAGES, report, place, format=page, output=output, redact=redact)
