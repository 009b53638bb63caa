"""``brief``: one page of facts for the 1:1 of sales and marketing, and what they agree on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from callmine.cli.common import (
    ByOption,
    FormatOption,
    JsonOption,
    OutputOption,
    PageFormat,
    RedactOption,
    WorkspaceOption,
    put_out,
    say,
    wanted_format,
    warn,
)
from callmine.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(brief)


def brief(
    since: Annotated[
        str | None, typer.Option(help="First day. Default: the last complete month with calls or closes.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Last day. Default with --since: yesterday.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Agreements as this day ended. Default: today; with --until: that day."),
    ] = None,
    agree: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Write down what was agreed on; no page.")
    ] = None,
    watch: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT",
            help="With --agree, what to tell of since: objection:price, or competitor:, message:, stage:.",
        ),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DAY", help="With --agree, the day. Default: today.")
    ] = None,
    done: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Call an agreement done; no page.")
    ] = None,
    drop: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Take an agreement back, words and all; no page.")
    ] = None,
    by: ByOption = None,
    format: FormatOption = None,
    output: OutputOption = None,
    redact: RedactOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write one page for the leaders of sales and marketing, and keep what they agree on.

    Example: callmine brief --agree "Price page before the call" --watch objection:price
    """
    from callmine.operations.agreements import agree as written_down
    from callmine.operations.agreements import end_agreement
    from callmine.operations.brief import brief_report
    from callmine.operations.pages import BRIEF
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    days = {"--since": since, "--until": until, "--as-of": as_of}
    page = {**days, "--format": format, "-o": output, "--redact": redact}
    asked = [option for option, value in page.items() if value is not None] + ["--json"] * as_json
    _check(agree, watch=watch, on=on, done=done, drop=drop, page=asked)
    if agree is not None:
        kept = written_down(place, agree, watch=watch, by=by, day=on)
        say(f"agreement {kept} is kept: callmine brief shows it")
        return
    for number, state in ((done, "done"), (drop, "dropped")):
        if number is not None:
            end_agreement(place, number, state, by=by)
            say(f"agreement {number} is {state}")
            return
    if as_json and output not in (None, Path("-")):
        raise UsageError("--json prints, and -o names a file", hint="Write it with -o FILE.json alone.")
    wanted = wanted_format(PageFormat.JSON if as_json else format, output, PageFormat)
    report = brief_report(place, since=since, until=until, as_of=as_of, progress=warn)
    output = Path("-") if as_json else output
    put_out(BRIEF, report, place, format=wanted, output=output, redact=redact)


def _check(
    agree: str | None,
    *,
    watch: str | None,
    on: str | None,
    done: int | None,
    drop: int | None,
    page: Sequence[str],
) -> None:
    """Check that the options go together.

    Args:
        agree: As of the command; so are the others.
        watch: See there.
        on: See there.
        done: See there.
        drop: See there.
        page: The options given that are about the page.

    Raises:
        UsageError: They do not.
    """
    if sum(value is not None for value in (agree, done, drop)) > 1:
        raise UsageError("--agree, --done and --drop are said one at a time", hint="Leave two of them out.")
    if agree is None and (watch is not None or on is not None):
        raise UsageError("--watch and --on belong to --agree", hint='Write --agree "TEXT" before them.')
    for option, value in (("--agree", agree), ("--done", done), ("--drop", drop)):
        if value is not None and page:
            raise UsageError(
                f"{option} writes no page, so {page[0]} says nothing with it",
                hint="Run callmine brief once more for the page.",
            )
