"""How failed and skipped calls are told: those with one message together, the first of them by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from callmine.cli.common import printable
from callmine.reports.text import plural

SHOWN = 5
"""Files that are named of those with one message."""

MOST = 20
"""Messages that are told; a run in which every call fails in its own way is read as JSON."""


class CallTrouble(NamedTuple):
    """What became of one call.

    Attributes:
        head: What happened and where: ``failed in read``.
        source: The file's name.
        message: Why; may begin with the file's name.
        hint: What to do; may be empty.
    """

    head: str
    source: str
    message: str
    hint: str


def trouble_of(problem: Mapping[str, Any]) -> CallTrouble:
    """Return what ``status`` tells of one of its problems; what waits for the next run needs no hint."""
    head, waits = f"{problem['status']} in {problem['stage']}", problem["waiting"]
    return CallTrouble(
        f"waiting for retry by the next run, {head}" if waits else head,
        problem["source"],
        problem["message"] or "",
        "" if waits else problem["hint"] or "",
    )


def trouble_lines(troubles: Iterable[CallTrouble], *, all_of_them: str = "--json") -> Iterator[str]:
    """Yield the lines that tell troubles, in the order in which each message is there first.

    Args:
        troubles: What happened, call by call.
        all_of_them: What shows those that are left out, as it is typed.
    """
    groups: dict[tuple[str, str, str], list[CallTrouble]] = {}
    for one in troubles:
        groups.setdefault((one.head, _why(one), one.hint), []).append(one)
    for (head, why, hint), found in islice(groups.items(), MOST):
        if len(found) == 1:
            (one,) = found
            yield f"{head}: {one.message if one.source in one.message else f'{one.source}: {one.message}'}"
        else:
            yield f"{head}: {plural(len(found), 'call')}: {why}"
            names = ", ".join(printable(one.source) for one in found[:SHOWN])
            more = len(found) - SHOWN
            yield f"  {names}" + (f" and {more:,} more (`{all_of_them}`)" if more > 0 else "")
        if hint:
            yield f"  {hint}"
    if left := sum(len(found) for found in islice(groups.values(), MOST, None)):
        yield f"… and {plural(left, 'call')} more, with other messages (`{all_of_them}`)"


def _why(one: CallTrouble) -> str:
    """Return a message without the file that it is about, so that equal ones are equal."""
    return one.message.removeprefix(f"{one.source}: ").replace(one.source, "the file")
