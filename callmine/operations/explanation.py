"""What is told of why a finding is there; plain values, in the shape that programs get."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.domain import Json
from callmine.extractors.explain import NameFound, Near, ReadAgain
from callmine.reports.standing import Standing
from callmine.store.rows import EvidenceRow


@dataclass(frozen=True, slots=True)
class Score:
    """How sure callmine is, and what that is enough for; all 0..1.

    Attributes:
        value: The finding's score, as it is stored.
        threshold: Least score with which the extractor reports it today; ``None`` where it has none.
        counts_from: Least score with which reports count its kind.
        is_enough: Whether ``value`` reaches that; it does not say whether the finding counts.
    """

    value: float
    threshold: float | None
    counts_from: float
    is_enough: bool


@dataclass(frozen=True, slots=True)
class Maker:
    """What made a finding.

    Attributes:
        name: The extractor; ``person`` where somebody found what callmine missed.
        version: Its version then.
        version_today: Its version today; ``None`` where it is not there any more.
        settings: Its settings today: the hash of its model, thresholds.
        same_today: Whether the next run would leave the call's findings as they are: same model,
            settings, extractors and playbook.
    """

    name: str
    version: str
    version_today: str | None
    settings: Json
    same_today: bool


@dataclass(frozen=True, slots=True)
class UsedPlaybook:
    """The playbook that a finding was made with; ``first_used_at`` is a UTC instant."""

    version: str
    first_used_at: str | None
    is_todays: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be said of why a finding is there.

    Attributes:
        finding: The finding with its utterance, speaker, call and deal.
        score: What its score is enough for.
        standing: Whether it counts in reports, and why.
        people: What people said of it, newest first: ``verdict``, ``label``, ``by``, ``at``,
            and ``replaced_by`` or ``replaces`` where it was given other words.
        second_reader: What a second reader says: ``verdict``, ``label``, ``model``; ``None``: nothing.
        made_by: What found it.
        playbook: The playbook it was found with.
        read_again: What the encoder makes of its utterance today; for objections, positioning, requests.
        name: How a competitor's name matched, and what adds up to the score.
        tracker: Which of a tracker's words were said: ``phrase``, ``letter_by_letter``.
        message: Which of the playbook's messages a claim says: ``id``, ``text``, ``likeness`` (a cosine),
            and ``alike_from``, the least with which it is that message.
        takes_up: The claim that a prospect takes up: ``finding_id``, ``text``, ``play_ms``, and likewise.
        answers: The objections that an answer answers: ``finding_id``, ``label``, ``text``.
        nearest: What is most like it.
        notes: What is to be known of all this.
    """

    finding: EvidenceRow
    score: Score
    standing: Standing
    people: tuple[Json, ...]
    second_reader: Json | None
    made_by: Maker
    playbook: UsedPlaybook
    read_again: ReadAgain | None = None
    name: NameFound | None = None
    tracker: Json | None = None
    message: Json | None = None
    takes_up: Json | None = None
    answers: tuple[Json, ...] = ()
    nearest: tuple[Near, ...] = ()
    notes: tuple[str, ...] = ()
