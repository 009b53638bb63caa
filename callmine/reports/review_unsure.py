"""What was heard in a call of a reviewed deal and is too unsure to count: shown apart, never counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from callmine.domain import Role
from callmine.reports.closed import thing_of
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import QuoteMaker
from callmine.reports.tally import passes
from callmine.store.rows import EvidenceRow

Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Unsure:
    """A passage that may be an objection, or name a competitor, and is not sure enough to count.

    Attributes:
        titles: What it may be, as people call it; the surest first.
        quote: That of the surest; a person's *right* makes it count.
    """

    titles: tuple[str, ...]
    quote: Quote


def unsure_in(
    rows: Iterable[EvidenceRow],
    quotes: QuoteMaker,
    *,
    titles: Mapping[str, str],
    ours: Collection[str],
) -> tuple[Unsure, ...]:
    """Return what prospects may have objected and whom they may have named, the surest first.

    What a person or a second reader struck out is not among it; one passage with two labels stands once.

    Args:
        rows: All findings of a call of which something may count.
        quotes: Makes the quotes.
        titles: Labels of objections to what people call them.
        ours: Names of our company and products, case folded.
    """
    found: dict[Place, list[EvidenceRow]] = {}
    named: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (-row.score, row.utterance_index, row.start, row.finding_id)):
        if row.is_struck_out or passes(row, quotes.settings) or quotes.role(row) is not Role.PROSPECT:
            continue
        thing = thing_of(row, Role.PROSPECT, ours=ours)
        if thing is None:
            continue
        family, label = thing
        named[row.finding_id] = titles.get(label, label) if family == "objection" else label
        found.setdefault((row.utterance_index, row.start, row.end), []).append(row)
    return tuple(
        Unsure(tuple(dict.fromkeys(named[row.finding_id] for row in same)), _quote(same[0], quotes))
        for same in found.values()
    )


def _quote(row: EvidenceRow, quotes: QuoteMaker) -> Quote:
    quote = quotes.quote(row)
    return replace(quote, quote_id=f"{quote.quote_id}-unsure")
