"""Reading once: what is kept of the encoder's work, and when it is used."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from callmine import weights
from callmine.domain import Finding, Role, Utterance
from callmine.extractors.answers import AnswerFinder
from callmine.extractors.competitors import CompetitorExtractor
from callmine.extractors.encoder import Encoder
from callmine.extractors.objections import ObjectionExtractor
from callmine.extractors.parse import Parser
from callmine.extractors.positioning import PositioningExtractor
from callmine.extractors.readings import (
    Reading,
    half,
    pack_places,
    pack_readings,
    unpack_places,
    unpack_readings,
)
from callmine.payloads import CallReading, Extraction, Readings, ToExtract, ToRead
from callmine.playbook import Playbook, parse_playbook
from callmine.stages.extract import READ_AGAIN, ExtractStage
from callmine.stages.read import ReadStage
from callmine.stages.turns import utterances_from
from callmine.store import Store
from callmine.store.writing import output_hash
from tests.builders import a_job, a_playbook, a_segment, a_speaker, a_transcript, an_utterance

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
    assert isinstance(output, CallReading)
    assert output.names is None
    return output.readings


def extracted(readings: Readings | None, encoder: Encoder) -> tuple[Extraction, tuple[str, ...]]:
    """Return what is made of the call, with these readings at hand, and what is remarked on it."""
    extractors = [ObjectionExtractor(encoder), PositioningExtractor(encoder)]
    stage = ExtractStage(extractors, a_playbook(), AnswerFinder(encoder), encoder)
    stage.setup()
    done = stage.process(a_job(ToExtract(SAID, "en", readings)))
    assert isinstance(done.output, Extraction)
    return done.output, done.notes


def findings(readings: Readings | None, encoder: Encoder) -> tuple[Finding, ...]:
    """Return what is found in the call, with these readings at hand."""
    return extracted(readings, encoder)[0].findings


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
        lambda r: replace(r, data=r.data[:99] + bytes([r.data[99] ^ 1]) + r.data[100:]),
        lambda r: replace(r, data=kept(SAID[:2]).data),
        lambda r: replace(r, data="as text"),
    ],
)
def test_readings_that_do_not_fit_are_made_anew(spoilt) -> None:  # type: ignore[no-untyped-def]
    """Damaged ones and those of fewer turns are not used, are replaced, and it is remarked on."""
    encoder = Counting()
    output, notes = extracted(spoilt(kept()), encoder)
    assert output.findings == findings(None, Encoder())
    assert encoder.passed > 0
    assert output.readings == kept()
    assert notes == (READ_AGAIN,)


def test_readings_of_another_model_are_made_anew() -> None:
    """They are whole, and not this stage's to replace."""
    encoder = Counting()
    output, notes = extracted(replace(kept(), model="another model"), encoder)
    assert encoder.passed > 0
    assert output.readings is None
    assert notes == ()


def test_what_is_not_read_to_its_end_is_told() -> None:
    """By whoever reads it, once: words that are none, and what no cut can mend."""
    absurd = an_utterance("paste " + "QmFz+ZTY0/" * 40, index=len(SAID), start_ms=65_000)
    said = (*SAID, absurd)
    told = "a turn too long to be read to the end: nothing was looked for in the rest of it (1:05)"
    read = ReadStage(Encoder()).process(a_job(ToRead(said, "en")))
    assert read.notes == (told,)
    assert isinstance(read.output, CallReading)
    assert ReadStage(Encoder()).process(a_job(ToRead(SAID, "en"))).notes == ()
    for readings, notes in ((read.output.readings, ()), (None, (told,))):
        encoder = Encoder()
        stage = ExtractStage([ObjectionExtractor(encoder)], a_playbook(), None, encoder)
        stage.setup()
        assert stage.process(a_job(ToExtract(said, "en", readings))).notes == notes
    assert ReadStage(Encoder()).process(a_job(ToRead(said, "de"))).notes == ()


def test_the_end_of_a_long_turn_without_stops_is_read() -> None:
    """An objection after 140 words without a full stop is found."""
    rambling = "so we went over to the other site and then we came back for the second shift " * 9
    objection = "and honestly it's just too expensive for us we don't have that budget"
    said = utterances_from(
        a_transcript(
            a_segment("How did it go?", 0, channel=0), a_segment(rambling + objection, 2000, channel=1)
        ),
        [a_speaker("channel 1", role=Role.REP, channel=0), a_speaker("channel 2")],
    )
    encoder = Encoder()
    stage = ExtractStage([ObjectionExtractor(encoder)], a_playbook(), None, encoder)
    stage.setup()
    output = stage.process(a_job(ToExtract(said, "en", None))).output
    assert isinstance(output, Extraction)
    assert any("expensive" in said[f.utterance_index].text for f in output.findings)


def test_a_call_in_another_language_is_not_read() -> None:
    """The model knows English."""
    assert unpack_readings(kept(language="de").data) == []


@pytest.mark.parametrize("data", [pack_readings([]), b""])
def test_what_is_kept_of_a_call_in_another_language(data: bytes) -> None:
    """That nothing was read is kept, too: less than that is damaged."""
    encoder = Encoder()
    stage = ExtractStage([], a_playbook(), None, encoder)
    known = Readings(encoder.reading_version(), data)
    output = stage.process(a_job(ToExtract(SAID, "de", known))).output
    assert output.readings == (None if data else kept(language="de"))


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


NAMES = parse_playbook(
    '[company]\nname = "Acme"\n'
    '[[competitors]]\nname = "Klarionet"\n'
    '[[competitors]]\nname = "Compass"\n'
    '[[competitors]]\nname = "Harbor"\n'
)
ONE_NAME = parse_playbook('[company]\nname = "Acme"\n[[competitors]]\nname = "Klarionet"\n')

NAMED = tuple(
    an_utterance(text, index=i, role=role)
    for i, (role, text) in enumerate(
        [
            (Role.PROSPECT, "We looked at Compass and at Klarionet last year."),
            (Role.REP, "And what made you leave Compass?"),
            (Role.PROSPECT, "It was too slow, so now we are with Harbor. Clarionet was dearer."),
        ]
    )
)


@pytest.fixture
def spacy_path(model_folder: Path) -> Path:
    """Return the folder of the parser's model."""
    return weights.resolve("en_core_web_sm", folder=model_folder)


def named(
    parser_path: Path, names: Readings | None, encoder: Encoder, playbook: Playbook = NAMES
) -> Extraction:
    """Return what is found in a call with names, with what is known of them at hand."""
    extractor = CompetitorExtractor(Parser(parser_path), encoder)
    stage = ExtractStage([extractor], playbook, None, encoder)
    stage.setup()
    output = stage.process(a_job(ToExtract(NAMED, "en", None, names))).output
    assert isinstance(output, Extraction)
    return output


def test_kept_names_give_the_same_findings_without_reading_again(spacy_path: Path) -> None:
    """What is known of all names costs no pass; what is kept already is not handed out again."""
    fresh, recalled = Counting(), Counting()
    first = named(spacy_path, None, fresh)
    again = named(spacy_path, first.names, recalled)
    assert {f.label for f in first.findings} == {"Klarionet", "Compass", "Harbor"}
    assert again == replace(first, names=None)
    assert fresh.passed == 1
    assert recalled.passed == 0


def test_names_are_read_on_the_way(spacy_path: Path) -> None:
    """Read with the utterances, they cost extract no pass; what is found and what is kept are the same."""
    reader, recalled = Counting(), Counting()
    stage = ReadStage(reader, NAMES)
    stage.setup()
    read = stage.process(a_job(ToRead(NAMED))).output
    assert isinstance(read, CallReading)
    assert reader.passed == 1
    apart = named(spacy_path, None, Encoder())
    assert read.names == apart.names
    assert named(spacy_path, read.names, recalled) == replace(apart, names=None)
    assert recalled.passed == 0
    assert output_hash("readings", read) == output_hash("readings", replace(read, names=None))


def test_a_new_competitor_is_read_beside_what_is_known(spacy_path: Path) -> None:
    """With one name more, the findings are those of a call that was never read, and all places are kept."""
    known = named(spacy_path, None, Encoder(), ONE_NAME).names
    whole = named(spacy_path, None, Encoder())
    encoder = Counting()
    assert named(spacy_path, known, encoder) == whole
    assert encoder.passed == 1


def test_names_that_nobody_asks_for_any_more_stay_known(spacy_path: Path) -> None:
    """A competitor that is taken out and put back is not read twice."""
    all_names = named(spacy_path, None, Encoder()).names
    assert named(spacy_path, all_names, Encoder(), ONE_NAME).names is None


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda r: replace(r, model="another model"),
        lambda r: replace(r, data=r.data[:-9]),
        lambda r: replace(r, data=b"no archive"),
        lambda r: replace(r, data=b""),
        lambda r: replace(r, data=kept().data),
    ],
)
def test_names_that_do_not_fit_are_read_anew(spoilt, spacy_path: Path) -> None:  # type: ignore[no-untyped-def]
    """What another model made, or what is damaged, is not used, and is replaced."""
    whole = named(spacy_path, None, Encoder())
    assert whole.names is not None
    encoder = Counting()
    assert named(spacy_path, spoilt(whole.names), encoder) == whole
    assert encoder.passed == 1


def test_places_are_kept_as_they_are() -> None:
    """Packed and unpacked, places are the same, also those not read; those of another width are refused."""
    features = half(np.linspace(-3, 3, 192, dtype=np.float32))
    places = {(0, 3, 9): features, (2, 0, 4): None}
    again = unpack_places(pack_places(places))
    assert again.keys() == places.keys()
    assert again[2, 0, 4] is None
    assert np.array_equal(again[0, 3, 9], features)  # type: ignore[arg-type]
    assert unpack_places(pack_places({})) == {}
    out = io.BytesIO()
    places_of_one = {"places": np.zeros((1, 3), np.int32), "read": np.ones(1, np.bool_)}
    np.savez(out, features=np.zeros((1, 7), np.float16), **places_of_one)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="do not fit"):
        unpack_places(hashlib.sha256(out.getvalue()).digest() + out.getvalue())


def test_names_are_those_of_todays_words(tmp_path: Path) -> None:
    """What was read of names in other words than a call has now is not handed on."""
    from callmine.store.reading import names_of

    with Store(tmp_path / "x.db") as store:
        db = store._db  # the tables as they are
        db.execute("PRAGMA foreign_keys = OFF")
        db["name_readings"].insert({"call_id": "c", "model": "m", "said": "now", "data": b"1"})
        assert names_of(db, "c", "now") == Readings("m", b"1")
        assert names_of(db, "c", "later") is None


def test_names_read_are_no_part_of_what_was_found() -> None:
    """Later stages do not run again because more is known of names, or something was read again."""
    found = Extraction((), "p", "{}")
    known = replace(found, names=Readings("m", b"1"), readings=Readings("m", b"2"))
    assert output_hash("findings", found) == output_hash("findings", known)
