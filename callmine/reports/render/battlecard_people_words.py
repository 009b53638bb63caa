"""Sentences of a battlecard about its versions, and about what people changed on it."""

from __future__ import annotations

from callmine.outcomes.verdicts import Verdict
from callmine.reports.battlecard_people import Change
from callmine.reports.battlecard_values import Battlecard, Lift
from callmine.reports.closed import local_day
from callmine.reports.render import outcome_words
from callmine.reports.render.battlecard_objection_words import LIFTS
from callmine.reports.render.battlecard_words import day
from callmine.reports.text import listed, plural, verb

HEADINGS = {
    "where": "Where we meet them",
    "record": "Won and lost with them",
    "said": "What buyers say",
    "objections": "Objections that come with them",
    "answers": "Answers given in deals we won",
    "traps": "Traps to set",
    "questions": "Questions to ask",
    "asked_of_us": "Questions to expect",
    "requests": "What to bring",
    "landmines": "Landmines",
}


def notes(card: Battlecard, section: str) -> tuple[Change, ...]:
    """Return what people wrote into a section."""
    return tuple(one for one in card.changes if one.what == "note" and one.section == section)


def when(card: Battlecard, instant: str) -> str:
    """Return the local day of an instant: ``2 October 2026``."""
    return day(local_day(instant, card.timezone).isoformat())


def by_words(card: Battlecard, one: Change) -> str:
    """Return ``Ada Example, 2 October 2026``."""
    return f"{one.by}, {when(card, one.at)}"


def change_words(card: Battlecard, one: Change) -> str:
    """Say what a person did; of a pinned quote that is not there, that too."""
    if one.what == "note":
        return f"wrote into “{HEADINGS.get(one.section or '', one.section or '')}”: “{one.text}”"
    if one.what == "bar":
        return f"took off the quote {(one.finding_id or '')[:8]}"
    shown = any(quote.finding_id == one.finding_id for quote in card.pinned)
    gone = "" if shown else ", which is not there any more or was marked wrong"
    return f"put first the quote {(one.finding_id or '')[:8]}{gone}"


def standing_words(card: Battlecard) -> str:
    """Say whose card it is, which version, and who approved it; nothing of one that is not kept."""
    s = card.standing
    if s is None:
        return ""
    said = [f"Owner: {s.owner}." if s.owner else "Nobody owns this card yet."]
    if s.version is not None and s.made_at is not None:
        said.append(f"Version {s.version}, built on {when(card, s.made_at)}.")
    if s.approved_by and s.approved_at:
        said.append(f"Approved by {s.approved_by} on {when(card, s.approved_at)}, and frozen since.")
        if s.is_current:
            said.append("Built anew, it is the same.")
    elif s.version is not None:
        said.append("A draft: nobody has approved it.")
    if s.left_out:
        said.append(
            f"{plural(s.left_out, 'quote')} {verb(s.left_out, 'is', 'are')} left out: their words are not"
            " in the calls any more, or were marked wrong or barred."
        )
    return " ".join(said)


def version_line(card: Battlecard) -> str:
    """Say in a line which version a card is and who approved it; nothing of one that is not kept."""
    s = card.standing
    if s is None or s.version is None:
        return ""
    if not s.approved_by:
        return f"{card.competitor}: version {s.version}, a draft"
    anew = "; built anew, it is the same" if s.is_current else ""
    return f"{card.competitor}: version {s.version}, approved by {s.approved_by}{anew}"


def changed_heading(card: Battlecard) -> str:
    """Return the heading of what changed."""
    s = card.standing
    if s is None or s.changed is None:
        return ""
    if s.approved_by:
        return "What would be different in a new version"
    return f"What changed since version {s.changed.version}"


def changed_lines(card: Battlecard) -> tuple[str, ...]:
    """Say what is different from an earlier version, a line each."""
    s = card.standing
    if s is None or s.changed is None:
        return ()
    c = s.changed
    said = [f"{one.what.capitalize()}: {one.before:,} before, {one.after:,} now." for one in c.counts]
    if c.verdict is not None:
        was, now = (
            outcome_words.VERDICTS[Verdict(word)] if word else "no closed deal with it"
            for word in (c.verdict.before, c.verdict.after)
        )
        said.append(f"Won and lost: “{was}” before, “{now}” now.")
    for one in c.lifts:
        was, now = (LIFTS[Lift(word)] if word else "no such thing" for word in (one.before, one.after))
        said.append(f"{one.what}: “{was}” before, “{now}” now.")
    for counts, words in ((c.new_quotes, "New quotes"), (c.gone_quotes, "Quotes not shown any more")):
        if counts:
            places = [f"{one.after:,} in “{HEADINGS[one.what]}”" for one in counts]
            said.append(f"{words}: {listed(places)}.")
    return tuple(said)
