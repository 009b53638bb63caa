"""Sentences that the HTML and the Markdown page share, so that both say the same."""

from __future__ import annotations

from callmine.domain import Outcome, Role
from callmine.reports.digest_values import (
    Change,
    CompetitorCount,
    Coverage,
    DealGroup,
    Digest,
    LabelCount,
    Quote,
    Trend,
)
from callmine.reports.text import capital, clock, listed, money, percent, plural, rate, spelled, verb

OUTCOMES = {
    Outcome.WON: "won",
    Outcome.LOST_COMPETITOR: "lost to a competitor",
    Outcome.LOST_NO_DECISION: "lost, no decision",
    Outcome.LOST_OTHER: "lost",
    Outcome.LOST_UNKNOWN: "lost, no reason given",
    Outcome.OPEN: "open",
    Outcome.EXCLUDED: "excluded",
}
ROLES = {Role.PROSPECT: "prospect", Role.REP: "our rep", Role.UNKNOWN: "speaker not known"}
RELATIONS = {
    "incumbent": "using it",
    "evaluating": "comparing it",
    "churned": "left it",
    "chosen": "went with it",
    "mentioned": "only naming it",
}
SIGNS = {
    "new": "●",
    "up": "▲",
    "down": "▼",
    "about the same": "≈",
    "too few to say": "",
    "no comparison": "",
}


def _weeks_before(count: int) -> str:
    return "the week before" if count == 1 else f"the {spelled(count)} weeks before"


def compared_with(digest: Digest) -> str:
    """Say what this week is compared with."""
    if digest.first_week:
        return "This is the first week with calls, so there is nothing to compare it with yet."
    if not digest.compared_with:
        return (
            "There were no calls in the four weeks before, so there is nothing to compare this week with."
        )
    weeks = len(digest.compared_with)
    before = _weeks_before(weeks)
    return f"“Usually” is the {'number' if weeks == 1 else 'weekly mean'} of {before}."


def usually(trend: Trend) -> str:
    """Return ``usually 2.3 of 12``, what stands for it where there is nothing usual, or nothing."""
    if trend.usual is None or trend.usual_out_of is None:
        return ""
    if trend.word == "new":
        return f"not in {_weeks_before(trend.weeks)}"
    return f"usually {rate(trend.usual)} of {rate(trend.usual_out_of)}"


def trend_words(trend: Trend) -> str:
    """Say how this week compares, to follow the count in a line: ``up, usually 1.5 of 12``."""
    if trend.word == "too few to say":
        return f"{usually(trend)}, too few to call it a change"
    return ", ".join(filter(None, (trend.word, usually(trend))))


def heard_in(count: LabelCount | CompetitorCount | Change, digest: Digest) -> str:
    """Return ``6 deals`` or ``5 deals and 1 unlinked call``, whatever is counted."""
    if digest.unit == "calls":
        return plural(count.heard, "call")
    parts = []
    if count.deals or not count.unlinked_calls:
        parts.append(plural(count.deals, "deal"))
    if count.unlinked_calls:
        parts.append(plural(count.unlinked_calls, "unlinked call"))
    return listed(parts)


def spoken_with(digest: Digest) -> str:
    """Return what the shares are out of: ``11 deals and 1 unlinked call``."""
    if digest.unit == "calls":
        return plural(digest.calls, "call")
    parts = [plural(digest.deals, "deal")]
    if digest.unlinked_calls:
        parts.append(plural(digest.unlinked_calls, "unlinked call"))
    return listed(parts)


def facts(count: LabelCount, digest: Digest) -> str:
    """Return one line of facts on an objection."""
    parts = [f"{heard_in(count, digest)} of {digest.heard_from:,}"]
    if count.accounts:
        parts.append(plural(count.accounts, "account"))
    if count.trend.word != "no comparison":
        parts.append(trend_words(count.trend))
    return " · ".join(parts)


def worth(group: DealGroup) -> str:
    """Return the amounts of a group of deals, one per currency, and how many have none."""
    parts = [money(m.amount, m.currency) for m in group.amounts]
    if group.without_amount and group.amounts:
        parts.append(f"{group.without_amount:,} without amount")
    return ", ".join(parts)


def stakes(count: LabelCount) -> str:
    """Return how the deals stand: ``3 open (€84,000), 1 lost (£58,000)``, or nothing."""
    if count.outcomes is None:
        return ""
    groups = ((count.outcomes.open, "open"), (count.outcomes.lost, "lost"), (count.outcomes.won, "won"))
    parts = []
    for group, word in groups:
        if group.deals:
            sums = worth(group)
            parts.append(f"{group.deals:,} {word}" + (f" ({sums})" if sums else ""))
    return ", ".join(parts)


def named_by(count: CompetitorCount, digest: Digest) -> str:
    """Say in how much a competitor was named, by whom, and how prospects stand to it."""
    parts = []
    if count.calls:
        parts.append(heard_in(count, digest))
    who = []
    if count.prospect_calls:
        who.append(f"by prospects in {plural(count.prospect_calls, 'call')}")
    if count.rep_calls:
        who.append(f"by our reps in {plural(count.rep_calls, 'call')}")
    if count.unknown_calls:
        who.append(f"by someone we cannot place in {plural(count.unknown_calls, 'call')}")
    parts.append("named " + listed(who))
    return " · ".join(parts)


def standing(count: CompetitorCount) -> str:
    """Return how prospects stand to a competitor: ``2 comparing it, 1 using it``, or nothing."""
    return ", ".join(f"{r.heard:,} {RELATIONS.get(r.relation, r.relation)}" for r in count.relations)


def who(quote: Quote) -> str:
    """Return the speaker with name, where known, and role."""
    role = ROLES[quote.role]
    return f"{quote.speaker_name}, {role}" if quote.speaker_name else capital(role)


def place(quote: Quote) -> str:
    """Return where to find a quote: ``call NAME @ 1:23``."""
    return f"call {quote.source} @ {clock(quote.play_ms)}"


def heard_as(quote: Quote) -> str:
    """Return ``Tipalti [heard: tip Alti]`` where the recogniser spelt a name otherwise."""
    return f"{quote.label} [heard: {quote.heard}]" if quote.heard else ""


def change_line(change: Change, digest: Digest, *, new: bool) -> str:
    """Return in how many deals something new or gone was heard: ``2 deals this week``."""
    count = heard_in(change, digest)
    return f"{count} this week" if new else f"{count} in {_weeks_before(len(digest.compared_with))}"


def coverage_lines(coverage: Coverage, digest: Digest) -> list[str]:
    """Say what the page is based on and what is missing, a plain sentence for each."""
    lines = []
    if coverage.calls:
        lines.append(
            f"{coverage.read:,} of {plural(coverage.calls, 'call')} of this week transcribed and read."
        )
    if coverage.attributed is not None:
        lines.append(
            f"{percent(coverage.attributed)} of the words in them are attributed to a prospect or to us."
        )
    if digest.calls and digest.unit == "deals":
        lines.append(f"{percent(coverage.linked / digest.calls)} of the counted calls belong to a deal.")
    if coverage.unknown_speaker:
        lines.append(
            f"{plural(coverage.unknown_speaker, 'more possible objection')} where we do not know who spoke;"
            f" {verb(coverage.unknown_speaker, 'it is', 'they are')} not counted."
        )
    if coverage.pending:
        lines.append(f"{plural(coverage.pending, 'call')} not read yet.")
    for reason in coverage.failed:
        where = _sources(reason.sources, reason.calls)
        lines.append(f"{plural(reason.calls, 'call')} failed: {reason.reason} ({where}).")
    for reason in coverage.skipped:
        lines.append(f"{plural(reason.calls, 'call')} left out on purpose: {reason.reason}.")
    if coverage.not_counted:
        lines.append(
            f"{plural(coverage.not_counted, 'call')} of excluded deals (duplicate, test, disqualified)"
            " not counted."
        )
    if coverage.undated:
        lines.append(
            f"{plural(coverage.undated, 'undated call')} {verb(coverage.undated, 'is', 'are')} in no week."
        )
    return lines


def _sources(sources: tuple[str, ...], calls: int) -> str:
    more = calls - len(sources)
    return ", ".join(sources) + (f" and {more:,} more" if more > 0 else "")


def method_lines(digest: Digest) -> list[str]:
    """Say in plain words how the numbers were made and what they do not mean."""
    settings = digest.settings
    lines = [
        "Frequency is not cause: that an objection was heard in a lost deal does not say that it lost"
        " the deal.",
        f"Only what a prospect said counts, where we know with {percent(settings.min_role_confidence)}"
        " confidence or more who spoke.",
    ]
    if digest.unit == "deals":
        lines.append(
            "Deals are counted, not mentions. A call that is linked to no deal stands for itself"
            " and is shown apart."
        )
    if digest.compared_with:
        lines.append(
            f"“Up” and “down” compare the share of {digest.unit} that raised it, so a busier week alone"
            f" changes nothing; at most {percent(settings.max_q)} of these words are expected to be chance."
            f" “About the same” means that a change by a factor of {rate(settings.same_within)} can be"
            " ruled out, “too few to say” that it cannot."
        )
    return lines
