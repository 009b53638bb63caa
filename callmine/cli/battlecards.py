"""``battlecard``: what calls tell of a competitor."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from callmine.cli.common import JsonOption, WorkspaceOption, print_file, print_json, say, warn
from callmine.files import file_format


class CardFormat(StrEnum):
    """Formats of a battlecard."""

    HTML = "html"
    MD = "md"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(battlecard)


def battlecard(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Competitors of the playbook.")],
    since: Annotated[
        str | None, typer.Option(help="Calls and closes from this day on. Default: twelve months.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Up to this day. Default: the last sales call up to today.")
    ] = None,
    format: Annotated[
        CardFormat | None, typer.Option(help="Default: the file's ending; without a file, html.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File; - for stdout.")] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a battlecard per competitor: where you meet it, and what buyers say beside its name.

    Example: callmine battlecard Lantern -o lantern.md
    """
    from callmine.operations.battlecards import RENDERERS, battlecards, write_battlecards
    from callmine.reports.render.battlecard_pages import battlecard_json
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    if as_json:
        found = battlecards(place, names, since=since, until=until, progress=warn)
        shown = [battlecard_json(card) for card in found]
        print_json(shown[0] if len(shown) == 1 else shown)
        return
    wanted = format or _format_of(output)
    if output == Path("-"):
        render = RENDERERS[wanted.value]()
        for card in battlecards(place, names, since=since, until=until, progress=warn):
            print_file(render(card))
        return
    for written in write_battlecards(
        place, names, since=since, until=until, format=wanted.value, output=output, progress=warn
    ):
        say(f"wrote {written.path}")
        if not written.card.enough:
            say(f"{written.card.competitor}: not enough evidence for a card", err=True)


def _format_of(output: Path | None) -> CardFormat:
    if output is None or output == Path("-"):
        return CardFormat.HTML
    return CardFormat(file_format(output, [known.value for known in CardFormat]))
