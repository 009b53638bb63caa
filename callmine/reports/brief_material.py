"""What the brief for the 1:1 is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from callmine.domain import Deal
from callmine.outcomes.conversion import Step
from callmine.reports.brief_agreed import Watched
from callmine.reports.brief_counts import SaidInCalls
from callmine.reports.brief_spans import Span
from callmine.reports.closed import Closed, Heard
from callmine.store.agreements import AgreementRow
from callmine.store.deal_queries import StageRow
from callmine.store.rows import TalkRow


@dataclass(frozen=True, slots=True, eq=False)
class BriefMaterial:
    """What a brief is made of.

    Attributes:
        spans: The periods before, oldest first, and the one that it is about.
        said: What was heard in the calls.
        talks: All calls.
        deals: All deals that are not gone.
        history: Their states over time.
        closed: The deals that closed in the months up to the last day, as the report on outcomes has them.
        heard: What was heard in these.
        won_since: First day of these months.
        steps: The conversion points of that report.
        watched: What agreements are followed by.
        agreements: What is kept of them.
        as_of: Day at whose end they are told.
        titles: Family to label to what people call it; of competitors, name to name.
        messages: Ids of the playbook's messages.
    """

    spans: tuple[Span, ...]
    said: SaidInCalls
    talks: Sequence[TalkRow]
    deals: Sequence[Deal]
    history: Sequence[StageRow]
    closed: Closed
    heard: Heard
    won_since: date
    steps: tuple[Step, ...]
    watched: Watched
    agreements: Sequence[AgreementRow]
    as_of: date
    titles: Mapping[str, Mapping[str, str]]
    messages: tuple[str, ...]
