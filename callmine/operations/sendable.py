"""Which reports can be sent, and how each is built and shown: one entry of :data:`REPORTS` for each."""

from __future__ import annotations

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
        page: Name of its page below ``base_url``.
        letter: Makes it an e-mail.
        post: Makes it a post to Slack.
        redactable: Whether it holds anything that was said, or names anybody.
    """

    build: Callable[[Workspace, Ask], Any]
    subject: Callable[[Any], str]
    page: Callable[[Any], str]
    letter: Callable[[Any, Surroundings], Letter]
    post: Callable[[Any, Surroundings], Post]
    redactable: bool = True


class NotYet(UsageError):
    """What a report is about is not over; sent now, the whole of it would never be."""


def _digest() -> Sendable:
    from callmine.operations.reporting import digest_of_week
    from callmine.reports.digest_values import Digest
    from callmine.reports.limits import Limits
    from callmine.reports.render.digest_letter import digest_letter
    from callmine.reports.render.digest_post import digest_post

    def build(workspace: Workspace, ask: Ask) -> Digest:
        digest = digest_of_week(
            workspace, week=ask.subject, limits=Limits(ask.segment or None), progress=ask.progress
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
        page=lambda digest: f"digest-{digest.week}.html",
        letter=digest_letter,
        post=digest_post,
    )


REPORTS: dict[str, Callable[[], Sendable]] = {"digest": _digest}
"""Kind of report to how it is sent, imported when it is asked for."""


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
