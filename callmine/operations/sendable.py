"""Which reports can be sent, and how each is built and shown: one entry of :data:`REPORTS` for each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from callmine.domain import utc_now
from callmine.errors import UsageError
from callmine.reports.letter_values import Letter, Post, Surroundings
from callmine.validation import did_you_mean
from callmine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Ask:
    """Which report is wanted.

    Attributes:
        subject: Week, competitor, deal, ... as a person names it; empty for the default.
        segment: Only what was heard in deals of this segment; empty for everything.
        progress: Is told what is missing from the report.
    """

    subject: str = ""
    segment: str = ""
    progress: Callable[[str], None] = lambda text: None


@dataclass(frozen=True, slots=True)
class Sendable:
    """A kind of report that can be sent.

    Attributes:
        build: Makes the value; the same subject and segment may be built again days later.
        subject: What a value is about, as a text that is stable: by it nobody gets it twice.
        page: Name of its page below ``base_url``; empty for one of a segment, which has none.
        letter: Makes it an e-mail.
        post: Makes it a post to Slack.
        write: Writes that page into ``reports/``; ``None`` where a recipe does.
        redactable: Whether it holds anything that was said, or names anybody.
    """

    build: Callable[[Workspace, Ask], Any]
    subject: Callable[[Any], str]
    page: Callable[[Any], str]
    letter: Callable[[Any, Surroundings], Letter]
    post: Callable[[Any, Surroundings], Post]
    write: Callable[[Workspace, Any], object] | None = None
    redactable: bool = True


class NotYet(UsageError):
    """What a report is about is not over; sent now, the whole of it would never be."""


def _digest() -> Sendable:
    from callmine.operations.reporting import digest_of_week
    from callmine.reports.digest_values import Digest
    from callmine.reports.render.digest_letter import digest_letter
    from callmine.reports.render.digest_post import digest_post

    def build(workspace: Workspace, ask: Ask) -> Digest:
        digest = digest_of_week(
            workspace, week=ask.subject, segment=ask.segment or None, progress=ask.progress
        )
        if not ask.subject and digest.ends_at > utc_now():
            raise NotYet(
                f"week {digest.week} is not over yet, and no earlier one has a call",
                hint=f"Send it next week, or as it is with --week {digest.week}.",
            )
        return digest

    return Sendable(
        build=build,
        subject=lambda digest: digest.week,
        page=lambda digest: "" if digest.segment else f"digest-{digest.week}.html",
        letter=digest_letter,
        post=digest_post,
    )


def _battlecard() -> Sendable:
    from callmine.operations.battlecard_files import card_page, write_cards
    from callmine.operations.battlecards import battlecards
    from callmine.reports.battlecard_values import Battlecard
    from callmine.reports.render.battlecard_summary import battlecard_summary
    from callmine.reports.render.summary_letter import summary_letter
    from callmine.reports.render.summary_post import summary_post

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

    return Sendable(
        build=build,
        subject=subject,
        page=card_page,
        letter=lambda card, around: summary_letter(battlecard_summary(card), around),
        post=lambda card, around: summary_post(battlecard_summary(card), around),
        write=lambda workspace, card: write_cards(workspace, [card]),
    )


_VERSION = re.compile(r", (version \d+|up to \d{4}-\d\d-\d\d)$")
"""What a battlecard's subject says behind the competitor's name."""


def _review() -> Sendable:
    from callmine.operations.abouts import period_asked, side_of
    from callmine.operations.reviewing import deal_review, period_review, review_page, write_review
    from callmine.reports.render.period_summary import period_summary
    from callmine.reports.render.review_summary import review_summary
    from callmine.reports.render.summaries import Summary
    from callmine.reports.render.summary_letter import summary_letter
    from callmine.reports.render.summary_post import summary_post
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
            raise UsageError(
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

    return Sendable(
        build=build,
        subject=subject,
        page=review_page,
        letter=lambda review, around: summary_letter(summary(review), around),
        post=lambda review, around: summary_post(summary(review), around),
        write=write_review,
    )


def _outcomes() -> Sendable:
    from callmine.operations.abouts import period_asked
    from callmine.operations.outcomes import outcome_report, outcomes_page, write_report
    from callmine.reports.outcome_values import OutcomeReport
    from callmine.reports.render.outcome_summary import outcome_summary
    from callmine.reports.render.summary_letter import summary_letter
    from callmine.reports.render.summary_post import summary_post

    def build(workspace: Workspace, ask: Ask) -> OutcomeReport:
        since, until = period_asked(ask.subject, workspace)
        return outcome_report(
            workspace, since=since, until=until, segment=ask.segment or None, progress=ask.progress
        )

    return Sendable(
        build=build,
        subject=lambda report: f"{report.since}/{report.until}",
        page=outcomes_page,
        letter=lambda report, around: summary_letter(outcome_summary(report), around),
        post=lambda report, around: summary_post(outcome_summary(report), around),
        write=write_report,
    )


def _messages() -> Sendable:
    from callmine.operations.abouts import first_day_asked
    from callmine.operations.message_files import messages_page, write_report
    from callmine.operations.messages import message_report
    from callmine.reports.message_values import MessageReport
    from callmine.reports.render.message_summary import message_summary
    from callmine.reports.render.summary_letter import summary_letter
    from callmine.reports.render.summary_post import summary_post

    def build(workspace: Workspace, ask: Ask) -> MessageReport:
        since = first_day_asked(ask.subject)
        return message_report(workspace, since=since, segment=ask.segment or None, progress=ask.progress)

    return Sendable(
        build=build,
        subject=lambda report: f"{report.weeks[0]}/{report.weeks[-1]}",
        page=messages_page,
        letter=lambda report, around: summary_letter(message_summary(report), around),
        post=lambda report, around: summary_post(message_summary(report), around),
        write=write_report,
    )


def _brief() -> Sendable:
    from callmine.operations.abouts import period_asked
    from callmine.operations.brief import brief_page, brief_report, write_report
    from callmine.reports.brief_values import BriefReport
    from callmine.reports.render.brief_summary import brief_summary
    from callmine.reports.render.summary_letter import summary_letter
    from callmine.reports.render.summary_post import summary_post

    def build(workspace: Workspace, ask: Ask) -> BriefReport:
        if ask.segment:
            raise _of_all("brief", ask.segment)
        since, until = period_asked(ask.subject, workspace)
        return brief_report(workspace, since=since, until=until, progress=ask.progress)

    return Sendable(
        build=build,
        subject=lambda report: f"{report.since}/{report.until}",
        page=brief_page,
        letter=lambda report, around: summary_letter(brief_summary(report), around),
        post=lambda report, around: summary_post(brief_summary(report), around),
        write=write_report,
    )


def _of_all(kind: str, segment: str) -> UsageError:
    """Return the error of a report of all deals for somebody who is limited to a segment."""
    return UsageError(
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
