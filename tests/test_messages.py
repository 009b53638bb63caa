"""Adoption of approved messages: who counts, by week, in groups, and what is not told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from digest_rows import NO_SURE_REP, WEEK, a_rep, call, said

from callmine.domain import Kind, Outcome, Role
from callmine.outcomes.verdicts import Verdict
from callmine.playbook import Message
from callmine.reports.digest_values import DigestSettings
from callmine.reports.leading import led_by
from callmine.reports.message_values import MessageReport
from callmine.reports.messages import build_messages
from callmine.reports.people import people_of, told_groups
from callmine.reports.render.message_pages import JSON, render_html, render_markdown
from callmine.reports.render.message_words import NOT_HEARD, headline, standfirst
from callmine.reports.render.messages import messages_text
from callmine.settings_sections import MessagesSettings
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


def test_every_call_opens_its_quotes() -> None:
    """All that was said is listed up to the limit, loosely worded last and apart, and counted as such."""
    calls = [call(f"c{n}") for n in range(6)]
    words = [claim(on) for on in calls[:5]]
    vague = said(
        calls[5],
        "Then [[we would see us on Tuesday]].",
        "rep",
        kind=Kind.POSITIONING,
        **{"role": Role.REP, "speaker": "ch0", "detail": {"message": "fast"}, "utterance_index": 10},
    )
    fast, _ = (made := report(calls, [*words, vague])).messages
    assert (fast.said, fast.loose, len(fast.examples), len(fast.further)) == (6, 1, 3, 2)
    assert [quote.text for quote in fast.loosely] == ["we would see us on Tuesday"]
    assert headline(made) == "No prospect was heard to take up an approved message"
    assert "in 6 of 6 calls, 1 of them loosely worded" in " ".join(standfirst(made))
    assert "said, loosely: “Then we would see us on Tuesday.”" in messages_text(made)
    page = render_html(made)
    assert "1 quote, loosely worded" in page
    assert all(f'id="{quote.quote_id}"' in page for quote in (*fast.examples, *fast.further, *fast.loosely))


def test_a_confirmed_quote_is_not_loosely_worded() -> None:
    """What a person said is right is the message, whatever its words."""
    on = call("a")
    row = claim(on, verdict="right")
    fast, _ = report([on], [replace(row, text=row.utterance[:4], start=0, end=4)]).messages
    assert (fast.said, fast.loose) == (1, 0)


def test_what_is_not_listed_is_counted() -> None:
    """Beyond the limit of listed quotes a page tells how many there are."""
    calls = [call(f"c{n}") for n in range(8)]
    few = replace(DigestSettings(), evidence_per_label=2)
    rows = [*map(claim, calls), *map(echo, calls)]
    fast, _ = (made := report(calls, rows, settings=few)).messages
    assert (len(fast.further), fast.not_listed) == (2, 3)
    assert (len(fast.further_echoes), fast.echoes_not_listed) == (2, 3)
    assert render_html(made).count("3 more quotes are not listed.") == 2
    assert render_markdown(made).count("3 more quotes are not listed.") == 2


def test_days_are_told_as_people_write_them() -> None:
    """In the heading of the page and in JSON; the weeks' names stay in JSON."""
    made = report([call("a")], [])
    assert (made.since, made.until) == ("2026-09-28", "2026-10-04")
    assert messages_text(made).startswith("28 September – 4 October 2026: 1 call")
    assert "<span>28 September – 4 October 2026</span>" in render_html(made)


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
    value = JSON.value(report([call()], [claim(call()), echo(call())]))
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


@pytest.mark.parametrize(
    ("verdict", "first"),
    [
        (Verdict.WINS, Outcome.WON),
        (Verdict.LOSSES, Outcome.LOST_NO_DECISION),
        (Verdict.NOT_ENOUGH, Outcome.OPEN),
    ],
)
def test_what_goes_with_winning_is_shown_by_a_won_deal(verdict: Verdict, first: Outcome) -> None:
    """The quote that leads is of a deal that ended so; all others stay in order."""
    on = call("a")
    rows = [
        replace(said(on, f"Quote [[{outcome.value}]].", "price"), outcome=outcome)
        for outcome in (Outcome.OPEN, Outcome.LOST_NO_DECISION, Outcome.WON)
    ]
    found = led_by(rows, verdict)
    assert found[0].outcome is first
    assert sorted(row.text for row in found) == sorted(row.text for row in rows)
