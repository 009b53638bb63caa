"""Names of invented companies and people, and what becomes of a company's name when people type it."""

from __future__ import annotations

import re
import unicodedata

from benchmarks.year import words
from benchmarks.year.chance import Chance
from benchmarks.year.values import Account

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ö": "Oe", "Ä": "Ae", "Ü": "Ue"})


def person(chance: Chance) -> str:
    """Return a first name and a family name."""
    name = f"{chance.pick(words.FIRST_NAMES)} {family(chance)}"
    if chance.hit(0.04):
        name += f"-{family(chance)}"
    return name


def family(chance: Chance) -> str:
    """Return a family name."""
    return chance.pick(words.FAMILY_HEADS) + chance.pick(words.FAMILY_TAILS)


def place(chance: Chance) -> str:
    """Return a place that is on no map."""
    return chance.pick(words.FAMILY_HEADS) + chance.pick(words.PLACE_TAILS)


def company(chance: Chance, country: str) -> tuple[str, str, str]:
    """Return ``(with its legal form, without it, what colleagues call it)``."""
    trade = chance.pick(words.TRADES[country])
    style = chance.weighted(
        ("family", "family trade", "place trade", "coined", "coined trade", "letters", "double", "of"),
        (0.10, 0.26, 0.22, 0.16, 0.08, 0.05, 0.08, 0.05),
    )
    if style == "family":
        short = family(chance)
        plain = f"{short} & {'Söhne' if country == 'DE' else chance.pick(('Sons', 'Partners', 'Co'))}"
    elif style == "family trade":
        short = family(chance)
        plain = f"{'Gebr. ' if country == 'DE' and chance.hit(0.15) else ''}{short} {trade}"
    elif style == "place trade":
        short = place(chance)
        plain = f"{short} {trade}"
    elif style == "double":
        short = f"{family(chance)}-{family(chance)}"
        plain = f"{short} {trade}"
    elif style == "letters":
        short = "".join(chance.pick("BCDFGHKLMNPRSTVW") for _ in range(3))
        plain = f"{short} {trade}"
    elif style == "of":
        short = place(chance)
        plain = f"{trade} {'von' if country == 'DE' else 'of'} {short}"
    else:
        short = chance.pick(words.COINED_HEADS) + chance.pick(words.COINED_TAILS)
        plain = f"{short} {trade}" if style == "coined trade" else short
    if chance.hit(0.06):
        plain += chance.pick((" Group", " International", " Holdings"))
    return f"{plain} {chance.pick(words.LEGAL_FORMS[country])}", plain, short


def domain_of(plain: str, short: str, chance: Chance) -> str:
    """Return a domain as companies choose theirs: the short name, the whole one, or its initials."""
    style = chance.weighted(("short", "whole", "dashed", "initials"), (0.5, 0.3, 0.15, 0.05))
    parts = ascii_words(plain)
    if style == "short":
        return f"{''.join(ascii_words(short))}.example"
    if style == "initials" and len(parts) > 1:
        return f"{parts[0]}-{''.join(part[0] for part in parts[1:])}.example"
    return f"{('-' if style == 'dashed' else '').join(parts)}.example"


def ascii_words(text: str) -> list[str]:
    """Return the words of a name in small ASCII letters."""
    plain = unicodedata.normalize("NFKD", text.translate(_UMLAUTS)).encode("ascii", "ignore").decode()
    return re.findall(r"[a-z0-9]+", plain.casefold())


def address(name: str, domain: str, chance: Chance) -> str:
    """Return somebody's e-mail address in their company's manner."""
    first, *rest = ascii_words(name)
    last = "".join(rest)
    made = (f"{first}.{last}", f"{first[0]}.{last}", f"{first[0]}{last}", f"{first}", f"{last}")
    return f"{chance.weighted(made, (0.6, 0.15, 0.12, 0.07, 0.06))}@{domain}"


def free_address(name: str, chance: Chance) -> str:
    """Return an address at a provider of free mail; whatever is before the @ is nobody's."""
    return (
        f"{'-'.join(ascii_words(name))}-example-{chance.between(100, 9999)}@{chance.pick(words.FREE_MAIL)}"
    )


def misspelt(text: str, chance: Chance) -> str:
    """Return a text with one slip of the fingers after its first letter."""
    if len(text) < 4:
        return text
    at = chance.between(1, len(text) - 2)
    slip = chance.pick(("drop", "double", "swap", "near"))
    if slip == "drop":
        return text[:at] + text[at + 1 :]
    if slip == "double":
        return text[:at] + text[at] + text[at:]
    if slip == "swap":
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + chance.pick("aeiourtnls") + text[at + 1 :]


def typed(account: Account, chance: Chance) -> tuple[str, str]:
    """Return an account's name as somebody types it, and what they did to it."""
    crm, plain = account.crm_names[0], account.plain
    how = chance.weighted(
        ("crm", "plain", "full", "short", "case", "typo", "abbreviated", "brackets", "initials", "ascii"),
        (0.34, 0.26, 0.10, 0.09, 0.05, 0.05, 0.03, 0.04, 0.01, 0.03),
    )
    if how == "plain":
        return plain, how
    if how == "full":
        return account.name, how
    if how == "short":
        return account.short, how
    if how == "case":
        return chance.pick((plain.lower(), plain.upper(), crm.upper())), how
    if how == "typo":
        return misspelt(chance.pick((plain, crm)), chance), how
    if how == "abbreviated":
        text = plain
        for whole, short in words.ABBREVIATED.items():
            text = text.replace(whole, short)
        return text.replace(" & ", chance.pick((" and ", " + ", "&"))), how
    if how == "brackets":
        tail = chance.pick((f"({account.country})", "[renewal]", "(Demo)", "- pilot", "(HQ)", "(neu)"))
        return f"{plain} {tail}", how
    if how == "initials":
        return "".join(part[0] for part in ascii_words(plain)).upper(), how
    if how == "ascii":
        return " ".join(part.capitalize() for part in ascii_words(plain)), how
    return crm, how
