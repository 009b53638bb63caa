"""How a report becomes files: what each kind needs, and the one way in which all are shown and written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from callmine.domain import digest_of
from callmine.files import write_whole
from callmine.operations.drafts import draft_of
from callmine.operations.playing import played
from callmine.operations.redacting import leaves, redact_reports
from callmine.reports.limits import NO_LIMITS, Limits
from callmine.reports.quote_values import Quote
from callmine.workspace import Workspace

if TYPE_CHECKING:
    from callmine.reports.battlecard_values import Battlecard
    from callmine.reports.brief_values import BriefReport
    from callmine.reports.digest_values import Digest
    from callmine.reports.message_values import MessageReport
    from callmine.reports.outcome_values import OutcomeReport
    from callmine.reports.review_period_values import PeriodReview
    from callmine.reports.review_values import DealReview

PDF, DRAFT = "pdf", "eml"

Report = TypeVar("Report")


@dataclass(frozen=True, slots=True)
class Renderers(Generic[Report]):
    """What shows a report.

    Attributes:
        html: Makes it one self-contained HTML document.
        markdown: Makes it CommonMark.
        json: Makes it JSON text of a published shape.
        heard: Its quotes, those first that are to be heard first; ``None`` where none is given a clip here.
    """

    html: Callable[[Report], str]
    markdown: Callable[[Report], str]
    json: Callable[[Report], str]
    heard: Callable[[Report], Iterable[Quote]] | None = None


@dataclass(frozen=True, slots=True)
class Pages(Generic[Report]):
    """How one kind of report becomes files.

    Attributes:
        kind: Its name, a key of :data:`callmine.operations.sendable.REPORTS`.
        stem: How the names of a report's files begin; no other report of everything has the same.
        renderers: What shows a report, imported when it is asked for: the templates and the schema's
            library are slow to import, and most commands need neither.
        limits: What a report is limited to, which ends the names of its files.
    """

    kind: str
    stem: Callable[[Report], str]
    renderers: Callable[[], Renderers[Report]]
    limits: Callable[[Report], Limits] = lambda report: NO_LIMITS


@dataclass(frozen=True, slots=True)
class Written(Generic[Report]):
    """A report that was written: the value that is shown, and where, a path for each format."""

    report: Report
    paths: tuple[Path, ...]


def need(formats: Iterable[str]) -> None:
    """See that what formats need is there, before the work of building a report is done.

    Raises:
        MissingDependency: A PDF is wanted, and WeasyPrint or what it needs is not there.
    """
    if PDF in formats:
        from callmine.reports.render.pdf import library

        library()


def rendered(pages: Pages[Report], report: Report, format: str) -> str | bytes:
    """Return a report as ``html``, ``md``, ``json`` or ``pdf``, which is its page, printed.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
        MissingDependency: See :func:`need`.
    """
    shown = pages.renderers()
    if format == PDF:
        from callmine.reports.render.pdf import render_pdf

        return render_pdf(shown.html(report))
    return {"html": shown.html, "md": shown.markdown, "json": shown.json}[format](report)


def page_or_draft(pages: Pages[Report], report: Report, format: str, workspace: Workspace) -> str | bytes:
    """Return a report as :func:`rendered` does, or as ``eml``: a draft of an e-mail to nobody.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
        MissingDependency: See :func:`need`.
    """
    return draft_of(pages.kind, report, workspace) if format == DRAFT else rendered(pages, report, format)


def file_stem(pages: Pages[Report], report: Report) -> str:
    """Return the name of a report's files without their ending: of other limits it is another one."""
    return f"{pages.stem(report)}{pages.limits(report).slug}"


def page_name(pages: Pages[Report], report: Report) -> str:
    """Return the name of a report's page in ``reports/``; empty for a part, which has no page there."""
    return "" if pages.limits(report).names else f"{pages.stem(report)}.html"


def write_page(
    pages: Pages[Report],
    report: Report,
    workspace: Workspace,
    *,
    format: str = "html",
    output: Path | None = None,
    redact: bool | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Written[Report]:
    """Write one report as one file; see :func:`write_pages`.

    Raises:
        UsageError: See :func:`write_pages`.
        ModelError: See :func:`write_pages`.
    """
    (written,) = write_pages(
        pages, [report], workspace, formats=(format,), output=output, redact=redact, progress=progress
    )
    return written


def write_pages(
    pages: Pages[Report],
    reports: Sequence[Report],
    workspace: Workspace,
    *,
    formats: Sequence[str] = ("html",),
    output: Path | None = None,
    stem: str = "",
    redact: bool | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> tuple[Written[Report], ...]:
    """Write reports of one kind in each format; where a page is written, their quotes play.

    Args:
        pages: Of which kind they are.
        reports: Their values, without clips unless the kind brings its own.
        workspace: Where they are from.
        formats: ``html``, ``md``, ``json``, ``pdf``, ``eml``.
        output: The file (of one report, in one format); by default one in ``reports/``.
        stem: The name of that one; by default :func:`file_stem` of what is written.
        redact: Whether personal data is taken out, as far as it is found; by default in a file outside
            the workspace.
        progress: Is told that nothing is guaranteed then.

    Raises:
        UsageError: A file cannot be written.
        ModelError: The language model for redaction cannot be had.
    """
    made = [_sounding(pages, one, workspace) for one in reports] if "html" in formats else list(reports)
    if leaves(workspace, output) if redact is None else redact:
        made = redact_reports(made, workspace, progress=progress)
    return tuple(
        Written(
            report,
            tuple(
                _written(
                    output or workspace.reports / f"{stem or file_stem(pages, report)}.{format}",
                    page_or_draft(pages, report, format, workspace),
                )
                for format in formats
            ),
        )
        for report in made
    )


def _sounding(pages: Pages[Report], report: Report, workspace: Workspace) -> Report:
    """Return a report whose quotes play, as far as they are to."""
    heard = pages.renderers().heard
    return played(workspace, report, heard) if heard else report


def _written(path: Path, text: str | bytes) -> Path:
    write_whole(path, text, folders=True)
    return path


# -- the kinds of reports ----------------------------------------------------------------------------


def _digest() -> Renderers[Digest]:
    # Its clips are cut where it is built, from more than its quotes.
    from callmine.reports.render import html, json, markdown

    return Renderers(html.render_html, markdown.render_markdown, json.JSON.text)


def _battlecard() -> Renderers[Battlecard]:
    from callmine.reports.battlecard import quotes_of
    from callmine.reports.render import battlecard_pages as page

    return Renderers(page.render_html, page.render_markdown, page.JSON.text, quotes_of)


def _deal_review() -> Renderers[DealReview]:
    from callmine.reports.render import review_pages as page

    return Renderers(page.render_html, page.render_markdown, page.JSON.text, page.quotes_of)


def _period_review() -> Renderers[PeriodReview]:
    from callmine.reports.render import period_pages as page

    return Renderers(page.render_html, page.render_markdown, page.JSON.text, page.quotes_to_hear)


def _outcomes() -> Renderers[OutcomeReport]:
    from callmine.reports.render import outcome_pages as page

    return Renderers(page.render_html, page.render_markdown, page.JSON.text)


def _messages() -> Renderers[MessageReport]:
    from callmine.reports.render import message_pages as page

    return Renderers(page.render_html, page.render_markdown, page.JSON.text, page.quotes_in_turn)


def _brief() -> Renderers[BriefReport]:
    from callmine.reports.render import brief_pages as page

    return Renderers(page.render_html, page.render_markdown, page.JSON.text, page.quotes_to_hear)


def _of_card(card: Battlecard) -> str:
    from callmine.reports.render.html import anchor

    stem = f"battlecard-{anchor(card.competitor)}"
    # Built for days that were asked for it is no version: the competitor's own page stays as it is.
    return stem if card.standing else f"{stem}-{card.since}-to-{card.until}"


def _of_deal(review: DealReview) -> str:
    """Return how the names of a deal's files begin; ids that no file may have get a hash."""
    deal_id = review.deal.deal_id
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", deal_id).strip("-.")[:60]
    return "review-" + (slug if slug == deal_id else f"{slug}-{digest_of(deal_id)[:6]}".lstrip("-"))


def _of_brief(brief: BriefReport) -> str:
    """Return how the names of a brief's files begin: other days, or other agreements told, have another."""
    days = f"brief-{brief.since}-to-{brief.until}"
    return days if brief.as_of == brief.until else f"{days}-as-of-{brief.as_of}"


DIGEST: Pages[Digest] = Pages(
    kind="digest",
    stem=lambda digest: f"digest-{digest.week}",
    renderers=_digest,
    limits=lambda digest: Limits(digest.segment, digest.product, digest.persona),
)
BATTLECARD: Pages[Battlecard] = Pages(kind="battlecard", stem=_of_card, renderers=_battlecard)
DEAL_REVIEW: Pages[DealReview] = Pages(kind="review", stem=_of_deal, renderers=_deal_review)
PERIOD_REVIEW: Pages[PeriodReview] = Pages(
    kind="review",
    stem=lambda review: f"review-{review.side}-{review.since}-to-{review.until}",
    renderers=_period_review,
    limits=lambda review: Limits(review.segment),
)
OUTCOMES: Pages[OutcomeReport] = Pages(
    kind="outcomes",
    stem=lambda report: f"outcomes-{report.since}-to-{report.until}",
    renderers=_outcomes,
    limits=lambda report: Limits(report.segment),
)
MESSAGES: Pages[MessageReport] = Pages(
    kind="messages",
    stem=lambda report: f"messages-{report.weeks[0]}-to-{report.weeks[-1]}",
    renderers=_messages,
    limits=lambda report: Limits(report.segment),
)
BRIEF: Pages[BriefReport] = Pages(kind="brief", stem=_of_brief, renderers=_brief)


def pages_of_review(review: DealReview | PeriodReview) -> Pages[Any]:
    """Return how a review becomes files: one of a deal, or one of a period."""
    from callmine.reports.review_values import DealReview

    return DEAL_REVIEW if isinstance(review, DealReview) else PERIOD_REVIEW
