"""``playbook check``: validate what callmine listens for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callmine.cli.common import JsonOption, WorkspaceOption, print_json, say

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
    from callmine.config import find_workspace
    from callmine.playbook import load_playbook

    path = file or find_workspace(workspace).playbook
    playbook = load_playbook(path)
    if as_json:
        print_json({"playbook": playbook.digest, **playbook.model_dump(mode="json")})
        return
    say(
        f"{path} is fine: {len(playbook.competitors)} competitors, {len(playbook.titles())} objection"
        f" labels, {len(playbook.messages)} messages, {len(playbook.trackers)} trackers"
        f" (version {playbook.digest})"
    )
