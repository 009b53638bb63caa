"""Names and addresses: what counts as the same company, the same person, one of us."""

from __future__ import annotations

import time

import pytest

from callmine.crm.people import (
    account_keys,
    ascii_domain,
    company_domain,
    domain_of,
    is_free_mail,
    is_ours,
    mixed_scripts,
    outside_emails,
    parents_of,
    same_person,
    stem_of,
)
from callmine.domain import Facts, Participant


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme GmbH", "ACME"),
        ("Acme GmbH & Co. KG", "Acme"),
        ("Foo, Inc.", "foo inc"),
        ("Foo S.p.A.", "Foo"),
        ("Foo S.A.", "Foo SA"),
        ("Foo A/S", "Foo"),
        ("Foo Sp. z o.o.", "Foo"),
        ("Foo B.V.", "Foo bv"),
        ("Marchant & Finch", "Marchant and Finch Ltd"),
        ("The New York Inquirer", "New York Inquirer"),
        ("Castle Moyne", "Castlemoyne"),
        ("Kan-code", "Kancode"),
        ("O'Neill’s", "ONeills"),
        ("Müller AG", "Mueller"),
        ("Müller AG", "Muller"),
        ("Société Générale", "Societe Generale"),
        ("Straße", "Strasse"),
        ("Ørsted", "Orsted"),
        ("Łódź Foods", "Lodz Foods"),
    ],
)
def test_spellings_of_one_company(one: str, other: str) -> None:
    """Case, accents, punctuation and legal form do not make another company."""
    assert set(account_keys(one)) & set(account_keys(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Acme North", "Acme South"), ("Y Corporation", "Y"), ("Foo Group", "Foo"), ("SA", "AG"), ("", "")],
)
def test_different_companies(one: str, other: str) -> None:
    """What distinguishes companies is kept; a name that is only a legal form stays."""
    assert not set(account_keys(one)) & set(account_keys(other))


def test_names_without_letters_have_no_key() -> None:
    """Nothing matches an empty name; other scripts are names like any."""
    assert account_keys(None) == account_keys(" -- ") == ()
    assert account_keys("日本電気") == ("日本電気",)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.example", "acme.example"),
        ("https://www.Acme.example/en?x=1", "acme.example"),
        ("sales@acme.example", "acme.example"),
        ("acme.example:8080", "acme.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("co.uk", None),
        ("localhost", None),
        ("Acme Inc", None),
        ("a..b", None),
        ("", None),
        (None, None),
        ("x" * 64 + ".example", None),
    ],
)
def test_company_domains(text: str | None, domain: str | None) -> None:
    """Addresses of pages and mail give their domain; registries and nonsense give none."""
    assert company_domain(text) == domain


def test_free_mail_and_parents() -> None:
    """Mail that anybody can have, under every ending and below."""
    assert all(map(is_free_mail, ("gmail.com", "yahoo.co.uk", "hotmail.fr", "mail.gmx.de", "t-online.de")))
    assert not any(map(is_free_mail, ("acme.example", "mygmail.com", "gmail.acme.example", "")))
    assert list(parents_of("a.b.acme.co.uk")) == ["b.acme.co.uk", "acme.co.uk"]
    assert list(parents_of("acme.example")) == []


def test_our_domains() -> None:
    """Ours and what is below, not what merely ends alike."""
    assert domain_of("A@B.example") == "b.example"
    assert domain_of(None) is None
    assert domain_of("x") is None
    assert is_ours("mail.us.example", ["@US.example"])
    assert not is_ours("notus.example", ["us.example"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("müller.example", "xn--mller-kva.example"),
        ("MÜLLER.example", "XN--MLLER-KVA.example"),
        ("mail.bücher.example", "mail.xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
    ],
)
def test_a_domain_is_one_however_it_is_spelled(one: str, other: str) -> None:
    """In letters, as mail programs show it, and in ASCII, as the network has it."""
    assert domain_of(f"a@{one}") == domain_of(f"a@{other}") == company_domain(one) == company_domain(other)
    assert is_ours(domain_of(f"a@{one}"), [other])
    assert is_ours(domain_of(f"a@{other}"), [one])
    assert stem_of(domain_of(f"a@{other}") or "").isalpha()


@pytest.mark.parametrize("domain", ["xn--.example", "xn--ü.example", "a..é", "xn--99999999.example"])
def test_what_is_no_domain_costs_nothing(domain: str) -> None:
    """Addresses are written by people; any text gives some domain, and no error."""
    assert domain_of(f"a@{domain}")
    assert isinstance(stem_of(domain), str)
    assert not is_ours(None, ["us.example"])


@pytest.mark.parametrize(
    "text",
    ["ü" * 60_000 + ".example", "xn--" + "9" * 60_000, "ü." * 30_000, "a." * 60_000, "xn--a." * 20_000],
)
def test_no_address_takes_long(text: str) -> None:
    """Longer than a domain may be, it is none, and is not turned into anything."""
    began = time.process_time()
    assert ascii_domain(text) == text
    assert domain_of(f"a@{text}") == text
    assert company_domain(text) is None
    assert not is_free_mail(text)
    assert isinstance(stem_of(text), str)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("label", "scripts"),
    [
        ("\u0430cme", ("Cyrillic", "Latin")),
        ("αcme", ("Greek", "Latin")),
        ("acme", ()),
        ("m\u00fcller-24", ()),
        ("\u0430\u0441\u0435", ()),
        ("ソニーsony電気", ()),
        ("電\u0430気", ("Cjk", "Cyrillic")),
        ("", ()),
    ],
)
def test_scripts_that_a_label_mixes(label: str, scripts: tuple[str, ...]) -> None:
    """Digits and hyphens are of no script; Japanese is written in several."""
    assert mixed_scripts(label) == scripts


def test_outsiders() -> None:
    """Everybody with an address who is neither of our domains nor of the rep's."""
    people = [
        "a@us.example", "b@rep.example", "C@them.example", "c@them.example", "rep@gmail.com", "d@gmail.com",
        "x",
    ]  # fmt: skip
    facts = Facts(
        rep_email="rep@rep.example", participants=tuple(Participant("", e) for e in [*people, None])
    )
    assert outside_emails(facts, ["us.example"]) == ("c@them.example", "rep@gmail.com", "d@gmail.com")
    private = Facts(rep_email="Rep@gmail.com", participants=facts.participants)
    assert outside_emails(private, ["us.example", "rep.example"]) == ("c@them.example", "d@gmail.com")


def test_same_person() -> None:
    """By name in any order and accent, or by address."""
    assert same_person("Lindén, Maya", "maya linden", None)
    assert same_person("M@us.example", "Other", "m@US.example")
    assert not same_person("m@us.example", "m@us.example", None)
    assert not same_person("Maya Linden", "Maya", "m@us.example")
    assert not same_person(None, None, None)
    assert not same_person("-", "-", None)
