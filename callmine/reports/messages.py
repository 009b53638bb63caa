"""Approved messages: in how many calls reps say them, and prospects take them up."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from callmine.domain import Kind, Role
from callmine.playbook import Message
from callmine.reports.closed import local_day
from callmine.reports.digest_values import DigestSettings
from callmine.reports.message_claims import ClaimMaterial, claims_of
from callmine.reports.message_values import (
    Adoption,
    MessageCount,
    MessageMonth,
    MessageOutcomes,
    MessageReport,
    MessageWeek,
)
from callmine.reports.message_wording import halves_of, loose_calls, loosely_worded, quoted, wording_of
from callmine.reports.people import People, people_of, told_groups
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import Links, QuoteMaker, choose, ranked, recording_link
from callmine.reports.tally import Window, in_another_language, looks_inverted, passes, window_of
from callmine.reports.weeks import monday
from callmine.store.rows import CallRow, EvidenceRow, RepRow

EXAMPLES = 3
"""Examples of a message in reps' words, and of its echoes, at most."""

MONTHS_FROM = 20
"""Weeks from which on adoption is told month by month: more points than a chart or a table needs."""


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
    material: ClaimMaterial | None = None,
    outcomes: MessageOutcomes | None = None,
    company: str | None = None,
    segment: str | None = None,
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
        material: What claims are grouped by; without it, what is said beside the messages is not told.
        outcomes: How deals ended.
        company: Our name.
        segment: The segment that calls and deals are of.

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
        loose = loosely_worded(message.text, said)
        plainly = [row for row in said if row.finding_id not in loose]
        others = [row for row in said if row.finding_id in loose]
        examples, further, left = _listed(plainly, quotes, named=per_rep)
        _, loosely, loosely_left = _listed(others, quotes, named=per_rep, best=0)
        taken_up, more_echoes, echoes_left = _listed(echoes, quotes, named=True, part=message.id)
        made.append(
            MessageCount(
                id=message.id,
                text=message.text,
                said=len({row.call_id for row in said}),
                echoed=len({row.call_id for row in echoes}),
                weekly=_weekly(shown, window, counted, said, echoes),
                loose=loose_calls(said, loose),
                examples=examples,
                further=further,
                loosely=loosely,
                not_listed=left + loosely_left,
                echoes=taken_up,
                further_echoes=more_echoes,
                echoes_not_listed=echoes_left,
                groups=tuple(_adoption(name, told[name], said, people) for name in told),
                reps=_by_rep(said, people) if per_rep else (),
                halves=halves_of({row.call_id for row in said}, counted, shown, window.week_by_call),
                deals=len({row.deal_id for row in said if row.deal_id}),
                monthly=_monthly(window, shown, counted, said, echoes, timezone),
                wording=wording_of(message.text, said, shown, window.week_by_call, quotes, named=per_rep),
            )
        )
    return MessageReport(
        weeks=shown,
        since=monday(shown[0]).isoformat(),
        until=(monday(shown[-1]) + timedelta(days=6)).isoformat(),
        timezone=timezone,
        calls=len(counted),
        undated=sum(call.started_at is None for call in calls),
        unplaced=len(placed - counted),
        messages=tuple(sorted(made, key=lambda m: (-m.said, -m.echoed, m.id))),
        withheld=withheld,
        claims=claims_of(sure, people, quotes, material, named=per_rep) if material else None,
        outcomes=outcomes,
        company=company,
        segment=segment,
    )


def _weekly(
    weeks: Sequence[str],
    window: Window,
    counted: Collection[str],
    said: Sequence[EvidenceRow],
    echoes: Sequence[EvidenceRow],
) -> tuple[MessageWeek, ...]:
    def calls(ids: Collection[str]) -> Counter[str]:
        return Counter(window.week_by_call[call_id] for call_id in ids)

    out_of = calls(counted)
    saying, echoing = (calls({row.call_id for row in rows}) for rows in (said, echoes))
    return tuple(MessageWeek(week, saying[week], out_of[week], echoing[week]) for week in weeks)


def _monthly(
    window: Window,
    weeks: Sequence[str],
    counted: Collection[str],
    said: Sequence[EvidenceRow],
    echoes: Sequence[EvidenceRow],
    timezone: str,
) -> tuple[MessageMonth, ...]:
    """Return the same by months, where the weeks are many."""
    if len(weeks) < MONTHS_FROM:
        return ()

    def months(ids: Collection[str]) -> Counter[str]:
        started = (window.calls[call_id].started_at or "" for call_id in ids)
        return Counter(local_day(instant, timezone).isoformat()[:7] for instant in started)

    out_of = months(counted)
    saying, echoing = (months({row.call_id for row in rows}) for rows in (said, echoes))
    first, last = monday(weeks[0]), monday(weeks[-1]) + timedelta(days=6)

    def made(month: str) -> MessageMonth:
        begins = date.fromisoformat(f"{month}-01")
        ends = begins.replace(day=monthrange(begins.year, begins.month)[1])
        days = max(begins, first).isoformat(), min(ends, last).isoformat()
        return MessageMonth(month, saying[month], out_of[month], echoing[month], *days)

    return tuple(made(month) for month in sorted(out_of))


def _adoption(name: str, members: Collection[str], said: Sequence[EvidenceRow], people: People) -> Adoption:
    """Count the calls of some persons, and those in which one of them said it."""
    theirs = {call_id for (call_id, _), person in people.voices.items() if person in members}
    saying = {row.call_id for row in said if people.voices.get((row.call_id, row.speaker)) in members}
    return Adoption(name, len(members), len(saying), len(theirs))


def _by_rep(said: Sequence[EvidenceRow], people: People) -> tuple[Adoption, ...]:
    each = [_adoption(name, {person}, said, people) for person, name in people.names.items()]
    return tuple(sorted(each, key=lambda rep: rep.name.casefold()))  # no ranking of people


def _listed(
    rows: Sequence[EvidenceRow], quotes: QuoteMaker, *, named: bool, part: str = "", best: int = EXAMPLES
) -> tuple[tuple[Quote, ...], tuple[Quote, ...], int]:
    """Return the best quotes, further ones, the best first, and how many more there are."""

    def made(some: Sequence[EvidenceRow]) -> tuple[Quote, ...]:
        return tuple(quoted(row, quotes, named=named, part=part) for row in some)

    first, rest = choose(ranked(rows), best)
    most = quotes.settings.evidence_per_label
    return made(first), made(rest[:most]), len(rest[most:])
