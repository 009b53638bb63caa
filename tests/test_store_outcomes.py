"""The lean queries of win/loss statistics say what the queries of the other reports say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callmine.domain import Kind, Outcome, Role
from callmine.errors import UsageError
from callmine.payloads import SecondReading, SecondReadings
from callmine.reports.closed import closed_deals, heard_in
from callmine.reports.digest_values import DigestSettings
from callmine.reports.tally import by_label, passes, window_of
from callmine.store import Store
from callmine.store.rows import EvidenceFilter, EvidenceRow
from callmine.store.second import write_second_readings
from tests.builders import a_deal
from tests.closed_rows import lost
from tests.closed_store import an_answer, buyer, put_call, rep

COUNTED = DigestSettings(min_objection_score=0.6, min_label_scores={"trust": 0.75})
SAME = ("call_id", "utterance_index", "kind", "label", "text", "score", "role", "role_confidence")
SAID = ("verdict", "second_verdict", "detail", "is_struck_out")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Four deals, one of them gone; a call of every sort that counts in some way or in none."""
    with Store(tmp_path / "callmine.db") as made:
        made.import_deals([a_deal("D-4")], at="2026-08-01T00:00:00Z")
        first = [a_deal("D-1", stage="Discovery", outcome=Outcome.OPEN), lost("D-2"), a_deal("D-3")]
        made.import_deals(first, at="2026-09-01T00:00:00Z")
        made.import_deals([a_deal("D-1"), lost("D-2"), a_deal("D-3")], at="2026-10-06T00:00:00Z")
        turns = (
            buyer("Honestly, [[the price is too high]] for us.", "price"),
            an_answer("[[Three in four of our customers save that]] in a year.", "evidence", 0),
            buyer("Who says that [[it works]]?", "trust", score=0.7),
            rep("You get [[a rota in an hour]].", "fast-rota"),
            buyer("We looked at [[Lantern]].", "Lantern", kind=Kind.COMPETITOR),
            rep("[[Lantern]] is dear.", label="Lantern", kind=Kind.COMPETITOR),
            buyer("That is [[not cheap]].", "price", score=0.55, confidence=0.7),
            buyer("We love it."),
        )
        put_call(made, "one", *turns, started_at="2026-09-29T08:00:00Z")
        put_call(made, "two", *turns, started_at="2026-09-30T08:00:00Z", deal="D-2")
        put_call(made, "german", *turns, language="de", deal="D-3")
        put_call(made, "doubted", *turns, role_doubt="the rep asks for a price", deal="D-3")
        put_call(made, "gone", *turns, deal="D-4")
        put_call(made, "unlinked", *turns, deal=None, started_at="2026-09-28T08:00:00Z")
        put_call(made, "undated", *turns, started_at=None)
        put_call(made, "inside", *turns, type="internal", started_at="2026-10-01T08:00:00Z")
        yield made


@pytest.mark.parametrize("sure", [0.0, 0.8])
def test_talks_are_the_calls(store: Store, sure: float) -> None:
    """Type, time, language, doubt, stage and words are told of each call as everywhere else."""
    calls = {call.call_id: call for call in store.calls()}
    talks = store.talks(min_role_confidence=sure)
    assert {talk.call_id for talk in talks} == set(calls)
    for talk in talks:
        call = calls[talk.call_id]
        assert talk.deal_id == (None if call.deal_id == "D-4" else call.deal_id), "a gone deal is none"
        for name in ("started_at", "type", "role_doubt", "language", "rep", "words"):
            assert getattr(talk, name) == getattr(call, name)
        assert talk.deal_id is None or talk.stage == call.stage_at_call
        assert talk.skipped is (call.status == "skipped")
        assert talk.failed is (call.status == "failed")
        unsure = 0 if sure == 0.0 else 4
        assert talk.prospect_words == call.words_by_role["prospect"] - unsure
        assert talk.unknown_words == unsure
    assert {t.stage for t in talks if t.deal_id == "D-1" and t.started_at} == {"Discovery"}


def test_talks_come_by_deal_and_time(store: Store) -> None:
    """The order that the arrays of a cohort need; undated calls are the last of their deal."""
    put_call(store, "zero", buyer("Hello."), started_at="2026-09-01T08:00:00Z")
    names = {call.call_id: call.source for call in store.calls()}
    talks = store.talks(min_role_confidence=0.8)
    assert [names[t.call_id] for t in talks if t.deal_id == "D-1"][:2] == ["zero", "one"]
    assert [names[t.call_id] for t in talks if t.deal_id == "D-1"][-1] == "undated"
    assert [t.deal_id or "" for t in talks] == sorted(t.deal_id or "" for t in talks)


def told(row: object) -> dict[str, object]:
    """Return what the lean and the full row of a finding have in common."""
    return {name: getattr(row, name) for name in (*SAME, *SAID)}


def both_ways(store: Store) -> dict[str, tuple[dict[str, object], dict[str, object]]]:
    """Return every finding as the two queries tell it."""
    full = {row.finding_id: told(row) for row in store.evidence()}
    lean = {row.finding_id: told(row) for row in store.heard([c.call_id for c in store.calls()])}
    assert set(full) == set(lean)
    return {one: (full[one], lean[one]) for one in full}


def counted_ways(store: Store, kind: Kind) -> list[object]:
    """Return what :meth:`Store.raised` and :meth:`Store.heard` tell otherwise of findings of a kind."""
    raised = store.raised(kind)
    names = raised[0]._fields
    heard = Counter(tuple(getattr(row, name) for name in names) for row in store.heard(None, kinds=(kind,)))
    told = Counter(tuple(row) for row in raised)
    assert [row.call_id for row in raised] == sorted(row.call_id for row in raised)
    return [*(heard - told), *(told - heard)]


def test_heard_is_the_evidence_whatever_people_and_models_said(store: Store) -> None:
    """After each of many verdicts, labels, additions, withdrawals and second readings."""
    chance, seen = Random(5), {"None"}
    objections = [row for row in store.evidence() if row.kind is Kind.OBJECTION]
    for _ in range(60):
        row = chance.choice(objections)
        what = chance.choice(("right", "wrong", "label", "missed", "nothing", "reword", "second"))
        with suppress(UsageError):  # what cannot be said as things stand is refused
            say(store, row, what, chance)
        for full, lean in both_ways(store).values():
            assert lean == full, what
            seen |= {str(full["verdict"]), str(full["second_verdict"])}
        assert counted_ways(store, Kind.OBJECTION) == [], what
    assert {"right", "wrong", "label", "replaced", "rejected", "relabelled", "confirmed"} <= seen


def say(store: Store, row: EvidenceRow, what: str, chance: Random) -> None:
    """Say one thing of a finding, as a person or as a second reader."""
    if what == "second":
        verdict = chance.choice(("confirmed", "rejected", "relabelled"))
        label = "timing" if verdict == "relabelled" else row.label
        reading = SecondReading(f"k{chance.random()}", "m", "1", verdict, label)  # type: ignore[arg-type]
        with store._writing():
            found = SecondReadings({row.finding_id: reading}, (reading,))
            write_second_readings(store._db, row.call_id, found)
    elif what == "missed":
        store.add_missed(row.call_id, row.utterance_index, "contract")
    elif what == "reword":
        words = row.utterance.split()[0]
        store.reword(row.finding_id, words)
    elif what == "nothing":
        store.add_nothing(row.call_id, row.utterance_index)
    else:
        store.judge(row.finding_id, what, chance.choice(("price", "timing")) if what == "label" else None)


def test_what_counts_is_what_a_digest_counts(store: Store) -> None:
    """Over one store, the findings behind each thing heard are those behind the digest's numbers."""
    chance = Random(7)
    for _ in range(20):
        objections = store.evidence(EvidenceFilter(kind="objection"))
        row = chance.choice([row for row in objections if row.source in ("one", "two")])
        with suppress(UsageError):
            say(store, row, chance.choice(("right", "label", "missed", "second")), chance)
    closed = closed_deals(
        store.deals(),
        store.talks(min_role_confidence=COUNTED.min_role_confidence),
        since=date(2026, 1, 1),
        until=date(2026, 12, 31),
        timezone="Europe/Berlin",
    )
    heard = heard_in(closed, store.heard(closed.call_ids), COUNTED)
    calls = [call for call in store.calls() if call.call_id in closed.call_ids]
    window = window_of(calls, week="2026-W40", timezone="Europe/Berlin", settings=COUNTED)
    assert set(window.calls) == set(closed.call_ids)
    rows = store.evidence()
    counted = {
        ("objection", label): found
        for label, found in by_label(
            rows, window, COUNTED, kind=Kind.OBJECTION, roles={Role.PROSPECT}
        ).items()
    } | {
        ("competitor", label): found
        for label, found in by_label(rows, window, COUNTED, kind=Kind.COMPETITOR, roles=set(Role)).items()
    }
    ids = {key: {r.finding_id for r in found} for key, found in counted.items()}
    assert {k: {r.finding_id for r in v} for k, v in heard.rows.items() if k[0] != "message"} == ids
    assert len(ids) > 3


def test_whether_a_finding_is_sure_enough_is_asked_of_both_alike(store: Store) -> None:
    """Score, verdict and label decide, in the lean row as in the full one."""
    full = {row.finding_id: passes(row, COUNTED) for row in store.evidence()}
    calls = [call.call_id for call in store.calls()]
    assert {row.finding_id: passes(row, COUNTED) for row in store.heard(calls)} == full
    assert set(full.values()) == {True, False}


@pytest.mark.parametrize("kind", [Kind.OBJECTION, Kind.COMPETITOR, Kind.POSITIONING, Kind.ANSWER])
def test_raised_is_what_is_heard(store: Store, kind: Kind) -> None:
    """In all calls, of every kind; what people and second readers say is in the test above of both ways."""
    assert counted_ways(store, kind) == []
    assert len(store.raised(kind)) > 5


def test_heard_is_asked_of_calls(store: Store) -> None:
    """Only theirs, in the order of the call; none asked for is none, and an unknown id is nobody's."""
    one = next(call.call_id for call in store.calls() if call.source == "one")
    rows = store.heard([one, "unknown"])
    assert {row.call_id for row in rows} == {one}
    assert [row.utterance_index for row in rows] == sorted(row.utterance_index for row in rows)
    assert store.heard([]) == []


def test_evidence_of_some_ids(store: Store) -> None:
    """Those findings, as they are told otherwise; filters hold beside it; an unknown id is nobody's."""
    every = store.evidence()
    some = {row.finding_id for row in every[::3]}
    assert store.evidence(ids=some) == [row for row in every if row.finding_id in some]
    assert store.evidence(ids={*some, "unknown' OR 1=1 --"}) == store.evidence(ids=some)
    assert store.evidence(ids=()) == []
    rivals = store.evidence(EvidenceFilter(kind="competitor"), ids={row.finding_id for row in every})
    assert rivals == [row for row in every if row.kind is Kind.COMPETITOR]


@pytest.fixture
def words(tmp_path: Path) -> Iterator[Store]:
    """One call with what searches stumble over."""
    with Store(tmp_path / "callmine.db") as made:
        made.import_deals([a_deal()])
        put_call(
            made,
            "one",
            rep("We close in three days, and closing early helps."),
            buyer("You close in three days?"),
            rep("Three days it is. In three days, really: in three days!"),
            rep("It is NOT near AND not far, OR is it?"),
            rep('He said "cheap" and don\'t ask.'),
            rep("Unsure who says in three days.", confidence=0.5),
            rep("S\u030ckoda uses it; Škoda does."),
        )
        yield made


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("in three days", ["in three days", "In three days"]),
        ("IN  three\ndays!", ["in three days", "In three days"]),
        ("days three", []),
        ("closes in three day", ["close in three days"]),
        ("three AND days", []),
        ("near AND not", ["near AND not"]),
        ("NOT near", ["NOT near"]),
        ("near*", ["near"]),
        ("text: near", []),
        ("^we close", ["We close"]),
        ("NEAR(three days)", []),
        ('"cheap"', ["cheap"]),
        ('cheap" OR "days', []),
        ("don't", ["don't"]),
        ("don’t", ["don't"]),
        ("days\0it", ["days it"]),
        ("Škoda uses", ["S\u030ckoda uses"]),
        ("S\u030ckoda does", ["Škoda does"]),
        ("", []),
        ("  ", []),
        ("?!…", []),
        ("_", []),
        ("\u0301", []),
        ("\ud800", []),
        ("x" * 10_000, []),
    ],
)
def test_words_are_looked_for_literally(words: Store, phrase: str, found: list[str]) -> None:
    """One after the other, in any of their forms, by who is meant; nothing of a search's language."""
    said = {u.index: u.text for call in words.calls() for u in words.utterances(call.call_id)}
    places = words.spoken(phrase, role=Role.REP, min_role_confidence=0.8)
    assert [said[index][start:end] for _, index, start, end in places] == found


def test_who_said_words_matters(words: Store) -> None:
    """Only what is known, surely enough, to be the one's whose words are looked for."""
    asked = [(Role.REP, 0.8), (Role.REP, 0.4), (Role.PROSPECT, 0.8), (Role.UNKNOWN, 0.0)]
    found = [len(words.spoken("in three days", role=role, min_role_confidence=s)) for role, s in asked]
    assert found == [2, 3, 1, 0]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_no_words_break_the_search(words: Store, phrase: str) -> None:
    """Whatever is typed, the answer is places in stored words."""
    for call_id, index, start, end in words.spoken(phrase, role=Role.REP, min_role_confidence=0.0):
        text = next(u.text for u in words.utterances(call_id) if u.index == index)
        assert text[start:end].strip()
