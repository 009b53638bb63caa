"""What buyers said in interviews: no sales calls, and in no other number of a review."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from callmine.domain import Kind, Role
from callmine.reports.closed import shows_prospects, thing_of
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcomes import sureness
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import QuoteMaker, choose, known_role, ranked
from callmine.reports.review_calls import INTERVIEW
from callmine.reports.review_period_values import FromInterviews, Said
from callmine.reports.review_sides import Side
from callmine.reports.tally import passes
from callmine.store.rows import EvidenceRow, HeardRow

QUOTES = 4
"""Quotes of a reason at most, of different accounts where there are."""

CANDIDATES = 12
"""Findings from which they are chosen, the surest of as many deals."""


@dataclass(frozen=True, slots=True)
class Interviewed:
    """Interviews on the deals of one side, before anything is quoted.

    Attributes:
        deal_of: The deal of each interview in which a buyer is known to speak.
        unplaced: How many others there are.
        raised: Label, the deals in whose interviews it was raised, and findings to quote; most deals first.
        words: Findings in which buyers spoke of value, pain and success, the surest first.
    """

    deal_of: Mapping[str, str]
    unplaced: int
    raised: tuple[tuple[str, frozenset[str], tuple[str, ...]], ...]
    words: tuple[str, ...]

    @property
    def wanted(self) -> frozenset[str]:
        """Return the ids of all findings that may be quoted."""
        return frozenset(self.words).union(*(ids for _, _, ids in self.raised))


def interviewed(at: Side, mine: Collection[str], counted: DigestSettings) -> Interviewed:
    """Sort what was said in interviews on deals of one side.

    Args:
        at: The side.
        mine: Ids of its deals.
        counted: Which findings count.
    """
    talks = [talk for talk in at.matter.talks if talk.type == INTERVIEW and talk.deal_id in mine]
    deal_of = {
        talk.call_id: talk.deal_id or "" for talk in talks if not talk.skipped and shows_prospects(talk)
    }
    raised: dict[str, list[HeardRow]] = defaultdict(list)
    words: list[HeardRow] = []
    for row in at.matter.interviews:
        role = known_role(row, min_confidence=counted.min_role_confidence)
        if row.call_id not in deal_of or not passes(row, counted) or role is not Role.PROSPECT:
            continue
        if row.kind is Kind.POSITIONING:
            words.append(row)
        elif thing_of(row, role, ours=()) is not None:
            raised[row.label].append(row)
    found = [
        (label, frozenset(deal_of[row.call_id] for row in rows), _surest(rows))
        for label, rows in raised.items()
    ]
    found.sort(key=lambda one: (-len(one[1]), at.title("objection", one[0])))
    return Interviewed(deal_of, len(talks) - len(deal_of), tuple(found), _surest(words))


def interviews_of(
    at: Side, said: Interviewed, found: Mapping[str, EvidenceRow], quotes: QuoteMaker
) -> FromInterviews | None:
    """Return what was said in interviews with its quotes; ``None`` where there are none.

    Args:
        at: The side.
        said: What :func:`interviewed` found.
        found: Findings by id.
        quotes: Makes the quotes.
    """
    if not said.deal_of and not said.unplaced:
        return None
    return FromInterviews(
        interviews=len(said.deal_of),
        unplaced=said.unplaced,
        deals=len(set(said.deal_of.values())),
        reasons=tuple(
            Said(label, at.title("objection", label), len(deals), best_quotes(ids, found, quotes, QUOTES))
            for label, deals, ids in said.raised
        ),
        words=best_quotes(said.words, found, quotes, QUOTES),
    )


def best_quotes(
    ids: Iterable[str], found: Mapping[str, EvidenceRow], quotes: QuoteMaker, most: int
) -> tuple[Quote, ...]:
    """Return the best quotes, of different accounts before two of one."""
    chosen, _rest = choose(ranked(found[one] for one in ids if one in found), most)
    return tuple(map(quotes.quote, chosen))


def _surest(rows: Iterable[HeardRow]) -> tuple[str, ...]:
    """Return the surest findings, so many that quotes can be chosen from them."""
    return tuple(row.finding_id for row in sorted(rows, key=sureness, reverse=True)[:CANDIDATES])
