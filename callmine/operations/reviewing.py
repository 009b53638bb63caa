"""Build the review of a deal, or of a period, from the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from callmine.domain import Deal, Kind, Outcome
from callmine.errors import NotYet, UsageError
from callmine.operations.closed_period import of_segment, period_of, segment_named, settings_of
from callmine.operations.counting import counted_from
from callmine.operations.deal_ids import known_deal
from callmine.operations.linking import tell_failed, tell_waiting
from callmine.operations.loss_reasons import with_reasons
from callmine.operations.outcomes import titles_of
from callmine.playbook import load_playbook
from callmine.reports.closed import closed_deals, heard_in
from callmine.reports.quotes import QuoteMaker
from callmine.reports.review import review_deal
from callmine.reports.review_calls import INTERVIEW
from callmine.reports.review_period import WON, review_period
from callmine.reports.review_period_values import PeriodReview
from callmine.reports.review_sides import Matter
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
        progress: Is told of calls that failed, and of those that wait for a run.

    Raises:
        UsageError: There is no such deal.
        ModelError: The model's card, which says from which score on findings count, is missing or damaged.
    """
    playbook, counted = load_playbook(workspace.playbook), counted_from(workspace)
    timezone = workspace.settings.timezone
    with Store(workspace.database) as store:
        deal_id = known_deal(store, deal_id)
        row = _found(store, deal_id)
        tell_failed(store, progress)
        tell_waiting(workspace, store, playbook, progress)
        talks = store.talks(min_role_confidence=counted.min_role_confidence, deals=[deal_id])
        stages = store.stage_times(deal_id).get(deal_id, ())
        rows = store.review_rows([talk.call_id for talk in talks])
    return review_deal(
        *(row, stages, talks, rows, QuoteMaker(counted, timezone)),
        today=(now or datetime.now(UTC)).astimezone(zone(timezone)).date(),
        timezone=timezone,
        titles=titles_of(playbook),
        own_names=playbook.own_names,
        rivals=playbook.rivals,
    )


def _found(store: Store, deal_id: str) -> DealRow:
    rows = with_reasons(store, deal_id)
    if not rows:
        ids = [row.deal.deal_id for row in store.deal_rows()]
        raise UsageError(
            f"there is no deal {deal_id!r}{did_you_mean(deal_id, ids)}",
            hint="See the ids with `callmine deals`."
            if ids
            else "Take in an export of the CRM: callmine deals FILE.",
        )
    return rows[0]


def period_review(
    workspace: Workspace,
    *,
    side: str,
    since: str,
    until: str | None = None,
    segment: str | None = None,
    now: datetime | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> PeriodReview:
    """Build the review of the deals that were lost, or won, in a period.

    Args:
        workspace: Where.
        side: ``lost`` or ``won``.
        since: First day of close, ISO.
        until: Last day; by default the last day, up to today, on which a deal closed.
        segment: Only deals of this segment, as the CRM calls it.
        now: For tests; an aware datetime.
        progress: Is told of calls that failed, and of those that wait for a run.

    Raises:
        UsageError: There are no deals, none of the segment, none lost (or won) in the period, or it ends
            before it begins.
        ModelError: See :func:`deal_review`.
    """
    playbook, counted = load_playbook(workspace.playbook), counted_from(workspace)
    timezone = workspace.settings.timezone
    today = (now or datetime.now(UTC)).astimezone(zone(timezone)).date()
    with Store(workspace.database) as store:
        tell_failed(store, progress)
        tell_waiting(workspace, store, playbook, progress)
        rows = with_reasons(store)
        known = tuple(row.deal for row in rows if not row.is_gone)
        deals, segment = of_segment(known, segment), segment_named(known, segment)
        months = workspace.settings.outcomes.months
        period = period_of(deals, since=since, until=until, months=months, today=today)
        first, last = period.since.isoformat(), period.until.isoformat()
        mine = [deal for deal in deals if deal.close_date and first <= deal.close_date <= last]
        if not any(_is_of(deal, side) for deal in mine):
            raise NotYet(
                f"no deal was {side} from {first} to {last}",
                hint="Widen the period with --since and --until; `callmine deals` lists the deals.",
            )
        talks = store.talks(
            min_role_confidence=counted.min_role_confidence, deals=[deal.deal_id for deal in mine]
        )
        closed = closed_deals(deals, talks, since=period.since, until=period.until, timezone=timezone)
        # Prospects' own words are told of won deals only, and what nobody tells need not be read.
        kinds = (Kind.OBJECTION, Kind.COMPETITOR, *((Kind.POSITIONING,) if side == WON else ()))
        found = store.heard(closed.call_ids, kinds=kinds)
        matter = Matter(
            closed=closed,
            heard=heard_in(closed, found, counted, own_names=playbook.own_names),
            rows=found,
            talks=talks,
            interviews=store.heard(
                [talk.call_id for talk in talks if talk.type == INTERVIEW],
                kinds=(Kind.OBJECTION, Kind.POSITIONING),
            ),
            words={row.deal.deal_id: row.words for row in rows},
            own_names=playbook.own_names,
            rivals=playbook.rivals,
        )
        return review_period(
            matter,
            QuoteMaker(counted, timezone),
            lambda ids: store.evidence(ids=ids),
            side=side,
            since=first,
            until=last,
            timezone=timezone,
            titles=titles_of(playbook),
            segment=segment,
            settings=settings_of(workspace),
        )


def _is_of(deal: Deal, side: str) -> bool:
    return deal.outcome is Outcome.WON if side == WON else deal.outcome.is_lost
