"""``battlecard``: what calls tell of a competitor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from callmine.cli.common import (
    ByOption,
    FormatOption,
    JsonOption,
    OutputOption,
    PageFormat,
    PinOption,
    RedactOption,
    WorkspaceOption,
    print_file,
    print_json,
    say,
    wanted_format,
    warn,
)
from callmine.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(battlecard)


def battlecard(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Competitors of the playbook.")],
    since: Annotated[
        str | None, typer.Option(help="Calls and closes from this day on. Default: twelve months.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Up to this day. Default: the last sales call or close up to today.")
    ] = None,
    format: FormatOption = None,
    output: OutputOption = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="A new draft, where a version is approved.")
    ] = False,
    approve: Annotated[
        str | None,
        typer.Option(metavar="BY", help="Freeze the last version that was built; who approves it."),
    ] = None,
    version: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="With --approve: freeze this version.")
    ] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for the card from now on.")] = None,
    note: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="SECTION TEXT", help="A line that stays in a section, whatever is rebuilt."),
    ] = None,
    pin: PinOption = None,
    bar: Annotated[str | None, typer.Option(metavar="FINDING", help="Never quote it here.")] = None,
    drop: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Take back what a person changed.")
    ] = None,
    by: ByOption = None,
    redact: RedactOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a battlecard per competitor: where you meet it, and what buyers say beside its name.

    Example: callmine battlecard Lantern -o lantern.md
    """
    from callmine.operations.battlecard_files import write_battlecards
    from callmine.operations.battlecards import battlecards
    from callmine.operations.card_edits import competitor_of_edit, edit_card
    from callmine.operations.pages import BATTLECARD, page_or_draft
    from callmine.reports.render.battlecard_pages import JSON
    from callmine.reports.render.battlecard_people_words import version_line
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    edit: Callable[[Any], None] | None = None
    if any(value is not None for value in (approve, version, owner, note, pin, bar, drop)):
        edit = partial(
            edit_card,
            workspace=place,
            competitor=competitor_of_edit(place, names),
            owner=owner,
            approve=approve,
            version=version,
            note=note,
            pin=pin,
            bar=bar,
            drop=drop,
            by=by,
            progress=warn,
        )
    built = partial(
        battlecards,
        place,
        names,
        since=since,
        until=until,
        rebuild=rebuild,
        redact=bool(redact),
        edit=edit,
        progress=warn,
    )
    if as_json:
        found = built()
        shown = [JSON.value(card) for card in found]
        print_json(shown[0] if len(shown) == 1 else shown)
        return
    wanted = wanted_format(format, output, PageFormat)
    if output == Path("-"):
        cards = built()
        if len(cards) > 1 and wanted in (PageFormat.PDF, PageFormat.EML):
            raise UsageError(
                f"{len(cards)} cards cannot be one file", hint="Leave -o out, or name one competitor."
            )
        for card in cards:
            print_file(page_or_draft(BATTLECARD, card, wanted, place))
        return
    for written in write_battlecards(
        place,
        names,
        since=since,
        until=until,
        rebuild=rebuild,
        format=wanted,
        output=output,
        redact=redact,
        edit=edit,
        progress=warn,
    ):
        for path in written.paths:
            say(f"wrote {path}")
        if line := version_line(written.report):
            say(line)
        if not written.report.enough:
            say(f"{written.report.competitor}: not enough evidence for a card", err=True)
