"""The swap detector: doubt, counts without doubted calls, and a person's word that settles it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from commands import PLAYBOOK, callmine
from digest_rows import call, digest, said

from callmine.domain import Kind, Role, RoleSource, Segment, Speaker, Transcript
from callmine.operations.checking import status_of
from callmine.operations.correcting import correct
from callmine.operations.queueing import doubted
from callmine.operations.reporting import digest_of_week
from callmine.payloads import Attribution, ToAttribute
from callmine.reports.render.html import render_html
from callmine.reports.render.json import JSON
from callmine.reports.render.markdown import render_markdown
from callmine.reports.render.notes import inverted, unplaced
from callmine.stages.attribute import AttributeStage
from callmine.stages.doubt import LIMIT, LOST, posterior, with_doubt
from callmine.stages.roles import CONFIDENCE, evidence_of
from callmine.voices.cues import Cues, Evidence, Phrase
from callmine.workspace import find_workspace
from tests.builders import OUR_DOMAINS, a_call, a_facts, a_job, a_segment, a_speaker, a_transcript
from tests.fakes import Rules
from tests.talk import BUYER, SELLER, SMALL_TALK, talk
from tests.workbench import Workbench

OWN_NAMES = ("Larkmoor", "Larkmoor Rota")
REP, PROSPECT, UNKNOWN = Role.REP, Role.PROSPECT, Role.UNKNOWN


def stereo(left: tuple[str, ...], right: tuple[str, ...], **changes: object) -> Transcript:
    """A call of two channels, five seconds a turn."""
    turns = [a_segment(text, 8000 * i, channel=side) for i, (side, text) in enumerate(talk(left, right))]
    return a_transcript(*turns, **{"channels": 2, **changes})


def stated(
    left: Role, right: Role, source: RoleSource = RoleSource.CHANNEL, **more: object
) -> list[Speaker]:
    """Two speakers with roles of a source."""
    sure = CONFIDENCE.get(source, 0.9)
    return [
        Speaker(f"channel {n}", None, role, source, sure, n - 1)
        for n, role in ((1, left), (2, right))
        if role is not None
    ]


def attributed(transcript: Transcript, decision: str = "", **facts: object) -> Attribution:
    """What the stage makes of a call."""
    payload = ToAttribute(a_call(facts=a_facts(**facts)), transcript, decision)
    output = AttributeStage(OUR_DOMAINS, own_names=OWN_NAMES).process(a_job(payload)).output
    assert isinstance(output, Attribution)
    return output


@pytest.mark.parametrize(
    "source", [RoleSource.CHANNEL, RoleSource.VENDOR, RoleSource.PARTICIPANTS, RoleSource.VOICE]
)
def test_inverted_roles_are_doubted_whatever_their_source(source: RoleSource) -> None:
    """And the same words the right way round are not."""
    heard = evidence_of(stereo(SELLER, BUYER), Cues(OWN_NAMES))
    assert with_doubt(stated(REP, PROSPECT, source), heard) == (tuple(stated(REP, PROSPECT, source)), "")
    speakers, doubt = with_doubt(stated(PROSPECT, REP, source), heard)
    assert doubt.startswith("the roles look inverted: ")
    assert {s.confidence < LIMIT for s in speakers} == {True}
    assert [s.role for s in speakers] == [PROSPECT, REP], "doubted, not changed"


def test_the_reason_quotes_a_few_words_of_each_side() -> None:
    """What the “rep” asks and the “prospect” says, so that a person can see it at once."""
    doubt = attributed(stereo(BUYER, SELLER)).doubt
    assert "the “rep” " in doubt
    assert "the “prospect” says “this is Maya from Larkmoor”" in doubt
    assert any(words in doubt for words in ("what would that cost", "our current vendor", "We already use"))
    assert len(doubt.split()) < 60


def test_a_reason_without_telling_phrases_is_a_sentence() -> None:
    """Also where the evidence is in no single phrase."""
    heard = {
        "channel 1": Evidence(-6.0, 50),
        "channel 2": Evidence(6.0, 50, (Phrase("our plan", 1.0, True),)),
    }
    assert with_doubt(stated(REP, PROSPECT), heard)[1] == (
        "the roles look inverted: the “prospect” says “our plan”"
    )
    nothing = {key: replace(e, phrases=()) for key, e in heard.items()}
    assert with_doubt(stated(REP, PROSPECT), nothing)[1] == (
        "the roles look inverted: the “rep” talks like a prospect, the “prospect” talks like a rep"
    )
    (alone, _) = stated(REP, PROSPECT)
    assert with_doubt([alone], {alone.key: Evidence(-9.0, 50)})[1] == (
        "the roles look inverted: the “rep” talks like a prospect"
    )


def test_surer_sources_need_stronger_words() -> None:
    """Bayes: the same words bring down a name, not a channel."""
    heard = {"channel 1": Evidence(-1.4), "channel 2": Evidence(1.4)}
    assert with_doubt(stated(REP, PROSPECT, RoleSource.PARTICIPANTS), heard)[1]
    assert not with_doubt(stated(REP, PROSPECT, RoleSource.CHANNEL), heard)[1]
    assert posterior(stated(REP, PROSPECT), {}) == pytest.approx(CONFIDENCE[RoleSource.CHANNEL])


@pytest.mark.parametrize("side", ["left", "right"])
def test_small_talk_is_not_doubted(side: str) -> None:
    """Nor are a few words, nothing, control characters, or another language."""
    assert not attributed(stereo(SMALL_TALK, SMALL_TALK[::-1]), rep_channel=side).doubt
    assert not attributed(stereo(("Hello.",), ("Hi.",)), rep_channel=side).doubt
    assert not attributed(stereo(("\x00\x1b[2J" * 99,), ("…",)), rep_channel=side).doubt
    assert not attributed(stereo(SELLER, BUYER, language="de"), rep_channel=side).doubt


def test_what_cannot_be_doubted() -> None:
    """A person's word, unknown roles, and roles that come from the words themselves."""
    heard = evidence_of(stereo(SELLER, BUYER), Cues(OWN_NAMES))
    for source in (RoleSource.PERSON, RoleSource.TEXT):
        assert with_doubt(stated(PROSPECT, REP, source), heard)[1] == ""
    assert with_doubt([a_speaker(role=UNKNOWN, role_source=RoleSource.NONE)], heard)[1] == ""
    assert with_doubt([], heard) == ((), "")


def test_a_second_buyer_does_not_hide_a_swap() -> None:
    """Nor does a voice whose side is not known, which keeps its confidence."""
    heard = {"a": Evidence(-5.0), "b": Evidence(4.0), "c": Evidence(0.3), "d": Evidence(9.0)}
    speakers = [
        Speaker("a", None, REP, RoleSource.PARTICIPANTS, 0.9),
        Speaker("b", None, PROSPECT, RoleSource.PARTICIPANTS, 0.9),
        Speaker("c", None, PROSPECT, RoleSource.PARTICIPANTS, 0.9),
        Speaker("d", None, UNKNOWN, RoleSource.NONE, 0.0),
    ]
    found, doubt = with_doubt(speakers, heard)
    assert doubt
    assert [s.confidence < 0.1 for s in found] == [True, True, True, True]
    assert found[3] == speakers[3]


# -- through the pipeline ------------------------------------------------------------------------

FACTS = {
    "external_id": "REC-1",
    "rep": "Maya Linden",
    "started_at": "2026-09-29T08:00:00Z",
    "type": "sales",
}
CALL = "REC-1"


@pytest.fixture
def swapped(bench: Workbench) -> Workbench:
    """A workspace with one call whose manifest names the wrong channel."""
    bench.engine.says = {"call.wav": stereo(BUYER, SELLER)}
    bench.extractors = [Rules({"money": "price"})]
    bench.recording(**FACTS, rep_channel="left")
    bench.run()
    (bench.folder / "callmine.toml").write_text("")
    (bench.folder / "playbook.toml").write_text(PLAYBOOK)
    return bench


def doubt_of(bench: Workbench) -> str | None:
    return bench.only("calls")["role_doubt"]


def roles(bench: Workbench) -> dict[str, tuple[str, str]]:
    return {s["speaker"]: (s["role"], s["role_source"]) for s in bench.rows("speakers")}


def test_the_doubt_is_stored_and_shown(swapped: Workbench) -> None:
    """In the calls, in status, in the queue; as text and as JSON, with the command to say."""
    at, ref = swapped.folder, swapped.only("calls")["call_id"]
    doubt = doubt_of(swapped)
    assert doubt
    assert "look inverted" in doubt
    assert [c["role_doubt"] for c in callmine("calls", "--json", at=at).json] == [doubt]
    assert f"call.wav: {doubt}" in callmine("calls", at=at).out
    assert f"--roles {ref}" in callmine("calls", at=at).out
    told = callmine("calls", ref, at=at).out
    assert "by channel, doubted" in told
    assert "% sure" not in told
    assert "nothing odd" not in told
    assert "1 call whose roles look inverted: call.wav" in callmine("status", at=at).out
    shown = status_of(find_workspace(at)).doubted
    assert shown == [{"call_id": ref, "source": "call.wav", "doubt": doubt}]
    first, second, *_ = callmine("correct", "--queue", at=at).out.splitlines()
    assert first == f"call.wav  {doubt}"
    assert f"callmine correct --roles {ref}" in second
    row, *findings = callmine("correct", "--queue", "--json", at=at).json
    assert row == {
        "kind": "roles",
        "finding_id": None,
        "call_id": ref,
        "source": "call.wav",
        "role_doubt": doubt,
    }
    assert [f["finding_id"] for f in findings] == [e.finding_id for e in swapped.store.evidence()] != []
    assert {f["kind"] for f in findings} == {"objection"}


def test_doubted_calls_are_left_out_of_counts(swapped: Workbench) -> None:
    """And the digest's coverage names them with the command; after a swap they count."""
    place = find_workspace(swapped.folder)
    assert (
        max(u["role_confidence"] for u in swapped.rows("utterances"))
        < place.settings.digest.min_role_confidence
    )
    (swapped.folder / "callmine.toml").write_text("[digest]\nmin_role_confidence = 0.0\n")
    for workspace in (place, find_workspace(swapped.folder)):
        made = digest_of_week(workspace, week="2026-W40")
        assert (made.calls, made.objections, made.coverage.inverted) == (0, (), 1)
        assert made.coverage.unplaced == 0
    correct(place, roles=CALL, swap=True)
    swapped.run()
    made = digest_of_week(place, week="2026-W40")
    assert (made.calls, made.coverage.inverted) == (1, 0)
    assert [(o.label, o.heard) for o in made.objections] == [("price", 1)]


@pytest.mark.parametrize(("swap", "left"), [(False, "rep"), (True, "prospect")])
def test_a_person_settles_it(swapped: Workbench, swap: bool, left: str) -> None:
    """Confirmed or swapped: the doubt is gone, the roles are a person's, and stay so."""
    place = find_workspace(swapped.folder)
    assert [row.source for row in doubted(place)] == ["call.wav"]
    correct(place, roles=CALL, swap=swap)
    assert swapped.did()["attribute"] == 1
    assert doubt_of(swapped) is None
    assert doubted(place) == []
    assert roles(swapped)["channel 1"] == (left, "person")
    assert {u["role_confidence"] for u in swapped.rows("utterances")} == {1.0}
    assert swapped.did() == {}


def test_a_skipped_call_keeps_no_doubt(swapped: Workbench) -> None:
    """It quotes words that are gone."""
    from callmine.store.removing import remove_output

    with swapped.store._writing():
        remove_output(swapped.store._db, "transcripts", swapped.only("calls")["call_id"])
    assert doubt_of(swapped) is None


# -- a person's word means what they saw ---------------------------------------------------------


@pytest.mark.parametrize(("swap", "left"), [(True, "prospect"), (False, "rep")])
def test_a_decision_outlives_a_corrected_channel(swapped: Workbench, swap: bool, left: str) -> None:
    """The manifest is mended afterwards: who was said to be the rep still is."""
    correct(find_workspace(swapped.folder), roles=CALL, swap=swap)
    swapped.run()
    swapped.add(swapped.folder / "call.wav", **FACTS, rep_channel="right")
    assert swapped.did()["attribute"] == 1
    assert roles(swapped)["channel 1"] == (left, "person")


def test_a_decision_is_stored_voice_by_voice(swapped: Workbench) -> None:
    """As JSON; two in a row without a run are relative to what was told."""
    place = find_workspace(swapped.folder)
    correct(place, roles=CALL, swap=True)
    assert "roles swapped\n  left: Maya Linden, rep" in correct(place, roles=CALL, swap=True)
    texts = [json.loads(row["text"]) for row in swapped.rows("corrections")]
    assert texts == [
        {"channel 1": "prospect", "channel 2": "rep"},
        {"channel 1": "rep", "channel 2": "prospect"},
    ]


@pytest.mark.parametrize(
    ("labels", "left"), [(["swap"], "prospect"), (["swap", "swap"], "rep"), (["confirm"], "rep")]
)
def test_decisions_of_older_versions_hold(swapped: Workbench, labels: list[str], left: str) -> None:
    """Rows without JSON are swaps of what is computed, as they were."""
    ref = swapped.only("calls")["call_id"]
    for label in labels:
        with swapped.store._writing():
            swapped.store._db.table("corrections").insert(
                {"made_at": "2026-10-01T00:00:00Z", "call_id": ref, "verdict": "roles", "label": label}
            )
    swapped.run()
    assert roles(swapped)["channel 1"] == (left, "person")
    assert doubt_of(swapped) is None
    correct(find_workspace(swapped.folder), roles=CALL)
    swapped.run()
    assert roles(swapped)["channel 1"] == (left, "person"), "confirmed as shown"


@pytest.mark.parametrize("words", [(BUYER, SELLER), (SELLER, BUYER)], ids=["inverted", "right"])
def test_a_decision_on_voices_that_are_gone_is_asked_for_again(
    words: tuple[tuple[str, ...], tuple[str, ...]],
) -> None:
    """What was computed may be what the person put right: it is shown, and not counted."""
    found = attributed(stereo(*words), '{" @": {"voice 1": 99000000}, "voice 1": "rep"}')
    assert found.doubt == LOST
    assert {s.role_source for s in found.speakers} == {RoleSource.CHANNEL}
    assert {s.confidence <= LIMIT for s in found.speakers} == {True}
    unknown, doubt = with_doubt([a_speaker(role=UNKNOWN, role_source=RoleSource.NONE)], {}, lost=True)
    assert (len(unknown), doubt) == (1, ""), "nothing to confirm"


# -- the digest ----------------------------------------------------------------------------------


def test_coverage_says_it_in_every_format() -> None:
    """With the number, the file and the command; the others count as before."""
    odd = call("odd", deal_id="N-9", role_doubt="the roles look inverted: …")
    good = call()
    rows = [said(good), said(odd), said(odd, "So [[Lantern]] was there.", "Lantern", kind=Kind.COMPETITOR)]
    made = digest([good, odd], rows)
    assert (made.calls, made.heard_from, made.coverage.read) == (1, 1, 2)
    assert (made.coverage.inverted, made.coverage.inverted_sources) == (1, ("odd.ogg",))
    assert [(o.label, o.heard) for o in made.objections] == [("price", 1)]
    line = inverted(made.coverage)
    assert "In 1 call the roles of rep and prospect look inverted (odd.ogg); it is not counted" in line
    assert "callmine correct --roles CALL [--swap]" in line
    assert unplaced(made) == ""
    assert "callmine correct --roles CALL" in render_html(made)
    assert "look inverted" in render_markdown(made)
    assert JSON.value(made)["coverage"]["inverted"] == 1
    assert inverted(digest([good], [said(good)]).coverage) == ""


def test_a_week_of_doubted_calls_only_says_so() -> None:
    """Instead of "no objection"."""
    made = digest([call(role_doubt="the roles look inverted")], [])
    assert made.top_line == (
        "No sales call of this week could be counted: 1 call whose roles look inverted.",
    )


def test_the_command_line_applies_the_playbook(tmp_path: Path) -> None:
    """A vendor's transcript with the wrong roles, through ``callmine run`` and back."""
    assert callmine("init", tmp_path / "w").code == 0
    at = tmp_path / "w"
    (at / "playbook.toml").write_text(PLAYBOOK)
    (at / "callmine.toml").write_text('[transcribe]\nengine = "replay"\n')
    utterances = [
        {"speaker": ("A", "B")[side], "role": ("rep", "prospect")[side], "text": text}
        | {"index": i, "start_ms": 8000 * i, "end_ms": 8000 * i + 7000}
        for i, (side, text) in enumerate(talk(BUYER, SELLER))
    ]
    (tmp_path / "odd.json").write_text(
        json.dumps({"call_id": "x", "language": "en", "utterances": utterances})
    )
    assert callmine("add", tmp_path / "odd.json", at=at).code == 0
    callmine("run", "--jobs", "1", at=at)
    (row,) = callmine("calls", "--json", at=at).json
    assert "this is Maya from Larkmoor" in (row["role_doubt"] or "")
    assert callmine("correct", "--roles", row["call_id"], "--swap", at=at).code == 0
    callmine("run", "--jobs", "1", at=at)
    (row,) = callmine("calls", "--json", at=at).json
    assert row["role_doubt"] is None


def test_segments_of_one_voice_may_be_without_words() -> None:
    """An engine may give empty text."""
    empty = Segment(0, 10, "", channel=0)
    assert not attributed(a_transcript(empty, Segment(10, 20, "", channel=1), channels=2)).doubt
