"""``correct``: what people know better; it is kept when findings are made again."""

from __future__ import annotations

from typing import Annotated

import typer

from callmine.cli.common import WorkspaceOption, echo, print_json, printable, say
from callmine.spans import clock

_ROLES = {
    "prospect": "prospect",
    "rep": "rep (not counted)",
    "unknown": "speaker not known (not counted)",
}


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(correct)


def correct(
    finding: Annotated[str | None, typer.Argument(help="Finding id, or its beginning.")] = None,
    right: Annotated[bool, typer.Option("--right", help="It is what callmine says.")] = False,
    wrong: Annotated[bool, typer.Option("--wrong", help="It is not; it is not counted any more.")] = False,
    label: Annotated[str | None, typer.Option(help="It is this objection instead.")] = None,
    missed: Annotated[
        str | None, typer.Option(help="An utterance with an objection nobody found.", metavar="CALL:UTT")
    ] = None,
    roles: Annotated[str | None, typer.Option(help="Confirm who is who in a call.", metavar="CALL")] = None,
    swap: Annotated[
        bool, typer.Option("--swap", help="With --roles: they are the wrong way round.")
    ] = False,
    link: Annotated[
        tuple[str, str] | None, typer.Option(help="Tie a call to a deal, or to none.", metavar="CALL DEAL")
    ] = None,
    queue: Annotated[bool, typer.Option("--queue", help="List what is most worth a look.")] = False,
    workspace: WorkspaceOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --queue: print JSON.")] = False,
) -> None:
    """Correct a finding, the roles of a call, or its deal.

    Example: callmine correct 3f2a --wrong
    """
    from callmine.operations import correcting
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    if queue:
        if as_json:
            print_json(correcting.whole_queue(place))
            return
        calls, findings = correcting.doubted(place), correcting.queue(place)
        if not calls and not findings:
            say("nothing is waiting for a look", err=True)
        for call in calls:
            ref = call.call_id
            echo(f"{printable(call.source)}  {printable(call.role_doubt or '')}")
            echo(f"    callmine correct --roles {ref} if they are right, with --swap if not")
        for row in findings:
            echo(
                f"{row.finding_id}  {row.label}  {row.score:.2f}  {_ROLES[row.role]}"
                f"  {printable(row.source)} @ {clock(row.play_ms)}  “{printable(row.text)}”"
            )
        return
    said = correcting.correct(
        place,
        finding=finding,
        right=right,
        wrong=wrong,
        label=label,
        missed=missed,
        roles=roles,
        swap=swap,
        link=link,
    )
    say(said)
