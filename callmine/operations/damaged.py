"""Kept readings that turn out to be damaged: nobody believes them, and the next run makes them anew."""

from __future__ import annotations

from collections.abc import Collection

from callmine.extractors.readings import is_whole
from callmine.reports.text import plural
from callmine.store import Store


def dropped(store: Store, calls: Collection[str]) -> str:
    """Delete damaged readings, those of further calls as well: a disk seldom forgets in one place only.

    Args:
        store: Where they are kept.
        calls: Whose damage somebody met; where nobody met any, nothing is looked at.

    Returns:
        What to tell; nothing where there is none.
    """
    if not calls:
        return ""
    found = {row["call_id"] for row in store.table_rows("readings") if not is_whole(row["data"])}
    store.drop_readings(found.union(calls))
    of = plural(len(found.union(calls)), "call")
    return f"what was kept of the reading of {of} is damaged and is not used: `callmine run` reads again"
