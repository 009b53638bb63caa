"""A workspace's own questions: the shipped ones, fitted again from what people corrected there.

They are ``questions.npz`` in a folder of the workspace, with a card, ``model.json``, that says what they
were made from and for which shipped model. Those before them stay in ``previous-HASH/``.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callmine.domain import digest_of
from callmine.errors import ModelError
from callmine.extractors.heads import Questions
from callmine.extractors.thresholds import OBJECTION_THRESHOLDS

QUESTIONS_FILE, CARD_FILE = "questions.npz", "model.json"

_MEND = "Say `callmine learn`, or go back to the shipped ones with `callmine learn --forget`."


@dataclass(frozen=True, slots=True)
class Learned:
    """What a workspace's questions are and what they were made from.

    Attributes:
        shipped: Version of the shipped model that they were fitted for; another one's features mean
            something else.
        questions: SHA-256 of their file.
        thresholds: From which probability an objection is stored (``objection``) and counted (``digest``,
            and ``digest:LABEL`` for each label).
        corrections: Ids of the corrections that taught or judged.
        made_at: When; UTC.
        figures: How they were judged, before and after.
    """

    shipped: str
    questions: str
    thresholds: Mapping[str, float]
    corrections: tuple[int, ...]
    made_at: str
    figures: Mapping[str, Any]

    @property
    def version(self) -> str:
        """A hash over what changes what is found: neither when they were made nor how they were judged."""
        return digest_of(self.shipped, self.questions, dict(self.thresholds))


def _thresholds(raw: Mapping[str, Any]) -> dict[str, float]:
    """Return the thresholds of a card; those of single labels may be missing, as on older cards."""
    found = {name: float(raw[name]) for name in ("objection", "digest")}
    return found | {name: float(raw[name]) for name in OBJECTION_THRESHOLDS if name in raw}


def read_learned(folder: Path) -> Learned | None:
    """Return the card of the questions in ``folder``; ``None`` where there are none.

    Raises:
        ModelError: It is damaged.
    """
    path = folder / CARD_FILE
    if not path.exists():
        return None
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return Learned(
            shipped=str(raw["shipped"]),
            questions=str(raw["questions"]),
            thresholds=_thresholds(raw["thresholds"]),
            corrections=tuple(map(int, raw["corrections"])),
            made_at=str(raw["made_at"]),
            figures=dict(raw["figures"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: not a card of learned questions: {error}", hint=_MEND) from error


def load_questions(folder: Path, learned: Learned) -> Questions:
    """Return the questions that a card speaks of.

    Raises:
        ModelError: They are missing, or are not those.
    """
    path = folder / QUESTIONS_FILE
    got = hash_of(path)
    if got != learned.questions:
        raise ModelError(f"{path}: SHA-256 is {got}, expected {learned.questions}", hint=_MEND)
    return Questions.load(path)


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file; ``nothing`` where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "nothing"


def replace(folder: Path, questions: bytes, learned: Learned) -> None:
    """Put new questions in the place of those in ``folder``, which stay as ``previous-HASH/``.

    Args:
        folder: Where a workspace has its questions.
        questions: The file of the new ones.
        learned: Their card.
    """
    put_away(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / QUESTIONS_FILE).write_bytes(questions)
    card = {
        "shipped": learned.shipped,
        "questions": learned.questions,
        "thresholds": dict(learned.thresholds),
        "corrections": list(learned.corrections),
        "made_at": learned.made_at,
        "figures": dict(learned.figures),
    }
    # Last, and whole: without a card there are no questions, so nothing half written is ever used.
    part = folder / f"{CARD_FILE}.part"
    part.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(folder / CARD_FILE)


def put_away(folder: Path) -> Path | None:
    """Take the questions in ``folder`` out of use.

    Returns:
        Where they are from now on; ``None`` where there were none.
    """
    card = folder / CARD_FILE
    if not card.exists():
        return None
    try:
        learned = read_learned(folder)
        name = learned.version if learned else ""
    except ModelError:
        name = f"damaged-{hash_of(card)[:16]}"
    away = folder / f"previous-{name}"
    shutil.rmtree(away, ignore_errors=True)
    away.mkdir()
    # The card first: see replace().
    for file in (card, folder / QUESTIONS_FILE):
        if file.exists():
            file.replace(away / file.name)
    return away
