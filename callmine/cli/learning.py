"""``learn``: fit the questions on objections again from what people corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from callmine.cli.common import JsonOption, WorkspaceOption, print_json, print_table, say
from callmine.errors import UsageError

if TYPE_CHECKING:
    from callmine.extractors.refit import Accuracy
    from callmine.operations.learning import Figures, Learning


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(learn)


def learn(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Use what was learned although it is judged worse.")
    ] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Go back to the shipped questions.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn from corrections what an objection is, and which; judge it, and use it from the next run on.

    Example: callmine learn --dry-run
    """
    from callmine.operations import learning
    from callmine.workspace import find_workspace

    if forget and (dry_run or force or as_json):
        raise UsageError("--forget goes alone", hint="Example: callmine learn --forget")
    place = find_workspace(workspace)
    if forget:
        away = learning.forget(place)
        if away is None:
            say("nothing was learned here: the shipped questions are in use")
        else:
            say(f"the shipped questions are in use again; what was learned is kept in {away}")
            say("next: callmine run")
        return
    learned = learning.learn(place, dry_run=dry_run, force=force)
    if as_json:
        print_json(learned)
        return
    _show(learned, dry_run=dry_run)


def _show(learned: Learning, *, dry_run: bool) -> None:
    """Print what was learned, how it is judged, and what became of it."""
    from callmine.operations.learning import told

    say(f"learned from {learned.taught} corrected utterances; {learned.judged}, of other calls, judge")
    for line in told(learned.left_out):
        say(line, err=True)
    rows = [*_rows("before", learned.before), *_rows("after", learned.after)]
    if learned.shipped != learned.before:
        rows = [*_rows("shipped", learned.shipped), *rows]
    rows.sort(key=lambda row: row[0])
    head = ("judged by", "", "utterances", "objections", "precision", "recall", "F1", "label", "yes or no")
    print_table(head, rows)
    for name, what in (("objection", "stored"), ("digest", "counted")):
        old, new = learned.before.thresholds[name], learned.after.thresholds[name]
        say(f"objections are {what} from {old:.2f} on before, from {new:.2f} on after")
    if learned.same:
        say("this is what is in use already")
        return
    if learned.worse:
        say(f"worse by more than is gained: {'; '.join(learned.worse)}")
    if learned.replaced:
        forced = " all the same; `callmine learn --forget` goes back to the shipped ones"
        say(f"it is in use from now on{forced if learned.worse else ''}; next: callmine run")
    elif learned.worse:
        say("the present questions stay in use" + (", also without --dry-run" if dry_run else ""))
        say(
            "correct more, of several calls (`callmine correct --queue`), and see with `callmine learn"
            " --dry-run` what it brings; `callmine learn --force` uses the new ones although they are worse"
        )
    else:
        say("nothing was changed; without --dry-run it would be in use from now on")


def _rows(when: str, figures: Figures) -> list[tuple[str, ...]]:
    from callmine.operations.learning import CALLS, CORRECTIONS

    scores = ((CALLS, figures.calls), (CORRECTIONS, figures.corrections))
    return [(name, when, *_cells(score)) for name, score in scores]


def _cells(score: Accuracy) -> tuple[str, ...]:
    shares = (score.precision, score.recall, score.f1, score.label, score.right)
    return (
        str(score.utterances),
        str(score.objections),
        *("–" if share is None else f"{share:.3f}" for share in shares),
    )
