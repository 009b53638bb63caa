"""Build the report on approved messages from the store."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date

from callmine.domain import Kind
from callmine.errors import UsageError
from callmine.operations.claim_meanings import claim_meanings
from callmine.operations.closed_period import closed_in_period, of_segment, segment_named, settings_of
from callmine.operations.counting import counted_from
from callmine.operations.days import day_of, ends_too_early
from callmine.operations.digest_building import default_week, instant_text
from callmine.operations.linking import tell_waiting
from callmine.operations.redacting import redact_report
from callmine.playbook import Playbook, load_playbook
from callmine.reports.digest_values import DigestSettings
from callmine.reports.message_claims import ClaimMaterial, claims_among
from callmine.reports.message_outcomes import DealPeriod, message_outcomes
from callmine.reports.message_values import MessageOutcomes, MessageReport
from callmine.reports.messages import build_messages
from callmine.reports.quotes import QuoteMaker
from callmine.reports.tally import passes
from callmine.reports.weeks import bounds, monday, shift, week_name
from callmine.store import Store
from callmine.store.rows import EvidenceFilter, EvidenceRow
from callmine.workspace import Workspace

WEEKS = 8
"""Weeks that are looked at unless somebody says more."""


def message_report(
    workspace: Workspace,
    *,
    weeks: int = WEEKS,
    since: str | None = None,
    last: str | None = None,
    segment: str | None = None,
    redact: bool = False,
    progress: Callable[[str], None] = lambda text: None,
) -> MessageReport:
    """Build the report on the playbook's messages.

    Deals are those of ``callmine outcomes``: closed in as many months as the settings say.

    Args:
        workspace: Where; its settings say which findings and roles are sure enough.
        weeks: How many weeks, up to the last complete one with a call; 1 or more.
        since: ISO day in whose week they begin, instead of so many.
        last: ISO week with which they end, instead of the last complete one with a call.
        segment: Only calls of deals of this segment, as the CRM calls it.
        redact: Whether personal data is taken out, as far as it is found.
        progress: Is told that this guarantees nothing, and of calls that wait for a run.

    Raises:
        UsageError: The playbook has no messages, no call has a date, no deal is of the segment, or the
            weeks end before they begin.
        ModelError: The model or its card is missing or damaged.
    """
    playbook, counted = load_playbook(workspace.playbook), counted_from(workspace)
    if not playbook.messages:
        raise UsageError(
            f"{workspace.playbook}: there are no [[messages]] to look for",
            hint="Add each approved message with an id and its text, then callmine run.",
        )
    zone = workspace.settings.timezone
    with Store(workspace.database, create=False) as store:
        tell_waiting(workspace, store, playbook, progress)
        calls = store.calls()
        week = _last_week(default_week(store, zone), last)
        shown = _weeks(week, since, asked=last is not None) if since else weeks
        first = instant_text(bounds(shift(week, 1 - shown), timezone=zone)[0])
        end = instant_text(bounds(week, timezone=zone)[1])
        if segment is not None:
            deals = store.deals()
            segment = segment_named(deals, segment)
            of = {deal.deal_id for deal in of_segment(deals, segment)}
            calls = [call for call in calls if call.deal_id in of]
        own = {call.call_id for call in calls}
        found = store.evidence(EvidenceFilter(kind=Kind.POSITIONING, since=first, until=end))
        rows = [row for row in found if row.call_id in own]
        heard = store.reps(since=first, until=end, min_confidence=counted.min_role_confidence)
        report = build_messages(
            calls,
            rows,
            [row for row in heard if row.call_id in own],
            playbook.messages,
            week=week,
            weeks=shown,
            timezone=zone,
            settings=counted,
            groups=workspace.settings.messages.groups,
            per_rep=workspace.settings.messages.per_rep,
            material=_material(workspace, store, rows, counted, progress),
            outcomes=_outcomes(workspace, store, playbook, counted, segment),
            company=playbook.own_names[0],
            segment=segment,
        )
    return redact_report(report, workspace, progress=progress) if redact else report


def _last_week(newest: str, last: str | None) -> str:
    """Return the week to end with: one that is asked for has to be known by now."""
    if last is not None and last > newest:
        raise UsageError(
            f"the last complete week with a call is {newest}, before {last}",
            hint="End with an earlier week.",
        )
    return last or newest


def _weeks(last: str, since: str, *, asked: bool) -> int:
    """Return how many weeks there are from that of a day to the last one; ``asked``: somebody named it."""
    first = date.fromisoformat(day_of(since, "--since"))
    if week_name(first) > last and asked:
        raise ends_too_early(week_name(first), last)
    if week_name(first) > last:
        raise UsageError(
            f"the last complete week with a call is {last}, before {first}",
            hint="Begin earlier with --since.",
        )
    return (monday(last) - monday(week_name(first))).days // 7 + 1


def _material(
    workspace: Workspace,
    store: Store,
    rows: list[EvidenceRow],
    counted: DigestSettings,
    progress: Callable[[str], None],
) -> ClaimMaterial:
    """Return what claims are grouped by."""
    sure = [row for row in rows if passes(row, counted)]
    told = claims_among(sure, QuoteMaker(counted, workspace.settings.timezone))
    meanings = claim_meanings(store, told, learned=workspace.learned, progress=progress)
    calls = {row.call_id for row in told}
    answers = store.heard(calls, kinds=(Kind.ANSWER,), detailed=(Kind.ANSWER,)) if calls else []
    accepted = {
        (row.call_id, row.utterance_index)
        for row in answers
        if row.detail.get("accepted") == "yes" and passes(row, counted)
    }
    return ClaimMaterial(meanings, frozenset(accepted))


def _outcomes(
    workspace: Workspace, store: Store, playbook: Playbook, counted: DigestSettings, segment: str | None
) -> MessageOutcomes | None:
    """Return how deals ended; ``None`` where none with calls has closed."""
    try:
        period, closed, _ = closed_in_period(workspace, store, counted, segment=segment)
    except UsageError:  # no deal has closed yet, or none with a date: there is nothing to hold against
        return None
    if not closed.cohort.deals:
        return None
    per_rep = workspace.settings.messages.per_rep

    def read(ids: Collection[str]) -> list[EvidenceRow]:
        found = store.evidence(ids=frozenset(ids))
        return found if per_rep else [replace(row, speaker_name=None) for row in found]

    rows = store.heard(closed.call_ids, kinds=(Kind.POSITIONING,), detailed=(Kind.POSITIONING,))
    return message_outcomes(
        DealPeriod(closed, period.since.isoformat(), period.until.isoformat(), rows),
        {message.id: message.text for message in playbook.messages},
        read,
        QuoteMaker(counted, workspace.settings.timezone),
        settings_of(workspace),
    )
