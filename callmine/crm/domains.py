"""Which companies an e-mail domain stands for: by the deals' own fields, or by how it is called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from callmine.crm.accounts import AccountIndex
from callmine.crm.companies import spellings, words_of
from callmine.crm.people import (
    ascii_domain,
    domain_of,
    is_free_mail,
    listed,
    mixed_scripts,
    parents_of,
    stem_of,
)
from callmine.domain import Deal

WEIGHTS = {
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

_PART_OF_NAME, _OTHER_DOMAIN, _INITIALS = 1.2, 1.0, 1.5
_STEM_FROM, _PART_FROM = 3, 5


@dataclass(frozen=True, slots=True)
class Pointed:
    """That something points to a company: by which rule, how strongly, and which words said so."""

    rule: str
    weight: float
    said: str = ""


class DomainIndex:
    """Domains of accounts and contacts; free mail stands for nobody."""

    def __init__(self, accounts: AccountIndex) -> None:
        self._accounts = accounts
        self._own: dict[str, set[int]] = defaultdict(set)
        self._contact: dict[str, set[int]] = defaultdict(set)
        self._stems: dict[str, set[int]] = defaultdict(set)
        self._of: dict[int, set[str]] = defaultdict(set)
        self._found: dict[str, dict[int, Pointed]] = {}

    def add(self, deal: Deal, company: int) -> None:
        """Learn the domains of a deal's company."""
        own = ascii_domain(deal.account_domain or "")
        if own and not is_free_mail(own):
            self._own[own].add(company)
            self._stems[stem_of(own)].add(company)
            self._of[company].add(own)
        for email in deal.contact_emails:
            domain = domain_of(email)
            if domain and not is_free_mail(domain):
                self._contact[domain].add(company)
                self._of[company].add(domain)

    def knows(self, company: int) -> bool:
        """Whether a company's domain is known."""
        return bool(self._of.get(company))

    def find(self, domain: str) -> dict[int, Pointed]:
        """Return the companies that a domain stands for; none for free mail and for an agency's."""
        domain = ascii_domain(domain)
        if domain not in self._found:
            self._found[domain] = {} if is_free_mail(domain) else self._find(domain)
        return self._found[domain]

    def _find(self, domain: str) -> dict[int, Pointed]:
        levels = (domain, *parents_of(domain))
        for rule, known in (("email_domain", self._own), ("contact_domain", self._contact)):
            for at in levels:
                if companies := known.get(at):
                    meant = self._meant(at, companies)
                    return {c: Pointed(rule, WEIGHTS[rule], at) for c in meant}
        stem = stem_of(domain)
        if mixed_scripts(stem):  # made to look like another: only the CRM can say whose it is
            return {}
        if len(stem) >= _STEM_FROM and (same := self._stems.get(stem)):
            return {c: Pointed("domain_variant", WEIGHTS["domain_variant"], domain) for c in same}
        return dict(self._by_stem(stem, domain))

    def _by_stem(self, stem: str, domain: str) -> Iterator[tuple[int, Pointed]]:
        """Yield the companies whose name a domain spells: ``bramblefoods.example`` of Bramble Foods."""
        best: dict[int, float] = {}
        for name in dict.fromkeys((stem.replace("-", " "), stem.replace("-", ""), _bare(stem))):
            for hit in self._accounts.find(name):
                lost = {
                    "account": 0.0,
                    "account_variant": 0.0,
                    "deal_name": 0.0,
                    "account_part": _PART_OF_NAME,
                }.get(hit.rule, _INITIALS if hit.rule == "account_initials" else None)
                if lost is not None and len(name) >= _STEM_FROM:
                    best[hit.account] = min(lost, best.get(hit.account, lost))
        for company, lost in best.items():
            known = _OTHER_DOMAIN if self._of.get(company) else 0.0
            yield company, Pointed("domain_name", WEIGHTS["domain_name"] - lost - known, domain)

    def _meant(self, domain: str, companies: set[int]) -> set[int]:
        """Return whom a domain in the deals of several companies stands for; an agency for none."""
        if are_one_group(self._accounts, companies):
            return companies
        return {c for c in companies if self._called(domain, c)}

    def _called(self, domain: str, company: int) -> bool:
        """Whether a domain is like the company's name."""
        stem = stem_of(domain).replace("-", "")
        if company < 0 or mixed_scripts(stem):
            return False
        ways = spellings(self._accounts.names[company])
        long = len(stem) > _STEM_FROM
        return any(
            stem == s.joined or (long and (stem.startswith(s.words[0]) or s.joined.startswith(stem)))
            for s in ways
        )


def are_one_group(accounts: AccountIndex, companies: set[int]) -> bool:
    """Whether companies are one, or share a telling word as a group's do; deals without a name may be."""
    names = [telling(accounts.names[c]) for c in companies if c >= 0]
    return bool(companies) and all(one & other for one, other in combinations(names, 2))


@lru_cache(maxsize=65_536)
def telling(name: str) -> frozenset[str]:
    """Return the words of a name that can name a company."""
    found: frozenset[str] = frozenset()
    for spelling in spellings(name):
        found |= spelling.telling
    return found


def _bare(stem: str) -> str:
    """Return a domain's label without what surrounds a name: ``getacme``, ``acme-group``, ``acme24``."""
    bare = stem.replace("-", "")
    if len(word := bare.rstrip("0123456789")) >= _PART_FROM:
        bare = word
    for start in sorted(words_of("around_domains")):
        if bare.startswith(start) and len(bare) - len(start) >= _PART_FROM:
            return bare.removeprefix(start)
    for end in sorted(
        {*words_of("empty"), *listed("legal_forms"), "hq", "app", "online"}, key=len, reverse=True
    ):
        if len(end) > 1 and bare.endswith(end) and len(bare) - len(end) >= _PART_FROM:
            return bare.removesuffix(end)
    return bare
