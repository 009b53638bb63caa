"""``findings``: list the evidence, or tell why one piece of it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from callmine.cli.common import (
    STRUCK_OUT,
    JsonOption,
    WorkspaceOption,
    echo,
    mark_of,
    print_json,
    printable,
    say,
)
from callmine.cli.why import tell
from callmine.domain import Kind
from callmine.errors import UsageError
from callmine.reports.text import plural
from callmine.spans import clock

if TYPE_CHECKING:
    from callmine.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(findings)


def findings(
    finding: Annotated[
        str | None, typer.Argument(help="One finding: its id, or the beginning of it.", metavar="ID")
    ] = None,
    kind: Annotated[str | None, typer.Option(help=f"{', '.join(Kind)}.")] = None,
    label: Annotated[
        str | None,
        typer.Option(help="Such as price, a competitor, a message's id or a playbook's answer."),
    ] = None,
    role: Annotated[str | None, typer.Option(help="rep, prospect or unknown.")] = None,
    since: Annotated[str | None, typer.Option(help="Date: calls from then on.")] = None,
    until: Annotated[str | None, typer.Option(help="Date: calls up to and on that day.")] = None,
    deal: Annotated[str | None, typer.Option(help="Deal id.")] = None,
    outcome: Annotated[
        str | None, typer.Option(help="won, open, lost (however it was lost), lost_competitor, …")
    ] = None,
    call: Annotated[str | None, typer.Option(help="Call id, file name or external id.")] = None,
    min_score: Annotated[float, typer.Option(min=0, max=1, help="Lowest score.")] = 0.0,
    with_wrong: Annotated[
        bool,
        typer.Option(
            "--all", help="Those marked wrong, replaced or rejected as well; JSON always has them."
        ),
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many; default: all.")] = None,
    why: Annotated[
        bool, typer.Option("--why", help="With ID: why it was found, and whether it counts.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the evidence: who said what, when, in which deal, and whether reports count it.

    Example: callmine findings --kind objection --label price --role prospect --outcome won
    """
    from callmine.operations.days import local_time
    from callmine.operations.listing import list_findings
    from callmine.reports.quotes import misheard
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    if why:
        filters = (
            kind,
            label,
            role,
            since,
            until,
            deal,
            outcome,
            call,
            min_score or None,
            with_wrong or None,
            limit,
        )
        _explain(place, finding, filtered=any(given is not None for given in filters), as_json=as_json)
        return
    rows, out_of_stage = list_findings(
        place,
        kind=kind,
        label=label,
        role=role,
        since=since,
        until=until,
        deal=deal,
        outcome=outcome,
        call=call,
        min_score=min_score,
        finding=finding,
    )
    if out_of_stage:
        found = plural(out_of_stage, "tracker finding")
        say(f"{found} left out: the deal's stage at the call was another, or is not known", err=True)
    if as_json:
        print_json(rows[:limit])
        return
    shown = rows if with_wrong or finding else [r for r in rows if not mark_of(r).startswith(STRUCK_OUT)]
    for r in shown[:limit]:
        day = local_time(r["started_at"], place.settings.timezone)[:10] if r["started_at"] else "undated"
        words = misheard(r["kind"], r["label"], r["detail"])
        heard = f" [heard: {words}]" if words else ""
        mark = mark_of(r)
        parts = (
            r["finding_id"],
            f"{r['kind']}:{r['label']}{heard}" + (f" [{mark}]" if mark else ""),
            f"{r['score']:.2f}",
            "counts" if r["counts"] else "–",
            r["role"],
            f"{r['source']} @ {clock(r['play_ms'])}",
            day,
            r["account"],
            r["outcome"],
        )
        echo("  ".join(printable(part) for part in parts if part) + f"\n    “{_quote(r)}”")
    left_out = len(rows) - len(shown)
    marks = [mark_of(r) for r in rows]
    whys = [why for why in STRUCK_OUT if any(mark.startswith(why) for mark in marks)]
    note = f"; {left_out} {' or '.join(whys)} left out, --all shows {'it' if left_out == 1 else 'them'}"
    in_reports = sum(r["counts"] for r in shown)
    part = f"{limit:,} of " if limit is not None and limit < len(shown) else ""
    told = (
        f"{part}{plural(len(shown), 'finding')}, {in_reports or 'none'} counted in reports"
        if shown
        else "0 findings"
    )
    echo(told + (note if left_out else ""), err=True)


def _quote(row: dict[str, Any]) -> str:
    """Return the words to show: a name alone tells nothing, so it is marked in what was said."""
    if row["kind"] not in ("competitor", "tracker"):
        return printable(row["text"])
    said, start, end = row["utterance"], row["start"], row["end"]
    return printable(f"{said[:start]}[{said[start:end]}]{said[end:]}")


def _explain(place: Workspace, finding: str | None, *, filtered: bool, as_json: bool) -> None:
    if finding is None or filtered:
        raise UsageError(
            "--why explains one finding: give its id, and no filters",
            hint="Example: callmine findings 3f2a --why",
        )
    from callmine.operations.explaining import explain_finding

    explanation = explain_finding(place, finding)
    if as_json:
        print_json(explanation)
    else:
        tell(explanation, place.settings.timezone)
