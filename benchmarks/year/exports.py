"""The CRM's exports of a year: a full one at the end of every month, in the dialects that one company met.

In the order of the year: a Salesforce report in cp1252 with American dates and 15-character ids; the same
with a byte-order mark; the German one with semicolons, decimal commas and German dates; the report with a
byte-order mark and 18-character ids. Reports end with footer lines. Every export has a row that is there
twice and, where there is a test deal to lose, one with a damaged quote. HubSpot's JSON is the last state.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.year.chance import Chance, long_id
from benchmarks.year.dialects import COLUMNS, DIALECTS, MAPPINGS, Dialect
from benchmarks.year.values import TrueDeal, Year


@dataclass(frozen=True, slots=True)
class Exported:
    """One export: its file, the mapping for it, the day it was made, and what is wrong with it.

    ``problems`` are ``(kind, line, deal id or empty)``: ``broken quote``, ``twice``, ``footer``.
    ``lost`` is the id of the deal that only the broken row holds.
    """

    file: str
    mapping: str
    day: date
    deals: int
    lost: str
    problems: tuple[tuple[str, int, str], ...]


def month_ends(year: int = 2025) -> list[date]:
    """Return the last day of each month."""
    firsts = [date(year, month, 1) for month in range(2, 13)] + [date(year + 1, 1, 1)]
    return [first - timedelta(days=1) for first in firsts]


def write_exports(year: Year, folder: Path) -> tuple[Exported, ...]:
    """Write the monthly exports, their mappings, the stage history and HubSpot's JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in MAPPINGS.items():
        (folder / name).write_text(text, "utf-8")
    found = [
        _write_month(year, day, dialect, folder)
        for day, dialect in zip(month_ends(), DIALECTS, strict=True)
    ]
    last = month_ends()[-1]
    (folder / "hubspot-2025-12.json").write_text(hubspot(year, last), "utf-8")
    (folder / "opportunity-history.csv").write_text(history(year, last), "utf-8", newline="")
    return tuple(found)


def deals_on(year: Year, day: date) -> list[TrueDeal]:
    """Return the deals that the CRM holds on a day."""
    return [d for d in year.deals if d.created <= day and (d.vanished is None or d.vanished > day)]


def _write_month(year: Year, day: date, dialect: Dialect, folder: Path) -> Exported:
    """Write one month's export: deals in an order of the month's own, its faults among them."""
    order = Chance(year.seed, f"export {day.isoformat()}")
    held = sorted(deals_on(year, day), key=lambda deal: (order.real(), deal.number))
    broken = next((d for d in held if d.path[-1][0] == "Test"), None)
    twice = order.pick([d for d in held if d is not broken])
    rows = [(_row(COLUMNS, dialect), "", "")]
    for deal in held:
        cells = _cells(deal, year, day, dialect)
        if deal is broken:
            rows.append(
                (f'{cells[0]}{dialect.separator}"TEST "please ignore" now,\r\n', "broken quote", "")
            )
            continue
        rows.append((_row(cells, dialect), "", ""))
        if deal is twice:
            rows.append((_row(cells, dialect), "twice", cells[0]))
    rows.append(("\r\n", "", ""))
    rows += [(f"{words}\r\n", "footer", "") for words in dialect.footer]
    line, problems = 1, []
    for text, kind, deal_id in rows:
        if kind:
            problems.append((kind, line, deal_id))
        line += text.count("\n")
    file = f"deals-{day:%Y-%m}.csv"
    (folder / file).write_bytes("".join(text for text, *_ in rows).encode(dialect.encoding, "replace"))
    lost = broken.deal_id if broken else ""
    return Exported(file, dialect.mapping, day, len(held), lost, tuple(problems))


def _row(cells: Sequence[str], dialect: Dialect) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=dialect.separator, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


def _cells(deal: TrueDeal, year: Year, day: date, dialect: Dialect) -> list[str]:
    state = State.of(deal, day)
    account = year.accounts[deal.account]
    amount = f"{state.amount:,.2f}" if dialect.decimal == "." else _german(state.amount)
    yes, no = dialect.flags
    return [
        long_id(deal.deal_id) if dialect.full_ids else deal.deal_id,
        deal.name,
        deal.crm_account,
        year.reps[deal.owner].name if deal.number % 3 else year.reps[deal.owner].email,
        state.stage,
        yes if state.closed else no,
        yes if state.won else no,
        "" if deal.number % 37 == 5 else amount,
        deal.currency,
        f"{deal.created:{dialect.dates}}",
        f"{deal.inquired:{dialect.dates}}" if deal.inquired else "",
        f"{state.close_date:{dialect.dates}}",
        deal.loss_reason if state.closed else "",
        deal.crm_competitor if state.closed else "",
        "" if deal.number % 29 == 3 else deal.segment,
        "" if deal.number % 8 == 1 else deal.lead_source,
        account.crm_domain,
        "; ".join(deal.crm_emails),
        deal.kind,
    ]


def _german(amount: float) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


@dataclass(frozen=True, slots=True)
class State:
    """A deal in the CRM on a day; ``close_date`` is the expected one while it is open."""

    stage: str
    closed: bool
    won: bool
    close_date: date
    amount: float

    @classmethod
    def of(cls, deal: TrueDeal, day: date) -> State:
        """Return a deal's state at the end of a day."""
        stage = deal.stage_on(day, crm=True)
        closed = deal.closed is not None and deal.closed <= day
        late = deal.closed if closed else max(deal.expected, day + timedelta(days=7))
        settled = closed or day > deal.created + timedelta(days=45)
        return cls(
            stage, closed, stage == "Closed Won", late or day, deal.amount if settled else deal.first_amount
        )


def hubspot(year: Year, day: date) -> str:
    """Return the state of a day as HubSpot's interface gives it: properties as text, stages as ids."""
    stages = {"Closed Won": "closedwon", "Closed Lost": "closedlost"}
    results = []
    for deal in deals_on(year, day):
        state, account = State.of(deal, day), year.accounts[deal.account]
        values: dict[str, str | None] = {
            "hs_object_id": deal.hubspot_id,
            "dealname": deal.name,
            "dealstage": stages.get(state.stage, state.stage.casefold()),
            "hs_is_closed": str(state.closed).lower(),
            "hs_is_closed_won": str(state.won).lower(),
            "amount": f"{state.amount:.0f}",
            "deal_currency_code": deal.currency,
            "createdate": f"{deal.created.isoformat()}T09:00:00.000Z",
            "closedate": f"{state.close_date.isoformat()}T00:00:00.000Z",
            "closed_lost_reason": deal.loss_reason or None,
            "hubspot_owner_id": year.reps[deal.owner].email,
            "associated_company": deal.crm_account,
            "company_domain": account.domains[0] if account.crm_domain else None,
            "associated_contacts": "; ".join(deal.crm_emails) or None,
            "dealtype": "newbusiness" if deal.kind == "new business" else "existingbusiness",
        }
        results.append({"id": deal.hubspot_id, "properties": values, "archived": False})
    return json.dumps({"results": results}, indent=1, ensure_ascii=False) + "\n"


def history(year: Year, day: date) -> str:
    """Return the Opportunity History report: a line for every stage that a deal came to, newest first.

    Three in a hundred deals are not in it: they were entered before the history was kept.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("Opportunity ID", "To Stage", "Edit Date"))
    steps = [
        (since, deal.number, at, stage, deal)
        for deal in deals_on(year, day)
        if deal.number % 33 != 11
        for at, (stage, since) in enumerate(deal.crm_path)
        if since <= day
    ]
    for since, _, _, stage, deal in sorted(steps, key=lambda step: step[:3], reverse=True):
        writer.writerow((long_id(deal.deal_id), stage, since.isoformat()))
    return text.getvalue()
