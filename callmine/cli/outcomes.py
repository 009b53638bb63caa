"""``outcomes``, ``compare``: what goes with winning and losing."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from callmine.cli.common import (
    FormatOption,
    JsonOption,
    OutputOption,
    PageFormat,
    PrintedRedactOption,
    RedactOption,
    SegmentOption,
    WorkspaceOption,
    print_json,
    put_out,
    say,
    wanted_format,
    warn,
)


class SaidBy(StrEnum):
    """Who says the words that are compared."""

    REP = "rep"
    PROSPECT = "prospect"


SinceOption = Annotated[
    str | None, typer.Option(help="Deals closed from this day on. Default: twelve months before --until.")
]
UntilOption = Annotated[
    str | None, typer.Option(help="Deals closed up to this day. Default: the last close up to today.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for command in (outcomes, compare):
        app.command()(command)


def outcomes(
    since: SinceOption = None,
    until: UntilOption = None,
    segment: SegmentOption = None,
    format: FormatOption = None,
    themes: Annotated[
        bool,
        typer.Option(
            "--themes", help="Look for emerging themes too, in what was kept of every call: slower."
        ),
    ] = False,
    output: OutputOption = None,
    redact: RedactOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write what goes with winning and losing, and what nobody can say yet.

    Example: callmine outcomes --since 2026-07-01 --until 2026-09-30
    """
    from callmine.operations.outcomes import outcome_report
    from callmine.operations.pages import OUTCOMES
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    wanted = wanted_format(format, output, PageFormat)
    report = outcome_report(place, since=since, until=until, segment=segment, themes=themes, progress=warn)
    put_out(OUTCOMES, report, place, format=wanted, output=output, redact=redact)


def compare(
    a: Annotated[
        str,
        typer.Argument(
            help="A message's id, an objection, a competitor, or words; message:…, objection:…,"
            " competitor:… or phrase:… says which is meant."
        ),
    ],
    b: Annotated[str, typer.Argument(help="The other one, named in the same ways.")],
    said_by: Annotated[SaidBy, typer.Option(help="Who has to say it, where words are meant.")] = SaidBy.REP,
    since: SinceOption = None,
    until: UntilOption = None,
    redact: PrintedRedactOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether deals with A end better than deals with B, or what it would take to know.

    Example: callmine compare rota-in-an-hour overtime-down
    """
    from callmine.domain import Role
    from callmine.operations.comparing import compare_things
    from callmine.reports.render.compare import JSON, render_text
    from callmine.workspace import find_workspace

    place, said = find_workspace(workspace), Role(said_by.value)
    report = compare_things(place, a, b, role=said, since=since, until=until, redact=redact, progress=warn)
    if as_json:
        print_json(JSON.value(report))
    else:
        say(render_text(report))
