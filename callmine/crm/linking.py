"""Tie a call to the deal it belongs to, with its probability, or say why there is none.

A stated deal id decides. Otherwise what the call gives to go by points to companies
(:mod:`callmine.crm.deal_index`), and time, owner, contacts and title (:mod:`callmine.crm.evidence`)
tell their deals apart. All of it is log-odds, added up as by Fellegi and Sunter (1969) and made
probabilities over the deals and "none of them". The likeliest deal is taken from ``min_confidence``
on: a wrong link spoils the statistics of two deals, a missing one only coverage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from callmine.crm import link_words as words
from callmine.crm.deal_index import DealIndex, Pointed
from callmine.crm.evidence import CONTACT, FAR, OTHER_CONTACTS, Asked, weigh_owner, weigh_title
from callmine.crm.people import account_keys, domain_of, is_free_mail, outside_emails, stem_of
from callmine.domain import Deal, Facts, Link, Unlinked
from callmine.payloads import Linking

PRIOR = -4.0
"""Log-odds of one deal before anything is known: a name that is looked up may be of somebody who has none."""

NO_DEAL = -4.0
"""Log-odds that a call with a company belongs to none of its deals, against one that is alive.

So however sure the company is, a call far from the life of its deals is not theirs: it is support,
or about a deal that the CRM does not have.
"""

CEILING = 0.99
"""No rule but a stated id is surer: a calendar may be wrong, too."""

RIVAL = 0.05
"""A rival from this probability on is named."""


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
    before = f"The call names deal {unknown}, which is not among the deals. " if unknown else ""
    emails = outside_emails(facts, own_domains)
    about = _about(facts, emails)
    if facts.type == "internal":
        return Linking(None, f"{before}Among ourselves.", Unlinked.INTERNAL, about, unknown)
    ours = _own_words(own_domains, own_names)
    ranked = weigh(facts, index, emails, ours)
    if not ranked or ranked[0].probability < min_confidence or ranked[0].probability == 0.0:
        return _unlinked(facts, index, emails, ours, ranked, min_confidence, about, unknown, before)
    best, *rivals = ranked
    near = [r for r in rivals if r.probability >= RIVAL][:2]
    why = before + words.reason(best.deal, best.parts, [(r.deal.deal_id, r.probability) for r in near])
    confidence = round(min(best.probability, CEILING), 4)
    return Linking(Link(best.deal.deal_id, best.rule, confidence, why), why, about=about, unknown_id=unknown)


def weigh(
    facts: Facts, index: DealIndex, emails: Sequence[str], ours: frozenset[str] = frozenset()
) -> list[Weighed]:
    """Return the deals that a call may belong to, the likeliest first."""
    companies = index.companies(facts, emails, ours)
    asked = Asked.of(facts)
    scored: list[tuple[float, Deal, str, tuple[str, ...], bool]] = []
    none_of_them = [0.0]
    for company, ways in companies.items():
        is_it = PRIOR + sum(way.weight for way in ways)
        none_of_them.append(is_it + NO_DEAL)
        deal_ids = index.of_company[company]
        shared = frozenset.intersection(*(index.marks[d].words for d in deal_ids))
        known = {d for email in emails for d in index.by_email.get(email, ())}
        for deal_id, lost in deal_ids.items():
            deal = index.deals[deal_id]
            score, rule, parts = is_it + lost, ways[0].rule, words.ways(deal, ways)
            if deal_id in known:
                score += CONTACT
                rule = "contact_email" if ways[0].rule in ("email_domain", "contact_domain") else rule
                if ways[0].rule != "contact_email":
                    parts = (words.CONTACT, *parts)
            elif deal.contact_emails and known.intersection(deal_ids):
                score += OTHER_CONTACTS
                if rule == "contact_email":
                    rule, parts = "contact_domain", (words.COLLEAGUE, *parts[1:])
            owner = weigh_owner(deal, facts)
            score += owner
            if owner > 0:
                parts += ("the rep owns it",)
            title, said = weigh_title(index.marks[deal_id], asked, shared if len(deal_ids) > 1 else frozenset())
            if title > 0 or len(deal_ids) > 1:
                score += title
                parts += (said,) if said else ()
            life = index.lives[deal_id]
            time = life.weigh(asked.day)
            scored.append((score + time, deal, rule, (*parts, life.told(asked.day)), time <= FAR))
    if not scored:
        return []
    # A deal that two companies' names lead to counts once.
    scored.sort(key=lambda found: (-found[0], found[1].deal_id))
    scored = list({found[1].deal_id: found for found in reversed(scored)}.values())
    scores = [*none_of_them, *(score for score, *_ in scored)]
    top = max(scores)
    total = sum(exp(score - top) for score in scores)
    found = [Weighed(deal, exp(score - top) / total, *rest) for score, deal, *rest in scored]
    return sorted(found, key=lambda w: (-w.probability, w.deal.deal_id))


def _unlinked(
    facts: Facts,
    index: DealIndex,
    emails: Sequence[str],
    ours: frozenset[str],
    ranked: Sequence[Weighed],
    least: float,
    about: str | None,
    unknown: str | None,
    before: str,
) -> Linking:
    """Say why no deal is taken."""
    if not ranked:
        if index.excluded is not None:
            left = weigh(facts, index.excluded, emails, ours)
            if left and left[0].probability >= least:
                why = f"{before}{left[0].deal.deal_id} fits, which is excluded as no real deal."
                return Linking(None, why, Unlinked.EXCLUDED, about, unknown, left[0].deal.deal_id)
        reason = Unlinked.UNKNOWN_ID if unknown else Unlinked.NO_DEAL if about else Unlinked.NOTHING
        return Linking(None, before + words.nothing(facts, emails), reason, about, unknown)
    best = ranked[0]
    chance = round(best.probability, 4)
    fitting = [w for w in ranked if w.probability * 4 >= best.probability]
    if sum(w.probability for w in ranked) >= least and len(fitting) > 1:
        why = words.tie([(w.deal, w.probability) for w in fitting])
        reason = Unlinked.SEVERAL
    else:
        why = words.nearest(best.deal.deal_id, chance, least, best.parts)
        reason = Unlinked.ANOTHER_TIME if best.out_of_time else Unlinked.BELOW
    return Linking(None, before + why, reason, about, unknown, best.deal.deal_id, chance)


def _about(facts: Facts, emails: Sequence[str]) -> str | None:
    """Return the account that a call names, or else the first company domain."""
    if facts.account and account_keys(facts.account):
        return facts.account.strip()
    domains = (domain_of(email) or "" for email in emails)
    return next((d for d in domains if d and not is_free_mail(d)), None)


def _own_words(own_domains: Sequence[str], own_names: Sequence[str]) -> frozenset[str]:
    stems = (stem_of(domain.casefold().lstrip("@")) for domain in own_domains)
    return frozenset(stems) | {w for name in own_names for w in name.casefold().split()}


__all__ = ["DealIndex", "Pointed", "Weighed", "link_call", "weigh"]
