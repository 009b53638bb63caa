"""What a digest says of its own basis: frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.outcomes.bias import Level


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
        unknown_requests: Possible requests whose speaker's side is not known.
        deals: Deals open at the week's end or closed in it, whether or not anything of them was heard;
            excluded ones do not count.
        deals_with_call: Of these, deals with a sales call up to the week's end, in whatever week.
        differing: Segments and sources that are more, or less, common among those with a call than among
            the others, beyond chance and by enough to matter.
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
    unknown_requests: int = 0
    deals: int = 0
    deals_with_call: int = 0
    differing: tuple[Level, ...] = ()

    @property
    def missing(self) -> int:
        """Calls of the week that should have been read and are not."""
        return self.pending + sum(reason.calls for reason in self.failed)
