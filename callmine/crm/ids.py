"""Deals' ids as people and CRMs write them: Salesforce has one of 15 and one of 18 characters."""

from __future__ import annotations

from collections.abc import Iterable

from callmine.crm.values import id_key


class KnownIds:
    """Finds the id under which a deal is known, in whichever of its two lengths it is written."""

    def __init__(self, deal_ids: Iterable[str]) -> None:
        self._ids = set(deal_ids)
        self._by_key: dict[str, list[str]] = {}
        for deal_id in self._ids:
            self._by_key.setdefault(id_key(deal_id), []).append(deal_id)

    def find(self, deal_id: str) -> str | None:
        """Return the known id; ``None`` where there is none, or where it may be either of two."""
        if deal_id in self._ids:
            return deal_id
        # Two long ids that differ in their last characters are two ids.
        alike = [one for one in self._by_key.get(id_key(deal_id), []) if len(one) != len(deal_id)]
        return alike[0] if len(alike) == 1 else None

    def known(self, deal_id: str) -> str:
        """Return the known id, or the one given where there is none."""
        return self.find(deal_id) or deal_id
