"""A battlecard in short, for e-mails and posts."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from callmine.reports.battlecard_named import Met
from callmine.reports.battlecard_values import Asked, Battlecard, Record, Voices
from callmine.reports.render import battlecard_objection_words as beside
from callmine.reports.render import battlecard_people_words as p
from callmine.reports.render import battlecard_words as b
from callmine.reports.render import needed_words, odds, outcome_words
from callmine.reports.render.summaries import Entry, Part, Row, Said, Summary, filled, said
from callmine.reports.text import plural
from callmine.reports.weeks import days_between

QUOTES, QUESTIONS = ("quote", ""), ("question", "")


def battlecard_summary(card: Battlecard) -> Summary:
    """Return what an e-mail and a post show of a card."""
    version = card.standing.version if card.standing else None
    numbered = f", version {version}" if version is not None else ""
    also = (f"also called {', '.join(card.aliases)}",) if card.aliases else ()
    standing = p.standing_words(card)
    inside = (b.INSIDE,) if card.enough or card.mentions else ()
    return Summary(
        subject=f"Battlecard {card.competitor}{numbered}: named {b.times(card.named.mentions)},"
        f" {b.freshness(card)}"
        if card.enough
        else b.headline(card),
        kind="Battlecard",
        about=(card.company, *also, days_between(card.since, card.until)),
        headline=b.headline(card),
        standfirst=tuple(_standfirst(card)),
        basis=(*((standing,) if standing else ()), *inside),
        parts=filled(_parts(card)),
        foot=" ".join(b.basis(card)),
        whole="the whole card",
        command=f"callmine battlecard {shlex.quote(card.competitor)}",
    )


def _standfirst(card: Battlecard) -> Iterator[str]:
    yield b.named_sentence(card)
    if card.record is not None:
        yield f"{b.record_sentence(card.record)} ({b.INTERNAL})"


def _parts(card: Battlecard) -> Iterator[Part]:
    if p.changed_lines(card):
        yield Part(p.changed_heading(card), lines=p.changed_lines(card), noun=("change", ""), internal=True)
    if not card.enough:
        yield Part("What there is", b.needs(card), entries=(Entry(said=said(card.mentions)),))
        return
    yield Part("Chosen by people", entries=(Entry(said=said(card.pinned)),) if card.pinned else ())
    # In the order of the page: what helps in a call first, counts last.
    yield _answers(card)
    for key, title, note, asked in b.asked_sections(card):
        yield Part(title, note, entries=tuple(map(_asked, asked)), lines=_notes(card, key), noun=QUESTIONS)
    yield _landmines(card)
    if b.sides(card):
        yield Part(
            "What buyers say",
            b.sides_note(card),
            entries=tuple(_voices(title, voices, hidden) for _, title, voices, hidden in b.sides(card)),
            lines=_notes(card, "said"),
        )
    yield _objections(card)
    yield from _ground(card)


def _voices(title: str, voices: Voices, hidden: bool) -> Entry:
    marked = f"{title} ({b.INTERNAL})" if hidden else title
    return Entry(marked, (b.voices_words(voices),), said(voices.quotes), b.more_voices(voices))


def _ground(card: Battlecard) -> Iterator[Part]:
    if card.record is not None:
        yield _record(card, card.record)
    named = card.named
    where = [
        f"{title}: {', '.join(map(_met, rows))}."
        for title, rows in (("By the deal’s stage at that time", named.stages), ("Deals", named.segments))
        if rows
    ]
    yield Part(
        "Where we meet them",
        " ".join(filter(None, (b.named_by(card), b.relations(card)))),
        heads=("Quarter", "Sales calls that name them"),
        rows=tuple(Row(b.met_name(one), b.part_words(one.named), _share(one)) for one in named.quarters),
        lines=(*where, *_notes(card, "where")),
        noun=("line", ""),
    )


def _met(one: Met) -> str:
    return f"{b.met_name(one)} {b.part_words(one.named)}"


def _share(one: Met) -> str:
    share = b.share(one.named)
    return "" if share == "–" else f"{share} in 100"


def _record(card: Battlecard, record: Record) -> Part:
    a, least = record.association, card.settings.min_deals
    rows = []
    if a.with_it.total:
        for name, rate in ((f"With {card.competitor}", a.with_it), ("Other deals", a.without)):
            many = rate.total >= least and rate.value is not None
            rows.append(
                Row(
                    name,
                    f"{odds.count_words(rate)} won",
                    odds.rate_words(rate) if many else "",
                    (rate,) if many else (),
                    odds.rate_words(rate),
                )
            )
    line = record.line
    like = (
        outcome_words.like_sentence(line),
        outcome_words.warning(line),
        outcome_words.surely(a),
        needed_words.needed_sentence(a, card.settings.smallest_effect, a.with_it.total + a.without.total),
    )
    return Part(
        "Won and lost with them",
        b.crm_sentence(card),
        heads=("Closed deals", "Won"),
        rows=tuple(rows),
        lines=(*(filter(None, like) if rows else ()), *_notes(card, "record")),
        internal=True,
    )


def _objections(card: Battlecard) -> Part:
    if not card.objections:
        return Part("")
    return Part(
        "Objections that come with them",
        beside.objections_note(card),
        heads=("Objection", "Deals with them, and others"),
        rows=tuple(
            Row(
                one.title,
                f"{b.part_words(one.with_it)}, and {b.part_words(one.without)}",
                f"{beside.SIGNS[one.lift]} {beside.lift_words(one, card)}".strip(),
            )
            for one in card.objections
        ),
        entries=tuple(Entry(one.title, (), said(one.quotes)) for one in card.objections if one.quotes),
        lines=_notes(card, "objections"),
        noun=("objection", ""),
        internal=True,
    )


def _answers(card: Battlecard) -> Part:
    if not card.answers:
        return Part("")
    return Part(
        "Answers given in deals we won",
        b.ANSWERS,
        entries=tuple(
            Entry(
                b.answer_words(one),
                (f"From the playbook: “{one.playbook}”",) if one.playbook else (),
                (Said(one.quote), *(said((one.raised,), "It answered:") if one.raised else ())),
            )
            for one in card.answers
        ),
        lines=_notes(card, "answers"),
        noun=("answer", ""),
    )


def _asked(one: Asked) -> Entry:
    after = said((one.said,), "And then:") if one.said else ()
    return Entry("", (b.asked_words(one),), (Said(one.quote), *after))


def _landmines(card: Battlecard) -> Part:
    mines = card.landmines
    if mines is None:
        return Part("")
    praised: tuple[Entry, ...] = ()
    if mines.praised:
        praised = (_voices("Praised in deals that we lost", mines.praised, hidden=False),)
    lost = tuple(
        Entry(b.deal_name(row), (b.lost_words(row, card),), (Said(row.last),)) for row in mines.lost
    )
    more = (f"And {plural(mines.not_listed, 'more lost deal')}.",) if mines.not_listed else ()
    return Part(
        "Landmines",
        f"Lost deals come with what was said of {card.competitor} last." if lost else "",
        entries=(*praised, *lost),
        lines=(*more, *_notes(card, "landmines")),
        noun=("deal", ""),
        internal=True,
    )


def _notes(card: Battlecard, section: str) -> tuple[str, ...]:
    """Return what people wrote into a section, with who did."""
    return tuple(
        f"{one.text} (written by {p.by_words(card, one)}; no quote behind it; {b.INTERNAL})"
        for one in p.notes(card, section)
    )
