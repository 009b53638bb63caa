"""A first mapping file for an export nobody has mapped yet, each guess with its evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from callmine.crm.columns import (
    Column,
    Guess,
    columns_of,
    dialect_of,
    guess_columns,
    is_date,
    known_names,
)
from callmine.crm.endings import MOST, Ending, Reasons, endings_of, reasons_of
from callmine.crm.formats import Proven, currency_in, date_format_of, decimal_of
from callmine.crm.mapping import Columns, parse_mapping
from callmine.crm.outcome import chosen_in
from callmine.crm.read import WRAPPERS, read_deals
from callmine.crm.reasons import reason_labels
from callmine.crm.rows import Table, clean
from callmine.crm.tables import read_table

_REASONS = 30
_SHOWN = 70
_MOSTLY = 0.8
_MEANINGS = (
    "# No rule knows the reasons below: their deals count as lost_other, lost for a reason of its own (as",
    "# lost_competitor where their competitor column names somebody). Where that is right, as for price or",
    "# a missing feature, nothing needs to be done; uncomment the list, and imports no longer name them as",
    "# not understood. Where a reason means something else, move it to a list of that name:",
    "# lost_competitor = []   # a competitor got the deal",
    "# lost_no_decision = []  # nobody did: no budget, project stopped, no answer any more",
    '# lost_unknown = []      # it says nothing, such as "see notes"',
    "# excluded = []          # it was no deal: a test, a duplicate, disqualified",
)
_DATES = ("created_at", "inquired_at", "close_date")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The text of a mapping file, and remarks on it for whoever asked."""

    text: str
    notes: tuple[str, ...]


def suggest_mapping(path: Path, *, rivals: Sequence[str] = ()) -> Suggestion:
    """Suggest a mapping for a CRM's export, from its header and its values.

    What is sure is written, with the evidence behind it; what is not is a comment, with what it may
    be. The text is a valid mapping whatever the file holds, and the same for the same file and names.

    Args:
        path: The file.
        rivals: Names and aliases of competitors; a loss reason that names one needs no rule.

    Raises:
        UsageError: The file cannot be read as a table.
    """
    table = read_table(path, known=known_names(), wrappers=WRAPPERS, ids=known_names("deal_id"))
    columns = columns_of(table)
    guesses = guess_columns(columns)
    endings, reasons = endings_of(table, guesses), reasons_of(table, guesses, rivals)
    lines = [
        *_head(path, table, columns),
        *_columns(columns, guesses),
        *_formats(table, guesses),
        *_outcome(endings),
        *_loss_reasons(reasons),
    ]
    text = "\n".join(lines) + "\n"
    return Suggestion(text, (*table.notes, *_tried(path, text, guesses, rivals)))


def _tried(path: Path, text: str, guesses: dict[str, Guess], rivals: Sequence[str]) -> list[str]:
    """Say what an import with the suggestion would bring."""
    if "deal_id" not in guesses:
        return ["no column is surely the deal's id: say which under [columns], or nothing can be imported"]
    found = read_deals(path, mapping=parse_mapping(text), rivals=rivals)
    outcomes: dict[str, int] = {}
    for deal in found.deals:
        outcomes[deal.outcome.value] = outcomes.get(deal.outcome.value, 0) + 1
    ended = ", ".join(f"{outcomes[name]} {name}" for name in sorted(outcomes))
    count = len(found.problems)
    left = f"; {count} remark{'s on single rows' if count > 1 else ' on a single row'}" if count else ""
    return [
        f"with this mapping {len(found.deals)} deals can be read ({ended}){left}",
        *(f"then: {note}" for note in found.notes),
    ]


def _head(path: Path, table: Table, columns: Sequence[Column]) -> Iterator[str]:
    yield f"# A first mapping for {_shown(path.name)}, guessed from its header and {len(table.rows)} rows."
    dialect = dialect_of(tuple(columns))
    yield (
        f"# Its columns are named like those of {dialect}."
        if dialect
        else ("# Its columns are named like those of no CRM that is known.")
    )
    yield "# Read it, mend it, then: callmine deals FILE --mapping THIS_FILE"
    yield ""


def _columns(columns: Sequence[Column], guesses: dict[str, Guess]) -> Iterator[str]:
    yield "[columns]"
    for ours in Columns.model_fields:
        guess = guesses.get(ours)
        if guess is None:
            continue
        names = [_quoted(column.name) for column in guess.columns]
        if len(names) == 1:
            yield f"{ours} = {names[0]}  # {guess.why[0]}"
            continue
        yield f"{ours} = [  # of several the first that is filled counts"
        for name, why in zip(names, guess.why, strict=True):
            yield f"  {name},  # {why}"
        yield "]"
    missing = [ours for ours in Columns.model_fields if ours not in guesses]
    if missing:
        yield f"# Not found: {', '.join(missing)}"
    used = {column.name for guess in guesses.values() for column in guess.columns}
    for column in columns:
        if column.name not in used:
            dates = [ours for ours in missing if ours in _DATES] if column.share(is_date) >= _MOSTLY else []
            perhaps = f"; these are dates, perhaps {' or '.join(dates)}" if dates else ""
            yield f"# Not used: {_shown(column.name)}{_examples(column)}{perhaps}"
    yield ""


def _examples(column: Column) -> str:
    most = sorted(column.counts, key=lambda value: (-column.counts[value], value))[:2]
    return f", such as {' and '.join(map(_shown, most))}" if most else ", which is empty"


def _formats(table: Table, guesses: dict[str, Guess]) -> Iterator[str]:
    dates = [c for ours in _DATES if ours in guesses for c in guesses[ours].columns]
    amounts = list(guesses["amount"].columns) if "amount" in guesses else []
    yield "[formats]"
    yield from _proven("date_format", date_format_of(dates))
    yield from _proven("decimal", decimal_of(amounts))
    if "currency" not in guesses and amounts:
        yield from _proven("currency", currency_in(amounts))
    if table.separator is not None:
        known = table.separator in (",", ";", "\t", "|")
        mark = "" if known else "# "
        yield f"{mark}separator = {_quoted(table.separator)}  # the header has most columns with it"
    if table.encoding == "cp1252":
        yield 'encoding = "cp1252"  # a guess: it is not UTF-8'
    elif table.encoding not in (None, "utf-8"):
        yield f'encoding = "{table.encoding}"  # every other byte is zero'
    else:
        yield "# encoding: found by itself (UTF-8, or a byte-order mark says it)"
    yield ""


def _proven(name: str, proven: Proven) -> Iterator[str]:
    if proven.value is not None:
        yield f"{name} = {_quoted(proven.value)}  # {proven.why}"
    elif proven.candidates:
        yield f"# {name} is ambiguous: {proven.why}. Take one of these:"
        for candidate in proven.candidates:
            yield f"# {name} = {_quoted(candidate)}"
    else:
        yield f"# {name}: {proven.why}"


def _outcome(endings: Sequence[Ending]) -> Iterator[str]:
    yield "[outcome]"
    if not endings:
        yield "# No column of stages was found."
    if len(endings) > MOST:
        yield f"# {len(endings)} different stages are too many for a list; the most frequent are shown."
    listed = endings[:MOST]
    for verdict in ("won", "lost", "open", "excluded"):
        of_it = [ending for ending in listed if ending.verdict == verdict]
        if of_it:
            yield f"{verdict} = ["
            yield from (f"  {_quoted(e.name)},  # {_rows(e.count)}; {e.why}" for e in of_it)
            yield "]"
    for ending in listed:
        if ending.verdict is None:
            yield f"# {_shown(ending.name)}: {_rows(ending.count)}; {ending.why}"
    yield ""


def _loss_reasons(reasons: Reasons) -> Iterator[str]:
    yield "[loss_reasons]"
    if reasons.understood:
        known = ", ".join(f"{name} {_rows(n)}" for name, n in sorted(reasons.understood.items()))
        yield f"# Understood without a rule: {known}."
    if not reasons.others:
        yield "# There is no reason in this file that needs one."
        return
    yield from _MEANINGS
    yield "# lost_other = ["
    ranked = sorted(reasons.others, key=lambda reason: (-reasons.others[reason], reason))
    for reason in ranked[:_REASONS]:
        labels = ", ".join(sorted(reason_labels(reason)))
        about = f"; speaks of {labels}" if labels else ""
        name = chosen_in(reason)
        rival = f"; is {_shown(name)} a competitor? Then add it to the playbook instead" if name else ""
        yield f"#   {_shown(reason)},  # {_rows(reasons.others[reason])}{about}{rival}"
    if len(ranked) > _REASONS:
        yield f"#   and {len(ranked) - _REASONS} more"
    yield "# ]"


def _rows(count: int) -> str:
    return f"{count} row{'s' if count != 1 else ''}"


def _quoted(text: str) -> str:
    """Return text as a TOML string; JSON's escapes are TOML's, too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _shown(text: str) -> str:
    """Return text for a comment: one line, short, quoted."""
    plain = clean(text)
    return _quoted(plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…")
