"""Deals over time: exports in any order, the CRM's own history, and what held at an instant."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callmine.domain import EndWords, Outcome, is_after_close
from callmine.store import Store
from callmine.store.deal_queries import StageRow, stage_times, timeline
from callmine.store.deals import DealsSource, HistoryEntry
from callmine.store.rows import EvidenceFilter
from tests.builders import a_deal
from tests.workbench import Workbench

EXPORTS = {
    "2026-09-01T20:00:00Z": {"D-1": "Demo", "D-2": "Demo"},
    "2026-09-08T20:00:00Z": {"D-1": "Negotiation", "D-2": "Demo", "D-3": "Demo"},
    "2026-09-15T20:00:00Z": {"D-1": "Demo", "D-3": "Demo"},
    "2026-09-22T20:00:00Z": {"D-1": "Demo", "D-2": "Demo", "D-3": "Won"},
}


def take(store: Store, at: str, stages: dict[str, str]) -> None:
    """Import an export of an instant."""
    store.import_deals([a_deal(deal_id, stage=stage) for deal_id, stage in stages.items()], at=at)


def told(store: Store) -> list[tuple[object, ...]]:
    """What all deals were, from when on."""
    return [(r.deal_id, r.since, r.stage, r.is_gone) for r in store.stage_history()]


def current(store: Store) -> list[tuple[object, ...]]:
    """What all deals are."""
    return [(r.deal.deal_id, r.deal.stage, r.is_gone, r.known_at) for r in store.deal_rows()]


def test_exports_in_any_order_tell_one_history(bench: Workbench) -> None:
    """Whichever export comes first: the same states, from the same instants, and the same deals now."""
    for at, stages in EXPORTS.items():
        take(bench.store, at, stages)
    expected, now = told(bench.store), current(bench.store)
    assert [(d, s[8:10], stage, gone) for d, s, stage, gone in expected] == [
        ("D-1", "01", "Demo", False),
        ("D-1", "08", "Negotiation", False),
        ("D-1", "15", "Demo", False),
        ("D-2", "01", "Demo", False),
        ("D-2", "15", "Demo", True),
        ("D-2", "22", "Demo", False),
        ("D-3", "08", "Demo", False),
        ("D-3", "22", "Won", False),
    ]
    for number, order in enumerate(permutations(EXPORTS)):
        with Store(bench.folder / f"{number}.db") as store:
            for at in order:
                take(store, at, EXPORTS[at])
            assert told(store) == expected, order
            assert current(store) == now, order


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from("ABC"), st.sampled_from(["x", "y"])), min_size=1, max_size=5
    ).flatmap(lambda exports: st.tuples(st.just(exports), st.permutations(range(len(exports)))))
)
def test_any_exports_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[list[dict[str, str]], list[int]]
) -> None:
    """The same in general, also where deals come and go; and taking all in again changes nothing."""
    exports, order = case
    results = []
    for way in (range(len(exports)), [*order, *order]):
        path = tmp_path_factory.mktemp("order") / "callmine.db"
        with Store(path) as store:
            for n in way:
                take(store, f"2026-09-{n + 1:02}T20:00:00Z", exports[n])
            results.append((told(store), current(store)))
    assert results[0] == results[1]


def test_an_older_export_leaves_todays_deals_alone(bench: Workbench) -> None:
    """Only history learns of it, and the numbers say so; deals unknown until then are gone by now."""
    bench.store.import_deals([a_deal("D-1", stage="Won", amount=2.0)])
    changes = bench.store.import_deals(
        [a_deal("D-1", stage="Demo", amount=1.0), a_deal("D-0", stage="Demo")], at="2026-09-01T20:00:00Z"
    )
    assert (changes.new, changes.changed, changes.older, changes.gone) == (1, 0, 1, 0)
    assert [(d.deal_id, d.stage, d.amount) for d in bench.store.deals()] == [("D-1", "Won", 2.0)]
    assert [(r.deal_id, r.stage, r.is_gone) for r in bench.store.stage_history()] == [
        ("D-0", "Demo", False),
        ("D-0", "Demo", True),
        ("D-1", "Demo", False),
        ("D-1", "Won", False),
    ]


def test_a_delta_that_did_not_hold_a_deal_says_nothing_of_it(bench: Workbench) -> None:
    """An older full export is then the newest word on it."""
    take(bench.store, "2026-09-01T20:00:00Z", {"D-1": "Demo", "D-2": "Demo"})
    bench.store.import_deals([a_deal("D-2", stage="Won")], delta=True, at="2026-09-20T20:00:00Z")
    take(bench.store, "2026-09-10T20:00:00Z", {"D-1": "Negotiation", "D-2": "Demo"})
    assert [(d.deal_id, d.stage) for d in bench.store.deals()] == [("D-1", "Negotiation"), ("D-2", "Won")]


def test_what_it_was_judged_by_is_kept(bench: Workbench) -> None:
    """The CRM's words beside the deal, the mapping and the names with the import."""
    words = EndWords("Verloren", False, True, ("price", "timing"))
    source = DealsSource("crm.csv", '{"outcome":{"lost":["Verloren"]}}', ("Lantern",))
    bench.store.import_deals([a_deal("D-1")], words={"D-1": words}, source=source)
    (row,) = bench.store.deal_rows("D-1")
    assert row.words == words
    (judged,) = bench.store.deals_to_judge()
    assert (judged.deal, judged.words) == (row.deal, words)
    assert (judged.mapping, judged.rivals) == (source.mapping, source.rivals)
    noted = bench.only("deal_imports")
    assert (noted["kind"], noted["file"], noted["since"]) == ("full", "crm.csv", noted["imported_at"])


def test_an_outcome_judged_again_is_learnt_now(bench: Workbench) -> None:
    """History says when and by what; the state before stays as it was."""
    bench.store.import_deals([a_deal("D-1", outcome=Outcome.LOST_OTHER)], at="2026-09-01T20:00:00Z")
    bench.store.set_outcomes({"D-1": Outcome.LOST_COMPETITOR}, rivals=("Lantern",))
    first, second = bench.store.history_of("D-1")
    assert (first["outcome"], first["origin"]) == ("lost_other", "import")
    assert (second["outcome"], second["origin"]) == ("lost_competitor", "playbook")
    assert second["since"] == second["imported_at"] > first["since"]
    assert [j.rivals for j in bench.store.deals_to_judge()] == [("Lantern",)]
    assert bench.store.deals()[0].outcome is Outcome.LOST_COMPETITOR


def entry(since: str, stage: str | None = None, **changes: object) -> HistoryEntry:
    """What the CRM recorded of D-1."""
    values = {"outcome": Outcome.OPEN if stage else None, "amount": None, "close_date": None, **changes}
    return HistoryEntry("D-1", since, stage, **values)  # type: ignore[arg-type]


def test_the_crms_own_history_is_kept_once(bench: Workbench) -> None:
    """The same again is nothing new; a correction of the same instant replaces it."""
    bench.import_deals(a_deal("D-1", stage="Won"))
    entries = [entry("2026-09-01T10:00:00Z", "Demo"), entry("2026-09-05T10:00:00Z", amount=5.0)]
    assert [bench.store.import_history(entries) for _ in range(2)] == [2, 0]
    assert bench.store.import_history([entry("2026-09-01T10:00:00Z", "Discovery")]) == 1
    assert bench.store.stage_times()["D-1"][0] == ("Discovery", "2026-09-01T10:00:00Z")
    assert [r.amount for r in bench.store.stage_history("D-1")] == [None, 5.0, 48000.0]
    assert {h["origin"] for h in bench.rows("deal_history")} == {"crm", "import"}


def test_stage_and_outcome_when_the_call_was(bench: Workbench) -> None:
    """By the instant from which they held, whoever told it and whenever; before all of them nothing."""
    bench.recording(rep_channel="left", deal_id="D-1", started_at="2026-09-29T08:00:00Z")
    bench.import_deals(a_deal("D-1", stage="Closed Won", outcome=Outcome.WON))
    bench.run()

    def seen() -> tuple[object, ...]:
        (call,), rows = bench.store.calls(), bench.store.evidence(EvidenceFilter())
        assert {(r.deal_stage, r.outcome_at_call) for r in rows} == {
            (call.stage_at_call, call.outcome_at_call)
        }
        return call.stage_at_call, call.outcome_at_call, call.outcome

    assert seen() == (None, None, Outcome.WON)
    bench.store.import_history([entry("2026-09-29T08:00:01Z", "Later")])
    assert seen() == (None, None, Outcome.WON)
    bench.store.import_history([entry("2026-09-28T08:00:00Z", "Demo")])
    bench.store.import_history([entry("2026-09-29T07:00:00Z", amount=1.0)])
    assert seen() == ("Demo", Outcome.OPEN, Outcome.WON)
    bench.store.import_deals(
        [a_deal("D-1", stage="Lost", outcome=Outcome.LOST_OTHER)], at="2026-09-28T20:00:00Z"
    )
    assert seen() == ("Lost", Outcome.LOST_OTHER, Outcome.WON)


def test_states_that_go_on_are_one() -> None:
    """Equal neighbours merge, an instant has one state, and the CRM's rows tell only what they say."""

    def row(since: str, origin: str = "import", **changes: object) -> dict[str, object]:
        empty = {"stage": None, "outcome": None, "amount": None, "close_date": None, "is_gone": 0}
        return {**empty, "deal_id": "D", "since": since, "origin": origin, **changes}

    whole = {"stage": "A", "outcome": "open", "amount": 1.0, "close_date": "2026-12-31"}
    rows = [
        row("1", "crm", stage="A"),
        row("2", **whole),
        row("3", **whole),
        row("4", "crm", amount=2.0),
        row("4", "crm", stage="B", outcome="open"),
        row("5", **{**whole, "amount": None}),
    ]
    states = list(timeline(rows))
    assert states == [
        StageRow("D", "1", "A", None, None, None, False),
        StageRow("D", "2", "A", Outcome.OPEN, 1.0, "2026-12-31", False),
        StageRow("D", "4", "B", Outcome.OPEN, 2.0, "2026-12-31", False),
        StageRow("D", "5", "A", Outcome.OPEN, None, "2026-12-31", False),
    ]
    assert stage_times(states) == {"D": (("A", "1"), ("B", "4"), ("A", "5"))}


@pytest.mark.parametrize(
    ("started_at", "close_date", "expected"),
    [
        ("2026-10-01T21:59:59Z", "2026-10-01", False),
        ("2026-10-01T22:00:00Z", "2026-10-01", True),
        ("2026-09-30T22:00:00Z", "2026-10-01", False),
        (None, "2026-10-01", None),
        ("2026-10-01T22:00:00Z", None, None),
    ],
)
def test_a_call_after_the_close(
    started_at: str | None, close_date: str | None, expected: bool | None
) -> None:
    """By the days of the workspace's zone, the day of closing being before; unknown dates tell nothing."""
    assert is_after_close(started_at, close_date, "Europe/Berlin") is expected
