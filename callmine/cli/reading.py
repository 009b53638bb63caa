"""``transcript``, ``search``, ``evaluate``, ``export``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from callmine.cli.common import (
    JsonOption,
    OutputOption,
    WorkspaceOption,
    echo,
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
    for command in (transcript, search, evaluate, export):
        app.command()(command)


def transcript(
    call: Annotated[str, typer.Argument(help="Call id, file name or external id.", metavar="ID")],
    format: Annotated[
        TranscriptFormat | None,
        typer.Option(
            help="txt to correct; srt and vtt are subtitles. Default: the file's ending; without a file,"
            " a listing to read."
        ),
    ] = None,
    output: OutputOption = None,
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
    """Export calls, utterances, findings, deals, what deals were since when, and links for other tools.

    Example: callmine export out/ --format csv
    """
    from callmine.operations.exporting import export_tables
    from callmine.workspace import find_workspace

    for path, count in export_tables(find_workspace(workspace), folder, format=format.value).items():
        say(f"wrote {path} ({plural(count, 'row')})")
