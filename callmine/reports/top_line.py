"""The top line: a few plain sentences that say what the week's facts say, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callmine.playbook import TITLES
from callmine.reports.coverage_values import Coverage
from callmine.reports.digest_values import Change, CompetitorCount, LabelCount
from callmine.reports.tally import Window, can_show_objections, deal_outcomes, split_units
from callmine.reports.text import capital, listed, listed_up_to, money, plural, spelled, verb, weeks_before
from callmine.reports.weeks import week_label
from callmine.store.rows import EvidenceRow

MOST_NAMED = 3
"""More names than these are no headline; lists end with "and two more"."""


def in_sentence(label: str, title: str) -> str:
    """Return a title as it stands inside a sentence; only built-in titles lose their capital."""
    return title[:1].lower() + title[1:] if TITLES.get(label) == title else title


def top_line(
    window: Window,
    objections: Sequence[LabelCount],
    competitors: Sequence[CompetitorCount],
    changes: tuple[Sequence[Change], Sequence[Change]],
    coverage: Coverage,
    *,
    heard: Mapping[str, Sequence[EvidenceRow]],
    has_deals: bool,
    limited: bool = False,
) -> tuple[str, ...]:
    """Return one or two sentences on the week.

    Args:
        window: The week's calls.
        objections: Most heard first.
        competitors: Those named this week.
        changes: What is new this week, and what faded, beyond chance.
        coverage: Says why there is nothing where there is nothing.
        heard: The rows behind the objections, by label.
        has_deals: Whether deals are counted (else calls).
        limited: Whether the page is limited to a segment, a product or a persona.
    """
    in_week = [window.calls[c] for c, week in window.week_by_call.items() if week == window.week]
    calls = sum(can_show_objections(call) for call in in_week)
    if not calls:
        return _nothing(window, coverage, limited=limited)
    if not objections:
        where = "the one call" if calls == 1 else f"the {calls:,} calls"
        known = " in which we know who spoke" if coverage.unplaced or coverage.inverted else ""
        first = f"No objection by a prospect was found in {where} of this week{known}."
        return (first, *_competitor_line(competitors))
    if calls == 1:
        names = listed(in_sentence(o.label, o.title) for o in objections)
        found = plural(len(objections), "objection")
        return (f"One call was counted this week, with {found}: {names}.", *_competitor_line(competitors))
    tied = [o for o in objections if o.heard == objections[0].heard]
    first = _lead(window, tied, has_deals=has_deals)
    named = tied if len(tied) <= MOST_NAMED else []
    more = [*_worth(named, window, heard), *_novelty(objections, named, changes, window)]
    second = (capital("; ".join(more)) + ".",) if more else _competitor_line(competitors)
    return (first, *second)


def _nothing(window: Window, coverage: Coverage, *, limited: bool) -> tuple[str, ...]:
    left_out = sum(r.calls for r in coverage.failed)
    foreign = sum(language.calls for language in coverage.other_languages)
    if (
        left_out
        or coverage.pending
        or coverage.not_counted
        or coverage.unplaced
        or coverage.inverted
        or foreign
    ):
        parts = [
            plural(n, "call") + f" {word}"
            for n, word in (
                (left_out, "failed"),
                (coverage.pending, "not read yet"),
                (coverage.not_counted, "of an excluded deal"),
                (coverage.unplaced, "in which we cannot tell who spoke"),
                (coverage.inverted, "whose roles look inverted"),
                (foreign, "in another language"),
            )
            if n
        ]
        return (f"No sales call of this week could be counted: {listed(parts)}.",)
    earlier = [week for week in window.weeks if window.weekly[week] and week < window.week]
    none = f"There was no sales call this week{' within what this page is limited to' if limited else ''}."
    return (none, f"The last week with one is {week_label(earlier[-1])}.") if earlier else (none,)


def _lead(window: Window, tied: Sequence[LabelCount], *, has_deals: bool) -> str:
    best = tied[0]
    share = f"{best.heard:,} of {_spoken_with(window, has_deals=has_deals)}"
    if len(tied) > MOST_NAMED:
        return f"No objection stood out: {spelled(len(tied))} of them each came up in {share}."
    names = listed(o.title if n == 0 else in_sentence(o.label, o.title) for n, o in enumerate(tied))
    each = "each " if len(tied) > 1 else ""
    line = f"{names} {each}came up in {share}"
    trend = best.trend
    if len(tied) == 1 and trend.word in ("up", "down") and trend.before is not None:
        line += f", {trend.word} from {trend.before:,} of {trend.before_out_of:,} in {_before(window)}"
    elif len(tied) == 1 and trend.word == "new":
        line += f", and in none of {trend.before_out_of:,} in {_before(window)}"
    return line + "."


def _before(window: Window) -> str:
    return weeks_before(len(window.baseline))


def _spoken_with(window: Window, *, has_deals: bool) -> str:
    """Return what shares of the week are out of: the number that the whole page uses."""
    deals, unlinked = split_units(window.weekly[window.week])
    if not has_deals:
        return plural(unlinked, "call")
    if not unlinked:
        return plural(deals, "deal")
    return f"{deals + unlinked:,} deals and unlinked calls" if deals else plural(unlinked, "unlinked call")


def _worth(
    named: Sequence[LabelCount], window: Window, heard: Mapping[str, Sequence[EvidenceRow]]
) -> list[str]:
    """Say how the deals stand in which any objection named came up, each once; part of a sentence."""
    if not named or any(o.outcomes is None for o in named):
        return []
    rows = [row for o in named for row in window.now(heard[o.label])]
    deals, _ = split_units(window.units(rows))
    outcomes = deal_outcomes(rows, window)
    where = "where it came up" if len(named) == 1 else "where they came up"
    parts: list[str] = []
    for group, word in ((outcomes.open, "still open"), (outcomes.lost, "lost")):
        if not group.deals:
            continue
        sums = [money(m.amount, m.currency) for m in group.amounts]
        if sums and group.without_amount:
            sums.append(f"{spelled(group.without_amount)} without an amount")
        if parts:
            who = spelled(group.deals)
        elif deals == 1:
            who = f"the deal {where}"
        elif group.deals == deals:
            who = f"{'both' if deals == 2 else 'all ' + spelled(deals)} deals {where}"
        else:
            who = f"{spelled(group.deals)} of the {spelled(deals)} deals {where}"
        tail = f" ({listed(sums)})" if sums else ""
        parts.append(f"{who} {verb(group.deals, 'is', 'are')} {word}{tail}")
    return [" and ".join(parts)] if parts else []


def _novelty(
    objections: Sequence[LabelCount],
    named: Sequence[LabelCount],
    changes: tuple[Sequence[Change], Sequence[Change]],
    window: Window,
) -> list[str]:
    """Say what else changed beyond chance, part of a sentence: what rose, else fell, is new, or faded."""
    told = {o.label for o in named} if len(named) == 1 else set()
    for word in ("up", "down"):
        moved = [
            in_sentence(o.label, o.title)
            for o in objections
            if o.trend.word == word and o.label not in told
        ]
        if moved:
            are = verb(len(moved), "is", "are")
            return [f"{listed_up_to(moved, MOST_NAMED)} {are} {word} on {_before(window)}"]
    new, gone = (
        [
            in_sentence(c.label, c.title)
            for c in found
            if c.kind == "objection" and c.label not in told and c.weeks == len(window.baseline)
        ]
        for found in changes
    )
    if new:
        were = verb(len(new), "was", "were")
        return [f"{listed_up_to(new, MOST_NAMED)} {were} not found in {_before(window)}"]
    if gone:
        return [f"{listed_up_to(gone, MOST_NAMED)} faded: found in {_before(window)}, not this week"]
    return []


def _competitor_line(competitors: Sequence[CompetitorCount]) -> tuple[str, ...]:
    """Say whom prospects named most: what our reps say of a competitor is no news from the market."""
    named = [c for c in competitors if c.prospect_calls]
    if not named:
        return ()
    best = max(c.prospect_calls for c in named)
    tied = [c.name for c in named if c.prospect_calls == best]
    where = plural(best, "call")
    if len(named) == 1:
        return (f"{tied[0]} was the only competitor that prospects named, in {where}.",)
    if len(tied) == 1:
        return (f"{tied[0]} was the competitor that prospects named most, in {where}.",)
    if len(tied) > MOST_NAMED:
        return (f"No competitor stood out: prospects named {spelled(len(tied))} of them in {where} each.",)
    return (f"{listed(tied)} were the competitors that prospects named most, in {where} each.",)
