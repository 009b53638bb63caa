"""``send``: deliver reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from callmine.cli.common import JsonOption, WorkspaceOption, print_json, say, warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callmine.operations.handing_over import Sent


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(send)


def send(
    report: Annotated[str, typer.Argument(help="digest, battlecard, review, outcomes, messages or brief.")],
    about: Annotated[
        str,
        typer.Argument(
            help="What it is about: a week, a competitor, a deal; default: as the report has it."
        ),
    ] = "",
    to: Annotated[
        list[str] | None,
        typer.Option(
            help="Name in [delivery], or e-mail address; several times for several. Default: all who are"
            " to get it."
        ),
    ] = None,
    week: Annotated[str, typer.Option(help="ISO week of a digest, such as 2026-W40.")] = "",
    lost: Annotated[bool, typer.Option("--lost", help="Review: the deals lost in a period.")] = False,
    won: Annotated[bool, typer.Option("--won", help="Review: the deals won in a period.")] = False,
    since: Annotated[
        str | None,
        typer.Option(help="First day: of close, for reviews and outcomes; of a brief or messages."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day, for reviews, outcomes and the brief.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also to who has it, or may have it, already.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go to whom.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a report by e-mail or to Slack, to each recipient once.

    Example: callmine send digest --to marketing@example.com --dry-run
    """
    from callmine.errors import UsageError
    from callmine.operations.abouts import about_of
    from callmine.operations.handing_over import exit_code
    from callmine.operations.sending import send_report
    from callmine.workspace import find_workspace

    if lost and won:
        raise UsageError("--lost and --won are two reviews", hint="Each shows the other side beside it.")
    side = "lost" if lost else "won" if won else ""
    sent = send_report(
        find_workspace(workspace),
        report,
        to=to or (),
        subject=about_of(report, about, week=week, side=side, since=since, until=until),
        again=again,
        dry_run=dry_run,
        progress=warn,
    )
    if as_json:
        print_json(sent)
    else:
        say_sent(sent, dry_run=dry_run)
    if code := exit_code(sent):
        raise typer.Exit(code)


_WORDS = {
    "sent": "sent",
    "waiting": "would send",
    "before": "not sent again",
    "unknown": "NOT KNOWN whether it arrived:",
    "failed": "NOT SENT:",
    "nothing": "nothing to send:",
}


def say_sent(sent: Sequence[Sent], *, dry_run: bool = False) -> None:
    """Say what became of each, or would; what went wrong on stderr."""
    words = {**_WORDS, "failed": "would NOT send:"} if dry_run else _WORDS
    for one in sent:
        who = one.to if one.to.casefold() == one.address.casefold() else f"{one.to} <{one.address}>"
        what = " ".join(filter(None, (one.report, one.subject, f"({one.segment})" if one.segment else "")))
        more = [f"by {one.channel}"] if one.channel == "slack" else []
        if one.state in ("sent", "waiting"):
            more += ["redacted" if one.redacted else "NOT redacted"]
        more += [f"{one.size / 1000:.0f} kB"] if one.size else []
        line = f"{words[one.state]} {what} to {who}"
        line += f", {', '.join(more)}" if more else ""
        wrong = one.state in ("failed", "unknown")
        say(f"{line}: {one.note}" if one.note else line, err=wrong)
        if wrong and one.hint:
            say(f"  {one.hint}", err=True)
