"""``deals``: take deals and their history in, suggest a mapping, list and show them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callmine.cli.common import (
    JsonOption,
    WorkspaceOption,
    echo,
    print_file,
    print_json,
    print_table,
    printable,
    say,
    warn,
)
from callmine.cli.taking_in import say_problems
from callmine.reports.text import plural

if TYPE_CHECKING:
    from callmine.operations.deals import DealsImport, HistoryImport


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(deals)


def deals(
    file: Annotated[
        Path | None, typer.Argument(help="CSV or JSON export of the CRM; without it deals are listed.")
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="TOML file that names the columns.")] = None,
    suggest_mapping: Annotated[
        bool, typer.Option("--suggest-mapping", help="Print a first mapping for FILE, and import nothing.")
    ] = False,
    delta: Annotated[
        bool, typer.Option("--delta", help="Deals that are absent stay; otherwise they count as gone.")
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="FILE is an older export: what the CRM said at the end of this day. Adds to the history;"
            " newer exports still say what deals are today."
        ),
    ] = None,
    history: Annotated[
        bool,
        typer.Option(
            "--history", help="FILE is the CRM's own history: who moved which deal to what stage, when."
        ),
    ] = False,
    show: Annotated[str | None, typer.Option(help="Show all of one deal, by its id.", metavar="ID")] = None,
    outcome: Annotated[str | None, typer.Option(help="List deals that ended so, or lost.")] = None,
    since: Annotated[str | None, typer.Option(help="List deals with a close date from this day.")] = None,
    until: Annotated[str | None, typer.Option(help="List deals with a close date up to this day.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in CRM deals; every import also keeps what changed. Without FILE, list the deals.

    A first mapping: callmine deals FILE --suggest-mapping > crm.toml. What deals were before the first
    import: callmine deals march.csv --as-of 2026-03-31 takes in an older export; callmine deals
    moves.csv --history takes in the CRM's own history of deals that were imported before (Salesforce's
    Opportunity History or Field History, HubSpot's "Date entered" columns, or any table of deal, time
    and stage).

    Of --show, times are those of the workspace's zone; in JSON they are UTC. Exits with 6 if rows of
    FILE were left out because of a fault, with 4 if nothing in FILE could be read.

    Example: callmine deals opportunities.csv --mapping salesforce.toml
    """
    from callmine.errors import UsageError
    from callmine.operations.deals import import_deals, import_history
    from callmine.workspace import find_workspace

    reads = {"--show": show, "--outcome": outcome, "--since": since, "--until": until}
    takes = {
        "--mapping": mapping,
        "--suggest-mapping": suggest_mapping or None,
        "--delta": delta or None,
        "--as-of": as_of,
        "--history": history or None,
    }
    _fit(file, reads, takes)
    if file is None:
        place = find_workspace(workspace)
        if show is not None:
            _show(place, show, as_json=as_json)
        else:
            _list(place, outcome=outcome, since=since, until=until, as_json=as_json)
        return
    if suggest_mapping:
        if as_json:
            raise UsageError("--suggest-mapping prints TOML, which --json does not go with")
        _suggest(workspace, file)
        return
    if history:
        taken = import_history(find_workspace(workspace), file, mapping=mapping)
        if as_json:
            print_json(taken)
        else:
            echo(f"{plural(taken.entries, 'change')} of deals: {taken.new} new")
            for note in taken.notes:
                say(f"note: {note}")
            say_problems(taken.problems)
        _end(taken)
        return
    done = import_deals(find_workspace(workspace), file, mapping=mapping, delta=delta, as_of=as_of)
    for warning in done.warnings:
        say(f"warning: {warning}.", err=True)
    if as_json:
        print_json(done)
    else:
        _say_import(done, as_of)
    _end(done)


def _say_import(done: DealsImport, as_of: str | None) -> None:
    changes = done.changes
    echo(
        plural(done.deals, "deal")
        + (f" as of {as_of}" if as_of else "")
        + f": {changes.new} new, {changes.changed} changed,"
        f" {changes.unchanged} unchanged, {changes.gone} gone"
        + (f", {changes.older} in their history only" if changes.older else "")
    )
    if changes.older:
        known = plural(changes.older, "deal")
        stays = "is known" if changes.older == 1 else "are known"
        say(
            f"note: {known} {stays} from newer exports, which still say how things stand today; what this"
            " file says is kept as history (callmine deals --show ID)"
        )
    for note in done.notes:
        say(f"note: {note}")
    say_problems(done.problems)


def _end(done: DealsImport | HistoryImport) -> None:
    """Say how many rows were left out, and exit with the contract's code if any were.

    Raises:
        typer.Exit: Rows were left out.
    """
    if done.exit_code:
        rows = plural(done.left_out, "row")
        echo(f"{rows} left out; mend what is named above and take the file in again", err=True)
        raise typer.Exit(done.exit_code)


def _fit(file: Path | None, reads: dict[str, Any], takes: dict[str, Any]) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: Some do not.
    """
    from callmine.errors import UsageError

    reading, taking = ([name for name, value in of.items() if value is not None] for of in (reads, takes))
    if file is None and taking:
        raise UsageError(f"{taking[0]} goes with a FILE", hint="Example: callmine deals export.csv --delta")
    if file is not None and reading:
        raise UsageError(f"{reading[0]} lists deals, and goes with no FILE", hint="Leave one of them out.")
    if "--show" in reading and len(reading) > 1:
        raise UsageError(f"{reading[1]} does not go with --show", hint="Leave one of them out.")
    for one in ("--suggest-mapping", "--history"):
        if one in taking and (others := [name for name in taking if name not in (one, "--mapping")]):
            raise UsageError(f"{others[0]} does not go with {one}", hint="Leave one of them out.")
    if "--suggest-mapping" in taking and "--mapping" in taking:
        raise UsageError("--mapping does not go with --suggest-mapping", hint="Leave one of them out.")


def _suggest(workspace: Path | None, file: Path) -> None:
    from callmine.errors import NoWorkspace
    from callmine.operations.deals import suggest
    from callmine.workspace import find_workspace

    try:
        place = find_workspace(workspace)
    except NoWorkspace:  # none is needed to look at an export
        place = None
    found = suggest(place, file)
    print_file(found.text)
    for note in found.notes:
        warn(f"note: {note}")


def _list(place: Any, *, outcome: str | None, since: str | None, until: str | None, as_json: bool) -> None:
    from callmine.operations.deal_list import list_deals

    found = list_deals(place, outcome=outcome, since=since, until=until)
    if as_json:
        print_json(found.rows)
    else:
        print_table(
            ("deal", "name", "account", "stage", "outcome", "amount", "closes", "calls", "loss reason"),
            [
                (
                    row["deal_id"],
                    row["name"],
                    row["account"],
                    row["stage"],
                    row["outcome"],
                    row["amount_text"],
                    row["close_date"],
                    row["calls"],
                    row["loss_reason"],
                )
                for row in found.rows
            ],
        )
    if found.gone:
        warn(f"{plural(found.gone, 'deal')} more that the last full import no longer held: not listed")
    if not found.any:
        warn("there are no deals yet; next: callmine deals EXPORT.csv")


def _show(place: Any, ref: str, *, as_json: bool) -> None:
    from callmine.operations.days import local_time
    from callmine.operations.deal_list import show_deal

    shown = show_deal(place, ref)
    if as_json:
        print_json(shown)
        return
    zone = place.settings.timezone
    deal = shown["deal"]
    deal["amount"] = deal.pop("amount_text")
    deal["known_at"] = local_time(deal["known_at"], zone) if deal["known_at"] else None
    for name, value in deal.items():
        text = ", ".join(value) if isinstance(value, list | tuple) else value
        if isinstance(text, bool):
            text = "yes" if text else "no"
        if text and name != "currency":
            say(f"{name:<15} {printable(str(text))}")
    for row in shown["history"]:
        told = [row["stage"], row["outcome"], row["amount_text"], row["close_date"]]
        gone = ["no longer in the CRM"] if row["is_gone"] else []
        since = local_time(row["since"], zone)
        say(f"{'since':<15} {since}  {printable(', '.join(str(x) for x in (*told, *gone) if x))}")
    for call in shown["calls"]:
        when = local_time(call["started_at"], zone) if call["started_at"] else "undated"
        after = ", after the close" if call["is_after_close"] else ""
        say(
            f"{'call':<15} {call['call_id']}  {when}  {printable(call['source'])}"
            f"  by {call['rule']}, {call['confidence']:.0%} sure{after}"
        )
    if not shown["calls"]:
        say(f"{'call':<15} none is tied to it")
