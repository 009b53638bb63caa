"""Voices of ours and replies to answers, as the store tells them."""

from __future__ import annotations

from tests.workbench import Workbench

SINCE, UNTIL = "2026-09-28T00:00:00Z", "2026-10-05T00:00:00Z"


def test_reps_are_known_voices_of_dated_calls(bench: Workbench) -> None:
    """Name and last turn of our voice; a surer limit, another week and an undated call have none."""
    facts = {"rep": "Maya Linden", "rep_email": "maya@larkmoor.example"}
    bench.transcript("dated.vtt", started_at="2026-09-29T08:00:00Z", **facts)
    bench.transcript("undated.vtt", ("Maya Linden", "Hello there, undated."), **facts)
    bench.run()
    (rep,) = bench.store.reps(since=SINCE, until=UNTIL, min_confidence=0.8)
    assert (rep.name, rep.email, rep.last_turn) == ("Maya Linden", "maya@larkmoor.example", 0)
    assert bench.store.reps(since=SINCE, until=UNTIL, min_confidence=1.1) == []
    assert bench.store.reps(since=UNTIL, until="2027-01-01T00:00:00Z", min_confidence=0.8) == []
    assert bench.store.replies(since=SINCE, until=UNTIL) == []
