"""What people say stays: over re-extraction, re-attribution and re-linking."""

from __future__ import annotations

import json

import pytest

from callmine.domain import Role, RoleSource, Transcript
from callmine.errors import UsageError
from callmine.store.rows import EvidenceRow
from tests.builders import a_deal, a_playbook, a_segment, a_transcript
from tests.fakes import Rules, ScriptedEngine
from tests.workbench import Workbench

FACTS = {"external_id": "REC-1", "rep": "Maya Linden", "rep_channel": "left", "deal_id": "D-1"}


@pytest.fixture
def done(bench: Workbench) -> Workbench:
    """One call with two findings, linked to D-1."""
    other = a_deal("D-2", account="Other", account_domain=None, contact_emails=())
    bench.import_deals(a_deal("D-1"), other)
    bench.recording(**FACTS)
    bench.run()
    return bench


def call_id(bench: Workbench) -> str:
    return bench.only("calls")["call_id"]


def again(bench: Workbench) -> None:
    """Extract once more, with another playbook."""
    bench.playbook = a_playbook(trackers=[f"word{len(bench.rows('playbooks'))}"])
    assert bench.did() == {"extract": 1}


def shown(bench: Workbench) -> list[tuple[str, str, str | None]]:
    """Label, quote and verdict of every finding."""
    return [(e.label, e.text, e.verdict) for e in bench.store.evidence()]


def roles(bench: Workbench) -> list[str]:
    return [u["role"] for u in bench.rows("utterances")]


@pytest.mark.parametrize("verdict", ["right", "wrong"])
def test_verdicts_survive_re_extraction(done: Workbench, verdict: str) -> None:
    """The finding comes back under the same id, with what was said of it."""
    first, second = done.store.evidence()
    assert done.store.judge(first.finding_id[:8], verdict)[0]["finding_id"] == first.finding_id
    again(done)
    assert [(e.finding_id, e.verdict) for e in done.store.evidence()] == [
        (first.finding_id, verdict),
        (second.finding_id, None),
    ]


def test_labels_survive_re_extraction(done: Workbench) -> None:
    """The person's label is shown and filtered by; the extractor's stays stored."""
    done.store.judge(done.store.evidence()[0].finding_id, "label", "contract")
    again(done)
    assert shown(done)[0] == ("contract", "price", "label")
    assert {f["label"] for f in done.rows("findings")} == {"price"}


def test_the_last_word_counts(done: Workbench) -> None:
    """Who changes their mind says so again; a label given stays until another is."""
    finding = done.store.evidence()[0].finding_id
    for verdict, label in (("wrong", None), ("label", "trust"), ("label", "timing"), ("right", None)):
        done.store.judge(finding, verdict, label)
    assert shown(done)[0] == ("timing", "price", "right")
    assert len(done.rows("corrections")) == 4, "all of it is kept to learn from"


def test_missed_ones_survive_re_extraction(done: Workbench) -> None:
    """A person's finding is there at once, once, and stays when extraction runs again."""
    text = done.store.add_missed(call_id(done), 0, "timing").text
    expected = [("timing", text, None), ("price", "price", None), ("price", "price", None)]
    assert shown(done) == expected
    again(done)
    assert shown(done) == expected
    (added,) = [f for f in done.rows("findings") if f["label"] == "timing"]
    assert (added["extractor"], added["score"]) == ("person/1", 1.0)


def test_missed_stays_out_when_the_words_changed(done: Workbench) -> None:
    """What was said of other words is not put under new ones, but it is not lost."""
    done.store.add_missed(call_id(done), 0, "timing")
    with done.store._writing():
        done.store._db.execute("UPDATE utterances SET text = 'Other words.' WHERE utterance_index = 0")
    again(done)
    assert [label for label, _, _ in shown(done)] == ["price", "price"]
    assert done.only("corrections")["verdict"] == "missed"


def test_a_person_and_the_extractor_agree(done: Workbench) -> None:
    """The same span found by both is one finding."""
    said = done.rows("utterances")[0]["text"]
    done.store.add_missed(call_id(done), 0, "timing")
    done.extractors = [Rules({said.lower(): "timing"})]
    assert done.did() == {"extract": 1}
    assert shown(done) == [("timing", said, None)]


def test_swapped_roles_survive_everything(done: Workbench) -> None:
    """The next run swaps them, and the evidence follows; findings and verdicts are there again."""
    finding = done.store.evidence()[0].finding_id
    done.store.judge(finding, "right")
    assert roles(done) == ["rep", "prospect", "rep", "prospect"]
    done.store.set_roles(call_id(done), swap=True)
    assert done.did() == {"attribute": 1, "extract": 1}
    assert roles(done) == ["prospect", "rep", "prospect", "rep"]
    assert {u["role_source"] for u in done.rows("utterances")} == {RoleSource.PERSON}
    again(done)
    assert [(e.finding_id == finding, e.verdict, e.role) for e in done.store.evidence()] == [
        (True, "right", "rep"),
        (False, None, "rep"),
    ]
    assert done.did() == {}


def test_roles_are_judged_as_they_are_shown(done: Workbench) -> None:
    """To confirm swapped roles keeps them; to swap them again swaps them back."""
    call = call_id(done)
    done.store.set_roles(call, swap=True)
    done.run()
    done.store.set_roles(call, swap=False)
    done.run()
    assert roles(done)[0] == "prospect"
    done.store.set_roles(call, swap=True)
    done.run()
    assert roles(done)[0] == "rep"
    assert done.rows("utterances")[0]["role_source"] == RoleSource.PERSON


def test_confirmed_roles_are_sure(done: Workbench) -> None:
    """A person's word is the strongest source."""
    done.store.set_roles(call_id(done), swap=False)
    done.run()
    assert {(s["role_source"], s["role_confidence"]) for s in done.rows("speakers")} == {("person", 1.0)}
    assert roles(done)[0] == "rep"


@pytest.mark.parametrize("deal", ["D-2", None])
def test_links_by_people_survive_re_linking(done: Workbench, deal: str | None) -> None:
    """To a deal or to none: no rule touches it again, also with new facts and deals."""
    assert done.only("links")["deal_id"] == "D-1"
    done.store.fix_link(call_id(done), deal)
    done.add(done.folder / "call.wav", account="Other")
    done.import_deals(a_deal("D-1"), a_deal("D-2"), a_deal("D-3"))
    done.run()
    link = done.only("links")
    assert (link["deal_id"], link["rule"], link["confidence"]) == (deal, "person", 1.0)
    assert done.store.calls()[0].deal_id == deal


def test_a_link_may_be_fixed_before_linking_ran(bench: Workbench) -> None:
    """The stage then has nothing to decide."""
    bench.import_deals(a_deal("D-1"), a_deal("D-2"))
    bench.recording()
    bench.run()
    bench.store.fix_link(call_id(bench), "D-2")
    bench.store.fix_link(call_id(bench), "D-1")
    assert bench.did() == {}
    assert bench.only("links")["deal_id"] == "D-1"


def test_what_is_not_there_cannot_be_corrected(done: Workbench) -> None:
    """Each refusal says what to do and leaves nothing behind."""
    store, call = done.store, call_id(done)
    with pytest.raises(UsageError, match="there is no finding 'zzz'"):
        store.judge("zzz", "right")
    with pytest.raises(UsageError, match="more than one finding"):
        store.judge("", "right")
    with pytest.raises(UsageError, match="no utterance 99"):
        store.add_missed(call, 99, "price")
    with pytest.raises(UsageError, match="no deal 'D-9'"):
        store.fix_link(call, "D-9")
    assert done.rows("corrections") == []
    assert done.only("links")["rule"] != "person"


def test_shortened_ids_must_be_unique(done: Workbench) -> None:
    """An ambiguous beginning is refused."""
    with done.store._writing():
        for index, row in enumerate(done.rows("findings")):
            done.store._db.execute(
                "UPDATE findings SET finding_id = ? WHERE finding_id = ?", [f"ab{index}", row["finding_id"]]
            )
    with pytest.raises(UsageError, match="more than one finding begins with 'ab'"):
        done.store.judge("ab", "right")
    done.store.judge("ab1", "right")
    rows: list[EvidenceRow] = done.store.evidence()
    assert {r.finding_id: r.verdict for r in rows} == {"ab0": None, "ab1": "right"}


def test_a_decision_remembers_when_each_voice_spoke(bench: Workbench) -> None:
    """Voices known by their sound are numbered as they come; the times find them again."""
    bench.engine = ScriptedEngine({"a.wav": two_voices("voice 1", "voice 2")})
    bench.recording("a.wav")
    bench.run()
    bench.store.set_roles(call_id(bench), swap=True)
    kept = json.loads(bench.store.role_decision(call_id(bench)))
    assert kept == {"voice 1": "prospect", "voice 2": "rep", " @": {"voice 1": 625, "voice 2": 5125}}
    bench.run()
    assert {r["speaker"]: r["role"] for r in bench.rows("speakers")} == {
        "voice 1": "prospect",
        "voice 2": "rep",
    }
    bench.store.set_roles(call_id(bench), swap=False)
    assert json.loads(bench.store.role_decision(call_id(bench))) == kept


def two_voices(maya: str, petra: str) -> Transcript:
    """A mono call of two people, by the numbers that their voices got."""
    return a_transcript(
        a_segment("Hello there, how are you?", 0, speaker=maya, role=Role.REP),
        a_segment("Hi.", 5_000, speaker=petra, role=Role.PROSPECT),
        channels=1,
    )


@pytest.mark.parametrize("swap", [False, True])
def test_a_confirmed_call_keeps_who_is_who_when_voices_are_numbered_anew(
    bench: Workbench, swap: bool
) -> None:
    """Decided, transcribed again, confirmed as shown, twice without a run; then swapped."""
    bench.engine = ScriptedEngine({"a.wav": two_voices("voice 1", "voice 2")})
    bench.recording("a.wav")
    bench.run()
    call = call_id(bench)
    bench.store.set_roles(call, swap=swap)
    bench.run()
    expected = ["prospect", "rep"] if swap else ["rep", "prospect"]
    assert roles(bench) == expected
    bench.engine = ScriptedEngine({"a.wav": two_voices("voice 2", "voice 1")}, take=2)
    bench.run()
    assert roles(bench) == expected
    for _ in range(2):
        bench.store.set_roles(call, swap=False)
    bench.run()
    assert roles(bench) == expected
    bench.store.set_roles(call, swap=True)
    bench.run()
    assert roles(bench) == expected[::-1]
    assert {s["role_source"] for s in bench.rows("speakers")} == {RoleSource.PERSON}


def test_a_decision_holds_where_one_speaks_within_the_others_turn(bench: Workbench) -> None:
    """In the middle of the long turn somebody else says "mm-hm"; the voices are told apart by it."""
    around = a_transcript(
        a_segment("So what we do is we take your", 0, speaker="voice 1", role=Role.REP),
        a_segment("Mm-hm, right.", 2_100, speaker="voice 2", role=Role.PROSPECT),
        a_segment("forecast and build the shifts from it.", 2_600, speaker="voice 1", role=Role.REP),
        channels=1,
    )
    bench.engine = ScriptedEngine({"a.wav": around})
    bench.recording("a.wav")
    bench.run()
    first, within = bench.rows("utterances")
    assert first["start_ms"] < within["start_ms"] < within["end_ms"] < first["end_ms"]
    bench.store.set_roles(call_id(bench), swap=False)
    bench.run()
    assert {s["role_source"] for s in bench.rows("speakers")} == {RoleSource.PERSON}
