"""Build the review of a deal, or of a period, from the store and write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from callmine.domain import digest_of
from callmine.errors import UsageError
from callmine.files import write_whole
from callmine.operations.counting import counted_from
from callmine.operations.linking import tell_waiting
from callmine.operations.outcomes import titles_of
from callmine.playbook import Playbook, load_playbook
from callmine.reports.quotes import QuoteMaker
from callmine.reports.review import review_deal
from callmine.reports.review_values import DealReview
from callmine.reports.weeks import zone
from callmine.store import Store
from callmine.store.deal_queries import DealRow
from callmine.validation import did_you_mean
from callmine.workspace import Workspace


def deal_review(
    workspace: Workspace,
    deal_id: str,
    *,
    now: datetime | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> DealReview:
    """Build the review of one deal, whatever became of it.

    Args:
        workspace: Where.
        deal_id: Its id.
        now: For tests; an aware datetime.
        progress: Is told of calls that wait for a run.

    Raises:
        UsageError: There is no such deal.
        ModelError: The model's card, which says from which score on findings count, is missing or damaged.
    """
    playbook, counted = load_playbook(workspace.playbook), counted_from(workspace)
    timezone = workspace.settings.timezone
    with Store(workspace.database) as store:
        row = _found(store, deal_id)
        tell_waiting(workspace, store, playbook, progress)
        talks = store.talks(min_role_confidence=counted.min_role_confidence, deal_id=deal_id)
        stages = store.stage_times(deal_id).get(deal_id, ())
        rows = store.review_rows([talk.call_id for talk in talks])
    return review_deal(
        *(row, stages, talks, rows, QuoteMaker(counted, timezone)),
        today=(now or datetime.now(UTC)).astimezone(zone(timezone)).date(),
        timezone=timezone,
        titles=titles_of(playbook),
        own_names=playbook.own_names,
        aliases=aliases_of(playbook),
    )


def aliases_of(playbook: Playbook) -> Mapping[str, str]:
    """Return the names that competitors go by, case folded, to the names that findings have."""
    return {
        name.casefold(): rival.name
        for rival in playbook.competitors
        for name in (rival.name, *rival.aliases)
    }


def _found(store: Store, deal_id: str) -> DealRow:
    rows = store.deal_rows(deal_id)
    if not rows:
        ids = [row.deal.deal_id for row in store.deal_rows()]
        raise UsageError(
            f"there is no deal {deal_id!r}{did_you_mean(deal_id, ids)}",
            hint="See the ids with `callmine deals`."
            if ids
            else "Take in an export of the CRM: callmine deals FILE.",
        )
    return rows[0]


@dataclass(frozen=True, slots=True)
class Written:
    """A review that was written: where, and the value it shows."""

    path: Path
    review: DealReview


def write_deal_review(
    workspace: Workspace,
    deal_id: str,
    *,
    format: str = "html",
    output: Path | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Written:
    """Build the review of a deal and write it; by default to ``reports/review-DEAL.FORMAT``.

    Raises:
        UsageError: See :func:`deal_review`; or the file cannot be written.
        ModelError: See :func:`deal_review`.
    """
    review = deal_review(workspace, deal_id, progress=progress)
    path = output or workspace.reports / f"review-{_slug(deal_id)}.{format}"
    write_whole(path, DEAL_RENDERERS[format]()(review), folders=True)
    return Written(path, review)


def _slug(deal_id: str) -> str:
    """Return an id as part of a file's name; ids that no file may have get a hash."""
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", deal_id).strip("-.")[:60]
    return slug if slug == deal_id else f"{slug}-{digest_of(deal_id)[:6]}".lstrip("-")


def _html() -> Callable[[DealReview], str]:
    from callmine.reports.render.review_pages import render_html

    return render_html


def _markdown() -> Callable[[DealReview], str]:
    from callmine.reports.render.review_pages import render_markdown

    return render_markdown


def _json() -> Callable[[DealReview], str]:
    from callmine.reports.render.review_pages import render_json

    return render_json


DEAL_RENDERERS: dict[str, Callable[[], Callable[[DealReview], str]]] = {
    "html": _html,
    "md": _markdown,
    "json": _json,
}
"""Format to the renderer of a deal's review, imported when it is asked for."""
