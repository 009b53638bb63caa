"""What a deal's name says of how its company is called, and domains with something around the name."""

from __future__ import annotations

import pytest

from tests.test_linking import deal, facts, link, made

BARE = {"account_domain": None, "contact_emails": ()}


@pytest.mark.parametrize("said", ["GPG", "GPG - new business (20 seats)", "gpg"])
def test_the_short_name_that_reps_give_a_deal_is_its_accounts(said: str) -> None:
    """Three letters are part of no account's name by themselves, but the deal is called by them."""
    gpg = deal(account="GPG Freight", name="GPG - new business (20 seats)", **BARE)
    assert made(link(facts(account=said), gpg, deal("D-2", account="Kestrel Care"))) == (
        "D-1",
        "deal_name",
    )


@pytest.mark.parametrize("account", ["Logistik von Ellergate", "Healthcare of Ellergate LLC"])
def test_a_short_name_may_be_the_last_word(account: str) -> None:
    """The account's own words would only be found by their beginning."""
    one = deal(account=account, name="Ellergate - renewal", **BARE)
    assert made(link(facts(title="Ellergate <> Larkmoor"), one))[0] == "D-1"


@pytest.mark.parametrize(
    ("said", "first", "second"),
    [
        ("Norden", ("Fabrik von Norden", "Norden - pilot"), ("Logistik von Norden", "Norden - pilot")),
        ("Norden", ("Fabrik von Norden", "Norden - pilot"), ("Norden Logistik", "Norden Logistik - pilot")),
        ("GPG", ("GPG Freight", "GPG - pilot"), ("GPG Media", "GPG Media - renewal")),
        ("Northwind", ("Northwind Trading", "Northwind - pilot"), ("Northwind Energy", None)),
        ("mueller.example", ("Bäckerei Müller", "Müller - Demo"), ("Müller Maschinenbau", None)),
    ],
)
def test_a_short_name_that_fits_two_accounts_leads_to_both(
    said: str, first: tuple[str, str], second: tuple[str, str | None]
) -> None:
    """Neither the one whose deal goes by it nor the one that is read first wins."""
    deals = tuple(
        deal(number, account=account, name=name, **BARE)
        for number, (account, name) in (("D-1", first), ("D-2", second))
    )
    call = facts(f"pat@{said}") if "." in said else facts(account=said)
    for order in (deals, deals[::-1]):
        found = link(call, *order)
        assert found.link is None
        assert "D-1" in found.why
        assert "D-2" in found.why


@pytest.mark.parametrize(
    ("account", "name", "call"),
    [
        ("Acme GmbH", "Brightwater - new business", {"account": "Brightwater"}),
        ("Bramble Foods", "Bramble Consulting / Bramble Foods", {"account": "Bramble Consulting"}),
        ("Meyer Optik", "Hans Meyer - pilot", {"account": "Hans Meyer"}),
        ("Bäckerei Müller", "Müller - Demo", {"account": "Müller Maschinenbau"}),
        ("Acme Robotics", "Robotics - pilot", {"title": "Robotics kickoff"}),
        ("Acme Robotics", "Demo - Acme", {"title": "Demo"}),
        ("Summit Foods", "Summit - 20 seats", {"title": "Customer summit planning"}),
    ],
)
def test_a_partner_a_person_or_a_word_leads_to_no_account(
    account: str, name: str, call: dict[str, str]
) -> None:
    """What shares a word with a deal's name is not yet what the deal's company is called."""
    one = deal(account=account, name=name, **BARE)
    assert link(facts(**call), one).link is None


@pytest.mark.parametrize("domain", ["castelbrueck.example", "castelbruck.example"])
def test_a_domain_spells_the_deals_short_name_either_way(domain: str) -> None:
    """Domains have no umlauts; companies write them both ways."""
    one = deal(account="Castelbrück Ochrona", name="Castelbrück - new business", **BARE)
    assert made(link(facts(f"pat@{domain}"), one)) == ("D-1", "domain_name")


@pytest.mark.parametrize("domain", ["ferotera24.example", "ferotera-online.example", "getferotera.example"])
def test_what_is_put_around_a_name_in_a_domain(domain: str) -> None:
    """Where a company's own name is taken it adds something that is no name."""
    one = deal(account="Ferotera plc", name="Ferotera - new business", **BARE)
    assert made(link(facts(f"pat@{domain}"), one)) == ("D-1", "domain_name")


def test_a_name_that_is_mostly_a_number_keeps_it() -> None:
    """Of ``a24.example`` too little would be left, and another company might be called so."""
    one = deal(account="Arbo GmbH", name="Arbo - new business", **BARE)
    assert link(facts("pat@arbo24.example"), one).link is None


MASKED = "\u0430cmerobotics.example"
"""Its first letter is Cyrillic."""


@pytest.mark.parametrize("own", [None, "acmerobotics.example", "acmerobotics.test"])
def test_a_domain_made_to_look_like_another_is_no_evidence(own: str | None) -> None:
    """Neither by the company's name nor by its domain, in an address or as the account."""
    one = deal(account="Acme Robotics", name="x", account_domain=own, contact_emails=())
    assert link(facts("pat@acmerobotics.example"), one).link
    for said in (facts(f"pat@{MASKED}"), facts(f"pat@mail.{MASKED}"), facts(account=MASKED)):
        assert link(said, one).link is None


@pytest.mark.parametrize(
    "known", [{"account_domain": MASKED, "contact_emails": ()}, {"contact_emails": (f"sam@{MASKED}",)}]
)
def test_a_domain_of_the_deal_is_its_own_whatever_it_looks_like(known: dict[str, object]) -> None:
    """The CRM says whose it is."""
    one = deal(account="Brightwater", name="x", **{"account_domain": None, **known})
    assert link(facts(f"pat@{MASKED}"), one).link
