"""A battlecard: rows in, values out. Nothing is rendered here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from callmine.domain import Kind, Role
from callmine.reports.battlecard_asked import Question, Quoted, asked_beside
from callmine.reports.battlecard_deals import answers_that_won, landmines_of, record_of
from callmine.reports.battlecard_ground import Ground, Read, of_kind, voices_of
from callmine.reports.battlecard_met import named_of
from callmine.reports.battlecard_objections import objections_beside
from callmine.reports.battlecard_people import Change
from callmine.reports.battlecard_values import Asked, Battlecard, Landmines, Sides, WonAnswer
from callmine.reports.closed import Closed, Heard
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import QuoteMaker
from callmine.store.rows import HeardRow, RaisedRow

NOT_OF_US = frozenset({"timing", "authority", "no_need", "incumbent", "brush_off"})
"""Objections that speak of the buyer, and hold nothing against us."""


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """Who a card is about, and how its labels are called.

    Attributes:
        name: In the playbook.
        aliases: Its other names there.
        company: Our name.
        titles: Objection label to what people call it.
    """

    name: str
    aliases: tuple[str, ...]
    company: str
    titles: Mapping[str, str]

    @property
    def names(self) -> frozenset[str]:
        """All its names, case folded."""
        return frozenset(name.casefold() for name in (self.name, *self.aliases))


@dataclass(frozen=True, slots=True, eq=False)
class CardMaterial:
    """What a card is built from beside its ground.

    Attributes:
        raised: That objections were heard, in all calls, those of the ground or more.
        others: Objections, positioning, answers and requests in the calls in which the competitor is named.
        questions: What is asked beside its name.
        closed: The deals that closed in the period; ``None`` where none did.
        heard: Competitors heard in them.
        read: Reads findings to quote.
        quoted: Reads questions to quote.
    """

    raised: Sequence[RaisedRow]
    others: Sequence[HeardRow]
    questions: Sequence[Question]
    closed: Closed | None
    heard: Heard | None
    read: Read
    quoted: Quoted


def draft_card(
    rival: Rival,
    ground: Ground,
    read: Read,
    quotes: QuoteMaker,
    *,
    since: str,
    changes: Iterable[Change] = (),
) -> Battlecard:
    """Return a card that says how often a competitor is named, and, where that is seldom, what was said.

    Args:
        rival: Who.
        ground: The calls, and where it is named.
        read: Reads findings to quote.
        quotes: Makes the quotes.
        since: First day of the period, ISO.
        changes: What people added, pinned and barred.
    """
    named = named_of(ground)
    enough = named.mentions >= ground.settings.min_mentions
    few: tuple[Quote, ...] = ()
    shown = [row.finding_id for row in ground.mentions if ground.quotable(row)]
    if not enough and shown:
        rows = read(frozenset(shown))
        few = tuple(quotes.quote(row) for row in rows)
    pinned = {row.finding_id: row for row in read(frozenset(ground.pinned))} if ground.pinned else {}
    return Battlecard(
        competitor=rival.name,
        aliases=rival.aliases,
        company=rival.company,
        since=since,
        until=ground.until.isoformat(),
        timezone=quotes.timezone,
        enough=enough,
        named=named,
        sales_calls=len(ground.talks),
        mentions=few,
        pinned=tuple(
            replace(quotes.quote(pinned[one]), quote_id=f"q-{one}-pinned")
            for one in ground.pinned
            if one in pinned and not pinned[one].is_struck_out
        ),
        changes=tuple(changes),
        settings=ground.settings,
    )


def fill_card(
    card: Battlecard, rival: Rival, ground: Ground, material: CardMaterial, quotes: QuoteMaker
) -> Battlecard:
    """Return a card with everything that its calls have; what they have nothing for stays empty.

    Args:
        card: See :func:`draft_card`.
        rival: Who.
        ground: The calls, and where it is named.
        material: All else.
        quotes: Makes the quotes.
    """
    read = material.read
    # Sorted out once: there are tens of thousands.
    raised = ground.by(Role.PROSPECT, of_kind(material.raised, Kind.OBJECTION, ground))
    beside = ground.by(Role.PROSPECT, of_kind(material.others, Kind.OBJECTION, ground))
    said = _sides(beside, of_kind(material.others, Kind.POSITIONING, ground), ground, read, quotes)
    asked = asked_beside(
        material.questions,
        of_kind(material.others, Kind.REQUEST, ground),
        ground,
        read,
        material.quoted,
        quotes,
    )
    card = replace(
        card,
        said=said,
        objections=objections_beside(raised, beside, ground, rival.titles, read, quotes),
        traps=asked.traps,
        questions=asked.questions,
        asked_of_us=asked.asked_of_us,
        requests=asked.requests,
    )
    if material.closed is not None and material.heard is not None:
        closed = material.closed
        record = record_of(closed, material.heard, rival.name, rival.names, ground.settings)
        told = [quote.utterance for quote in said.for_them.quotes] if said.for_them else []
        card = replace(
            card,
            record=record,
            answers=answers_that_won(
                of_kind(material.others, Kind.ANSWER, ground),
                beside,
                frozenset(closed.call_ids),
                frozenset(record.won if record else ()),
                ground,
                rival.titles,
                read,
                quotes,
            ),
            landmines=landmines_of(
                record.lost if record else (), closed, rival.names, ground, read, quotes, but=told
            ),
        )
    return _anchored(card)


def _sides(
    objections: Sequence[HeardRow],
    positioning: Sequence[HeardRow],
    ground: Ground,
    read: Read,
    quotes: QuoteMaker,
) -> Sides:
    """Return what buyers say for and against the competitor, and us beside its name."""
    reach = ground.settings.reach
    theirs = ground.by(Role.PROSPECT, ground.mentions)
    praise = [r for r in theirs if r.detail.get("stance") == "positive"]
    blame = [r for r in theirs if r.detail.get("stance") == "negative"]
    value = [
        row
        for row in ground.by(Role.PROSPECT, positioning)
        if (row.detail.get("echoes") or row.detail.get("sort") in ("value", "success"))
        and ground.beside(row, reach)
    ]
    doubts = [row for row in objections if row.label not in NOT_OF_US and ground.beside(row, reach)]
    against_them = voices_of(blame, ground, read, quotes)
    # An objection in the turn that names them is often the same sentence; it is quoted once.
    told = [quote.utterance for quote in against_them.quotes] if against_them else []
    return Sides(
        for_them=voices_of(praise, ground, read, quotes),
        against_them=against_them,
        for_us=voices_of(value, ground, read, quotes),
        against_us=voices_of(doubts, ground, read, quotes, but=told),
    )


def _anchored(card: Battlecard) -> Battlecard:
    """Return a card in which each quote has an anchor of its own: one finding may stand in two sections."""

    def named(quote: Quote, section: str) -> Quote:
        return replace(quote, quote_id=f"{quote.quote_id}-{section}")

    def asked(ones: Sequence[Asked], section: str) -> tuple[Asked, ...]:
        return tuple(
            replace(
                one,
                quote=named(one.quote, section),
                said=one.said and named(one.said, f"{section}-{n}"),
            )
            for n, one in enumerate(ones)
        )

    def answer(n: int, one: WonAnswer) -> WonAnswer:
        return replace(
            one, quote=named(one.quote, "answer"), raised=one.raised and named(one.raised, f"raised-{n}")
        )

    def mines(one: Landmines) -> Landmines:
        praised = one.praised and replace(
            one.praised, quotes=tuple(named(q, "praised") for q in one.praised.quotes)
        )
        lost = tuple(replace(row, last=named(row.last, "last")) for row in one.lost)
        return replace(one, praised=praised, lost=lost)

    return replace(
        card,
        objections=tuple(
            replace(one, quotes=tuple(named(q, "with") for q in one.quotes)) for one in card.objections
        ),
        answers=tuple(answer(n, one) for n, one in enumerate(card.answers)),
        traps=asked(card.traps, "trap"),
        questions=asked(card.questions, "question"),
        asked_of_us=asked(card.asked_of_us, "theirs"),
        requests=asked(card.requests, "request"),
        landmines=card.landmines and mines(card.landmines),
    )


def quotes_of(card: Battlecard) -> tuple[Quote, ...]:
    """Return every quote of a card, in the order of the pages."""
    found = [*card.mentions, *card.pinned]
    for answer in card.answers:
        found.extend(filter(None, (answer.quote, answer.raised)))
    for asked in (*card.traps, *card.questions, *card.asked_of_us, *card.requests):
        found.extend(filter(None, (asked.quote, asked.said)))
    if card.landmines:
        found.extend(card.landmines.praised.quotes if card.landmines.praised else ())
        found.extend(row.last for row in card.landmines.lost)
    for voices in (card.said.for_them, card.said.against_them, card.said.for_us, card.said.against_us):
        found.extend(voices.quotes if voices else ())
    for objection in card.objections:
        found.extend(objection.quotes)
    return tuple(found)
