"""What a weekly digest holds: frozen values that the renderers turn into pages and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from callmine.reports.asked_values import AnswerGiven, LabelAnswers, RequestGroup
from callmine.reports.coverage_values import Coverage
from callmine.reports.digest_more_values import Pick, SinceLast, Wanted, WinRate, Worked
from callmine.reports.emerging_values import Theme
from callmine.reports.quote_values import Quote
from callmine.reports.trend_values import Trend, WeekCount


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """What counts, and how much of it a page shows.

    Attributes:
        min_score: Findings below this calibrated probability do not count.
        min_objection_score: The same for objections.
        min_label_scores: The same for objections with one of these labels.
        min_role_confidence: A role below this confidence is treated as unknown.
        max_q: False-discovery rate at which "up", "down", "new" and "gone" are said.
        same_within: "About the same" is said when a change by this factor can be ruled out.
        weeks_shown: Weeks in the small charts, this one included.
        quotes_per_label: Best quotes shown in full.
        evidence_per_label: Further quotes listed below them.
        phrases: Prospects' own words shown.
        requests: Things that prospects asked for that are shown.
        themes: Emerging themes shown.
        max_clip_bytes: Total size of the clips embedded in one page.
    """

    min_score: float = 0.5
    min_objection_score: float = 0.5
    min_label_scores: Mapping[str, float] = field(default_factory=dict)
    min_role_confidence: float = 0.8
    max_q: float = 0.2
    same_within: float = 3.0
    weeks_shown: int = 13
    quotes_per_label: int = 3
    evidence_per_label: int = 40
    phrases: int = 6
    requests: int = 40
    themes: int = 5
    max_clip_bytes: int = 6_000_000


@dataclass(frozen=True, slots=True)
class Money:
    """A sum of deal amounts in one currency."""

    amount: float
    currency: str | None


@dataclass(frozen=True, slots=True)
class DealGroup:
    """Deals that ended (or did not end) in one way, and what they are worth."""

    deals: int
    amounts: tuple[Money, ...] = ()
    without_amount: int = 0


@dataclass(frozen=True, slots=True)
class DealOutcomes:
    """How the deals in which something was heard stood at the week's end; ``touched`` are all of them."""

    open: DealGroup
    lost: DealGroup
    won: DealGroup
    touched: DealGroup


@dataclass(frozen=True, slots=True)
class Headline:
    """A line over quotes that the language model ``model`` wrote, checked against them."""

    text: str
    model: str


@dataclass(frozen=True, slots=True)
class LabelCount:
    """One objection label in one week.

    ``heard`` is ``deals + unlinked_calls``; ``outcomes`` is ``None`` when no deals are imported.

    Attributes:
        trend: Against the four weeks before.
        longer: Against the twelve before; ``None`` where no more than four have calls.
        won: Of all deals with it that were closed by then; ``None`` where none was, or where that is
            not known.
        worked: An answer to it that went well.
        wanted: What prospects asked for next to it this week, most asked first.
    """

    label: str
    title: str
    heard: int
    deals: int
    unlinked_calls: int
    calls: int
    accounts: int
    mentions: int
    trend: Trend
    weekly: tuple[WeekCount, ...]
    outcomes: DealOutcomes | None
    quotes: tuple[Quote, ...]
    others: tuple[Quote, ...]
    not_listed: int = 0
    headline: Headline | None = None
    longer: Trend | None = None
    won: WinRate | None = None
    worked: Worked | None = None
    wanted: tuple[Wanted, ...] = ()


@dataclass(frozen=True, slots=True)
class RelationCount:
    """In how many deals (and unlinked calls) prospects stood so to a competitor.

    Each deal counts once, under the strongest relation that was found in it.
    """

    relation: str
    heard: int


@dataclass(frozen=True, slots=True)
class CompetitorCount:
    """One competitor in one week; calls whose speaker is unknown are apart."""

    name: str
    heard: int
    deals: int
    unlinked_calls: int
    calls: int
    prospect_calls: int
    rep_calls: int
    unknown_calls: int
    relations: tuple[RelationCount, ...]
    new: bool
    weekly: tuple[WeekCount, ...]
    quotes: tuple[Quote, ...]
    others: tuple[Quote, ...]
    not_listed: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """Something found this week and not before, or before and not this week, beyond chance.

    ``heard``, ``deals`` and ``unlinked_calls`` are this week's where it is new, else those of the
    weeks compared with (each deal once). ``before`` of ``before_out_of`` are the weeks compared
    with, summed over the weeks: ``weeks`` of the four before, or of the twelve where only these tell it.
    """

    kind: Literal["objection", "competitor"]
    label: str
    title: str
    heard: int
    deals: int
    unlinked_calls: int
    before: int = 0
    before_out_of: int = 0
    weeks: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """The weekly objection digest.

    Attributes:
        top_line: One or two sentences: what a reader in a hurry should know.
        unit: What is counted: ``deals`` (and calls without one), or ``calls`` before any is linked.
        calls: Calls of the week that count: read, in a language in which objections are looked
            for, and a prospect is known to speak in them.
        heard_from: Deals and unlinked calls of the week: what every share is out of.
        compared_with: Those of the four weeks before with calls, which this one is compared with.
        compared_longer: Those of the twelve weeks before; empty where these are no more than the four.
        first_week: Whether no earlier week has a call.
        has_outcomes: Whether any deal's outcome is known.
        requests: What prospects asked for, most asked first; ``requests_not_listed`` are more.
        answered: How objections were answered, the most heard objection first.
        answers: Those answers in the reps' words, the best of each kind.
        answers_not_listed: How many more there are.
        emerging: What several prospects said against us that fits no label, told again this week.
        clips_left_out: Quotes without a player because the page's limit for sound was reached.
        segment: The deals' segment that the digest is limited to; ``None`` for the whole company.
        product: The product that calls have to be about; likewise.
        persona: The kind of buyer whose words count; likewise.
        limited_from: Calls of the week that count without a limit to a product or persona; ``None`` where
            there is none.
        won: Of all deals with calls that were closed by the end of the week; ``None`` where none was.
        won_answers: Answers in deals won before to objections of this week to which none was accepted.
        since_last: What is different from the last week with calls; ``None`` where there is none.
        picks: What people chose to show first, or not to show, of this week's quotes.
        redacted: Whether personal data was looked for and taken out.
    """

    week: str
    week_label: str
    starts_at: str
    ends_at: str
    timezone: str
    company: str | None
    top_line: tuple[str, ...]
    unit: Literal["deals", "calls"]
    calls: int
    deals: int
    unlinked_calls: int
    heard_from: int
    accounts: int
    weeks: tuple[str, ...]
    compared_with: tuple[str, ...]
    first_week: bool
    has_outcomes: bool
    objections: tuple[LabelCount, ...]
    competitors: tuple[CompetitorCount, ...]
    phrases: tuple[Quote, ...]
    new: tuple[Change, ...]
    gone: tuple[Change, ...]
    coverage: Coverage
    settings: DigestSettings = field(default_factory=DigestSettings)
    playbooks: tuple[str, ...] = ()
    extractors: tuple[str, ...] = ()
    clips_left_out: int = 0
    requests: tuple[RequestGroup, ...] = ()
    requests_not_listed: int = 0
    answered: tuple[LabelAnswers, ...] = ()
    answers: tuple[AnswerGiven, ...] = ()
    answers_not_listed: int = 0
    emerging: tuple[Theme, ...] = ()
    segment: str | None = None
    product: str | None = None
    persona: str | None = None
    limited_from: int | None = None
    compared_longer: tuple[str, ...] = ()
    won: WinRate | None = None
    won_answers: tuple[AnswerGiven, ...] = ()
    since_last: SinceLast | None = None
    picks: tuple[Pick, ...] = ()
    redacted: bool = False
