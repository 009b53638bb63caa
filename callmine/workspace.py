"""A workspace: the folder that holds everything callmine knows, and how it is found."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callmine.config import Settings, load_settings
from callmine.errors import NoWorkspace, UsageError
from callmine.files import expanded
from callmine.weights.catalogue import default_folder

SETTINGS_FILE = "callmine.toml"
PLAYBOOK_FILE = "playbook.toml"
DATABASE_FILE = "callmine.db"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with ``callmine.toml``; all paths of a workspace come from here."""

    root: Path
    settings: Settings

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.root / DATABASE_FILE

    @property
    def playbook(self) -> Path:
        """The playbook file."""
        return self.root / PLAYBOOK_FILE

    @property
    def inbox(self) -> Path:
        """Recordings dropped here are taken in by the next run."""
        return self.root / "inbox"

    @property
    def reports(self) -> Path:
        """Where reports are written."""
        return self.root / "reports"

    @property
    def learned(self) -> Path:
        """Where the questions are that were fitted again from corrections, if any were."""
        return self.root / "model"

    @property
    def models(self) -> Path:
        """Where model files are kept."""
        return models_folder(self.settings)


def models_folder(settings: Settings) -> Path:
    """Return the model folder: ``CALLMINE_MODELS``, the setting, or the user's cache.

    Raises:
        SettingsError: It is in a home folder that cannot be found.
    """
    if settings.models_folder and not os.environ.get("CALLMINE_MODELS"):
        return expanded(settings.models_folder, setting="models_folder")
    return default_folder()


def find_workspace(given: Path | None = None, flags: Mapping[str, Any] | None = None) -> Workspace:
    """Find the workspace: ``given``, ``CALLMINE_WORKSPACE``, or the nearest parent that is one.

    Raises:
        NoWorkspace: None is named, and no parent is one.
        UsageError: The one named is none.
        SettingsError: Its settings do not validate.
    """
    named = given or (Path(env) if (env := os.environ.get("CALLMINE_WORKSPACE")) else None)
    if named is not None:
        if not (named / SETTINGS_FILE).is_file():
            raise UsageError(
                f"{named} is not a callmine workspace: it holds no {SETTINGS_FILE}",
                hint=f"Make one with `callmine init {named}`.",
            )
        root = named.resolve()
    else:
        here = Path.cwd()
        found = [p for p in (here, *here.parents) if (p / SETTINGS_FILE).is_file()]
        if not found:
            raise NoWorkspace(
                f"no {SETTINGS_FILE} in {here} or above it",
                hint="Go into a workspace, give one with -w DIR, or make one with `callmine init DIR`.",
            )
        root = found[0]
    return Workspace(root, load_settings(root / SETTINGS_FILE, flags))
