"""What deals' loss reasons speak of, also of those that were imported before imports read them."""

from __future__ import annotations

from dataclasses import replace

from callmine.crm import reason_labels
from callmine.store import Store
from callmine.store.deal_queries import DealRow


def with_reasons(store: Store, deal_id: str | None = None) -> list[DealRow]:
    """Return every deal, those that are gone included, or one; by id, each with its reason read.

    What no import has read is read here, by the built-in words: those of a mapping were not known when it
    was taken in, and count from the next import on. It is not written down, as it may be read by somebody
    who may not write.
    """
    return [row if row.is_reason_read else _read(row) for row in store.deal_rows(deal_id)]


def unread_reasons(store: Store) -> int:
    """Return of how many deals, but for those that are gone, no import has read the loss reason."""
    return sum(not row.is_reason_read and not row.is_gone for row in store.deal_rows())


def _read(row: DealRow) -> DealRow:
    labels = tuple(sorted(reason_labels(row.deal.loss_reason)))
    return replace(row, words=replace(row.words, reason_labels=labels), is_reason_read=True)
