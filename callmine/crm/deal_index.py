"""Deals by id, address, domain and company, so that a call is looked up and never scanned for.

What a call gives to go by points to *companies* first; a company's deals then share that evidence,
also those whose own row has no domain or contact. Deals without an account are companies of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from callmine.crm.accounts import AccountIndex, Hit
from callmine.crm.companies import called_in, spellings
from callmine.crm.domains import WEIGHTS, DomainIndex, Pointed, are_one_group, telling
from callmine.crm.evidence import Life, Marks, life_of, marks_of
from callmine.crm.ids import KnownIds
from callmine.crm.people import company_domain, domain_of, is_free_mail, name_in, person_key
from callmine.domain import Deal, Facts, Outcome

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
        self._ids = KnownIds(self.deals)
        self._from_deal: set[int] = set()
        self._people: dict[str, set[str]] = defaultdict(set)
        self._domains = DomainIndex(self.accounts)
        live = []
        for deal in self.deals.values():
            if _excluded or deal.outcome is not Outcome.EXCLUDED:
                live.append(deal)
        for deal in sorted(live, key=lambda d: (not spellings(d.account), d.deal_id)):
            self._add(deal)
        self._also_named(live)
        left = [deal for deal in deals if deal.outcome is Outcome.EXCLUDED]
        self.excluded = DealIndex(left, _excluded=True) if left and not _excluded else None

    def _add(self, deal: Deal) -> None:
        company = self._company_of(deal)
        self.company[deal.deal_id] = company
        self.of_company[company][deal.deal_id] = 0.0
        self.lives[deal.deal_id] = life_of(deal)
        self.marks[deal.deal_id] = marks_of(deal)
        self._domains.add(deal, company)
        for email in dict.fromkeys(e.casefold() for e in deal.contact_emails):
            self.by_email[email].append(deal.deal_id)
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

    def _also_named(self, live: Sequence[Deal]) -> None:
        """Let deals be found by the company in their names, where that is their account in other words.

        Accounts are cut to a field's length, misspelled and given places that the deal's name has not; and
        "GPG - 20 seats" says what all call GPG Freight. A name with words that the account lacks may be a
        partner's or a person's.
        """
        for deal in live:
            company = self.company[deal.deal_id]
            if company < 0 or not deal.account:
                continue
            for piece in called_in(deal.name):
                if not piece.telling & telling(deal.account):
                    continue
                hits = self.accounts.find(piece.text)
                sure = [hit.account for hit in hits if hit.rule in SURE]
                if company in sure:
                    continue
                for other in sure:
                    self.of_company[other].setdefault(deal.deal_id, NAME_FROM_DEAL)
                own = {word for spelling in spellings(deal.account) for word in spelling.words}
                found = own.issuperset(piece.words) or company in {hit.account for hit in hits}
                if found and not sure:
                    self.accounts.called(company, piece)

    def by_id(self, deal_id: str) -> Deal | None:
        """Return the deal with an id, in Salesforce's short or long form."""
        found = self._ids.find(deal_id.strip())
        return self.deals[found] if found else None

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
        if (site := company_domain(facts.account)) is not None:
            _keep(addressed, self._domains.find(site))
        hits = {hit.account: hit for hit in self.accounts.find(facts.account)}
        says_name = bool(spellings(facts.account))
        if facts.title and not any(hit.rule in SURE for hit in hits.values()):
            # A title may say in full what the account says in short: "Bramble", "Bramble Foods: demo".
            titled = self.accounts.in_title(facts.title, ours)
            said = telling(facts.account or "")
            both = [hit for hit in titled if said and said <= telling(self.accounts.names[hit.account])]
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
            elif self._domains.knows(company) and any(not is_free_mail(domain_of(e) or "") for e in emails):
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
            if are_one_group(self.accounts, companies):
                weight = WEIGHTS["contact_email"]
                _keep(found, {c: Pointed("contact_email", weight) for c in companies})
            _keep(found, self._domains.find(domain_of(email) or ""))
        for person in facts.participants:
            deals = self._people.get(person_key(person.name), ()) if not person.email else ()
            companies = {self.company[d] for d in deals}
            if len(companies) == 1:
                weight = WEIGHTS["contact_name"]
                _keep(found, {c: Pointed("contact_name", weight) for c in companies})
        return found


def _keep(found: dict[int, Pointed], more: dict[int, Pointed]) -> None:
    for company, pointed in more.items():
        if company not in found or pointed.weight > found[company].weight:
            found[company] = pointed
