"""Deals by id, address, domain and company, so that a call is looked up and never scanned for.

What a call gives to go by points to *companies* first; a company's deals then share that evidence,
also those whose own row has no domain or contact. Deals without an account are companies of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

from callmine.crm.accounts import AccountIndex, Hit
from callmine.crm.companies import spellings, words_of
from callmine.crm.evidence import Life, Marks, life_of, marks_of
from callmine.crm.people import (
    domain_of,
    is_free_mail,
    listed,
    name_in,
    parents_of,
    person_key,
    stem_of,
)
from callmine.crm.values import id_key
from callmine.domain import Deal, Facts, Outcome

DOMAIN_WEIGHTS = {
    "contact_email": 8.5,
    "email_domain": 8.5,
    "contact_domain": 8.0,
    "domain_variant": 6.8,
    "domain_name": 6.8,
    "contact_name": 6.0,
}
"""Log-odds that the participants are from the company, by how they point there.

Its own domain, or a contact's address, is as good as its name. A contact's domain might be an adviser's.
The same name under another ending, or a domain that is the account's name, could be a namesake's. A
contact's name without an address could be another person's.
"""

AGREED = 2.0
"""Name and address point to the same company: more than either, less than both, as both may be copied."""

NAMED_ELSE, NAMED_UNKNOWN = -2.5, -1.2
"""The call names another known company, or one that is not among the deals: it may be the parent's name."""

ADDRESSED_ELSE, ADDRESSED_UNKNOWN = -1.5, -0.5
"""Its participants are from another known company, or from a domain the company is not known by."""

NAME_FROM_DEAL = -1.0
"""The company's name was taken from the deal's."""

SURE = frozenset({"account", "account_variant"})
"""Rules by which a name is the account's, not only like it."""

_PART_OF_NAME, _OTHER_DOMAIN, _INITIALS = 1.2, 1.0, 1.5
_STEM_FROM, _PART_FROM = 3, 5


@dataclass(frozen=True, slots=True)
class Pointed:
    """That something points to a company: by which rule, how strongly, and which words said so."""

    rule: str
    weight: float
    said: str = ""


class DealIndex:
    """Deals, their companies, and what leads to them.

    Excluded deals (duplicates, tests) are found by their id only; :attr:`excluded` indexes them apart.
    """

    def __init__(self, deals: Sequence[Deal], *, _excluded: bool = False) -> None:
        self.deals = {deal.deal_id: deal for deal in deals}
        self.accounts = AccountIndex()
        self.company: dict[str, int] = {}
        self.of_company: dict[int, dict[str, float]] = defaultdict(dict)
        self.lives: dict[str, Life] = {}
        self.marks: dict[str, Marks] = {}
        self.by_email: dict[str, list[str]] = defaultdict(list)
        self._by_key: dict[str, list[str]] = defaultdict(list)
        self._from_deal: set[int] = set()
        self._own: dict[str, set[int]] = defaultdict(set)
        self._contact: dict[str, set[int]] = defaultdict(set)
        self._stems: dict[str, set[int]] = defaultdict(set)
        self._people: dict[str, set[str]] = defaultdict(set)
        self._domains_of: dict[int, set[str]] = defaultdict(set)
        self._pointing: dict[str, dict[int, Pointed]] = {}
        live = []
        for deal in self.deals.values():
            self._by_key[id_key(deal.deal_id)].append(deal.deal_id)
            if _excluded or deal.outcome is not Outcome.EXCLUDED:
                live.append(deal)
        for deal in sorted(live, key=lambda d: (not spellings(d.account), d.deal_id)):
            self._add(deal)
        for deal in live:
            self._also_named(deal)
        left = [deal for deal in deals if deal.outcome is Outcome.EXCLUDED]
        self.excluded = DealIndex(left, _excluded=True) if left and not _excluded else None

    def _add(self, deal: Deal) -> None:
        company = self._company_of(deal)
        self.company[deal.deal_id] = company
        self.of_company[company][deal.deal_id] = 0.0
        self.lives[deal.deal_id] = life_of(deal)
        self.marks[deal.deal_id] = marks_of(deal)
        own = (deal.account_domain or "").casefold()
        if own and not is_free_mail(own):
            self._own[own].add(company)
            self._stems[stem_of(own)].add(company)
            self._domains_of[company].add(own)
        for email in dict.fromkeys(e.casefold() for e in deal.contact_emails):
            self.by_email[email].append(deal.deal_id)
            domain = domain_of(email)
            if domain and not is_free_mail(domain):
                self._contact[domain].add(company)
                self._domains_of[company].add(domain)
            if name := name_in(email):
                self._people[name].add(deal.deal_id)

    def _company_of(self, deal: Deal) -> int:
        """Return the company's number; below zero for a deal that names none."""
        if deal.account and (known := self.accounts.add(deal.account)) is not None:
            return known
        pieces = spellings(deal.name, of_deal=True)
        for piece in pieces:
            hits = self.accounts.find(piece.text)
            if len(hits) == 1 and hits[0].rule in SURE:
                return hits[0].account
        telling = [piece for piece in pieces if piece.telling]
        if telling and (made := self.accounts.add(telling[0].text)) is not None:
            self._from_deal.add(made)
            return made
        return -1 - len(self.company)

    def _also_named(self, deal: Deal) -> None:
        """Let a deal be found by the company in its name, where that is its account in other words.

        Accounts are cut to a field's length, misspelled and given places that the deal's name has not.
        """
        company = self.company[deal.deal_id]
        if company < 0 or not deal.account:
            return
        for piece in spellings(deal.name, of_deal=True)[:1]:
            if not piece.telling & _telling(deal.account):
                return
            hits = self.accounts.find(piece.text)
            sure = [hit.account for hit in hits if hit.rule in SURE]
            if company in sure:
                return
            for other in sure:
                self.of_company[other].setdefault(deal.deal_id, NAME_FROM_DEAL)
            if not sure and company in {hit.account for hit in hits}:
                self.accounts.also(company, piece)

    def by_id(self, deal_id: str) -> Deal | None:
        """Return the deal with an id, in Salesforce's short or long form."""
        wanted = deal_id.strip()
        if wanted in self.deals:
            return self.deals[wanted]
        keyed = self._by_key.get(id_key(wanted), [])
        # Two long ids that differ in their last characters are two ids.
        same = [found for found in keyed if len(found) != len(wanted)]
        return self.deals[same[0]] if len(same) == 1 else None

    def companies(
        self, facts: Facts, emails: Sequence[str], ours: frozenset[str]
    ) -> dict[int, tuple[Pointed, ...]]:
        """Return the companies that a call points to, and by what, the strongest first.

        Args:
            facts: What is known about the call.
            emails: Addresses of participants from outside.
            ours: Words of our own names, which point to no company.
        """
        addressed = self._addressed(facts, emails)
        hits = {hit.account: hit for hit in self.accounts.find(facts.account)}
        says_name = bool(spellings(facts.account))
        if facts.title and not any(hit.rule in SURE for hit in hits.values()):
            # A title may say in full what the account says in short: "Bramble", "Bramble Foods: demo".
            titled = self.accounts.in_title(facts.title, ours)
            said = _telling(facts.account or "")
            both = [hit for hit in titled if said and said <= _telling(self.accounts.names[hit.account])]
            if both or not hits:
                hits = {hit.account: hit for hit in titled}
                hits |= {hit.account: replace(hit, weight=hit.weight + AGREED) for hit in both}
        named = {hit.account: self._named(hit) for hit in hits.values()}
        found: dict[int, tuple[Pointed, ...]] = {}
        for company in addressed.keys() | named.keys():
            ways = [way for way in (addressed.get(company), named.get(company)) if way]
            ways.sort(key=lambda way: -way.weight)
            if len(ways) == 2:
                ways[1] = replace(ways[1], weight=AGREED)
            elif company in addressed:
                if named and says_name:
                    ways.append(Pointed("named_else", NAMED_ELSE))
                elif says_name and company >= 0:
                    ways.append(Pointed("named_unknown", NAMED_UNKNOWN))
            elif addressed:
                ways.append(Pointed("addressed_else", ADDRESSED_ELSE))
            elif self._domains_of[company] and any(not is_free_mail(domain_of(e) or "") for e in emails):
                ways.append(Pointed("addressed_unknown", ADDRESSED_UNKNOWN))
            found[company] = tuple(ways)
        return found

    def _named(self, hit: Hit) -> Pointed:
        lost = NAME_FROM_DEAL if hit.account in self._from_deal else 0.0
        rule = "deal_name" if lost and hit.rule == "account" else hit.rule
        return Pointed(rule, hit.weight + lost, hit.said)

    def _addressed(self, facts: Facts, emails: Iterable[str]) -> dict[int, Pointed]:
        found: dict[int, Pointed] = {}
        for email in emails:
            companies = {self.company[d] for d in self.by_email.get(email, ())}
            # An adviser who is a contact of several companies stands for none of them.
            if len(companies) == 1 or self._related(companies):
                weight = DOMAIN_WEIGHTS["contact_email"]
                _keep(found, {c: Pointed("contact_email", weight) for c in companies})
            domain = domain_of(email) or ""
            if domain and not is_free_mail(domain):
                if domain not in self._pointing:
                    self._pointing[domain] = self._by_domain(domain)
                _keep(found, self._pointing[domain])
        for person in facts.participants:
            deals = self._people.get(person_key(person.name), ()) if not person.email else ()
            companies = {self.company[d] for d in deals}
            if len(companies) == 1:
                weight = DOMAIN_WEIGHTS["contact_name"]
                _keep(found, {c: Pointed("contact_name", weight) for c in companies})
        return found

    def _by_domain(self, domain: str) -> dict[int, Pointed]:
        levels = (domain, *parents_of(domain))
        for at in levels:
            if own := self._own.get(at):
                return {c: Pointed("email_domain", DOMAIN_WEIGHTS["email_domain"], at) for c in own}
        for at in levels:
            if companies := self._contact.get(at):
                theirs = {c for c in companies if self._called(at, c)}
                if theirs or len(companies) == 1 or self._related(companies):
                    weight = DOMAIN_WEIGHTS["contact_domain"]
                    return {c: Pointed("contact_domain", weight, at) for c in theirs or companies}
                return {}  # an agency's: it says nothing
        stem = stem_of(domain)
        if len(stem) >= _STEM_FROM and (same := self._stems.get(stem)):
            return {c: Pointed("domain_variant", DOMAIN_WEIGHTS["domain_variant"], domain) for c in same}
        return {c: p for c, p in self._by_stem(stem, domain)}

    def _by_stem(self, stem: str, domain: str) -> Iterator[tuple[int, Pointed]]:
        """Yield the companies whose name a domain spells: ``bramblefoods.example`` of Bramble Foods."""
        best: dict[int, float] = {}
        for name in dict.fromkeys((stem.replace("-", " "), _bare(stem))):
            for hit in self.accounts.find(name):
                lost = {"account": 0.0, "account_variant": 0.0, "account_part": _PART_OF_NAME}.get(
                    hit.rule, _INITIALS if hit.rule == "account_initials" else None
                )
                if lost is not None and len(name) >= _STEM_FROM:
                    best[hit.account] = min(lost, best.get(hit.account, lost))
        for company, lost in best.items():
            known = _OTHER_DOMAIN if self._domains_of[company] else 0.0
            yield company, Pointed("domain_name", DOMAIN_WEIGHTS["domain_name"] - lost - known, domain)

    def _called(self, domain: str, company: int) -> bool:
        """Whether a domain is like the company's name."""
        if company < 0:
            return False
        stem = stem_of(domain).replace("-", "")
        ways = spellings(self.accounts.names[company])
        return any(
            stem == s.joined or (len(stem) > _STEM_FROM and (stem.startswith(s.words[0]) or s.joined.startswith(stem)))
            for s in ways
        )

    def _related(self, companies: set[int]) -> bool:
        """Whether all of several companies share a telling word, as a group's do."""
        names = [_telling(self.accounts.names[c]) if c >= 0 else frozenset() for c in companies]
        return bool(names) and all(one & other for one, other in combinations(names, 2))


def _keep(found: dict[int, Pointed], more: dict[int, Pointed]) -> None:
    for company, pointed in more.items():
        if company not in found or pointed.weight > found[company].weight:
            found[company] = pointed


@lru_cache(maxsize=65_536)
def _telling(name: str) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for spelling in spellings(name):
        found |= spelling.telling
    return found


def _bare(stem: str) -> str:
    """Return a domain's label without what companies put around their name: ``getacme``, ``acme-group``."""
    bare = stem.replace("-", "")
    for end in sorted({*words_of("empty"), *listed("legal_forms"), "hq", "app"}, key=len, reverse=True):
        if len(end) > 1 and bare.endswith(end) and len(bare) - len(end) >= _PART_FROM:
            return bare.removesuffix(end)
    return bare
