"""Redaction of texts: what is found, what stays, and what marks do to the text around them."""

from __future__ import annotations

import socket
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.redaction import KnownPeople, Marker, PersonalSpan, Redactor, parts_of
from callmine.redaction.marking import MARK
from callmine.redaction.spans import joined

PEOPLE = KnownPeople(
    everywhere=("Maya Linden", "Jürgen Maier", "Hannah Price"),
    of_call={"c1": ("Maya Linden", "Jürgen Maier"), "c2": ("Hannah Price",)},
    accounts=("Maier Fensterbau",),
    kept=("Clara", "Otto & Ray", "Felix"),
)


class Dictionary:
    """A reader that knows a few words, and takes nothing for a person."""

    WORDS = frozenset(
        [
            "price",
            "mark",
            "grace",
            "may",
            "will",
            "you",
            "do",
            "the",
            "it",
            "bill",
            "is",
            "what",
            "office",
            "send",
        ]
    )

    def entities(self, text: str) -> list[tuple[int, int, str]]:
        """Find nothing."""
        return []

    def is_word(self, word: str) -> bool:
        """Know a few words."""
        return word in self.WORDS

    def is_adjective(self, word: str) -> bool:
        """Know no adjective."""
        return False


def _found(text: str, call_id: str | None = "c1", **options: bool) -> list[tuple[str, str]]:
    spans = Redactor(PEOPLE, Dictionary(), **options).find(text, call_id=call_id)
    return [(span.kind, text[span.start : span.end]) for span in spans]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Hi Maya, it is me.", [("name", "Maya")]),
        ("hi maya it is me", [("name", "maya")]),
        ("Ask Juergen Maier.", [("name", "Juergen Maier")]),
        ("Is Mrs. Albrecht in?", [("name", "Mrs. Albrecht")]),
        ("my name is wanda kowalczyk", [("name", "wanda kowalczyk")]),
        ("it is k o w a l c z y k", [("name", "k o w a l c z y k")]),
        ("Write to maya.linden@larkmoor.example.", [("e-mail", "maya.linden@larkmoor.example")]),
        (
            "send it to maya dot linden at larkmoor dot com",
            [("e-mail", "maya dot linden at larkmoor dot com")],
        ),
        ("h tanner seventy nine at gmail dot com", [("e-mail", "h tanner seventy nine at gmail dot com")]),
        ("vogt arobase maier tiret bau point fr", [("e-mail", "vogt arobase maier tiret bau point fr")]),
        (
            "it's double four seven nine one oh two double six",
            [("phone", "double four seven nine one oh two double six")],
        ),
        ("Call (512) 555-0143.", [("phone", "(512) 555-0143")]),
        ("Under 05 61, 44 78 21 9 please", [("phone", "05 61, 44 78 21 9")]),
        ("It's 4111 1111 1111 1111.", [("card", "4111 1111 1111 1111")]),
        (" ".join(["four"] + ["one"] * 15), [("card", " ".join(["four"] + ["one"] * 15))]),
        ("DE89 3704 0044 0532 0130 00 it is", [("iban", "DE89 3704 0044 0532 0130 00")]),
    ],
)
def test_personal_data_is_found(text: str, spans: list[tuple[str, str]]) -> None:
    """Names, addresses and numbers are found whole, as they are written and as they are spoken."""
    assert _found(text) == spans


@pytest.mark.parametrize(
    "text",
    [
        "Clara is what Otto and Ray do not have, and Felix is older.",
        "We at Maier Fensterbau plan on paper.",
        "Will you have it by May? Mark it, and bill it.",
        "look at larkmoor dot com slash careers",
        "At this point it is late.",
        "one million two hundred thousand four hundred and sixty",
        "from nineteen eighty four to two thousand and seven",
        "It closes on 30/11/2026, or 2026-11-30, for 1,250,000 euros.",
        "one ninety-five, twenty-four",
        "is four zero one two eight a price?",
        "the nurse can call and the doctor may, too",
    ],
)
def test_what_only_looks_personal_stays(text: str) -> None:
    """The playbook's names, accounts, words that are also names, prices and dates are left alone."""
    assert _found(text) == []


def test_names_that_are_words_need_their_own_call() -> None:
    """Hannah Price is a person where she speaks, and a price stays a price everywhere."""
    assert _found("So Price said no.", "c2") == [("name", "Price")]
    assert _found("so the price is what it is", "c2") == []
    assert _found("So the Price said no.", "c1") == []


PLAIN = (
    "Mark Hill",
    "Grace Lane",
    "Will Young",
    "Rose Field",
    "Bill Price",
    "Ann Lee",
    "Dawn Black",
    "May Wong",
    "Art Long",
    "Summer Reed",
    "Paris Brooks",
    "Jordan Stone",
)
"""Names that are two ordinary words."""


class EveryWord(Dictionary):
    """A reader that takes every word for an ordinary one."""

    def is_word(self, word: str) -> bool:
        """Know all."""
        return True


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(
    ("text", "running"),
    [
        ("I will ask {name} about that.", True),
        ("i will ask {lower} about that", True),
        ("{name}'s team likes it.", True),
        ("{name} renewal", False),
        ("Renewal, {upper}", False),
        ("Call with {name}", False),
        ("{turned}", False),
    ],
)
def test_whole_names_of_ordinary_words_are_found(name: str, text: str, running: bool) -> None:
    """Somebody who is known is found by the whole name, in any case and either word first."""
    first, last = name.split()
    said = text.format(name=name, lower=name.lower(), upper=name.upper(), turned=f"{last}, {first}")
    redactor = Redactor(KnownPeople(everywhere=(name,), of_call={"c1": (name,)}), EveryWord())
    for call_id in ("c1", None):
        spans = redactor.find(said, call_id=call_id, running=running)
        at = max(said.casefold().find(one.casefold()) for one in (name, f"{last}, {first}"))
        assert any(span.start <= at and at + len(name) <= span.end for span in spans), spans


@pytest.mark.parametrize(
    "text",
    [
        "So we will young people a chance.",  # in a text with capitals, and of no person of this call
        "The bill. Price is no matter.",
        "our customer success team",
        "we will do that, and I will do it",
        "a long art, and a young will",
    ],
)
def test_ordinary_words_in_a_row_stay(text: str) -> None:
    """Words that happen to be somebody's name stay where they are not written like it."""
    people = ("Will Young", "Bill Price", "customer success", "Will Do", "Art Long")
    assert Redactor(KnownPeople(everywhere=people), EveryWord()).find(text) == []


def test_whole_names_are_more_than_a_company_in_them() -> None:
    """An account or a product within somebody's name is the name; somebody within a company's is not."""
    people = KnownPeople(
        everywhere=("Ann Lee", "Mark Hill", "Will Stone"),
        accounts=("Lee", "Mark Hill Foods"),
        kept=("Clara", "Will Stone"),
    )
    text = "Ann Lee, Mark Hill Foods, Will Stone and Ann M. Lee"
    spans = Redactor(people, EveryWord(), keep_accounts=False).find(text)
    assert [text[s.start : s.end] for s in spans] == ["Ann Lee", "Mark Hill Foods", "Ann M. Lee"]


def test_one_person_has_one_number_surname_first_too() -> None:
    """Where nobody knows the call, "Lee, Ann" is Ann Lee."""
    marker = Marker(Redactor(KnownPeople(everywhere=("Ann Lee",)), EveryWord()))
    texts = [marker.mark(text, running=False).text for text in ("Lee, Ann", "Call with Ann Lee")]
    assert texts == ["[name 1]", "Call with [name 1]"]


class Counting(Dictionary):
    """A reader that counts what it reads, and takes every Zebulon for a person."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def entities(self, text: str) -> list[tuple[int, int, str]]:
        """Find the first."""
        self.read.append(text)
        return [(at, at + 7, "PERSON") for at in [text.find("Zebulon")] if at >= 0]


def test_the_model_reads_what_it_can_decide() -> None:
    """Texts whose capitals are known names, or words that begin a sentence, need no model."""
    reader = Counting()
    redactor = Redactor(PEOPLE, reader)
    for text in ("The office. Is it?", "it is what I'm told", "it is Maya Linden and Clara"):
        redactor.find(text, call_id="c1")
    assert reader.read == []
    assert redactor.find("Ask Zebulon.", call_id="c1") == [PersonalSpan(4, 11, "name")]
    assert reader.read == ["Ask Zebulon."]


def test_accounts_go_where_they_should() -> None:
    """Accounts are companies and stay by default; they can be taken out, too."""
    text = "We at Maier Fensterbau use Felix."
    assert _found(text, keep_accounts=False) == [("account", "Maier Fensterbau")]


def test_a_misheard_competitor_is_nobody() -> None:
    """What was recognised instead of a competitor's name stays, in that call."""
    people = KnownPeople(kept_of_call={"c1": ("Cesar Shift",)})
    text = "Cesar Shift is free."
    assert Redactor(people, Dictionary()).find(text, call_id="c1") == []
    assert Redactor(people, Dictionary()).find(text, call_id="c2") != []


class TakesForPersons(EveryWord):
    """A reader that takes what it is told for persons."""

    def __init__(self, *persons: str) -> None:
        self.persons = persons

    def entities(self, text: str) -> list[tuple[int, int, str]]:
        """Find them."""
        places = ((text.find(one), one) for one in self.persons)
        return [(at, at + len(one), "PERSON") for at, one in places if at >= 0]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The Rota takes an hour.", []),
        ("So the Sites and the Rota are fine.", []),
        ("I asked Rota Smith.", ["Rota Smith"]),
        ("I asked Mrs. Rota.", ["Mrs. Rota"]),
        ("Hi Rota, how are you?", ["Rota"]),
        ("Then my name is Rota.", ["Rota"]),
        ("So Pulse said no.", ["Pulse"]),  # the call's prospect is called so
        ("So Clara said no.", ["Clara"]),  # a given name, and no product by itself
    ],
)
def test_words_of_products_and_messages_are_nobody(text: str, names: list[str]) -> None:
    """A word of a product's name or an approved message stays alone, unless somebody known is called so."""
    people = KnownPeople(
        of_call={"c1": ("Ann Pulse",)},
        kept=("Larkmoor Rota", "Larkmoor Pulse", "Clara Rota"),
        own_texts=("Larkmoor Rota", "Larkmoor Pulse", "Clara Rota", "See all sites on one screen"),
    )
    redactor = Redactor(people, TakesForPersons("Rota Smith", "Rota", "Sites", "Pulse", "Clara"))
    found = [text[s.start : s.end] for s in redactor.find(text, call_id="c1")]
    assert found == names


def test_the_network_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing looks up a domain or fetches a list: Presidio's own check of addresses would."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert _found("maya@larkmoor.example or +41 22 555 01 87")[0][0] == "e-mail"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Petra Voss (CFO)", ("petra", "voss")),
        ("Voss, Petra", ("voss", "petra")),
        ("Dr. Jan van der Meer | Brennholt", ("jan", "meer")),
        ("M. Linden - Larkmoor", ("linden",)),
        ("Marc-Antoine Girard", ("marc", "antoine", "girard")),
        ("petra@brennholt.example", ("petra",)),
    ],
)
def test_what_stands_behind_a_name_is_no_part_of_it(name: str, parts: tuple[str, ...]) -> None:
    """A job, a company, a title or an initial beside a name is nobody's name."""
    assert parts_of(name) == parts


def test_overlapping_spans_are_one() -> None:
    """A name in an address is a part of the address."""
    spans = [PersonalSpan(0, 4, "name"), PersonalSpan(0, 20, "e-mail"), PersonalSpan(25, 30, "name")]
    assert joined(spans) == [PersonalSpan(0, 20, "e-mail"), PersonalSpan(25, 30, "name")]


def test_one_person_has_one_number() -> None:
    """First name, surname and whole name of one person of a call are one number, in any turn."""
    marker = Marker(Redactor(PEOPLE, Dictionary()))
    assert marker.mark("Hi Maya, hi Jürgen.", call_id="c1").text == "Hi [name 1], hi [name 2]."
    assert marker.mark("Maya Linden, not Herr Maier.", call_id="c1").text == "[name 1], not [name 2]."
    assert marker.mark("Mail to a@b.example.", call_id="c1").text == "Mail to [e-mail]."


@given(
    st.text(max_size=60), st.sampled_from(["Hi Maya Linden", "a@b.example", "+41 22 555 01 87"]), st.text()
)
def test_the_text_around_marks_is_verbatim(before: str, personal: str, after: str) -> None:
    """What stands between marks is the text, in order, and nothing of it is lost or added."""
    text = f"{before} {personal} {after}"
    marked = Marker(Redactor(PEOPLE, Dictionary())).mark(text, call_id="c1")
    at, rebuilt = 0, ""
    for start, end, mark_start, mark_end in marked.places:
        rebuilt += text[at:start] + marked.text[mark_start:mark_end]
        assert MARK.fullmatch(marked.text[mark_start:mark_end])
        at = end
    assert rebuilt + text[at:] == marked.text


@given(st.integers(0, 40), st.integers(0, 40))
def test_places_move_with_the_marks(first: int, second: int) -> None:
    """A passage's ends move along; within a mark they go to its ends, and never cross."""
    text = "So Maya Linden and Jürgen Maier agreed."
    marked = Marker(Redactor(PEOPLE, Dictionary())).mark(text, call_id="c1")
    start, end = sorted((min(first, len(text)), min(second, len(text))))
    begin, stop = marked.begin(start), marked.end(end)
    assert 0 <= begin <= stop <= len(marked.text) or start == end
    outside = [p for p in (start, end) if not any(s < p < e for s, e, *_ in marked.places)]
    assert all(marked.begin(p) == marked.end(p) or p in {s for s, *_ in marked.places} for p in outside)


def test_hostile_turns_are_read() -> None:
    """Half characters, right-to-left marks, 10,000 characters and nothing at all are texts like others."""
    for text in (
        "",
        "\ud800 Maya",
        "\u202eMaya\u202c",
        "a at b dot " * 1000,
        "one " * 3000,
        "Maya\nLinden",
    ):
        Redactor(PEOPLE, Dictionary()).find(text, call_id="c1")
