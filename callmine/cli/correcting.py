"""``correct``: what people know better; it is kept when findings are made again."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from callmine.cli.common import (
    ByOption,
    WorkspaceOption,
    echo,
    print_json,
    printable,
    replaced_by,
    say,
    warn,
)
from callmine.errors import UsageError
from callmine.reports.text import plural
from callmine.spans import clock
from callmine.workspace import Workspace

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
        str | None,
        typer.Option(
            help="An utterance: with --label an objection in it that nobody found.", metavar="CALL:UTT"
        ),
    ] = None,
    words: Annotated[
        str | None, typer.Option(help="With --missed or --right: the words that say it, letter by letter.")
    ] = None,
    nothing: Annotated[
        bool, typer.Option("--nothing", help="With --missed: you read it, and no objection is in it.")
    ] = False,
    roles: Annotated[str | None, typer.Option(help="Confirm who is who in a call.", metavar="CALL")] = None,
    swap: Annotated[
        bool, typer.Option("--swap", help="With --roles: they are the wrong way round.")
    ] = False,
    link: Annotated[
        tuple[str, str] | None,
        typer.Option(
            help="Tie a call to a deal, or to none; auto takes that back, and the rules decide again.",
            metavar="CALL DEAL|none|auto",
        ),
    ] = None,
    by: ByOption = None,
    queue: Annotated[bool, typer.Option("--queue", help="List what is most worth a look.")] = False,
    list_: Annotated[
        bool, typer.Option("--list", help="List what people corrected, newest first.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="How many findings of --queue (20), or corrections of --list (all)."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --queue or --list: print JSON.")] = False,
) -> None:
    """Correct a finding, a turn, the roles of a call, or its deal; or list what to correct.

    Example: callmine correct 3f2a --wrong
    """
    from callmine.operations import correcting, queueing
    from callmine.workspace import find_workspace

    given = (finding, label, missed, words, roles, link, by, right or None, wrong or None, nothing or None)
    corrects = swap or any(one is not None for one in given)
    if (queue and list_) or ((queue or list_) and corrects):
        raise UsageError(
            "--queue and --list only list, one at a time; correct in a command of its own",
            hint="Example: callmine correct --queue",
        )
    if limit is not None and not (queue or list_):
        raise UsageError("--limit goes with --queue or --list", hint="Example: callmine correct --queue")
    place = find_workspace(workspace)
    if queue:
        _show_queue(place, limit or queueing.QUEUE, as_json=as_json)
        return
    if list_:
        _show_made(place, correcting.made(place), limit, as_json=as_json)
        return
    said = correcting.correct(
        place,
        finding=finding,
        right=right,
        wrong=wrong,
        label=label,
        missed=missed,
        words=words,
        nothing=nothing,
        roles=roles,
        swap=swap,
        link=link,
        by=by,
    )
    say(said)


def _show_queue(place: Workspace, limit: int, *, as_json: bool) -> None:
    """List the calls whose roles are doubted, then doubtful utterances; headings go to stderr."""
    from callmine.operations import queueing
    from callmine.operations.overlooked import Overlooked

    if as_json:
        print_json(queueing.whole_queue(place, limit=limit, progress=warn))
        return
    calls, items = queueing.doubted(place), queueing.queue(place, limit=limit, progress=warn)
    if not calls and not items:
        say("nothing is waiting for a look", err=True)
    if calls:
        say(f"{plural(len(calls), 'call')} whose roles look the wrong way round:", err=True)
    for call in calls:
        ref = call.call_id
        echo(f"{printable(call.source)}  {printable(call.role_doubt or '')}")
        echo(f"    callmine correct --roles {ref} if they are right, with --swap if not")
    quiet = sum(isinstance(item, Overlooked) for item in items)
    if len(items) > quiet:
        what = plural(len(items) - quiet, "objection")
        say(f"{what} nearest the score from which on they count:", err=True)
    if quiet:
        say(
            f"{plural(quiet, 'utterance')} just below the score from which on an objection is found, as"
            " CALL:UTT with the label it may have and a question mark;"
            " answer with --missed CALL:UTT and --label L or --nothing:",
            err=True,
        )
    for item in items:
        if isinstance(item, Overlooked):
            name, label = f"{item.call_id}:{item.utterance_index}", f"{item.label}?"
        else:
            name, label = item.finding_id, item.label
        echo(
            f"{name}  {label}  {item.score:.2f}  {_ROLES[item.role]}"
            f"  {printable(item.source)} @ {clock(item.play_ms)}  “{printable(item.text)}”"
        )


def _show_made(place: Workspace, made: list[dict[str, Any]], limit: int | None, *, as_json: bool) -> None:
    """List what people corrected: when, who, what, of which finding or call, the words."""
    from callmine.operations.days import local_time

    rows = made[:limit]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        found = f"{row['finding_id']} ({row['kind']}:{row['finding_label']})" if row["kind"] else None
        at = f" @ {clock(row['play_ms'])}" if row["play_ms"] is not None else ""
        parts = (
            local_time(row["made_at"], place.settings.timezone),
            row["made_by"] or "name not known",
            _what(row),
            found or row["finding_id"],
            f"{row['source']}{at}",
            f"“{row['text']}”" if row["text"] else None,
        )
        echo("  ".join(printable(part) for part in parts if part))
    shown = f"{len(rows):,} of " if len(rows) < len(made) else ""
    echo(shown + plural(len(made), "correction"), err=True)


def _what(row: dict[str, Any]) -> str:
    """Return what a person said, in words."""
    from callmine.store.corrections import BY_RULES

    label, verdict = row["label"], str(row["verdict"])
    if verdict == "replaced":
        return replaced_by(row["replaced_by"])
    if row["replaces"]:
        return f"{label or verdict}, in other words than {row['replaces']}"
    return {
        "label": f"is {label}",
        "missed": f"missed {label}",
        "nothing": "no objection",
        "roles": "roles swapped" if label == "swap" else "roles confirmed",
        "link": "link left to the rules" if label == BY_RULES else f"belongs to {label or 'no deal'}",
    }.get(verdict, verdict)
