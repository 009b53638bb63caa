"""What makes which stage run again: one table for every setting, one for every other input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from callmine.config import Settings, load_settings, settings_text
from callmine.domain import Edit, Voices
from callmine.operations.building import build_stages
from callmine.operations.recipes import Recipe
from callmine.playbook import load_playbook
from callmine.stage import HEARD, WITH_VOICES, Done, Job, fingerprint
from callmine.stages.diarize import DiarizeStage
from callmine.store import Store
from callmine.workspace import find_workspace
from tests.builders import MAYA, PETRA, a_deal, a_playbook
from tests.fakes import ScriptedEngine
from tests.workbench import Workbench

SETTINGS: dict[str, tuple[object, set[str]]] = {
    # The name pattern and the zone say when and with whom a call was; its words stay.
    "timezone": ("Europe/Berlin", {"ingest"}),
    "ingest.file_pattern": ("{date}_{account}", {"ingest"}),
    "ingest.min_seconds": (9.0, {"ingest"}),
    "transcribe.engine": ("openai_whisper", {"transcribe"}),
    "transcribe.model": ("tiny.en", {"transcribe"}),
    "transcribe.language": ("de", {"transcribe"}),
    "transcribe.beam_size": (1, {"transcribe"}),
    # Where and how the same numbers are computed is no reason to compute them again.
    "transcribe.device": ("cuda", set()),
    "transcribe.compute_type": ("float32", {"transcribe"}),
    "transcribe.batch_size": (4, set()),
    "transcribe.replay_folder": ("elsewhere", set()),
    "voices.diarize": (False, {"diarize"}),
    "voices.max_voices": (2, {"diarize"}),
    "voices.enrol": (True, {"diarize"}),
    "attribute.rep_channel": ("left", {"attribute"}),
    "attribute.min_confidence": (0.95, {"attribute"}),
    "link.min_confidence": (0.9, {"link"}),
    "second_reader.model": ("", set()),
    # The second reader has no stage as long as nobody names a model; see test_second_read.py.
    "second_reader.options": ({"temperature": 0}, set()),
    "second_reader.kinds": (("competitor",), set()),
    "second_reader.max_calls": (1, set()),
    "second_reader.timeout_s": (1.0, set()),
    "second_reader.headlines": (True, set()),
    # Reports are made from the findings each time.
    "digest.min_score": (0.7, set()),
    "digest.min_role_confidence": (0.9, set()),
    "digest.clips": (False, set()),
    "digest.max_clip_mb": (1.0, set()),
    "outcomes.smallest_effect": (0.2, set()),
    "outcomes.min_deals": (9, set()),
    "outcomes.max_q": (0.1, set()),
    "outcomes.sensitivity_days": (7, set()),
    "outcomes.months": (3, set()),
    "messages.groups": ({"EMEA": ("Maya", "Tom", "Ines")}, set()),
    "messages.per_rep": (True, set()),
    # Who gets reports, and how, comes after them.
    "delivery.smtp_host": ("mail.example", set()),
    "delivery.smtp_port": (2525, set()),
    "delivery.smtp_security": ("tls", set()),
    "delivery.smtp_user": ("calls", set()),
    "delivery.smtp_password_env": ("MAIL_PASSWORD", set()),
    "delivery.smtp_password_file": ("secret", set()),
    "delivery.smtp_ca_file": ("ca.pem", set()),
    "delivery.timeout_s": (5.0, set()),
    "delivery.sender": ("Calls <calls@larkmoor.example>", set()),
    "delivery.unsubscribe": ("stop@larkmoor.example", set()),
    "delivery.base_url": ("https://calls.larkmoor.example", set()),
    "delivery.recipients": (({"email": "maya@larkmoor.example"},), set()),
    # Redaction marks what a report shows, on its way out.
    "redaction.keep_accounts": (False, set()),
    "redaction.keep_reps": (True, set()),
    "run.jobs": (1, set()),
    "run.worker_mb": (900, set()),
    "models_folder": ("/elsewhere", set()),
    # Who corrects something enters no computation.
    "user": ("Petra Voss", set()),
}
"""Setting, another value than its default, and the stages whose output it may change."""


Prints = Callable[[dict[str, object]], dict[str, str]]


def leaves(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """Yield the dotted names of all settings."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from leaves(field.annotation, f"{before}{name}.")
        else:
            yield before + name


def test_the_table_has_every_setting() -> None:
    assert sorted(SETTINGS) == sorted(leaves(Settings))


@pytest.fixture
def prints(own: Path, model_folder: Path) -> Prints:
    """Return the fingerprints of all stages of a workspace with the given settings."""

    def of(changed: dict[str, object]) -> dict[str, str]:
        given: dict[str, object] = {}
        for dotted, value in changed.items():
            section, _, name = dotted.rpartition(".")
            given[section or name] = {name: value} if section else value
        (own / "callmine.toml").write_text(settings_text(load_settings(None, given)), "utf-8")
        workspace = find_workspace(own)  # CALLMINE_MODELS is set: no model is fetched anywhere else
        with Store(workspace.database) as store:
            stages = build_stages(workspace, load_playbook(workspace.playbook), store, Recipe(), workers=2)
            return {s.name: fingerprint(s, traits=frozenset({HEARD, WITH_VOICES})) for s in stages}

    return of


def test_a_setting_makes_its_stages_run_again_and_no_other(prints: Prints) -> None:
    """Also put back, all is as before: nothing else enters a fingerprint."""
    before = prints({})
    for name, (value, stages) in SETTINGS.items():
        after = prints({name: value})
        assert {s for s in before if before[s] != after[s]} == stages, name
    assert prints({}) == before


# -- what is not a setting ---------------------------------------------------------------------


FACTS: dict[str, object] = {
    "rep": MAYA.name,
    "rep_email": MAYA.email,
    "rep_channel": "left",
    "participants": (MAYA, PETRA),
}

INPUTS: dict[str, tuple[Callable[[Workbench, str], object], set[str]]] = {
    "nothing": (lambda bench, call: None, set()),
    "the recording": (lambda bench, call: bench.recording("call.wav", 99, **FACTS), {"ingest"}),
    "a fact on the call": (
        lambda bench, call: bench.add(bench.folder / "call.wav", **{**FACTS, "title": "Intro"}),
        {"ingest"},
    ),
    "a person's word on the roles": (
        lambda bench, call: bench.store.set_roles(call, swap=True),
        {"attribute"},
    ),
    "a corrected turn": (
        lambda bench, call: bench.store.add_edits(call, [Edit(0, 1000, "How are you?", "Who are you?")]),
        {"attribute"},
    ),
    "other voices": (
        lambda bench, call: bench.store.record(
            DiarizeStage(Path()),
            Job(call, "call.wav", None, "f"),
            Done(Voices(embeddings={"channel 1": (1.0,)})),
            run_id=bench.store.start_run(),
            seconds=0,
        ),
        {"attribute"},
    ),
    "the playbook": (
        lambda bench, call: setattr(bench, "playbook", a_playbook(["forecast"])),
        {"extract"},
    ),
    "a deal": (lambda bench, call: bench.import_deals(a_deal()), {"link"}),
}
"""What changed, and the stages that wait because of it; what comes after them follows by itself."""


@pytest.mark.parametrize("what", INPUTS)
def test_an_input_makes_its_stages_run_again_and_no_other(bench: Workbench, what: str) -> None:
    bench.recording("call.wav", **FACTS)
    bench.run()
    call = bench.only("calls")["call_id"]
    change, stages = INPUTS[what]
    change(bench, call)
    bench.store.refresh_sources()
    waiting = {s.name for s in bench.stages() if list(bench.store.pending(s, payloads=False))}
    assert waiting == stages


def test_a_stage_whose_output_stays_the_same_makes_no_other_run(bench: Workbench) -> None:
    """Names given to the call change who says it, and so the turns; its title only what deal it is of."""
    bench.recording("call.wav", **FACTS)
    bench.run()
    bench.add(bench.folder / "call.wav", **{**FACTS, "title": "Intro"})
    assert bench.did() == {"ingest": 1, "link": 1}
    bench.add(bench.folder / "call.wav", **{**FACTS, "title": "Intro", "rep_channel": "right"})
    assert bench.did() == {"ingest": 1, "attribute": 1, "extract": 1}


def test_an_imported_transcript_does_not_wait_for_another_recogniser(bench: Workbench) -> None:
    """No engine read it; its file may be in an archive by then."""
    bench.transcript("first.vtt")
    bench.recording("second.wav", **FACTS)
    bench.run()
    bench.engine = ScriptedEngine(take=2)
    assert bench.did()["transcribe"] == 1
