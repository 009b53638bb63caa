"""``calls``, ``findings``, ``transcript``, ``search``, ``digest``, ``evaluate``, ``export``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from callmine.cli.common import (
    JsonOption,
    WorkspaceOption,
    clock,
    print_json,
    print_table,
    printable,
    say,
)


class DigestFormat(StrEnum):
    """Formats of the digest."""

    HTML = "html"
    MD = "md"
    JSON = "json"


class TranscriptFormat(StrEnum):
    """Formats of a transcript."""

    TEXT = "text"
    JSON = "json"


class ExportFormat(StrEnum):
    """Formats of an export."""

    CSV = "csv"
    JSONL = "jsonl"


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for command in (calls, findings, transcript, search, digest, evaluate, export):
        app.command()(command)


def calls(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the calls, with deal, outcome and state.

    Example: callmine calls --json
    """
    from callmine.config import find_workspace
    from callmine.operations.listing import list_calls

    rows = list_calls(find_workspace(workspace))
    if as_json:
        print_json(rows)
        return
    print_table(
        ("call", "started", "length", "account", "deal", "outcome", "status", "file"),
        [
            (
                r["call_id"] or "-",
                (r["started_at"] or "undated")[:16],
                clock(r["duration_ms"]),
                r["account"],
                r["deal_id"],
                r["outcome"],
                r["status"],
                r["source"],
            )
            for r in rows
        ],
    )


def findings(
    kind: Annotated[str | None, typer.Option(help="objection, competitor, positioning, …")] = None,
    label: Annotated[str | None, typer.Option(help="For instance price, or a competitor's name.")] = None,
    role: Annotated[str | None, typer.Option(help="rep, prospect or unknown.")] = None,
    since: Annotated[str | None, typer.Option(help="Date: calls from then on.")] = None,
    until: Annotated[str | None, typer.Option(help="Date: calls before it.")] = None,
    deal: Annotated[str | None, typer.Option(help="Deal id.")] = None,
    outcome: Annotated[str | None, typer.Option(help="won, lost_competitor, open, …")] = None,
    call: Annotated[str | None, typer.Option(help="Call id, file name or external id.")] = None,
    min_score: Annotated[float, typer.Option(min=0, max=1, help="Lowest score.")] = 0.0,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the evidence: who said what, when, in which deal.

    Example: callmine findings --kind objection --label price --role prospect --outcome won
    """
    from callmine.config import find_workspace
    from callmine.operations.listing import list_findings

    rows = list_findings(
        find_workspace(workspace),
        kind=kind,
        label=label,
        role=role,
        since=since,
        until=until,
        deal=deal,
        outcome=outcome,
        call=call,
        min_score=min_score,
    )
    if as_json:
        print_json(rows)
        return
    for r in rows:
        heard = f" [heard: {r['detail']['heard']}]" if r["detail"].get("heard") else ""
        typer.echo(
            f"{r['finding_id']}  {r['kind']}:{printable(r['label'])}{printable(heard)}  {r['score']:.2f}"
            f"  {r['role']}  {printable(r['source'])} @ {clock(r['play_ms'])}"
            f"  {printable(r['account'] or '')}\n    “{printable(r['text'])}”"
        )
    typer.echo(f"{len(rows)} findings", err=True)


def transcript(
    call: Annotated[str, typer.Argument(help="Call id, file name or external id.", metavar="ID")],
    format: Annotated[TranscriptFormat, typer.Option(help="Output.")] = TranscriptFormat.TEXT,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a call's transcript, turn by turn.

    Example: callmine transcript 01-discovery.ogg
    """
    from callmine.config import find_workspace
    from callmine.operations.listing import show_transcript

    shown = show_transcript(find_workspace(workspace), call)
    if as_json or format is TranscriptFormat.JSON:
        print_json(shown)
        return
    for u in shown["utterances"]:
        who = u["speaker_name"] or u["speaker"]
        typer.echo(
            f"{u['index']:>4}  {clock(u['start_ms']):>6}  {printable(who)} ({u['role']}):"
            f" {printable(u['text'])}"
        )


def search(
    text: Annotated[str, typer.Argument(help="Words that all have to be there.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search everything that was said.

    Example: callmine search "month end"
    """
    from callmine.config import find_workspace
    from callmine.operations.listing import search_utterances

    rows = search_utterances(find_workspace(workspace), text, limit=limit)
    if as_json:
        print_json(rows)
        return
    for r in rows:
        who = printable(r["speaker_name"] or r["speaker"])
        typer.echo(
            f"{printable(r['source'])} @ {clock(r['start_ms'])}  {who} ({r['role']}):"
            f" {printable(r['snippet'])}"
        )
    typer.echo(f"{len(rows)} found", err=True)


def digest(
    week: Annotated[
        str, typer.Option(help="ISO week such as 2026-W40; default: the last complete one.")
    ] = "",
    format: Annotated[DigestFormat, typer.Option(help="Output.")] = DigestFormat.HTML,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File; - for stdout.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Date on which outcomes are taken.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the weekly objection digest.

    Example: callmine digest --week 2026-W40 --format md -o -
    """
    from callmine.config import find_workspace
    from callmine.operations.listing import day_of
    from callmine.operations.reporting import RENDERERS, digest_of_week, write_digest

    place = find_workspace(workspace)
    day = day_of(as_of, "--as-of") if as_of else None
    if output == Path("-"):
        found = digest_of_week(place, week=week, as_of=day)
        typer.echo(RENDERERS[format.value]()(found), nl=False)
        return
    written = write_digest(place, week=week, formats=(format.value,), output=output, as_of=day)
    for path in written.paths:
        say(f"wrote {path}")


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Labelled utterances, one JSON object a line.")],
    playbook: Annotated[Path | None, typer.Option(help="Playbook; default: the workspace's.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="Write what was found here.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure precision, recall and F1 of the extractors on labelled utterances.

    Example: callmine evaluate data/gold/dialogues.jsonl --playbook data/gold/playbook.toml
    """
    from callmine.operations.measuring import evaluate_file

    found = evaluate_file(gold, playbook=playbook, predictions=predictions, workspace=workspace)
    if as_json:
        print_json(found)
        return
    typer.echo(f"{found['n']} utterances")
    rows = []
    for name, value in found.items():
        if isinstance(value, dict) and "support" in value:
            rows.append((name, value))
        elif isinstance(value, dict):
            rows += [(f"{name} {key}", scores) for key, scores in value.items()]
    print_table(
        ("", "support", "predicted", "precision", "recall", "F1"),
        [
            (name, v["support"], v["predicted"], *(_share(v[k]) for k in ("precision", "recall", "f1")))
            for name, v in rows
        ],
    )
    if note := found.get("note"):
        typer.echo(f"note: {note}", err=True)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write to.", metavar="DIR")],
    format: Annotated[ExportFormat, typer.Option(help="Output.")] = ExportFormat.CSV,
    workspace: WorkspaceOption = None,
) -> None:
    """Export calls, utterances, findings, deals and links for other tools.

    Example: callmine export out/ --format csv
    """
    from callmine.config import find_workspace
    from callmine.operations.exporting import export_tables

    for path, count in export_tables(find_workspace(workspace), folder, format=format.value).items():
        say(f"wrote {path} ({count} rows)")
