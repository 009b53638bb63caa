"""The models that callmine knows, read from ``models.toml``, and where models live."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from callmine.files import expanded


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model; ``parts`` are (wheel, member) pairs that are joined to make it."""

    path: str
    sha256: str
    size: int = 0
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """What is known about a model.

    Attributes:
        name: What people call it, also its directory in the model folder.
        kind: ``whisper``, ``sentence embedder``, ``speaker encoder``, ``spacy pipeline`` or ``own``.
        licence: SPDX name.
        about: One line for people.
        hub: Repository id on the official hub.
        wheels: pip requirements with their hashes; the wheels only carry the files.
        files: Files with known hashes; the others are pinned on first use.
    """

    name: str
    kind: str
    licence: str
    about: str = ""
    hub: str | None = None
    wheels: tuple[str, ...] = ()
    files: tuple[ModelFile, ...] = ()

    @property
    def asked_as(self) -> str:
        """The name to give to ``callmine models get``."""
        return self.hub if self.hub and "--" in self.name else self.name


def default_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return ``CALLMINE_MODELS``, or ``callmine/models`` in the user's cache folder.

    Raises:
        callmine.errors.SettingsError: It is in a home folder that cannot be found.
    """
    if chosen := environ.get("CALLMINE_MODELS"):
        return expanded(chosen, setting="CALLMINE_MODELS")
    if cache := environ.get("XDG_CACHE_HOME"):
        return expanded(cache, setting="XDG_CACHE_HOME") / "callmine" / "models"
    return expanded("~/.cache", setting="CALLMINE_MODELS is not set") / "callmine" / "models"


@cache
def catalogue() -> Mapping[str, Model]:
    """Return every model known by name: those with hashes first, then those only the hub has."""
    data = tomllib.loads(resources.files(__package__).joinpath("models.toml").read_text(encoding="utf-8"))
    models = {name: _model(name, raw) for name, raw in data["models"].items()}
    for name, repo in data["hub"].items():
        models[name] = Model(name, "whisper", "MIT", "Whisper, CTranslate2 (hub only)", hub=repo)
    return models


def _model(name: str, raw: dict[str, Any]) -> Model:
    files = []
    for file in raw.get("files", ()):
        parts = tuple(
            (wheel, member) for wheel, _, member in (p.partition(":") for p in file.get("from", ()))
        )
        files.append(ModelFile(file["path"], file["sha256"], file.get("size", 0), parts))
    return Model(
        name=name,
        kind=raw["kind"],
        licence=raw["licence"],
        about=raw["about"],
        hub=raw.get("hub"),
        wheels=tuple(
            f"{w['name']}=={w['version']} --hash=sha256:{w['sha256']}" for w in raw.get("wheels", ())
        ),
        files=tuple(files),
    )
