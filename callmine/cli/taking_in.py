"""``init`` and ``add``: make a workspace and take things in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callmine.cli.common import JsonOption, WorkspaceOption, echo, print_json, say
from callmine.reports.text import plural

if TYPE_CHECKING:
    from callmine.operations.intake import Intake
    from callmine.operations.troubles import Trouble


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(init)
    app.command()(add)


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make a workspace.", metavar="DIR")],
    sample: Annotated[bool, typer.Option("--sample", help="With the sample calls and deals.")] = False,
) -> None:
    """Make a workspace: callmine.toml, playbook.toml, inbox/ and reports/.

    Example: callmine init acme-calls
    """
    from callmine.operations.workspaces import init_workspace
    from callmine.workspace import SETTINGS_FILE

    workspace, taken = init_workspace(folder, sample=sample)
    say(f"made {workspace.root}")
    outer = next((p for p in workspace.root.parents if (p / SETTINGS_FILE).is_file()), None)
    if outer is not None:
        say(
            f"warning: it lies inside the workspace {outer}; the two share nothing, and a command uses the"
            " nearest one above the folder it is called in. Remove the new one if that was not meant.",
            err=True,
        )
    if taken is not None:
        echo(f"took in {taken.new} sample calls and their deals")
    say(f"next: cd {folder} && callmine run" if taken else "next: edit playbook.toml, then callmine add")


def add(
    paths: Annotated[list[Path] | None, typer.Argument(help="Recordings, transcripts or folders.")] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="CSV or JSON with the facts of each call, by path.")
    ] = None,
    format: Annotated[
        str | None, typer.Option(help="Format of the transcripts, where it cannot be seen.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in recordings, transcripts, or transcripts you corrected; the next run reads them.

    Exits with 6 if rows or files were left out because of a fault, with 2 if all were.

    Example: callmine add recordings/ --manifest calls.csv
    """
    from callmine.errors import UsageError
    from callmine.operations.intake import add_paths
    from callmine.workspace import find_workspace

    if not paths and manifest is None:
        raise UsageError("name files, folders or a --manifest", hint="Example: callmine add recordings/")
    taken = add_paths(find_workspace(workspace), paths or [], manifest=manifest, format=format)
    if as_json:
        print_json(taken)
        _end(taken)
        return
    if taken.new or taken.known or not taken.corrections:
        echo(f"{taken.new} new or changed, {taken.known} known already")
    for one in taken.corrections:
        what = f"{plural(one.turns, 'turn')} of {one.source} corrected" if one.turns else "nothing changed"
        say(f"{one.file}: {what}")
    say_problems(taken.problems)
    if taken.left_out:
        echo(f"{taken.left_out} left out; mend what is named above and add again", err=True)
    if taken.new or any(one.turns for one in taken.corrections):
        echo("next: callmine run")
    _end(taken)


def _end(taken: Intake) -> None:
    if taken.exit_code:
        raise typer.Exit(taken.exit_code)


def say_problems(problems: tuple[Trouble, ...], *, limit: int = 20) -> None:
    """Print what was wrong with single rows or files, on stderr."""
    for problem in problems[:limit]:
        say(f"{problem.where}: {problem.what}. {problem.hint}".rstrip(), err=True)
    if len(problems) > limit:
        echo(f"… and {len(problems) - limit} more (all of them with --json)", err=True)
