"""Tie a call to the deal it belongs to, with the reason, or say why there is none.

A stated deal id decides. Otherwise every deal that an address, a domain or the account's name
points to is weighed by how well it points there, by whether the call falls into the deal's
life, and by whether the rep owns it; the best is taken only when it is clearly better than the
second. The weights are judgement, not fitted: a wrong link spoils the statistics of two deals,
a missing one only coverage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, process

from callmine.crm.people import (
    account_keys,
    domain_of,
    is_free_mail,
    outside_emails,
    parents_of,
    same_person,
)
from callmine.crm.values import id_key
from callmine.domain import Deal, Facts, Link, Outcome
from callmine.payloads import Linking

BASE = {
    "contact_email": 0.90,
    "email_domain": 0.80,
    "contact_domain": 0.75,
    "account": 0.75,
    "account_fuzzy": 0.62,
}
"""Confidence of each rule before other evidence; ``email_domain`` is the account's own domain."""

IN_LIFE = 0.08
OUT_OF_LIFE = -0.50
UNDATED = -0.10
OWNED = 0.08
SAME_ACCOUNT = 0.06
CEILING = 0.98
CLEAR = 0.07
"""By how much the best deal must lead the second."""

DAYS_BEFORE, DAYS_AFTER = 14, 1
FUZZY_BAR = 92.0
"""Similarity (0..100) from which two spellings of an account may be the same company."""

_FUZZY_LENGTH = 6


@dataclass(frozen=True, slots=True)
class _Life:
    """First and last day (ordinals) on which a call can belong to a deal; ``None``: not known."""

    first: int | None
    last: int | None
    open_ended: bool

    def holds(self, day: int) -> bool:
        return (self.first is None or day >= self.first - DAYS_BEFORE) and (
            self.last is None or day <= self.last + DAYS_AFTER
        )

    def holds_closely(self, day: int) -> bool:
        """Whether the day lies between known dates, without the days of grace."""
        ended = self.open_ended if self.last is None else day <= self.last
        return ended and self.first is not None and day >= self.first


class DealIndex:
    """Deals by id, address, domain and account, so that a call is looked up and never scanned for.

    Excluded deals (duplicates, tests) are found by their id only.
    """

    def __init__(self, deals: Sequence[Deal]) -> None:
        self.deals = {deal.deal_id: deal for deal in deals}
        self.lives = {deal.deal_id: _life(deal) for deal in deals}
        self.accounts = {deal.deal_id: frozenset(account_keys(deal.account)) for deal in deals}
        self._by_key: dict[str, list[str]] = defaultdict(list)
        self._by_email: dict[str, list[str]] = defaultdict(list)
        self._by_domain: dict[str, dict[str, str]] = defaultdict(dict)
        self._by_account: dict[str, list[str]] = defaultdict(list)
        self._blocks: dict[str, list[str]] = defaultdict(list)
        self._alike: dict[str, tuple[str, ...]] = {}
        for deal in self.deals.values():
            self._by_key[id_key(deal.deal_id)].append(deal.deal_id)
            if deal.outcome is not Outcome.EXCLUDED:
                self._add(deal)
        for account in self._by_account:
            for block in _blocks(account):
                self._blocks[block].append(account)

    def _add(self, deal: Deal) -> None:
        own = (deal.account_domain or "").casefold()
        if own and not is_free_mail(own):
            self._by_domain[own][deal.deal_id] = "email_domain"
        for email in dict.fromkeys(e.casefold() for e in deal.contact_emails):
            self._by_email[email].append(deal.deal_id)
            domain = domain_of(email)
            if domain and not is_free_mail(domain):
                self._by_domain[domain].setdefault(deal.deal_id, "contact_domain")
        for account in self.accounts[deal.deal_id]:
            self._by_account[account].append(deal.deal_id)

    def by_id(self, deal_id: str) -> Deal | None:
        """Return the deal with an id, in Salesforce's short or long form."""
        wanted = deal_id.strip()
        if wanted in self.deals:
            return self.deals[wanted]
        keyed = self._by_key.get(id_key(wanted), [])
        # Two long ids that differ in their last characters are two ids.
        same = [found for found in keyed if len(found) != len(wanted)]
        return self.deals[same[0]] if len(same) == 1 else None

    def candidates(self, emails: Iterable[str], account: str | None) -> dict[str, str]:
        """Return ``{deal_id: strongest rule}`` of the deals that outsiders or the account point to."""
        found: dict[str, str] = {}

        def note(deal_id: str, rule: str) -> None:
            if deal_id not in found or BASE[rule] > BASE[found[deal_id]]:
                found[deal_id] = rule

        for email in emails:
            for deal_id in self._by_email.get(email, ()):
                note(deal_id, "contact_email")
            domain = domain_of(email) or ""
            for at in (domain, *parents_of(domain)):
                for deal_id, rule in self._by_domain.get(at, {}).items():
                    note(deal_id, rule)
        keys = account_keys(account)
        for key in keys:
            for deal_id in self._by_account.get(key, ()):
                note(deal_id, "account")
        if not found:
            for key in keys:
                for similar in self._similar(key):
                    for deal_id in self._by_account[similar]:
                        note(deal_id, "account_fuzzy")
        return found

    def _similar(self, key: str) -> tuple[str, ...]:
        if key not in self._alike:
            near = {a for block in _blocks(key) for a in self._blocks.get(block, ())}
            hits = process.extract(key, near, scorer=fuzz.ratio, score_cutoff=FUZZY_BAR, limit=None)
            # "Phoenix 1" and "Phoenix 2" are two companies, however alike.
            self._alike[key] = tuple(sorted(a for a, *_ in hits if _digits(a) == _digits(key)))
        return self._alike[key]


def link_call(
    facts: Facts, index: DealIndex, *, own_domains: Sequence[str] = (), min_confidence: float = 0.6
) -> Linking:
    """Find the deal of a call.

    Args:
        facts: What is known about the call.
        index: The deals.
        own_domains: Our e-mail domains; the rep's domain is taken for ours, too.
        min_confidence: A less certain link is not made (0..1).

    Returns:
        The link with its rule, confidence and reason, or no link and what was tried.
    """
    before = ""
    if facts.deal_id:
        deal = index.by_id(facts.deal_id)
        if deal is not None:
            why = f"The call names deal {deal.deal_id}."
            return Linking(Link(deal.deal_id, "deal_id", 1.0, why), why)
        before = f"The call names deal {facts.deal_id}, which is not among the deals. "
    emails = outside_emails(facts, own_domains)
    rules = index.candidates(emails, facts.account)
    if not rules:
        return Linking(None, before + _nothing(facts, emails))
    day = _day(facts.started_at)
    ranked = sorted(
        ((_weigh(index, deal_id, rule, facts, day), deal_id) for deal_id, rule in rules.items()),
        key=lambda pair: (-pair[0], pair[1]),
    )
    best, deal_id = ranked[0]
    confidence = round(min(best, CEILING), 4)
    reason = _reason(index, deal_id, rules[deal_id], facts, day)
    if confidence < min_confidence:
        return Linking(
            None, f"{before}Nearest is {deal_id} at {confidence:.2f}, below {min_confidence:.2f}: {reason}."
        )
    rivals = [other for score, other in ranked if best - score < CLEAR]
    if len(rivals) > 1:
        return Linking(None, before + _tie(index, rivals))
    why = f"{before}{deal_id}: {reason}."
    return Linking(Link(deal_id, rules[deal_id], confidence, why), why)


def _weigh(index: DealIndex, deal_id: str, rule: str, facts: Facts, day: int | None) -> float:
    score = BASE[rule]
    life = index.lives[deal_id]
    if day is None:
        score += UNDATED
    elif not life.holds(day):
        score += OUT_OF_LIFE
    elif life.holds_closely(day):
        score += IN_LIFE
    if same_person(index.deals[deal_id].owner, facts.rep, facts.rep_email):
        score += OWNED
    if not rule.startswith("account") and index.accounts[deal_id].intersection(account_keys(facts.account)):
        score += SAME_ACCOUNT
    return score


def _reason(index: DealIndex, deal_id: str, rule: str, facts: Facts, day: int | None) -> str:
    """Say what speaks for and against a deal. Names no address: reasons outlive `forget`."""
    deal = index.deals[deal_id]
    account = facts.account or ""
    parts = [
        {
            "contact_email": "a participant is a contact of the deal",
            "email_domain": f"a participant's address is at {deal.account_domain}, the account's domain",
            "contact_domain": "a participant's address is at the domain of a contact of the deal",
            "account": f"the account {account!r} is the deal's",
            "account_fuzzy": f"the account {account!r} is spelled almost like {deal.account!r}",
        }[rule]
    ]
    if same_person(deal.owner, facts.rep, facts.rep_email):
        parts.append("the rep owns it")
    life = index.lives[deal_id]
    if day is None:
        parts.append("the call has no date")
    elif not life.holds(day):
        early = life.first is not None and day < life.first
        days = abs(day - ((life.first if early else life.last) or day))
        parts.append(f"the call is {days} days {'before it began' if early else 'after it closed'}")
    elif life.holds_closely(day):
        parts.append("the call falls into the deal's life")
    return ", ".join(parts)


def _tie(index: DealIndex, rivals: Sequence[str]) -> str:
    deals = [index.deals[deal_id] for deal_id in rivals]
    accounts = {deal.account for deal in deals}
    are_open = all(deal.outcome is Outcome.OPEN for deal in deals)
    kind = "open deals" if are_open else "deals"
    of = f" of {deals[0].account}" if len(accounts) == 1 and deals[0].account else ""
    count = {2: "Two", 3: "Three", 4: "Four"}.get(len(rivals), str(len(rivals)))
    named = sorted(rivals)[:5]
    more = f" and {named.pop()}" if len(named) == len(rivals) else ", …"
    return f"{count} {kind}{of} fit: {', '.join(named)}{more}."


def _nothing(facts: Facts, emails: Sequence[str]) -> str:
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


def _life(deal: Deal) -> _Life:
    starts = [d for d in (_day(deal.created_at), _day(deal.inquired_at)) if d is not None]
    is_open = deal.outcome is Outcome.OPEN
    return _Life(min(starts, default=None), None if is_open else _day(deal.close_date), is_open)


def _day(text: str | None) -> int | None:
    try:
        return date.fromisoformat((text or "")[:10]).toordinal()
    except ValueError:
        return None


def _blocks(key: str) -> tuple[str, ...]:
    """Return the blocks of an account: one typing error leaves its beginning or its end intact."""
    return (f"^{key[:3]}", f"{key[-3:]}$") if len(key) >= _FUZZY_LENGTH else ()


def _digits(key: str) -> str:
    return "".join(c for c in key if c.isdigit())
