"""Deals' ids as people type them."""

from __future__ import annotations

from callmine.crm.ids import KnownIds
from callmine.store import Store


def known_deal(store: Store, deal_id: str) -> str:
    """Return the id of a deal as the store has it, or what was given where there is no such deal.

    Args:
        store: Where.
        deal_id: As typed; Salesforce's in its short or its long form.
    """
    return KnownIds(row["deal_id"] for row in store.table_rows("deals")).known(deal_id.strip())
