"""The benchmarks count right: a figure of theirs is a claim, so what makes it is tested."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks import measure, tables, watching
from benchmarks.measure import Measured
from benchmarks.options import TITLES, Setup
from benchmarks.recordings import Recorded
from benchmarks.scoring import (
    Counts,
    Heard,
    Turn,
    compare,
    invented,
    names_heard,
    names_in,
    normal,
    one_stream,
    per_channel,
    playbook_names,
    stream,
    turn_starts,
)
from benchmarks.transcription import HEADER, Row, cells, row_of, target_rows
from tests.builders import a_playbook

SENTENCE = "we plan the shifts on a large sheet of paper every sunday"


def heard(text: str, start_ms: int = 0, channel: int | None = None, *, step: int = 200) -> list[Heard]:
    """Return the words of a text, one every ``step`` ms."""
    return [
        Heard(word, start_ms + i * step, start_ms + (i + 1) * step, channel)
        for i, word in enumerate(text.split())
    ]


def test_errors_are_counted_after_whispers_normaliser() -> None:
    """Case, marks, contractions and number words are no errors; other words are."""
    assert normal("It's twenty-two shops, Mister Grey.") == normal("it is 22 shops mr gray")
    assert compare("It's twenty-two shops.", "it is 22 shops").rate == 0
    counts = compare("bread and butter", "bread end butter please")
    assert (counts.words, counts.substituted + counts.inserted, counts.deleted) == (3, 2, 0)
    assert counts.rate == pytest.approx(2 / 3)


def test_only_runs_of_deletions_are_lost_passages() -> None:
    """Three words that are missing are slips; four in a row are a lost passage."""
    words = SENTENCE.split()
    slips = compare(SENTENCE, " ".join(words[:4] + words[7:]))
    assert (slips.deleted, slips.lost, slips.passages) == (3, 0, 0)
    passage = compare(SENTENCE, " ".join(words[:4] + words[8:]))
    assert (passage.deleted, passage.lost, passage.passages) == (4, 4, 1)
    assert compare(SENTENCE, "").lost == len(words)


def test_counts_add_up() -> None:
    """The rate of several calls is over all their words, not the mean of their rates."""
    both = compare("a b c d", "a b c d") + compare("x y", "")
    assert (both.words, both.deleted) == (6, 2)
    assert both.rate == pytest.approx(2 / 6)
    assert compare("", "thank you").inserted == 2


def test_people_who_talk_at_once_are_not_mixed_word_by_word() -> None:
    """Whoever began first is written first; a pause makes a new phrase."""
    left = heard("one two three", 0, 0) + heard("five", 5_000, 0)
    right = heard("four", 500, 1)
    assert stream([*right, *left]) == "one two three four five"
    turns = [Turn("one two three", 0, 600, 0), Turn("four", 500, 700, 1), Turn("five", 5_000, 5_200, 0)]
    assert one_stream(turns, left + right).rate == 0


def test_sides_are_compared_apart() -> None:
    """A word on the wrong side is an error there, though the text as a whole is right."""
    turns = [Turn("good morning", 0, 400, 0), Turn("hello", 500, 700, 1)]
    right = heard("good morning", 0, 0) + heard("hello", 500, 1)
    swapped = heard("good morning", 0, 1) + heard("hello", 500, 0)
    sides = per_channel(turns, right)
    assert sides is not None
    assert sides.rate == 0
    wrong = per_channel(turns, swapped)
    assert wrong is not None
    assert wrong.rate >= 1
    assert one_stream(turns, swapped).rate == 0
    assert per_channel(turns, heard("good morning")) is None


def test_invented_words_stand_far_from_every_turn() -> None:
    """A word may stray by a second; one in the hold music was not spoken."""
    turns = [Turn("hello", 10_000, 11_000)]
    assert invented(turns, heard("hello", 10_200) + heard("you", 11_700) + heard("thanks", 30_000)) == 1
    assert invented([], heard("thank you")) == 2


def test_names_count_where_they_are_written_exactly() -> None:
    """Small letters, another spelling or part of a longer word are not the name."""
    names = ("Lantern", "Lantern Shift", "Ozquivo")
    assert names_in("Lantern Shift, Lantern's and lanterns", names) == {"Lantern Shift": 1, "Lantern": 1}
    assert not names_in("a lantern, Lanterns, OzQuivo", names)
    turns = [Turn("Is that Ozquivo or Lantern?", 0, 1_000), Turn("Ozquivo", 60_000, 60_500)]
    said = heard("Is that Oscivo or Lantern?") + heard("Ozquivo", 60_000)
    assert names_heard(turns, said, names) == (2, 3)
    assert names_heard(turns, heard("Ozquivo Ozquivo Ozquivo"), names) == (1, 3)


def test_names_of_a_playbook() -> None:
    """Ours, our products', the competitors' and their aliases, each once."""
    playbook = a_playbook()
    names = playbook_names(playbook)
    assert playbook.company.name in names
    assert all(c.name in names for c in playbook.competitors)
    assert len(names) == len(set(names))


def test_starts_of_turns_are_compared_word_by_word() -> None:
    """The error is that of the first word; a turn whose first word was missed is left out."""
    turns = [
        Turn("good morning Petra", 1_000, 2_000),
        Turn("hello", 3_000, 4_000),
        Turn("so", 9_000, 9_300),
    ]
    words = heard("Good morning,", 1_150) + heard("So", 8_900)
    assert [(t.text, e) for t, e in turn_starts(turns, words)] == [
        ("good morning Petra", 150),
        ("so", -100),
    ]
    assert turn_starts(turns, []) == []


def test_sections_replace_only_themselves(tmp_path: Path) -> None:
    """Prose and other sections stay; a new section goes to the end."""
    page = tmp_path / "page.md"
    page.write_text("# Title\n\nProse.\n\n<!-- begin a -->\nold\n<!-- end a -->\n\nMore prose.\n")
    tables.put(page, "a", tables.table(("tool", "x"), [("callmine", 1), ("a|b", 2)]))
    tables.put(page, "b", ["new"])
    tables.put(page, "b", ["newer"])
    text = page.read_text()
    assert "old" not in text
    assert "| callmine | 1 |\n| a/b | 2 |" in text
    assert (
        text.index("Prose.") < text.index("| tool | x |") < text.index("More prose.") < text.index("newer")
    )
    assert "\nnew\n" not in text
    assert "cores" in tables.machine()


def a_row(**changed: Any) -> Row:
    """Return a row of a tool that does everything right, at ten times the speed of sound."""
    given: dict[str, Any] = {
        "speed": 10.0, "slowest": 9.0, "fastest": 11.0, "one": Counts(words=1000, substituted=50),
        "sides": None, "invented": 0, "names": (50, 100), "found": (5, 10), "peak_mb": 400.0,
        "load_s": 1.0, "outside": None,
    }  # fmt: skip
    return Row(**(given | changed))


def test_targets_are_judged_from_the_rows() -> None:
    """What is missed is said to be missed; without a peer there is nothing to say of it."""
    rows = {"callmine": a_row(), "fw-sequential": a_row(speed=8.0), "openai-whisper": a_row(speed=1.0)}
    met = {what: verdict for what, _, _, verdict in target_rows(rows)}
    assert met["speed over openai-whisper"] == "yes"
    assert met["speed over faster-whisper, sequential"] == "**no**"
    assert met["WER above faster-whisper, sequential"] == "yes"
    assert met["names written, above the unbiased engine"] == "**no**"
    rows["callmine"] = a_row(one=Counts(words=1000, substituted=54, lost=4, passages=1), names=(90, 100))
    met = {what: verdict for what, _, _, verdict in target_rows(rows)}
    assert met["WER above faster-whisper, sequential"] == "**no**"
    assert met["words lost"] == "**no**"
    assert met["names written, above the unbiased engine"] == "yes"
    assert [what for what, *_ in target_rows({"callmine": a_row(found=(0, 0))})] == [
        "words lost",
        "words where nobody speaks",
    ]
    slow = {w: v for w, _, _, v in target_rows({"callmine": a_row(outside=0.2)})}
    assert slow["time outside the recogniser (file, speech detection)"] == "**no**"
    assert target_rows({}) == []
    assert len(cells("callmine", a_row())) == len(HEADER)


def test_a_row_is_the_median_of_the_repeats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Speed from the medians, the spread from whole passes, memory from the worst."""
    monkeypatch.setattr("benchmarks.transcription.recognised", lambda found: (0, 0))
    recorded = Recorded("a", tmp_path / "a.wav", 100.0, (Turn("hello there", 0, 1_000),))
    words = [("hello", 0, 200, None), ("there", 200, 400, None)]
    runs = tuple(
        {"seconds": s, "peak_mb": 100 + s, "load_seconds": 1.0, "engine_seconds": 0.9 * s, "words": words}
        for s in (5.0, 10.0, 20.0)
    )
    row = row_of([Measured(recorded, runs)])
    assert (row.speed, row.slowest, row.fastest, row.peak_mb) == (10.0, 5.0, 20.0, 120.0)
    assert row.rate == 0
    assert row.outside == pytest.approx(0.1)


def test_waiting_for_another_process_is_not_outside_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Side by side, the share of the whole is longer than what the recording took; speed is the whole's."""
    monkeypatch.setattr("benchmarks.transcription.recognised", lambda found: (0, 0))
    recorded = Recorded("a", tmp_path / "a.wav", 100.0, ())
    run = {"seconds": 10.0, "own_seconds": 5.0, "engine_seconds": 4.5, "words": []}
    row = row_of([Measured(recorded, (run | {"peak_mb": 1.0, "load_seconds": 1.0},))])
    assert row.outside == pytest.approx(0.1)
    assert row.speed == pytest.approx(10.0)


def test_peers_that_are_not_there_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool that is not installed has a reason in place of results, and a model that cannot be had."""
    setup = Setup(tmp_path, tmp_path / "none", repeats=1)
    assert measure.missing("whisper.cpp", setup) == "not installed"
    assert measure.missing("fw-sequential", setup) == ""
    monkeypatch.setattr(measure, "model_path", lambda name: tmp_path)
    assert measure.measure(["whisper-ctranslate2"], "m", "mono", [], setup) == {
        "whisper-ctranslate2": "not installed"
    }
    monkeypatch.setattr(measure, "model_path", lambda name: "cannot be had")
    assert set(measure.measure(list(TITLES), "m", "mono", [], setup).values()) == {"cannot be had"}


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the memory of processes is read from /proc"
)
def test_memory_is_read_per_process(tmp_path: Path) -> None:
    """The memory of this process, and medians over the looks while so many calls were done."""
    assert watching.rss_mb(os.getpid()) > 10
    assert os.getpid() in watching.descendants(os.getppid())
    looks = [watching.Sample({"transcribe": n}, 50.0 + n, (100.0, 200.0 + n)) for n in range(10)]
    assert watching.at(looks, "transcribe", 2, 5) == (53.0, 203.0)
    assert watching.at(looks, "extract", 2, 5) is None
    assert watching.done(tmp_path) == {}
