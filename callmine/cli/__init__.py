"""The command line: parse, call one library function, print, exit code. No SQL, no logic."""

from __future__ import annotations

import errno
import io
import sys
import traceback
from typing import Annotated

import typer

from callmine.cli import (
    battlecards,
    brief,
    calls,
    correcting,
    deals,
    findings,
    forgetting,
    learning,
    linking,
    messages,
    models,
    outcomes,
    playbooks,
    reading,
    reporting,
    reviewing,
    running,
    sending,
    taking_in,
)
from callmine.cli.common import echo, fail
from callmine.errors import CallmineError, UsageError

app = typer.Typer(
    name="callmine",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=(
        "Read every recorded sales call: transcribe it, find objections, competitors and positioning,"
        " tie it to its deal, and write the weekly objection digest.\n\n"
        "Example: callmine init my-calls --sample && cd my-calls && callmine run && callmine digest"
    ),
)


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        echo(f"callmine {metadata.version('callmine')}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version and exit."),
    ] = False,
) -> None:
    """Read every recorded sales call."""


PARTS = (
    taking_in,
    deals,
    running,
    calls,
    linking,
    findings,
    reading,
    reporting,
    messages,
    outcomes,
    reviewing,
    battlecards,
    brief,
    sending,
    correcting,
    learning,
    forgetting,
)
for part in PARTS:
    part.register(app)
app.add_typer(models.app, name="models")
app.add_typer(playbooks.app, name="playbook")


_REFUSED = frozenset(
    {
        errno.ENAMETOOLONG,
        errno.ELOOP,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOSPC,
        errno.EDQUOT,
    }
)
"""What the system refuses for reasons of its own; any other error of it is a bug of ours."""


def main() -> None:
    """Run the command line and exit with the contract's code."""
    sys.exit(_run())


def _run() -> int:
    # What a terminal of another encoding cannot show is replaced; stderr is so from the start.
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors in ("strict", "surrogateescape"):
        sys.stdout.reconfigure(errors="replace")
    try:
        app()
    except SystemExit as end:
        # Typer tells usage errors itself and ends every command so, Ctrl-C included.
        if isinstance(end.__context__, BrokenPipeError):
            return 0  # the reader (head, less) has gone; that is no error
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if code == 130:
            echo("interrupted; what was done is kept, run again to go on", err=True)
        return code
    except CallmineError as error:
        return fail(error)
    except OSError as error:
        if error.filename is None or error.errno not in _REFUSED:
            return _bug()
        what = f"{error.filename}: {error.strerror}"
        return fail(UsageError(what, hint="Check the name, its permissions and the free disk."))
    except Exception:  # noqa: BLE001 - the last resort: a bug, told as one
        return _bug()
    return 0


def _bug() -> int:
    traceback.print_exc()
    echo("This is a bug in callmine; please report it with the lines above.", err=True)
    return 1
