"""Every page that callmine writes, of a small year: the one list that tests of pages go through.

A new report is one line of :data:`PAGES`: what builds its value, and a renderer for each format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from callmine.operations.battlecard_files import rendered as card_in
from callmine.operations.battlecards import battlecards
from callmine.operations.outcomes import outcome_report
from callmine.operations.outcomes import rendered as outcomes_in
from callmine.operations.reporting import digest_of_week
from callmine.operations.reporting import rendered as digest_in
from callmine.operations.reviewing import deal_review, period_review
from callmine.operations.reviewing import rendered as review_in
from callmine.workspace import Workspace

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FORMATS = ("html", "md", "json", "pdf")


@dataclass(frozen=True, slots=True)
class Page:
    """A report that is a page: how its value is made of a workspace, and how that is rendered."""

    build: Callable[[Workspace], Any]
    render: Callable[[Any, str, Workspace], str | bytes]


PAGES = {
    "digest": Page(lambda place: digest_of_week(place, week="2026-W03"), digest_in),
    "battlecard": Page(
        lambda place: battlecards(place, ["Lantern"], now=NOW)[0], lambda v, f, _: card_in(v, f)
    ),
    "outcomes": Page(lambda place: outcome_report(place, now=NOW), lambda v, f, _: outcomes_in(v, f)),
    "review": Page(lambda place: deal_review(place, "D-01", now=NOW), lambda v, f, _: review_in(v, f)),
    "period": Page(
        lambda place: period_review(place, side="lost", since="2026-01-01", now=NOW),
        lambda v, f, _: review_in(v, f),
    ),
}
"""Name of a page to how it is made, from a workspace of :func:`tests.closed_store.small_year`."""
