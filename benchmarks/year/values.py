"""The nouns of a generated year: what is true, and what the CRM and the recorder say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from callmine.domain import Json, Participant

STAGES = ("Discovery", "Demo", "Evaluation", "Proposal", "Negotiation")
"""Open stages, in order; after them come ``Closed Won`` and ``Closed Lost``."""

EARLY_STAGES = STAGES[:2]
"""Every deal begins here; whatever has an effect is said here, before anything is decided."""

OWN_DOMAIN = "larkmoor.example"
FIRST_DAY, LAST_DAY = date(2025, 1, 1), date(2025, 12, 31)


@dataclass(frozen=True, slots=True)
class Rep:
    """One of ours who sells; ``skill`` is added to the log odds of winning."""

    name: str
    email: str
    team: str
    skill: float
    records: float
    """Share of the calls that this rep records."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A buyer. ``email`` is at the company, or free mail; ``own`` says that it is the company's."""

    name: str
    email: str
    own: bool
    job: str


@dataclass(frozen=True, slots=True)
class Account:
    """A company as it is, and as our CRM calls it.

    Attributes:
        number: Position among the accounts.
        name: Full name, with its legal form.
        plain: Without the legal form.
        short: What colleagues call it.
        crm_names: As the CRM spells it; two where the company was entered twice.
        domains: All that are its own, the main one first; a subsidiary may use its parent's.
        crm_domain: As the CRM has it, empty where it has none.
        country: Two letters.
        segment: ``SMB``, ``mid-market`` or ``enterprise``.
        parent: Number of the account it belongs to.
        twin: Number of another company that is called nearly the same.
        contacts: Who works there.
        owner: Number of the rep.
    """

    number: int
    name: str
    plain: str
    short: str
    crm_names: tuple[str, ...]
    domains: tuple[str, ...]
    crm_domain: str
    country: str
    segment: str
    parent: int | None
    twin: int | None
    contacts: tuple[Contact, ...]
    owner: int


@dataclass(frozen=True, slots=True)
class TrueDeal:
    """A deal as it went, and as the CRM tells it.

    Attributes:
        number: Position among the deals.
        deal_id: Salesforce's id, 15 characters; :func:`benchmarks.year.chance.long_id` gives all 18.
        account: Number of the account.
        crm_account: The spelling under which it is filed.
        owner: Number of the rep.
        kind: ``new business``, ``renewal`` or ``expansion``.
        copy_of: Number of the deal that this one duplicates.
        first_contact: Day of the first talk, recorded or not.
        path: Each stage that the deal was in, with the day it came there; the last is the closing.
        crm_path: The same as entered: stages skipped, entered late, or never.
        outcome: As :class:`callmine.domain.Outcome` has it, but for ``lost_unknown``: truth is known.
        closed: Day of the closing, ``None`` while open.
        vanished: Day from which the CRM does not have it any more.
        group: Which of the account's contacts buy, the keenest first.
        chance: Probability of winning from which the outcome was drawn.
        traits: What is true of the deal and may matter, see :mod:`benchmarks.year.effects`.
        dose: Doublings of the wait for the first talk, 0 where nobody inquired.
    """

    number: int
    deal_id: str
    hubspot_id: str
    name: str
    account: int
    crm_account: str
    owner: int
    segment: str
    amount: float
    first_amount: float
    currency: str
    lead_source: str
    kind: str
    copy_of: int | None
    inquired: date | None
    first_contact: date
    created: date
    expected: date
    path: tuple[tuple[str, date], ...]
    crm_path: tuple[tuple[str, date], ...]
    outcome: str
    closed: date | None
    vanished: date | None
    loss_reason: str
    crm_competitor: str
    crm_emails: tuple[str, ...]
    group: tuple[int, ...]
    rival: str
    chance: float
    traits: frozenset[str]
    dose: float

    def stage_on(self, day: date, *, crm: bool = False) -> str:
        """Return the stage on a day, of what happened or of what the CRM said; the first one before it."""
        path = self.crm_path if crm else self.path
        current = path[0][0]
        for stage, since in path:
            if since <= day:
                current = stage
        return current


@dataclass(frozen=True, slots=True)
class Said:
    """Something that an extractor is to report of a turn.

    ``answers`` are positions of the turns that hold the objections an answer answers.
    """

    kind: str
    label: str
    start: int
    end: int
    score: float
    detail: Json = field(default_factory=dict)
    answers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance; ``speaker`` is 0 for the rep, else the number of the buyer's voice."""

    speaker: int
    text: str
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the recorder knows of a call. Empty text: not stated."""

    title: str
    type: str
    started_at: str
    rep: str
    rep_email: str
    account: str
    deal_id: str
    participants: tuple[Participant, ...]
    consent: str


@dataclass(frozen=True, slots=True)
class YearCall:
    """One recorded call with its truth.

    Attributes:
        external_id: The recorder's id.
        started: When it began (UTC), also where the recorder has lost it.
        minutes: How long it took.
        kind: ``deal``, ``early`` (before the deal was created), ``after`` (it was closed), ``internal``,
            or whose call it is that belongs to no deal: ``partner``, ``recruiter``, ``vendor``,
            ``customer`` (of old, without a deal), ``prospect`` (that never became a deal), ``press``.
        deal: Number of the deal it belongs to, ``None`` for none.
        stage: True stage when it took place; empty without a deal.
        carries: ``account``, ``domain`` and ``title``, see :mod:`benchmarks.year.metadata`.
        noise: What went wrong with its metadata, such as ``wrong account``.
        metadata: What the recorder says.
        turns: What was said; empty where the year was made without talk.
    """

    external_id: str
    started: datetime
    minutes: int
    kind: str
    deal: int | None
    stage: str
    carries: frozenset[str]
    noise: frozenset[str]
    metadata: Metadata
    voices: tuple[str, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """One company's year."""

    seed: int
    labels: tuple[str, ...]
    reps: tuple[Rep, ...]
    accounts: tuple[Account, ...]
    deals: tuple[TrueDeal, ...]
    calls: tuple[YearCall, ...]
    expected: Mapping[str, Mapping[str, float]]
    """Of each planted effect what follows from it; see :func:`benchmarks.year.effects.consequences`."""
