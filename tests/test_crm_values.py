"""Amounts, dates, flags, addresses and ids as CRMs write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.crm.values import (
    BadValue,
    amount_of,
    currency_of,
    date_of,
    default_currency,
    emails_of,
    flag_of,
    id_key,
)


@pytest.mark.parametrize(
    ("cell", "amount", "currency"),
    [
        ("48000", 48000.0, None),
        ("48000.5", 48000.5, None),
        ("1.234,56", 1234.56, None),
        ("1,234.56", 1234.56, None),
        ("1,234", 1234.0, None),
        ("12,5", 12.5, None),
        ("1234,567", 1234.567, None),
        ("1.234.567", 1234567.0, None),
        ("1,234,567", 1234567.0, None),
        ("12,34,567.00", 1234567.0, None),
        ("1 234,56", 1234.56, None),
        ("1\u202f234\u00a0567,8", 1234567.8, None),
        ("1'234.50", 1234.5, None),
        ("1’234.50", 1234.5, None),
        ("USD 48,000.00", 48000.0, "USD"),
        ("48.000,00 EUR", 48000.0, "EUR"),
        ("€ 12,50", 12.5, "EUR"),
        ("£1,000.00", 1000.0, "GBP"),
        ("$5", 5.0, None),
        ("US$ 5", 5.0, "USD"),
        ("-500", -500.0, None),
        ("-$500", -500.0, None),
        ("€ -500", -500.0, "EUR"),
        ("\u2212500", -500.0, None),
        ("(1,234.00)", -1234.0, None),
        ("+7", 7.0, None),
        (".5", 0.5, None),
        ("0.125", 0.125, None),
        ("5.", 5.0, None),
        (48000, 48000.0, None),
        (12.5, 12.5, None),
        ("", None, None),
        (None, None, None),
        ("n/a", None, None),
    ],
)
def test_amounts(cell: Any, amount: float | None, currency: str | None) -> None:
    """Thousands, decimals, signs and codes in the ways that leave no doubt."""
    assert amount_of(cell) == (amount, currency)


@pytest.mark.parametrize(
    "cell",
    [
        "12k", "€ 12k", "1.234", "12.500", "1.23.4", "1,23,4", "1,2345.6", "1.234,56.7", "1.2,345,6",
        "12-500", "5+3", "USD 5 EUR", "Fr. 5", "kr 5", "five", "1e6", "--5", ".", ",", "nan", "inf", "٣٤",
        "1 2", "1 23", "(5", "=1+1", "9" * 30, True, float("nan"), float("inf"), 10**400,
    ],
)  # fmt: skip
def test_amounts_that_would_be_a_guess_are_refused(cell: Any) -> None:
    """A wrong amount is worse than none."""
    with pytest.raises(BadValue):
        amount_of(cell)


def test_declared_decimal_mark_settles_doubt() -> None:
    """The mapping says which mark is the decimal one."""
    assert amount_of("1.234", decimal=",")[0] == 1234.0
    assert amount_of("1.234", decimal=".")[0] == 1.234
    assert amount_of("1,234", decimal=",")[0] == 1.234
    with pytest.raises(BadValue):
        amount_of("1,234.56", decimal=",")


@given(st.decimals(0, 10**12, places=2), st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", ".")]))
def test_amounts_round_trip(amount: Any, marks: tuple[str, str]) -> None:
    """A grouped amount with cents reads as itself in every notation."""
    thousands, decimal = marks
    text = f"{amount:,.2f}".replace(",", "T").replace(".", decimal).replace("T", thousands)
    assert amount_of(text)[0] == float(amount)
    assert amount_of(f"EUR {text}", decimal=decimal) == (float(amount), "EUR")


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    """No text raises anything but the refusal, or gives an infinite amount."""
    try:
        amount, _ = amount_of(text)
    except BadValue:
        return
    assert amount is None or abs(amount) <= 1e15


def test_currencies() -> None:
    """Codes in any case and unshared signs; a shared sign says nothing."""
    assert [currency_of(c) for c in ("eur", "€", "US$", "$", "")] == ["EUR", "EUR", "USD", None, None]
    with pytest.raises(BadValue, match="not a currency"):
        currency_of("Euro")


def test_default_currency_does_not_contradict_a_sign() -> None:
    """`$ 99` is not 99 euros, whatever the default is."""
    assert default_currency("99", "EUR") == "EUR"
    assert default_currency("$ 99", "EUR") is None
    assert default_currency("$ 99", "CAD") == "CAD"
    assert default_currency("¥ 99", "JPY") == "JPY"


@pytest.mark.parametrize(
    ("cell", "flag"),
    [("TRUE", True), ("1", True), ("Ja", True), (True, True), (1, True), ("false", False), ("0", False),
     ("FALSCH", False), (False, False), (0, False), ("", None), (None, None)],
)  # fmt: skip
def test_flags(cell: Any, flag: bool | None) -> None:
    """Text, numbers and JSON values."""
    assert flag_of(cell) is flag


def test_flag_that_is_none() -> None:
    """Anything else is refused rather than false."""
    with pytest.raises(BadValue, match="neither"):
        flag_of("maybe")


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-28",
        "2026-03-28T10:15:00.000Z",
        "2026-03-28T10:15:00.000+0000",
        "2026-03-28 10:15",
        "2026/03/28",
    ],
)
def test_iso_dates(cell: str) -> None:
    """ISO needs no format, even where another one is declared."""
    assert date_of(cell) == "2026-03-28"
    assert date_of(cell, date_format="%d.%m.%Y") == "2026-03-28"


@pytest.mark.parametrize(
    "cell",
    ["03.11.2026", "3/11/26", "11/03/2026", "28.03.2026", "20260328",
     "0026-03-28", "2026-03-28x", "soon", "45000", "2026-W13-6", "9999-12-31"],
)  # fmt: skip
def test_dates_that_would_be_a_guess_are_refused(cell: str) -> None:
    """Day and month are never guessed, not even where one exceeds twelve."""
    with pytest.raises(BadValue, match="without guessing") as caught:
        date_of(cell)
    assert "date_format" in caught.value.hint


@pytest.mark.parametrize(
    ("cell", "pattern"),
    [
        ("2026-02-30", None),
        ("2026-02-30T10:00:00Z", "%d.%m.%Y"),
        ("2026/11/31 09:30", None),
        ("0000-00-00", None),
        ("2026-13-01", None),
        ("2026-13-01", "%d.%m.%Y"),
        ("2026.00.10", None),
        ("31.09.2026", None),
        ("31.09.2026", "%d.%m.%Y"),
        ("31.09.2026 10:30", "%d.%m.%Y"),
        ("09/31/26", "%d/%m/%y"),
        ("29.02.2027", "%d.%m.%Y"),
        ("31 Sep 2026", "%d %b %Y"),
        ("Feb 30, 2026", "%b %d, %Y"),
        ("20260931", "%Y%m%d"),
    ],
)
def test_dates_that_do_not_exist_are_told_as_such(cell: str, pattern: str | None) -> None:
    """No other format would read them, so none is asked for."""
    with pytest.raises(BadValue, match="is a date that does not exist") as caught:
        date_of(cell, date_format=pattern)
    assert "date_format" not in caught.value.hint


@pytest.mark.parametrize(("cell", "pattern"), [("12/31/2026", "%d/%m/%Y"), ("31.12.26", "%d.%m.%Y")])
def test_a_date_in_another_format_may_exist(cell: str, pattern: str) -> None:
    """What some other format reads is a matter of the format, and not of the calendar."""
    with pytest.raises(BadValue, match="without guessing"):
        date_of(cell, date_format=pattern)


def test_declared_date_formats() -> None:
    """The declared format reads with and without a time after it; epoch milliseconds are one."""
    assert date_of("03.11.2026", date_format="%d.%m.%Y") == "2026-11-03"
    assert date_of("03/11/2026 09:30", date_format="%m/%d/%Y") == "2026-03-11"
    assert date_of("3 Nov 2026, 09:30", date_format="%d %b %Y,") == "2026-11-03"
    assert date_of("1774694100000", date_format="epoch_ms") == "2026-03-28"
    assert date_of(1774694100000, date_format="epoch_ms") == "2026-03-28"
    for bad in ("99999999999999", "x"):
        with pytest.raises(BadValue):
            date_of(bad, date_format="epoch_ms")


@given(
    st.dates(date(1970, 1, 1), date(2199, 12, 31)), st.sampled_from(["%d.%m.%Y", "%m/%d/%Y", "%d-%b-%Y"])
)
def test_dates_round_trip(day: date, pattern: str) -> None:
    """A date reads as itself in ISO and in a declared format."""
    assert date_of(day.isoformat()) == day.isoformat()
    assert date_of(day.strftime(pattern), date_format=pattern) == day.isoformat()


@given(st.text(max_size=20) | st.datetimes().map(datetime.isoformat))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    """No text raises anything but the refusal."""
    for pattern in (None, "%d.%m.%Y", "epoch_ms"):
        try:
            found = date_of(text, date_format=pattern)
        except BadValue:
            continue
        assert found is None or date.fromisoformat(found)


def test_addresses() -> None:
    """Lists, names with addresses, and the form of HubSpot's export; each once."""
    cell = "Jude (j.okafor@contoso.example); A@b.example, <a@B.example>|x y; mailto:c@d.example."
    assert emails_of(cell) == ("j.okafor@contoso.example", "a@b.example", "c@d.example")
    assert emails_of(["a@b.example", "c@d.example"]) == ("a@b.example", "c@d.example")
    assert emails_of("") == ()
    with pytest.raises(BadValue):
        emails_of("Jude Okafor")


def test_salesforce_ids_in_both_lengths() -> None:
    """15 and 18 characters are one id; case, and other systems' long ids, keep ids apart."""
    short = "0061I00000ABCDE"
    assert id_key(short) == id_key(f"{short}QA5") == short
    assert id_key("0061I00000ABCDe") != short
    assert id_key("OPPORTUNITY2026001") == "OPPORTUNITY2026001"
    assert id_key("D-1") == "D-1"
