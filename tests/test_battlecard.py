"""Battlecards from a store: what counts, what is refused, and that every line has its quote."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from test_render_json import SCHEMA, check

from callmine.domain import Kind, Outcome, Role
from callmine.errors import UsageError
from callmine.operations.battlecard_files import write_battlecards
from callmine.operations.battlecards import battlecards
from callmine.operations.outcomes import outcome_report
from callmine.outcomes.bias import Part
from callmine.reports.battlecard import quotes_of
from callmine.reports.battlecard_values import Battlecard, Lift, ObjectionBeside
from callmine.reports.quote_clips import with_clips
from callmine.reports.render.battlecard_objection_words import lift_words, objections_note
from callmine.reports.render.battlecard_pages import (
    JSON,
    render_html,
    render_markdown,
)
from callmine.reports.render.battlecard_words import sides
from callmine.reports.render.wording import read_as
from callmine.store import Store
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_store import PRICE, Said, an_answer, buyer, make_workspace, put_call, rep, small_year
from tests.commands import callmine

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)


def rival(words: str, stance: str = "neutral", relation: str = "evaluating", **changes: Any) -> Said:
    """A prospect's turn that names Lantern."""
    detail = {"relation": relation, "stance": stance, "match": "name"}
    return buyer(words, "Lantern", **{"kind": Kind.COMPETITOR, "detail": detail, **changes})


def asks(words: str, content: str = "content") -> Said:
    """A prospect's request."""
    return buyer(words, content, kind=Kind.REQUEST)


def wanted(words: str) -> Said:
    """A prospect's words for what is of value."""
    return buyer(words, "value", kind=Kind.POSITIONING, detail={"side": "prospect", "sort": "value"})


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """A won, a lost and an open deal with Lantern, one without, and a call without a deal."""
    made = make_workspace(tmp_path / "workspace")
    with Store(made.database) as store:
        store.import_deals(
            [
                a_deal("D-1", account="Brennholt", segment="SMB", close_date="2026-09-30"),
                a_deal(
                    "D-2",
                    account="Kestrel",
                    outcome=Outcome.LOST_COMPETITOR,
                    competitor="Lantern Shift",
                    close_date="2026-10-01",
                ),
                a_deal("D-3", account="Halden", outcome=Outcome.OPEN, close_date=None, segment=None),
                a_deal("D-4", account="Vale", segment="SMB"),
                a_deal("D-5", account="Ostrava", outcome=Outcome.EXCLUDED),
            ]
        )
        put_call(
            store,
            "won.vtt",
            rep("Shall we begin with your rota now?"),
            buyer("Yes, please do."),
            rep("And how do you like Lantern on busy days?"),
            rival("To be honest, [[Lantern]] falls over every Monday.", "negative", "incumbent"),
            buyer(*PRICE),
            an_answer("[[Set it against three days of planning]].", "evidence", 4, accepted="yes"),
            wanted("I want [[quiet Sundays]] for my planners."),
            deal="D-1",
            started_at="2026-09-20T08:00:00Z",
        )
        put_call(
            store,
            "lost.vtt",
            rep("Good morning."),
            buyer("Good morning to you."),
            rep("What else do you look at, if I may ask?"),
            rival("[[Lantern]] has a lovely app.", "positive"),
            buyer("Does yours work on an old phone as well?"),
            asks("Please [[send me your security papers]]."),
            rival("We went with [[Lantern]] in the end.", "positive", "chosen"),
            Said(Role.REP, "And what of [[Lantern]] then?", "Lantern", Kind.COMPETITOR),
            deal="D-2",
            started_at="2026-09-25T08:00:00Z",
        )
        put_call(store, "open.vtt", rival("We look at [[Lantern]], too."), deal="D-3")
        put_call(store, "without.vtt", buyer(*PRICE), deal="D-4", started_at="2026-09-22T08:00:00Z")
        put_call(store, "excluded.vtt", rival("[[Lantern]] again."), deal="D-5")
        put_call(store, "alone.vtt", rival("Never heard of [[Lantern]] before."), deal=None)
        put_call(
            store, "after.vtt", rival("[[Lantern]] it was."), deal="D-4", started_at="2026-10-20T08:00:00Z"
        )
    return made


def card_of(place: Workspace, name: str = "Lantern", **asked: Any) -> Battlecard:
    """The one card of a workspace."""
    (card,) = battlecards(place, [name], now=NOW, **asked)
    return card


def texts(card: Battlecard, side: str) -> list[str]:
    """The turns that are quoted on one side."""
    voices = getattr(card.said, side)
    return [quote.utterance for quote in voices.quotes] if voices else []


def test_where_it_is_named(place: Workspace) -> None:
    """Mentions of dated sales calls of the period, of no excluded deal, by whoever names it."""
    card = card_of(place)
    n = card.named
    assert (card.enough, card.until) == (True, "2026-10-01"), "closes of later days are not known yet"
    assert (n.mentions, n.calls, n.deals, n.unlinked_calls) == (6, 4, 3, 1)
    assert (n.prospect_calls, n.rep_calls, n.unknown_calls) == (4, 1, 0)
    assert (n.last_day, n.days_since, n.recent, n.recent_calls) == ("2026-09-29", 2, 6, 4)
    assert [(met.name, met.named) for met in n.quarters] == [("2026 Q3", Part(4, 5))]
    assert {met.name: met.named for met in n.segments} == {"SMB": Part(2, 3), None: Part(1, 1)}
    assert {one.relation: one.heard for one in n.relations} == {
        "chosen": 1,
        "incumbent": 1,
        "evaluating": 2,
    }


def test_stages_are_those_of_the_calls(tmp_path: Path) -> None:
    """As the deal stood then, in the order of the calls; a call after the close is at no stage."""
    made = make_workspace(tmp_path / "workspace")
    stages = (("Proposal", "2026-03-01"), ("Discovery", "2026-02-01"), ("Closed Won", "2026-04-02"))
    with Store(made.database) as store:
        for stage, day in sorted(stages, key=lambda one: one[1]):
            ended = stage == "Closed Won"
            outcome, close = (Outcome.WON, "2026-04-01") if ended else (Outcome.OPEN, None)
            store.import_deals(
                [a_deal(stage=stage, outcome=outcome, close_date=close)], at=f"{day}T08:00:00Z"
            )
        for n, day in enumerate(("2026-02-10", "2026-02-11", "2026-03-10", "2026-04-10", "2026-01-09")):
            words = buyer("We plan on paper.") if n == 1 else rival("[[Lantern]] again.")
            put_call(store, f"{n}.vtt", words, started_at=f"{day}T08:00:00Z")
    found = [(met.name, met.named) for met in card_of(made).named.stages]
    assert found == [("Discovery", Part(1, 2)), ("Proposal", Part(1, 1)), (None, Part(1, 1))]


def test_what_buyers_say(place: Workspace) -> None:
    """By stance, and beside the name; nothing that a rep says, nothing of another call."""
    card = card_of(place)
    assert texts(card, "for_them") in (["Lantern has a lovely app."], ["We went with Lantern in the end."])
    assert card.said.for_them is not None
    assert card.said.for_them.mentions == 2, "one quote of each call"
    assert texts(card, "against_them") == ["To be honest, Lantern falls over every Monday."]
    assert texts(card, "against_us") == ["Honestly, the price is too high for a chain of bakeries."]
    assert texts(card, "for_us") == [], "three turns away"


def test_a_heading_is_not_argued_with(place: Workspace) -> None:
    """Below "Against Lantern" no quote is "read as comparing it"; elsewhere each says how it was read."""
    card = card_of(place)
    for _, title, voices, _ in sides(card):
        assert all(read_as(quote) == "" for quote in voices.quotes), title
    assert card.said.for_them is not None
    assert read_as(card.said.for_them.quotes[0]).endswith("and speaking for it")
    for page in (render_markdown(card), render_html(card)):
        assert "read as using it and speaking against it" in page, "after a trap"


def test_questions_are_from_calls(place: Workspace) -> None:
    """A trap is what a buyer spoke against it after; openings are none; requests are of the same calls."""
    card = card_of(place)
    (trap,) = card.traps
    assert trap.quote.text == "And how do you like Lantern on busy days?"
    assert trap.said is not None
    assert trap.said.utterance == "To be honest, Lantern falls over every Monday."
    assert (trap.calls, trap.won) == (1, 1)
    asked = {one.quote.text for one in card.questions}
    assert asked == {"What else do you look at, if I may ask?", "And what of Lantern then?"}
    assert [one.quote.text for one in card.asked_of_us] == ["Does yours work on an old phone as well?"]
    assert [one.quote.text for one in card.requests] == ["send me your security papers"]
    assert all(one.quote.speaker_name is None for one in (*card.traps, *card.questions))


def test_small_talk_is_no_trap(tmp_path: Path) -> None:
    """What is about nothing and led to it once is no advice, and the card says that there is not enough."""
    made = make_workspace(tmp_path / "workspace")
    small = "Sure, sure, what made you take this call then?"

    def talk(name: str, *ours: str) -> None:
        turns = [buyer("Hello there."), rep("Good morning to you.")]
        for n, one in enumerate(ours):
            turns += [rep(one), rival(f"[[Lantern]] fails us on day {n}.", "negative")]
        with Store(made.database) as store:
            put_call(store, name, *turns, deal=None, started_at="2026-09-20T08:00:00Z")

    talk("a.vtt", small, "What else annoys you about the roster export?")
    for n in range(3):
        talk(f"{n}.vtt", "So, and then, right?")
    card = card_of(made)
    assert [one.quote.text for one in card.traps] == ["What else annoys you about the roster export?"]
    assert small not in {one.quote.text for one in card.questions}
    talk("b.vtt", small)
    assert small in {one.quote.text for one in card_of(made).traps}, "asked in two calls"
    for page in (render_html, render_markdown):
        assert "Not enough for any" not in page(card)
        assert "Not enough for any" in page(replace(card, traps=(), questions=card.traps))


def test_only_what_is_held_against_us_is(tmp_path: Path) -> None:
    """That it is too early speaks of the buyer: it is an objection, and none against us."""
    made = make_workspace(tmp_path / "workspace")
    timing = ("We [[cannot start before January]], I am afraid.", "timing")
    with Store(made.database) as store:
        store.import_deals([a_deal(f"D-{n}") for n in range(5)])
        for n in range(5):
            said = [rival("We have [[Lantern]] today."), buyer(*timing)]
            said += [buyer(*PRICE)] if n == 0 else []
            put_call(store, f"{n}.vtt", *said, deal=f"D-{n}", started_at="2026-09-20T08:00:00Z")
    card = card_of(made)
    assert texts(card, "against_us") == ["Honestly, the price is too high for a chain of bakeries."]
    assert "timing" in {one.label for one in card.objections}


def test_what_is_asked_anywhere_is_no_question_to_ask(tmp_path: Path) -> None:
    """Of two questions beside the name, one stands in every call, mostly far from it."""
    made = make_workspace(tmp_path / "workspace")
    usual, telling = "Who else should join the next meeting?", "And what does Lantern do on holidays?"
    with Store(made.database) as store:
        for n in range(6):
            quiet = [buyer("Well, let me think about that.")] * 4
            turns = [*quiet, rep(usual), *quiet, rival("We have [[Lantern]] today.")]
            turns.append(rep(usual if n < 2 else telling))
            if n < 2:
                turns.pop(4)
            put_call(store, f"{n}.vtt", *turns, deal=None)
    (asked,) = card_of(made).questions
    assert (asked.quote.text, asked.calls) == (telling, 4)


def test_answers_are_of_won_deals(place: Workspace) -> None:
    """With the objection that they answered; one that was refused is none."""
    (answer,) = card_of(place).answers
    assert (answer.titles, answer.kind, answer.accepted, answer.deals) == (("Price",), "evidence", "yes", 1)
    assert answer.quote.text == "Set it against three days of planning"
    assert answer.raised is not None
    assert answer.raised.text == "the price is too high"


def test_landmines(place: Workspace) -> None:
    """What a buyer said last in a deal that was lost, and that the CRM says to whom."""
    mines = card_of(place).landmines
    assert mines is not None
    (row,) = mines.lost
    assert (row.deal.deal_id, row.to_them, row.last.utterance) == (
        "D-2",
        True,
        "We went with Lantern in the end.",
    )
    assert mines.not_listed == 0


def test_the_record_is_that_of_outcomes(tmp_path: Path) -> None:
    """The same numbers as `callmine outcomes` for the same days."""
    year = small_year(tmp_path / "workspace")
    days = {"since": "2025-10-01", "until": "2026-09-30"}
    card = card_of(year, **days)
    report = outcome_report(year, **days)
    (family,) = (family for family in report.families if family.family == "competitor")
    (line,) = (line for line in family.lines if line.label == "Lantern")
    assert card.record is not None
    assert card.record.association == line.association
    assert {*card.record.won, *card.record.lost} == set(line.deals)
    assert card.standing is None, "a card for days that were asked for is not kept"


def test_objections_that_come_with_it(tmp_path: Path) -> None:
    """One that all deals with it raise and few others is more; one that comes anyway is noise."""
    made = make_workspace(tmp_path / "workspace")
    with Store(made.database) as store:
        store.import_deals([a_deal(f"D-{n:02}", account=f"A {n}") for n in range(60)])
        for n in range(60):
            turns = [buyer("and so on " * (100 + 37 * n % 90))]  # how much is said tells nothing
            if n < 20:
                turns.append(rival("We have [[Lantern]] today."))
            if n < 18 or n > 56:
                turns.append(buyer("I doubt that [[it runs at our size]].", "trust"))
            if n % 2:
                turns.append(buyer(*PRICE))
            put_call(store, f"{n}.vtt", *turns, deal=f"D-{n:02}")
    card = card_of(made)
    lifts = {one.label: one.lift for one in card.objections}
    assert lifts == {"trust": Lift.MORE, "price": Lift.NOISE}
    assert "Of what is marked ▲ or ▼" in render_markdown(card)
    noise = replace(card, objections=tuple(replace(one, lift=Lift.NOISE) for one in card.objections))
    assert "▲" not in render_markdown(noise)
    assert "In nothing that is listed do they differ beyond chance." in render_markdown(noise)
    trust = card.objections[0]
    assert (trust.label, trust.with_it, trust.without) == ("trust", Part(18, 20), Part(3, 40))
    assert trust.same_call == 18


def test_what_does_not_count_is_not_beside_it_either(tmp_path: Path) -> None:
    """Unsure and struck out objections are in no number of a card and in none of its quotes."""
    made = make_workspace(tmp_path / "workspace")
    turns = (
        rival("We have [[Lantern]] today."),
        buyer(*PRICE),
        buyer("Well, [[it may be dear]], who knows.", "price", score=0.05),
        buyer("I doubt that [[it runs at our size]].", "trust", score=0.05),
        buyer("Our lawyers [[want another contract]].", "contract"),
    )
    with Store(made.database) as store:
        store.import_deals([a_deal(f"D-{n}", account=f"A {n}") for n in range(6)])
        calls = [put_call(store, f"{n}.vtt", *turns, deal=f"D-{n}") for n in range(6)]
        for row in store.evidence():
            if row.label == "contract" or (row.label == "price" and row.call_id == calls[0]):
                store.judge(row.finding_id, "wrong", None)
    card = card_of(made)
    (price,) = card.objections
    assert (price.label, price.same_call, price.with_it) == ("price", 5, Part(5, 6))
    quoted = {quote.utterance for quote in quotes_of(card)}
    assert quoted.isdisjoint(turn.words.replace("[[", "").replace("]]", "") for turn in turns[2:])
    assert calls[0] not in {quote.call_id for quote in price.quotes}


@pytest.mark.parametrize(("count", "enough"), [(0, False), (4, False), (5, True)])
def test_it_refuses_to_pad(tmp_path: Path, count: int, enough: bool) -> None:
    """Under five mentions there is no card, only what there is."""
    made = make_workspace(tmp_path / "workspace")
    with Store(made.database) as store:
        put_call(store, "quiet.vtt", buyer("We plan on paper."), deal=None)
        for n in range(count):
            put_call(store, f"{n}.vtt", rival(f"We saw [[Lantern]] {n} times.", "negative"), deal=None)
    card = card_of(made)
    assert card.enough is enough
    assert len(card.mentions) == (0 if enough else count)
    assert (card.said.against_them is not None) is enough
    page, text = render_html(card), render_markdown(card)
    assert ("Not enough evidence" in page, "Not enough evidence" in text) == (not enough, not enough)
    for heading in ("Traps to set", "Questions to ask", "Landmines", "Answers given"):
        assert heading not in page + text, "where there is nothing, there is no section"


def test_unknown_competitors_are_refused(place: Workspace) -> None:
    """With the nearest name and those that there are; an alias is known."""
    with pytest.raises(UsageError, match=r"no competitor 'Lantrn' \(did you mean 'Lantern'\?\)") as caught:
        card_of(place, "Lantrn")
    assert "Lantern" in caught.value.hint
    assert card_of(place, "lantern shift").competitor == "Lantern"


def test_wrong_periods_are_refused(place: Workspace, tmp_path: Path) -> None:
    """Days that are none or to come, ends before beginnings, and workspaces without a dated call."""
    with pytest.raises(UsageError, match="before it begins"):
        card_of(place, since="2026-09-02", until="2026-09-01")
    with pytest.raises(UsageError, match="is not a date"):
        card_of(place, until="yesterday")
    with pytest.raises(UsageError, match="--until 2099-12-31 is to come"):
        card_of(place, until="2099-12-31")
    with pytest.raises(UsageError, match="no sales call has a date"):
        card_of(make_workspace(tmp_path / "empty"))


def test_several_cards(place: Workspace, tmp_path: Path) -> None:
    """A file each; one that is named twice once; several are not one file."""
    (one,) = write_battlecards(place, ["Lantern", "Lantern Shift"])
    assert one.paths[0] == place.reports / "battlecard-lantern.html"
    book = (place.root / "playbook.toml").read_text("utf-8")
    (place.root / "playbook.toml").write_text(book + '[[competitors]]\nname = "Rosterwick"\n', "utf-8")
    with pytest.raises(UsageError, match="cannot be one file"):
        write_battlecards(place, ["Lantern", "Rosterwick"], output=tmp_path / "x.html")


def test_every_quote_has_an_anchor_of_its_own(place: Workspace) -> None:
    """And is on the page."""
    card = card_of(place)
    ids = [quote.quote_id for quote in quotes_of(card)]
    assert len(ids) == len(set(ids)) > 8
    page = render_html(card)
    assert all(page.count(f'id="{one}"') == 1 for one in ids)
    assert sorted(ids, key=lambda one: page.index(f'id="{one}"')) == ids, "in the order of the page"


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_what_helps_in_a_call_stands_first(place: Workspace, render: Callable[[Battlecard], str]) -> None:
    """Counts, which a rep needs least, come last."""
    page = render(card_of(place))
    headings = ("Answers given in deals we won", "Landmines", "What buyers say", "Where we meet them")
    assert sorted(headings, key=page.index) == list(headings)


def test_internal_lines_are_marked(place: Workspace) -> None:
    """How often we win, what is said against us, lost deals: in both formats."""
    card = card_of(place)
    page, text = render_html(card), render_markdown(card)
    for heading in ("Won and lost with them", "Landmines", "Objections that come with them"):
        assert f'{heading} <span class="badge internal">internal</span>' in page
        assert f"## {heading} (internal)" in text
    assert "Against Larkmoor, beside Lantern (internal)" in text


NASTY = "<script>alert(1)</script> [x](javascript:a) =cmd|x ‮evil\n# h1 {} \"'".format("`code`")


def test_hostile_names_are_harmless(tmp_path: Path) -> None:
    """Scripts, Markdown, formulas, direction marks, line breaks and turns of 10,000 characters."""
    book = make_workspace(tmp_path / "workspace")
    with Store(book.database) as store:
        store.import_deals(
            [a_deal("D-1", account=NASTY, name=NASTY, outcome=Outcome.LOST_OTHER, loss_reason=NASTY)]
        )
        long = "and so on " * 1000
        for n in range(6):
            words = f"[[Lantern]] {NASTY.replace(chr(10), ' ')} {n} {long}?"
            put_call(store, f"{n}.vtt", rep("Hm."), rep("Hm?"), rival(words, "positive"), deal="D-1")
    card = card_of(book)
    page, text = render_html(card), render_markdown(card)
    assert "<script" not in page
    assert "<script" not in text
    assert "](javascript:" not in text
    assert "\n# h1" not in text
    assert "‮" not in text
    assert json.loads(JSON.text(card))["competitor"] == "Lantern"
    assert len(page) < 200_000


def test_the_published_schema(place: Workspace) -> None:
    """The file in docs is what the types say, and cards follow it; UPDATE_SNAPSHOTS=1 writes it anew."""
    file = SCHEMA.with_name("battlecard-schema.json")
    made = json.dumps(JSON.schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(made, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == made
    card = card_of(place)
    schema = json.loads(made)
    read = json.loads(JSON.text(card))
    check(read, schema, schema)
    assert read == JSON.value(card)
    assert "utterance" not in json.dumps(read).replace("utterance_index", "")


def test_the_command(place: Workspace) -> None:
    """A file, stdout, JSON of one card or of several; an unknown name is exit code 2."""
    told = callmine("battlecard", "lantern", at=place.root)
    assert told.code == 0
    assert (place.reports / "battlecard-lantern.html").read_text("utf-8").startswith("<!doctype html>")
    assert callmine("battlecard", "Lantern", "-o", "-", "--format", "md", at=place.root).out.startswith(
        "# Lantern"
    )
    assert callmine("battlecard", "Lantern", "--json", at=place.root).json["competitor"] == "Lantern"
    assert callmine("battlecard", "Lantrn", at=place.root).code == 2
    noted = callmine(
        *("battlecard", "Lantern", "--note", "said", "Mind the app", "--by", "Ada Example", "--json"),
        at=place.root,
    )
    (change,) = noted.json["changes"]
    assert (change["text"], change["by"]) == ("Mind the app", "Ada Example")


def test_quotes_play_as_many_as_fit(place: Workspace) -> None:
    """In the order of the page; what stands there twice plays once, and nothing else changes."""
    card = card_of(place)
    played = with_clips(card, quotes_of(card), lambda quote: b"OggS" + b"x" * 96, max_bytes=450)
    clips = [quote.clip for quote in quotes_of(played) if quote.clip]
    assert [(len(one.data), one.mime) for one in clips] == [(100, "audio/ogg")] * 4
    assert render_html(played).count("<audio") == 4
    assert JSON.value(played) == JSON.value(card)
    assert with_clips(card, quotes_of(card), lambda quote: b"OggS", max_bytes=0) == card
    many = quotes_of(with_clips(card, quotes_of(card), lambda quote: b"OggS", max_bytes=10_000))
    heard = [quote.finding_id for quote in many if quote.clip]
    assert len(heard) == len(set(heard)) == len({quote.finding_id for quote in many})


def also_names(place: Workspace, words: str, name: str) -> None:
    """Have the turn with these words name another competitor, too."""
    with Store(place.database) as store:
        (row,) = [row for row in store.evidence() if row.text == "Lantern" and words in row.utterance]
        db = store._db
        (found,) = db.query("SELECT * FROM findings WHERE finding_id = ?", [row.finding_id])
        db.table("findings").insert({**found, "finding_id": "f" * 16, "label": name})
        db.conn.commit()


def test_no_trap_rests_on_a_turn_that_names_somebody_else_too(place: Workspace) -> None:
    """Of whom it speaks is not plain: it proves nothing, and what is plainer is quoted instead."""
    with Store(place.database) as store:
        sometimes = rival("[[Lantern]] is slow when it is full.", "negative", score=0.6)
        put_call(store, "slow.vtt", sometimes, deal="D-3", started_at="2026-09-21T08:00:00Z")
    assert card_of(place).traps
    assert "Monday" in texts(card_of(place), "against_them")[0]
    also_names(place, "Monday", "Dutymark")
    card = card_of(place)
    assert card.traps == ()
    assert [("Monday" in text) for text in texts(card, "against_them")] == [False]
    with Store(place.database) as store:
        (sure,) = [
            row.finding_id
            for row in store.evidence()
            if row.label == "Lantern" and "Monday" in row.utterance
        ]
        store.judge(sure, "right", by="Ada Example")
    assert card_of(place).traps, "a person says that it is right"


def beside(label: str, with_it: Part, without: Part, lift: Lift) -> ObjectionBeside:
    """An objection beside a competitor."""
    return ObjectionBeside(label, label.capitalize(), with_it, without, 1, None, None, lift)


def test_objections_say_why_nothing_can_be_said(place: Workspace) -> None:
    """What may be chance is called the same however few deals raised it."""
    card = card_of(place)
    rows = (
        (Part(4, 5), Part(0, 5), Lift.TOO_FEW, "may be chance"),
        (Part(3, 5), Part(3, 5), Lift.NOISE, "may be chance"),
        (Part(1, 2), Part(3, 9), Lift.TOO_FEW, "too few deals to compare"),
    )
    for with_it, without, lift, said in rows:
        one = beside("trust", with_it, without, lift)
        assert lift_words(one, card) == said
        once = "What fewer than five deals raised is not compared" in objections_note(
            replace(card, objections=(one, one))
        )
        assert once is (said == "may be chance" and lift is Lift.TOO_FEW)


def test_objections_that_differ_most_come_first(tmp_path: Path) -> None:
    """By the difference, where none is beyond chance."""
    made = make_workspace(tmp_path)
    contract = ("We cannot sign, [[three years is too long]] for us.", "contract")
    with Store(made.database) as store:
        store.import_deals([a_deal(f"D-{n}") for n in range(10)])
        for n in range(10):
            named = [rival("We look at [[Lantern]], too.")] if n < 5 else []
            said = [buyer(*contract)] if n < 4 else []
            said += [buyer(*PRICE)]
            put_call(store, f"{n}.vtt", *named, *said, deal=f"D-{n}", started_at="2026-09-20T08:00:00Z")
    assert [one.label for one in card_of(made).objections] == ["contract", "price"]
