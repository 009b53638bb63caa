"""What the report on approved messages holds: frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field

from callmine.domain import Role
from callmine.outcomes.rates import Difference, Rate
from callmine.reports.comparison import CompareReport
from callmine.reports.outcome_values import DealRef, Family, OutcomeSettings
from callmine.reports.quote_values import Quote


@dataclass(frozen=True, slots=True)
class MessageWeek:
    """In how many calls of one week a message was said, out of those in which a rep is known to speak.

    ``echoed`` are the calls among them in which a prospect took it up.
    """

    week: str
    said: int
    out_of: int
    echoed: int


@dataclass(frozen=True, slots=True)
class MessageMonth:
    """The same of one month, such as ``2026-09``, as far as it lies in the weeks of the report.

    ``since`` and ``until`` are the days of it that do.
    """

    month: str
    said: int
    out_of: int
    echoed: int
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Adoption:
    """In how many of their calls some reps said a message: a group of them, or one by name.

    ``reps`` is how many of them are known to speak in these weeks.
    """

    name: str
    reps: int
    said: int
    out_of: int


@dataclass(frozen=True, slots=True)
class Halves:
    """The first half of the weeks against the second, which is the longer one where they are odd.

    Attributes:
        earlier: Calls of the first half.
        later: Calls of the second.
        change: ``later`` less ``earlier``; ``None`` where one of them has no call.
    """

    earlier: Rate
    later: Rate
    change: Difference | None


@dataclass(frozen=True, slots=True)
class Wording:
    """How near what is said stays to the playbook's words.

    Attributes:
        worded: Calls in which it was said nearly word for word, out of those in which it was said.
        halves: The same, earlier and later.
        quotes: How it is said in other words: the best of the second half; none where it always is said
            nearly word for word.
    """

    worded: Rate
    halves: Halves
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class MessageCount:
    """One approved message over the weeks.

    Attributes:
        id: Its id in the playbook.
        text: Its words there.
        said: Calls in which a known rep said it.
        echoed: Calls among them in which a known prospect took the rep's words up.
        weekly: The same, week by week.
        groups: Of the groups that may be told; see :class:`MessageReport`.
        reps: Of each rep; empty unless that is switched on.
        examples: In reps' words, the best first; they name no rep unless that is switched on.
        echoes: In prospects' words, the best first.
        deals: Deals in which it was said.
        halves: Calls in which it was said, out of those that count, earlier and later.
        monthly: Month by month; empty where the weeks are few.
        wording: How near to the playbook's words it is said; ``None`` where it was not.
        loose: Calls in which it was said with little of its wording only: what may well not be it.
        further: Further quotes of what reps said, the best first.
        loosely: Quotes with little of its wording, the best first; none of them is an example.
        not_listed: Further such quotes that are nowhere.
        further_echoes: Further quotes of prospects.
        echoes_not_listed: Further such quotes that are nowhere.
    """

    id: str
    text: str
    said: int
    echoed: int
    weekly: tuple[MessageWeek, ...]
    groups: tuple[Adoption, ...]
    reps: tuple[Adoption, ...]
    examples: tuple[Quote, ...]
    echoes: tuple[Quote, ...]
    halves: Halves | None = None
    deals: int = 0
    monthly: tuple[MessageMonth, ...] = ()
    wording: Wording | None = None
    loose: int = 0
    further: tuple[Quote, ...] = ()
    loosely: tuple[Quote, ...] = ()
    not_listed: int = 0
    further_echoes: tuple[Quote, ...] = ()
    echoes_not_listed: int = 0


@dataclass(frozen=True, slots=True)
class ClaimGroup:
    """What is said alike in several calls and is no approved message.

    Attributes:
        said_by: Reps, or prospects in words of their own.
        mentions: Turns.
        calls: Calls.
        deals: Deals.
        unlinked_calls: Calls that are tied to no deal.
        reps: Reps who are known to say it; 0 of what prospects say.
        echoed: Calls in which a prospect took it up.
        accepted: Calls in which it was part of an answer to an objection that the prospect accepted.
        quotes: The one that is most like all the others first, of different accounts.
        taken_up: How prospects took it up.
    """

    said_by: Role
    mentions: int
    calls: int
    deals: int
    unlinked_calls: int
    reps: int
    echoed: int
    accepted: int
    quotes: tuple[Quote, ...]
    taken_up: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Claims:
    """What reps claim beside the approved messages, and what prospects say in their own words.

    Attributes:
        unapproved: Calls in which a rep claims something that is no approved message.
        compared: Turns that were held against each other.
        left_out: Turns that were not: their calls were read by another model, or they are too many.
        instead: What reps say instead, the most frequent first.
        not_listed: Further groups of that sort.
        candidates: What may be worth approving: said by reps and taken up by prospects, and prospects' own
            words.
    """

    unapproved: int
    compared: int
    left_out: int
    instead: tuple[ClaimGroup, ...] = ()
    not_listed: int = 0
    candidates: tuple[ClaimGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageOutcomes:
    """How deals with a message ended, against the others: the numbers of ``callmine outcomes``.

    Attributes:
        since: First day on which a deal may have closed.
        until: Last day.
        closed: Deals that closed in the period.
        compared: Won deals among those with a call that is evidence.
        said: Messages that a rep said, tested together.
        echoed: Messages that a prospect took up, tested together by themselves.
        settings: What is enough.
        deals: All deals that these lines name.
        pairs: The messages with most evidence, held against each other: each pair by itself.
        pairs_left: Pairs that were not compared.
    """

    since: str
    until: str
    closed: int
    compared: Rate
    said: Family
    echoed: Family
    settings: OutcomeSettings = field(default_factory=OutcomeSettings)
    deals: tuple[DealRef, ...] = ()
    pairs: tuple[CompareReport, ...] = ()
    pairs_left: int = 0


@dataclass(frozen=True, slots=True)
class MessageReport:
    """How far the playbook's approved messages are said, and taken up.

    Attributes:
        weeks: ISO weeks, oldest first.
        since: Day on which the first of them begins.
        until: Day on which the last of them ends.
        calls: Calls of these weeks in which a rep is known to speak: what every count is out of.
        undated: Calls without a date, which are in no week.
        unplaced: Read calls of these weeks in which no rep is known to speak.
        messages: The most said first; those that were never said are there, too.
        withheld: Groups that are not told, because fewer than three of their reps spoke, or because
            what is left without them would be the figures of one or two reps.
        redacted: Whether personal data was looked for and taken out.
        company: Our name.
        segment: The segment it is about; ``None`` for all.
        claims: What is said beside the messages; ``None`` where that was not looked for.
        outcomes: How deals ended; ``None`` where no deal with calls has closed.
    """

    weeks: tuple[str, ...]
    since: str
    until: str
    timezone: str
    calls: int
    undated: int
    unplaced: int
    messages: tuple[MessageCount, ...]
    withheld: tuple[str, ...] = ()
    redacted: bool = False
    company: str | None = None
    segment: str | None = None
    claims: Claims | None = None
    outcomes: MessageOutcomes | None = None
