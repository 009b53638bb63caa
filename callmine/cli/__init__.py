"""The command line: parse, call one library function, print, exit code. No SQL, no logic."""

from __future__ import annotations

import sys
import traceback

import click
import typer

from callmine.cli import correcting, models, playbooks, reading, running, taking_in
from callmine.cli.common import fail
from callmine.errors import CallmineError

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
for part in (taking_in, running, reading, correcting):
    part.register(app)
app.add_typer(models.app, name="models")
app.add_typer(playbooks.app, name="playbook")


def main() -> None:
    """Run the command line and exit with the contract's code."""
    sys.exit(_run())


def _run() -> int:
    try:
        code = app(standalone_mode=False)
    except CallmineError as error:
        return fail(error)
    except click.exceptions.NoArgsIsHelpError as error:
        typer.echo(error.format_message())
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    except (KeyboardInterrupt, click.Abort):
        typer.echo("interrupted; what was done is kept, run again to go on", err=True)
        return 130
    except BrokenPipeError:
        # The reader (head, less) has gone; that is no error. Nothing more can be written.
        sys.stdout = None
        return 0
    except Exception:  # noqa: BLE001 - the last resort: a bug, told as one
        traceback.print_exc()
        typer.echo("This is a bug in callmine; please report it with the lines above.", err=True)
        return 1
    return code if isinstance(code, int) else 0
