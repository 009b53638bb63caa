"""``links``: which calls are tied to deals, by what, and what would help the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from callmine.cli.common import JsonOption, WorkspaceOption, echo, print_json, print_table, say
from callmine.errors import UsageError
from callmine.reports.text import cut_name, cut_names, plural

if TYPE_CHECKING:
    from callmine.reports.linking import GoneDeal, LinkCoverage, UnknownDeal

SHOWN = 20
"""How many remedies are printed; the JSON has all."""

SHOWN_EXAMPLES = 2
"""How many calls a line names."""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(links)


def links(
    unlinked: Annotated[
        bool, typer.Option("--unlinked", help="List the calls without a deal, and what would help.")
    ] = False,
    rule: Annotated[
        str | None, typer.Option(help="List the calls that this rule linked.", show_default=False)
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="At most so many calls of the list, and what would help (20)."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how many calls are tied to their deals, by which rule and how surely, and why others are not.

    Deal ids that calls name and that no import ever held are told, and deals of calls that are gone from
    the last full import.

    Example: callmine links --unlinked --limit 10
    """
    from callmine.operations.linking import links_of
    from callmine.workspace import find_workspace

    if limit is not None and not unlinked and rule is None:
        raise UsageError(
            "--limit goes with --unlinked or --rule", hint="Example: callmine links --unlinked --limit 10"
        )
    found = links_of(find_workspace(workspace), unlinked=unlinked, rule=rule)
    listed = found.listed[:limit]
    if as_json:
        print_json(replace(found, listed=listed))
        return
    _say_coverage(found.coverage)
    if found.waiting:
        echo(found.waiting)
    if rule is not None:
        echo("")
        print_table(
            ("call", "file", "deal", "sure", "why"),
            [
                (r.call_id, r.source, r.deal_id, f"{r.confidence or 0:.0%}", cut_names(r.why or ""))
                for r in listed
            ],
        )
    if unlinked:
        helps = [remedy.text for remedy in found.remedies]
        for line in _under("What would help most:", helps, limit or SHOWN):
            say(line)
    if unlinked and listed:
        echo("")
        print_table(
            ("call", "file", "given", "nearest", "reason"),
            [
                (
                    r.call_id,
                    r.source,
                    cut_name(r.about or ""),
                    f"{r.nearest} at {r.probability:.2f}" if r.nearest and r.probability else r.nearest,
                    r.reason.value.replace("_", " ") if r.reason else "",
                )
                for r in listed
            ],
        )
    if len(listed) < len(found.listed):
        echo(f"{len(listed):,} of {plural(len(found.listed), 'call')}", err=True)


def _say_coverage(coverage: LinkCoverage) -> None:
    """Print what is linked, and why the rest is not."""
    share = f" ({coverage.share:.0%})" if coverage.share is not None else ""
    echo(f"linked: {coverage.linked} of {coverage.calls} calls{share}")
    if coverage.rules:
        print_table(
            ("rule", "calls", "mean confidence"),
            [(r.rule, r.calls, f"{r.confidence:.2f}") for r in coverage.rules],
        )
    if coverage.reasons:
        echo("\nwithout a deal:")
        print_table(
            ("calls", "reason", "for example"),
            [(r.calls, r.text, ", ".join(r.examples[:2])) for r in coverage.reasons],
        )
    for line in _told_ids(coverage):
        say(line)
    if coverage.skipped:
        parts = ", ".join(f"{s.calls} {s.reason.replace('_', ' ')}" for s in coverage.skipped)
        say(f"skipped, so not looked for: {parts}")


def _told_ids(coverage: LinkCoverage) -> list[str]:
    """Return a line for each deal that is named and not known, or was and is gone."""
    from callmine.reports.linking import MEND_GONE, MEND_UNKNOWN

    named = [_told_id(deal) for deal in coverage.unknown_deals]
    gone = [
        _told_id(deal) + (f"; {deal.tied} tied to it, as a person said" if deal.tied else "")
        for deal in coverage.gone_deals
    ]
    return [
        *_under(f"deals that calls name and no import ever held ({MEND_UNKNOWN}):", named),
        *_under(f"deals of calls that are gone from the last full import ({MEND_GONE}):", gone),
    ]


def _told_id(deal: UnknownDeal | GoneDeal) -> str:
    more = ", …" if deal.calls > SHOWN_EXAMPLES else ""
    elsewise = f"; {deal.linked} linked by other evidence" if deal.linked else ""
    examples = ", ".join(deal.examples[:SHOWN_EXAMPLES])
    return f"{deal.deal_id}: {plural(deal.calls, 'call')} ({examples}{more}){elsewise}"


def _under(heading: str, lines: Sequence[str], most: int = SHOWN) -> list[str]:
    """Return the first lines under their heading, and how many more there are; nothing without lines."""
    left = len(lines) - most
    more = [f"  … {left:,} more with --json"] if left > 0 else []
    return ["", heading, *(f"  {line}" for line in lines[:most]), *more] if lines else []
