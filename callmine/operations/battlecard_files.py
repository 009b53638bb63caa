"""Write battlecards to files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from callmine.errors import UsageError
from callmine.files import check_place
from callmine.operations.battlecards import battlecards
from callmine.operations.pages import BATTLECARD, Written, write_pages
from callmine.reports.battlecard_values import Battlecard
from callmine.store import Store
from callmine.workspace import Workspace


def write_battlecards(
    workspace: Workspace,
    names: Sequence[str],
    *,
    since: str | None = None,
    until: str | None = None,
    rebuild: bool = False,
    format: str = "html",
    output: Path | None = None,
    redact: bool | None = None,
    edit: Callable[[Store], None] | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> tuple[Written[Battlecard], ...]:
    """Build cards and write them; by default to ``reports/battlecard-NAME.FORMAT``.

    Where days are asked for, they stand in that name: ``battlecard-NAME-SINCE-to-UNTIL.FORMAT``. Personal
    data is taken out, as far as it is found, by default in a file outside the workspace.

    Raises:
        UsageError: See :func:`callmine.operations.battlecards.battlecards`; or several cards are to be one
            file, or one cannot be written.
        ModelError: See :func:`callmine.operations.battlecards.battlecards`.
    """
    if output is not None:
        check_place(output)
    cards = battlecards(
        workspace, names, since=since, until=until, rebuild=rebuild, edit=edit, progress=progress
    )
    if output is not None and len(cards) > 1:
        raise UsageError(
            f"{len(cards)} cards cannot be one file", hint="Leave -o out, or name one competitor."
        )
    return write_pages(
        BATTLECARD, cards, workspace, formats=(format,), output=output, redact=redact, progress=progress
    )
