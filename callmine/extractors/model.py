"""The model's files: its card, its questions and its lessons; the encoder itself is not loaded here."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from callmine.domain import digest_of
from callmine.errors import ModelError
from callmine.extractors.contrast import FILE as CONTRAST
from callmine.extractors.heads import QUESTIONS, Questions
from callmine.extractors.learned import Learned, load_questions, read_learned
from callmine.extractors.lessons import FILE as LESSONS
from callmine.extractors.lessons import Lessons
from callmine.extractors.readings import FORMAT
from callmine.extractors.thresholds import OBJECTION_THRESHOLDS
from callmine.extractors.windows import CONTEXT_TOKENS, MAX_TOKENS

DEFAULT_MODEL = Path(str(files("callmine.extractors") / "data" / "encoder"))
"""The model that comes with the package."""

FILES = ("model.onnx", "tokenizer.json", "questions.npz", CONTRAST)
"""What changes what is found."""


class Model:
    """A folder with a model, and perhaps a workspace's own questions to it.

    Attributes:
        folder: Holds :data:`FILES`, the lessons and ``model.json``.
        learned: See :class:`callmine.extractors.encoder.Encoder`.
    """

    def __init__(self, folder: Path = DEFAULT_MODEL, *, learned: Path | None = None) -> None:
        """Remember where the files are."""
        self.folder = folder
        self.learned = learned

    def card(self) -> dict[str, Any]:
        """Return the model card.

        Raises:
            ModelError: It is missing, not readable, or not for these questions.
        """
        path = self.folder / "model.json"
        try:
            card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            questions = {name: tuple(answers) for name, answers in card["questions"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{path}: not a model card: {error}", hint="Reinstall callmine.") from error
        if questions != dict(QUESTIONS):
            raise ModelError(f"{path}: made for other questions", hint="Train again with `make train`.")
        return card

    def shipped_version(self) -> str:
        """Return a hash over everything that changes what is found without a workspace's own questions."""
        card = self.card()
        return digest_of({name: card["files"].get(name) for name in FILES}, card["thresholds"])

    def version(self) -> str:
        """Return a hash over everything that changes what is found: files and thresholds."""
        own = self.own()
        return own.version if own else self.shipped_version()

    def asked(self) -> Questions:
        """Return the questions that are asked, without loading the model."""
        own = self.own()
        if self.learned and own:
            return load_questions(self.learned, own)
        return Questions.load(self.folder / "questions.npz")

    def own(self) -> Learned | None:
        """Return the card of the workspace's own questions; ``None``: there are none for this model.

        Raises:
            ModelError: It is damaged.
        """
        found = read_learned(self.learned) if self.learned else None
        return found if found and found.shipped == self.shipped_version() else None

    def thresholds(self) -> dict[str, float]:
        """Return from which probability each kind of finding is stored, and an objection counted."""
        shipped, own = self.card()["thresholds"], self.own()
        if own is None:
            return dict(shipped)
        others = {name: value for name, value in shipped.items() if name not in OBJECTION_THRESHOLDS}
        return {**others, **own.thresholds}

    def reading_version(self) -> str:
        """Return a hash over everything that changes a reading, the questions put to it apart."""
        kept = self.card()["files"]
        return digest_of(FORMAT, kept["model.onnx"], kept["tokenizer.json"], MAX_TOKENS, CONTEXT_TOKENS)

    def lessons(self) -> Lessons:
        """Return the lessons that come with the model.

        Raises:
            ModelError: They are missing or damaged.
        """
        return Lessons.load(self.folder, self.card()["files"].get(LESSONS))
