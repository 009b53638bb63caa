"""What recorders know of a call: calendar titles, participants, and what reps type or choose.

**What a call carries** is a fact about its metadata, before noise makes it hard to recognise:

- ``account``: the account column is about the company that the call's deal is with. However it is
  written: with or without legal form, abbreviated, misspelt, by its initials, or as the deal's name.
  A column that names another company carries none.
- ``domain``: the address of at least one participant is at a domain of that company, main, sub- or country
  domain, whether or not the CRM knows it. Free mail, our own, a consultant's, a partner's or a recording
  robot's domain are none.
- ``title``: the calendar title names the company by its short name at least.

A call whose only traces are free mail and a first name carries nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.year import names
from benchmarks.year.calls import Meeting
from benchmarks.year.chance import Chance, long_id
from benchmarks.year.values import Account, Contact, Metadata, Rep, TrueDeal
from callmine.domain import Participant

ACCOUNT_FILLED, WRONG_ACCOUNT = 0.58, 0.02
ID_FILLED, STALE_ID = 0.15, 0.04
UNDATED = 0.015
ROBOT = Participant("Noteloom", "assistant@noteloom.example")
"""A recording robot that joins many meetings of different companies."""

_TITLES = (
    "{short} <> Larkmoor",
    "{short}: {purpose}",
    "{plain} / Larkmoor - {purpose}",
    "Larkmoor {purpose} ({short})",
    "{purpose}",
    "Larkmoor {purpose}",
    "{buyer} / {rep}",
    "{rep}'s Zoom Meeting",
    "FW: {purpose} - {short}",
    "Call with {buyer}",
    "Microsoft Teams meeting",
    "",
)
_TITLE_WEIGHTS = (0.15, 0.14, 0.07, 0.08, 0.11, 0.1, 0.08, 0.07, 0.05, 0.05, 0.05, 0.05)
_PURPOSES = {
    "Discovery": ("intro", "first call", "discovery"),
    "Demo": ("demo", "product tour", "second demo"),
    "Evaluation": ("trial check-in", "workshop", "IT questions"),
    "Proposal": ("offer", "pricing", "proposal walk-through"),
    "Negotiation": ("contract", "legal questions", "final round"),
    "Closed Won": ("onboarding", "kick-off", "check-in"),
    "Closed Lost": ("feedback", "catch-up", "what we learned"),
    "Disqualified": ("intro",),
    "": ("sync", "catch-up", "intro", "quick chat"),
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Who else is there: reps, accounts, the deals of each account, and firms that join others' calls."""

    reps: Sequence[Rep]
    accounts: Sequence[Account]
    deals_of: dict[int, list[TrueDeal]]
    consultancies: Sequence[Account]
    partners: Sequence[Account]


@dataclass(frozen=True, slots=True)
class Known:
    """Metadata, what it carries, what went wrong, and who spoke (the rep first)."""

    metadata: Metadata
    carries: frozenset[str]
    noise: frozenset[str]
    voices: tuple[str, ...]


def known_of(chance: Chance, meeting: Meeting, around: Surroundings) -> Known:
    """Return what the recorder knows of a meeting."""
    rep, account = around.reps[meeting.rep], meeting.account
    carries: set[str] = set()
    noise: set[str] = set()
    buyers = _buyers(chance, meeting, around, noise)
    if meeting.kind == "internal":
        people = _ours(chance, around.reps, rep)
    else:
        people = _participants(chance, rep, buyers, account, noise)
    if any(p.email and p.email.partition("@")[2] in account.domains for p in people):
        carries.add("domain")
    typed = _account(chance, meeting, around, carries, noise)
    title = _title(chance, meeting, rep, buyers)
    if account.short in title:
        carries.add("title")
    undated = chance.hit(UNDATED)
    if undated:
        noise.add("undated")
    metadata = Metadata(
        title=title,
        type=_type(chance, meeting),
        started_at="" if undated else meeting.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        rep=rep.name if chance.hit(0.93) else "",
        rep_email=rep.email if chance.hit(0.88) else "",
        account=typed,
        deal_id=_deal_id(chance, meeting, around, noise),
        participants=tuple(people),
        consent=chance.weighted(("yes", "unknown", "", "no"), (0.6, 0.2, 0.19, 0.01)),
    )
    return Known(metadata, frozenset(carries), frozenset(noise), (rep.name, *(b.name for b in buyers)))


def _buyers(chance: Chance, meeting: Meeting, around: Surroundings, noise: set[str]) -> list[Contact]:
    """Return who is on the line: mostly the first of those who buy, now and then a third party."""
    contacts, deal = meeting.account.contacts, meeting.deal
    count = chance.weighted((1, 2, 3), (0.55, 0.32, 0.13))
    group = deal.group if deal else range(len(contacts))
    numbers = [
        chance.below(len(contacts))
        if chance.hit(0.1)
        else group[min(chance.below(len(group)), chance.below(4))]
        for _ in range(count)
    ]
    found = [contacts[number] for number in dict.fromkeys(numbers)]
    if deal is None:
        return found
    if deal.number % 20 == 7 and chance.hit(0.6):  # a consultant buys for them
        firm = around.consultancies[deal.number % len(around.consultancies)]
        alone = chance.hit(0.3)
        noise.add("consultant alone" if alone else "consultant")
        found = [firm.contacts[0]] if alone else [*found, firm.contacts[0]]
    elif deal.lead_source == "Partner" and chance.hit(0.35):
        firm = around.partners[deal.number % len(around.partners)]
        noise.add("partner joins")
        found.append(firm.contacts[deal.number % len(firm.contacts)])
    return found


def _participants(
    chance: Chance, rep: Rep, buyers: Sequence[Contact], account: Account, noise: set[str]
) -> list[Participant]:
    how = chance.weighted(("calendar", "names", "rep only", "none"), (0.78, 0.10, 0.05, 0.07))
    if how == "none":
        return []
    own = Participant(rep.name, rep.email)
    if chance.hit(0.01):
        own = Participant(rep.name, names.free_address(rep.name, chance))
    people = [own]
    if how == "names":
        people = [Participant(rep.name), *(Participant(_dialled(chance, b.name)) for b in buyers)]
    elif how == "rep only":
        noise.add("rep only")
    else:
        for buyer in buyers:
            email = buyer.email
            if buyer.own and chance.hit(0.03):
                email = names.free_address(buyer.name, chance)
                noise.add("personal mail")
            people.append(Participant(buyer.name if chance.hit(0.93) else "", email))
        if chance.hit(0.03):
            people.append(Participant(f"Office {account.short}", f"office@{account.domains[0]}"))
        if chance.hit(0.05):
            people.append(ROBOT)
    return people


def _dialled(chance: Chance, name: str) -> str:
    first, *rest = name.split()
    return chance.pick((name, first, f"{first} {rest[0][0]}.", f"iPhone von {first}"))


def _ours(chance: Chance, reps: Sequence[Rep], rep: Rep) -> list[Participant]:
    others = [chance.pick(reps) for _ in range(chance.between(1, 3))]
    return [Participant(r.name, r.email) for r in dict.fromkeys((rep, *others))]


def _account(
    chance: Chance, meeting: Meeting, around: Surroundings, carries: set[str], noise: set[str]
) -> str:
    if not chance.hit(ACCOUNT_FILLED):
        return ""
    account = meeting.account
    if meeting.deal is not None and chance.hit(WRONG_ACCOUNT):
        near = account.twin if account.twin is not None else account.parent
        other = around.accounts[near] if near is not None else chance.pick(around.accounts)
        if other.number != account.number:
            noise.add("wrong account")
            return other.crm_names[0]
    carries.add("account")
    if meeting.deal is not None and chance.hit(0.02):
        noise.add("deal name")
        return " ".join(meeting.deal.name.split())
    text, how = names.typed(account, chance)
    noise.add(f"typed: {how}")
    return text


def _deal_id(chance: Chance, meeting: Meeting, around: Surroundings, noise: set[str]) -> str:
    deal = meeting.deal
    if deal is None or not chance.hit(ID_FILLED):
        return ""
    others = [d for d in around.deals_of[deal.account] if d.number != deal.number]
    if others and chance.hit(STALE_ID):
        noise.add("stale id")
        deal = others[0]
    return long_id(deal.deal_id) if chance.hit(0.6) else deal.deal_id


def _title(chance: Chance, meeting: Meeting, rep: Rep, buyers: Sequence[Contact]) -> str:
    if meeting.kind == "internal":
        return chance.pick(("Deal review {}", "{} prep", "Handover {}", "Pipeline")).format(
            meeting.account.short
        )
    return chance.weighted(_TITLES, _TITLE_WEIGHTS).format(
        short=meeting.account.short,
        plain=meeting.account.plain,
        purpose=chance.pick(_PURPOSES[meeting.stage]),
        buyer=buyers[0].name.split()[0],
        rep=rep.name.split()[0],
    )


def _type(chance: Chance, meeting: Meeting) -> str:
    if meeting.kind == "internal":
        return "internal" if chance.hit(0.7) else "sales"
    if meeting.kind == "after" and meeting.stage == "Closed Lost" and chance.hit(0.3):
        return "interview"
    return "sales" if chance.hit(0.75) else ""
