"""Which account a name means: spellings of one company are found, other companies are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.crm.accounts import AccountIndex
from callmine.crm.companies import spellings

ACCOUNTS = (
    "Bramble Foods GmbH",
    "International Business Machines Corp",
    "North Ridge Foods",
    "South Ridge Foods",
    "Phoenix 1",
    "Phoenix 2",
    "First National Bank",
    "First Regional Bank",
    "Acme",
    "Acme Germany",
    "Acme France",
    "Kestrel Manufacturing",
    "Procter & Gamble",
    "Castle Moyne Hotels",
    "Harbor Foods",
    "Harbor Goods",
    "Contoso Ltd",
    "Müller Maschinenbau AG",
    "University of Leeds",
    "Bank of America",
    "Salter Brothers",
    "Global Solutions",
)


def index() -> AccountIndex:
    """Return an index of the accounts above."""
    made = AccountIndex()
    for name in ACCOUNTS:
        made.add(name)
    return made


def found(name: str) -> dict[str, str]:
    """Return the accounts that a name may mean, each with the rule."""
    accounts = index()
    return {accounts.names[hit.account]: hit.rule for hit in accounts.find(name)}


@pytest.mark.parametrize(
    ("name", "account", "rule"),
    [
        ("BRAMBLE FOODS", "Bramble Foods GmbH", "account"),
        ("Bramble Foods GmbH & Co. KG", "Bramble Foods GmbH", "account"),
        ("Bramble Foods Pty Ltd", "Bramble Foods GmbH", "account"),
        ("Bramble Foods S.A. de C.V.", "Bramble Foods GmbH", "account_variant"),
        ("Bramble Foods Sp. z o.o.", "Bramble Foods GmbH", "account"),
        ("Bramble Foods K.K.", "Bramble Foods GmbH", "account"),
        ("Bramble Foods, S.p.A. (Italy)", "Bramble Foods GmbH", "account_variant"),
        ("Bramble Foods - EMEA", "Bramble Foods GmbH", "account_variant"),
        ("Bramble Foods – 60 seats", "Bramble Foods GmbH", "account_variant"),
        ("Bramble Foods London", "Bramble Foods GmbH", "account_variant"),
        ("Foods Bramble", "Bramble Foods GmbH", "account_variant"),
        ("The Bramble Foods Group", "Bramble Foods GmbH", "account_part"),
        ("Bramble Foods Holdings plc", "Bramble Foods GmbH", "account_part"),
        ("Bramble", "Bramble Foods GmbH", "account_part"),
        ("Brambel Foods", "Bramble Foods GmbH", "account_fuzzy"),
        ("Brambel Fods", "Bramble Foods GmbH", "account_fuzzy"),
        ("UK Bramble Foods", "Bramble Foods GmbH", "account_variant"),
        ("www.bramblefoods.example", "Bramble Foods GmbH", "account_variant"),
        ("ООО Bramble Foods", "Bramble Foods GmbH", "account_variant"),
        ("Bramble Foods株式会社", "Bramble Foods GmbH", "account"),
        ("Bramble Fo", "Bramble Foods GmbH", "account_fuzzy"),
        ("BrambleFoods", "Bramble Foods GmbH", "account"),
        ("Salter Trading d/b/a Bramble Foods", "Bramble Foods GmbH", "account_variant"),
        ("Bramble\u200bFoods", "Bramble Foods GmbH", "account"),
        ("Вramble Foods", "Bramble Foods GmbH", "account_variant"),
        ("Ｂｒａｍｂｌｅ Ｆｏｏｄｓ", "Bramble Foods GmbH", "account"),
        ("Intl. Business Machines", "International Business Machines Corp", "account_variant"),
        ("IBM", "International Business Machines Corp", "account_initials"),
        ("I.B.M. Deutschland", "International Business Machines Corp", "account_initials"),
        ("International Busi", "International Business Machines Corp", "account_fuzzy"),
        ("P&G", "Procter & Gamble", "account_initials"),
        ("Procter and Gamble", "Procter & Gamble", "account"),
        ("Kestrel Mfg.", "Kestrel Manufacturing", "account_variant"),
        ("Univ. of Leeds", "University of Leeds", "account_variant"),
        ("Salter Bros", "Salter Brothers", "account_variant"),
        ("Castlemoyne Hotels", "Castle Moyne Hotels", "account"),
        ("Mueller Maschinenbau", "Müller Maschinenbau AG", "account"),
        ("Muller Maschinenbau", "Müller Maschinenbau AG", "account"),
        ("Contoso - renewal", "Contoso Ltd", "account_variant"),
        ("Cotnoso", "Contoso Ltd", "account_fuzzy"),
        ("Acme Deutschland", "Acme Germany", "account_variant"),
        ("Acme Inc", "Acme", "account"),
        ("Acme (UK)", "Acme", "account_variant"),
        ("Phoenix 2 Ltd", "Phoenix 2", "account"),
        ("Bank of America N.A.", "Bank of America", "account"),
    ],
)
def test_spellings_of_an_account(name: str, account: str, rule: str) -> None:
    """The account is found, and by the rule that says how much that is worth."""
    assert found(name) == {account: rule}


@pytest.mark.parametrize(
    "name",
    [
        "Ridge Foods",
        "West Ridge Foods",
        "Phoenix 3",
        "First Bank",
        "First Federal Bank",
        "Bramble Bakeries",
        "Solutions",
        "Global",
        "International",
        "National Bank",
        "Foods",
        "EMEA",
        "GmbH",
        "Unknown",
        "-",
        "Brennholt 24",
    ],
)
def test_other_companies_and_general_words(name: str) -> None:
    """Another number, direction or trade is another company; general words are nobody."""
    assert found(name) == {}


def test_names_that_several_accounts_may_mean() -> None:
    """What fits several accounts gives all of them: none of them is likely then."""
    assert found("Harbor").keys() == {"Harbor Foods", "Harbor Goods"}


def test_more_words_are_less_than_fewer() -> None:
    """Contoso Robotics is hardly Contoso; Bramble is likely Bramble Foods."""
    accounts = index()
    more = max(hit.weight for hit in accounts.find("Contoso Robotics"))
    fewer = max(hit.weight for hit in accounts.find("Bramble"))
    assert more < fewer - 1


def test_one_account_for_names_that_differ_in_form() -> None:
    """Two rows of one company are one account, also if one is abbreviated or turned round."""
    accounts = AccountIndex()
    first = accounts.add("Kestrel Manufacturing Inc.")
    assert accounts.add("Kestrel Mfg") == accounts.add("KESTREL MANUFACTURING") == first
    assert accounts.add("Kestrel Manufacturing (UK)") != first
    assert accounts.add("--") is None


@pytest.mark.parametrize(
    ("title", "accounts"),
    [
        ("Bramble Foods <> Larkmoor: demo", {"Bramble Foods GmbH"}),
        ("Intro call with Contoso", {"Contoso Ltd"}),
        ("Re: Phoenix 2 renewal", {"Phoenix 2"}),
        ("Harbor Foods / Harbor Goods", {"Harbor Foods", "Harbor Goods"}),
        ("Larkmoor Global Solutions pitch", set()),
        ("Weekly", set()),
    ],
)
def test_titles(title: str, accounts: set[str]) -> None:
    """Titles hold names among other words; ours among them point nowhere."""
    made = index()
    hits = made.in_title(title, frozenset({"larkmoor"}))
    assert {made.names[hit.account] for hit in hits} == accounts


WORDS = st.sampled_from(
    [
        "Bramble",
        "Acme",
        "Foods",
        "GmbH",
        "(UK)",
        "- EMEA",
        "&",
        "Intl",
        "1",
        "Ü",
        "Ltd.",
        "d/b/a",
        "of",
        "",
        "/",
    ]
)


@given(st.lists(WORDS, max_size=6).map(" ".join), st.lists(WORDS, max_size=6).map(" ".join))
def test_any_name_is_read(one: str, other: str) -> None:
    """A name finds itself among others, whatever it is made of, and reading it again changes nothing."""
    accounts = AccountIndex()
    number = accounts.add(one)
    accounts.add(other)
    assert (number is None) == (not spellings(one))
    if number is not None:
        assert number in {hit.account for hit in accounts.find(one)}
