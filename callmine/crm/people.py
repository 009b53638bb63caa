"""Who is who by name and address: our domains, free mail, one spelling per company and person."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files

from callmine.domain import Facts

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_UNSPACED_FORMS = re.compile(
    "株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限公司|주식회사|유한회사"
)
_LONGEST_DOMAIN, _LONGEST_LABEL = 253, 63
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "edu", "or", "ne", "go"})


def domain_of(email: str | None) -> str | None:
    """Return the domain of an e-mail address, folded, or ``None``."""
    return ascii_domain(email.rsplit("@", 1)[1].strip()) if email and "@" in email else None


def ascii_domain(domain: str) -> str:
    """Return a domain as the network spells it, folded: ``müller.de`` is ``xn--mller-kva.de``.

    What is no domain stays as it is.
    """
    folded = domain.casefold()
    if folded.isascii() and "xn--" not in folded:
        return folded
    # Turning letters into ASCII takes time by the square of their number.
    if len(folded) > _LONGEST_DOMAIN or any(len(label) > _LONGEST_LABEL for label in folded.split(".")):
        return folded
    try:
        # By its letters first: "ß" is "ss" to the older rules and a letter of its own to the newer ones.
        letters = ".".join(map(_letters, folded.split("."))).casefold()
        return letters.encode("idna").decode("ascii")
    except UnicodeError:
        return folded


def _letters(label: str) -> str:
    """Return a label as people write it: ``müller`` of ``xn--mller-kva``."""
    if not label.startswith("xn--") or len(label) > _LONGEST_LABEL:
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode") or label
    except UnicodeError:
        return label


def mixed_scripts(label: str) -> tuple[str, ...]:
    """Return the scripts that a domain's label mixes: Cyrillic and Latin in ``аcme``; none if it does not.

    Chinese, Japanese and Korean are written with Latin letters among them, and mix nothing.

    Args:
        label: As people write it.
    """
    letters = (c for c in label if unicodedata.category(c) in ("Ll", "Lu", "Lt", "Lo"))
    found = {unicodedata.name(c, "?").split()[0] for c in letters}
    if found & _EAST_ASIAN:
        found = found - _EAST_ASIAN - {"LATIN"} | {"CJK"}
    return tuple(sorted(script.capitalize() for script in found)) if len(found) > 1 else ()


def labels_of(domain: str) -> tuple[str, ...]:
    """Return a domain's labels as people write them."""
    return tuple(map(_letters, domain.split(".")))


def is_ours(domain: str | None, own_domains: Iterable[str]) -> bool:
    """Whether a domain is one of ours or below one of ours."""
    if domain is None:
        return False
    ours = [ascii_domain(d.lstrip("@")) for d in own_domains]
    return any(domain == d or domain.endswith("." + d) for d in ours)


def outside_emails(facts: Facts, own_domains: Sequence[str]) -> tuple[str, ...]:
    """Return the folded addresses of participants who are not from our side."""
    rep = (facts.rep_email or "").strip().casefold()
    ours = list(own_domains)
    at = domain_of(rep)
    if at and not is_free_mail(at):
        ours.append(at)
    emails = dict.fromkeys((p.email or "").strip().casefold() for p in facts.participants)
    return tuple(e for e in emails if "@" in e and e != rep and not is_ours(domain_of(e), ours))


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have an address there, so that it says nothing about the company."""
    whole, stems = listed("free_mail"), listed("free_mail_any_ending")
    return any(d in whole or d.split(".")[0] in stems for d in (domain, *parents_of(domain)))


@lru_cache
def listed(what: str) -> frozenset[str]:
    """Return one of the lists in ``data/names.json``."""
    text = (files("callmine.crm") / "data" / "names.json").read_text(encoding="utf-8")
    return frozenset(json.loads(text)[what])


def company_domain(text: str | None) -> str | None:
    """Return the domain in ``https://www.acme.example/en``, folded and in ASCII, or ``None``."""
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", (text or "").strip().casefold())
    bare = re.split(r"[/?#:\s]", bare)[0].rpartition("@")[2].removeprefix("www.").strip(".")
    bare = ascii_domain(bare)
    label = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    if len(bare) > _LONGEST_DOMAIN or not re.fullmatch(rf"(?:{label}\.)+{label}", bare) or _is_suffix(bare):
        return None
    return bare


def stem_of(domain: str) -> str:
    """Return the label that a company chose, as people write it: ``acme`` of ``mail.acme.co.uk``."""
    return _letters(([domain, *parents_of(domain)][-1]).partition(".")[0])


def parents_of(domain: str) -> Iterator[str]:
    """Yield the domains above ``mail.acme.co.uk`` that one company can own: ``acme.co.uk``."""
    if len(domain) > _LONGEST_DOMAIN:
        return
    while "." in (domain := domain.partition(".")[2]) and not _is_suffix(domain):
        yield domain


def _is_suffix(domain: str) -> bool:
    """Whether a domain is a registry's, such as ``co.uk``."""
    first, _, last = domain.partition(".")
    return first in _SECOND_LEVEL and len(last) == 2


def account_keys(name: str | None) -> tuple[str, ...]:
    """Return the spellings under which a company is found; none for an empty name.

    Without case, accents, punctuation, spaces and legal form; ``&`` is ``and``. A name with
    umlauts has a second key with ``ae`` for ``ä``, as people type them without a German keyboard.
    """
    keys = map(_company, plain_spellings(name or ""))
    return tuple(dict.fromkeys(key for key in keys if key))


def plain_spellings(name: str) -> tuple[str, ...]:
    """Return a name in small letters without accents; with umlauts also with ``ae`` for ``ä``.

    Full-width letters are letters, characters without width are nothing, and legal forms go where no
    blank parts them from the name.
    """
    seen = "".join(c for c in name if unicodedata.category(c) != "Cf")
    text = _UNSPACED_FORMS.sub(" ", unicodedata.normalize("NFKC", seen).casefold())
    return tuple(dict.fromkeys((_plain(text), _plain(text.translate(_UMLAUTS)))))


def _plain(text: str) -> str:
    split = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(c for c in split if not unicodedata.combining(c))


def _company(text: str) -> str:
    text = re.sub(r"[.'’`´]", "", re.sub(r"\ba/s\b", "as", text))
    words = re.findall(r"[^\W_]+", re.sub(r"[&+]", " and ", text))
    if len(words) > 1 and words[0] == "the":
        del words[0]
    end, legal = len(words), listed("legal_forms")
    while end > 1 and words[end - 1] in legal:
        end -= 1
    if words[end - 3 : end] == ["sp", "z", "oo"] and end > 3:
        end -= 3
    # A single letter is no name: "Y Corporation" stays as it is.
    return "".join(words[:end]) if len("".join(words[:end])) > 1 else "".join(words)


def person_key(name: str | None) -> str:
    """Return a person's name without case, accents and order: ``Linden, Maya`` is ``Maya Linden``."""
    words = re.findall(r"[^\W_]+", _plain(unicodedata.normalize("NFC", name or "").casefold()))
    return " ".join(sorted(words))


def same_person(owner: str | None, name: str | None, email: str | None) -> bool:
    """Whether a CRM owner, given as name or address, is the person with this name and address."""
    if not owner:
        return False
    if "@" in owner:
        if email:
            return owner.strip().casefold() == email.strip().casefold()
        return bool(key := name_in(owner)) and key == person_key(name)
    key = person_key(owner)
    if name:
        return bool(key) and (key == person_key(name) or _shortened(owner, name) or _shortened(name, owner))
    return bool(key) and " " in key and key == name_in(email)


def name_in(email: str | None) -> str:
    """Return the name that an address spells out, as :func:`person_key` has it: ``maya.linden@…``.

    Empty where it does not: one word may be a first name or a department.
    """
    words = re.split(r"[._-]+", (email or "").partition("@")[0])
    return person_key(" ".join(words)) if len(words) > 1 and all(len(w) > 1 for w in words) else ""


def _shortened(short: str, full: str) -> bool:
    """Whether ``M. Linden`` is short for ``Maya Linden``."""
    initial, _, last = short.strip().casefold().partition(" ")
    first, _, rest = full.strip().casefold().partition(" ")
    return bool(last) and len(initial.rstrip(".")) == 1 and first[:1] == initial[:1] and last == rest
