"""Tie a call to the deal it belongs to, with its probability, or say why there is none.

A stated deal id decides. Otherwise what the call gives to go by points to companies
(:mod:`callmine.crm.deal_index`), and time, owner, contacts and title (:mod:`callmine.crm.evidence`)
tell their deals apart. All of it is log-odds, added up as by Fellegi and Sunter (1969) and made
probabilities over the deals and "none of them". The likeliest deal is taken from ``min_confidence``
on: a wrong link spoils the statistics of two deals, a missing one only coverage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp

from callmine.crm import link_words as words
from callmine.crm.deal_index import DealIndex
from callmine.crm.domains import Pointed
from callmine.crm.evidence import (
    CONTACT,
    CONTACT_BESIDE_NONE,
    FAR,
    OTHER_CONTACTS,
    OWNED,
    Asked,
    weigh_owner,
    weigh_title,
)
from callmine.crm.people import account_keys, domain_of, is_free_mail, outside_emails, stem_of
from callmine.domain import Deal, Facts, Link, Unlinked
from callmine.payloads import Linking

PRIOR = -4.0
"""Log-odds of one deal before anything is known: whoever is looked up may have none."""

NO_DEAL = -4.0
"""Log-odds that a call with a company belongs to none of its deals, against one that is alive.

So however sure the company is, a call far from the life of its deals is not theirs: it is support,
or about a deal that the CRM does not have.
"""

CEILING = 0.99
"""No rule but a stated id is surer: a calendar may be wrong, too."""

RIVAL = 0.05
"""A rival from this probability on is named."""

ALIKE = 4
"""Deals fit about alike up to so many times the probability of one another."""

LEAST = 0.01
"""Less certain links are not made, whatever the settings say."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A deal with what speaks for it: probability among the deals and none of them, rule, and words."""

    deal: Deal
    probability: float
    rule: str
    parts: tuple[str, ...]
    out_of_time: bool


def link_call(
    facts: Facts,
    index: DealIndex,
    *,
    own_domains: Sequence[str] = (),
    min_confidence: float = 0.7,
    own_names: Sequence[str] = (),
) -> Linking:
    """Find the deal of a call.

    Args:
        facts: What is known about the call.
        index: The deals.
        own_domains: Our e-mail domains; the rep's domain is taken for ours, too.
        min_confidence: A less certain link is not made (0..1).
        own_names: Names of our company and products, which a title may hold.

    Returns:
        The link with its rule, confidence and reason, or no link and what was tried.
    """
    unknown = None
    if facts.deal_id:
        deal = index.by_id(facts.deal_id)
        if deal is not None:
            why = f"The call names deal {deal.deal_id}."
            return Linking(Link(deal.deal_id, "deal_id", 1.0, why), why)
        unknown = facts.deal_id.strip()
    said = f"The call names deal {unknown}, which is not among the deals. " if unknown else ""
    emails = outside_emails(facts, own_domains)
    about = _about(facts, emails)
    if facts.type == "internal":
        return Linking(None, f"{said}The call is internal.", Unlinked.INTERNAL, about, unknown)
    ours = _own_words(own_domains, own_names)
    ranked = weigh(facts, index, emails, ours)
    if ranked and ranked[0].probability >= max(min_confidence, LEAST):
        best, *rivals = ranked
        near = [(r.deal.deal_id, r.probability) for r in rivals if r.probability >= RIVAL][:2]
        why = said + words.reason(best.deal, best.parts, near)
        confidence = round(min(best.probability, CEILING), 4)
        link = Link(best.deal.deal_id, best.rule, confidence, why)
        return Linking(link, why, about=about, unknown_id=unknown)
    if ranked:
        found = _not_sure(ranked, min_confidence)
    else:
        left = weigh(facts, index.excluded, emails, ours) if index.excluded else []
        fits = bool(left) and left[0].probability >= min_confidence
        found = _excluded(left[0]) if fits else _nowhere(facts, emails, about, unknown)
    return replace(found, why=said + found.why, about=about, unknown_id=unknown)


def weigh(
    facts: Facts, index: DealIndex, emails: Sequence[str], ours: frozenset[str] = frozenset()
) -> list[Weighed]:
    """Return the deals that a call may belong to, the likeliest first."""
    asked = Asked.of(facts)
    found: dict[str, _Scored] = {}
    none_of_them = [0.0]
    known = frozenset(d for email in emails for d in index.by_email.get(email, ()))
    for company, ways in index.companies(facts, emails, ours).items():
        is_it = PRIOR + sum(way.weight for way in ways)
        none_of_them.append(is_it + NO_DEAL)
        deals = index.of_company[company]
        shared: frozenset[str] = frozenset()
        if len(deals) > 1:
            shared = frozenset.intersection(*(index.marks[d].words for d in deals))
        silent = [deal_id for deal_id in deals if not index.deals[deal_id].contact_emails]
        for deal_id, lost in deals.items():
            bare = any(other != deal_id for other in silent)
            alone = len(deals) == 1
            scored = _scored(index, deal_id, ways, asked, known, shared, alone=alone, bare=bare)
            scored = replace(scored, score=scored.score + is_it + lost)
            # A deal that two companies' names lead to counts once.
            if deal_id not in found or scored.score > found[deal_id].score:
                found[deal_id] = scored
    scores = [*none_of_them, *(scored.score for scored in found.values())]
    top = max(scores)
    total = sum(exp(score - top) for score in scores)
    weighed = [
        Weighed(s.deal, exp(s.score - top) / total, s.rule, s.parts, s.out_of_time) for s in found.values()
    ]
    return sorted(weighed, key=lambda w: (-w.probability, w.deal.deal_id))


@dataclass(frozen=True, slots=True)
class _Scored:
    """A deal with its log-odds among the deals of its company."""

    deal: Deal
    score: float
    rule: str
    parts: tuple[str, ...]
    out_of_time: bool


def _scored(
    index: DealIndex,
    deal_id: str,
    ways: Sequence[Pointed],
    asked: Asked,
    known: frozenset[str],
    shared: frozenset[str],
    *,
    alone: bool,
    bare: bool,
) -> _Scored:
    """Weigh one deal of a company.

    ``known`` deals have a participant among their contacts; ``alone`` is the only deal, and ``bare``
    has a rival that names no contacts.
    """
    deal, rule, parts = index.deals[deal_id], ways[0].rule, words.ways(index.deals[deal_id], ways)
    score = 0.0
    by_address = rule in ("contact_email", "email_domain", "contact_domain")
    if deal_id in known:
        score += CONTACT_BESIDE_NONE if bare else CONTACT
        if rule != "contact_email":
            parts = (words.CONTACT, *parts)
        rule = "contact_email" if by_address else rule
    elif rule == "contact_email":
        rule, parts = "contact_domain", (words.COLLEAGUE, *parts[1:])
        score += OTHER_CONTACTS if deal.contact_emails else 0.0
    owner = weigh_owner(deal, asked.facts)
    score += owner
    if owner > 0:
        parts += ("the rep owns it" if owner == OWNED else "its owner took part",)
    title, said = weigh_title(index.marks[deal_id], asked, shared)
    if title > 0 or not alone:  # a title that says nothing of the only deal says nothing against it
        score += title
        parts += (said,) if said else ()
    life = index.lives[deal_id]
    time = life.weigh(asked.day)
    return _Scored(deal, score + time, rule, (*parts, life.told(asked.day)), time <= FAR)


def _not_sure(ranked: Sequence[Weighed], least: float) -> Linking:
    """Say why no deal is taken where some are near."""
    best = ranked[0]
    chance = round(best.probability, 4)
    fitting = [w for w in ranked if w.probability * ALIKE >= best.probability]
    if sum(w.probability for w in ranked) >= least and len(fitting) > 1:
        why = words.tie([(w.deal, w.probability) for w in fitting])
        return Linking(None, why, Unlinked.SEVERAL, nearest=best.deal.deal_id, probability=chance)
    reason = Unlinked.ANOTHER_TIME if best.out_of_time else Unlinked.BELOW
    why = words.nearest(best.deal.deal_id, chance, least, best.parts)
    return Linking(None, why, reason, nearest=best.deal.deal_id, probability=chance)


def _excluded(best: Weighed) -> Linking:
    why = f"{best.deal.deal_id} fits, but it is excluded: a duplicate, a test or disqualified."
    return Linking(None, why, Unlinked.EXCLUDED, nearest=best.deal.deal_id)


def _nowhere(facts: Facts, emails: Sequence[str], about: str | None, unknown: str | None) -> Linking:
    reason = Unlinked.UNKNOWN_ID if unknown else Unlinked.NO_DEAL if about else Unlinked.NOTHING
    return Linking(None, words.nothing(facts, emails), reason)


def _about(facts: Facts, emails: Sequence[str]) -> str | None:
    """Return the account that a call names, or else the first company domain."""
    if facts.account and account_keys(facts.account):
        return facts.account.strip()
    domains = (domain_of(email) or "" for email in emails)
    return next((d for d in domains if d and not is_free_mail(d)), None)


def _own_words(own_domains: Sequence[str], own_names: Sequence[str]) -> frozenset[str]:
    stems = (stem_of(domain.casefold().lstrip("@")) for domain in own_domains)
    return frozenset(stems) | {w for name in own_names for w in name.casefold().split()}
