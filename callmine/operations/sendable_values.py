"""What a kind of report needs to be sent, and what is asked of it: values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from callmine.reports.letter_values import Letter, Post, Surroundings
from callmine.reports.limits import Limits
from callmine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Ask:
    """Which report is wanted.

    Attributes:
        subject: Week, competitor, deal, ... as a person names it; empty for the default.
        segment: Only what was heard in deals of this segment; empty for everything.
        product: Only calls about this product of the playbook; likewise.
        persona: Only what this persona of the playbook said; likewise.
        progress: Is told what is missing from the report.
    """

    subject: str = ""
    segment: str = ""
    product: str = ""
    persona: str = ""
    progress: Callable[[str], None] = lambda text: None

    @property
    def limits(self) -> Limits:
        """What the report is limited to."""
        return Limits(self.segment or None, self.product or None, self.persona or None)


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
        limits: Whether it can be limited to a product or a persona.
        redactable: Whether it holds anything that was said, or names anybody.
    """

    build: Callable[[Workspace, Ask], Any]
    subject: Callable[[Any], str]
    page: Callable[[Any], str]
    letter: Callable[[Any, Surroundings], Letter]
    post: Callable[[Any, Surroundings], Post]
    write: Callable[[Workspace, Any], object] | None = None
    limits: bool = False
    redactable: bool = True
