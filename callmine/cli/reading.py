"""``findings``, ``transcript``, ``search``, ``evaluate``, ``export``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from callmine.cli.common import (
    STRUCK_OUT,
    JsonOption,
    WorkspaceOption,
    echo,
    mark_of,
    print_file,
    print_json,
    print_table,
    printable,
    say,
    spoken_by,
)
from callmine.files import file_format
from callmine.reports.text import plural
from callmine.spans import clock


class TranscriptFormat(StrEnum):
    """Formats of a transcript."""

    TXT = "txt"
    SRT = "srt"
    VTT = "vtt"
    JSON = "json"


class ExportFormat(StrEnum):
    """Formats of an export."""

    CSV = "csv"
    JSONL = "jsonl"


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for command in (findings, transcript, search, evaluate, export):
        app.command()(command)


def findings(
    kind: Annotated[str | None, typer.Option(help="objection, competitor, positioning or tracker.")] = None,
    label: Annotated[str | None, typer.Option(help="For instance price, or a competitor's name.")] = None,
    role: Annotated[str | None, typer.Option(help="rep, prospect or unknown.")] = None,
    since: Annotated[str | None, typer.Option(help="Date: calls from then on.")] = None,
    until: Annotated[str | None, typer.Option(help="Date: calls before it.")] = None,
    deal: Annotated[str | None, typer.Option(help="Deal id.")] = None,
    outcome: Annotated[
        str | None, typer.Option(help="won, open, lost (however it was lost), lost_competitor, …")
    ] = None,
    call: Annotated[str | None, typer.Option(help="Call id, file name or external id.")] = None,
    min_score: Annotated[float, typer.Option(min=0, max=1, help="Lowest score.")] = 0.0,
    with_wrong: Annotated[
        bool,
        typer.Option("--all", help="Those marked wrong or rejected as well; JSON always has them."),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the evidence: who said what, when, in which deal.

    Example: callmine findings --kind objection --label price --role prospect --outcome won
    """
    from callmine.operations.listing import list_findings, local_time
    from callmine.reports.quotes import misheard
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
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
    )
    if out_of_stage:
        found = plural(out_of_stage, "tracker finding")
        say(f"{found} left out: the deal's stage at the call was another, or is not known", err=True)
    if as_json:
        print_json(rows)
        return
    shown = rows if with_wrong else [r for r in rows if not mark_of(r).startswith(STRUCK_OUT)]
    for r in shown:
        day = local_time(r["started_at"], place.settings.timezone)[:10] if r["started_at"] else "undated"
        words = misheard(r["kind"], r["label"], r["detail"])
        heard = f" [heard: {words}]" if words else ""
        mark = mark_of(r)
        parts = (
            r["finding_id"],
            f"{r['kind']}:{r['label']}{heard}" + (f" [{mark}]" if mark else ""),
            f"{r['score']:.2f}",
            r["role"],
            f"{r['source']} @ {clock(r['play_ms'])}",
            day,
            r["account"],
            r["outcome"],
        )
        echo("  ".join(printable(part) for part in parts if part) + f"\n    “{_quote(r)}”")
    left_out = len(rows) - len(shown)
    wrong = sum(r["verdict"] == "wrong" for r in rows)
    words = "marked wrong" if left_out == wrong else "marked wrong or rejected" if wrong else "rejected"
    note = f"; {left_out} {words} left out, --all shows {'it' if left_out == 1 else 'them'}"
    echo(plural(len(shown), "finding") + (note if left_out else ""), err=True)


def _quote(row: dict[str, Any]) -> str:
    """Return the words to show: a name alone tells nothing, so it is marked in what was said."""
    if row["kind"] not in ("competitor", "tracker"):
        return printable(row["text"])
    said, start, end = row["utterance"], row["start"], row["end"]
    return printable(f"{said[:start]}[{said[start:end]}]{said[end:]}")


def transcript(
    call: Annotated[str, typer.Argument(help="Call id, file name or external id.", metavar="ID")],
    format: Annotated[
        TranscriptFormat | None,
        typer.Option(
            help="txt to correct; srt and vtt are subtitles. Default: the file's ending; without a file,"
            " a listing to read."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File; - for stdout.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a call's transcript turn by turn, or write it as a file.

    A file in txt can be corrected, words and roles, and given back with `callmine add`.

    Example: callmine transcript 01-discovery.ogg -o discovery.txt
    """
    from callmine.operations.transcripts import (
        show_transcript,
        transcript_as,
        why_no_turns,
        write_transcript,
    )
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    asked = "json" if as_json else format.value if format else None
    if output is not None and output != Path("-"):
        name = asked or file_format(output, list(TranscriptFormat))
        write_transcript(place, call, name, output)
        say(
            f"wrote {output}" + (f"\nnext: correct it, then callmine add {output}" if name == "txt" else "")
        )
        return
    if asked or output:
        print_file(transcript_as(place, call, asked or "txt"))
        return
    shown = show_transcript(place, call)
    for u in shown["utterances"]:
        who = spoken_by(u["speaker_name"], u["speaker"], u["role"])
        mark = " [corrected]" if u["edited"] else ""
        echo(f"{u['index']:>4}  {clock(u['start_ms']):>6}  {who}: {printable(u['text'])}{mark}")
    if waiting := shown["corrections_waiting"]:
        echo(f"{plural(waiting, 'corrected turn')} to come with the next callmine run", err=True)
    if not shown["utterances"]:
        say(why_no_turns(place, call), err=True)


def search(
    text: Annotated[str, typer.Argument(help="Words that all have to be there.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search everything that was said.

    Example: callmine search "month end"
    """
    from callmine.operations.listing import search_utterances
    from callmine.workspace import find_workspace

    rows = search_utterances(find_workspace(workspace), text, limit=limit)
    if as_json:
        print_json(rows)
        return
    for r in rows:
        who = spoken_by(r["speaker_name"], r["speaker"], r["role"])
        echo(f"{printable(r['source'])} @ {clock(r['start_ms'])}  {who}: {printable(r['snippet'])}")
    echo(f"{len(rows)} found", err=True)


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Labelled utterances, one JSON object a line.")],
    playbook: Annotated[Path | None, typer.Option(help="Playbook; default: the workspace's.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="Write what was found here.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure precision, recall and F1 of the extractors on labelled utterances.

    The files of the example are in the repository: run it from its root.

    Example: callmine evaluate data/gold/dialogues.jsonl --playbook data/gold/playbook.toml
    """
    from callmine.operations.measuring import evaluate_file

    found = evaluate_file(gold, playbook=playbook, predictions=predictions, workspace=workspace)
    if as_json:
        print_json(found)
        return
    echo(plural(found["n"], "utterance"))
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
        echo(f"note: {note}", err=True)


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
    from callmine.operations.exporting import export_tables
    from callmine.workspace import find_workspace

    for path, count in export_tables(find_workspace(workspace), folder, format=format.value).items():
        say(f"wrote {path} ({plural(count, 'row')})")
