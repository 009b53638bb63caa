"""``forget``: erase what is personal. So far: enrolled voices."""

from __future__ import annotations

from typing import Annotated

import typer

from callmine.cli.common import WorkspaceOption, say


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(forget)


def forget(
    voice: Annotated[
        str, typer.Option(help="The voice of this person (name or e-mail), or all.", metavar="NAME|all")
    ],
    undo: Annotated[bool, typer.Option("--undo", help="Let the voice be learned again.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Delete enrolled voices; recordings, words and names stay.

    A person's voice is not learned again, unless --undo allows it. With "all", what was learned so
    far is deleted, and later calls teach again while the setting is on.

    Example: callmine forget --voice "Maya Linden"
    """
    from callmine.operations.enrolling import allow_voice, forget_voice
    from callmine.workspace import find_workspace

    change = allow_voice if undo else forget_voice
    say(change(find_workspace(workspace), voice))
