"""The fakes do what the tests believe they do."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import time
from pathlib import Path

import pytest

from callmine.audio.types import Recording
from callmine.engines.base import Hints, Transcriber
from callmine.engines.replay import Replay, write
from callmine.errors import CallError
from callmine.extractors.base import Extractor, Passage
from callmine.stage import Done, Stage
from tests.builders import a_job, a_mention, a_playbook, a_transcript, an_utterance
from tests.fakes import (
    Drawn,
    FakeStage,
    KillingEngine,
    Rules,
    ScriptedEngine,
    ScriptedStage,
    SlowReplay,
    extractors,
)


def recording(source: str = "call.wav", content: str = "c") -> Recording:
    return Recording(content, source, (), ())


def ends_with(target: object, *arguments: object) -> int | None:
    """The exit code of a process of its own that runs ``target``."""
    process = multiprocessing.get_context("spawn").Process(target=target, args=arguments)
    process.start()
    process.join(60)
    return process.exitcode


def test_fakes_keep_the_protocols() -> None:
    """Engines, extractors and stages are what the real ones are."""
    assert isinstance(ScriptedEngine(), Transcriber)
    assert isinstance(KillingEngine(), Transcriber)
    assert isinstance(Rules(), Extractor)
    assert isinstance(ScriptedStage(), Stage)
    assert isinstance(FakeStage("x"), Stage)
    assert all(isinstance(e, Extractor) for e in extractors())


def test_scripted_engine_says_what_it_is_told() -> None:
    """Told transcripts come back, others get the default, told errors are raised, all is kept."""
    own = a_transcript(model="own")
    engine = ScriptedEngine({"a.wav": own, "b.wav": CallError("no")})
    assert engine.transcribe(recording("a.wav"), Hints()) == own
    assert engine.transcribe(recording("other.wav"), Hints("de")) == a_transcript()
    with pytest.raises(CallError, match="no"):
        engine.transcribe(recording("b.wav"), Hints())
    assert [(r.source, h.language) for r, h in engine.asked] == [
        ("a.wav", None),
        ("other.wav", "de"),
        ("b.wav", None),
    ]
    engine.unload()


def test_another_take_is_another_setting() -> None:
    """The take is what changes the fingerprint."""
    assert ScriptedEngine(take=1).settings() != ScriptedEngine(take=2).settings()


def test_slow_replay_is_replay_that_waits(tmp_path: Path) -> None:
    """It gives what Replay gives, later."""
    write(tmp_path, "c", a_transcript())
    began = time.monotonic()
    slow = SlowReplay(folder=tmp_path, delay_s=0.05).transcribe(recording(), Hints())
    assert time.monotonic() - began >= 0.05
    assert slow == Replay(folder=tmp_path).transcribe(recording(), Hints()) == a_transcript()


def test_killing_engine_kills_its_process() -> None:
    """Only recordings called kill… do it."""
    assert KillingEngine().transcribe(recording("fine.wav"), Hints()) == a_transcript()
    assert ends_with(KillingEngine().transcribe, recording("kill.wav"), Hints()) == -signal.SIGKILL


def test_rules_find_their_words_verbatim() -> None:
    """Each word is found once, where it stands; a crash is on request."""
    utterance = an_utterance("The Price is beyond our budget.")
    rules = Rules()
    rules.setup(a_playbook())
    found = rules.extract([Passage(utterance.text), Passage("Nothing.")])
    assert found == [[a_mention(utterance, "Price"), a_mention(utterance, "budget")], []]
    with pytest.raises(ZeroDivisionError):
        Rules(crash_at="Price").extract([Passage(utterance.text)])


def test_scripted_stage_follows_its_payload(tmp_path: Path) -> None:
    """Echo, sleep, raise, and a second try that goes well."""
    stage = ScriptedStage()
    assert stage.process(a_job(("echo", 3))) == Done(3)
    assert stage.process(a_job(("sleep", 0))) == Done(0)
    with pytest.raises(KeyError):
        stage.process(a_job(("raise", KeyError("x"))))
    done = tmp_path / "done"
    done.touch()
    assert stage.process(a_job(("once", str(done)))) == Done(str(done))
    stage.setup()
    assert stage.process(a_job(("setups", None))) == Done(1)
    with pytest.raises(CallError):
        ScriptedStage(setup_error=CallError("no")).setup()
    assert pickle.loads(pickle.dumps(stage)) == stage  # noqa: S301 - made here


@pytest.mark.parametrize(
    ("payload", "code"), [(("exit", 7), 7), (("kill", None), -signal.SIGKILL)], ids=["exit", "kill"]
)
def test_scripted_stage_can_end_its_process(payload: tuple[str, object], code: int) -> None:
    """It goes without a word, or is killed."""
    assert ends_with(ScriptedStage().process, a_job(payload)) == code


def test_drawn_counts_what_was_drawn() -> None:
    """Nothing is drawn ahead."""
    drawn = Drawn([a_job(), a_job()])
    assert drawn.count == 0
    next(drawn)
    assert drawn.count == 1
    assert len(list(drawn)) == 1
