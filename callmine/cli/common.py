"""Options and output that the commands share."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from callmine.errors import CallmineError, UsageError
from callmine.files import file_format
from callmine.spans import clock

if TYPE_CHECKING:
    from callmine.operations.pages import Pages
    from callmine.workspace import Workspace

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        help="The workspace; default: the nearest parent that is one.",
        show_default=False,
    ),
]
RedactOption = Annotated[
    bool | None,
    typer.Option(
        "--redact/--no-redact",
        help="Take out what is found of personal data. Default: in a file outside the workspace.",
        show_default=False,
    ),
]
PrintedRedactOption = Annotated[
    bool, typer.Option("--redact/--no-redact", help="Take out what is found of personal data.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
OutputOption = Annotated[Path | None, typer.Option("-o", "--output", help="File; - for stdout.")]
SegmentOption = Annotated[str | None, typer.Option(help="Only deals of this segment, as the CRM calls it.")]
ByOption = Annotated[
    str | None, typer.Option(help="Your name; default: the setting user, else your account's.")
]
PinOption = Annotated[str | None, typer.Option(metavar="FINDING", help="Quote it first.")]


class PageFormat(StrEnum):
    """Formats of a report's page."""

    HTML = "html"
    MD = "md"
    JSON = "json"
    PDF = "pdf"
    EML = "eml"


FormatOption = Annotated[
    PageFormat | None, typer.Option(help="Default: the file's ending; without a file, html.")
]

Format = TypeVar("Format", bound=StrEnum)
Report = TypeVar("Report")


def format_of(output: Path | None, formats: type[Format]) -> Format:
    """Return the format that a file's name ends in, or the first one where there is no file.

    Raises:
        UsageError: It ends in none of them.
    """
    known = list(formats)
    if output is None or output == Path("-"):
        return known[0]
    return formats(file_format(output, [one.value for one in known]))


def wanted_format(format: Format | None, output: Path | None, formats: type[Format]) -> str:
    """Return the format that is asked for, or else that of :func:`format_of`, when it can be had here.

    Raises:
        UsageError: See :func:`format_of`.
        MissingDependency: What a PDF needs is not there.
    """
    from callmine.operations.pages import need

    wanted = (format or format_of(output, formats)).value
    need([wanted])
    return str(wanted)


def fail(error: CallmineError) -> int:
    """Print what happened and what to do next on stderr; return the exit code."""
    say(f"Error: {error.message}", err=True)
    if error.hint:
        say(error.hint, err=True)
    return error.exit_code


def echo(text: str | bytes, *, err: bool = False, nl: bool = True) -> None:
    """Print text as it is; when its reader has gone (``callmine run | head``) it goes nowhere, quietly.

    So a command does all of its work and ends with its own exit code.

    Raises:
        UsageError: It cannot be written, the disk behind it being full.
    """
    try:
        typer.echo(text, err=err, nl=nl)
    except OSError as error:
        from callmine.console import discard

        discard(sys.stderr if err else sys.stdout)
        if not err and not isinstance(error, BrokenPipeError):
            raise UsageError(
                f"what is printed cannot be written: {error.strerror}",
                hint="Make room there, or print to another place.",
            ) from error


def say(text: str, *, err: bool = False) -> None:
    """Print text that may hold names from files; its line breaks stay, other control characters go."""
    echo("\n".join(printable(line) for line in text.split("\n")), err=err)


def warn(text: str) -> None:
    """Print on stderr what people should know of a result."""
    say(text, err=True)


def print_file(text: str | bytes) -> None:
    """Print on stdout what is a file: in UTF-8, unless a terminal of another encoding shows it.

    What such a terminal cannot show is replaced; in a file this would come back as a correction.

    Raises:
        UsageError: It is no text, and stdout is a terminal.
    """
    if isinstance(text, bytes) and sys.stdout.isatty():
        raise UsageError("a terminal shows no PDF", hint="Name a file with -o, or print into one.")
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    echo(text, nl=False)


def put_out(
    pages: Pages[Report],
    report: Report,
    workspace: Workspace,
    *,
    format: str,
    output: Path | None,
    redact: bool | None,
) -> None:
    """Print a report, or write it to its file and say where.

    Args:
        pages: Its kind.
        report: Its value.
        workspace: Where it is from.
        format: As :func:`wanted_format` returns it.
        output: The file; ``-`` to print, by default one in ``reports/``.
        redact: Whether personal data is taken out; by default in a file outside the workspace.

    Raises:
        UsageError: It cannot be written.
        ModelError: The language model for redaction cannot be had.
    """
    from callmine.operations.pages import page_or_draft, write_page
    from callmine.operations.redacting import redact_report

    if output == Path("-"):
        shown = redact_report(report, workspace, progress=warn) if redact else report
        print_file(page_or_draft(pages, shown, format, workspace))
        return
    written = write_page(
        pages, report, workspace, format=format, output=output, redact=redact, progress=warn
    )
    for path in written.paths:
        say(f"wrote {path}")


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout."""
    print_file(json.dumps(value, ensure_ascii=False, indent=2, default=jsonable) + "\n")


def jsonable(value: Any) -> Any:
    """Turn a dataclass or a path into what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under a header, columns aligned, the last one unlimited."""
    cells = [[("" if c is None else printable(str(c))) for c in row] for row in rows]
    widths = [max([len(h), *(len(row[i]) for row in cells)]) for i, h in enumerate(header)]
    for row in [list(header), *cells]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        echo(line.rstrip())


def printable(text: str) -> str:
    """Return text without control characters and direction marks, which could fool a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def length(ms: int) -> str:
    """Return a length as ``m:ss``, or a dash where it is not known."""
    return clock(ms) if ms else "–"


def spoken_by(name: str | None, speaker: str, role: str) -> str:
    """Return who said something and on which side: ``Petra Voss (prospect)``."""
    if not name and speaker == role == "unknown":
        return "speaker not known"
    who = name or speaker
    return printable(who if who == role else f"{who} ({role})")


STRUCK_OUT = ("marked wrong", "replaced", "rejected")
"""How the marks of findings begin that do not count."""


def replaced_by(finding_id: str | None) -> str:
    """Say that a finding stands in other words, under another id where these words are still there."""
    return f"replaced{f' by {finding_id}' if finding_id else ''}: the same, in other words"


def mark_of(finding: Mapping[str, Any]) -> str:
    """Return what a person, or else a second reader, changed about a finding; empty: nothing."""
    if finding["verdict"] == "replaced":
        return replaced_by(finding["replaced_by"])
    if finding["verdict"] is not None:
        by = f" by {finding['verdict_by']}" if finding.get("verdict_by") else ""
        return f"marked wrong{by}" if finding["verdict"] == "wrong" else ""
    if finding["second_verdict"] == "rejected":
        return f"rejected by {finding['second_model']}"
    if finding["second_verdict"] == "relabelled":
        return f"found as {finding['found_label']}, relabelled by {finding['second_model']}"
    return ""


def counted(counts: Mapping[str, int]) -> str:
    """Return ``3 done, 1 failed`` of what is not zero."""
    return ", ".join(f"{n} {what}" for what, n in counts.items() if n) or "nothing to do"
