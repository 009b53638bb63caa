"""The top line: one or two plain sentences that say what the week's facts say, and no more."""

from __future__ import annotations

from collections.abc import Sequence

from callmine.playbook import TITLES
from callmine.reports.digest_values import Change, CompetitorCount, Coverage, LabelCount
from callmine.reports.tally import Window, split_units
from callmine.reports.text import capital, listed, money, plural, rate, spelled, verb
from callmine.reports.weeks import week_label


def in_sentence(label: str, title: str) -> str:
    """Return a title as it stands inside a sentence; only built-in titles lose their capital."""
    return title[:1].lower() + title[1:] if TITLES.get(label) == title else title


def top_line(
    window: Window,
    objections: Sequence[LabelCount],
    competitors: Sequence[CompetitorCount],
    new: Sequence[Change],
    coverage: Coverage,
    *,
    has_deals: bool,
) -> tuple[str, ...]:
    """Return one or two sentences on the week.

    Args:
        window: The week's calls.
        objections: Most heard first.
        competitors: Most named first.
        new: What was first heard this week.
        coverage: Says why there is nothing where there is nothing.
        has_deals: Whether deals are counted (else calls).
    """
    calls = sum(1 for week in window.week_by_call.values() if week == window.week)
    if not calls:
        return _nothing(window, coverage)
    if not objections:
        where = "the one call" if calls == 1 else f"the {calls:,} calls"
        first = f"No objection by a prospect was found in {where} of this week."
        return (first, *_competitor_line(competitors))
    if calls == 1:
        names = listed(in_sentence(o.label, o.title) for o in objections)
        heard = plural(len(objections), "objection")
        return (f"One call was read this week, with {heard}: {names}.", *_competitor_line(competitors))
    first = _lead(window, objections, has_deals=has_deals)
    second = [*_worth(objections[0]), *_novelty(objections, new)]
    if second:
        return (first, capital("; ".join(second[:2])) + ".")
    return (first, *_competitor_line(competitors))


def _nothing(window: Window, coverage: Coverage) -> tuple[str, ...]:
    left_out = sum(r.calls for r in coverage.failed)
    if left_out or coverage.pending or coverage.not_counted:
        parts = [
            plural(n, "call") + f" {word}"
            for n, word in (
                (left_out, "failed"),
                (coverage.pending, "not read yet"),
                (coverage.not_counted, "of an excluded deal"),
            )
            if n
        ]
        return (f"No sales call of this week could be counted: {listed(parts)}.",)
    earlier = [week for week in window.weeks if window.weekly[week] and week < window.week]
    if earlier:
        return (
            "There was no sales call this week.",
            f"The last week with one is {week_label(earlier[-1])}.",
        )
    return ("There was no sales call this week.",)


def _lead(window: Window, objections: Sequence[LabelCount], *, has_deals: bool) -> str:
    best = objections[0]
    tied = [o for o in objections if o.heard == best.heard]
    share = _share(best, window, has_deals=has_deals)
    if len(tied) > 3:
        return f"No objection stood out: {spelled(len(tied))} of them each came up in {share}."
    names = listed(o.title if n == 0 else in_sentence(o.label, o.title) for n, o in enumerate(tied))
    each = "each " if len(tied) > 1 else ""
    line = f"{names} {each}came up in {share}"
    if len(tied) == 1 and best.trend.word in ("up", "down") and best.trend.usual is not None:
        weeks = (
            "the week before" if best.trend.weeks == 1 else f"the {spelled(best.trend.weeks)} weeks before"
        )
        mean = "" if best.trend.weeks == 1 else " a week"
        line += f", {best.trend.word} from {rate(best.trend.usual)}{mean} in {weeks}"
    return line + "."


def _share(best: LabelCount, window: Window, *, has_deals: bool) -> str:
    deals, unlinked = split_units(window.weekly[window.week])
    if not has_deals:
        return f"{best.heard:,} of {plural(unlinked, 'call')}"
    without = f"{plural(best.unlinked_calls, 'call')} without a deal"
    if not best.deals:
        return without
    share = f"{best.deals:,} of {plural(deals, 'deal')}"
    return f"{share}, and in {without}" if best.unlinked_calls else share


def _worth(best: LabelCount) -> list[str]:
    if best.outcomes is None:
        return []
    parts: list[str] = []
    for group, word in ((best.outcomes.open, "still open"), (best.outcomes.lost, "lost")):
        if group.deals:
            sums = listed(money(m.amount, m.currency) for m in group.amounts)
            of = "" if parts else " of those deals" if best.deals > 1 else ""
            who = "that deal" if best.deals == 1 else spelled(group.deals) + of
            parts.append(f"{who} {verb(group.deals, 'is', 'are')} {word}" + (f" ({sums})" if sums else ""))
    return [" and ".join(parts)] if parts else []


def _novelty(objections: Sequence[LabelCount], new: Sequence[Change]) -> list[str]:
    lead = objections[0].label
    for word in ("up", "down"):
        moved = [o for o in objections if o.trend.word == word and o.label != lead]
        if moved:
            return [
                f"{word} on the weeks before: " + ", ".join(in_sentence(o.label, o.title) for o in moved)
            ]
    fresh = [c for c in new if c.kind == "objection"]
    if fresh:
        names = ", ".join(in_sentence(c.label, c.title) for c in fresh[:3])
        return [f"not heard in the weeks before: {names}"]
    return []


def _competitor_line(competitors: Sequence[CompetitorCount]) -> tuple[str, ...]:
    if not competitors:
        return ()
    best = competitors[0]
    where = plural(best.calls, "call")
    return (
        (f"{best.name} was the competitor named most, in {where}.",)
        if len(competitors) > 1
        else (f"{best.name} was the only competitor named, in {where}.",)
    )
