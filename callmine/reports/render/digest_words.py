"""Sentences of digests alone, the same in every format: limits, win rates, what changed."""

from __future__ import annotations

from callmine.reports.asked_values import AnswerGiven
from callmine.reports.digest_more_values import Pick, Wanted
from callmine.reports.digest_values import Digest, LabelCount
from callmine.reports.emerging_values import NO_LABEL
from callmine.reports.quote_values import Quote
from callmine.reports.render import asked
from callmine.reports.render.odds import count_words, of_100
from callmine.reports.render.wording import ASKED, SIGNS, TREND_WORDS, earlier, short_id, worth
from callmine.reports.text import capital, listed_up_to, plural, spelled, verb, weeks_before
from callmine.reports.weeks import shift, week_label

MOST_NAMED = 4
"""Names in a line about the week before; lists end with "and two more"."""

WANTED = 3
"""Things asked for that stand beside an objection; the section on requests has the others."""

NOT_ENOUGH = "not enough evidence yet"

WORKED = {
    False: "An answer that was accepted this week",
    True: "An answer from a deal that was won",
}
"""How an answer beside an objection is introduced; that it worked is more than anybody knows."""


def limits(digest: Digest) -> list[tuple[str, str]]:
    """Return what the page is limited to: ``("deals of", "Enterprise")``."""
    pairs = (
        ("deals of", digest.segment),
        ("calls about", digest.product),
        ("the words of", digest.persona),
    )
    return [(words, name) for words, name in pairs if name]


def limited(digest: Digest) -> str:
    """Return ``only deals of Enterprise, calls about Larkmoor Rota``, or nothing."""
    return (
        "only " + ", ".join(f"{words} {name}" for words, name in limits(digest)) if limits(digest) else ""
    )


def limit_lines(digest: Digest) -> list[str]:
    """Say how it is known what belongs to a product or a persona, and how much that is."""
    whole = digest.limited_from
    if whole is None:
        return []
    of = f"{digest.calls:,} of the {plural(whole, 'call')} of this week that could be counted"
    lines = []
    if digest.product:
        lines.append(
            f"Only calls about {digest.product}: their title, the deal’s name or somebody in them says so."
        )
    if digest.persona:
        lines.append(
            f"Only what a known {digest.persona} said. A job title is known only where the speaker’s name"
            " holds it, as in “Petra Voss, CFO”, or where they say it of themselves, as in “I’m the CFO”;"
            " in all other calls nobody knows. Win rates are left out."
        )
    return [*lines, f"That is {of}."]


def longer(count: LabelCount) -> str:
    """Return what the twelve weeks before say: ``▲ up (20 of 310 in 12 weeks)``; nothing without them.

    A word that the four weeks have, too, is not said again; where only they have one, that is told.
    """
    trend = count.longer
    if trend is None or trend.before is None:
        return ""
    numbers = f"{earlier(trend)} in {spelled(trend.weeks)} weeks"
    word = TREND_WORDS[trend.word]
    if trend.word == count.trend.word:
        return numbers
    if not word:
        return f"{numbers}, too few to say"
    sign = f"{SIGNS[trend.word]} " if SIGNS[trend.word] else ""
    return f"{sign}{word} ({numbers})"


def windows(digest: Digest) -> str:
    """Return ``the four weeks before, and the 12 before``: what a column compares with."""
    short = weeks_before(len(digest.compared_with))
    more = len(digest.compared_longer)
    return f"{short}, and the {spelled(more)} before" if more else short


def touched(count: LabelCount) -> str:
    """Return what the deals with an objection are worth together, or nothing."""
    return worth(count.outcomes.touched) if count.outcomes else ""


def heard_cell(count: LabelCount, digest: Digest) -> str:
    """Return ``6 (1 unlinked; €84,000)``: deals and calls, and what the deals are worth."""
    unlinked = (
        f"{count.unlinked_calls:,} unlinked" if count.unlinked_calls and digest.unit == "deals" else ""
    )
    more = "; ".join(filter(None, (unlinked, touched(count))))
    return f"{count.heard:,}" + (f" ({more})" if more else "")


def has_rates(digest: Digest) -> bool:
    """Whether any objection's win rate is known."""
    return any(one.won for one in digest.objections)


def has_sure_rates(digest: Digest) -> bool:
    """Whether of any objection there are deals enough to say how often it goes with won ones."""
    return any(one.won and one.won.enough for one in digest.objections)


def won_share(count: LabelCount) -> str:
    """Return ``51 in 100``, or that the evidence is too little; nothing where no such deal is closed."""
    if count.won is None or count.won.rate.value is None:
        return ""
    return f"{of_100(count.won.rate.value)} in 100" if count.won.enough else NOT_ENOUGH


def won_range(count: LabelCount) -> str:
    """Return ``46 to 56``, how far a win rate can be off; nothing where it is not told."""
    if count.won is None or not count.won.enough:
        return ""
    return f"{of_100(count.won.rate.low)} to {of_100(count.won.rate.high)}"


def won_basis(count: LabelCount) -> str:
    """Return ``46 to 56, 190 of 373``, or ``2 of 3`` where that is not enough to say more."""
    if count.won is None:
        return ""
    return ", ".join(filter(None, (won_range(count), count_words(count.won.rate))))


def won_cell(count: LabelCount) -> str:
    """Return both in one cell: ``51 in 100 (46 to 56, 190 of 373)``."""
    return f"{won_share(count)} ({won_basis(count)})" if count.won else "–"


def won_line(count: LabelCount, digest: Digest) -> str:
    """Say how often deals with an objection were won, or nothing."""
    if count.won is None:
        return ""
    rate = count.won.rate
    counts = f"{rate.successes:,} of {plural(rate.total, 'closed deal')} with it won so far"
    if not count.won.enough:
        return f"{capital(counts)}: {NOT_ENOUGH}"
    base = ""
    if digest.won and digest.won.enough and digest.won.rate.value is not None:
        base = f"; of all closed deals with calls, {of_100(digest.won.rate.value)} in 100"
    return f"Goes with {won_share(count)} won ({won_basis(count)} closed deals{base})"


def won_note(digest: Digest) -> str:
    """Say what the win rates are, and what they are not."""
    if not has_rates(digest):
        return ""
    line = (
        "“Won with it” is out of all deals in which it was ever heard before they closed, by the end of the"
        " week"
    )
    if has_sure_rates(digest):
        line += ", with the range in which the true share lies 95 times in 100"
    line += "."
    rate = digest.won.rate if digest.won else None
    if digest.won and rate is not None and rate.value is not None:
        won = verb(rate.successes, "was", "were")
        share = f", {of_100(rate.value)} in 100 ({of_100(rate.low)} to {of_100(rate.high)})"
        line += (
            f" Of {plural(rate.total, 'closed deal')} with calls {rate.successes:,} {won} won"
            f"{share if digest.won.enough else ''}."
        )
    return (
        f"{line} What goes with an objection need not come from it: callmine outcomes compares like with"
        " like."
    )


def since_title(digest: Digest) -> str:
    """Return ``Since last week``, or since which week."""
    since = digest.since_last
    if since is None:
        return ""
    if since.week == shift(digest.week, -1):
        return "Since last week"
    return f"Since the last week with calls ({week_label(since.week)})"


def since_lines(digest: Digest) -> list[str]:
    """Say what is different from the last week with calls, a sentence for each."""
    since = digest.since_last
    if since is None:
        return []
    lines = []
    if since.entered:
        lines.append(f"Heard now and not then: {listed_up_to(since.entered, MOST_NAMED)}.")
    if since.left:
        lines.append(f"Heard then and not now: {listed_up_to(since.left, MOST_NAMED)}.")
    if since.moved:
        m = since.moved
        chance = "more than chance" if m.beyond_chance else "which may be chance"
        lines.append(
            f"Biggest move: {m.title}, {_of(m.heard, m.out_of)} now, {_of(m.before, m.before_out_of)}"
            f" then, {chance}."
        )
    if since.competitors:
        when = f"in {spelled(len(digest.weeks))} weeks"
        lines.append(f"Named for the first time {when}: {listed_up_to(since.competitors, MOST_NAMED)}.")
    if since.recounted:
        said = [
            f"{one.title or _spoken_with(digest)} {one.now:,} instead of {one.before:,}"
            for one in since.recounted
        ]
        lines.append(
            "That week, counted again today, is not what its digest said:"
            f" {listed_up_to(said, MOST_NAMED)}."
        )
    if since.forgotten:
        lines.append("What that week's digest said is not kept any more, as a call was deleted since.")
    return lines


def _of(heard: int, out_of: int) -> str:
    return f"{f'{heard:,}' if heard else 'none'} of {out_of:,}"


def _spoken_with(digest: Digest) -> str:
    return "deals and calls in all" if digest.unit == "deals" else "calls in all"


def worked(count: LabelCount, digest: Digest) -> AnswerGiven | None:
    """Return the answer that stands beside an objection."""
    if count.worked is None:
        return None
    given = digest.won_answers if count.worked.in_won_deal else digest.answers
    return next((one for one in given if one.quote.quote_id == count.worked.quote_id), None)


def worked_words(count: LabelCount, digest: Digest) -> str:
    """Introduce that answer: ``An answer from a deal that was won: evidence, accepted``."""
    answer = worked(count, digest)
    if answer is None or count.worked is None:
        return ""
    kind = asked.KINDS[answer.kind]
    how = f", {asked.ACCEPTED[answer.accepted]}" if count.worked.in_won_deal else ""
    return f"{WORKED[count.worked.in_won_deal]}: {kind[:1].lower()}{kind[1:]}{how}"


def wanted_shown(count: LabelCount) -> tuple[Wanted, ...]:
    """Return the first few things that were asked for next to an objection."""
    return count.wanted[:WANTED]


def wanted_in(one: Wanted, digest: Digest) -> str:
    """Return `` (3 deals)`` of something that more than one asked for, else nothing."""
    if one.heard < 2:
        return ""
    what = "deal" if digest.unit == "deals" and not digest.unlinked_calls else "time"
    return f" ({plural(one.heard, what)})"


def wanted_rest(count: LabelCount) -> str:
    """Return ``and two more``, or nothing."""
    left = len(count.wanted) - WANTED
    return f"and {spelled(left)} more" if left > 0 else ""


def picked(quote: Quote, digest: Digest) -> Pick | None:
    """Return the pin of a quote, where a person chose it."""
    return next(
        (one for one in digest.picks if one.what == "pin" and one.finding_id == quote.finding_id), None
    )


def chosen(quote: Quote, digest: Digest) -> str:
    """Return ``chosen by Ada Example``, or nothing."""
    pick = picked(quote, digest)
    return f"chosen by {pick.by}" if pick else ""


def choosing(quote: Quote, digest: Digest) -> tuple[tuple[str, str], ...]:
    """Return how a person chooses a quote, or takes that back: a question, and the command."""
    if quote.label in (ASKED, NO_LABEL):
        return ()
    pick = picked(quote, digest)
    if pick:
        return ((f"chosen by {pick.by}; not any more?", f"callmine digest --drop {pick.edit_id}"),)
    return (("pin (or --bar)?", f"callmine digest --pin {short_id(quote)}"),)


def pick_lines(digest: Digest) -> list[tuple[str, str]]:
    """Say what people chose of this week's quotes, each with the command that takes it back."""
    return [
        (
            f"{'Put first' if one.what == 'pin' else 'Left out'} by {one.by}, {one.at[:10]}:"
            f" finding {one.finding_id[:8]}",
            f"callmine digest --drop {one.edit_id}",
        )
        for one in digest.picks
    ]
