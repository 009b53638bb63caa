"""Emerging themes of a digest: rows of what fits no label in, themes of this week out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from callmine.domain import Kind, Role
from callmine.extractors.heads import Floats
from callmine.extractors.themes import by_likeness, says_enough, telling_words, themes_among
from callmine.reports.digest_values import DigestSettings
from callmine.reports.emerging_values import Theme
from callmine.reports.quotes import QuoteMaker, choose, known_role
from callmine.reports.tally import Window, can_show_objections, passes, reach_of
from callmine.reports.trend_values import Trend
from callmine.reports.trends import trends
from callmine.store.rows import EvidenceRow, HeardRow


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance that looks like resistance and fits no label.

    Attributes:
        row: Its sentence with the most resistance, as if it were a finding.
        meaning: What that sentence says, shape (128,).
    """

    row: EvidenceRow
    meaning: Floats


@dataclass(frozen=True, slots=True)
class Alike:
    """Utterances of several calls that say much the same.

    Attributes:
        words: The words that set them apart from everything else of the kind, most telling first.
        rows: The utterances, the one that is most like all the others first.
    """

    words: tuple[str, ...]
    rows: tuple[EvidenceRow, ...]


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
    calls = {call_id for call_id, call in window.calls.items() if can_show_objections(call)}
    groups = alike_among(resistance, evidence, calls, quotes.settings)
    weekly = {str(number): window.counts(group.rows) for number, group in enumerate(groups)}
    trend_of = trends(weekly, window, quotes.settings)
    found = [
        _theme(group, trend_of[str(number)], window, quotes)
        for number, group in enumerate(groups)
        if window.now(group.rows)
    ]
    found.sort(key=lambda t: (t.trend.word not in ("new", "up"), -t.heard, -t.mentions))
    return tuple(found[: quotes.settings.themes])


def alike_among(
    resistance: Iterable[Heard],
    findings: Iterable[EvidenceRow | HeardRow],
    calls: Collection[str],
    settings: DigestSettings,
) -> tuple[Alike, ...]:
    """Return what several prospects said in much the same way, the most frequent first.

    Only what a known prospect said counts, where no objection and no competitor is counted and no
    person said that there is no objection.

    Args:
        resistance: In any order.
        findings: The findings of the same calls.
        calls: The calls that count.
        settings: Which findings count.
    """
    kept = [h for h in resistance if h.row.call_id in calls and _counts(h.row, settings)]
    turns = {(h.row.call_id, h.row.utterance_index) for h in kept}
    labelled = {
        turn
        for row in findings
        if (turn := (row.call_id, row.utterance_index)) in turns and _is_told_elsewhere(row, settings)
    }
    kept = [h for h in kept if (h.row.call_id, h.row.utterance_index) not in labelled]
    kept.sort(key=lambda h: (h.row.call_id, h.row.utterance_index))
    if not kept:
        return ()
    meanings = np.stack([h.meaning for h in kept])
    rows = [h.row for h in kept]
    groups = themes_among(meanings, [r.call_id for r in rows], [r.score for r in rows])
    themed = {i for group in groups for i in group}
    rest = [rows[i].text for i in range(len(rows)) if i not in themed]
    words = telling_words([*([rows[i].text for i in group] for group in groups), rest])
    return tuple(
        Alike(said, tuple(rows[group[i]] for i in by_likeness(meanings[group])))
        for group, said in zip(groups, words[: len(groups)], strict=True)
    )


def _is_told_elsewhere(row: EvidenceRow | HeardRow, settings: DigestSettings) -> bool:
    """Whether a finding puts its utterance into another section, or a person said that it is nothing."""
    if row.kind is Kind.OBJECTION and row.is_struck_out:
        return True
    return row.kind in (Kind.OBJECTION, Kind.COMPETITOR) and passes(row, settings)


def _counts(row: EvidenceRow, settings: DigestSettings) -> bool:
    """Whether a known prospect says it, with words enough, and nobody said that it is nothing."""
    return (
        known_role(row, min_confidence=settings.min_role_confidence) is Role.PROSPECT
        and not row.is_struck_out
        and says_enough(row.text)
    )


def _theme(group: Alike, trend: Trend, window: Window, quotes: QuoteMaker) -> Theme:
    """Make a theme of its utterances."""
    now = window.now(group.rows)
    best, rest = choose(now, quotes.settings.quotes_per_label)
    return Theme(
        words=group.words,
        **reach_of(now, window),
        trend=trend,
        weekly=window.counts(group.rows),
        quotes=tuple(map(quotes.quote, best)),
        others=tuple(map(quotes.quote, rest)),
    )
