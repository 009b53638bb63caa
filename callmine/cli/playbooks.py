"""``playbook check``: validate what callmine listens for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callmine.cli.common import JsonOption, WorkspaceOption, print_json, say
from callmine.reports.text import plural

app = typer.Typer(no_args_is_help=True, help="What callmine listens for.", rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """What callmine listens for."""


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="Playbook; default: the workspace's.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Validate a playbook; every fault is named with its line.

    Example: callmine playbook check
    """
    from callmine.operations.workspaces import PLAYBOOK
    from callmine.playbook import load_playbook, parse_playbook
    from callmine.workspace import find_workspace

    path = file or find_workspace(workspace).playbook
    playbook = load_playbook(path)
    if playbook.company.name == parse_playbook(PLAYBOOK).company.name:
        say(
            f"note: [company] is still the example, {playbook.company.name}; write your own name, products"
            " and domains there, or nobody is known to be one of you",
            err=True,
        )
    if as_json:
        print_json({"playbook": playbook.digest, **playbook.model_dump(mode="json")})
        return
    say(
        f"{path} is fine: {plural(len(playbook.competitors), 'competitor')},"
        f" {plural(len(playbook.titles()), 'objection label')},"
        f" {plural(len(playbook.messages), 'message')}, {plural(len(playbook.trackers), 'tracker')}"
        f" (version {playbook.digest})"
    )
