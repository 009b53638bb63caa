"""Deals from a CRM's export, CSV or JSON, with or without a mapping file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from callmine.crm.mapping import Columns, Mapping
from callmine.crm.outcome import is_explained, names_competitor, outcome_of, outcome_word
from callmine.crm.people import company_domain
from callmine.crm.reasons import reason_labels
from callmine.crm.remarks import (
    FEW,
    MOVED,
    about_columns,
    about_early_closes,
    about_reasons,
    about_stages,
    about_unknown_stages,
    closed_before_created,
    looks_like_another,
    some,
    won_but_open,
)
from callmine.crm.rows import Problem, Row, fold
from callmine.crm.tables import read_table
from callmine.crm.values import (
    BadValue,
    amount_of,
    currency_of,
    date_of,
    default_currency,
    emails_of,
    flag_of,
    id_key,
    text_of,
)
from callmine.domain import Deal, EndWords, Outcome
from callmine.errors import UsageError

COLUMNS: tuple[str, ...] = tuple(Columns.model_fields)
"""Our column names, in the order of the command contract."""

WRAPPERS = ("deals", "records", "results")
"""Keys under which JSON holds the list: ours, Salesforce's, HubSpot's."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DealsFile:
    """What a file of deals holds.

    Attributes:
        deals: With distinct ids, in the order in which they were last seen.
        problems: Rows left out and values left empty, by line.
        notes: Remarks about the file as a whole.
        words: What else the file says of how each deal ended, by its id.
    """

    deals: tuple[Deal, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    words: Dict[str, EndWords]


def read_deals(
    path: Path, *, mapping: Mapping | None = None, rivals: Sequence[str] = (), today: str = ""
) -> DealsFile:
    """Read deals from a CSV or JSON export.

    A row without an id, or with damaged quotes, is left out. A value that cannot be read is
    left empty and the deal is kept, since a deal that is missing from a full import counts as
    gone. Of rows with the same id the last one is kept. Everything of this kind is a problem
    with its line.

    Args:
        path: The file. JSON is a list of objects, or an object with one under ``deals``,
            ``records`` (Salesforce) or ``results`` (HubSpot, ``properties`` included).
        mapping: Their column names and formats; without it the default columns are read.
        rivals: Names and aliases of competitors; a loss reason that names one speaks of one.
        today: The ISO day that the file tells of; open deals of unknown stages with an earlier close
            date are told.

    Raises:
        UsageError: The file cannot be read as a table, or has no column with the deal's id.
    """
    used = mapping or Mapping()
    wanted = {ours: getattr(used.columns, ours) for ours in COLUMNS}
    table = read_table(
        path,
        known=[theirs for names in wanted.values() for theirs in names],
        encoding=used.formats.encoding,
        separator=used.formats.separator,
        wrappers=WRAPPERS,
        ids=wanted["deal_id"],
    )
    sources = {
        ours: [folded for name in names if (folded := fold(name)) in table.columns]
        for ours, names in wanted.items()
    }
    if not sources["deal_id"] and table.rows:
        raise UsageError(
            f"{path}: no column {' or '.join(map(repr, wanted['deal_id']))};"
            f" found: {some(table.columns.values())}",
            hint=(
                "Say which one it is in a file given with --mapping:"
                if mapping
                else "`callmine deals FILE --suggest-mapping > crm.toml` writes a first mapping file to"
                " give with --mapping; in it, or in one of your own:"
            )
            + ' [columns] deal_id = "Their Column".',
        )
    reader = _Reader(used, sources, tuple(rivals), today)
    found: dict[str, tuple[int, Deal, EndWords]] = {}
    for row in table.rows:
        read = reader.deal(row)
        if read is None:
            continue
        deal, words = read
        key = id_key(deal.deal_id)
        if earlier := found.pop(key, None):
            what = f"the deal is there twice; this row replaces the one of line {earlier[0]}"
            reader.problems.append(Problem(row.line, deal.deal_id, what))
        found[key] = (row.line, deal, words)
    early = reader.early if len(reader.early) <= FEW else []
    problems = sorted((*table.problems, *reader.problems, *early), key=lambda p: p.line)
    notes = (
        *table.notes,
        *about_columns(table, wanted, sources, mapped=mapping is not None),
        *reader.notes(),
    )
    deals = tuple(deal for _, deal, _ in found.values())
    return DealsFile(deals, tuple(problems), notes, {d.deal_id: words for _, d, words in found.values()})


@dataclass
class _Reader:
    """Reads rows with one mapping and gathers their problems."""

    mapping: Mapping
    sources: dict[str, list[str]]
    rivals: tuple[str, ...] = ()
    today: str = ""
    problems: list[Problem] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    unexplained: Counter[str] = field(default_factory=Counter)
    numbered: Counter[str] = field(default_factory=Counter)
    suspect: Counter[str] = field(default_factory=Counter)
    early: list[Problem] = field(default_factory=list)

    def deal(self, row: Row) -> tuple[Deal, EndWords] | None:
        """Return the deal of a row and what it says of how that ended, or ``None`` when it has no id."""
        cells = {ours: self._cell(row, ours) for ours in COLUMNS}
        text = {ours: text_of(cell) for ours, cell in cells.items()}
        deal_id = text["deal_id"]
        if deal_id is None:
            self.problems.append(Problem(row.line, None, "no deal_id; the row is left out", lost=True))
            return None
        value = partial(self._value, row.line, deal_id, cells)
        formats = self.mapping.formats
        day = partial(value, parse=lambda cell: date_of(cell, date_format=formats.date_format))
        money = value("amount", parse=lambda cell: amount_of(cell, decimal=formats.decimal))
        amount, named = money or (None, None)
        currency = value("currency", parse=currency_of)
        if currency and named and currency != named:
            what = f"amount is in {named}, currency says {currency}; the latter counts"
            self.problems.append(Problem(row.line, deal_id, what))
        competitor = text["competitor"]
        is_won, is_closed = value("is_won", parse=flag_of), value("is_closed", parse=flag_of)
        judge = partial(
            outcome_of,
            outcome=text["outcome"],
            is_won=is_won,
            is_closed=is_closed,
            stage=text["stage"],
            pipeline=text["pipeline"],
            competitor=competitor,
            mapping=self.mapping,
            rivals=self.rivals,
        )
        reason = text["loss_reason"]
        outcome, doubt = judge(loss_reason=reason)
        unexplained = reason and outcome is Outcome.LOST_OTHER and not is_explained(reason, self.mapping)
        # Where the deal ends so without its reason, too, nothing depends on understanding it.
        if reason and unexplained and judge(loss_reason=None)[0] is not outcome:
            self.unexplained[reason] += 1
        if doubt:
            hint = "Name the stage or word under [outcome] in the mapping file."
            self.problems.append(Problem(row.line, deal_id, doubt, hint))
        default = default_currency(cells["amount"], formats.currency) if amount is not None else None
        deal = Deal(
            deal_id=deal_id,
            name=text["name"],
            account=text["account"],
            owner=text["owner"],
            stage=text["stage"],
            outcome=outcome,
            amount=amount,
            currency=currency or named or default,
            created_at=day("created_at"),
            inquired_at=day("inquired_at"),
            close_date=day("close_date"),
            loss_reason=reason,
            competitor=competitor if names_competitor(competitor) else None,
            segment=text["segment"],
            lead_source=text["lead_source"],
            account_domain=value("account_domain", parse=_domain),
            contact_emails=value("contact_emails", parse=emails_of) or (),
            pipeline=text["pipeline"],
            type=text["type"],
        )
        if (text["outcome"], is_won, is_closed) == (None, None, None):
            self._look_at_stage(deal)
        if odd := won_but_open(deal, is_won=is_won, is_closed=is_closed):
            hint = "See in the CRM whether the deal is closed."
            self.problems.append(Problem(row.line, deal_id, odd, hint))
        if odd := looks_like_another(deal):
            self.problems.append(Problem(row.line, deal_id, odd, "See in the CRM whose domain it is."))
        if odd := closed_before_created(deal):
            self.early.append(Problem(row.line, deal_id, odd, MOVED))
        labels = tuple(sorted(reason_labels(reason, self.mapping)))
        return deal, EndWords(text["outcome"], is_won, is_closed, labels)

    def _look_at_stage(self, deal: Deal) -> None:
        """Count the stage of a deal of which nothing else says how it ended, where no rule knows it."""
        stage, pipeline = deal.stage, deal.pipeline
        if not stage or outcome_word(stage, mapping=self.mapping, pipeline=pipeline):
            return
        name = f"{pipeline} / {stage}" if pipeline else stage
        if stage.isdigit():
            self.numbered[name] += 1
        elif deal.outcome is Outcome.OPEN and (deal.loss_reason or (deal.close_date or "9") < self.today):
            self.suspect[name] += 1

    def _cell(self, row: Row, ours: str) -> Any:
        """Return the first cell that is not empty among the columns for one of ours."""
        sources = self.sources[ours]
        if len(sources) == 1:
            return row.cells.get(sources[0])
        cells = (row.cells.get(source) for source in sources)
        return next((cell for cell in cells if text_of(cell) is not None), None)

    def _value(
        self,
        line: int,
        deal_id: str,
        cells: dict[str, Any],
        ours: str,
        *,
        parse: Callable[[Any], T | None],
    ) -> T | None:
        cell = cells[ours]
        if not cell and cell not in (False, 0):
            return None
        try:
            value = parse(cell)
        except BadValue as fault:
            self.unread[ours] = self.unread.get(ours, 0) + 1
            self.problems.append(Problem(line, deal_id, f"{ours}: {fault}; left empty", fault.hint))
            return None
        self.read[ours] = self.read.get(ours, 0) + (value is not None)
        return value

    def notes(self) -> list[str]:
        """Say what is a matter of the whole file: columns never read, loss reasons not understood."""
        lost = [ours for ours in self.unread if not self.read.get(ours) and self.unread[ours] > 1]
        notes = [f"no value of {ours} could be read ({self.unread[ours]} rows)" for ours in lost]
        if len(self.early) > FEW:
            notes += about_early_closes(self.early)
        return [
            *notes,
            *about_stages(self.numbered),
            *about_unknown_stages(self.suspect),
            *about_reasons(self.unexplained),
        ]


def _domain(cell: Any) -> str | None:
    text = text_of(cell)
    domain = company_domain(text)
    if text and domain is None:
        raise BadValue(f"{text!r} is not a domain", "Write one such as acme.example.")
    return domain
