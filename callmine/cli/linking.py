"""``links``: which calls are tied to deals, by what, and what would help the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from callmine.cli.common import JsonOption, WorkspaceOption, echo, print_json, print_table, say

if TYPE_CHECKING:
    from callmine.reports.linking import LinkCoverage

SHOWN = 20
"""How many remedies are printed; the JSON has all."""


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
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how many calls are tied to their deals, by which rule and how surely, and why others are not.

    Deal ids that calls name and that are not among the deals are told, and deals that a person tied
    calls to and that are gone from the last import.

    Example: callmine links --unlinked
    """
    from callmine.operations.linking import links_of
    from callmine.workspace import find_workspace

    found = links_of(find_workspace(workspace), unlinked=unlinked, rule=rule)
    if as_json:
        print_json(found)
        return
    _say_coverage(found.coverage)
    if rule is not None:
        echo("")
        print_table(
            ("call", "file", "deal", "sure", "why"),
            [(r.call_id, r.source, r.deal_id, f"{r.confidence or 0:.0%}", r.why) for r in found.listed],
        )
    if not unlinked:
        return
    if found.remedies:
        echo("\nWhat would help most:")
    for remedy in found.remedies[:SHOWN]:
        say(f"  {remedy.text}")
    if len(found.remedies) > SHOWN:
        echo(f"  … {len(found.remedies) - SHOWN} more with --json")
    if found.listed:
        echo("")
        print_table(
            ("call", "file", "given", "nearest", "reason"),
            [
                (
                    r.call_id,
                    r.source,
                    r.about,
                    f"{r.nearest} at {r.probability:.2f}" if r.nearest and r.probability else r.nearest,
                    r.reason.value.replace("_", " ") if r.reason else "",
                )
                for r in found.listed
            ],
        )


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
    if coverage.waiting:
        echo(f"not looked at yet: {coverage.waiting}; `callmine run` does")


def _told_ids(coverage: LinkCoverage) -> list[str]:
    """Return a line a deal that is named and not known, or was and is gone."""
    lines = [
        f"deal {d.deal_id} is named by {d.calls} call{'s' if d.calls > 1 else ''}"
        f" ({', '.join(d.examples[:2])}) and not among the deals"
        + (f"; {d.linked} linked by other evidence" if d.linked else "")
        for d in coverage.unknown_deals
    ]
    return lines + [
        f"deal {d.deal_id} is gone from the last full import; {d.calls}"
        f" call{'s stay' if d.calls > 1 else ' stays'} tied to it, as a person said"
        f" ({', '.join(d.examples[:2])}): change it with `callmine correct --link`"
        for d in coverage.gone_deals
    ]
