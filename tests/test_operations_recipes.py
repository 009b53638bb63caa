"""Recipes: callmine's own ones, a workspace's, and faults."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from callmine.config import Settings
from callmine.errors import SettingsError, UsageError
from callmine.operations.recipes import Recipe, load_recipe, own_folders
from callmine.stages import ORDER
from callmine.workspace import Workspace

ROOT = Path(__file__).parent.parent

OWN = sorted(own_folders()[0].glob("*.toml"))


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_own_recipes_are_sound(path: Path, tmp_path: Path) -> None:
    """Each recipe that comes with callmine loads by name and says what it is for."""
    recipe = load_recipe(path.stem, Workspace(tmp_path, Settings()))
    assert recipe.description
    assert recipe.stages == ORDER


def test_an_option_replaces_its_own_key_only() -> None:
    """``--jobs`` leaves the recipe's other settings of the section alone."""
    recipe = Recipe(settings={"run": {"jobs": 3, "worker_mb": 900}, "timezone": "UTC"})
    changed = recipe.settings_under({"run": {"jobs": 1}})
    assert changed == {"run": {"jobs": 1, "worker_mb": 900}, "timezone": "UTC"}
    assert Recipe().settings_under({"run": {"jobs": 1}}) == {"run": {"jobs": 1}}
    assert recipe.settings_under({}) == recipe.settings


def test_a_workspaces_recipe_wins(tmp_path: Path) -> None:
    """A recipe of the same name in the workspace is used; a path works as well."""
    (tmp_path / "pipelines").mkdir()
    mine = tmp_path / "pipelines" / "nightly.toml"
    mine.write_text('description = "mine"\nstages = ["ingest"]\n[settings.run]\njobs = 3\n')
    for name in ("nightly", str(mine)):
        recipe = load_recipe(name, Workspace(tmp_path, Settings()))
        assert (recipe.description, recipe.stages, recipe.settings) == (
            "mine",
            ("ingest",),
            {"run": {"jobs": 3}},
        )


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('stage = ["ingest"]', ":1: stage: unknown key (did you mean 'stages'?)"),
        ('stages = ["transcibe"]', ":1: stages[1]: "),
        ('\n[[reports]]\nkind = "digest"\nformats = ["docx"]', ":4: reports[1].formats[1]: "),
        ("stages = [", ":1: not valid TOML: "),
    ],
)
def test_a_fault_names_file_and_line(tmp_path: Path, text: str, part: str) -> None:
    """A recipe's faults are told like those of the playbook."""
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as raised:
        load_recipe(str(path), Workspace(tmp_path, Settings()))
    assert part in raised.value.message


def test_unknown_recipe_lists_the_known_ones(tmp_path: Path) -> None:
    """A misspelt name is told with the nearest one."""
    with pytest.raises(UsageError, match="did you mean 'weekly'") as raised:
        load_recipe("weekley", Workspace(tmp_path, Settings()))
    assert "nightly" in raised.value.hint


def test_recipes_are_installed_where_they_are_looked_for() -> None:
    """An installation that is no checkout brings callmine's recipes to ``sys.prefix``."""
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["data-files"]
    ((folder, patterns),) = packed.items()
    assert Path(sys.prefix) / folder in own_folders()
    assert {p.name for pattern in patterns for p in ROOT.glob(pattern)} >= {"nightly.toml", "weekly.toml"}
