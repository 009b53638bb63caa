"""Write battlecards to files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from callmine.errors import UsageError
from callmine.files import check_place, write_whole
from callmine.operations.battlecards import battlecards
from callmine.operations.drafts import page_or_draft
from callmine.operations.playing import played
from callmine.operations.printing import shown
from callmine.operations.redacting import leaves, redact_reports
from callmine.reports.battlecard import quotes_of
from callmine.reports.battlecard_values import Battlecard
from callmine.store import Store
from callmine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Written:
    """A card that was written: where, and the value it shows."""

    path: Path
    card: Battlecard


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
) -> tuple[Written, ...]:
    """Build cards and write them; by default to ``reports/battlecard-NAME.FORMAT``.

    Personal data is taken out, as far as it is found, by default in a file outside the workspace.

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
    redact = leaves(workspace, output) if redact is None else redact
    return write_cards(workspace, cards, format=format, output=output, redact=redact, progress=progress)


def write_cards(
    workspace: Workspace,
    cards: Sequence[Battlecard],
    *,
    format: str = "html",
    output: Path | None = None,
    redact: bool = False,
    progress: Callable[[str], None] = lambda text: None,
) -> tuple[Written, ...]:
    """Write cards that were built; see :func:`write_battlecards`.

    Raises:
        UsageError: One cannot be written.
        ModelError: The language model for redaction cannot be had.
    """
    made = played(workspace, cards, quotes_of) if format == "html" else list(cards)
    if redact:
        made = redact_reports(made, workspace, progress=progress)
    written = []
    for card in made:
        path = output or workspace.reports / card_page(card, format)
        write_whole(path, page_or_draft("battlecard", card, format, workspace, rendered), folders=True)
        written.append(Written(path, card))
    return tuple(written)


def card_page(card: Battlecard, format: str = "html") -> str:
    """Return the name of a card's file."""
    from callmine.reports.render.html import anchor

    return f"battlecard-{anchor(card.competitor)}.{format}"


def rendered(card: Battlecard, format: str) -> str | bytes:
    """Return a card in a format: a key of :data:`RENDERERS`, or ``pdf``.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
        MissingDependency: What a PDF needs is not there.
    """
    return shown(format, lambda name: RENDERERS[name]()(card))


def _html() -> Callable[[Battlecard], str]:
    from callmine.reports.render.battlecard_pages import render_html

    return render_html


def _markdown() -> Callable[[Battlecard], str]:
    from callmine.reports.render.battlecard_pages import render_markdown

    return render_markdown


def _json() -> Callable[[Battlecard], str]:
    from callmine.reports.render.battlecard_pages import render_json

    return render_json


RENDERERS: dict[str, Callable[[], Callable[[Battlecard], str]]] = {
    "html": _html,
    "md": _markdown,
    "json": _json,
}
"""Format to the renderer, imported when it is asked for."""
