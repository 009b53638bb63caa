"""Making a workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

import callmine
from callmine.config import load_settings
from callmine.errors import MissingDependency, UsageError
from callmine.operations.workspaces import init_workspace
from callmine.playbook import load_playbook


def test_a_playbook_that_is_there_is_kept(tmp_path: Path) -> None:
    """``init`` in a folder with a playbook makes a workspace around it."""
    (tmp_path / "playbook.toml").write_text('[company]\nname = "Mine"\n')
    workspace, taken = init_workspace(tmp_path)
    assert taken is None
    assert load_playbook(workspace.playbook).company.name == "Mine"


def test_the_environment_is_not_frozen_into_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable set while ``init`` runs does not become a setting of the workspace."""
    monkeypatch.setenv("CALLMINE_TRANSCRIBE__MODEL", "tiny.en")
    workspace, _ = init_workspace(tmp_path / "place")
    assert workspace.settings.transcribe.model == "tiny.en"
    monkeypatch.delenv("CALLMINE_TRANSCRIBE__MODEL")
    assert load_settings(tmp_path / "place" / "callmine.toml").transcribe.model == "base"


def test_places_that_cannot_be_a_workspace(tmp_path: Path) -> None:
    """A file, and a folder below a file, are refused with words; nothing is left behind."""
    (tmp_path / "file").touch()
    for wrong in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError) as raised:
            init_workspace(wrong)
        assert raised.value.hint
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_without_the_source_there_is_no_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package says where the sample calls are to be had, and makes nothing."""
    monkeypatch.setattr(callmine, "__file__", str(tmp_path / "site" / "callmine" / "__init__.py"))
    with pytest.raises(MissingDependency) as raised:
        init_workspace(tmp_path / "demo", sample=True)
    assert "make demo" in raised.value.hint
    assert not (tmp_path / "demo").exists()
