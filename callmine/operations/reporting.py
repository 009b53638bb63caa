"""Build reports from the store and write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callmine.audio import clip
from callmine.errors import CallmineError, UsageError
from callmine.files import write_whole
from callmine.operations.closed_period import of_segment
from callmine.operations.counting import counted_from
from callmine.operations.emerging import resistance
from callmine.operations.linking import tell_waiting
from callmine.operations.printing import shown
from callmine.operations.redacting import leaves, redact_report
from callmine.operations.second_reading import with_headlines
from callmine.playbook import load_playbook
from callmine.reports.clips import attach_clips
from callmine.reports.digest import build_digest
from callmine.reports.digest_values import Digest
from callmine.reports.trackers import heard_in_stage
from callmine.reports.weeks import (
    bounds,
    last_complete_week,
    monday,
    shift,
    week_label,
    week_name,
    zone,
)
from callmine.store import Store
from callmine.store.rows import EvidenceFilter, EvidenceRow
from callmine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Written:
    """A report that was written: where, and the value it shows."""

    paths: tuple[Path, ...]
    digest: Digest


def digest_of_week(
    workspace: Workspace,
    *,
    week: str = "",
    as_of: str | None = None,
    segment: str | None = None,
    redact: bool = False,
    progress: Callable[[str], None] = lambda text: None,
) -> Digest:
    """Build the digest of a week, without clips.

    Args:
        workspace: Where.
        week: ISO week; empty for the last complete week with a call, else the newest (see
            :func:`remark_on`).
        as_of: ISO date whose outcomes are taken; by default the week's Sunday.
        segment: Only what was heard in deals of this segment, as the CRM calls it.
        redact: Whether personal data is taken out, as far as it is found.
        progress: Is told what is missing from the page, such as headlines.

    Raises:
        UsageError: The week does not exist, there is no dated call at all, or no deal of the segment.
        MissingDependency: Headlines are wanted, and the second reader is not there.
    """
    digest = _build(workspace, week, as_of, progress, segment=segment)[0]
    return redact_report(digest, workspace, progress=progress) if redact else digest


def _build(
    workspace: Workspace,
    week: str,
    as_of: str | None,
    progress: Callable[[str], None],
    *,
    segment: str | None = None,
) -> tuple[Digest, list[EvidenceRow]]:
    playbook = load_playbook(workspace.playbook)
    zone, options = workspace.settings.timezone, workspace.settings.digest
    with Store(workspace.database, create=False) as store:
        tell_waiting(workspace, store, playbook, progress)
        week = week or default_week(store, zone)
        clips = int(options.max_clip_mb * 1_000_000) if options.clips else 0
        settings = replace(counted_from(workspace), max_clip_bytes=clips)
        end = instant_text(bounds(week, timezone=zone)[1])
        # Close dates are days without a zone: the week's Sunday, not the UTC day of its end.
        as_of = as_of or (monday(week) + timedelta(days=6)).isoformat()
        since = instant_text(bounds(shift(week, -settings.weeks_shown), timezone=zone)[0])
        calls = store.calls(as_of=as_of, since=since, until=end)
        found = store.evidence(EvidenceFilter(since=since, until=end, as_of=as_of))
        begin = instant_text(bounds(week, timezone=zone)[0])
        reps = store.reps(since=begin, until=end, min_confidence=settings.min_role_confidence)
        replies = store.replies(since=begin, until=end)
        first = monday(week)
        deals = store.week_deals(
            first_day=first.isoformat(), last_day=(first + timedelta(days=6)).isoformat(), until=end
        )
        unlabelled = resistance(
            store,
            since=since,
            until=end,
            as_of=as_of,
            learned=workspace.learned,
            labels=playbook.titles(all_labels=True),
            progress=progress,
        )
        within = None
        if segment is not None:
            within = {deal.deal_id for deal in of_segment(store.deals(), segment)}
    evidence = heard_in_stage(found, playbook)
    if within is not None:
        calls = [call for call in calls if call.deal_id in within]
        ids = {call.call_id for call in calls}
        evidence = [row for row in evidence if row.call_id in ids]
        reps = [rep for rep in reps if rep.call_id in ids]
        replies = [reply for reply in replies if reply.call_id in ids]
        unlabelled = [heard for heard in unlabelled if heard.row.call_id in ids]
        deals = [deal for deal in deals if (deal.segment or "").casefold() == (segment or "").casefold()]
    digest = build_digest(
        calls,
        evidence,
        week=week,
        playbook_titles=playbook.titles(),
        timezone=zone,
        own_names=playbook.own_names,
        settings=settings,
        reps=reps,
        replies=replies,
        resistance=unlabelled,
        week_deals=deals,
    )
    digest = replace(digest, segment=segment)
    rows = [*evidence, *(heard.row for heard in unlabelled)]
    return with_headlines(digest, workspace, progress=progress), rows


def default_week(store: Store, zone: str) -> str:
    """Return the last complete week with a call; else the newest week with one.

    Raises:
        UsageError: No call has a date.
    """
    started = store.call_starts()
    now = datetime.now(UTC)
    week = last_complete_week(started, now, timezone=zone)
    if week is None and started:
        week = last_complete_week(started, datetime.max.replace(tzinfo=UTC), timezone=zone)
    if week is None:
        raise UsageError(
            "no call has a date, so there is no week to report",
            hint="Give start times in a manifest, or name a week with --week 2026-W40.",
        )
    return week


def remark_on(week: str, workspace: Workspace, *, now: datetime | None = None) -> str:
    """Say which week a digest without ``week`` shows, and why it is not the one just over.

    Args:
        week: The week that :func:`digest_of_week` chose.
        workspace: Where; its time zone says which week it is now.
        now: For tests; an aware datetime.
    """
    today = (now or datetime.now(UTC)).astimezone(zone(workspace.settings.timezone)).date()
    current = week_name(today)
    shown, latest = f"week {week} ({week_label(week)})", shift(current, -1)
    if week == latest:
        return f"{shown}: the last complete week"
    if week > latest:
        return f"{shown}: it is not over yet; no complete week has a call"
    empty = latest if shift(week, 1) == latest else f"{shift(week, 1)} to {latest}"
    return f"{shown}: the last complete week with a call; there is none since, in {empty}"


def instant_text(moment: datetime) -> str:
    """Return an instant as the store writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cut_clip(row: EvidenceRow, start_ms: int, end_ms: int) -> bytes | None:
    """Cut a quote's sound from its recording; ``None`` where there is none to be had.

    In true stereo both channels are mixed, so that an interruption is heard as it was.
    """
    if row.recording is None or not Path(row.recording).is_file():
        return None
    try:
        return clip(Path(row.recording), start_ms, end_ms)
    except CallmineError:
        return None


def write_digest(
    workspace: Workspace,
    *,
    week: str = "",
    formats: tuple[str, ...] = ("html",),
    output: Path | None = None,
    as_of: str | None = None,
    redact: bool | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Written:
    """Build a week's digest, keep it in the store, and write it in each format.

    Args:
        workspace: Where.
        week: As in :func:`digest_of_week`.
        formats: ``html``, ``md``, ``json``, ``pdf``, ``eml``.
        output: File to write (one format only); by default ``reports/digest-WEEK.FORMAT``.
        as_of: As in :func:`digest_of_week`.
        redact: As in :func:`digest_of_week`; by default in a file outside the workspace.
        progress: As in :func:`digest_of_week`.

    Raises:
        UsageError: See :func:`digest_of_week`; or a file cannot be written.
        MissingDependency: See :func:`digest_of_week`.
    """
    digest, evidence = _build(workspace, week, as_of, progress)
    kept = RENDERERS["json"]()(digest)
    if "html" in formats:
        digest = attach_clips(digest, evidence, cut_clip)
    if leaves(workspace, output) if redact is None else redact:
        digest = redact_report(digest, workspace, progress=progress)
    paths = []
    for name in formats:
        path = output or workspace.reports / f"digest-{digest.week}.{name}"
        write_whole(path, rendered(digest, name, workspace), folders=True)
        paths.append(path)
    with Store(workspace.database) as store:
        store.save_report("digest", digest.week, kept, as_of=as_of)
    return Written(tuple(paths), digest)


def rendered(digest: Digest, format: str, workspace: Workspace) -> str | bytes:
    """Return a digest in a format: a key of :data:`RENDERERS`, ``pdf``, or ``eml``, a draft to nobody."""
    if format != "eml":
        return shown(format, lambda name: RENDERERS[name]()(digest))
    from callmine.operations.drafts import draft_of

    return draft_of("digest", digest, workspace)


def _html() -> Callable[[Digest], str]:
    from callmine.reports.render.html import render_html

    return render_html


def _markdown() -> Callable[[Digest], str]:
    from callmine.reports.render.markdown import render_markdown

    return render_markdown


def _json() -> Callable[[Digest], str]:
    from callmine.reports.render.json import render_json

    return render_json


RENDERERS: dict[str, Callable[[], Callable[[Digest], str]]] = {
    "html": _html,
    "md": _markdown,
    "json": _json,
}
"""Format to the renderer, imported when it is asked for."""
