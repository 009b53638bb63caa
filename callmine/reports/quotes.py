"""Quotes: made of findings, checked, and which ones to print first."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from callmine.domain import Json, Kind, Outcome, Role
from callmine.errors import CallmineError
from callmine.reports.digest_values import DigestSettings
from callmine.reports.leaning import stands_alone
from callmine.reports.passages import passage_of
from callmine.reports.quote_values import Quote, Reply
from callmine.reports.weeks import day_label
from callmine.store.rows import EvidenceRow, HeardRow, RaisedRow

Links = Callable[[EvidenceRow], str | None]
"""Where a call can be opened at the second of a finding, or ``None``."""


def known_role(row: EvidenceRow | HeardRow | RaisedRow, *, min_confidence: float) -> Role:
    """Return the speaker's role, or ``unknown`` when it is not sure enough to count."""
    return row.role if row.role_confidence >= min_confidence else Role.UNKNOWN


def recording_link(row: EvidenceRow) -> str | None:
    """Return a file URL that plays the recording from the quote's sentence on, if there is one."""
    if not row.recording or not Path(row.recording).is_absolute():
        return None
    return f"{Path(row.recording).as_uri()}#t={row.play_ms // 1000}"


def make_quote(
    row: EvidenceRow, *, timezone: str, min_role_confidence: float, link: Links = recording_link
) -> Quote:
    """Cut a readable passage around a finding's span; nothing is reworded.

    Raises:
        CallmineError: The row's text is not the span of its utterance (a bug in the store).
    """
    if row.utterance[row.start : row.end] != row.text or not row.text:
        raise CallmineError(
            f"finding {row.finding_id} of {row.source} is not verbatim in its utterance",
            hint="This is a bug; please report it.",
        )
    first, mark_end, last, cut_start, cut_end = passage_of(row.utterance, row.start, row.end)
    rest = max(len(row.utterance) - row.end, 1)
    tail = (row.utterance_end_ms - row.end_ms) * max(last - row.end, 0) // rest
    return Quote(
        quote_id=f"q-{row.finding_id}",
        finding_id=row.finding_id,
        label=row.label,
        text=row.text,
        start=row.start,
        end=row.end,
        before=row.utterance[first : row.start],
        marked=row.utterance[row.start : mark_end],
        after=row.utterance[mark_end:last],
        cut_start=cut_start,
        cut_end=cut_end,
        utterance=row.utterance,
        utterance_index=row.utterance_index,
        call_id=row.call_id,
        source=row.source,
        role=known_role(row, min_confidence=min_role_confidence),
        speaker_name=row.speaker_name,
        account=row.account,
        deal_id=row.deal_id,
        deal_name=row.deal_name,
        outcome=row.outcome,
        started_at=row.started_at,
        day=day_label(row.started_at, timezone=timezone) if row.started_at else None,
        play_ms=row.play_ms,
        clip_end_ms=max(row.end_ms, row.play_ms + 1) + max(tail, 0),
        score=row.score,
        relation=row.detail.get("relation"),
        stance=row.detail.get("stance"),
        heard=misheard(row.kind, row.label, row.detail),
        verdict=row.verdict,
        href=link(row),
    )


def misheard(kind: Kind, label: str, detail: Json) -> str | None:
    """Return what was recognised instead of a competitor's name, also where it is only split or joined.

    Other capitals and signs are no other words. An alias, or a part of the name, that was said as the
    playbook has it was heard right.
    """
    heard = detail.get("heard")
    if kind is not Kind.COMPETITOR or not heard:
        return None
    words, of_name = _words(str(heard)), _words(label)
    as_listed = detail.get("match") in ("name", "alias") and "".join(words) != "".join(of_name)
    return None if words == of_name or as_listed else str(heard)


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", name.casefold())


def check_quote(quote: Quote) -> None:
    """Check the rule of evidence once more, right before a quote is printed.

    Raises:
        CallmineError: The quote is not verbatim (a bug).
    """
    first = quote.start - len(quote.before)
    shown = quote.before + quote.marked + quote.after
    if (
        not quote.text
        or quote.utterance[quote.start : quote.end] != quote.text
        or not quote.text.startswith(quote.marked or " ")
        or first < 0
        or quote.utterance[first : first + len(shown)] != shown
    ):
        raise CallmineError(
            f"the quote {quote.quote_id} of {quote.source} is not verbatim",
            hint="This is a bug; please report it.",
        )


def check_reply(reply: Reply) -> None:
    """Check that a reply is the beginning of its turn, right before it is printed.

    Raises:
        CallmineError: It is not (a bug).
    """
    if not reply.text or not reply.utterance.startswith(reply.text):
        raise CallmineError(
            f"the reply at {reply.play_ms} ms is not verbatim", hint="This is a bug; please report it."
        )


def ranked(rows: Iterable[EvidenceRow]) -> list[EvidenceRow]:
    """Order rows by how well they read as a quote: confirmed, readable, standing alone, sure, early."""

    def key(row: EvidenceRow) -> tuple[bool, bool, bool, float, str, str]:
        first, _, last, cut_start, cut_end = passage_of(row.utterance, row.start, row.end)
        passage = row.utterance[first:last]
        readable = 7 <= len(passage.split()) <= 45 and not (cut_start or cut_end)
        # A competitor's name says what it is about.
        leans = row.kind is not Kind.COMPETITOR and not stands_alone(passage)
        return row.verdict != "right", not readable, leans, -row.score, row.started_at or "", row.finding_id

    return sorted(rows, key=key)


def choose(rows: Sequence[EvidenceRow], limit: int) -> tuple[list[EvidenceRow], list[EvidenceRow]]:
    """Split ranked rows into at most ``limit`` that differ in account, then in call, and the rest."""
    best: list[EvidenceRow] = []
    accounts: set[str] = set()
    calls: set[str] = set()
    for strict in (True, False):
        for row in rows:
            account = (row.account or row.deal_id or row.call_id).casefold()
            if len(best) < limit and row.call_id not in calls and not (strict and account in accounts):
                best.append(row)
                accounts.add(account)
                calls.add(row.call_id)
    ids = {row.finding_id for row in best}
    return best, [row for row in rows if row.finding_id not in ids]


def _standing(outcome: Outcome | None) -> int:
    """Return where deals of an outcome stand in a list: open, lost, won, then all others."""
    if outcome is None:
        return 3
    return 1 if outcome.is_lost else {Outcome.OPEN: 0, Outcome.WON: 2}.get(outcome, 3)


class QuoteMaker:
    """Turns rows into the quotes of one digest.

    What a person pinned stands first among the best; what a person barred is never among the quotes.
    """

    def __init__(
        self,
        settings: DigestSettings,
        timezone: str,
        link: Links = recording_link,
        *,
        pinned: Sequence[str] = (),
        barred: Collection[str] = (),
        reps_named: bool = True,
    ) -> None:
        self.settings = settings
        self.timezone = timezone
        self._link = link
        self._pinned = tuple(pinned)
        self._barred = frozenset(barred)
        self._reps_named = reps_named

    def quote(self, row: EvidenceRow) -> Quote:
        """Return the quote of a row; unless reps are named, one of a rep, sure or not, has no name."""
        if row.role is Role.REP and not self._reps_named:
            row = replace(row, speaker_name=None)
        return make_quote(
            row,
            timezone=self.timezone,
            min_role_confidence=self.settings.min_role_confidence,
            link=self._link,
        )

    def link(self, row: EvidenceRow) -> str | None:
        """Return where a call can be opened at the second of a row."""
        return self._link(row)

    def allowed(self, rows: Iterable[EvidenceRow]) -> list[EvidenceRow]:
        """Return the rows that nobody barred."""
        return [row for row in rows if row.finding_id not in self._barred]

    def choose(
        self, rows: Iterable[EvidenceRow], limit: int
    ) -> tuple[list[EvidenceRow], list[EvidenceRow]]:
        """Split rows, the best first, into at most ``limit`` to show and the rest; none is barred.

        Pinned ones come first, in the order in which they were pinned; then :func:`choose` decides.
        """
        shown = self.allowed(rows)
        pinned = {row.finding_id: row for row in shown if row.finding_id in self._pinned}
        first = [pinned[one] for one in self._pinned if one in pinned][:limit]
        if not first:
            return choose(shown, limit)
        best, rest = choose([row for row in shown if row not in first], limit - len(first))
        return [*first, *best], rest

    def split(self, rows: Iterable[EvidenceRow]) -> tuple[tuple[Quote, ...], tuple[Quote, ...], int]:
        """Return the best quotes, those listed below them by outcome, and how many are not listed."""
        found = list(rows)
        best, rest = self.choose(ranked(found), self.settings.quotes_per_label)
        # The best first, so that a long list loses its poorest quotes; then in the order of reading.
        listed = sorted(
            rest[: self.settings.evidence_per_label],
            key=lambda row: (_standing(row.outcome), row.started_at or "", row.call_id, row.start_ms),
        )
        not_listed = len(found) - len(best) - len(listed)
        return tuple(map(self.quote, best)), tuple(map(self.quote, listed)), not_listed

    def role(self, row: EvidenceRow) -> Role:
        """Return the speaker's role, ``unknown`` when it is not sure enough."""
        return known_role(row, min_confidence=self.settings.min_role_confidence)
