"""Sentences of the review of one deal as a whole. Nothing here says why a deal ended as it did."""

from __future__ import annotations

import shlex

from callmine.domain import LOST_TO_COMPETITOR, Outcome
from callmine.reports.closed import Standing
from callmine.reports.render.wording import OUTCOMES
from callmine.reports.review_values import (
    AGREE,
    MORE,
    NO_CALLS,
    NO_LABEL,
    NO_REASON,
    NOTHING_HEARD,
    PART,
    DealReview,
    Objected,
    Question,
    Raised,
    ReviewCall,
    StageTime,
)
from callmine.reports.text import capital, cut_name, listed, listed_up_to, money, plural, verb
from callmine.reports.weeks import long_day

MOST_ROWS = 8
"""Objections that the table shows at once; further ones are folded."""

ROOMS = (
    "The decision is also made in rooms that were not recorded: in meetings without us, in mails and on the"
    " phone."
)
NO_STAGE = "no stage named"
VERDICTS = {
    AGREE: "CRM and calls agree",
    MORE: "The calls tell more than the CRM’s reason",
    PART: "CRM and calls disagree",
    NOTHING_HEARD: "Nothing of it was heard",
    NO_REASON: "The CRM gives no reason",
    NO_LABEL: "The CRM’s reason cannot be held against calls",
    NO_CALLS: "No call to hold it against",
}


def who(review: DealReview) -> str:
    """Return what people call the deal: its account, else its name, else its id."""
    deal = review.deal
    return cut_name(deal.account or deal.name or deal.deal_id)


def headline(review: DealReview) -> str:
    """Return what became of the deal."""
    outcome = OUTCOMES[review.deal.outcome]
    return f"{who(review)}: {'still open' if review.deal.outcome is Outcome.OPEN else outcome}"


def standfirst(review: DealReview) -> tuple[str, ...]:
    """Return what is known in two or three sentences."""
    counted = [call for call in review.calls if call.standing == Standing.COUNTS]
    said = [_calls_sentence(review, counted)]
    if counted:
        said.append(_raised_sentence(review))
    if review.competitors:
        names = [rival.name for rival in review.competitors]
        said.append(f"{listed_up_to(names, 3)} {verb(len(names), 'was', 'were')} named.")
    return tuple(said)


def _calls_sentence(review: DealReview, counted: list[ReviewCall]) -> str:
    deal = review.deal
    when = "" if deal.outcome is Outcome.OPEN else " before its close"
    if deal.outcome is Outcome.EXCLUDED:
        return "The CRM has it as a duplicate, a test or disqualified; reports count nothing of it."
    if not (review.calls or review.undated):
        return f"No recorded sales call is tied to this deal{when}."
    others = len(review.calls) - len(counted)
    if not counted:
        return f"Of {plural(others + len(review.undated), 'recorded call')} none counts: see below why."
    first, last = counted[0].day or "", counted[-1].day or ""
    span = f"on {long_day(first)}" if first == last else f"from {long_day(first)} to {long_day(last)}"
    rest = f"; {plural(others, 'more call')} {verb(others, 'does', 'do')} not count" if others else ""
    return f"{capital(plural(len(counted), 'call'))} {span}{rest}."


def _raised_sentence(review: DealReview) -> str:
    found = review.objections
    if not found:
        unsure = sum(len(call.unsure) for call in review.calls)
        return "No objection that counts was heard." if unsure else "No objection was heard."
    never = never_answered(review)
    most = f"{plural(len(found), 'objection')} {verb(len(found), 'was', 'were')} raised"
    if len(found) > 1:
        most += f", {quoted(found[0])} in the most calls ({found[0].calls:,})" if found[0].calls > 1 else ""
    else:
        most += f": {quoted(found[0])}"
    if never:
        names = listed_up_to([quoted(one) for one in never], 3)
        return f"{most}; never answered: {names}."
    return f"{most}."


def quoted(one: Objected | Raised) -> str:
    """Return an objection's title in quotation marks."""
    return f"“{one.title}”"


def never_answered(review: DealReview) -> tuple[Objected, ...]:
    """Return what was raised, and answered in no call; not what cannot be told."""
    return tuple(one for one in review.objections if one.unanswered and not one.answered)


def facts(review: DealReview) -> tuple[tuple[str, str], ...]:
    """Return what the CRM says of the deal, name by name; what it does not say is left out."""
    d = review.deal
    ended = d.outcome is not Outcome.OPEN
    rows = (
        ("Deal", d.name),
        ("Amount", None if d.amount is None else money(d.amount, d.currency)),
        ("Owner", d.owner),
        ("Segment", d.segment),
        ("Created", long_day(d.created_at) if d.created_at else None),
        ("Closed" if ended else "Expected to close", long_day(d.close_date) if d.close_date else None),
        ("Stage", None if ended else d.stage),
        ("Reason in the CRM", d.loss_reason),
        ("Competitor in the CRM", d.competitor),
    )
    return tuple((name, cut_name(value)) for name, value in rows if value)


def gone(review: DealReview) -> str:
    """Say that the CRM no longer has the deal, or nothing."""
    return "The last full export of the CRM no longer had this deal." if review.deal.is_gone else ""


def stage_since(stage: StageTime, review: DealReview) -> str:
    """Return ``since 20 September 2025, 21 days``; where the history began later, when it was seen."""
    closed = review.deal.outcome is not Outcome.OPEN and review.deal.close_date
    if closed and stage.since > closed:
        return f"first seen on {long_day(stage.since)}"
    created = review.deal.created_at
    if stage.days is None and created and created[:10] < stage.since and stage == review.stages[0]:
        # It was at some stage before: when this one began nobody knows.
        return f"first seen on {long_day(stage.since)}"
    said = f"since {long_day(stage.since)}"
    return said if stage.days is None else f"{said}, {plural(stage.days, 'day')}"


def stages_line(review: DealReview) -> str:
    """Return all stages in one line: ``Demo, since 20 September 2025, 21 days; Proposal, since …``."""
    return "; ".join(f"{stage.stage or NO_STAGE}, {stage_since(stage, review)}" for stage in review.stages)


def stages_note(review: DealReview) -> str:
    """Say what the history cannot know, or nothing."""
    days = [call.day for call in review.calls if call.day]
    if review.stages and days and review.stages[0].since > days[0]:
        return (
            f"The CRM’s history reaches back to {long_day(review.stages[0].since)}; at which stage earlier"
            " calls were made is not known."
        )
    return ""


def reason_sentences(review: DealReview) -> tuple[str, ...]:
    """Say how the CRM's reason stands to what was heard."""
    r, d = review.reason, review.deal
    if r is None:
        return ()
    if r.verdict == NO_CALLS:
        return (f"{_crm_says(review)} No call that counts was heard before the close.",)
    said = [_crm_says(review)]
    if r.verdict == NOTHING_HEARD:
        said.append("On its calls no objection and no competitor was heard that counts.")
    elif r.verdict == NO_LABEL and (LOST_TO_COMPETITOR in d.reason_labels or not d.loss_reason):
        said.append("The competitor that it names is not in the playbook, so calls cannot tell of it.")
    elif r.verdict == NO_LABEL:
        said.append(
            "Which objection it speaks of is not known; [reason_labels] in the mapping file of the deals"
            " says which reason speaks of which."
        )
    if r.heard_too:
        said.append(f"Heard on calls as well: {_titles(r.heard_too)}.")
    if r.never_heard:
        said.append(f"Heard on no call: {_titles(r.never_heard)}.")
    if r.not_in_reason:
        said.append(f"Heard on several calls, and not in the reason: {_titles(r.not_in_reason)}.")
    named = listed_up_to(r.competitors, 3)
    if r.competitor_heard is False:
        said.append(f"No prospect is known to have named {named or 'a competitor'} on a call.")
    elif r.competitor_heard and named:
        said.append(f"Prospects named {named}.")
    if r.other_competitors:
        more = " too" if r.competitor_heard and named else ""
        said.append(f"Prospects named {listed_up_to(r.other_competitors, 3)}{more}.")
    return tuple(said)


def _crm_says(review: DealReview) -> str:
    d = review.deal
    parts = [f"reason “{cut_name(d.loss_reason)}”"] if d.loss_reason else []
    parts += [f"competitor {cut_name(d.competitor)}"] if d.competitor else []
    return f"The CRM says: {listed(parts)}." if parts else "The CRM gives no reason."


def _titles(titles: tuple[str, ...]) -> str:
    return listed_up_to([f"“{title}”" for title in titles], 4)


def rooms(review: DealReview) -> str:
    """Say what no call can tell."""
    rest = "" if review.deal.outcome is Outcome.OPEN else ", and need not be why the deal ended as it did"
    return f"{ROOMS} What is here was said on recorded calls{rest}."


def behind(question: Question) -> str:
    """Return ``(finding a1b2, finding c3d4)``: what a question rests on; nothing where it is no quote."""
    found = [f"finding {one.removeprefix('q-').partition('-')[0][:8]}" for one in question.quote_ids[:3]]
    return f"({', '.join(found)})" if found else ""


def commands(review: DealReview) -> tuple[tuple[str, str], ...]:
    """Return what opens the rest, as words and command."""
    deal = shlex.quote(review.deal.deal_id)
    return (
        ("the deal as the CRM tells it, with its calls", f"callmine deals --show {deal}"),
        ("all that was found in its calls", f"callmine findings --deal {deal}"),
    )
