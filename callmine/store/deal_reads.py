"""What is read of deals, and of which calls belong to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlite_utils import Database

from callmine.domain import Deal
from callmine.store import deal_queries, links, outcome_queries, reading, review_queries
from callmine.store.deal_queries import DealRow, StageRow, ToJudge
from callmine.store.links import LinkRow
from callmine.store.review_queries import ReviewRows
from callmine.store.rows import WeekDeal


class DealReads:
    """What is read of deals; a part of :class:`callmine.store.reader.Reader`."""

    _db: Database

    def deals(self) -> tuple[Deal, ...]:
        """Return the deals that the last full import held."""
        rows = self._db.query("SELECT * FROM deals WHERE is_gone = 0 ORDER BY deal_id")
        return tuple(reading.deal_from_row(row) for row in rows)

    def deal_rows(self, deal_id: str | None = None) -> list[DealRow]:
        """Return deals, those that are gone included; see :func:`callmine.store.deal_queries.deal_rows`."""
        return deal_queries.deal_rows(self._db, deal_id)

    def linked_calls(self, deal_id: str) -> list[dict[str, Any]]:
        """Return a deal's calls; see :func:`callmine.store.deal_queries.linked_calls`."""
        return deal_queries.linked_calls(self._db, deal_id)

    def history_of(self, deal_id: str) -> list[dict[str, Any]]:
        """Return the rows of a deal's history as stored, oldest first."""
        return deal_queries.history_of(self._db, deal_id)

    def stage_history(self, deal_id: str | None = None) -> list[StageRow]:
        """Return deals' states over time; see :func:`callmine.store.deal_queries.stage_history`."""
        return deal_queries.stage_history(self._db, deal_id)

    def stage_times(self, deal_id: str | None = None) -> dict[str, tuple[tuple[str | None, str], ...]]:
        """Return each deal's stages and since when; see :func:`callmine.store.deal_queries.stage_times`."""
        return deal_queries.stage_times(self.stage_history(deal_id))

    def deals_to_judge(self) -> Iterator[ToJudge]:
        """Yield the deals whose outcome can be judged again, by id."""
        return deal_queries.to_judge(self._db)

    def week_deals(self, *, first_day: str, last_day: str, until: str) -> list[WeekDeal]:
        """Return a week's deals; see :func:`callmine.store.outcome_queries.week_deals`."""
        return outcome_queries.week_deals(self._db, first_day=first_day, last_day=last_day, until=until)

    def links(self, call_id: str | None = None) -> list[LinkRow]:
        """Return which calls belong to which deal; see :func:`callmine.store.links.links`."""
        return list(links.links(self._db, call_id))

    def gone_deals(self) -> frozenset[str]:
        """Return the ids of deals that are gone; see :func:`callmine.store.links.gone_deals`."""
        return links.gone_deals(self._db)

    def review_rows(self, call_ids: Collection[str]) -> ReviewRows:
        """Return all of some calls; see :func:`callmine.store.review_queries.review_rows`."""
        return review_queries.review_rows(self._db, call_ids)
