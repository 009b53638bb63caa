"""doctor: every check can fail, says what to do, and has its exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import callmine

from callmine.operations import checking
from callmine.operations.checking import Check, examine, list_models
from callmine.operations.workspaces import init_workspace


def _checks(folder: Path | None) -> dict[str, Check]:
    return {check.what: check for check in examine(folder)}


def test_a_broken_settings_file_is_what_doctor_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside a workspace whose settings are faulty, doctor says so instead of looking elsewhere."""
    (tmp_path / "callmine.toml").write_text('timezon = "UTC"')
    monkeypatch.delenv("CALLMINE_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    for folder in (None, tmp_path):
        check = _checks(folder)["settings"]
        assert (check.ok, check.exit_code) == (False, 2)
        assert "timezon" in check.found


def test_outside_a_workspace_the_installation_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packages and the default models are looked at; nothing is fetched for it."""
    monkeypatch.delenv("CALLMINE_WORKSPACE", raising=False)
    monkeypatch.setenv("CALLMINE_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    checks = _checks(None)
    assert checks["faster-whisper"].ok
    assert (checks["model base"].ok, checks["model base"].exit_code) == (False, 3)
    assert "workspace" not in checks
    assert not (tmp_path / "models").exists()


def test_a_missing_package_is_3(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is not there is named with the command that brings it; optional ones may lack."""

    def nothing(name: str) -> str:
        raise checking.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(checking.metadata, "version", nothing)
    checks = _checks(None)
    assert (checks["spacy"].ok, checks["spacy"].hint, checks["spacy"].exit_code) == (
        False,
        "pip install spacy",
        3,
    )
    assert checks["openai-whisper"].ok
    # A package of that name on the public index would be somebody else's.
    assert "pip install -c constraints.txt '.[reference]'" in checks["openai-whisper"].found


def test_faults_of_a_workspace(own: Path) -> None:
    """Playbook and database are checked, each with its own code."""
    (own / "playbook.toml").write_text("[company]\n")
    (own / "callmine.db").write_bytes(b"nonsense" * 200)
    checks = _checks(own)
    assert (checks["playbook"].ok, checks["playbook"].exit_code) == (False, 2)
    assert (checks["database"].ok, checks["database"].exit_code) == (False, 5)
    assert checks["database"].hint


def test_undated_calls_are_pointed_out_without_an_error(spoken: Path) -> None:
    """A call without a date is in no week: worth a warning that names it, no failure."""
    check = _checks(spoken)["dates"]
    assert (check.ok, check.exit_code) == (False, 0)
    assert check.found.startswith("without a date: ")
    assert "txt.vtt" in check.found
    told = callmine("doctor", at=spoken)
    assert "warn dates: without a date: " in told.out
    assert "FAIL dates" not in told.out


def test_names_are_few() -> None:
    """A long list is cut, and the rest counted."""
    assert checking._some(["a", "b"]) == "a, b"
    assert checking._some([*"abcdefg"]) == "a, b, c, d, e and 2 more"


def test_examples_in_the_playbook_need_no_model_of_their_own(own: Path) -> None:
    """They are compared by the reading of the model that comes with the package."""
    playbook = own / "playbook.toml"
    playbook.write_text(playbook.read_text() + '\n[[trackers]]\nname = "x"\nexamples = ["it went down"]\n')
    assert "model minilm" not in _checks(own)


def test_replay_needs_no_recogniser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who only imports transcripts is not asked for Whisper's weights."""
    monkeypatch.setenv("CALLMINE_TRANSCRIBE__ENGINE", "replay")
    init_workspace(tmp_path / "place")
    assert "model base" not in _checks(tmp_path / "place")


def test_models_are_listed_for_the_folder_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty model folder holds none of the known models."""
    monkeypatch.setenv("CALLMINE_MODELS", str(tmp_path))
    models = list_models(None)
    assert models
    assert not any(model.present for model in models)
