"""Approved messages: in how many calls reps say them, and prospects take them up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from callmine.domain import Kind, Role
from callmine.playbook import Message
from callmine.reports.digest_values import DigestSettings
from callmine.reports.message_values import Adoption, MessageCount, MessageReport, MessageWeek
from callmine.reports.people import People, people_of, told_groups
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import Links, QuoteMaker, choose, ranked, recording_link
from callmine.reports.tally import Window, in_another_language, looks_inverted, passes, window_of
from callmine.store.rows import CallRow, EvidenceRow, RepRow

EXAMPLES = 3
"""Examples of a message in reps' words, and of its echoes, at most."""


def build_messages(
    calls: Sequence[CallRow],
    evidence: Sequence[EvidenceRow],
    reps: Sequence[RepRow],
    messages: Sequence[Message],
    *,
    week: str,
    weeks: int,
    timezone: str,
    settings: DigestSettings,
    groups: Mapping[str, Collection[str]] | None = None,
    per_rep: bool = False,
    link: Links = recording_link,
) -> MessageReport:
    """Build the report on messages.

    A call counts when one of our reps is known to speak in it; calls are counted, not mentions.

    Args:
        calls: Every call of these weeks, whatever its state, and the undated ones.
        evidence: Their findings.
        reps: The voices known to be ours, call by call.
        messages: The playbook's.
        week: The last ISO week.
        weeks: How many weeks, that one included; 1 or more.
        timezone: IANA name; decides where weeks begin.
        settings: Which findings and roles are sure enough.
        groups: Group to its reps' names or addresses, no rep in two of them.
        per_rep: Whether each rep's own figures are told.
        link: Where a call can be opened at a quote; by default its recording.

    Raises:
        UsageError: The week or the time zone does not exist.
        CallmineError: A row's text is not a verbatim span (a bug).
    """
    window = window_of(calls, week=week, timezone=timezone, settings=replace(settings, weeks_shown=weeks))
    shown = window.weeks[-weeks:]
    placed = {
        call_id
        for call_id, call in window.calls.items()
        if window.week_by_call[call_id] in shown and not (looks_inverted(call) or in_another_language(call))
    }
    heard = [row for row in reps if row.call_id in placed]
    counted = {row.call_id for row in heard}
    people = people_of(heard)
    told, withheld = told_groups(groups or {}, people)
    quotes = QuoteMaker(settings, timezone, link)
    sure = [
        row
        for row in evidence
        if row.kind is Kind.POSITIONING and row.call_id in counted and passes(row, settings)
    ]
    claims = [row for row in sure if quotes.role(row) is Role.REP and "message" in row.detail]
    made = []
    for message in messages:
        said = [row for row in claims if row.detail["message"] == message.id]
        at = {(row.call_id, row.utterance_index) for row in said}
        echoes = [
            row
            for row in sure
            if quotes.role(row) is Role.PROSPECT and (row.call_id, row.detail.get("echoes")) in at
        ]
        made.append(
            MessageCount(
                id=message.id,
                text=message.text,
                said=len({row.call_id for row in said}),
                echoed=len({row.call_id for row in echoes}),
                weekly=_weekly(shown, window, counted, said, echoes),
                groups=tuple(_adoption(name, told[name], said, people) for name in told),
                reps=_by_rep(said, people) if per_rep else (),
                examples=_examples(said, quotes, named=per_rep),
                echoes=_examples(echoes, quotes, named=True),
            )
        )
    return MessageReport(
        weeks=shown,
        timezone=timezone,
        calls=len(counted),
        undated=sum(call.started_at is None for call in calls),
        unplaced=len(placed - counted),
        messages=tuple(sorted(made, key=lambda m: (-m.said, -m.echoed, m.id))),
        withheld=withheld,
    )


def _weekly(
    weeks: Sequence[str],
    window: Window,
    counted: Collection[str],
    said: Sequence[EvidenceRow],
    echoes: Sequence[EvidenceRow],
) -> tuple[MessageWeek, ...]:
    def calls(ids: Collection[str], week: str) -> int:
        return sum(window.week_by_call[call_id] == week for call_id in ids)

    saying, echoing = {row.call_id for row in said}, {row.call_id for row in echoes}
    return tuple(MessageWeek(w, calls(saying, w), calls(counted, w), calls(echoing, w)) for w in weeks)


def _adoption(name: str, members: Collection[str], said: Sequence[EvidenceRow], people: People) -> Adoption:
    """Count the calls of some persons, and those in which one of them said it."""
    theirs = {call_id for (call_id, _), person in people.voices.items() if person in members}
    saying = {row.call_id for row in said if people.voices.get((row.call_id, row.speaker)) in members}
    return Adoption(name, len(members), len(saying), len(theirs))


def _by_rep(said: Sequence[EvidenceRow], people: People) -> tuple[Adoption, ...]:
    each = [_adoption(name, {person}, said, people) for person, name in people.names.items()]
    return tuple(sorted(each, key=lambda rep: rep.name.casefold()))  # no ranking of people


def _examples(rows: Sequence[EvidenceRow], quotes: QuoteMaker, *, named: bool) -> tuple[Quote, ...]:
    best, _ = choose(ranked(rows), EXAMPLES)
    return tuple(quotes.quote(row if named else replace(row, speaker_name=None)) for row in best)
