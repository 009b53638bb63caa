"""``models list|get``: model weights, checked by hash."""

from __future__ import annotations

from typing import Annotated

import typer

from callmine.cli.common import JsonOption, WorkspaceOption, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="Model weights, checked by hash.", rich_markup_mode=None)


@app.command("list")
def list_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the known models, and which are here and intact.

    Example: callmine models list
    """
    from callmine.operations.checking import list_models

    models = list_models(workspace)
    if as_json:
        print_json(models)
        return
    print_table(
        ("name", "kind", "MB", "licence", "here", "from"),
        [
            (
                m.name,
                m.kind,
                round(m.size / 1e6) if m.size else "–",
                m.licence,
                {None: "no", True: "yes", False: "damaged"}[m.verified],
                ", ".join(m.sources),
            )
            for m in models
        ],
    )


@app.command()
def get(
    name: Annotated[str, typer.Argument(help="Model name, such as base or tiny.en.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Fetch a model and check it.

    Example: callmine models get tiny.en
    """
    from callmine.operations.checking import get_model

    path = get_model(name, workspace, progress=lambda text: say(text, err=True))
    say(f"{name} is at {path}")
