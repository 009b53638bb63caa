"""What a report holds of what was said: frozen values that the renderers turn into quotes."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.domain import Outcome, Role


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
        heard: What was recognised where a name was known by its sound, or by a misspelling that a person
            confirmed, or was split or joined; not where only its capitals differ.
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
class Reply:
    """A prospect's turn that shows how an answer was taken; no finding, so it has no span.

    Attributes:
        text: The turn ``utterance`` from its beginning, verbatim.
        cut_end: Whether the turn goes on after ``text``.
        play_ms: Where it begins.
    """

    text: str
    cut_end: bool
    utterance: str
    speaker_name: str | None
    play_ms: int
    href: str | None = None
