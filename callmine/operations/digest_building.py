"""Build a week's digest from the store, with everything that it tells beyond the week."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from callmine.domain import Deal, Kind, utc_now
from callmine.errors import NotYet, UsageError
from callmine.operations.counting import counted_from
from callmine.operations.days import not_to_come
from callmine.operations.digest_limits import WeekMaterial, limits_of, narrowed
from callmine.operations.digest_picks import picks_of
from callmine.operations.emerging import resistance
from callmine.operations.linking import tell_waiting
from callmine.operations.second_reading import with_headlines
from callmine.playbook import Playbook, load_playbook
from callmine.reports.closed import closed_deals, heard_in, local_day
from callmine.reports.digest import build_digest
from callmine.reports.digest_more_values import Pick
from callmine.reports.digest_values import Digest, DigestSettings
from callmine.reports.limits import NO_LIMITS, Limits
from callmine.reports.quotes import QuoteMaker
from callmine.reports.tally import LONG_BASELINE
from callmine.reports.track_record import Material, with_win_rates, with_won_answers
from callmine.reports.trackers import heard_in_stage
from callmine.reports.weeks import bounds, last_complete_week, monday, shift, week_name
from callmine.store import Store
from callmine.store.rows import EvidenceFilter, EvidenceRow
from callmine.workspace import Workspace


def build_week(
    workspace: Workspace,
    *,
    week: str,
    as_of: str | None,
    limits: Limits = NO_LIMITS,
    edit: Callable[[Store], None] | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> tuple[Digest, list[EvidenceRow]]:
    """Build the digest of a week without clips; return it with the findings behind its quotes.

    Args:
        workspace: Where.
        week: ISO week; empty for the default.
        as_of: ISO date whose outcomes are taken; by default the week's Sunday.
        limits: What it is limited to.
        edit: Keeps what a person says of the quotes, once nothing else that was asked for can be refused.
        progress: Is told what is missing from the page.

    Raises:
        UsageError: See :func:`callmine.operations.reporting.digest_of_week`.
        MissingDependency: The same.
    """
    playbook = load_playbook(workspace.playbook)
    zone, options = workspace.settings.timezone, workspace.settings.digest
    today = local_day(utc_now(), zone)
    if as_of:
        not_to_come(date.fromisoformat(as_of[:10]), today, "--as-of")
    if week and monday(week) > today:
        raise UsageError(
            f"week {week} is to come",
            hint=f"Write {week_name(today)} at the latest, or leave it out for the last complete week.",
        )
    with Store(workspace.database, create=False) as store:
        tell_waiting(workspace, store, playbook, progress)
        week = week or default_week(store, zone)
        clips = int(options.max_clip_mb * 1_000_000) if options.clips else 0
        settings = replace(counted_from(workspace), max_clip_bytes=clips)
        # Close dates are days without a zone: the week's Sunday, not the UTC day of its end.
        as_of = as_of or (monday(week) + timedelta(days=6)).isoformat()
        deals = store.deals()
        limits = limits_of(playbook, deals, limits)
        if edit is not None:
            edit(store)
        found = _material(workspace, store, playbook, week, as_of, settings, progress)
        found = narrowed(found, limits, playbook, store, deals)
        picks = picks_of(store)
        digest = build_digest(
            found.calls,
            found.evidence,
            week=week,
            playbook_titles=playbook.titles(),
            timezone=zone,
            own_names=playbook.own_names,
            settings=settings,
            reps=found.reps,
            replies=found.replies,
            resistance=found.unlabelled,
            week_deals=found.deals,
            picks=picks,
            kept=lambda name: store.last_report("digest", " ".join(filter(None, (name, limits.key)))),
            limits=limits,
            whole=found.whole,
        )
        rows = [*found.evidence, *(heard.row for heard in found.unlabelled)]
        if limits.persona is None:  # who of a deal's people said what is not in these statistics
            min_deals = workspace.settings.outcomes.min_deals
            digest, answers = _with_past(digest, found, deals, store, as_of, picks, min_deals=min_deals)
            rows += answers
    return with_headlines(digest, workspace, progress=progress), rows


def _material(
    workspace: Workspace,
    store: Store,
    playbook: Playbook,
    week: str,
    as_of: str,
    settings: DigestSettings,
    progress: Callable[[str], None],
) -> WeekMaterial:
    """Read all of a week and of the weeks that it is compared with."""
    zone = workspace.settings.timezone
    begin, end = (instant_text(moment) for moment in bounds(week, timezone=zone))
    earliest = shift(week, -max(settings.weeks_shown - 1, LONG_BASELINE))
    since = instant_text(bounds(earliest, timezone=zone)[0])
    first = monday(week)
    return WeekMaterial(
        calls=store.calls(as_of=as_of, since=since, until=end),
        evidence=heard_in_stage(_evidence(store, since, begin, end, as_of), playbook),
        reps=store.reps(since=begin, until=end, min_confidence=settings.min_role_confidence),
        replies=store.replies(since=begin, until=end),
        unlabelled=resistance(
            store,
            since=since,
            until=end,
            as_of=as_of,
            learned=workspace.learned,
            labels=playbook.titles(all_labels=True),
            progress=progress,
        ),
        deals=store.week_deals(
            first_day=first.isoformat(), last_day=(first + timedelta(days=6)).isoformat(), until=end
        ),
    )


def _evidence(store: Store, since: str, begin: str, end: str, as_of: str) -> list[EvidenceRow]:
    """Return what was found in the week, and what this is compared with: all takes twice as long."""
    before = (
        EvidenceFilter(kind=kind, since=since, until=begin, as_of=as_of)
        for kind in (Kind.OBJECTION, Kind.COMPETITOR)
    )
    asked = (*before, EvidenceFilter(since=begin, until=end, as_of=as_of))
    return [row for one in asked for row in store.evidence(one)]


def _with_past(
    digest: Digest,
    found: WeekMaterial,
    deals: tuple[Deal, ...],
    store: Store,
    as_of: str,
    picks: tuple[Pick, ...],
    *,
    min_deals: int,
) -> tuple[Digest, list[EvidenceRow]]:
    """Add what is known of deals that were closed by then; return the findings behind its quotes, too."""
    if not digest.objections:
        return digest, []
    within = [
        deal
        for deal in deals
        if (found.within is None or deal.deal_id in found.within) and (deal.close_date or "~") <= as_of[:10]
    ]
    talks = store.talks(
        min_role_confidence=digest.settings.min_role_confidence, deals=[deal.deal_id for deal in within]
    )
    closed = closed_deals(
        within,
        [talk for talk in talks if found.about is None or talk.call_id in found.about],
        since=date.min,
        until=date.fromisoformat(as_of[:10]),
        timezone=digest.timezone,
    )
    if not closed.call_ids:
        return digest, []
    heard = heard_in(
        closed, store.heard(closed.call_ids, kinds=(Kind.OBJECTION,), detailed=()), digest.settings
    )
    digest = with_win_rates(digest, closed, heard, min_deals=min_deals)
    won = closed.cohort.won[closed.cohort.deal]
    calls = [call for call, is_won in zip(closed.call_ids, won.tolist(), strict=True) if is_won]
    material = Material(
        rows=store.heard(calls, kinds=(Kind.ANSWER,), detailed=(Kind.ANSWER,)),
        read=lambda ids: store.evidence(EvidenceFilter(as_of=as_of), ids=ids),
        replies=lambda ids: store.replies(answers=ids),
    )
    quotes = QuoteMaker(
        digest.settings,
        digest.timezone,
        pinned=[pick.finding_id for pick in picks if pick.what == "pin"],
        barred=[pick.finding_id for pick in picks if pick.what == "bar"],
    )
    return with_won_answers(digest, heard, material, quotes)


def default_week(store: Store, zone: str) -> str:
    """Return the last complete week with a call; else the newest week with one.

    Raises:
        NotYet: No call has a date.
    """
    started = store.call_starts()
    now = datetime.now(UTC)
    week = last_complete_week(started, now, timezone=zone)
    if week is None and started:
        week = last_complete_week(started, datetime.max.replace(tzinfo=UTC), timezone=zone)
    if week is None:
        raise NotYet(
            "no call has a date, so there is no week to report",
            hint="Give start times in a manifest, or name a week with --week 2026-W40.",
        )
    return week


def instant_text(moment: datetime) -> str:
    """Return an instant as the store writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
