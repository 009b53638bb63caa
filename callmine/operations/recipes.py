"""Recipes: which stages, settings and reports a run has. TOML, no logic."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import callmine
from callmine.config import merged
from callmine.errors import SettingsError, UsageError
from callmine.stages import ORDER, StageName
from callmine.validation import did_you_mean, explain_faults, explain_toml
from callmine.workspace import Workspace

Format = Literal["html", "md", "json", "pdf", "eml"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReportWish(_Part):
    """A report to write at the end of the run."""

    kind: Literal["digest"]
    week: str = ""
    formats: tuple[Format, ...] = ("html",)


class SendWish(_Part):
    """A report to send after the reports are written.

    Attributes:
        report: Which one.
        about: Week, competitor, deal, ...; empty for the report's default.
        to: Names or addresses; empty for everybody in ``[delivery]`` who is to get it, which may be nobody.
    """

    report: str
    about: str = ""
    to: tuple[str, ...] = ()


class Recipe(_Part):
    """What a run does, beyond the defaults.

    Attributes:
        description: For people.
        stages: Stages to run; the order is fixed.
        executor: ``processes`` or ``serial``.
        settings: Overrides of ``callmine.toml``, nested.
        reports: Reports to write afterwards.
        send: Reports to send after that.
        send_failed_again: Try again what could not be delivered in the last two weeks.
    """

    description: str = ""
    stages: tuple[StageName, ...] = ORDER
    executor: Literal["processes", "serial"] = "processes"
    settings: dict[str, Any] = Field(default_factory=dict)
    reports: tuple[ReportWish, ...] = ()
    send: tuple[SendWish, ...] = ()
    send_failed_again: bool = False

    def settings_under(self, flags: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Return the recipe's settings with those of the command line over them, key by key."""
        return merged(self.settings, flags)


def load_recipe(name: str, workspace: Workspace) -> Recipe:
    """Load a recipe: a path, or a name in the workspace's ``pipelines/`` or among callmine's own.

    Raises:
        UsageError: There is no such recipe.
        SettingsError: It does not validate.
    """
    folders = [workspace.root / "pipelines", *own_folders()]
    candidates = [Path(name), *(folder / f"{name}.toml" for folder in folders)]
    path = next((p for p in candidates if p.is_file()), None)
    if path is None:
        names = sorted({p.stem for folder in folders for p in folder.glob("*.toml")})
        raise UsageError(
            f"there is no recipe {name!r}{did_you_mean(name, names)}", hint=f"Known: {', '.join(names)}."
        )
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}", hint="Save it as UTF-8 text.") from error
    try:
        return Recipe.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(explain_toml(error, text, str(path)), hint="Mend that line.") from error
    except ValidationError as error:
        faults = "\n".join(explain_faults(error, Recipe, text, str(path)))
        raise SettingsError(faults, hint="Mend the recipe.") from error


def own_folders() -> list[Path]:
    """Return where callmine's own recipes are: in the source, and where it was installed."""
    source = Path(callmine.__file__).parent.parent / "pipelines"
    return [source, Path(sys.prefix) / "share" / "callmine" / "pipelines"]
