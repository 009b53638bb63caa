"""Corrected transcripts come back: words, roles, times; what people said of findings stays."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from commands import SECOND, callmine, vtt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callmine.domain import Edit, Kind, Mention, Role, RoleSource, Segment
from callmine.formats.editing import (
    MAX_LETTERS,
    Turn,
    as_written,
    check_of,
    is_editable,
    read_edited,
    to_text,
)
from callmine.operations.intake import Correction, Intake, add_paths, scan_inbox
from callmine.operations.transcripts import show_transcript, transcript_as
from callmine.stages.edits import apply_edits, words_of
from callmine.store.kept import moved
from callmine.workspace import find_workspace
from tests.builders import a_segment, a_transcript, an_utterance
from tests.fakes import Rules, ScriptedEngine
from tests.workbench import Workbench, write_recording

FACTS = {"external_id": "REC-1", "rep": "Maya Linden", "rep_channel": "left"}
PRICE = "Honestly, the price is too high for us."


def an_edit(text: str, heard: str = PRICE, **changes: object) -> Edit:
    values = {"start_ms": 0, "end_ms": 2000, "heard": heard, "text": text}
    return Edit(**{**values, **changes})  # type: ignore[arg-type]


# -- applying --------------------------------------------------------------------------------


def test_words_and_role_of_a_turn_are_corrected() -> None:
    """The person's word is certain; nothing else of the call changes."""
    other = an_utterance("I see.", index=1, start_ms=5000)
    (found, same), notes = apply_edits(
        [an_utterance(), other], [an_edit("Honestly, the rice is too high.", role=Role.REP)]
    )
    assert (found.text, found.role) == ("Honestly, the rice is too high.", Role.REP)
    assert (found.role_source, found.role_confidence, found.index) == (RoleSource.PERSON, 1.0, 0)
    assert (same, notes) == (other, ())


def test_edits_chain_and_the_later_one_wins() -> None:
    """Each edit is about what the ones before left, and may take them back."""
    one, two = an_edit("The rice is high."), an_edit("The rice is high, sir.", "The rice is high.")
    assert apply_edits([an_utterance()], [one, two])[0][0].text == "The rice is high, sir."
    back = an_edit(PRICE, "The rice is high, sir.")
    assert apply_edits([an_utterance()], [one, two, back])[0] == (an_utterance(),)
    roles = [an_edit(PRICE, role=Role.REP), an_edit(PRICE, role=Role.UNKNOWN)]
    assert apply_edits([an_utterance()], roles)[0][0].role is Role.UNKNOWN


def test_emptied_turns_leave_a_gap_and_can_be_filled_again() -> None:
    """The others keep their indices, by which findings go."""
    turns = [an_utterance(text, index=i, start_ms=i * 5000) for i, text in enumerate(("A.", "B.", "C."))]
    empty = an_edit("", "B.", start_ms=5000, end_ms=5250)
    found, _ = apply_edits(turns, [empty])
    assert [(u.index, u.text) for u in found] == [(0, "A."), (2, "C.")]
    again = replace(empty, heard="", text="B, yes.")
    found, notes = apply_edits(turns, [empty, again])
    assert ([(u.index, u.text) for u in found][1], notes) == ((1, "B, yes."), ())


def test_an_edit_without_its_turn_is_told_and_not_applied() -> None:
    """Neither other words at its time, nor its words at another time, are what was corrected."""
    for turn in (
        an_utterance("Let us talk about the weather then."),
        an_utterance(start_ms=60_000),
    ):
        found, notes = apply_edits([turn], [an_edit("The rice is high.", start_ms=1000, end_ms=3000)])
        assert found == (turn,)
        assert "the turn at 0:01 was not applied" in notes[0]


def test_turns_that_cannot_be_told_apart_are_left_alone() -> None:
    """The same words at the same time on both channels: nobody knows which one was meant."""
    turns = [an_utterance(), an_utterance(index=1, speaker="channel 1")]
    found, notes = apply_edits(turns, [an_edit("", end_ms=turns[0].end_ms)])
    assert (found, len(notes)) == (tuple(turns), 1)


def test_after_a_new_transcription_the_turn_is_found_by_time_and_words() -> None:
    """It begins elsewhere and reads a little different; the neighbour that overlaps less is not it."""
    said = "Honestly the prices too high for us"
    new = an_utterance(said, start_ms=140)
    neighbour = an_utterance(said, index=1, start_ms=1500)
    found, notes = apply_edits([new, neighbour], [an_edit("Honestly, the rice is too dry for us.")])
    assert ([u.text for u in found], notes) == (["Honestly, the rice is too dry for us.", said], ())
    roles, _ = apply_edits([new], [an_edit(PRICE, role=Role.REP)])
    assert (roles[0].text, roles[0].role) == (said, Role.REP)  # the words were not corrected
    right = an_utterance("Honestly, the rice is too dry for us!")
    assert apply_edits([right], [an_edit("Honestly, the rice is too dry for us.")])[1] == ()


def test_words_keep_their_times() -> None:
    """One word for two takes both times; a new one has the time between; the rest is as it was."""
    heard = an_utterance("We use tip Alti now")
    said = "We use Tipalti right now"
    (found,), _ = apply_edits([heard], [an_edit(said, "We use tip Alti now")])
    times = {said[w.start : w.end]: (w.start_ms, w.end_ms) for w in found.words}
    assert times == {
        "We": (0, 250),
        "use": (250, 500),
        "Tipalti": (500, 750),
        "right": (750, 1000),
        "now": (1000, 1250),
    }
    gap = replace(heard, words=(heard.words[0], heard.words[4]))
    (found,), _ = apply_edits([gap], [an_edit("We love them now", "We use tip Alti now")])
    assert [(w.start_ms, w.end_ms) for w in found.words] == [
        (0, 250),
        (250, 625),
        (625, 1000),
        (1000, 1250),
    ]
    assert words_of(replace(heard, words=()), said) == ()


_SAID = st.lists(
    st.sampled_from(["price", "Price,", "the", "is", "too", "high.", "-", "…"]), min_size=1, max_size=12
)


@settings(max_examples=300, deadline=None)
@given(_SAID, _SAID)
def test_corrected_words_stand_in_the_text_and_in_time(before: list[str], after: list[str]) -> None:
    """Every word of any correction has its place and a time within the turn, in order."""
    heard, text = an_utterance(" ".join(before)), " ".join(after)
    words = words_of(heard, text)
    assert [text[w.start : w.end] for w in words] == after
    times = [time for w in words for time in (w.start_ms, w.end_ms)]
    assert times == sorted(times)
    assert all(heard.start_ms <= time <= heard.end_ms for time in times)
    if before == after:
        assert words == heard.words


@settings(max_examples=300, deadline=None)
@given(_SAID, _SAID, st.data())
def test_a_span_that_is_moved_reads_the_same(
    before: list[str], after: list[str], data: st.DataObject
) -> None:
    """A verdict never moves to other words."""
    old, new = " ".join(before), " ".join(after)
    start = data.draw(st.integers(0, len(old) - 1))
    end = data.draw(st.integers(start + 1, len(old)))
    found = moved(old, new, start, end)
    assert found is None or new[found : found + end - start] == old[start:end]
    if old == new:
        assert found == start


_CHAIN = st.lists(st.sampled_from(["A one.", "B two.", "", "C three."]), max_size=6)


@given(_CHAIN, st.integers(0, 6))
def test_chains_may_be_followed_again(chain: list[str], applied: int) -> None:
    """What waits for the next run is seen, whatever runs applied before: the end of the chain."""
    from callmine.operations.taking_back import present_turns

    states = ["A one.", *chain]
    edits = [an_edit(text, heard) for heard, text in pairwise(states) if heard != text]
    base = an_utterance("A one.", end_ms=2000)
    stored, _ = apply_edits([base], edits[:applied])
    assert [turn.text for turn in present_turns(stored, edits)] == [states[-1]]


# -- through the pipeline --------------------------------------------------------------------


@pytest.fixture
def done(bench: Workbench) -> Workbench:
    """One call of four turns with two findings, in a workspace."""
    (bench.folder / "callmine.toml").write_text("")
    bench.recording(**FACTS)
    bench.run()
    return bench


def written(bench: Workbench, **changes: str) -> Path:
    """The transcript to correct, with words replaced, in a file."""
    text = transcript_as(find_workspace(bench.folder), "REC-1", "txt")
    return put(bench, text, changes)


def put(bench: Workbench, text: str, changes: dict[str, str]) -> Path:
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    path = bench.folder / "back.txt"
    path.write_text(text, "utf-8")
    return path


def add(bench: Workbench, path: Path) -> Intake:
    return add_paths(find_workspace(bench.folder), [path])


def texts(bench: Workbench) -> list[str]:
    return [u["text"] for u in bench.rows("utterances")]


def test_the_file_explains_itself(done: Workbench) -> None:
    """Who opens it knows what to do; each turn has its time, its side and who spoke."""
    text = written(done).read_text("utf-8")
    assert is_editable(done.folder / "back.txt")
    call = done.only("calls")["call_id"]
    assert text.startswith(f"# callmine transcript, version 1\n# call: {call}\n# file: call.wav\n")
    assert "[0:00.0] rep (Maya Linden): How do you plan the shifts today?\n" in text
    assert f"[0:03.0] prospect: {PRICE}\n" in text
    assert "`callmine add`" in text


def test_the_same_file_changes_nothing(done: Workbench) -> None:
    """As it was written, and a second time, before and after the run."""
    assert add(done, written(done)).corrections == (Correction("back.txt", "call.wav", 0),)
    path = written(done, **{"too high": "too low", "rep (Maya": "unknown (Maya"})
    assert add(done, path).corrections[0].turns == 2
    assert add(done, path).corrections[0].turns == 0
    assert done.did() == {"attribute": 1, "extract": 1}
    assert add(done, path).corrections[0].turns == 0
    assert add(done, written(done)).corrections[0].turns == 0
    assert done.did() == {}
    assert len(done.rows("edits")) == 2
    assert len(done.rows("sources")) == 1  # a correction is no call of its own


def test_corrections_reach_utterances_and_findings(done: Workbench) -> None:
    """Only the call's turns are made again; the new words are what is searched and quoted."""
    add(
        done,
        written(done, **{"the price is too high": "the budget is too small", "today?": "today, Petra?"}),
    )
    assert len(done.engine.asked) == 1
    assert done.did() == {"attribute": 1, "extract": 1}
    assert len(done.engine.asked) == 1
    assert texts(done)[:2] == [
        "How do you plan the shifts today, Petra?",
        "Honestly, the budget is too small for us.",
    ]
    assert [e.text for e in done.store.evidence()] == ["budget", "price"]
    first = done.store.evidence()[0]
    assert first.start_ms == 3500  # the third word, as before
    assert [r["text"] for r in done.store.search("budget")] == ["Honestly, the budget is too small for us."]


def test_verdicts_stay_with_findings_that_still_hold(done: Workbench) -> None:
    """In turns that nobody touched, behind corrected words, and not where the words themselves went."""
    one, two = done.store.evidence()
    done.store.judge(one.finding_id, "wrong")
    done.store.judge(two.finding_id, "label", "contract")
    add(done, written(done, **{"Honestly, the": "Frankly, and between us, the", "today?": "tomorrow?"}))
    done.run()
    after, same = done.store.evidence()
    assert (after.text, after.verdict, after.start) == ("price", "wrong", 29)
    assert (same.finding_id, same.verdict, same.label) == (two.finding_id, "label", "contract")
    add(done, written(done, **{"Frankly, and between us, the": "Honestly, the"}))  # and back
    done.run()
    assert [(e.finding_id, e.verdict) for e in done.store.evidence()] == [
        (one.finding_id, "wrong"),
        (two.finding_id, "label"),
    ]
    add(done, written(done, **{"the price is": "the budget is"}))
    done.run()
    assert [(e.text, e.verdict) for e in done.store.evidence()] == [("budget", None), ("price", "label")]


def judged(bench: Workbench, *verdicts: str) -> None:
    """Have a call with two prices in one turn, and something said of each, the second one first."""
    (bench.folder / "callmine.toml").write_text("")
    bench.extractors = [Prices()]
    bench.engine.says = {"call.wav": a_transcript(a_segment("The price was fair, the price is odd."))}
    bench.recording(**FACTS)
    bench.run()
    found = bench.store.evidence()
    assert [e.start for e in found] == [4, 24]
    for finding, verdict in list(zip(found, verdicts, strict=True))[::-1]:
        if verdict:
            bench.store.judge(finding.finding_id, verdict)


class Prices(Rules):
    """Finds every price, not only the first one."""

    def _read(self, text: str) -> list[Mention]:
        return [
            Mention(Kind.OBJECTION, "price", m.start(), m.end(), 0.9) for m in re.finditer("price", text)
        ]


def corrected(bench: Workbench, **changes: str) -> list[tuple[int, str | None]]:
    """Correct and run; return start and verdict of each finding."""
    add(bench, written(bench, **changes))
    bench.run()
    return [(e.start, e.verdict) for e in bench.store.evidence()]


def test_verdicts_do_not_swap_places(bench: Workbench) -> None:
    """Where the words put in front are as long as the way from one finding to the next, and back again."""
    judged(bench, "wrong", "right")
    assert corrected(bench, **{"The price was": "So I do have to say The price was"}) == [
        (24, "wrong"),
        (44, "right"),
    ]
    assert corrected(bench, **{"So I do have to say The": "The"}) == [(4, "wrong"), (24, "right")]


@pytest.mark.parametrize("first", ["wrong", ""])
def test_a_verdict_on_words_that_went_speaks_of_no_other_words(bench: Workbench, first: str) -> None:
    """Although another finding comes to stand where they stood; it is kept for who learns from it."""
    judged(bench, first, "right")
    assert corrected(
        bench, **{"The price was fair, the price is odd.": "So I do have to say The price was fair."}
    ) == [(24, first or None)]
    kept = {row["verdict"] for row in bench.rows("corrections")}
    assert kept == {"right", first} - {""}


def test_two_verdicts_never_become_one(bench: Workbench) -> None:
    """The words of one of two findings went; its verdict is not put on the other one."""
    judged(bench, "wrong", "right")
    assert corrected(bench, **{"The price was fair, the price is odd.": "the price is odd."}) == [
        (4, "right")
    ]


def test_missed_objections_stay_where_the_turn_still_says_them(done: Workbench) -> None:
    """Not where a person says that something else was said, or nothing."""
    call = done.only("calls")["call_id"]
    done.store.add_missed(call, 2, "trust")
    add(done, written(done, **{"Let us look at it.": "Let us look into it."}))
    done.run()
    (kept,) = [f for f in done.store.evidence() if f.extractor == "person/1"]
    assert (kept.text, kept.label) == ("I see. Let us look into it.", "trust")
    add(done, written(done, **{"I see. Let us look into it.": "Hm."}))
    done.run()
    assert not [f for f in done.store.evidence() if f.extractor == "person/1"]


def test_an_emptied_turn_goes_and_comes_back(done: Workbench) -> None:
    """Findings of the others keep their ids; the file still shows the turn, to be filled again."""
    before = done.store.evidence()
    add(done, written(done, **{" " + PRICE: ""}))
    done.run()
    assert [u["utterance_index"] for u in done.rows("utterances")] == [0, 2, 3]
    assert [e.finding_id for e in done.store.evidence()] == [before[1].finding_id]
    add(done, written(done, **{"[0:03.0] unknown:": f"[0:03.0] unknown: {PRICE}"}))
    done.run()
    assert [(u["utterance_index"], u["role"]) for u in done.rows("utterances")][1] == (1, "prospect")
    assert [e.finding_id for e in done.store.evidence()] == [e.finding_id for e in before]


def test_corrections_outlive_a_new_transcription(done: Workbench) -> None:
    """The engine hears it a little otherwise and later; what a person wrote stands, chain and all."""
    add(done, written(done, **{"too high": "far too high"}))
    done.run()
    add(done, written(done, **{"far too high": "much too high", "] prospect: Honestly": "] rep: Honestly"}))
    add(done, written(done, **{"price went up": "rice went up"}))
    new = [replace(s, words=()) for s in a_transcript().segments]
    new[1] = a_segment("Honestly the prize is too high for us", 3100, channel=1)
    new[3] = a_segment("Well, nobody was there at all.", 9000, channel=1)
    done.engine = ScriptedEngine(take=2, says={"call.wav": a_transcript(*new)})
    done.run()
    assert texts(done)[1] == "Honestly, the price is much too high for us."
    assert done.rows("utterances")[1]["role_source"] == "person"
    assert texts(done)[3] == "Well, nobody was there at all."
    (run,) = [r for r in done.rows("stage_runs") if r["stage"] == "attribute"]
    assert "the turn at 0:09 was not applied" in run["notes"]


def test_an_old_file_does_not_undo_what_others_corrected(done: Workbench) -> None:
    """Only what was changed in it counts; of one turn, the later word wins."""
    old = transcript_as(find_workspace(done.folder), "REC-1", "txt")
    add(done, written(done, **{"too high": "too low", "went up": "went down"}))
    done.run()
    assert add(done, put(done, old, {"today?": "now?", "went up": "stayed"})).corrections[0].turns == 2
    done.run()
    assert texts(done) == [
        "How do you plan the shifts now?",
        "Honestly, the price is too low for us.",
        "I see. Let us look at it.",
        "And the price stayed again.",
    ]


def test_a_file_of_before_a_new_transcription_is_refused_whole(done: Workbench) -> None:
    """The turn that is not there any more is named by its line; nothing of the file is taken."""
    path = written(done, **{"today?": "now?", "too high": "too low"})
    new = [a_segment("Something else entirely.", 0, channel=0), *a_transcript().segments[1:]]
    done.engine = ScriptedEngine(take=2, says={"call.wav": a_transcript(*new)})
    done.run()
    taken = add(done, path)
    (trouble,) = taken.problems
    line = (
        path.read_text("utf-8")
        .split("\n")
        .index("[0:00.0] rep (Maya Linden): How do you plan the shifts now?")
    )
    assert trouble.where == f"back.txt:{line + 1}"
    assert "the turn at [0:00.0] is not there any more" in trouble.what
    assert "--format txt" in trouble.what
    assert (taken.exit_code, done.rows("edits")) == (2, [])


def test_a_file_left_in_the_inbox_is_taken_once(done: Workbench) -> None:
    """Even when somebody corrects the turn again later; beside a recording of its name, too."""
    place = find_workspace(done.folder)
    place.inbox.mkdir()
    path = written(done, **{"too high": "too low", "rep (Maya Linden): I": "unknown (Maya Linden): I"})
    (place.inbox / "call.txt").write_bytes(path.read_bytes())
    (place.inbox / "call.wav").write_bytes((done.folder / "call.wav").read_bytes())
    first = scan_inbox(place, done.store)
    assert (first.corrections[0].turns, [t.where for t in first.problems]) == (2, [])
    done.run()
    add(done, written(done, **{"too low": "fair", "unknown (Maya Linden): I": "rep (Maya Linden): I"}))
    assert scan_inbox(place, done.store).corrections[0].turns == 0
    done.run()
    assert scan_inbox(place, done.store).corrections[0].turns == 0
    assert texts(done)[1] == "Honestly, the price is fair for us."
    assert done.rows("utterances")[2]["role"] == "rep"
    assert not [s for s in done.rows("sources") if s["path"].endswith(".txt")]


def put_in(bench: Workbench, path: Path, text: str) -> list[str]:
    """Save a file in the inbox, well after whatever was corrected before, and run."""
    for row in bench.sql("SELECT id, made_at FROM edits"):
        earlier = datetime.fromisoformat(row["made_at"]) - timedelta(seconds=10)
        with bench.store._writing():
            bench.store._db.execute(
                "UPDATE edits SET made_at = ? WHERE id = ?", [earlier.isoformat(), row["id"]]
            )
    path.write_text(text, "utf-8")
    scan_inbox(find_workspace(bench.folder), bench.store)
    bench.run()
    return [f"{u['role']}: {u['text']}" for u in bench.rows("utterances")][1:2]


def test_a_file_in_the_inbox_that_is_saved_again_counts_again(done: Workbench) -> None:
    """Words, role, and both: what was saved last, although it was taken before and changed since."""
    path = in_inbox(done, **{"too high": "too low"})
    low = path.read_text("utf-8")
    fair, rep = low.replace("too low", "fair"), low.replace("] prospect: Honest", "] rep: Honest")
    unknown = low.replace("] prospect: Honest", "] unknown: Honest")
    for text, said in (
        (low, "prospect: Honestly, the price is too low for us."),
        (fair, "prospect: Honestly, the price is fair for us."),
        (low, "prospect: Honestly, the price is too low for us."),
        (rep, "rep: Honestly, the price is too low for us."),
        (unknown, "unknown: Honestly, the price is too low for us."),
        (rep, "rep: Honestly, the price is too low for us."),
    ):
        assert put_in(done, path, text) == [said]
    count = len(done.rows("edits"))
    assert put_in(done, path, rep) == ["rep: Honestly, the price is too low for us."]
    assert len(done.rows("edits")) == count == 6


def test_a_date_ahead_is_no_sign_of_a_new_save(done: Workbench) -> None:
    """Such a file, left in the inbox, would undo what others corrected, with every run."""
    path = in_inbox(done, **{"too high": "too low"})
    assert put_in(done, path, path.read_text("utf-8")) == [
        "prospect: Honestly, the price is too low for us."
    ]
    add(done, written(done, **{"too low": "fair"}))
    os.utime(path, (4_000_000_000, 4_000_000_000))
    assert scan_inbox(find_workspace(done.folder), done.store).corrections[0].turns == 0


def drop(line: str) -> Callable[[str], str]:
    return lambda text: "".join(part for part in text.splitlines(True) if line not in part)


def swapped(text: str) -> str:
    lines = text.splitlines(True)
    at = next(i for i, line in enumerate(lines) if line.startswith("[0:00.0]"))
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return "".join(lines)


@pytest.mark.parametrize(
    ("damage", "where", "what"),
    [
        (lambda t: t.replace("[0:03.0]", "[0:03.5]"), ":11", "the time [0:03.5] was [0:03.0]"),
        (swapped, ":10", "the turn at [0:00.0] is missing before this line, or out of order"),
        (drop("[0:03.0]"), ":11", "the turn at [0:03.0] is missing before this line"),
        (drop("[0:09.0]"), ":13", "the turn at [0:09.0] is missing"),
        (lambda t: t.replace("] prospect:", "] buyer:"), ":11", "'buyer' is no side; write rep, prospect"),
        (lambda t: t.replace("too high", "too\nhigh"), ":12", "join it to the line above"),
        (lambda t: t.replace("[0:03.0]", "0:03.0]"), ":11", "this is no turn such as"),
        (lambda t: t.replace("[0:09.0]", "[0:06.0]"), ":13", "[0:06.0] is there twice, or out of order"),
        (lambda t: t.split("# Leave")[0], ":15", "the end of the file is missing"),
        (lambda t: t.replace("# 0r", "# zz0r"), ":16", "does not belong here"),
        (drop("# call: "), ":1", "the line that names the call is missing"),
        (lambda t: t.replace("far: 0", "far: many"), ":1", "“corrections so far” is damaged"),
        (lambda t: t.replace("version 1", "version 2"), ":1", "another version of callmine wrote it"),
        (lambda t: t.replace("# call: ", "# call: f"), "", "there is no call f"),
        (lambda t: t.replace("high", "h\ufffdgh"), ":11", "save the file as UTF-8"),
        (
            lambda t: t.replace("high", "high " + "a" * MAX_LETTERS),
            ":11",
            "the turn has 5,040 letters, and a corrected one at most 5,000; leave in it only what was said",
        ),
    ],
)  # fmt: skip
def test_damage_is_named_and_nothing_is_taken(
    done: Workbench, damage: Callable[[str], str], where: str, what: str
) -> None:
    """File, line, and what to do; a sound change elsewhere in the file is not stored either."""
    path = written(done, **{"today?": "now?"})
    text = damage(path.read_text("utf-8"))
    assert text != path.read_text("utf-8")
    path.write_text(text, "utf-8")
    taken = add(done, path)
    (trouble,) = taken.problems
    assert trouble.where == f"back.txt{where}"
    assert what in trouble.what
    assert (taken.exit_code, taken.left_out, done.rows("edits")) == (2, 1, [])
    assert len(done.rows("sources")) == 1


@pytest.mark.parametrize(
    "note",
    [
        "# call: her back on Monday",
        "# call: facade",
        "# call:",
        "# corrections so far: many",
        "# corrections so far: 12",
    ],
)
def test_notes_of_ones_own_may_begin_like_callmines_lines(tmp_path: Path, note: str) -> None:
    """Above the first turn, between turns and below the last: the call is the one callmine named."""
    path = tmp_path / "call.txt"
    turns = [Turn(0, Role.REP, None, "Hello."), Turn(5000, Role.PROSPECT, None, "Morning.")]
    text = to_text("0123456789abcdef", "call.wav", turns, corrections=7)
    for before in ("[0:00.0]", "[0:05.0]", "# Leave the rest"):
        path.write_text(text.replace(before, f"{note}\n{before}"), "utf-8")
        back = read_edited(path)
        assert (back.call_id, back.corrections, len(back.turns)) == ("0123456789abcdef", 7, 2)
    if not note.endswith(("facade", "12")):
        path.write_text(text.replace("# call: 0", f"{note}\n# call: 0"), "utf-8")
        assert read_edited(path).call_id == "0123456789abcdef"


def test_long_turns_stay_as_they_were(tmp_path: Path) -> None:
    """What callmine wrote is no fault, also with another role; a correction may be as long as the limit."""
    path = tmp_path / "call.txt"
    text = to_text("c0ffee", "call.wav", [Turn(0, Role.REP, None, "a" * (MAX_LETTERS + 1))])
    path.write_text(text.replace("] rep:", "] prospect:"), "utf-8")
    assert [turn.role for turn in read_edited(path).turns] == [Role.PROSPECT]
    path.write_text(text.replace("rep: a", "rep: "), "utf-8")
    assert [len(turn.text) for turn in read_edited(path).turns] == [MAX_LETTERS]


def in_inbox(bench: Workbench, **changes: str) -> Path:
    """A corrected transcript in the inbox."""
    inbox = find_workspace(bench.folder).inbox
    inbox.mkdir(exist_ok=True)
    return written(bench, **changes).rename(inbox / "back.txt")


@pytest.mark.parametrize("joined", [False, True], ids=["its file", "another file of the call"])
def test_corrections_of_a_refused_call_are_left_aside(done: Workbench, joined: bool) -> None:
    """They are told once, before the call goes, and to who adds the file; no run fails, no word stays."""
    place = find_workspace(done.folder)
    path = in_inbox(done, **{"too high": "too low"})
    refused = done.folder / "call.wav"
    if joined:  # a transcript of the call, told by its external id, whose content is no call's id
        refused = done.transcript("call.vtt", external_id="REC-1")
        done.run()
    done.add(refused, external_id="REC-1", consent="no")
    told = scan_inbox(place, done.store)
    assert [(t.where, t.what.split(",")[0]) for t in told.problems] == [
        ("back.txt", "there is no consent to use its call")
    ]
    assert (told.exit_code, told.left_out, done.rows("edits")) == (0, 0, [])
    done.run()
    assert done.rows("calls") == []
    again = scan_inbox(place, done.store)
    assert (again.problems, again.exit_code, again.left_out) == ((), 0, 0)
    added = add(done, path)
    assert "nothing of the file was taken; delete the file" in added.problems[0].what
    assert (added.exit_code, added.corrections[0].turns) == (0, 0)
    assert b"too low" not in b"".join(p.read_bytes() for p in done.folder.glob("callmine.db*"))


def test_a_refusal_in_the_inbox_is_heard_before_its_corrections(done: Workbench) -> None:
    """Whatever the names of the files: no corrected word is stored, not even until the call goes."""
    place = find_workspace(done.folder)
    in_inbox(done, **{"too high": "too low"})
    done.add(write_recording(place.inbox / "call.wav"))
    done.run()
    (place.inbox / "manifest.csv").write_text("path,consent\ncall.wav,no\n")
    told = scan_inbox(place, done.store)
    assert (len(told.problems), told.exit_code, done.rows("edits")) == (1, 0, [])
    done.run()
    assert done.rows("calls") == []
    assert scan_inbox(place, done.store).problems == ()


def test_corrections_of_a_call_that_is_not_known_stay_a_fault(done: Workbench) -> None:
    """With every look at the inbox; a refused call beside it is another one."""
    place = find_workspace(done.folder)
    path = in_inbox(done, **{"too high": "too low"})
    text, call = path.read_text("utf-8"), done.only("calls")["call_id"]
    done.add(done.folder / "call.wav", consent="no")
    done.run()
    for other in (f"f{call}", f"f{call}", call[:6]):
        path.write_text(text.replace(f"# call: {call}", f"# call: {other}"), "utf-8")
        told = scan_inbox(place, done.store)
        assert f"there is no call {other} here" in told.problems[0].what
        assert told.left_out == 1


def test_consent_that_came_back_lets_corrections_in(done: Workbench) -> None:
    """The call is there again, and so is what was corrected in it; a copy that stayed out is no "no"."""
    place = find_workspace(done.folder)
    in_inbox(done, **{"too high": "too low"})
    done.add(done.folder / "call.wav", consent="no")
    done.recording("copy.wav", seed="call.wav")
    done.run()
    assert done.rows("calls") == []
    done.add(done.folder / "call.wav", consent="yes")
    done.run()
    assert scan_inbox(place, done.store).corrections[0].turns == 1
    done.run()
    assert texts(done)[1] == "Honestly, the price is too low for us."


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_editors_may_save_as_they_like(done: Workbench, encoding: str) -> None:
    """With a byte-order mark, Windows line ends, blank lines and notes of one's own."""
    path = written(done, **{"today?": "today, Zoë?"})
    text = "\n" + path.read_text("utf-8").replace("[0:06.0]", "\n# ask her\n  [0:06.0]  ").replace(
        "\n", "\r\n"
    )
    path.write_bytes(text.encode(encoding))
    assert add(done, path).corrections[0].turns == 1
    done.run()
    assert texts(done)[0] == "How do you plan the shifts today, Zoë?"


def test_names_are_not_corrected_here(done: Workbench) -> None:
    """It is said, with the line; the rest of the line is taken."""
    taken = add(done, written(done, **{"(Maya Linden): How": "(Mia): And how"}))
    assert taken.corrections[0].turns == 1
    assert taken.problems[0].what.startswith("line 10: the name (Mia) was not taken")
    assert (taken.exit_code, taken.left_out) == (0, 0)


def test_what_was_said_at_once_is_told_apart(bench: Workbench) -> None:
    """Two turns that begin together are corrected each by its own line; twins cannot be told apart."""
    (bench.folder / "callmine.toml").write_text("")

    def at_once(left: str, right: str) -> list[Segment]:
        return [a_segment(left, 0, channel=0), a_segment(right, 0, channel=1)]

    bench.engine.says = {"call.wav": a_transcript(*at_once("Yes we do.", "No we don't."))}
    bench.recording(**FACTS)
    bench.run()
    add(bench, written(bench, **{"No we": "Now we"}))
    bench.run()
    assert texts(bench) == ["Yes we do.", "Now we don't."]
    bench.engine = ScriptedEngine(take=2, says={"call.wav": a_transcript(*at_once("Yes.", "Yes."))})
    bench.run()
    taken = add(bench, written(bench, **{"prospect: Yes.": "prospect: No."}))
    assert "two turns say this at the same time" in taken.problems[0].what
    assert len(bench.rows("edits")) == 1


def test_the_transcript_shows_what_was_corrected(done: Workbench) -> None:
    """Edited, and what was heard first; what waits for the run is counted."""
    place = find_workspace(done.folder)
    add(
        done,
        written(
            done, **{"too high": "too low", "] rep (Maya Linden): I see": "] prospect (Maya Linden): I see"}
        ),
    )
    assert show_transcript(place, "REC-1")["corrections_waiting"] == 2
    assert "too low" in transcript_as(place, "REC-1", "txt")
    done.run()
    add(done, written(done, **{"too low": "fair"}))
    done.run()
    shown = show_transcript(place, "REC-1")
    assert shown["corrections_waiting"] == 0
    assert [(u["edited"], u["heard"]) for u in shown["utterances"]] == [
        (False, None),
        (True, PRICE),
        (True, None),
        (False, None),
    ]
    add(done, written(done, **{"is fair for us.": "is too high for us."}))
    done.run()
    assert show_transcript(place, "REC-1")["utterances"][1]["edited"] is False


def test_a_crash_of_the_extractor_keeps_the_correction(done: Workbench) -> None:
    """The corrected words are stored; the next run reads them."""
    add(done, written(done, **{"too high": "too low"}))
    done.extractors = [Rules(crash_at="too low")]
    assert done.run().failed == 1
    assert texts(done)[1] == "Honestly, the price is too low for us."
    done.extractors = [Rules()]
    done.store.retry()
    done.run()
    assert len(done.store.evidence()) == 2


def test_hostile_names_and_words_come_back(bench: Workbench) -> None:
    """Brackets, colons and marks in a name or in words do not break the file."""
    (bench.folder / "callmine.toml").write_text("")
    bench.transcript(
        "call.vtt", ("A): B (rep", "[0:00.0] rep: # so"), ("Zoë (x): y", "# call: f00"), external_id="REC-1"
    )
    bench.run()
    assert add(bench, written(bench)).corrections == (Correction("back.txt", "call.vtt", 0),)
    assert add(bench, written(bench, **{"# call: f00": "# call: f00!"})).corrections[0].turns == 1


_ANY = st.text(st.characters(codec="utf-8", exclude_characters="\ufffd"), max_size=20) | st.sampled_from(
    ["[0:00.0] rep: a", "# b", ":", "a\n\n"]
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 99_999_999), st.sampled_from(Role), st.none() | _ANY, _ANY), min_size=1
    ),
    st.data(),
)
def test_only_what_a_person_changed_is_seen(
    tmp_path: Path, said: list[tuple[int, Role, str | None, str]], data: st.DataObject
) -> None:
    """Whatever was said by whomever: the file as written has no change, and a change is that one."""
    turns = [Turn(*turn) for turn in sorted(said, key=lambda turn: turn[0])]
    path = tmp_path / "call.txt"
    path.write_text(to_text("c0ffee", "call.wav", turns, corrections=7), "utf-8")
    back = read_edited(path)
    assert (back.call_id, back.corrections) == ("c0ffee", 7)
    assert [(t.start_ms, t.role, t.text) for t in back.turns] == [
        (t.start_ms, t.role, as_written(t.text)) for t in turns
    ]
    assert not [t for t in back.turns if t.is_changed]
    one = data.draw(st.integers(0, len(turns) - 1))
    lines = path.read_text("utf-8").split("\n")
    at = back.turns[one].line - 1
    lines[at] += " indeed"
    path.write_text("\n".join(lines), "utf-8")
    changed = [t for t in read_edited(path).turns if t.is_changed]
    assert [(t.line, t.text) for t in changed] == [(at + 1, as_written(turns[one].text + " indeed"))]


def test_a_check_is_about_what_is_seen() -> None:
    """Spaces and composed letters are no correction."""
    assert check_of("Zoë  said") == check_of(" Zoe\u0308 said\t") != check_of("Zoe said")


# -- as a person does it ---------------------------------------------------------------------


def test_correcting_on_the_command_line(own: Path, tmp_path: Path) -> None:
    """Write, correct, add, run: the finding goes with the words; the view marks the turn."""
    path = tmp_path / "first.txt"
    assert callmine("transcript", "REC-1", "-o", path, at=own).code == 0
    path.write_text(path.read_text("utf-8").replace("looked at Lantern", "looked at a tool"), "utf-8")
    told = callmine("add", path, at=own)
    assert (told.code, told.out) == (0, "first.txt: 1 turn of first.vtt corrected\nnext: callmine run\n")
    told = callmine("transcript", "REC-1", at=own)
    assert told.err == "1 corrected turn to come with the next callmine run\n"
    assert callmine("add", path, at=own).out == "first.txt: nothing changed\n"
    before = callmine("findings", "--json", "--call", "REC-1", at=own).json
    ran = callmine("run", "--jobs", "1", at=own)
    assert ran.out.startswith("attribute 1, read 1, extract 1")
    after = callmine("findings", "--json", "--call", "REC-1", at=own).json
    elsewhere = [[f for f in found if f["utterance_index"] != 3] for found in (before, after)]
    assert elsewhere[0] == elsewhere[1] != []
    assert "Lantern" in {f["label"] for f in before} - {f["label"] for f in after}
    lines = callmine("transcript", "REC-1", at=own).out.splitlines()
    assert [line.endswith(" [corrected]") for line in lines] == [False, False, False, True]
    assert callmine("transcript", "REC-1", at=own).err == ""


def test_faults_on_the_command_line(own: Path, tmp_path: Path) -> None:
    """The line and what to do are told; the exit code says that nothing was taken."""
    path = tmp_path / "first.txt"
    callmine("transcript", "REC-1", "-o", path, at=own)
    path.write_text(path.read_text("utf-8").replace("[0:05.0]", "[0:05.1]"), "utf-8")
    told = callmine("add", path, at=own)
    assert told.code == 2
    assert told.err.startswith("first.txt:11: the time [0:05.1] was [0:05.0]")


def test_a_dry_run_takes_no_correction(own: Path) -> None:
    """It says which call would be read again, and stores nothing: the run after it corrects the turn."""
    path = own / "inbox" / "first.txt"
    callmine("transcript", "REC-1", "-o", path, at=own)
    path.write_text(path.read_text("utf-8").replace("looked at Lantern", "looked at a tool"), "utf-8")
    (own / "inbox" / "later.vtt").write_text(vtt(SECOND[::-1]))
    before = dump(own)
    for _ in range(2):
        waiting = callmine("run", "--dry-run", "--json", at=own).json
        assert {stage: labels for stage, labels in waiting.items() if labels} == {
            "ingest": ["later.vtt"],
            "attribute": ["first.vtt"],
        }
        assert dump(own) == before
    assert callmine("transcript", "REC-1", at=own).err == ""
    assert "first.txt: 1 turn of first.vtt corrected" in callmine("run", "--jobs", "1", at=own).out
    assert dump(own) != before


def dump(folder: Path) -> list[str]:
    """Every row of every table of a workspace's database, as SQL."""
    with closing(sqlite3.connect(folder / "callmine.db")) as database:
        return list(database.iterdump())
