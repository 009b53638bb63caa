"""``review``: what happened in one deal, or in the deals that closed in a period."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callmine.cli.common import (
    FormatOption,
    JsonOption,
    OutputOption,
    PageFormat,
    RedactOption,
    SegmentOption,
    WorkspaceOption,
    put_out,
    wanted_format,
    warn,
)
from callmine.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(review)


def review(
    deal: Annotated[str | None, typer.Argument(help="The deal's id; `callmine deals` lists them.")] = None,
    lost: Annotated[
        bool, typer.Option("--lost", help="The deals lost in a period, instead of one.")
    ] = False,
    won: Annotated[bool, typer.Option("--won", help="The deals won in a period, instead of one.")] = False,
    since: Annotated[str | None, typer.Option(help="First day of close; needed for a period.")] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day of close. Default: the last close up to today.")
    ] = None,
    segment: SegmentOption = None,
    format: FormatOption = None,
    output: OutputOption = None,
    redact: RedactOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the review of one deal, or of the deals lost or won in a period.

    Example: callmine review --lost --since 2026-07-01
    """
    from callmine.operations.pages import pages_of_review
    from callmine.operations.reviewing import deal_review, period_review
    from callmine.workspace import find_workspace

    _check(deal, lost=lost, won=won, period=(since, until, segment), output=output, as_json=as_json)
    place = find_workspace(workspace)
    wanted = wanted_format(PageFormat.JSON if as_json else format, output, PageFormat)
    made = (
        deal_review(place, deal, progress=warn)
        if deal is not None
        else period_review(
            place,
            side="won" if won else "lost",
            since=since or "",
            until=until,
            segment=segment,
            progress=warn,
        )
    )
    output = Path("-") if as_json else output
    put_out(pages_of_review(made), made, place, format=wanted, output=output, redact=redact)


def _check(
    deal: str | None,
    *,
    lost: bool,
    won: bool,
    period: tuple[str | None, str | None, str | None],
    output: Path | None,
    as_json: bool,
) -> None:
    """Check that the options go together.

    Raises:
        UsageError: They do not.
    """
    hint = "Say which deal, as in `callmine review ID`, or a period: `callmine review --lost --since DAY`."
    if deal is None and not (lost or won):
        raise UsageError("nothing says what to review", hint=hint)
    if deal is not None and (lost or won or any(period)):
        raise UsageError("a deal and a period are two reviews", hint=hint)
    if lost and won:
        raise UsageError("--lost and --won are two reviews", hint="Each shows the other side beside it.")
    if (lost or won) and period[0] is None:
        raise UsageError("--since is missing", hint="Say from which day of close on: --since 2026-07-01.")
    if as_json and output not in (None, Path("-")):
        raise UsageError("--json prints, and -o names a file", hint="Write it with -o FILE.json alone.")
