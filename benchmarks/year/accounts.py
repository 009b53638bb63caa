"""Reps, and companies with the people who work there."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.year import names, words
from benchmarks.year.chance import Chance
from benchmarks.year.effects import SKILL
from benchmarks.year.values import OWN_DOMAIN, Account, Contact, Rep

REPS = 25
SEGMENTS = ("SMB", "mid-market", "enterprise")
SEGMENT_WEIGHTS = (0.45, 0.35, 0.20)


def make_reps(chance: Chance) -> tuple[Rep, ...]:
    """Return our reps, five to a team, each with a habit of recording."""
    reps: list[Rep] = []
    while len(reps) < REPS:
        name = names.person(chance)
        if any(rep.name == name for rep in reps):
            continue
        email = f"{'.'.join(names.ascii_words(name))}@{OWN_DOMAIN}"
        team = words.TEAMS[len(reps) % len(words.TEAMS)]
        reps.append(Rep(name, email, team, chance.normal(SKILL), 0.65 + 0.35 * chance.real()))
    return tuple(reps)


def make_accounts(chance: Chance, count: int) -> tuple[Account, ...]:
    """Return companies with different names, among them twins and subsidiaries of others.

    Three in a hundred are called nearly as another one (a letter, or the trade, is different), five in a
    hundred belong to another one and are called after it; half of these use its domain.
    """
    found: list[Account] = []
    taken: set[str] = set()
    while len(found) < count:
        number = len(found)
        country = chance.weighted(words.COUNTRIES, words.COUNTRY_WEIGHTS)
        kind = chance.weighted(("own", "twin", "subsidiary"), (0.92, 0.03, 0.05)) if number > 20 else "own"
        model = found[chance.below(number)] if kind != "own" else None
        if model is None:
            name, plain, short = names.company(chance, country)
        elif kind == "twin":
            name, plain, short = _twin(chance, model, country)
        else:
            name, plain, short = _subsidiary(chance, model, country)
        if plain.casefold() in taken:
            continue
        taken.add(plain.casefold())
        shared = kind == "subsidiary" and model is not None and chance.hit(0.5)
        domains = (
            (model.domains[0],) if shared and model else _domains(chance, plain, short, country, taken)
        )
        segment = chance.weighted(SEGMENTS, SEGMENT_WEIGHTS)
        account = Account(
            number=number,
            name=name,
            plain=plain,
            short=short,
            crm_names=_crm_names(chance, name, plain),
            domains=domains,
            crm_domain=_crm_domain(chance, domains[0]),
            country=country,
            segment=segment,
            parent=model.number if model and kind == "subsidiary" else None,
            twin=model.number if model and kind == "twin" else None,
            contacts=(),
            owner=chance.below(REPS),
        )
        found.append(replace(account, contacts=_contacts(chance, account)))
    return tuple(found)


def _twin(chance: Chance, model: Account, country: str) -> tuple[str, str, str]:
    form = chance.pick(words.LEGAL_FORMS[country])
    if chance.hit(0.5):
        short = names.misspelt(model.short, chance)
        plain = model.plain.replace(model.short, short)
    else:
        short = model.short
        plain = f"{short} {chance.pick(words.TRADES[country])}"
    return f"{plain} {form}", plain, short


def _subsidiary(chance: Chance, model: Account, country: str) -> tuple[str, str, str]:
    tail = chance.pick(("UK", "Deutschland", "France", "Services", "Nordic", "Digital", "Süd", "East"))
    plain = f"{model.plain} {tail}"
    return f"{plain} {chance.pick(words.LEGAL_FORMS[country])}", plain, f"{model.short} {tail}"


def _domains(chance: Chance, plain: str, short: str, country: str, taken: set[str]) -> tuple[str, ...]:
    main = names.domain_of(plain, short, chance)
    while main in taken:
        main = f"{main.removesuffix('.example')}{chance.pick(('group', 'online', '-hq', '24'))}.example"
    taken.add(main)
    found = [main]
    bare = main.removesuffix(".example")
    if chance.hit(0.08):
        found.append(f"{chance.pick(('mail', 'corp', country.lower(), 'it'))}.{main}")
    if chance.hit(0.05) and (other := f"{bare}-{country.lower()}.example") not in taken:
        taken.add(other)
        found.append(other)
    return tuple(found)


def _crm_names(chance: Chance, name: str, plain: str) -> tuple[str, ...]:
    first = name if chance.hit(0.6) else plain
    if chance.hit(0.04):
        first = names.misspelt(first, chance)
    if chance.hit(0.03):
        return first, plain.upper() if chance.hit(0.3) else f"{plain} (dup)"
    return (first,)


def _crm_domain(chance: Chance, domain: str) -> str:
    style = chance.weighted(("bare", "www", "url", "none"), (0.66, 0.07, 0.05, 0.22))
    return {"bare": domain, "www": f"www.{domain}", "url": f"https://www.{domain}/", "none": ""}[style]


def _contacts(chance: Chance, account: Account) -> tuple[Contact, ...]:
    count = chance.between(2, {"SMB": 3, "mid-market": 5, "enterprise": 7}[account.segment])
    found: dict[str, Contact] = {}
    while len(found) < count:
        name = names.person(chance)
        free = chance.hit(0.08 if account.segment == "SMB" else 0.02)
        domain = account.domains[0] if chance.hit(0.8) else chance.pick(account.domains)
        email = names.free_address(name, chance) if free else names.address(name, domain, chance)
        found.setdefault(email, Contact(name, email, not free, chance.pick(words.JOBS)))
    return tuple(found.values())
