"""What prospects asked for: who counts, what stands together, in which order."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from digest_rows import call, digest, said
from hypothesis import given
from hypothesis import strategies as st

from callmine.domain import Kind, Role
from callmine.reports.asked_values import RequestGroup
from callmine.reports.digest_values import DigestSettings
from callmine.reports.render.asked import asked_by, deal, more_requests
from callmine.reports.requests import MOST, SHARED, grouped, telling
from callmine.store.rows import CallRow, EvidenceRow


def asked(on: CallRow, words: str = "[[Do you have a case study?]]", **changes: object) -> EvidenceRow:
    """Return a prospect's request in a call."""
    return said(on, words, "content", kind=Kind.REQUEST, **changes)


def requests(calls: list[CallRow], rows: list[EvidenceRow]) -> tuple[RequestGroup, ...]:
    return digest(calls, rows).requests


def three() -> list[CallRow]:
    return [call(f"c{n}", deal_id=f"D-{n}", account=f"Account {n}") for n in range(3)]


def test_alike_requests_stand_together_most_asked_first() -> None:
    """Deals are counted, not mentions; what was asked once comes after what several asked."""
    one, two, third = three()
    rows = [
        asked(third, "[[Is there a price list?]]"),
        asked(one, "[[do you have a case study in healthcare]]"),
        asked(one, "And, well, [[that healthcare case study]], please."),
        asked(two, "[[Could you send us some case studies from a hospital?]]"),
    ]
    first, second = requests([one, two, third], rows)
    assert (first.heard, first.deals, first.calls, first.accounts, first.mentions) == (2, 2, 2, 2, 3)
    assert first.words == "that healthcare case study"
    assert (second.words, second.heard) == ("Is there a price list?", 1)
    made = digest([one, two, third], rows)
    assert asked_by(first, made) == "2 deals · 2 accounts · asked 3 times"
    assert {deal(quote) for quote in first.quotes} == {"Kestrel Care, all sites"}


@pytest.mark.parametrize(
    "change",
    [
        {"role": Role.REP},
        {"role": Role.UNKNOWN, "role_confidence": 0.0},
        {"role_confidence": 0.5},
        {"score": 0.4},
        {"verdict": "wrong"},
        {"second_verdict": "rejected"},
    ],
)
def test_only_a_known_prospect_and_a_sure_finding_counts(change: dict[str, object]) -> None:
    """A rep's offer, a voice that nobody knows and a doubtful finding are no request."""
    assert requests([call()], [asked(call(), **change)]) == ()


def test_calls_that_are_in_no_count() -> None:
    """Undated calls, other weeks and calls whose roles look inverted ask for nothing this week."""
    odd = [
        call("undated", started_at=None),
        call("before", started_at="2026-09-02T09:00:00Z"),
        call("inverted", role_doubt="the rep asks for the price"),
    ]
    assert requests(odd, [asked(on) for on in odd]) == ()


def test_unknown_voices_are_told_as_such() -> None:
    """A possible request of nobody knows whom is coverage."""
    made = digest([call()], [asked(call(), role=Role.UNKNOWN, role_confidence=0.0)])
    assert (made.coverage.unknown_requests, made.coverage.unknown_speaker) == (1, 0)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("a case study in healthcare", "case studies from a clinic", True),
        ("the security white paper", "the white paper on pricing", True),
        ("your security documents", "the integration documents", False),
        ("the price list", "the price list for forty guards", True),
        ("could you send me that", "please show it to us", False),
        ("DATA-processing agreement!", "data processing agreement", True),
        ("株式会社の資料", "株式会社の資料", True),
    ],
)
def test_alike_by_the_words_that_tell_what_is_asked_for(one: str, other: str, together: bool) -> None:
    """What merely asks does not make two requests alike, and plurals do not tell them apart."""
    rows = [asked(call("one"), f"[[{one}]]"), asked(call("two"), f"[[{other}]]")]
    assert (len(grouped(rows)) == 1) is together


def test_no_chain_ties_together_what_shares_nothing() -> None:
    """Two requests that share no word never meet over a third."""
    texts = ("a case study", "a case study with a price list", "the price list")
    for _seed, alike in grouped([asked(call(str(n)), f"[[{t}]]") for n, t in enumerate(texts)]):
        words = [telling(row.text) for row in alike]
        assert (
            frozenset({"case", "study"}) not in words
            or frozenset({"price", "list"}) not in words
            or len(alike) == 3
        )


def test_order_of_the_rows_means_nothing() -> None:
    """The same requests give the same groups, however they come."""
    texts = ("case study", "case study retail", "retail price list", "price list", "demo", "a demo")
    rows = [asked(call(str(n)), f"[[{t}]]") for n, t in enumerate(texts)]

    def shape(some: list[EvidenceRow]) -> set[frozenset[str]]:
        return {frozenset(row.finding_id for row in alike) for _, alike in grouped(some)}

    expected = shape(rows)
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        assert shape(rows) == expected


def plainly(rows: list[EvidenceRow]) -> list[tuple[str, list[str]]]:
    """Group requests by comparing all with all."""

    def alike(one: EvidenceRow, other: EvidenceRow) -> bool:
        a, b = telling(one.text), telling(other.text)
        return one is other or len(a & b) >= max(1, SHARED * min(len(a), len(b)))

    left, found = list(rows), []
    while left:
        near = {r.finding_id: [o for o in left if alike(r, o)] for r in left}
        seed = min(left, key=lambda r: (-len(near[r.finding_id]), len(r.text), r.finding_id))
        taken = near[seed.finding_id]
        found.append((seed.finding_id, [r.finding_id for r in taken]))
        left = [r for r in left if r not in taken]
    return found


ASKED_FOR = st.sampled_from(["price", "list", "case", "study", "demo", "it"])


@given(st.lists(st.lists(ASKED_FOR, min_size=1), max_size=12))
def test_groups_are_those_of_comparing_all_with_all(texts: list[list[str]]) -> None:
    """Only quicker: the same seeds, in the same order, with the same requests."""
    rows = [asked(call(str(n)), f"[[{' '.join(words)}]]") for n, words in enumerate(texts)]
    made = [(seed.finding_id, [row.finding_id for row in alike]) for seed, alike in grouped(rows)]
    assert made == plainly(rows)


def test_thousands_of_alike_requests_are_grouped() -> None:
    """Those with the same words are compared once; of others only so many, and the rest stand alone."""
    on = call()
    same = [replace(asked(on, "[[the price list]]"), finding_id=f"s{n}") for n in range(3000)]
    other = [
        replace(asked(on, f"[[the price list for site{n}]]"), finding_id=f"t{n}") for n in range(MOST + 5)
    ]
    groups = grouped([*same, *other])
    assert [len(alike) for _, alike in groups] == [3000 + MOST - 1] + [1] * 6


def test_every_request_is_in_one_group() -> None:
    """Nothing is lost or counted twice."""
    rows = [asked(call(str(n)), f"[[{w} list]]") for n, w in enumerate(("a", "price", "guard", "call"))]
    ids = [row.finding_id for _, alike in grouped(rows) for row in alike]
    assert sorted(ids) == sorted(row.finding_id for row in rows)


def test_long_lists_say_how_many_more_there_are() -> None:
    """What is not listed is counted, and the command that lists it is named."""
    words = ("brochure", "invoice", "roadmap", "contract")
    rows = [asked(call(), f"[[the {word}]]") for word in words]
    made = digest([call()], rows, settings=DigestSettings(requests=3))
    assert (len(made.requests), made.requests_not_listed) == (3, 1)
    assert more_requests(made).startswith("And 1 more request: callmine findings")


def test_an_endless_request_has_a_short_title() -> None:
    """The words are cut where one ends, and say so."""
    (group,) = requests([call()], [asked(call(), "[[" + "brochure " * 60 + "x]]")])
    assert group.words.endswith("brochure …")
    assert len(group.words) < 95
