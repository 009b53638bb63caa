"""What the report on won and lost deals holds: frozen values that renderers turn into pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callmine.domain import Outcome, Role
from callmine.outcomes.agreement import Agreement
from callmine.outcomes.association import Association
from callmine.outcomes.bias import Coverage, Level
from callmine.outcomes.compare import Comparison
from callmine.outcomes.conversion import Step
from callmine.outcomes.groups import Grouping
from callmine.outcomes.matching import Matched
from callmine.outcomes.phrases import PhraseContrast
from callmine.outcomes.rates import Rate
from callmine.outcomes.waiting import Waiting
from callmine.reports.quote_values import Quote
from callmine.reports.reason_values import PartingDeal


@dataclass(frozen=True, slots=True)
class OutcomeSettings:
    """What the report on outcomes counts as enough.

    Attributes:
        min_deals: Deals with and without something from which on it is compared.
        smallest_effect: The smallest difference between win rates that matters, 0..1.
        max_q: The share of false discoveries that is accepted among what is reported, 0..1.
        sensitivity_days: Days before close whose calls the second look leaves out.
        quotes_per_line: Quotes printed behind each line at most.
        deals_per_line: Deals named behind each line at most.
        untested_lines: Lines of each family at most that are listed without a test.
    """

    min_deals: int = 5
    smallest_effect: float = 0.10
    max_q: float = 0.05
    sensitivity_days: int = 14
    quotes_per_line: int = 4
    deals_per_line: int = 40
    untested_lines: int = 12


@dataclass(frozen=True, slots=True)
class DealRef:
    """A deal behind a number."""

    deal_id: str
    name: str | None
    account: str | None
    outcome: Outcome
    amount: float | None
    currency: str | None
    close_date: str | None


@dataclass(frozen=True, slots=True)
class KnownDeal(DealRef):
    """A deal that the report names by its id.

    Attributes:
        reached: The last open stage that the CRM's history knows it in; ``None`` where it knows none.
    """

    reached: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was heard, against outcome.

    Attributes:
        family: One of :data:`callmine.reports.families.FAMILIES`.
        label: Of the objection or message, or the competitor's name; of a theme the id of the quote that
            is most like all the others.
        title: As people read it.
        association: What goes with it.
        quotes: The best, of different deals, lost and won.
        deals: Ids of all deals in which it was heard, the last closed first.
    """

    family: str
    label: str
    title: str
    association: Association
    quotes: tuple[Quote, ...] = ()
    deals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """Everything of one kind that was looked at together.

    Attributes:
        family: One of :data:`callmine.reports.families.FAMILIES`.
        lines: What was heard: clear answers first, then what depends on how one compares, then what nobody
            can say, what is not tested last.
        within: What like with like means call by call: ``number of the call``, ``segment``, …
        kinds: What it means deal by deal.
        not_listed: How much more was heard, in too few deals, or lacked in too few, to test.
    """

    family: str
    lines: tuple[Line, ...]
    within: tuple[str, ...]
    kinds: tuple[str, ...]
    not_listed: int = 0


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One kind of answer to an objection, or one of the playbook's, against the others.

    Attributes:
        kind: One of :data:`callmine.domain.ANSWER_KINDS`, or ``playbook``.
        comparison: Deals answered so when they first raised the objection, against the others.
        text: The answer as the playbook has it; ``None`` for a kind.
        quotes: The best such answers, of different deals.
        deals: Ids of the deals that got this answer and no other one, the last closed first.
    """

    kind: str
    comparison: Comparison
    text: str | None = None
    quotes: tuple[Quote, ...] = ()
    deals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswersTo:
    """How one objection was answered when it was first raised.

    Attributes:
        lines: A kind of answer each, or one of the playbook's; clear ones first.
        deals: Deals that raised it and were answered at once.
    """

    label: str
    title: str
    lines: tuple[AnswerLine, ...]
    deals: int


@dataclass(frozen=True, slots=True)
class StepDeals:
    """The deals behind one number of a conversion point, by id: the last closed first, open ones last.

    Attributes:
        stage: The stage.
        period: In which they entered it.
        went_on: Deals that went on within the days that are given to it.
        stayed: Those that had these days and did not.
        under_way: Those that had not had them by the last day, and are not counted: some may have gone on
            or closed sooner.
    """

    stage: str
    period: str
    went_on: tuple[str, ...]
    stayed: tuple[str, ...]
    under_way: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitingLeftOut:
    """Closed deals of which nobody knows how long they waited for the first call.

    Attributes:
        no_inquiry: The CRM has no date of their first inquiry.
        no_call: It has, and no sales call up to the day of the close is known.
        before_inquiry: It has both, and the call came first.
    """

    no_inquiry: int
    no_call: int
    before_inquiry: int


@dataclass(frozen=True, slots=True)
class PhraseTable:
    """What one side says in the first calls of won and of lost deals.

    Attributes:
        role: Who says it.
        looked_at: Phrases that enough deals use.
        found: Those that go with winning or losing, and the nearest to it; the most for winning first.
    """

    role: Role
    looked_at: int
    found: tuple[PhraseContrast, ...]


@dataclass(frozen=True, slots=True)
class Basis:
    """What the report is based on.

    Attributes:
        deals: Closed in the period, won or lost.
        won: Of these.
        with_calls: Of these, with at least one sales call before the close.
        compared: Of these, with a call that is evidence.
        calls: Calls that are evidence.
        after_close: Calls that are none because their deal had closed.
        without_close: Deals that are won or lost, in no period, as nobody knows when.
        undated: Calls that are none because nobody knows when they were.
        unplaced: Calls that are none because no prospect is known to speak in them.
        failed: Calls of these deals that are none because they failed, so that nothing is known of them.
    """

    deals: Rate
    with_calls: Rate
    compared: Rate
    calls: int
    after_close: int
    without_close: int
    undated: int
    unplaced: int
    failed: int = 0


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """What goes with winning and losing, and what nobody can say yet.

    Attributes:
        since: First day on which a deal may have closed.
        until: Last day.
        segment: The segment it is about; ``None`` for all.
        coverage: How much of everything it can know.
        bias: How deals with calls differ from those without.
        steps: Conversion from each stage, in the last quarter and before.
        step_deals: The deals behind each stage and period of ``steps``.
        waiting: Days from first inquiry to first call; ``None`` where the CRM dates no inquiry.
        waiting_left_out: Deals that it does not know enough of; ``None`` as for ``waiting``.
        reasons: The CRM's loss reasons against what was heard.
        parting: The deals where these part, with what was heard: first those whose reason was not heard
            while something else was on several calls; the last closed first.
        pairs: Won and lost deals side by side.
        phrases: What prospects and reps say.
        groups: Win rates by segment and so on, over all closed deals.
        deals: All deals that are named anywhere in it, in the order of their ids.
        titles: What people call each label, by ``family:label``.
        answers: Objections with an answer that enough deals got, those with a clear one first.
        looks: How often such a report was built before, this one included.
        themes_sought: Whether emerging themes were looked for, which takes longer.
        redacted: Whether personal data was looked for and taken out.
    """

    since: str
    until: str
    timezone: str
    company: str | None
    basis: Basis
    outcomes: tuple[tuple[Outcome, int], ...]
    families: tuple[Family, ...]
    coverage: Coverage | None = None
    bias: tuple[Level, ...] = ()
    answers: tuple[AnswersTo, ...] = ()
    steps: tuple[Step, ...] = ()
    step_deals: tuple[StepDeals, ...] = ()
    waiting: Waiting | None = None
    waiting_left_out: WaitingLeftOut | None = None
    reasons: Agreement | None = None
    parting: tuple[PartingDeal, ...] = ()
    pairs: Matched | None = None
    phrases: tuple[PhraseTable, ...] = ()
    groups: tuple[Grouping, ...] = ()
    deals: tuple[KnownDeal, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    looks: int = 1
    segment: str | None = None
    themes_sought: bool = False
    redacted: bool = False
    settings: OutcomeSettings = field(default_factory=OutcomeSettings)
