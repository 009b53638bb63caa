"""Build reports from the store and write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from callmine.audio import clip
from callmine.errors import CallmineError
from callmine.files import check_place
from callmine.operations.digest_building import build_week
from callmine.operations.pages import DIGEST, Written, file_stem, write_pages
from callmine.operations.redacting import redact_report
from callmine.reports.clips import attach_clips
from callmine.reports.digest_values import Digest
from callmine.reports.limits import NO_LIMITS, Limits
from callmine.reports.weeks import shift, week_label, week_name, zone
from callmine.store import Store
from callmine.store.rows import EvidenceRow
from callmine.workspace import Workspace


def digest_of_week(
    workspace: Workspace,
    *,
    week: str = "",
    as_of: str | None = None,
    limits: Limits = NO_LIMITS,
    redact: bool = False,
    edit: Callable[[Store], None] | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Digest:
    """Build the digest of a week, without clips.

    Args:
        workspace: Where.
        week: ISO week; empty for the last complete week with a call, else the newest (see
            :func:`remark_on`).
        as_of: ISO date whose outcomes are taken; by default the week's Sunday.
        limits: Only what was heard in deals of a segment, in calls about a product, from a persona.
        redact: Whether personal data is taken out, as far as it is found.
        edit: Keeps what a person says of the quotes, once nothing else that was asked for can be refused.
        progress: Is told what is missing from the page, such as headlines.

    Raises:
        UsageError: The week does not exist, there is no dated call at all, ``as_of`` is to come, or there
            is no such segment, product or persona.
        MissingDependency: Headlines are wanted, and the second reader is not there.
    """
    digest = build_week(workspace, week=week, as_of=as_of, limits=limits, edit=edit, progress=progress)[0]
    return redact_report(digest, workspace, progress=progress) if redact else digest


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
    limits: Limits = NO_LIMITS,
    redact: bool | None = None,
    edit: Callable[[Store], None] | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Written[Digest]:
    """Build a week's digest, keep it in the store, and write it in each format.

    Args:
        workspace: Where.
        week: As in :func:`digest_of_week`.
        formats: ``html``, ``md``, ``json``, ``pdf``, ``eml``.
        output: File to write (one format only); by default ``reports/digest-WEEK.FORMAT``, and what it is
            limited to in that name.
        as_of: As in :func:`digest_of_week`.
        limits: The same.
        redact: As in :func:`digest_of_week`; by default in a file outside the workspace.
        edit: As in :func:`digest_of_week`.
        progress: As in :func:`digest_of_week`.

    Raises:
        UsageError: See :func:`digest_of_week`; or a file cannot be written.
        MissingDependency: See :func:`digest_of_week`.
    """
    # Imported late: the schema's library is needed by no digest that is printed.
    from callmine.reports.render.json import JSON

    if output is not None:
        check_place(output)
    digest, evidence = build_week(
        workspace, week=week, as_of=as_of, limits=limits, edit=edit, progress=progress
    )
    kept = JSON.text(digest)
    # As the workspace writes them, and whatever redaction finds in them.
    limits, stem = DIGEST.limits(digest), file_stem(DIGEST, digest)
    if "html" in formats:
        digest = attach_clips(digest, evidence, cut_clip)
    (written,) = write_pages(
        DIGEST,
        [digest],
        workspace,
        formats=formats,
        output=output,
        stem=stem,
        redact=redact,
        progress=progress,
    )
    with Store(workspace.database) as store:
        subject = " ".join(filter(None, (digest.week, limits.key)))
        store.save_report("digest", subject, kept, as_of=as_of)
    return written
