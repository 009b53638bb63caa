"""``findings ID --why``: everything that is known of a finding."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callmine.domain import Edit
from callmine.extractors.approved import SAME_MESSAGE, WORDED
from callmine.extractors.encoder import Encoder
from callmine.extractors.examples import AT_THE_BAR, SURE
from callmine.extractors.heads import COLUMNS
from callmine.extractors.positioning import ECHO
from callmine.playbook import load_playbook
from callmine.store import Store
from callmine.workspace import find_workspace
from tests.builders import learn
from tests.commands import callmine

OLD = "first.vtt"

EXAMPLES = """
[[objections]]
label = "price"
examples = ["It is too expensive.", "Is it raining?", "It has to stay.", "Send me a case study.", "A"]

[[objections]]
label = "reliability"
examples = ["When you went down in March we lost a whole day."]
"""


def rows(root: Path, *filters: str) -> list[dict[str, Any]]:
    """Return findings as JSON."""
    found: list[dict[str, Any]] = callmine("findings", *filters, "--json", at=root).json
    return found


def why(root: Path, ref: str) -> dict[str, Any]:
    """Return an explanation as JSON."""
    told = callmine("findings", ref, "--why", "--json", at=root)
    assert told.code == 0, told.err
    explanation: dict[str, Any] = told.json
    return explanation


def text(root: Path, ref: str) -> str:
    """Return an explanation as people see it."""
    told = callmine("findings", ref, "--why", at=root)
    assert told.code == 0, told.err
    return told.out


def price(root: Path, source: str) -> str:
    """Return the id of the first price objection of a call."""
    return str(rows(root, "--kind", "objection", "--label", "price", "--call", source)[0]["finding_id"])


def sql(root: Path, statement: str, *values: object) -> None:
    """Change the database past the store."""
    with closing(sqlite3.connect(root / "callmine.db")) as database, database:
        database.execute("PRAGMA foreign_keys = ON")
        database.execute(statement, values)


def test_an_objection_is_explained(spoken: Path) -> None:
    """Score, thresholds, model, playbook, and the words that decide; read again it is the same."""
    found = why(spoken, price(spoken, OLD))
    score = found["score"]
    assert (
        score["value"] == found["finding"]["score"] == pytest.approx(found["read_again"]["score"], abs=2e-3)
    )
    assert 0 < score["threshold"] <= score["value"]
    assert score["is_enough"] == (score["value"] >= score["counts_from"])
    made = found["made_by"]
    assert (made["name"], made["version"], made["same_today"]) == (
        "objections",
        made["version_today"],
        True,
    )
    assert made["settings"]["threshold"] == score["threshold"]
    assert found["playbook"]["version"] == found["finding"]["playbook"]
    assert found["playbook"]["is_todays"]
    assert {"too", "high", "price"} & {word["text"] for word in found["read_again"]["words"]}
    assert (found["people"], found["second_reader"], found["notes"]) == ([], None, [])


def test_an_explanation_for_people(spoken: Path) -> None:
    """A shortened id will do; every part has its line."""
    ref = price(spoken, OLD)
    told = text(spoken, ref[:8])
    assert told.startswith(f"{ref}  objection:price  prospect  first.vtt @ 0:05\n    “[")
    for begin in (
        "score        0.",
        "found by     objections/",
        "playbook     ",
        "read again   0.",
        "words  ",
    ):
        assert f"\n{begin}" in told, begin
    assert "with today's model" in told
    assert "nearest      nothing to compare with: no examples in the playbook, and no other one" in told


def test_a_name_is_explained(spoken: Path) -> None:
    """Which form matched, and the parts that add up to the score."""
    (row,) = rows(spoken, "--kind", "competitor")
    found = why(spoken, row["finding_id"])
    name = found["name"]
    assert (name["form"], name["match"], name["likeness"], name["score"]) == (
        "lantern",
        "name",
        1.0,
        row["score"],
    )
    assert sum(part["odds"] for part in name["parts"]) == pytest.approx(name["log_odds"], abs=0.05)
    told = text(spoken, row["finding_id"])
    assert "matched      “lantern”, the name\n" in told
    assert "talk of vendors before it: “looked at”" in told
    for what in ("relation", "stance"):
        read = name[what]
        assert read["answer"] == row["detail"][what]
        assert 1.0 >= read["chance"] >= read["other_chance"] > 0
        line = f"{what:<13}{read['answer']} {read['chance']:.2f}, else {read['other']} "
        assert f"\n{line}" in told
    assert "nearest" not in told


def test_a_tracker_is_explained(spoken: Path) -> None:
    """Which of its words were said."""
    (row,) = rows(spoken, "--kind", "tracker")
    assert why(spoken, row["finding_id"])["tracker"] == {"phrase": "went down", "letter_by_letter": True}
    told = text(spoken, row["finding_id"])
    assert "words        “went down” of the playbook, letter by letter\n" in told
    assert "score        0.95: sure enough to count from 0.50 on\n" in told
    assert "counts       yes: its score of 0.95 reaches 0.50\n" in told


def test_an_answer_is_explained(own: Path) -> None:
    """It names the objections that it answers."""
    objection = rows(own, "--kind", "objection", "--label", "price", "--call", OLD)[0]
    sql(
        own,
        "INSERT INTO findings SELECT 'feed', call_id, utterance_index, 'answer', 'evidence', 0,"
        " length(text), text, start_ms, start_ms, end_ms, 0.7, 'answers/1', ?,"
        " json_object('type', 'evidence', 'answers', json_array(?)) FROM utterances"
        " WHERE call_id = ? AND utterance_index = ?",
        objection["playbook"],
        objection["finding_id"],
        objection["call_id"],
        objection["utterance_index"] + 1,
    )
    found = why(own, "feed")
    assert [one["finding_id"] for one in found["answers"]] == [objection["finding_id"]]
    assert found["score"]["threshold"] == 0.5
    assert f"answers      {objection['finding_id']}  price  “{objection['text']}”" in text(own, "feed")


MESSAGES = """
[[messages]]
id = "cheaper"
text = "The price is lower than that of anybody else."
[[messages]]
id = "weather"
text = "It may rain tomorrow."
"""


def test_a_message_and_an_echo_are_explained(own: Path) -> None:
    """Which message a claim says, and which claim a prospect takes up; each with how alike they are."""
    path = own / "playbook.toml"
    path.write_text(path.read_text() + MESSAGES)
    book = load_playbook(path).digest
    objection = rows(own, "--kind", "objection", "--label", "price", "--call", OLD)[0]
    call, index = objection["call_id"], objection["utterance_index"]
    details = (
        ("claim", index - 1, {"side": "rep", "sort": "value", "message": "cheaper"}),
        ("echo", index, {"side": "prospect", "sort": "value", "echoes": index - 1}),
        ("gone", index, {"side": "prospect", "sort": "value", "echoes": index + 1}),
    )
    for name, at, detail in details:
        sql(
            own,
            "INSERT INTO findings SELECT ?, call_id, utterance_index, 'positioning', ?, 0, length(text),"
            " text, start_ms, start_ms, end_ms, 0.9, 'positioning/3', ?, ? FROM utterances"
            " WHERE call_id = ? AND utterance_index = ?",
            *(name, detail["side"], book, json.dumps(detail), call, at),
        )
    claim = why(own, "claim")
    message = claim["message"]
    assert (message["id"], message["alike_from"]) == ("cheaper", SAME_MESSAGE)
    assert message["worded_from"] == WORDED
    assert 0.0 <= message["worded"] <= 1.0
    assert -1 <= message["likeness"] <= 1
    assert claim["takes_up"] is None
    line = f"message      cheaper: “{message['text']}”, likeness {message['likeness']:.2f}"
    assert f"\n{line} (taken for it from 0.55 on)\n" in text(own, "claim")
    echo = why(own, "echo")
    assert echo["message"] is None
    taken = echo["takes_up"]
    said = claim["finding"]["text"], claim["finding"]["play_ms"]
    assert (taken["finding_id"], taken["text"], taken["play_ms"]) == ("claim", *said)
    assert taken["alike_from"] == ECHO
    assert f"\ntakes up     claim  “{said[0]}” @ " in text(own, "echo")
    assert "the claim that it takes up is found no more" in why(own, "gone")["notes"]


def test_what_people_said_is_told_and_compared(own: Path) -> None:
    """A finding that was judged right is an example for the others, not for itself."""
    ours, other = price(own, OLD), price(own, "second.json")
    assert callmine("correct", other, "--right", "--by", "Ada Ribeiro", at=own).code == 0
    near = why(own, ours)["nearest"]
    assert [(one["source"], one["origin"], one["label"]) for one in near] == [
        ("second.json", "judged right", "price")
    ]
    assert 0 < near[0]["likeness"] < 1
    judged = why(own, other)
    assert judged["nearest"] == []
    assert [(said["verdict"], said["by"]) for said in judged["people"]] == [("right", "Ada Ribeiro")]
    assert "people       right, by Ada Ribeiro, " in text(own, other)


def test_whether_it_counts_is_said_plainly(own: Path) -> None:
    """A person's word goes above the score; what stands in the way is told, speaker or call."""
    ref = price(own, OLD)
    sql(own, "UPDATE findings SET score = 0.1 WHERE finding_id = ?", ref)
    doubtful = why(own, ref)["standing"]
    assert doubtful["counts"] is False
    assert "its score of 0.10 is below" in doubtful["because"][0]
    callmine("correct", ref, "--right", at=own)
    assert why(own, ref)["standing"] == {"counts": True, "because": ["a person said so"]}
    told = text(own, ref)
    assert "\ncounts       yes: a person said so\n" in told
    assert "enough\n" not in told
    sql(own, "UPDATE utterances SET role = 'unknown', role_confidence = 0.0")
    assert "\ncounts       no: nobody knows who says it\n" in text(own, ref)
    sql(own, "UPDATE calls SET started_at = NULL")
    assert "no: the call has no date, so it is in no week; nobody knows who says it\n" in text(own, ref)


def test_the_workspaces_own_questions_explain(own: Path) -> None:
    """Where some were learned, thresholds and what is read again are theirs, not the shipped ones."""
    ref = price(own, OLD)
    before = why(own, ref)
    shipped = Encoder().asked()
    offsets = shipped.offsets.copy()
    offsets[COLUMNS["objection"]] -= 3.0
    learned = learn(find_workspace(own).learned, replace(shipped, offsets=offsets))
    found = why(own, ref)
    assert found["read_again"]["score"] < before["read_again"]["score"] - 0.01
    assert found["score"]["threshold"] == found["made_by"]["settings"]["threshold"] == 0.31
    assert found["made_by"]["settings"]["model"] == learned.version
    assert found["score"]["counts_from"] == 0.77
    assert found["made_by"]["same_today"] is False


def test_examples_that_no_model_of_today_read_are_told(own: Path) -> None:
    """They are not compared with what another model made of them."""
    ours, other = price(own, OLD), price(own, "second.json")
    callmine("correct", other, "--right", at=own)
    sql(own, "UPDATE readings SET model = 'another'")
    found = why(own, ours)
    assert found["nearest"] == []
    assert found["notes"] == ["1 finding judged right not compared: `callmine run` reads those calls first"]


def test_what_a_person_found_is_not_read_again(own: Path) -> None:
    """Nobody else found it, so there are no words to decide."""
    call = rows(own, "--call", OLD)[0]["call_id"]
    callmine("correct", "--missed", f"{call}:0", "--label", "timing", "--by", "Ada Ribeiro", at=own)
    (row,) = rows(own, "--label", "timing")
    found = why(own, row["finding_id"])
    assert (found["made_by"]["name"], found["read_again"]) == ("person", None)
    assert found["notes"] == ["a person found it; there is nothing to read again"]
    assert "people       missed by callmine, added as timing, by Ada Ribeiro" in text(
        own, row["finding_id"]
    )


def test_other_words_are_no_fault_of_the_finding(own: Path) -> None:
    """Both tell of each other, and that nobody called anything wrong."""
    old = price(own, OLD)
    quote = "price is far too high"
    assert callmine("correct", old, "--right", "--words", quote, "--by", "Ada", at=own).code == 0
    (new,) = [row for row in rows(own, "--call", OLD, "--label", "price") if row["text"] == quote]
    told = text(own, old)
    assert f"counts       no: replaced by {new['finding_id']}: the same, in other words\n" in told
    assert f"people       replaced by {new['finding_id']}: the same, in other words, by Ada, " in told
    assert "wrong" not in told
    assert "missed" not in told
    assert f"people       price, in other words than {old}, by Ada, " in text(own, new["finding_id"])


def test_the_playbooks_examples_are_compared(own: Path) -> None:
    """By the embedding with which they are looked for, at most three of the label."""
    playbook = own / "playbook.toml"
    playbook.write_text(playbook.read_text() + EXAMPLES)
    assert callmine("run", "--jobs", "1", "-q", at=own).code in (0, 6)
    near = why(own, price(own, OLD))["nearest"]
    assert [one["origin"] for one in near] == ["playbook"] * 3
    assert near[0]["text"] == "It is too expensive."
    (row,) = rows(own, "--label", "reliability")
    found = why(own, row["finding_id"])
    assert (found["made_by"]["name"], found["score"]["threshold"]) == ("examples", AT_THE_BAR)
    (near,) = found["nearest"]
    assert near["likeness"] > SURE
    assert row["score"] == pytest.approx(0.5 + 0.5 * (near["likeness"] - SURE) / (1 - SURE), abs=1e-3)


def test_a_finding_is_explained_with_the_playbook_it_was_found_with(own: Path) -> None:
    """Although that name is not in today's; and it is said that another one is in use."""
    (row,) = rows(own, "--kind", "competitor")
    playbook = own / "playbook.toml"
    playbook.write_text(playbook.read_text().replace("Lantern", "Somebody"))
    found = why(own, row["finding_id"])
    assert found["name"]["form"] == "lantern"
    assert (found["playbook"]["is_todays"], found["made_by"]["same_today"]) == (False, False)
    assert "`callmine run` will look for findings anew" in found["notes"][0]
    assert f"playbook     {row['playbook']}, not today's, first used 20" in text(own, row["finding_id"])


def test_a_playbook_that_cannot_be_read_is_told(own: Path) -> None:
    """As one of a later version may be; today's is taken instead."""
    (row,) = rows(own, "--kind", "competitor")
    sql(own, "UPDATE playbooks SET playbook = 'old', text = '{}'")
    sql(own, "UPDATE findings SET playbook = 'old'")
    found = why(own, row["finding_id"])
    assert found["notes"][0].startswith("the playbook it was found with cannot be read")
    assert found["name"]["form"] == "lantern"
    assert not found["playbook"]["is_todays"]


def test_another_models_finding_is_told_as_such(own: Path) -> None:
    """What is read again is then not what was read."""
    ref = price(own, OLD)
    sql(own, "UPDATE stage_runs SET fingerprint = 'another' WHERE stage = 'extract'")
    sql(own, "UPDATE findings SET extractor = 'objections/1' WHERE finding_id = ?", ref)
    found = why(own, ref)
    assert found["made_by"]["same_today"] is False
    assert found["notes"][0].startswith("it was found with another model")
    assert "found by     objections/1 (today's is 3)" in text(own, ref)


@pytest.mark.usefixtures("local_models")
def test_the_second_reader_is_told(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its model; and that a person's word goes above it."""
    monkeypatch.setenv("CALLMINE_SECOND_READER__MODEL", "local-words")
    assert callmine("run", "--jobs", "1", "-q", at=own).code in (0, 6)
    ref = price(own, "second.json")
    assert why(own, ref)["second_reader"]["model"] == "local-words"
    assert "second read  rejected as price by local-words\n" in text(own, ref)
    callmine("correct", ref, "--right", at=own)
    assert "by local-words (a person's word goes above it)\n" in text(own, ref)


def test_a_corrected_turn_is_told(own: Path) -> None:
    """The finding is about to be made anew."""
    row = rows(own, "--kind", "competitor")[0]
    with Store(own / "callmine.db") as store:
        times = row["utterance_start_ms"], row["utterance_end_ms"]
        store.add_edits(row["call_id"], [Edit(*times, row["utterance"], "We never did.")])
    notes = why(own, row["finding_id"])["notes"]
    assert "somebody corrected this turn; `callmine run` will look for findings anew" in notes


def test_one_finding_can_be_listed(spoken: Path) -> None:
    """By a shortened id, without saying why."""
    ref = price(spoken, OLD)
    assert [row["finding_id"] for row in rows(spoken, ref[:8])] == [ref]
    assert callmine("findings", ref, at=spoken).err.startswith("1 finding, ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("findings", "ffff", "--why"), "there is no finding 'ffff'"),
        (("findings", "--why"), "--why explains one finding: give its id"),
        (("findings", "ffff", "--why", "--kind", "objection"), "and no filters"),
        (("findings", "", "--why"), "more than one finding begins with ''"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_explained(spoken: Path, words: tuple[str, ...], told: str) -> None:
    """The error says what to do instead."""
    got = callmine(*words, at=spoken)
    assert (got.code, got.out) == (2, "")
    assert told in got.err
    assert "callmine findings" in got.err


def test_a_finding_that_is_there_no_more(own: Path) -> None:
    """Somebody judged it, then its words changed: that is said, and where to look."""
    ref = price(own, OLD)
    callmine("correct", ref, "--right", at=own)
    sql(own, "DELETE FROM findings WHERE finding_id = ?", ref)
    got = callmine("findings", ref[:8], "--why", at=own)
    assert got.code == 2
    assert "in first.vtt is there no more" in got.err
    assert "callmine findings --call" in got.err


def test_an_utterance_that_changed(own: Path) -> None:
    """A finding is never explained from words that are not its own."""
    ref = price(own, OLD)
    sql(own, "UPDATE utterances SET text = 'Nothing of it at all, and a longer turn than that.'")
    got = callmine("findings", ref, "--why", at=own)
    assert got.code == 2
    assert "changed since: it is not" in got.err
    assert "callmine run" in got.err
