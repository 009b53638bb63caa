"""Which reports can be sent, and how each is built and shown: one entry of :data:`REPORTS` for each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from callmine.delivery_settings import Recipient
from callmine.domain import utc_now
from callmine.errors import NoSuchPart, NotYet, UsageError
from callmine.operations.sendable_values import Ask, Sendable
from callmine.validation import did_you_mean
from callmine.workspace import Workspace

if TYPE_CHECKING:
    from callmine.operations.pages import Pages
    from callmine.reports.render.summaries import Summary


def _digest() -> Sendable:
    from callmine.operations.pages import DIGEST, page_name
    from callmine.operations.reporting import digest_of_week
    from callmine.reports.digest_values import Digest
    from callmine.reports.render.digest_letter import digest_letter
    from callmine.reports.render.digest_post import digest_post

    def build(workspace: Workspace, ask: Ask) -> Digest:
        digest = digest_of_week(workspace, week=ask.subject, limits=ask.limits, progress=ask.progress)
        if not ask.subject and digest.ends_at > utc_now():
            # Sent now, the whole of it would never be.
            raise NotYet(
                f"week {digest.week} is not over yet, and no earlier one has a call",
                hint=f"Send it next week, or as it is with --week {digest.week}.",
            )
        return digest

    return Sendable(
        build=build,
        subject=lambda digest: digest.week,
        page=lambda digest: page_name(DIGEST, digest),
        limits=True,
        letter=digest_letter,
        post=digest_post,
    )


def _in_short(
    *,
    build: Callable[[Workspace, Ask], Any],
    subject: Callable[[Any], str],
    pages: Callable[[Any], Pages[Any]],
    summary: Callable[[Any], Summary],
) -> Sendable:
    """Return how a report is sent of which messages show the :class:`Summary`."""
    from callmine.operations.pages import page_name, write_page
    from callmine.reports.render.summary_letter import summary_letter
    from callmine.reports.render.summary_post import summary_post

    return Sendable(
        build=build,
        subject=subject,
        page=lambda report: page_name(pages(report), report),
        letter=lambda report, around: summary_letter(summary(report), around),
        post=lambda report, around: summary_post(summary(report), around),
        write=lambda workspace, report: write_page(pages(report), report, workspace),
    )


def _battlecard() -> Sendable:
    from callmine.operations.battlecards import battlecards
    from callmine.operations.pages import BATTLECARD
    from callmine.reports.battlecard_values import Battlecard
    from callmine.reports.render.battlecard_summary import battlecard_summary

    def build(workspace: Workspace, ask: Ask) -> Battlecard:
        if not ask.subject:
            raise UsageError(
                "nothing says whose battlecard is meant", hint="Name it: callmine send battlecard NAME."
            )
        if ask.segment:
            raise _of_all("battlecard", ask.segment)
        name = _VERSION.sub("", ask.subject)
        return battlecards(workspace, [name], progress=ask.progress)[0]

    def subject(card: Battlecard) -> str:
        version = card.standing.version if card.standing else None
        which = f"version {version}" if version is not None else f"up to {card.until}"
        return f"{card.competitor}, {which}"

    return _in_short(
        build=build,
        subject=subject,
        pages=lambda card: BATTLECARD,
        summary=battlecard_summary,
    )


_VERSION = re.compile(r", (version \d+|up to \d{4}-\d\d-\d\d)$")
"""What a battlecard's subject says behind the competitor's name."""


def _review() -> Sendable:
    from callmine.operations.abouts import period_asked, side_of
    from callmine.operations.pages import pages_of_review
    from callmine.operations.reviewing import deal_review, period_review
    from callmine.reports.render.period_summary import period_summary
    from callmine.reports.render.review_summary import review_summary
    from callmine.reports.review_period_values import PeriodReview
    from callmine.reports.review_values import DealReview

    Review = DealReview | PeriodReview  # noqa: N806 - a type

    def build(workspace: Workspace, ask: Ask) -> Review:
        if not ask.subject:
            raise UsageError(
                "nothing says what to review",
                hint="Say which deal: callmine send review ID; or a period: --lost --since 2026-07-01.",
            )
        side, days = side_of(ask.subject)
        if side:
            since, until = period_asked(days, workspace)
            return period_review(
                workspace,
                side=side,
                since=since or "",
                until=until,
                segment=ask.segment or None,
                progress=ask.progress,
            )
        review = deal_review(workspace, ask.subject, progress=ask.progress)
        if ask.segment and (review.deal.segment or "").casefold() != ask.segment.strip().casefold():
            # Another team's deal: no failure, as nothing that is mended makes it theirs.
            raise NotYet(
                f"deal {review.deal.deal_id} is not of the segment {ask.segment!r} that a recipient is"
                " limited to",
                hint="Say with --to who is to get the review.",
            )
        return review

    def subject(review: Review) -> str:
        if isinstance(review, PeriodReview):
            return f"{review.side} {review.since}/{review.until}"
        return review.deal.deal_id

    def summary(review: Review) -> Summary:
        return period_summary(review) if isinstance(review, PeriodReview) else review_summary(review)

    return _in_short(
        build=build,
        subject=subject,
        pages=pages_of_review,
        summary=summary,
    )


def _outcomes() -> Sendable:
    from callmine.operations.abouts import period_asked
    from callmine.operations.outcomes import outcome_report
    from callmine.operations.pages import OUTCOMES
    from callmine.reports.outcome_values import OutcomeReport
    from callmine.reports.render.outcome_summary import outcome_summary

    def build(workspace: Workspace, ask: Ask) -> OutcomeReport:
        since, until = period_asked(ask.subject, workspace)
        return outcome_report(
            workspace, since=since, until=until, segment=ask.segment or None, progress=ask.progress
        )

    return _in_short(
        build=build,
        subject=lambda report: f"{report.since}/{report.until}",
        pages=lambda report: OUTCOMES,
        summary=outcome_summary,
    )


def _messages() -> Sendable:
    from callmine.operations.abouts import weeks_asked
    from callmine.operations.messages import message_report
    from callmine.operations.pages import MESSAGES
    from callmine.reports.message_values import MessageReport
    from callmine.reports.render.message_summary import message_summary

    def build(workspace: Workspace, ask: Ask) -> MessageReport:
        since, last = weeks_asked(ask.subject)
        return message_report(
            workspace, since=since, last=last, segment=ask.segment or None, progress=ask.progress
        )

    return _in_short(
        build=build,
        subject=lambda report: f"{report.weeks[0]}/{report.weeks[-1]}",
        pages=lambda report: MESSAGES,
        summary=message_summary,
    )


def _brief() -> Sendable:
    from callmine.operations.abouts import period_asked
    from callmine.operations.brief import brief_report
    from callmine.operations.pages import BRIEF
    from callmine.reports.brief_values import BriefReport
    from callmine.reports.render.brief_summary import brief_summary

    def build(workspace: Workspace, ask: Ask) -> BriefReport:
        if ask.segment:
            raise _of_all("brief", ask.segment)
        since, until = period_asked(ask.subject, workspace)
        # Tried again it is asked for by its days: both have to be the same brief.
        return brief_report(workspace, since=since, until=until, as_it_ended=True, progress=ask.progress)

    return _in_short(
        build=build,
        subject=lambda report: f"{report.since}/{report.until}",
        pages=lambda report: BRIEF,
        summary=brief_summary,
    )


def _of_all(kind: str, segment: str) -> NoSuchPart:
    """Return the error of a report of all deals for somebody who is limited to a segment."""
    return NoSuchPart(
        f"a {kind} is of all deals, and a recipient is limited to the segment {segment!r}",
        hint=f"Take the segment, or the {kind}, off that recipient in callmine.toml.",
    )


REPORTS: dict[str, Callable[[], Sendable]] = {
    "digest": _digest,
    "battlecard": _battlecard,
    "review": _review,
    "outcomes": _outcomes,
    "messages": _messages,
    "brief": _brief,
}
"""Kind of report to how it is sent, imported when it is asked for."""

OF_ALL = ("battlecard", "brief")
"""Those that are of all deals and cannot be of a segment's."""

LIMITED = ("digest",)
"""Those that can be limited to a product or a persona."""


def sendable(kind: str) -> Sendable:
    """Return how a kind of report is sent.

    Raises:
        UsageError: It cannot be sent.
    """
    if kind not in REPORTS:
        raise UsageError(
            f"there is no report {kind!r} to send{did_you_mean(kind, REPORTS)}",
            hint=f"Known: {', '.join(REPORTS)}.",
        )
    return REPORTS[kind]()


def asked_for(recipient: Recipient, kind: str, how: Sendable, ask: Ask) -> Ask:
    """Return what is asked for, limited as a recipient is.

    Raises:
        NoSuchPart: The report cannot be limited so.
    """
    if (recipient.product or recipient.persona) and not how.limits:
        raise NoSuchPart(
            f"{recipient.called} is limited to a product or a persona, and the report {kind!r} cannot be",
            hint="Take the limit, or the report, off that recipient in callmine.toml.",
        )
    return replace(ask, segment=recipient.segment, product=recipient.product, persona=recipient.persona)
