"""Deals as plain values: the list, and one with its history and its calls."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, NamedTuple

from callmine.domain import Deal, Outcome, is_after_close
from callmine.errors import UsageError
from callmine.operations.days import day_of, ends_too_early
from callmine.operations.deal_ids import known_deal
from callmine.operations.listing import one_of
from callmine.operations.loss_reasons import with_reasons
from callmine.reports.text import cut_name, money
from callmine.store import Store
from callmine.store.queries import LOST
from callmine.validation import did_you_mean
from callmine.workspace import Workspace


class ListedDeals(NamedTuple):
    """Deals as plain values; how many others are gone from the CRM, and whether there are any at all."""

    rows: list[dict[str, Any]]
    gone: int
    any: bool


def list_deals(
    workspace: Workspace,
    *,
    outcome: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> ListedDeals:
    """Return the deals that the CRM holds, by close date and id; those without a date come last.

    Args:
        workspace: Where.
        outcome: Only those that ended so; ``lost`` is every way of losing.
        since: Only those with a close date on this ISO date or later.
        until: Only those with a close date on this ISO date or earlier.

    Raises:
        UsageError: A filter has a value that cannot be, or the period ends before it begins.
    """
    if outcome is not None:
        outcome = one_of("--outcome", outcome, [*Outcome, LOST], "outcome")
    first = day_of(since, "--since") if since is not None else None
    last = day_of(until, "--until") if until is not None else None
    if first and last and first > last:
        raise ends_too_early(first, last)
    rows, gone, known = [], 0, 0
    with Store(workspace.database) as store:
        for row in store.deal_rows():
            known += 1
            deal = row.deal
            if outcome not in (None, deal.outcome) and not (outcome == LOST and deal.outcome.is_lost):
                continue
            day = deal.close_date
            if (first and (day is None or day < first)) or (last and (day is None or day > last)):
                continue
            if row.is_gone:
                gone += 1
            else:
                rows.append({**_told(deal), "calls": row.calls})
    rows.sort(key=lambda row: (row["close_date"] is None, row["close_date"] or "", row["deal_id"]))
    return ListedDeals(rows, gone, known > 0)


def show_deal(workspace: Workspace, deal_id: str) -> dict[str, Any]:
    """Return one deal: all its fields, its ``history`` (states and since when) and its ``calls``.

    Raises:
        UsageError: There is no such deal.
    """
    with Store(workspace.database) as store:
        deal_id = known_deal(store, deal_id)
        found = with_reasons(store, deal_id)
        if not found:
            ids = [row.deal.deal_id for row in store.deal_rows()]
            raise UsageError(
                f"there is no deal {cut_name(deal_id)!r}{did_you_mean(deal_id, ids)}",
                hint="See the ids with `callmine deals`.",
            )
        history, calls = store.stage_history(deal_id), store.linked_calls(deal_id)
    (row,) = found
    deal = row.deal
    closed = deal.close_date if deal.outcome is not Outcome.OPEN else None
    zone = workspace.settings.timezone
    return {
        "deal": {
            **_told(deal),
            "reason_labels": list(row.words.reason_labels),
            "outcome_word": row.words.outcome,
            "is_won": row.words.is_won,
            "is_closed": row.words.is_closed,
            "is_gone": row.is_gone,
            "known_at": row.known_at,
        },
        "history": [{**asdict(s), "amount_text": _amount(s.amount, deal.currency)} for s in history],
        "calls": [
            {**call, "is_after_close": is_after_close(call["started_at"], closed, zone)} for call in calls
        ],
    }


def _told(deal: Deal) -> dict[str, Any]:
    return {**asdict(deal), "amount_text": _amount(deal.amount, deal.currency)}


def _amount(amount: float | None, currency: str | None) -> str | None:
    return None if amount is None else money(amount, currency)
