"""Why a call belongs to a deal, or to none, in sentences for people.

They name no address: reasons are stored, and outlive `forget`.
"""

from __future__ import annotations

from collections.abc import Sequence

from callmine.crm.domains import Pointed
from callmine.crm.people import domain_of, is_free_mail
from callmine.domain import Deal, Facts, Outcome

CONTACT = "a participant is a contact of the deal"
COLLEAGUE = "a participant is a contact of another deal of the company"


def ways(deal: Deal, pointed: Sequence[Pointed]) -> tuple[str, ...]:
    """Say by what a call points to a deal's company."""
    return tuple(said for way in pointed if (said := _way(deal, way)))


def _way(deal: Deal, way: Pointed) -> str:
    account = deal.account or deal.name
    said = repr(way.said)
    return {
        "contact_email": CONTACT,
        "contact_name": "a participant has the name of a contact of the company",
        "email_domain": f"a participant's address is at {way.said}, the account's domain",
        "contact_domain": "a participant's address is at the domain of a contact of the company",
        "domain_variant": f"a participant's address is at {way.said}, like the account's domain",
        "domain_name": f"a participant's address is at {way.said}, which is like {account!r}",
        "account": f"the account {said} is the deal's",
        "account_variant": f"the account {said} is {account!r} in other words",
        "account_part": f"the account {said} names {account!r} in part",
        "account_initials": f"the account {said} and {account!r} have the same initials",
        "account_fuzzy": f"the account {said} is spelled almost like {account!r}",
        "deal_name": f"the account {said} is in the deal's name",
        "title": f"the title names {said}",
        "named_else": "though the call names another account",
        "named_unknown": "though the call names an account that is not among the deals",
        "addressed_else": "though participants are from another account",
        "addressed_unknown": "though its participants are from a domain not known as the account's",
    }.get(way.rule, "")


def reason(deal: Deal, parts: Sequence[str], rivals: Sequence[tuple[str, float]]) -> str:
    """Say why a deal was taken, and which were next."""
    near = ", ".join(f"{deal_id} at {chance:.2f}" for deal_id, chance in rivals)
    return f"{deal.deal_id}: {', '.join(parts)}{f' (next: {near})' if near else ''}."


def nearest(deal_id: str, chance: float, least: float, parts: Sequence[str]) -> str:
    """Say which deal came nearest."""
    return f"Nearest is {deal_id} at {chance:.2f}, below {least:.2f}: {', '.join(parts)}."


def tie(rivals: Sequence[tuple[Deal, float]]) -> str:
    """Say which deals fit about alike, the likeliest first."""
    accounts = {deal.account for deal, _ in rivals}
    are_open = all(deal.outcome is Outcome.OPEN for deal, _ in rivals)
    kind = "open deals" if are_open else "deals"
    account = rivals[0][0].account
    of = f" of {account}" if len(accounts) == 1 and account else ""
    count = {2: "Two", 3: "Three", 4: "Four"}.get(len(rivals), str(len(rivals)))
    named = [f"{deal.deal_id} at {chance:.2f}" for deal, chance in rivals[:5]]
    more = f" and {named.pop()}" if len(named) == len(rivals) else ", …"
    return f"{count} {kind}{of} fit: {', '.join(named)}{more}."


def nothing(facts: Facts, emails: Sequence[str]) -> str:
    """Say what was tried in vain."""
    domains = list(dict.fromkeys(d for e in emails if (d := domain_of(e))))
    free = [d for d in domains if is_free_mail(d)]
    tried = []
    if emails:
        tried.append("the addresses of its participants")
    if companies := [d for d in domains if d not in free]:
        tried.append(f"the domain {', '.join(companies[:3])}")
    if facts.account:
        tried.append(f"the account {facts.account!r}")
    if not tried:
        return "Nothing to go on: the call states no deal, no participant from outside and no account."
    note = f" ({', '.join(free[:3])} is free mail and says nothing about the company)" if free else ""
    return f"No deal fits; tried {', '.join(tried)}{note}."
