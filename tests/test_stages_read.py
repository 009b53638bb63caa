"""Reading once: what is kept of the encoder's work, and when it is used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from callmine.domain import Finding, Role, Utterance
from callmine.extractors.answers import AnswerFinder
from callmine.extractors.encoder import Encoder
from callmine.extractors.objections import ObjectionExtractor
from callmine.extractors.positioning import PositioningExtractor
from callmine.extractors.readings import Reading, pack_readings, unpack_readings
from callmine.payloads import Readings, ToExtract, ToRead
from callmine.stages.extract import ExtractStage
from callmine.stages.read import ReadStage
from callmine.store import Store
from tests.builders import a_job, a_playbook, an_utterance

SAID = tuple(
    an_utterance(text, index=i, role=role)
    for i, (role, text) in enumerate(
        [
            (Role.REP, "Our customers close their month four days sooner. That is the point of it."),
            (Role.PROSPECT, "Honestly, it's too expensive for us. We don't have that budget this year."),
            (Role.REP, "I can take ten percent off if you sign by Friday."),
            (Role.PROSPECT, "Mm-hm."),
        ]
    )
)


class Counting(Encoder):
    """The real encoder; counts its passes."""

    passed = 0

    def passes(self, asked):  # type: ignore[no-untyped-def]
        self.passed += len(asked)
        return super().passes(asked)


def kept(said: tuple[Utterance, ...] = SAID, language: str = "en") -> Readings:
    """Return what the read stage keeps of a call."""
    output = ReadStage(Encoder()).process(a_job(ToRead(said, language))).output
    assert isinstance(output, Readings)
    return output


def findings(readings: Readings | None, encoder: Encoder) -> tuple[Finding, ...]:
    """Return what is found in the call, with these readings at hand."""
    extractors = [ObjectionExtractor(encoder), PositioningExtractor(encoder)]
    stage = ExtractStage(extractors, a_playbook(), AnswerFinder(encoder), encoder)
    stage.setup()
    found: tuple[Finding, ...] = stage.process(a_job(ToExtract(SAID, "en", readings))).output.findings
    return found


def test_what_is_kept_is_what_was_read() -> None:
    """Packed and unpacked, every number is the same, also for a call of one word."""
    for said in (SAID, SAID[3:]):
        output = kept(said)
        again = unpack_readings(output.data)
        assert pack_readings(again) == output.data
        assert [len(r.sentences) for r in again] == [len(r.meanings) for r in again]
        assert all(np.linalg.norm(r.meanings, axis=1) == pytest.approx(1.0, abs=0.05) for r in again)


def test_kept_readings_give_the_same_findings_without_reading_again() -> None:
    """A changed playbook costs no pass of the encoder, and changes nothing else."""
    fresh, recalled = Counting(), Counting()
    first = findings(None, fresh)
    assert first == findings(kept(), recalled)
    assert {f.kind for f in first} >= {"objection", "positioning"}
    assert fresh.passed > 0
    assert recalled.passed == 0


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda r: replace(r, model="another model"),
        lambda r: replace(r, data=r.data[:-9]),
        lambda r: replace(r, data=b"no archive"),
        lambda r: replace(r, data=kept(SAID[:2]).data),
        lambda r: replace(r, data=b""),
    ],
)
def test_readings_that_do_not_fit_are_made_anew(spoilt) -> None:  # type: ignore[no-untyped-def]
    """Another model's, damaged ones, and those of fewer turns are not used."""
    encoder = Counting()
    assert findings(spoilt(kept()), encoder) == findings(None, Encoder())
    assert encoder.passed > 0


def test_a_call_in_another_language_is_not_read() -> None:
    """The model knows English."""
    assert kept(language="de").data == b""


def test_readings_of_nothing() -> None:
    """A call in which nobody says anything has none."""
    assert pack_readings([]) == b""
    assert unpack_readings(b"") == []


def test_readings_do_not_fit_another_width() -> None:
    """An archive whose parts do not fit together is refused."""
    (one,) = unpack_readings(kept(SAID[3:]).data)
    narrow = Reading(one.features[:7], one.shown, one.offsets, one.sentences, one.meanings)
    with pytest.raises(ValueError, match="do not fit"):
        unpack_readings(pack_readings([narrow]))


def test_readings_are_those_of_todays_words(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """What was read of other words than a call has now is not handed on."""
    from callmine.store.reading import readings_of

    with Store(tmp_path / "x.db") as store:
        db = store._db  # the tables as they are
        db.execute("PRAGMA foreign_keys = OFF")
        db["readings"].insert({"call_id": "c", "model": "m", "said": "now", "data": b"1"})
        assert readings_of(db, "c", "now") == Readings("m", b"1")
        assert readings_of(db, "c", "later") is None
