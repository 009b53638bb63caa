"""Adoption of approved messages: who counts, by week, in groups, and what is not told."""

from __future__ import annotations

from typing import Any

import pytest
from digest_rows import NO_SURE_REP, WEEK, a_rep, call, said

from callmine.config import MessagesSettings
from callmine.domain import Kind, Role
from callmine.playbook import Message
from callmine.reports.digest_values import DigestSettings
from callmine.reports.message_values import MessageReport
from callmine.reports.messages import build_messages
from callmine.reports.people import people_of, told_groups
from callmine.reports.render.message_pages import messages_json
from callmine.reports.render.message_words import NOT_HEARD
from callmine.reports.render.messages import messages_text
from callmine.store.rows import CallRow, EvidenceRow

FAST = Message(id="fast", text="Build the rota in an hour")
QUIET = Message(id="quiet", text="No more calls at six in the morning")


def claim(on: CallRow, message: str = "fast", **changes: Any) -> EvidenceRow:
    """Return a rep's claim that is an approved message, in turn 10."""
    values = {"role": Role.REP, "speaker": "ch0", "speaker_name": on.rep, "utterance_index": 10}
    detail = {"side": "rep", "sort": "value", "message": message}
    words = "With us [[the rota is done in an hour]], every week."
    return said(on, words, "rep", kind=Kind.POSITIONING, detail=detail, **{**values, **changes})


def echo(on: CallRow, of: int = 10, **changes: Any) -> EvidenceRow:
    """Return a prospect's words that take up the rep's turn ``of``."""
    detail = {"side": "prospect", "sort": "value", "echoes": of}
    words = "So [[the rota in an hour]], that I would like to see."
    return said(on, words, "prospect", kind=Kind.POSITIONING, detail=detail, **changes)


def report(calls: list[CallRow], rows: list[EvidenceRow], **changes: Any) -> MessageReport:
    values = {"week": WEEK, "weeks": 4, "timezone": "Europe/Berlin", "settings": DigestSettings()}
    reps = changes.pop("reps", [a_rep(on) for on in calls])
    return build_messages(calls, rows, reps, (FAST, QUIET), **{**values, **changes})


def team(*names: str) -> list[CallRow]:
    """Return one call for each rep."""
    return [call(f"of-{name}", rep=name, deal_id=f"D-{name}") for name in names]


def test_calls_are_counted_by_week() -> None:
    """A message said twice in a call was said in one call; every week has what it is out of."""
    calls = [call("a"), call("b"), call("c", started_at="2026-09-22T09:00:00Z")]
    rows = [claim(calls[0]), claim(calls[0], utterance_index=30), echo(calls[0]), claim(calls[2])]
    made = report(calls, rows)
    fast, quiet = made.messages
    assert (fast.id, fast.said, fast.echoed, made.calls) == ("fast", 2, 1, 3)
    assert [(w.week, w.said, w.out_of, w.echoed) for w in fast.weekly] == [
        ("2026-W39", 1, 1, 0),
        ("2026-W40", 1, 2, 1),
    ]
    assert (quiet.said, quiet.examples) == (0, ())
    assert "quiet  “No more calls at six in the morning”\n  not heard" in messages_text(made)


@pytest.mark.parametrize("change", NO_SURE_REP)
def test_only_a_known_rep_says_a_message(change: dict[str, Any]) -> None:
    """Unknown voices and doubtful findings are not counted, nor are echoes of them."""
    made = report([call()], [claim(call(), **change), echo(call())])
    assert [(m.said, m.echoed) for m in made.messages] == [(0, 0), (0, 0)]


def test_only_a_known_prospect_echoes_what_a_rep_said() -> None:
    """An echo of another turn, or by nobody knows whom, takes up no message."""
    rows = [claim(call()), echo(call(), of=11), echo(call(), role=Role.UNKNOWN, role_confidence=0.0)]
    assert report([call()], rows).messages[0].echoed == 0


def test_calls_that_do_not_count() -> None:
    """Undated, inverted, foreign and earlier calls, and those in which no rep is known."""
    dark = call("dark")
    odd = [
        call("undated", started_at=None),
        call("inverted", role_doubt="the rep asks for the price"),
        call("german", language="de"),
        call("old", started_at="2026-07-01T09:00:00Z"),
        dark,
    ]
    made = report(odd, [claim(on) for on in odd], reps=[a_rep(on) for on in odd if on is not dark])
    assert (made.calls, made.undated, made.unplaced, made.messages[0].said) == (0, 1, 1, 0)
    assert "1 undated call is in no week" in messages_text(made)


def test_nothing_at_all() -> None:
    """Without any call no message was heard, and it is told what that says."""
    made = report([], [])
    assert [message.said for message in made.messages] == [0, 0]
    assert messages_text(made).count("  not heard") == 2
    assert NOT_HEARD in messages_text(made)


def test_groups_are_told_from_three_reps_on() -> None:
    """A group of two, or of which two spoke, is withheld and named as such."""
    calls = team("Ada", "Bo", "Cy", "Dee", "Eli", "Flo", "Gus", "Hal")
    groups = {"EMEA": ("ada", "Bo", "CY"), "US": ("Dee", "Eli", "Nobody"), "Rest": ("Flo",)}
    made = report(calls, [claim(calls[0]), claim(calls[7])], groups=groups)
    (emea,) = made.messages[0].groups
    assert (emea.name, emea.reps, emea.said, emea.out_of) == ("EMEA", 3, 1, 3)
    assert made.withheld == ("US", "Rest")
    assert "EMEA: said in 1 of 3 calls (3 reps)" in messages_text(made)
    assert "Ada, our rep" not in messages_text(made)


def test_a_group_is_withheld_where_the_rest_would_be_one_rep() -> None:
    """The total less the group must not be the figures of one person."""
    calls = team("Ada", "Bo", "Cy", "Dee")
    people = people_of([a_rep(on) for on in calls])
    assert told_groups({"EMEA": ("Ada", "Bo", "Cy")}, people) == ({}, ("EMEA",))
    assert set(told_groups({"All": ("Ada", "Bo", "Cy", "Dee")}, people)[0]) == {"All"}


def test_a_person_with_name_and_address_is_one() -> None:
    """Nobody makes a group of three out of two people."""
    calls = team("Ada", "Bo", "Ada")
    rows = [
        a_rep(calls[0], email="ada@larkmoor.example"),
        a_rep(calls[1]),
        a_rep(call("x"), name=None, email="ADA@larkmoor.example"),
    ]
    people = people_of(rows)
    assert set(people.names) == {"ada", "bo"}
    assert told_groups({"G": ("Ada", "ada@larkmoor.example", "Bo")}, people)[0] == {}


def test_reps_are_named_only_where_that_is_switched_on() -> None:
    """Neither tables nor examples name a rep; switched on, they stand by name and not by rank."""
    calls = team("Bo", "Ada")
    rows = [claim(calls[0])]
    off = report(calls, rows)
    assert off.messages[0].reps == ()
    assert off.messages[0].examples[0].speaker_name is None
    on = report(calls, rows, per_rep=True).messages[0]
    assert [(rep.name, rep.said, rep.out_of) for rep in on.reps] == [("Ada", 0, 1), ("Bo", 1, 1)]
    assert on.examples[0].speaker_name == "Bo"


def test_a_rep_in_two_groups_is_refused() -> None:
    """The difference of two groups would be that rep's."""
    with pytest.raises(ValueError, match="'ada' is in both 'EMEA' and 'US'"):
        MessagesSettings(groups={"EMEA": ("Ada",), "US": ("ada",)})


def test_json_quotes_verbatim_and_leaves_whole_turns_out() -> None:
    """Format, counts and quotes; no recording and no turn."""
    value = messages_json(report([call()], [claim(call()), echo(call())]))
    assert value["format"] == "callmine-messages/1"
    (quote,) = value["messages"][0]["examples"]
    assert quote["text"] == "the rota is done in an hour"
    assert "utterance" not in quote
    assert len(value["messages"][0]["echoes"]) == 1


def test_hostile_words_stay_on_their_line() -> None:
    """A line break in what was said, or in a name, forges no line of the report."""
    on = call("a\nnot heard", account="x\nfast  said in 9 of 9 calls")
    row = claim(on)
    text = messages_text(report([on], [row], groups={"a\nb": ("Ines Okafor",)}))
    assert "\nfast  said in 9" not in text
    assert [line for line in text.splitlines() if line.startswith("not heard")] == [NOT_HEARD]
