"""``outcomes``, ``compare``: what goes with winning and losing."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from callmine.cli.common import WorkspaceOption, print_file, say
from callmine.files import file_format


class OutcomesFormat(StrEnum):
    """Formats of the report on won and lost deals."""

    HTML = "html"
    MD = "md"
    JSON = "json"


SinceOption = Annotated[
    str | None, typer.Option(help="Deals closed on this day or later. Default: twelve months before --until.")
]
UntilOption = Annotated[
    str | None, typer.Option(help="Deals closed on this day or earlier. Default: the last close up to today.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(outcomes)


def outcomes(
    since: SinceOption = None,
    until: UntilOption = None,
    format: Annotated[
        OutcomesFormat | None, typer.Option(help="Output. Default: the file's ending; without a file, html.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File; - for stdout.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write what goes with winning and losing, and what nobody can say yet.

    Example: callmine outcomes --since 2026-07-01 --until 2026-09-30
    """
    from callmine.operations.outcomes import RENDERERS, outcome_report, write_outcomes
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    wanted = format or _format_of(output)
    if output == Path("-"):
        print_file(RENDERERS[wanted.value]()(outcome_report(place, since=since, until=until)))
        return
    written = write_outcomes(place, since=since, until=until, format=wanted.value, output=output)
    say(f"wrote {written.path}")


def _format_of(output: Path | None) -> OutcomesFormat:
    if output is None or output == Path("-"):
        return OutcomesFormat.HTML
    return OutcomesFormat(file_format(output, [known.value for known in OutcomesFormat]))
