"""``digest``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from callmine.cli.common import (
    ByOption,
    OutputOption,
    PageFormat,
    PinOption,
    RedactOption,
    WorkspaceOption,
    print_file,
    say,
    wanted_format,
    warn,
)


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(digest)


def digest(
    week: Annotated[
        str, typer.Option(help="ISO week such as 2026-W40; default: the last complete one with a call.")
    ] = "",
    format: Annotated[
        PageFormat | None, typer.Option(help="Output. Default: the file's ending; without a file, html.")
    ] = None,
    output: OutputOption = None,
    as_of: Annotated[str | None, typer.Option(help="Date on which outcomes are taken.")] = None,
    segment: Annotated[str | None, typer.Option(help="Only deals of this segment.")] = None,
    product: Annotated[
        str | None, typer.Option(help="Only calls about this product of the playbook.")
    ] = None,
    persona: Annotated[
        str | None, typer.Option(help="Only what this persona of the playbook said, where it is known.")
    ] = None,
    pin: PinOption = None,
    bar: Annotated[str | None, typer.Option(metavar="FINDING", help="Never quote it.")] = None,
    drop: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Take back what a person chose.")
    ] = None,
    by: ByOption = None,
    redact: RedactOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the weekly objection digest.

    Example: callmine digest --week 2026-W40 --format md -o -
    """
    from callmine.operations.days import day_of
    from callmine.operations.digest_picks import edit_digest
    from callmine.operations.pages import DIGEST, page_or_draft
    from callmine.operations.reporting import digest_of_week, remark_on, write_digest
    from callmine.reports.limits import Limits
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    edit: Callable[[Any], None] | None = None
    if any(value is not None for value in (pin, bar, drop)):
        edit = partial(edit_digest, workspace=place, pin=pin, bar=bar, drop=drop, by=by, progress=warn)
    limits = Limits(segment, product, persona)
    day = day_of(as_of, "--as-of") if as_of else None
    wanted = wanted_format(format, output, PageFormat)
    if output == Path("-"):
        found = digest_of_week(
            place, week=week, as_of=day, limits=limits, redact=bool(redact), edit=edit, progress=warn
        )
        print_file(page_or_draft(DIGEST, found, wanted, place))
    else:
        written = write_digest(
            place,
            week=week,
            formats=(wanted,),
            output=output,
            as_of=day,
            limits=limits,
            redact=redact,
            edit=edit,
            progress=warn,
        )
        found = written.report
        for path in written.paths:
            say(f"wrote {path}")
    if not week:
        say(remark_on(found.week, place), err=True)
