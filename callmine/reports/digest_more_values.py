"""What a digest holds beyond the counts of its week: frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.outcomes.rates import Rate


@dataclass(frozen=True, slots=True)
class WinRate:
    """How many of the deals that were closed by a day were won.

    Attributes:
        rate: Won of closed, with its 95 % interval.
        enough: Whether these are deals enough to say so.
    """

    rate: Rate
    enough: bool


@dataclass(frozen=True, slots=True)
class Worked:
    """An answer to an objection that went well, by its quote.

    Attributes:
        quote_id: Anchor of the answer, in ``answers`` or in ``won_answers`` of the digest.
        in_won_deal: Whether it is one of a deal that was won before, else one accepted in this week.
    """

    quote_id: str
    in_won_deal: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that prospects asked to be sent or shown next to an objection.

    Attributes:
        words: One prospect's words for it, verbatim.
        heard: In how many deals and unlinked calls.
        quote_id: Anchor of such a request; ``None`` where the page lists none.
    """

    words: str
    heard: int
    quote_id: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """An objection in this week and in the last one before it with calls.

    Attributes:
        heard: In how many deals and unlinked calls of this week, out of ``out_of``.
        before: In how many of the earlier week's, out of ``before_out_of``.
        beyond_chance: Whether that is more than chance, over all objections looked at together.
    """

    label: str
    title: str
    heard: int
    out_of: int
    before: int
    before_out_of: int
    beyond_chance: bool


@dataclass(frozen=True, slots=True)
class Recounted:
    """A number of an earlier digest that is another one now; ``title`` is empty for all deals together."""

    title: str
    before: int
    now: int


@dataclass(frozen=True, slots=True)
class SinceLast:
    """What is different from the last week before this one that has calls.

    Attributes:
        week: That week.
        entered: Objections that were not heard in it, most heard first, by title.
        left: Objections that were heard in it and are not in this week, likewise.
        moved: The objection whose share of deals changed most; ``None`` where none did.
        competitors: Competitors named this week, and not in any earlier one that the page knows.
        recounted: Numbers of that week's kept digest that are others, counted today.
        forgotten: Whether what that week's digest said is gone, as a call was deleted since; then nobody
            knows whether numbers are others.
    """

    week: str
    entered: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    moved: Moved | None = None
    competitors: tuple[str, ...] = ()
    recounted: tuple[Recounted, ...] = ()
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Pick:
    """A quote that a person chose to stand first, or to be left out.

    Attributes:
        edit_id: Number by which that is taken back.
        what: ``pin`` or ``bar``.
        finding_id: The finding.
        by: Who.
        at: When, UTC.
    """

    edit_id: int
    what: str
    finding_id: str
    by: str
    at: str
