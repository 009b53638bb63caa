"""What the brief for the 1:1 of sales and marketing holds: frozen values that make a page."""

from __future__ import annotations

from dataclasses import dataclass, field

from callmine.outcomes.conversion import Step
from callmine.outcomes.rates import Difference, Rate
from callmine.outcomes.verdicts import Verdict
from callmine.reports.digest_values import Money
from callmine.reports.outcome_values import DealRef, OutcomeSettings, StepDeals
from callmine.reports.quote_values import Quote
from callmine.reports.trend_values import Trend


@dataclass(frozen=True, slots=True)
class PeriodCount:
    """In how many deals (and unlinked calls) something was heard in one period, out of how many.

    Of messages both are calls.
    """

    period: str
    heard: int
    out_of: int


@dataclass(frozen=True, slots=True)
class Thing:
    """An objection, a competitor or a message, and how often it is heard now and before.

    Attributes:
        family: ``objection``, ``competitor`` or ``message``.
        now: Deals and unlinked calls of the period in which it was heard, out of those in which it could
            be; of a message calls, out of those in which one of our reps is known to speak.
        counts: The same, period by period, oldest first, this one last.
        trend: This period against those before, as digests compare weeks.
        won: Won of the closed deals in which it was heard, as the report on outcomes counts them;
            ``None`` where there are none.
        verdict: What that report says of it: whether it goes with winning or losing among like deals.
        quotes: The best of the period, of different accounts.
        deals: Ids of the period's deals in which it was heard.
        loose: Of a message: calls among those of ``now`` in which it was said with little of its wording
            only, as the report on messages counts them.
    """

    family: str
    label: str
    title: str
    now: Rate
    counts: tuple[PeriodCount, ...]
    trend: Trend
    won: Rate | None = None
    verdict: Verdict = Verdict.NOT_ENOUGH
    quotes: tuple[Quote, ...] = ()
    deals: tuple[str, ...] = ()
    loose: int = 0


@dataclass(frozen=True, slots=True)
class Jeopardy:
    """A conversion point in jeopardy, with what was said there.

    Attributes:
        step: Its rates, those of the report on outcomes.
        quotes: What prospects objected to in this stage in its last quarter.
        deals: Its deals by quarter, those of the last one last.
    """

    step: Step
    quotes: tuple[Quote, ...] = ()
    deals: tuple[StepDeals, ...] = ()


@dataclass(frozen=True, slots=True)
class BriefQuestion:
    """A question that both can answer, each in their own way.

    Attributes:
        kind: What sort of fact it is about.
        text: The question.
        fact: The fact that it is about, in one sentence.
        about: The fact's place on the page, as ``objection:price``.
        quotes: Those of the fact.
    """

    kind: str
    text: str
    fact: str
    about: str
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Since:
    """What was watched, before the day of an agreement and since.

    Attributes:
        before: Deals, each once, of as many whole weeks before that day as ``after`` has, or as are known;
            of a stage, of those that entered it in the twelve weeks before.
        after: The same, of all whole weeks since that day, or the last twelve; of a stage, of those that
            entered it since.
        trend: The one against the other, as digests compare weeks: ``no comparison`` where less is known
            of before than of since. Of a stage, the word only.
        weeks_before: How many weeks ``before`` is about: no more than are known.
        weeks_after: How many ``after`` is about.
        weeks_since: Whole weeks since that day, which may be more.
        quotes: What was said in the weeks of ``after``, where it is counted there.
        entered: Of a stage, all deals that came there since, also those that may still go on; else 0.
    """

    before: Rate
    after: Rate
    trend: Trend
    weeks_before: int
    weeks_after: int
    weeks_since: int
    quotes: tuple[Quote, ...] = ()
    entered: int = 0


@dataclass(frozen=True, slots=True)
class Agreed:
    """Something that the two agreed on.

    Attributes:
        number: By which it is called done.
        text: In their words.
        by: Who wrote it down.
        day: ISO day on which it was agreed on.
        watch: What they watch, as ``objection:price``; ``None``: nothing.
        title: What people call that.
        known: Whether what is watched is still in the playbook, or in the CRM.
        done_on: ISO day on which it was called done; ``None`` while it is open.
        done_by: Who did.
        since: What is known since; ``None`` where nothing is watched, or a week is not over yet.
    """

    number: int
    text: str
    by: str
    day: str
    watch: str | None = None
    title: str | None = None
    known: bool = True
    done_on: str | None = None
    done_by: str | None = None
    since: Since | None = None


@dataclass(frozen=True, slots=True)
class BriefReport:
    """One page of facts for the leaders of sales and of marketing.

    Attributes:
        since: First day of the period.
        until: Last day.
        period: How people call it.
        before_since: First day of the periods before, which it is held against; each as long as this one.
        before: How people call these.
        periods: How many they are.
        known_periods: How many of these are not over before the first call or close that is known.
        is_month: Whether each is one calendar month.
        as_of: Day at whose end agreements are told: the last one, or a later one.
        known_until: Last day up to which agreements are followed: the day before that, or the last one.
        won_since: First day of the months over which win rates of what was heard are counted.
        calls: Sales calls with words, period by period, oldest first, this one last; ``heard`` are those in
            which prospects are known to speak.
        spoken: Deals and unlinked calls of the period in which prospects are known to speak.
        unlinked: How many of these are calls without a deal.
        closed: Won of the deals that closed in the period.
        closed_before: The same, of the periods before.
        change: The first less the second; ``None`` where one is empty.
        verdict: Whether more are won than before (``WINS``), or fewer (``LOSSES``).
        won_amounts: What was won in the period, per currency.
        won_without_amount: How many of the deals that were won have no amount.
        said_in_lost: What prospects objected to in the deals that were lost in the period.
        closed_deals: Ids of the deals that closed in the period, the last closed first.
        objections: Those heard in the period, in most deals first.
        competitors: The same.
        messages: All of the playbook, the most said first.
        steps: All conversion points.
        jeopardy: Those in jeopardy.
        questions: Three at most.
        agreed: What was agreed on, the last first: open ones, then those done since the period began.
        deals: Every deal that is named, in the order of their ids.
        redacted: Whether personal data was looked for and taken out.
    """

    since: str
    until: str
    period: str
    before_since: str
    before: str
    periods: int
    known_periods: int
    is_month: bool
    as_of: str
    known_until: str
    won_since: str
    timezone: str
    company: str | None
    calls: tuple[PeriodCount, ...]
    spoken: int
    unlinked: int
    closed: Rate
    closed_before: Rate
    change: Difference | None
    verdict: Verdict
    won_amounts: tuple[Money, ...]
    won_without_amount: int
    said_in_lost: tuple[Quote, ...]
    closed_deals: tuple[str, ...]
    objections: tuple[Thing, ...]
    competitors: tuple[Thing, ...]
    messages: tuple[Thing, ...]
    steps: tuple[Step, ...]
    jeopardy: tuple[Jeopardy, ...]
    questions: tuple[BriefQuestion, ...] = ()
    agreed: tuple[Agreed, ...] = ()
    deals: tuple[DealRef, ...] = ()
    redacted: bool = False
    settings: OutcomeSettings = field(default_factory=OutcomeSettings)
