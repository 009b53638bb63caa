"""Sentences of a review about single calls, answers and competitors."""

from __future__ import annotations

from callmine.domain import Role
from callmine.reports.render.wording import READ_AS, short_id
from callmine.reports.review_unsure import Unsure
from callmine.reports.review_values import (
    ANSWERED,
    UNANSWERED,
    DealReview,
    Given,
    Raised,
    ReviewCall,
    Rival,
    Voice,
)
from callmine.reports.text import capital, cut_name, listed, listed_up_to, plural, spelled, verb
from callmine.reports.weeks import long_day

KINDS = {
    "evidence": "with evidence",
    "discount": "with a discount",
    "reframing": "by reframing it",
    "question": "with a question back",
    "deferral": "by putting it off",
}
TAKEN = {"yes": "accepted", "no": "not accepted", "unclear": "not clear whether accepted"}
STANDINGS = {
    ANSWERED: "answered",
    UNANSWERED: "not answered in this call",
    "unclear": "whether it was answered cannot be told",
}


def standing_words(one: Raised) -> str:
    """Say what became of an objection in a call, and of an answer how it was taken."""
    taken = {answer.accepted for answer in one.answers}
    if one.standing != ANSWERED or not taken:
        return STANDINGS[one.standing]
    how = next(how for how in ("yes", "no", "unclear") if how in taken)
    return f"{STANDINGS[ANSWERED]}, {TAKEN[how]}"


def was_accepted(one: Raised) -> bool:
    """Whether one of its answers was."""
    return any(answer.accepted == "yes" for answer in one.answers)


def call_title(call: ReviewCall) -> str:
    """Return a call's title, else its file's name."""
    return cut_name(call.title or call.source, 120)


def call_facts(call: ReviewCall) -> str:
    """Return ``Demo · 32 minutes``: the stage at that time and the length."""
    parts = [call.stage or ""]
    if call.duration_ms:
        minutes = max(round(call.duration_ms / 60_000), 1)
        parts.append(plural(minutes, "minute"))
    return " · ".join(filter(None, parts))


def voices(call: ReviewCall) -> str:
    """Say who took part, by role: ``Prospects: Petra Voss (201 words). Our reps: …``."""
    said = []
    for role, one, several in (
        (Role.PROSPECT, "Prospect", "Prospects"),
        (Role.REP, "Our rep", "Our reps"),
        (Role.UNKNOWN, "Side not known", "Side not known"),
    ):
        found = [voice for voice in call.voices if voice.role is role]
        if found:
            names = listed_up_to([_voice(voice) for voice in found], 6)
            said.append(f"{verb(len(found), one, several)}: {names}.")
    return " ".join(said)


def _voice(voice: Voice) -> str:
    return f"{cut_name(voice.name or 'name not known')} ({plural(voice.words, 'word')})"


def left_out(call: ReviewCall) -> str:
    """Say why nothing of a call counts, or nothing."""
    return f"Nothing of it counts: {call.why_not}." if call.why_not else ""


def is_quiet(call: ReviewCall) -> bool:
    """Whether nothing that a review tells of was heard in a call of which something may be."""
    heard = call.raised or call.competitors or call.messages or call.requests or call.apart
    return not (call.why_not or heard)


def apart_head(call: ReviewCall) -> str:
    """Return what leads to the quotes of a call in no count, which else read as more of its objections."""
    return "Also said" if call.raised else "Said"


def answer_line(given: Given) -> str:
    """Return ``Answered by reframing it, not accepted``."""
    sure = given.playbook and given.playbook_sure
    how = "with the playbook’s answer" if sure else KINDS.get(given.kind, "")
    return f"Answered {how}".rstrip() + f", {TAKEN[given.accepted]}"


def playbook_words(given: Given) -> str:
    """Return what introduces the playbook's answer: that it is the one given, or may be."""
    return "playbook:" if given.playbook_sure else "by its meaning perhaps the playbook’s:"


MOST_UNSURE = 3
"""Passages too unsure to count that Markdown, which folds nothing, shows of a call."""


def unsure_head(call: ReviewCall) -> str:
    """Say how much was heard that does not count."""
    return f"Also heard, not sure enough to count ({len(call.unsure):,})"


def perhaps(one: Unsure) -> str:
    """Return ``perhaps “Price” and “Trust”``: what a passage may be."""
    return f"perhaps {listed(f'“{title}”' for title in one.titles)}"


def confirm(one: Unsure) -> str:
    """Return the command with which a person says that it is so."""
    return f"callmine correct {short_id(one.quote)} --right"


def quiet_words(call: ReviewCall) -> str:
    """Say that nothing was heard, or nothing that counts."""
    sure = " that counts" if call.unsure else ""
    return f"No objection, competitor, message or request{sure} was heard in it."


def call_mentions(call: ReviewCall) -> tuple[tuple[str, str], ...]:
    """Return what else a call holds, name by name."""
    rows = (
        ("Competitors", listed(call.competitors)),
        ("Our messages", listed(f"“{text}”" for text in call.messages)),
    )
    return tuple((name, said) for name, said in rows if said)


def rival_facts(rival: Rival, review: DealReview) -> str:
    """Say when a competitor first came up, how often, and how a prospect stood to it."""
    stage = f", at {rival.first_stage}" if rival.first_stage else ""
    said = [f"first named on {long_day(rival.first_day)}{stage}"]
    calls = plural(rival.calls, "call")
    if rival.by_prospects:
        own = f"by a prospect in {plural(rival.by_prospects, 'call')}"
        said.append(own if rival.calls == rival.by_prospects else f"in {calls}, {own}")
    else:
        said.append(f"in {calls}, by no known prospect")
    if rival.relation and rival.relation in READ_AS:
        said.append(f"read as {READ_AS[rival.relation]}")
    crm = (review.deal.competitor or "").casefold()
    if crm and crm == rival.name.casefold():
        said.append("the one that the CRM names")
    return capital(" · ".join(said))


def asked_facts(calls: int) -> str:
    """Say that something was asked for again, or nothing."""
    return f"asked for in {spelled(calls)} calls: it may not have come" if calls > 1 else ""
