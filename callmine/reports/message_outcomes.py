"""How deals in which a message was said, or taken up, ended: the numbers of the report on outcomes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from callmine.domain import Kind, Role
from callmine.outcomes.association import associate
from callmine.reports.closed import Closed, Heard, heard_in
from callmine.reports.comparison import CompareReport, Said, Side, compare_sides
from callmine.reports.digest_values import DigestSettings
from callmine.reports.message_values import MessageOutcomes
from callmine.reports.outcome_values import Family, Line, OutcomeSettings
from callmine.reports.outcomes import deal_ref, draft_outcomes, family_of_lines, with_quotes
from callmine.reports.quotes import QuoteMaker, known_role
from callmine.reports.tally import passes
from callmine.store.rows import EvidenceRow, HeardRow

ALL_PAIRS = 3
"""Messages up to which each is held against each: with more, only the two that most deals heard."""

ECHO = "echo"
"""Family of messages that prospects take up; the report on outcomes has none such."""


@dataclass(frozen=True, slots=True)
class DealPeriod:
    """The deals that messages are held against, and of which days they are.

    Attributes:
        closed: The deals and calls.
        since: First day.
        until: Last day.
        rows: Phrases of positioning in these calls.
    """

    closed: Closed
    since: str
    until: str
    rows: Sequence[HeardRow]


def message_outcomes(
    period: DealPeriod,
    titles: Mapping[str, str],
    read: Callable[[Collection[str]], Iterable[EvidenceRow]],
    quotes: QuoteMaker,
    settings: OutcomeSettings,
) -> MessageOutcomes:
    """Hold messages that were said, and that were taken up, against how deals ended.

    Args:
        period: The deals.
        titles: The playbook's messages, id to text; what it has no more is left out.
        read: Reads findings by their ids.
        quotes: Makes the quotes, and knows what counts.
        settings: What is enough.
    """
    closed, counted = period.closed, quotes.settings
    heard = _known(heard_in(closed, period.rows, counted), titles)
    drafted = draft_outcomes(
        closed,
        heard,
        since=period.since,
        until=period.until,
        timezone=quotes.timezone,
        titles={"message": titles},
        settings=settings,
    )
    report = with_quotes(drafted, read(drafted.wanted), quotes)
    (said,) = (family for family in report.families if family.family == "message")
    said = _anchored(said)
    echoed = _echoed(period, heard, titles, counted, settings)
    named = {deal_id for family in (said, echoed) for line in family.lines for deal_id in line.deals}
    pairs, left = _pairs(period, heard, titles, settings)
    return MessageOutcomes(
        since=period.since,
        until=period.until,
        closed=len(closed.deals),
        compared=report.basis.compared,
        said=said,
        echoed=echoed,
        settings=settings,
        deals=tuple(deal_ref(deal) for deal in closed.deals if deal.deal_id in named),
        pairs=pairs,
        pairs_left=left,
    )


def _known(heard: Heard, titles: Collection[str]) -> Heard:
    """Return what was heard of messages that the playbook still has."""
    keys = [key for key in heard.calls if key[0] == "message" and key[1] in titles]
    return Heard(
        calls={key: heard.calls[key] for key in keys},
        firsts={key: heard.firsts[key] for key in keys},
        rows={key: heard.rows[key] for key in keys},
    )


def _anchored(family: Family) -> Family:
    """Return lines whose quotes have anchors of their own: other parts of the page may quote the same."""

    def with_anchors(line: Line) -> Line:
        quotes = tuple(replace(quote, quote_id=f"{quote.quote_id}-ended") for quote in line.quotes)
        return replace(line, quotes=quotes)

    return replace(family, lines=tuple(map(with_anchors, family.lines)))


def _echoed(
    period: DealPeriod,
    heard: Heard,
    titles: Mapping[str, str],
    counted: DigestSettings,
    settings: OutcomeSettings,
) -> Family:
    """Test the messages that prospects took up, a family by themselves."""
    closed = period.closed
    number = {call_id: n for n, call_id in enumerate(closed.call_ids)}
    said: dict[tuple[str, int], set[str]] = {}
    for (_, label), rows in heard.rows.items():
        for row in rows:
            said.setdefault((row.call_id, row.utterance_index), set()).add(label)
    calls: dict[str, set[int]] = {}
    for row in period.rows:
        if row.kind is not Kind.POSITIONING or row.call_id not in number or not passes(row, counted):
            continue
        if known_role(row, min_confidence=counted.min_role_confidence) is Role.PROSPECT:
            for label in said.get((row.call_id, row.detail.get("echoes", -1)), ()):
                calls.setdefault(label, set()).add(number[row.call_id])
    firsts = {label: closed.cohort.first_heard(sorted(found)) for label, found in sorted(calls.items())}
    found = associate(
        closed.cohort,
        firsts,
        min_deals=settings.min_deals,
        smallest_effect=settings.smallest_effect,
        max_q=settings.max_q,
        sensitivity_days=settings.sensitivity_days,
    )
    return family_of_lines(ECHO, found, titles, closed, firsts, settings)


def _pairs(
    period: DealPeriod, heard: Heard, titles: Mapping[str, str], settings: OutcomeSettings
) -> tuple[tuple[CompareReport, ...], int]:
    """Compare each two of few messages, or the two with most evidence; say how many pairs are left."""
    deals = {label: int((first >= 0).sum()) for (_, label), first in heard.firsts.items()}
    ordered = sorted((label for label in deals if deals[label]), key=lambda label: (-deals[label], label))
    chosen = ordered if len(ordered) <= ALL_PAIRS else ordered[:2]
    made = []
    for a, b in combinations(chosen, 2):
        report = compare_sides(
            period.closed,
            (Side("message", a, titles[a]), Side("message", b, titles[b])),
            (_said(heard, a), _said(heard, b)),
            since=period.since,
            until=period.until,
            settings=settings,
        )
        # Deals and quotes are behind the lines above, and `callmine compare` has them pair by pair.
        made.append(
            replace(
                report,
                a=replace(report.a, deals=(), earlier=()),
                b=replace(report.b, deals=(), earlier=()),
            )
        )
    return tuple(made), len(ordered) * (len(ordered) - 1) // 2 - len(made)


def _said(heard: Heard, label: str) -> Said:
    rows = heard.rows["message", label]
    places = tuple((row.call_id, row.utterance_index, row.finding_id) for row in rows)
    return Said(heard.firsts["message", label], places)
