"""The file that people correct: what it says, what may be done to it, and what is damage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callmine.domain import Role, Segment
from callmine.formats.editing import (
    MAX_LETTERS,
    Turn,
    as_written,
    check_of,
    is_editable,
    read_edited,
    to_text,
)
from callmine.operations.intake import Correction
from tests.builders import a_segment, a_transcript
from tests.fakes import ScriptedEngine
from tests.sent_back import FACTS, PRICE, add, one_call, texts, written
from tests.workbench import Workbench


@pytest.fixture
def done(bench: Workbench) -> Workbench:
    """One call of four turns with two findings, in a workspace."""
    return one_call(bench)


def test_the_file_explains_itself(done: Workbench) -> None:
    """Who opens it knows what to do; each turn has its time, its side and who spoke."""
    text = written(done).read_text("utf-8")
    assert is_editable(done.folder / "back.txt")
    call = done.only("calls")["call_id"]
    assert text.startswith(f"# callmine transcript, version 1\n# call: {call}\n# file: call.wav\n")
    assert "[0:00.0] rep (Maya Linden): How do you plan the shifts today?\n" in text
    assert f"[0:03.0] prospect: {PRICE}\n" in text
    assert "`callmine add`" in text


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
