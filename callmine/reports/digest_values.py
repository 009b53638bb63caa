"""What a weekly digest holds: frozen values that the renderers turn into pages and JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from callmine.domain import Outcome, Role

TrendWord = Literal["new", "gone", "up", "down", "about the same", "too few to say", "no comparison"]


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """What counts, and how much of it a page shows.

    Attributes:
        min_score: Findings below this calibrated probability do not count.
        min_objection_score: The same for objections.
        min_role_confidence: A role below this confidence is treated as unknown.
        max_q: False-discovery rate at which "up", "down", "new" and "gone" are said.
        same_within: "About the same" is said when a change by this factor can be ruled out.
        weeks_shown: Weeks in the small charts, this one included.
        quotes_per_label: Best quotes shown in full.
        evidence_per_label: Further quotes listed below them.
        phrases: Prospects' own words shown.
        max_clip_bytes: Total size of the clips embedded in one page.
    """

    min_score: float = 0.5
    min_objection_score: float = 0.5
    min_role_confidence: float = 0.8
    max_q: float = 0.2
    same_within: float = 3.0
    weeks_shown: int = 12
    quotes_per_label: int = 3
    evidence_per_label: int = 40
    phrases: int = 6
    max_clip_bytes: int = 6_000_000


@dataclass(frozen=True, slots=True)
class Clip:
    """A short piece of a recording and its media type."""

    data: bytes
    mime: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim passage with the finding's span inside it.

    ``utterance[start:end] == text``; ``before + marked + after`` is a verbatim passage of the
    utterance, and ``marked`` is ``text`` unless that is too long to print. ``cut_start`` and
    ``cut_end`` say that the passage begins or ends inside a sentence.

    Attributes:
        quote_id: Stable anchor in the page, ``q-`` and the finding's id.
        role: ``unknown`` when the role's confidence is too low to count.
        clip_end_ms: Where a clip that begins at ``play_ms`` should end.
        heard: What was recognised where a name was known by its sound, or by a misspelling that
            a person confirmed; not where only its capitals or spaces differ.
    """

    quote_id: str
    finding_id: str
    label: str
    text: str
    start: int
    end: int
    before: str
    marked: str
    after: str
    cut_start: bool
    cut_end: bool
    utterance: str
    utterance_index: int
    call_id: str
    source: str
    role: Role
    speaker_name: str | None
    account: str | None
    deal_id: str | None
    deal_name: str | None
    outcome: Outcome | None
    started_at: str | None
    day: str | None
    play_ms: int
    clip_end_ms: int
    score: float
    relation: str | None = None
    stance: str | None = None
    heard: str | None = None
    verdict: str | None = None
    href: str | None = None
    clip: Clip | None = None


@dataclass(frozen=True, slots=True)
class WeekCount:
    """In how many deals (and unlinked calls) something was heard, out of how many."""

    week: str
    heard: int
    out_of: int


@dataclass(frozen=True, slots=True)
class Trend:
    """This week against the mean of the weeks before it.

    Attributes:
        word: What may be said about it; ``new`` and ``gone`` pass the same test as ``up`` and
            ``down``.
        before: In how many deals and unlinked calls it was found in the weeks compared with,
            summed over the weeks.
        before_out_of: Out of how many.
        usual: Mean per week in the weeks compared with; ``None`` when there are none.
        usual_out_of: Mean number spoken with per week in those weeks.
        weeks: How many weeks that is (at most four, and only weeks with calls).
        ratio_low: Lower end of the 90 % interval of the change in the share, as a factor.
        ratio_high: Upper end; ``None`` when open.
        q_value: False-discovery rate of "it changed".
    """

    word: TrendWord
    before: int | None = None
    before_out_of: int | None = None
    usual: float | None = None
    usual_out_of: float | None = None
    weeks: int = 0
    ratio_low: float | None = None
    ratio_high: float | None = None
    q_value: float | None = None


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
    """How the deals in which something was heard stood at the end of the week."""

    open: DealGroup
    lost: DealGroup
    won: DealGroup


@dataclass(frozen=True, slots=True)
class Headline:
    """A line over quotes that the language model ``model`` wrote, checked against them."""

    text: str
    model: str


@dataclass(frozen=True, slots=True)
class LabelCount:
    """One objection label in one week.

    ``heard`` is ``deals + unlinked_calls``; ``outcomes`` is ``None`` when no deals are imported.
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
    with, summed over the weeks.
    """

    kind: Literal["objection", "competitor"]
    label: str
    title: str
    heard: int
    deals: int
    unlinked_calls: int
    before: int = 0
    before_out_of: int = 0


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many calls were left out for one reason, and the sources of the first few."""

    reason: str
    calls: int
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LanguageCount:
    """How many calls are in one language (ISO 639-1)."""

    language: str
    calls: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the digest is based on, and what it could not see.

    Attributes:
        calls: Calls that began this week, whatever became of them.
        read: Sales calls among them that were transcribed and read.
        not_counted: Read calls of excluded deals (duplicate, test, disqualified).
        unplaced: Read calls in which nobody is known to be a prospect: no objection can be
            found there, so they are in no count.
        other_languages: Read calls in a language in which objections are not looked for, so that
            they are in no count either; the most frequent language first.
        inverted: Read calls whose roles look the wrong way round, so that they are in no count until
            a person confirms or swaps them.
        inverted_sources: The files of the first few of them.
        linked: Counted calls that belong to a deal.
        undated: Calls without a date, which are in no week.
        attributed: Share of the words in read calls whose speaker's side is known, 0..1.
        unknown_speaker: Possible objections whose speaker's side is not known.
    """

    calls: int
    read: int
    not_counted: int
    linked: int
    undated: int
    pending: int
    failed: tuple[ReasonCount, ...] = ()
    skipped: tuple[ReasonCount, ...] = ()
    attributed: float | None = None
    unknown_speaker: int = 0
    unplaced: int = 0
    other_languages: tuple[LanguageCount, ...] = ()
    inverted: int = 0
    inverted_sources: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """Calls of the week that should have been read and are not."""
        return self.pending + sum(reason.calls for reason in self.failed)


@dataclass(frozen=True, slots=True)
class Digest:
    """The weekly objection digest.

    Attributes:
        top_line: One or two sentences: what a reader in a hurry should know.
        unit: What is counted: ``deals`` (and calls without one), or ``calls`` before any is linked.
        calls: Calls of the week that count: read, in a language in which objections are looked
            for, and a prospect is known to speak in them.
        heard_from: Deals and unlinked calls of the week: what every share is out of.
        compared_with: Earlier weeks that this one is compared with.
        first_week: Whether no earlier week has a call.
        has_outcomes: Whether any deal's outcome is known.
        clips_left_out: Quotes without a player because the page's limit for sound was reached.
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
