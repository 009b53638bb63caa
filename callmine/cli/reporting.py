"""``digest``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callmine.cli.common import (
    PageFormat,
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
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File; - for stdout.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Date on which outcomes are taken.")] = None,
    redact: RedactOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the weekly objection digest.

    Example: callmine digest --week 2026-W40 --format md -o -
    """
    from callmine.operations.listing import day_of
    from callmine.operations.reporting import digest_of_week, remark_on, rendered, write_digest
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    day = day_of(as_of, "--as-of") if as_of else None
    wanted = wanted_format(format, output, PageFormat)
    if output == Path("-"):
        found = digest_of_week(place, week=week, as_of=day, redact=bool(redact), progress=warn)
        print_file(rendered(found, wanted, place))
    else:
        written = write_digest(
            place,
            week=week,
            formats=(wanted,),
            output=output,
            as_of=day,
            redact=redact,
            progress=warn,
        )
        found = written.digest
        for path in written.paths:
            say(f"wrote {path}")
    if not week:
        say(remark_on(found.week, place), err=True)
