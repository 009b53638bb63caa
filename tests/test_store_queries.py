"""The named queries: evidence with its filters, calls with their state, search, lookups."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callmine.domain import Outcome
from callmine.errors import UsageError
from callmine.store.rows import EvidenceFilter
from tests.builders import a_deal, a_segment, a_transcript
from tests.fakes import Rules
from tests.workbench import Workbench


@pytest.fixture
def archive(bench: Workbench) -> Workbench:
    """Four calls: won on October 5th, lost on the 2nd, open, and undated without a deal."""
    bench.import_deals(
        a_deal("D-1", close_date="2026-10-05"),
        a_deal("D-2", outcome=Outcome.LOST_COMPETITOR, close_date="2026-10-02", account="Vellmore"),
        a_deal("D-3", outcome=Outcome.OPEN, close_date="2026-12-01", account="Festmoor"),
    )
    bench.extractors = [Rules({"price": "price", "trust": "trust"})]
    for name, seed, facts in (
        ("a.wav", 1, {"started_at": "2026-09-29T08:00:00Z", "deal_id": "D-1"}),
        ("b.wav", 2, {"started_at": "2026-09-30T08:00:00Z", "deal_id": "D-2", "account": "V"}),
        ("c.wav", 3, {"started_at": "2026-10-01T08:00:00Z", "deal_id": "D-3"}),
        ("d.wav", 4, {}),
    ):
        bench.recording(name, seed, rep_channel="left", external_id=f"REC-{seed}", **facts)
    bench.engine.says = {
        "b.wav": a_transcript(
            a_segment("I do not trust the price.", 0, channel=1),
            a_segment("The price is fine.", 3000, channel=0),
        )
    }
    bench.run()
    return bench


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({}, "abcd"),
        ({"since": "2026-09-30T08:00:00Z"}, "bcd"),
        ({"until": "2026-09-30T08:00:00Z"}, "ad"),
        ({"since": "2026-09-30T00:00:00Z", "until": "2026-10-01T00:00:00Z"}, "bd"),
    ],
)
def test_calls_of_some_time_and_undated(archive: Workbench, which: dict[str, str], expected: str) -> None:
    """As they are among all; a file that became no call yet is of any time."""
    (archive.folder / "e.wav").write_bytes(b"RIFF, and nothing more")
    archive.store.add_source(archive.folder / "e.wav", origin="inbox")
    everything = {row.source: row for row in archive.store.calls()}
    found = archive.store.calls(**which)
    assert "".join(row.source[0] for row in found) == f"{expected}e"
    assert [everything[row.source] for row in found] == found


def test_when_calls_began(archive: Workbench) -> None:
    """Each instant once, in order; what has no date has none."""
    assert archive.store.call_starts() == [
        "2026-09-29T08:00:00Z",
        "2026-09-30T08:00:00Z",
        "2026-10-01T08:00:00Z",
    ]


def sources(archive: Workbench, **filters: Any) -> str:
    """The calls of the evidence found, one letter a finding, in order."""
    return "".join(e.source[0] for e in archive.store.evidence(EvidenceFilter(**filters)))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "aabbbccdd"),
        ({"kind": "objection", "label": "trust"}, "b"),
        ({"kind": "competitor"}, ""),
        ({"role": "rep"}, "b"),
        ({"since": "2026-09-30T08:00:00Z"}, "bbbcc"),
        ({"until": "2026-09-30T08:00:00Z"}, "aa"),
        ({"since": "2026-09-29T08:00:00Z", "until": "2026-10-01T00:00:00Z"}, "aabbb"),
        ({"deal": "D-3"}, "cc"),
        ({"outcome": "won"}, "aa"),
        ({"outcome": "lost"}, "bbb"),
        ({"outcome": "lost", "as_of": "2026-10-01"}, ""),
        ({"outcome": "won", "as_of": "2026-10-04"}, ""),
        ({"outcome": "open", "as_of": "2026-10-04"}, "aacc"),
        ({"min_score": 0.91}, ""),
        ({"label": "price' OR 1=1 --"}, ""),
    ],
)
def test_evidence_filters(archive: Workbench, filters: dict[str, Any], expected: str) -> None:
    """Each filter alone and together; calls by time, the undated last, then by position."""
    assert sources(archive, **filters) == expected


def test_evidence_carries_all_that_a_quote_needs(archive: Workbench) -> None:
    """Span, speaker, call and deal; the text is verbatim, and plays from its sentence on."""
    for e in archive.store.evidence():
        assert e.utterance[e.start : e.end] == e.text
        assert e.utterance_start_ms <= e.play_ms <= e.start_ms < e.end_ms <= e.utterance_end_ms
    row = archive.store.evidence(EvidenceFilter(deal="D-1"))[0]
    assert (row.deal_id, row.outcome, row.amount, row.currency) == ("D-1", Outcome.WON, 48_000.0, "EUR")
    assert (row.channel, row.role, row.account) == (1, "prospect", "Brennholt Bakeries")


def test_evidence_of_one_call_and_finding(archive: Workbench) -> None:
    """By ids; a call's own account counts over its deal's."""
    row = archive.store.evidence(EvidenceFilter(label="trust"))[0]
    assert row.account == "V"
    assert sources(archive, call_id=row.call_id) == "bbb"
    assert sources(archive, finding_id=row.finding_id) == "b"


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (None, ["won", "lost_competitor", "open", None]),
        ("2026-10-01", ["open", "open", "open", None]),
        ("2026-10-02", ["open", "lost_competitor", "open", None]),
        ("2026-10-05", ["won", "lost_competitor", "open", None]),
        ("2027-01-01", ["won", "lost_competitor", "open", None]),
    ],
)
def test_outcomes_as_of_a_day(archive: Workbench, as_of: str | None, expected: list[str | None]) -> None:
    """Closed later means still open then; the day of closing counts."""
    assert [c.outcome for c in archive.store.calls(as_of=as_of)] == expected


def test_outcomes_without_a_date_and_excluded_ones(archive: Workbench) -> None:
    """Not open by guess: who closed without a date is closed; excluded stays excluded."""
    archive.import_deals(
        a_deal("D-1", close_date=None),
        a_deal("D-2", outcome=Outcome.EXCLUDED, close_date="2026-10-02"),
        a_deal("D-3", outcome=Outcome.OPEN),
    )
    assert [c.outcome for c in archive.store.calls(as_of="2026-01-01")] == ["won", "excluded", "open", None]


def test_relabelled_evidence_is_filtered_by_its_new_label(archive: Workbench) -> None:
    """The person's label is the one that counts."""
    row = archive.store.evidence(EvidenceFilter(label="trust"))[0]
    archive.store.judge(row.finding_id, "label", "brush_off")
    assert sources(archive, label="trust") == ""
    (found,) = archive.store.evidence(EvidenceFilter(label="brush_off"))
    assert (found.verdict, found.finding_id) == ("label", row.finding_id)


def test_calls_show_state_words_and_link(archive: Workbench) -> None:
    """One row a call, by time, undated last."""
    rows = archive.store.calls()
    assert [r.source for r in rows] == ["a.wav", "b.wav", "c.wav", "d.wav"]
    assert {(r.status, r.reason) for r in rows} == {("done", None)}
    assert rows[1].words_by_role == {"prospect": 6, "rep": 4}
    assert rows[1].words == 10
    assert (rows[0].deal_id, rows[0].link_confidence, rows[3].deal_id, rows[3].link_rule) == (
        "D-1",
        1.0,
        None,
        None,
    )
    assert archive.store.calls(call_id=rows[2].call_id) == [rows[2]]


def test_calls_name_their_copies(bench: Workbench) -> None:
    """Whichever is read first, the call keeps its name, and the other file is the copy."""
    bench.recording("b.wav", 1)
    bench.recording("other.wav", 2)
    bench.run()
    copies = [bench.recording(name, 1) for name in ("a.wav", "c.wav")]
    bench.run()
    rows = {row.source: row for row in bench.store.calls()}
    assert rows["b.wav"].copies == tuple(map(str, copies))
    assert rows["other.wav"].copies == ()


def test_a_new_version_or_a_transcript_is_no_copy(bench: Workbench) -> None:
    """Files of one call with other content are what replaces or joins it."""
    bench.recording("a.wav", 1, external_id="X")
    bench.run()
    bench.recording("b.wav", 2, external_id="X")
    bench.transcript("a.vtt", external_id="X")
    bench.run()
    (row,) = bench.store.calls()
    assert row.copies == ()


def test_a_deal_that_is_gone_loses_its_links(archive: Workbench) -> None:
    """A full import without it marks it gone; a delta leaves it."""
    archive.store.import_deals(
        [a_deal("D-9", account="X", account_domain=None, contact_emails=())], delta=True
    )
    archive.run()
    assert archive.store.calls()[0].deal_id == "D-1"
    changes = archive.store.import_deals([a_deal("D-2", account="Vellmore")])
    assert (changes.changed, changes.gone) == (1, 3)
    archive.run()
    assert [c.deal_id for c in archive.store.calls()] == [None, "D-2", None, None]


def test_deal_history_is_written_from_the_first_import_on(bench: Workbench) -> None:
    """A row when something changed, none when nothing did, one when it goes and comes back."""
    bench.import_deals(a_deal(outcome=Outcome.OPEN))
    bench.import_deals(a_deal(outcome=Outcome.OPEN))
    bench.import_deals(a_deal(outcome=Outcome.OPEN, owner="Tom"))
    bench.import_deals(a_deal())
    bench.import_deals()
    bench.import_deals(a_deal())
    history = [(h["outcome"], h["is_gone"]) for h in bench.rows("deal_history")]
    assert history == [("open", 0), ("won", 0), ("won", 1), ("won", 0)]


def test_find_call_by_id_name_or_external_id(archive: Workbench) -> None:
    """A beginning of the id, the file's name, or the external id; else a usage error."""
    call = archive.store.calls()[0]
    for ref in (call.call_id, call.call_id[:8], "a.wav", "REC-1"):
        assert archive.store.find_call(ref).call_id == call.call_id
    for ref in ("", "nothing", "%", "a.wa"):
        with pytest.raises(UsageError, match="there is no call"):
            archive.store.find_call(ref)


def test_search_finds_all_words_in_any_order(archive: Workbench) -> None:
    """Inflected forms too; with speaker, call and time."""
    rows = archive.store.search("prices trusting")
    assert [(r["source"], r["text"]) for r in rows] == [("b.wav", "I do not trust the price.")]
    assert rows[0]["role"] == "prospect"
    assert "[trust]" in rows[0]["snippet"]
    assert len(archive.store.search("price", limit=2)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        '"',
        '""',
        "'",
        "price OR trust",
        "price AND",
        "NOT price",
        "NEAR(price trust, 2)",
        "text:price",
        "-price",
        "^price",
        "pri*",
        "(price",
        "price)",
        '"price" "trust',
        "{price}",
        "price; DROP TABLE utterances",
        "\x00price\x00",
        "price\x00",
        "\udcff",
        "🎉 ¿?",
        "a" * 100_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_search_takes_operators_literally(archive: Workbench, text: str) -> None:
    """No text has a meaning of its own, and none is an error."""
    archive.store.search(text)
    assert archive.store.search("price OR trust") == [], "the word or was not said"
    assert len(archive.store.search("price")) == 8


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_search_never_fails(archive: Workbench, text: str) -> None:
    """Whatever a person types."""
    archive.store.search(text)


def test_search_forgets_what_is_replaced(archive: Workbench) -> None:
    """The index follows the utterances."""
    assert archive.store.search("trust")
    archive.engine.says = {}
    archive.engine.take = 2
    archive.run()
    assert archive.store.search("trust") == []
    archive.sql("SELECT count(*) FROM utterances_fts")
    archive.store._db.execute("INSERT INTO utterances_fts (utterances_fts) VALUES ('integrity-check')")


def test_table_rows_only_of_our_tables(archive: Workbench) -> None:
    """Export reads what is documented, nothing else."""
    assert len(archive.rows("calls")) == 4
    with pytest.raises(UsageError, match="there is no table"):
        archive.rows("sqlite_master; --")


def test_counts_and_problems(archive: Workbench) -> None:
    """Stage by status, and what did not end well, by file name."""
    archive.recording("e.wav", 5, consent="no")
    archive.run()
    counts = archive.store.stage_counts()
    assert counts["ingest"] == {"done": 4, "skipped": 1}
    assert counts["extract"] == {"done": 4}
    assert [(p["stage"], p["source"]) for p in archive.store.problems()] == [("ingest", "e.wav")]


def test_a_report_is_kept_once(bench: Workbench) -> None:
    """An identical one is not kept twice; a changed one is, beside the old."""
    for value in ("{}", "{}", '{"a": 1}', "{}"):
        bench.store.save_report("digest", "2026-W40", value, as_of=None)
    assert [r["value"] for r in bench.rows("reports")] == ["{}", '{"a": 1}', "{}"]
