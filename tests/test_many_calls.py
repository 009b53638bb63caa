"""The number of calls does not matter to memory: payloads are built one by one, and let go."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable

from callmine.domain import Transcript
from callmine.engines.base import Hints
from callmine.stages.extract import ExtractStage
from tests.builders import a_segment, a_transcript
from tests.fakes import ScriptedEngine
from tests.workbench import Workbench

CALLS, SEGMENTS = 10, 300


class Talkative(ScriptedEngine):
    """Hears a long call, another one every time."""

    def transcribe(self, recording: object, hints: Hints) -> Transcript:
        self.loads += 1
        words = "we talked about the price and about many other things besides it number"
        return a_transcript(
            *(a_segment(f"{words} {self.loads} {i}", i * 10_000) for i in range(SEGMENTS)),
        )


def peak_of(work: Iterable[object]) -> int:
    """Most bytes held at once while an iterator is drained."""
    tracemalloc.start()
    for _ in work:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_pending_jobs_hold_one_call_at_a_time(bench: Workbench) -> None:
    """Going through all calls' utterances takes little more than the largest of them."""
    bench.engine = Talkative()
    for index in range(CALLS):
        bench.recording(f"{index}.wav")
    bench.run()
    stage = ExtractStage(bench.extractors, bench.playbook)
    everything = frozenset[str]()
    keys = [job.key for job in bench.store.pending(stage, force=everything, payloads=False)]
    assert len(keys) == CALLS
    one = peak_of(bench.store.pending(stage, force=frozenset(keys[:1])))
    assert one > 300_000, "a call's utterances are large enough to be seen"
    assert peak_of(bench.store.pending(stage, force=everything)) < 3 * one
