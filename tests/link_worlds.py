"""Small worlds of deals and calls, in which it is known which call belongs to which deal.

They are written to be hard in the ways that CRM exports and calendars are: names abbreviated, cut,
misspelled and swapped with a deal's; domains missing, shared and private; deals one after the other and
at once; calls with companies that have no deal. Seeds make them repeatable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from callmine.domain import Deal, Facts, Outcome, Participant

OURS = "larkmoor.example"
AGENCY = "consult.example"
"""Where advisers write from who talk for several companies."""

REPS = ("Maya Linden", "Tom Ashby", "Daniela Ruiz", "Jun Okafor", "Erik Sund", "Priya Nair")
STEMS = """
    Bramble,Harrow,Kestrel,Tarrowick,Orrindale,Vellmore,Castlemoyne,Brennholt,Quillan,Osmere,Fenwood,Larchmont,Stroud,
    Pellham,Ivory,Marrow,Wexley,Corvane,Dunmore,Ashgrove,Thistle,Rookwood,Salter,Merrin,Halden,Kingsford,Northgate,
    Eastleigh,Holloway,Copper,Silverline,Redmond,Bluefin,Greyling,Whitlock,Foxley,Ravens,Otterby,Hawken,Juniper,Maple,
    Cedar,Alder,Rowan,Hazel,Birchley,Elmstead,Oakhurst,Pinecrest,Willowby,Müllner,Königsberg,Ångby,Løvland,Peñasco,
    Dvorak,Szabo,Kowal,Lindqvist,Okano,Tanaka,Ferreira,Marchetti,Beaufort,Delacroix,Van Houten
"""
SECTORS = """
    Foods,Bakeries,Logistics,Manufacturing,Technologies,Clinics,Hotels,Insurance,Financial,Software,Systems,
    Engineering,Construction,Pharmaceuticals,Energy,Retail,Media,Hospital,University,Motors,Services,Solutions,
    Brothers,Associates,International,Partners,Business Machines,Care Group,Medical Center,Global Logistics
"""
FORMS = """
    Inc.,GmbH,GmbH & Co. KG,S.p.A.,Pty Ltd,Oy,AB,K.K.,S.A. de C.V.,Sp. z o.o.,LLP,PLC,LLC,Ltd.,Corp.,AG,BV,
    SARL,A/S
"""
SHORT = {
    "International": "Intl",
    "Manufacturing": "Mfg.",
    "Technologies": "Tech",
    "Services": "Svcs",
    "Brothers": "Bros",
    "Associates": "Assoc.",
    "University": "Univ.",
    "Solutions": "Solution",
    "Financial": "Fin.",
    "Systems": "Sys",
    "Pharmaceuticals": "Pharma",
    "Engineering": "Eng",
    "Construction": "Constr.",
}


def listed(text: str) -> list[str]:
    """Return the names of a list that is written over several lines."""
    return [" ".join(name.split()) for name in text.split(",")]


PLACES = ("UK", "EMEA", "Germany", "France", "USA", "APAC", "London", "Texas")


@dataclass
class Company:
    """A customer: how it is called, where its people write from, and who they are."""

    name: str
    domain: str
    contacts: list[str]


@dataclass
class World:
    """Deals, and calls with the id of the deal they belong to, ``None`` for no deal."""

    deals: list[Deal] = field(default_factory=list)
    calls: list[tuple[Facts, str | None]] = field(default_factory=list)


_PLAIN = str.maketrans("üößåøñÅ", "uosaonA")


def misspelled(name: str, chance: Random) -> str:
    """Return a name with a letter dropped, doubled, swapped or changed."""
    i = chance.randrange(1, max(2, len(name) - 1))
    return chance.choice(
        [
            name[:i] + name[i + 1 :],
            name[:i] + name[i] + name[i:],
            name[: i - 1] + name[i] + name[i - 1] + name[i + 1 :],
            name[:i] + chance.choice("aeiourstln") + name[i + 1 :],
        ]
    )


def written(company: Company, chance: Random) -> str:
    """Return a company's name as somebody might write it."""
    name = company.name
    words = name.split()
    short = " ".join(SHORT.get(w, w) for w in words)
    plain = name.translate(_PLAIN)
    ways: list[tuple[float, Callable[[], str]]] = [
        (30, lambda: name),
        (20, lambda: f"{name} {chance.choice(listed(FORMS))}".strip()),
        (6, name.upper),
        (5, name.lower),
        (8, lambda: short),
        (4, lambda: f"{name} ({chance.choice(PLACES)})"),
        (3, lambda: f"{name} - {chance.choice(PLACES)}"),
        (2, lambda: f"{name} {chance.choice(PLACES)}"),
        (2, lambda: f"{name} - {chance.randrange(10, 400)} seats"),
        (2, lambda: f"{words[-1]} {' '.join(words[:-1])}"),
        (6, lambda: misspelled(name, chance)),
        (2, lambda: name[: max(8, len(name) - chance.randrange(1, 5))]),
        (3, lambda: plain),
        (2, lambda: f"The {name}"),
        (3, lambda: words[0]),
        (2, lambda: f"{name} {chance.choice(['Group', 'Holdings'])}"),
        (1, lambda: f"{words[0]} Trading d/b/a {name}"),
        (1, lambda: name.replace(" ", "")),
    ]
    return chance.choices([way for _, way in ways], [weight for weight, _ in ways])[0]()


def companies(chance: Random, count: int) -> list[Company]:
    """Return companies, among them namesakes: sisters, numbered ones, and a group's branches."""
    names: dict[str, None] = {}
    while len(names) < count:
        stem = chance.choice(listed(STEMS))
        if chance.random() < 0.35:
            stem = f"{stem} {chance.choice(['Ridge', 'Valley', 'Harbor', 'Field', 'Hill', 'Stone'])}"
        sector = chance.choice(listed(SECTORS))
        kind = chance.random()
        if kind < 0.05:
            made = [f"North {stem} {sector}", f"South {stem} {sector}"]
        elif kind < 0.08:
            made = [f"{stem} 1", f"{stem} 2"]
        elif kind < 0.12:
            made = [f"{stem} {sector}", f"{stem} {sector} {chance.choice(PLACES[2:4])}"]
        else:
            made = [f"{stem} {sector}"]
        names |= dict.fromkeys(made)
    found = []
    for n, name in enumerate(names):
        plain = "".join(filter(str.isalnum, name.translate(_PLAIN).casefold()))
        words = name.split()
        stem = chance.choice([plain, plain, plain, words[0].casefold() + str(n), f"{words[0][:3]}{n}"])
        domain = "".join(c for c in stem.casefold() if c.isascii() and c.isalnum()) + ".example"
        names_of = ("voss", "grant", "abrooks", "sorel")
        people = [f"{chance.choice('abcdefgh')}.{person}{n}@{domain}" for person in names_of]
        found.append(Company(name, domain, people))
    return found


def a_world(seed: int, *, accounts: int = 300) -> World:
    """Return a world of so many companies; a third of the companies that call have no deal."""
    chance, world = Random(seed), World()
    everybody = companies(chance, accounts * 5 // 4)
    agency = AGENCY
    for number, company in enumerate(everybody):
        if number >= accounts:
            for _ in range(chance.randrange(3)):
                day = date(2025, 1, 1) + timedelta(chance.randrange(400))
                world.calls.append((_call(company, "", day, chance.choice(REPS), chance, agency), None))
            continue
        _deals_of(company, number, world, chance, agency)
    return world


def _deals_of(company: Company, number: int, world: World, chance: Random, agency: str) -> None:
    begin = date(2025, 1, 1) + timedelta(chance.randrange(200))
    own = chance.random() < 0.75
    for n in range(chance.choices([1, 2, 3, 4], [60, 25, 10, 5])[0]):
        deal_id, owner = f"D-{number}-{n}", chance.choice(REPS)
        end = begin + timedelta(chance.randrange(20, 150))
        is_open = chance.random() < 0.2
        kind = "renewal" if n and chance.random() < 0.6 else "new business" if not n else "expansion"
        entered = begin + timedelta(chance.choice([0] * 8 + [6, 12, 20]))
        kept = chance.sample(company.contacts, chance.randrange(0, 3))
        if chance.random() < 0.05:
            kept.append(f"kim@{agency}")
        called = written(company, chance) if chance.random() < 0.1 else company.name
        about = chance.choice([kind, f"{chance.randrange(9, 300)} seats", "rollout"])
        deal = Deal(
            **{
                **dict.fromkeys(Deal.__dataclass_fields__),
                "deal_id": deal_id,
                "name": f"{company.name} - {about}",
                "account": called if chance.random() >= 0.05 else None,
                "owner": owner,
                "outcome": Outcome.OPEN if is_open else chance.choice([Outcome.WON, Outcome.LOST_OTHER]),
                "created_at": entered.isoformat(),
                "close_date": end.isoformat(),
                "account_domain": company.domain if own and chance.random() < 0.95 else None,
                "contact_emails": tuple(kept),
                "type": kind if chance.random() < 0.7 else None,
            }
        )
        world.deals.append(deal)
        if chance.random() < 0.02:
            values: dict[str, Any] = {k: getattr(deal, k) for k in Deal.__dataclass_fields__}
            world.deals.append(Deal(**{**values, "deal_id": f"{deal_id}-dup", "outcome": Outcome.EXCLUDED}))
        for _ in range(chance.randrange(1, 7)):
            day = begin + timedelta(chance.randrange((end - begin).days + 1))
            rep = owner if chance.random() < 0.8 else chance.choice(REPS)
            world.calls.append((_call(company, kind, day, rep, chance, agency, kept), deal_id))
        if not is_open and chance.random() < 0.15:
            after = end + timedelta(chance.randrange(70, 120))
            support = _call(company, "support", after, chance.choice(REPS), chance, agency)
            begin = max(begin, after + timedelta(100))
            world.calls.append((support, None))
        overlaps = chance.random() < 0.1
        begin = begin + timedelta(30) if overlaps else max(begin, end) + timedelta(chance.randrange(5, 120))


def _call(
    company: Company,
    kind: str,
    day: date,
    rep: str,
    chance: Random,
    agency: str,
    known: list[str] | None = None,
) -> Facts:
    email = f"{rep.replace(' ', '.').casefold()}@{OURS}"
    people = [Participant(rep, email)]
    for _ in range(chance.choices([0, 1, 2], [20, 55, 25])[0]):
        who = chance.random()
        if known and who < 0.45:
            address = chance.choice(known)
        elif who < 0.85:
            address = chance.choice([*company.contacts, f"x{chance.randrange(99)}@{company.domain}"])
        else:
            address = chance.choice(["jo@gmail.com", f"kim@{agency}", f"pat@mail.{company.domain}"])
        people.append(Participant("", address))
    name = company.name
    titles = ["", "Weekly sync", f"{name} <> Larkmoor: demo", f"{name} - {kind}", f"Call with {name}", kind]
    title = chance.choice(titles)
    return Facts(
        title=title or None,
        started_at=f"{day.isoformat()}T09:00:00Z" if chance.random() < 0.98 else None,
        rep=rep,
        rep_email=email,
        account=written(company, chance) if chance.random() < 0.7 else None,
        participants=tuple(people),
    )
