"""Reps' voices: learned from stereo calls, known again in mono ones, off unless switched on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from commands import callmine

from callmine import weights
from callmine.domain import Facts, Role, RoleSource, Voices, VoiceTurn
from callmine.executors.serial import SerialExecutor
from callmine.operations.enrolling import voices_of_reps
from callmine.operations.running import run_workspace
from callmine.payloads import ToAttribute
from callmine.pipeline import run
from callmine.stage import WITH_VOICES, Done, Job, fingerprint
from callmine.stages.attribute import AttributeStage
from callmine.stages.diarize import DiarizeStage
from callmine.store import Store
from callmine.voices.encoder import MODEL, SIZE, VoiceEncoder, unit
from callmine.voices.enrolment import (
    LEAST_SPEECH_MS,
    EnrolledVoice,
    Heard,
    channel_embeddings,
    enrolled_voices,
    match_voices,
)
from callmine.workspace import find_workspace
from tests.builders import MAYA, PETRA, a_call, a_facts, a_job, a_segment, a_transcript
from tests.talk import BUYER, SELLER
from tests.test_swap import stereo
from tests.test_voices import mixed, script, truth
from tests.workbench import Workbench


def a_voice(seed: int, *, like: tuple[float, ...] | None = None, share: float = 0.0) -> tuple[float, ...]:
    """Return an embedding; with ``share`` 0..1 of another voice in it."""
    vector = np.maximum(np.random.default_rng(seed).normal(size=SIZE), 0)
    if like is not None:
        vector = (1 - share) * vector / np.linalg.norm(vector) + share * np.array(like)
    return tuple(float(x) for x in unit(vector.astype(np.float32)))


MAYAS, PETRAS, TOMS = a_voice(1), a_voice(2), a_voice(3)


def test_the_snapshot_does_not_depend_on_the_order_of_calls() -> None:
    """Same reps, same bits, whichever call came first; the same e-mail is the same rep."""
    heard = [
        Heard("a", "Maya Linden", "maya@x.example", MAYAS),
        Heard("b", "Maya L.", "Maya@x.example", a_voice(4, like=MAYAS, share=0.8)),
        Heard("c", "Tom Ashby", None, TOMS),
        Heard("d", "Maya Linden", "maya@x.example", a_voice(5, like=MAYAS, share=0.8)),
    ]
    found = {enrolled_voices(order) for order in permutations(heard)}
    assert len(found) == 1
    (reps,) = found
    assert [(r.name, r.email) for r in reps] == [("Maya L.", "maya@x.example"), ("Tom Ashby", None)]
    assert np.linalg.norm(reps[0].embedding) == pytest.approx(1, abs=1e-4)
    assert enrolled_voices([]) == ()


def test_a_call_that_gives_the_name_only_is_of_the_rep_of_that_name() -> None:
    """Else she were two reps with one voice, and matched as neither; two of a name stay apart."""
    plain, with_mail = Heard("a", "maya  linden", None, MAYAS), Heard("b", "Maya Linden", MAYA.email, MAYAS)
    (rep,) = enrolled_voices([plain, with_mail])
    assert rep.email == MAYA.email
    assert match_voices({"voice 1": MAYAS, "voice 2": PETRAS}, [rep], Facts()).keys() == {"voice 1"}
    other = Heard("c", "Maya Linden", "another.maya@x.example", TOMS)
    assert len(enrolled_voices([plain, with_mail, other])) == 3


REPS = (EnrolledVoice("Maya Linden", MAYA.email, MAYAS), EnrolledVoice("Tom Ashby", None, TOMS))


def test_a_clear_voice_is_matched_and_a_doubtful_one_is_not() -> None:
    near = a_voice(6, like=MAYAS, share=0.8)
    found = match_voices({"voice 1": PETRAS, "voice 2": near}, REPS, Facts())
    assert {k: m.name for k, m in found.items()} == {"voice 2": "Maya Linden"}
    assert 0.8 <= found["voice 2"].confidence <= 0.95
    between = a_voice(7, like=tuple(np.array(MAYAS) + np.array(TOMS)), share=0.95)
    assert match_voices({"voice 1": between}, REPS, Facts()) == {}  # as like one as the other
    assert match_voices({"voice 1": near, "voice 2": MAYAS}, REPS[:1], Facts()) == {}  # two of one rep
    assert match_voices({"voice 1": PETRAS}, REPS, Facts()) == {}
    assert match_voices({"channel 1": MAYAS}, REPS, Facts()) == {}
    assert match_voices({"voice 1": MAYAS}, (), Facts()) == {}


def test_where_the_rep_is_named_it_can_be_nobody_else() -> None:
    voices = {"voice 1": PETRAS, "voice 2": MAYAS}
    assert match_voices(voices, REPS, a_facts())["voice 2"].name == "Maya Linden"
    assert match_voices(voices, REPS, a_facts(rep="Tom Ashby", rep_email="tom@x.example")) == {}
    assert match_voices(voices, REPS, Facts(rep="Daniela Ruiz")) == {}


def mono_job(**facts: object) -> Job:
    transcript = a_transcript(a_segment("How are you?"), a_segment("Fine, and you?", 1000))
    turns = (VoiceTurn(0, 750, "voice 1", 1.0), VoiceTurn(1000, 1750, "voice 2", 1.0))
    voices = Voices(turns, {"voice 1": PETRAS, "voice 2": MAYAS})
    return a_job(ToAttribute(a_call(facts=Facts(**facts)), transcript, voices=voices))  # type: ignore[arg-type]


def test_a_matched_voice_is_the_rep_by_voice() -> None:
    """The role's source is the voice; the snapshot is part of the fingerprint."""
    with_reps, without = AttributeStage(enrolled=REPS), AttributeStage()
    speakers = {s.key: s for s in with_reps.process(mono_job()).output.speakers}
    rep = speakers["voice 2"]
    assert (rep.role, rep.role_source, rep.name) == (Role.REP, RoleSource.VOICE, "Maya Linden")
    assert all(s.role_source is not RoleSource.VOICE for s in without.process(mono_job()).output.speakers)
    snapshots = (without, with_reps, AttributeStage(enrolled=REPS[:1]))
    assert len({fingerprint(s, traits=frozenset({WITH_VOICES})) for s in snapshots}) == 3
    assert len({fingerprint(s) for s in snapshots}) == 1  # a call without voices has nothing to match


# -- the store -------------------------------------------------------------------------------


def stereo_call(bench: Workbench, name: str, voices: Voices) -> str:
    """Take in a stereo call with its roles by channel and its voices; return its id."""
    bench.recording(
        name, rep=MAYA.name, rep_email=MAYA.email, rep_channel="left", participants=(MAYA, PETRA)
    )
    bench.run()
    call_id = str(bench.sql("SELECT call_id FROM calls WHERE source = ?", name)[0]["call_id"])
    job = Job(call_id, name, None, "f")
    run_id = bench.store.start_run()
    bench.store.record(DiarizeStage(Path()), job, Done(voices), run_id=run_id, seconds=0)
    return call_id


def kept(bench: Workbench, call_id: str) -> list[str]:
    """Return of which voices of a call an embedding is kept."""
    (row,) = bench.sql("SELECT embeddings FROM voices WHERE call_id = ?", call_id)
    return sorted(voice for voice, numbers in json.loads(row["embeddings"] or "{}").items() if numbers)


def test_only_the_rep_teaches_a_voice(bench: Workbench) -> None:
    """The prospect's channel is not even kept, also when voices are told apart again."""
    both = Voices(embeddings={"channel 1": MAYAS, "channel 2": PETRAS})
    call_id = stereo_call(bench, "one.wav", both)
    (rep,) = voices_of_reps(bench.store)
    assert (rep.name, rep.email) == (MAYA.name, MAYA.email)
    assert rep.embedding == pytest.approx(MAYAS, abs=1e-5)
    assert kept(bench, call_id) == ["channel 1"]
    heard_again(bench, call_id, both)
    assert kept(bench, call_id) == ["channel 1"]
    bench.store._db.execute("UPDATE calls SET role_doubt = 'looks inverted'")
    assert voices_of_reps(bench.store) == ()


def heard_again(bench: Workbench, call_id: str, voices: Voices) -> None:
    """Let the call's voices be told apart once more."""
    job, run_id = Job(call_id, "x", None, "g"), bench.store.start_run()
    bench.store.record(DiarizeStage(Path()), job, Done(voices), run_id=run_id, seconds=0)


def test_a_channel_before_its_role_is_known_waits_for_it(bench: Workbench) -> None:
    """The first run diarizes before it attributes; then only the rep's embedding stays."""
    both = Voices(embeddings={"channel 1": MAYAS, "channel 2": PETRAS})
    call_id = stereo_call(bench, "one.wav", both)
    bench.store._db.execute("DELETE FROM speakers")
    heard_again(bench, call_id, both)
    assert kept(bench, call_id) == ["channel 1", "channel 2"]
    bench.store._db.execute("UPDATE stage_runs SET fingerprint = '', output = '' WHERE stage = 'attribute'")
    bench.run()
    assert kept(bench, call_id) == ["channel 1"]


def test_a_forgotten_voice_is_not_learned_again(bench: Workbench) -> None:
    """Not from the same call, not from a new one; by name or e-mail; until that is taken back."""
    both = Voices(embeddings={"channel 1": MAYAS, "channel 2": PETRAS})
    first, second = (stereo_call(bench, name, both) for name in ("one.wav", "two.wav"))
    with pytest.raises(LookupError):
        bench.store.forget_voices(person="Nobody Here")
    assert bench.store.forget_voices(person=str(MAYA.email).upper()) == 2
    assert bench.store.forget_voices(person=MAYA.name) == 0
    heard_again(bench, first, both)
    third = stereo_call(bench, "three.wav", both)
    assert [kept(bench, call) for call in (first, second, third)] == [[], [], []]
    assert bench.store.allow_voices(person=MAYA.name) == 2
    assert bench.store.allow_voices(person=MAYA.name) == 0
    heard_again(bench, first, both)
    assert kept(bench, first) == ["channel 1"]
    assert bench.store.forget_voices() == 1
    assert voices_of_reps(bench.store) == ()


@dataclass
class Hearing(DiarizeStage):
    """Hears in every call the same channels."""

    models: Path = Path()
    enrol: bool = True
    channels: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def process(self, job: Job) -> Done:
        return Done(Voices(embeddings=self.channels if self.enrol else {}))


BOTH = Hearing(channels={"channel 1": MAYAS, "channel 2": PETRAS})
NAMED = {"rep": MAYA.name, "participants": (MAYA, PETRA)}


def went(bench: Workbench, hearing: Hearing = BOTH) -> set[str]:
    """Run; return the stages that had anything to do."""
    stages = bench.stages()
    stages.insert(2, hearing)
    bench.store.refresh_sources()
    return {
        t.stage for t in run(bench.store, stages, {"*": SerialExecutor()}).tallies if t.done or t.failed
    }


def heard_once(bench: Workbench, hearing: Hearing = BOTH, **facts: object) -> str:
    """Take in a stereo call and run until nothing is left to do; return its id."""
    bench.recording("call.wav", **NAMED, **facts)
    assert "diarize" in went(bench, hearing)
    assert went(bench, hearing) == set()
    return str(bench.only("calls")["call_id"])


def test_a_rep_known_later_is_heard_again_once(bench: Workbench) -> None:
    """Nobody's channel may be kept; then the manifest says which one is the rep's."""
    call_id = heard_once(bench)
    assert kept(bench, call_id) == []
    bench.add(bench.folder / "call.wav", **NAMED, rep_channel="left")
    assert "diarize" not in went(bench)
    assert kept(bench, call_id) == []
    assert went(bench) == {"diarize"}
    assert kept(bench, call_id) == ["channel 1"]
    assert [rep.name for rep in voices_of_reps(bench.store)] == [MAYA.name]
    assert went(bench) == set()


def test_a_swapped_call_teaches_the_other_channel(bench: Workbench) -> None:
    """The voice that was taken for the rep's goes at once; swapped back, it is learned again."""
    call_id = heard_once(bench, rep_channel="left")
    for expected in ("channel 2", "channel 1"):
        bench.store.set_roles(call_id, swap=True)
        assert "attribute" in went(bench)
        assert kept(bench, call_id) == []
        assert went(bench) == {"diarize"}
        assert kept(bench, call_id) == [expected]
        assert went(bench) == set()


def test_a_doubted_call_teaches_once_a_person_has_said_who_is_who(bench: Workbench) -> None:
    bench.engine.says = {"call.wav": stereo(BUYER, SELLER)}  # type: ignore[misc]
    call_id = heard_once(bench, rep_channel="left")
    assert bench.only("calls")["role_doubt"]
    assert kept(bench, call_id) == []
    bench.store.set_roles(call_id, swap=True)
    went(bench)
    assert went(bench) == {"diarize"}
    assert kept(bench, call_id) == ["channel 2"]


def test_who_cannot_teach_is_not_heard_again(bench: Workbench) -> None:
    """Too little speech, enrolment off, or a recording that is gone; the run does not fail for it."""
    little = Hearing(channels={"channel 2": PETRAS})
    call_id = heard_once(bench, little, rep_channel="left")
    assert kept(bench, call_id) == []
    off = replace(BOTH, enrol=False)
    assert "diarize" in went(bench, off)
    bench.store.set_roles(call_id, swap=True)
    assert "attribute" in went(bench, off)
    assert went(bench, off) == set()
    assert "diarize" in went(bench)
    assert kept(bench, call_id) == ["channel 2"]
    (bench.folder / "call.wav").unlink()
    bench.store.set_roles(call_id, swap=True)
    assert "attribute" in went(bench)
    assert went(bench) == set()


def test_who_refused_is_not_heard_again(bench: Workbench) -> None:
    """Also where nobody knew that it is her call; what holds no embedding is not counted."""
    bench.recording("hers.wav", **NAMED)
    bench.recording("call.wav")
    went(bench)
    assert [json.loads(row["embeddings"]) for row in bench.rows("voices")] == [
        {"channel 1": [], "channel 2": []}
    ] * 2
    assert bench.store.forget_voices(person=MAYA.name) == 0
    bench.add(bench.folder / "call.wav", **NAMED, rep_channel="left")
    assert "attribute" in went(bench)
    assert went(bench) == set()
    assert [row["embeddings"] for row in bench.rows("voices")] == [None, None]


def test_a_role_by_voice_goes_when_the_prospect_is_forgotten(bench: Workbench) -> None:
    """The mono call is attributed again; a stereo call is not, whatever reps sound like."""
    stereo = stereo_call(bench, "one.wav", Voices())
    bench.recording("mono.wav", participants=(PETRA,))
    bench.run()
    mono = str(bench.sql("SELECT call_id FROM calls WHERE source = 'mono.wav'")[0]["call_id"])
    heard_again(bench, mono, Voices(embeddings={"voice 1": MAYAS, "voice 2": PETRAS}))

    def waiting(*reps: EnrolledVoice) -> set[str]:
        return {job.key for job in bench.store.pending(AttributeStage(enrolled=reps), payloads=False)}

    def attribute(*reps: EnrolledVoice) -> None:
        run(bench.store, [AttributeStage(enrolled=reps)], {"*": SerialExecutor()})

    attribute(*REPS)
    assert waiting(*REPS) == set()
    assert waiting(*REPS[:1]) == {mono} != {stereo}
    assert bench.store.forget_voices(person=PETRA.name) == 1
    assert waiting(*REPS) == {mono}


def test_the_command_deletes_voices_and_says_so(tmp_path: Path) -> None:
    """By name, by e-mail or all; a name that is not there is an error that lists those that are."""
    workspace = tmp_path / "workspace"
    assert callmine("init", str(workspace)).code == 0
    with Store(workspace / "callmine.db") as store:
        made = Workbench(tmp_path)
        made.store.close()
        made.store = store
        both = Voices(embeddings={"channel 1": MAYAS, "channel 2": PETRAS})
        stereo_call(made, "one.wav", both)
        stereo_call(made, "two.wav", both)
    unknown = callmine("forget", "--voice", "Maja Linden", "-w", str(workspace))
    assert unknown.code == 2
    assert "did you mean" in unknown.err
    assert callmine("forget", "--voice", " ", "-w", str(workspace)).code == 2
    told = callmine("forget", "--voice", MAYA.name, "-w", str(workspace))
    assert (told.code, "voices deleted from 2 calls" in told.out) == (0, True)
    undone = callmine("forget", "--voice", MAYA.name, "--undo", "-w", str(workspace))
    assert (undone.code, "may be learned again" in undone.out) == (0, True)
    assert callmine("forget", "--voice", MAYA.name, "--undo", "-w", str(workspace)).code == 2
    assert "0 calls" in callmine("forget", "--voice", "all", "-w", str(workspace)).out
    with Store(workspace / "callmine.db") as store:
        assert all(row["embeddings"] is None for row in store.table_rows("voices"))


@pytest.mark.audio
def test_a_run_with_enrolment_off_deletes_what_was_kept(own: Path) -> None:
    """Also when no stage has anything to do."""
    place = find_workspace(own)
    with Store(place.database) as store:
        call_id = str(next(store.table_rows("calls"))["call_id"])
        kept = Voices(embeddings={"channel 1": MAYAS})
        job = Job(call_id, "x", None, "f")
        store.record(DiarizeStage(Path()), job, Done(kept), run_id=store.start_run(), seconds=0)
    run_workspace(place)
    with Store(place.database) as store:
        assert all(row["embeddings"] is None for row in store.table_rows("voices"))


@pytest.mark.audio
def test_enrolment_stores_nothing_unless_it_is_on(
    bench: Workbench, model_folder: Path, tmp_path: Path
) -> None:
    """The same mono call, run with enrolment off, on, and off again."""
    name = "13-lowbeck-support"
    bench.engine.says = {f"{name}.flac": script(truth(name))}  # type: ignore[misc]
    bench.add(Path(__file__).parent.parent / "data" / "sample" / "audio" / f"{name}.flac")
    kept = []
    for enrol in (False, True, False):
        stages = bench.stages()
        stages.insert(2, DiarizeStage(model_folder, enrol=enrol))
        bench.store.refresh_sources()
        report = run(bench.store, stages, {"*": SerialExecutor()})
        assert report.exit_code == 0, report
        row = bench.only("voices")
        assert len(json.loads(row["turns"])) > 2
        kept.append(sorted(json.loads(row["embeddings"] or "{}")))
    assert kept == [[], ["voice 1", "voice 2"], []]
    assert {s["speaker"] for s in bench.rows("speakers")} >= {"voice 1", "voice 2"}


@pytest.mark.audio
def test_a_channel_with_little_speech_teaches_nothing(model_folder: Path) -> None:
    """Twenty seconds at least, of that channel's own words."""
    encoder = VoiceEncoder(weights.resolve(MODEL, folder=model_folder))
    turns = script(truth("07-pinnockway-first")).segments
    left = tuple(a_segment_on(s, 0) for s in turns[:6])
    right = tuple(a_segment_on(s, 1) for s in turns[6:7])
    assert sum(s.end_ms - s.start_ms for s in left) > LEAST_SPEECH_MS
    transcript = a_transcript(*left, *right, channels=2)
    sound = mixed("07-pinnockway-first.wav")
    found = channel_embeddings(transcript, {0: sound, 1: sound}, encoder)
    assert list(found) == ["channel 1"]
    assert len(found["channel 1"]) == SIZE


def a_segment_on(segment, channel: int):  # type: ignore[no-untyped-def]
    return replace(segment, channel=channel)
