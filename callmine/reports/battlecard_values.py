"""What a battlecard holds: frozen values that the renderers turn into pages and JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from callmine.outcomes.association import Association
from callmine.outcomes.bias import Part
from callmine.outcomes.strata import Stratified
from callmine.reports.battlecard_named import BattlecardSettings, Named
from callmine.reports.battlecard_people import Change, Standing
from callmine.reports.outcome_values import DealRef, Family, Line
from callmine.reports.quote_values import Quote

INTERNAL = ("record", "said.against_us", "objections", "landmines", "changes")
"""What of a card nobody outside may see, whatever is made of the rest."""


@dataclass(frozen=True, slots=True)
class Record:
    """How closed deals end in which a competitor is named, against all others.

    Attributes:
        family: What the report on outcomes has of it, tested together with all other competitors; its only
            line is this competitor.
        won: Ids of won deals in which it is named, the last closed first.
        lost: Of lost ones.
        crm_names: Closed deals in which the CRM names it.
        crm_only: Of these, with calls in none of which it is named.
    """

    family: Family
    won: tuple[str, ...]
    lost: tuple[str, ...]
    crm_names: int
    crm_only: int

    @property
    def line(self) -> Line:
        """The competitor against outcome."""
        return self.family.lines[0]

    @property
    def association(self) -> Association:
        """What goes with it."""
        return self.line.association


@dataclass(frozen=True, slots=True)
class Voices:
    """What buyers say in one direction.

    Attributes:
        mentions: Times that it is said.
        calls: Calls in which it is said.
        deals: Deals in which it is said.
        quotes: The best, of different accounts and in different words.
    """

    mentions: int
    calls: int
    deals: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """What buyers say for and against a competitor, and for and against us beside its name.

    Attributes:
        for_them: Said well of it, or why it was chosen.
        against_them: Said ill of it.
        for_us: What buyers value, or took up of our messages, within a few turns of its name.
        against_us: Objections to us, within a few turns of its name.
    """

    for_them: Voices | None = None
    against_them: Voices | None = None
    for_us: Voices | None = None
    against_us: Voices | None = None


class Lift(StrEnum):
    """Whether an objection is heard more in deals in which a competitor is named."""

    MORE = "more"
    LESS = "less"
    NOISE = "noise"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class ObjectionBeside:
    """An objection that comes with a competitor.

    Attributes:
        with_it: Deals in which the competitor is named that raise it, of all such deals.
        without: The same of all other deals.
        same_call: Calls that have both.
        compared: Deals with against deals without, of those alike; ``None`` when there are too few.
        q: False-discovery rate among all objections of the card; ``None`` when not tested.
        lift: What can be said.
        quotes: The best of calls that have both.
    """

    label: str
    title: str
    with_it: Part
    without: Part
    same_call: int
    compared: Stratified | None
    q: float | None
    lift: Lift
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class WonAnswer:
    """An answer that was given in a deal that was won although the competitor was named in it.

    Attributes:
        labels: The objections it answers.
        titles: As people read them.
        kind: One of :data:`callmine.domain.ANSWER_KINDS`.
        accepted: ``yes`` or ``unclear``, as the extractor reads what the prospect said next.
        playbook: The playbook's answer that it gives; ``None`` where it is none.
        deals: Won deals with this competitor in which it is said in these words.
        raised: The objection.
        quote: The answer.
    """

    labels: tuple[str, ...]
    titles: tuple[str, ...]
    kind: str
    accepted: str
    playbook: str | None
    deals: int
    raised: Quote | None
    quote: Quote


@dataclass(frozen=True, slots=True)
class Asked:
    """A question or a request, word for word from a call in which the competitor is named.

    Attributes:
        calls: Calls in which it was asked in these words.
        won: Deals of these calls that were won.
        quote: Who asks.
        said: What a buyer says of the competitor right after it; ``None`` where nothing.
    """

    calls: int
    won: int
    quote: Quote
    said: Quote | None = None


@dataclass(frozen=True, slots=True)
class LostDeal:
    """A lost deal in which the competitor was named.

    Attributes:
        reason: The reason as somebody wrote it into the CRM.
        to_them: Whether the CRM says that it was lost to this competitor.
        last: What was said of the competitor last.
    """

    deal: DealRef
    reason: str | None
    to_them: bool
    last: Quote


@dataclass(frozen=True, slots=True)
class Landmines:
    """What to be careful of.

    Attributes:
        praised: Praise of the competitor in deals that were lost.
        lost: The last deals lost with it, those to it first.
        not_listed: Further lost deals with it.
    """

    praised: Voices | None
    lost: tuple[LostDeal, ...]
    not_listed: int


@dataclass(frozen=True, slots=True)
class Battlecard:
    """What calls tell of one competitor.

    Attributes:
        competitor: Its name in the playbook.
        aliases: Its other names there.
        company: Our name.
        since: First day of the calls and closes that are looked at.
        until: Last day.
        enough: Whether it is named often enough for a card; if not, only ``named`` and ``mentions`` are
            filled.
        named: How often and where it is named.
        mentions: What was said of it, the best first, where that is all there is.
        record: How deals end in which it is named; ``None`` without closed deals with calls.
        said: What buyers say.
        objections: What comes with it: what is heard more first.
        answers: What was answered in deals that were won.
        traps: Our questions after which a buyer spoke against it.
        questions: Our other questions beside its name.
        asked_of_us: What buyers asked beside its name.
        requests: What buyers asked to be sent or shown in the same call.
        landmines: What to be careful of.
        pinned: Quotes that a person put first.
        changes: What people added, pinned and barred.
        internal: Parts of the card that are for inside only.
        sales_calls: Sales calls of the period that count.
        standing: Whose the card is, and which version; ``None`` of one for a period that was asked for.
    """

    competitor: str
    aliases: tuple[str, ...]
    company: str
    since: str
    until: str
    timezone: str
    enough: bool
    named: Named
    sales_calls: int
    mentions: tuple[Quote, ...] = ()
    record: Record | None = None
    said: Sides = Sides()
    objections: tuple[ObjectionBeside, ...] = ()
    answers: tuple[WonAnswer, ...] = ()
    traps: tuple[Asked, ...] = ()
    questions: tuple[Asked, ...] = ()
    asked_of_us: tuple[Asked, ...] = ()
    requests: tuple[Asked, ...] = ()
    landmines: Landmines | None = None
    pinned: tuple[Quote, ...] = ()
    changes: tuple[Change, ...] = ()
    internal: tuple[str, ...] = INTERNAL
    standing: Standing | None = None
    settings: BattlecardSettings = field(default_factory=BattlecardSettings)
