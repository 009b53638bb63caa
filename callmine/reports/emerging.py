"""Emerging themes of a digest: rows of what fits no label in, themes of this week out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from callmine.domain import Kind, Role
from callmine.extractors.heads import Floats
from callmine.extractors.themes import by_likeness, says_enough, telling_words, themes_among
from callmine.reports.emerging_values import Theme
from callmine.reports.quotes import QuoteMaker, choose
from callmine.reports.tally import Window, can_show_objections, passes, reach_of
from callmine.reports.trend_values import Trend
from callmine.reports.trends import trends
from callmine.store.rows import EvidenceRow


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance that looks like resistance and fits no label.

    Attributes:
        row: Its sentence with the most resistance, as if it were a finding.
        meaning: What that sentence says, shape (128,).
    """

    row: EvidenceRow
    meaning: Floats


def emerging_themes(
    resistance: Iterable[Heard], evidence: Iterable[EvidenceRow], window: Window, quotes: QuoteMaker
) -> tuple[Theme, ...]:
    """Return the themes of the window's weeks that were heard this week.

    Growing ones come first, then those heard in most deals. Only what a known prospect said counts,
    where no objection and no competitor is counted and no person said that there is no objection.

    Args:
        resistance: Of every call of the window, in any order.
        evidence: The findings of the same calls.
        window: The calls that count, by week.
        quotes: Makes the quotes; its settings say what counts.
    """
    labelled = {(row.call_id, row.utterance_index) for row in evidence if _is_told_elsewhere(row, quotes)}
    kept = [h for h in resistance if _counts(h.row, window, quotes)]
    kept = [h for h in kept if (h.row.call_id, h.row.utterance_index) not in labelled]
    kept.sort(key=lambda h: (h.row.call_id, h.row.utterance_index))
    if not kept:
        return ()
    meanings = np.stack([h.meaning for h in kept])
    rows = [h.row for h in kept]
    groups = themes_among(meanings, [r.call_id for r in rows], [r.score for r in rows])
    names = [str(number) for number in range(len(groups))]
    members = {name: [rows[i] for i in group] for name, group in zip(names, groups, strict=True)}
    trend_of = trends({name: window.counts(members[name]) for name in names}, window, quotes.settings)
    themed = {i for group in groups for i in group}
    rest = [rows[i].text for i in range(len(rows)) if i not in themed]
    words = telling_words([*([r.text for r in members[name]] for name in names), rest])
    found = [
        _theme(
            [members[name][i] for i in by_likeness(meanings[group])], said, trend_of[name], window, quotes
        )
        for name, group, said in zip(names, groups, words[: len(names)], strict=True)
        if window.now(members[name])
    ]
    found.sort(key=lambda t: (t.trend.word not in ("new", "up"), -t.heard, -t.mentions))
    return tuple(found[: quotes.settings.themes])


def _is_told_elsewhere(row: EvidenceRow, quotes: QuoteMaker) -> bool:
    """Whether a finding puts its utterance into another section, or a person said that it is nothing."""
    if row.kind is Kind.OBJECTION and row.is_struck_out:
        return True
    return row.kind in (Kind.OBJECTION, Kind.COMPETITOR) and passes(row, quotes.settings)


def _counts(row: EvidenceRow, window: Window, quotes: QuoteMaker) -> bool:
    """Whether a known prospect says it in a call that counts, and nobody said that it is nothing."""
    return (
        row.call_id in window.calls
        and can_show_objections(window.calls[row.call_id])
        and quotes.role(row) is Role.PROSPECT
        and not row.is_struck_out
        and says_enough(row.text)
    )


def _theme(
    members: Sequence[EvidenceRow],
    words: tuple[str, ...],
    trend: Trend,
    window: Window,
    quotes: QuoteMaker,
) -> Theme:
    """Make a theme of its utterances, the most representative first."""
    now = window.now(members)
    best, rest = choose(now, quotes.settings.quotes_per_label)
    return Theme(
        words=words,
        **reach_of(now, window),
        trend=trend,
        weekly=window.counts(members),
        quotes=tuple(map(quotes.quote, best)),
        others=tuple(map(quotes.quote, rest)),
    )
