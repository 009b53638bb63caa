"""A workspace's own questions: the shipped ones, fitted again from what people corrected there.

They are ``questions.npz`` in a folder of the workspace, with a card, ``model.json``, that says what they
were made from and for which shipped model. Those before them stay in ``previous-HASH/``. The card says
that there are questions. It is swapped last, so that a workspace has the old or the new ones, whenever its
power goes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callmine.domain import digest_of
from callmine.errors import ModelError, StoreError
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
    names = {"objection", "digest", *(name for name in OBJECTION_THRESHOLDS if name in raw)}
    found = {name: float(raw[name]) for name in sorted(names)}
    for name, value in found.items():
        if not 0.0 <= value <= 1.0:  # nor is NaN, which is above no score and below none
            raise ValueError(f"the threshold {name} is {value}, and not from 0 to 1")
        if value < found["objection"]:  # what is counted is stored first
            raise ValueError(f"the threshold {name} is {value}, below that of objection")
    return found


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
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ModelError(f"{path}: not a card of learned questions: {error}", hint=_MEND) from error


def load_questions(folder: Path, learned: Learned) -> Questions:
    """Return the questions that a card speaks of.

    Raises:
        ModelError: They are missing, or are not those.
    """
    path = _questions_of(folder, learned)
    if (got := hash_of(path)) != learned.questions:
        raise ModelError(f"{path}: SHA-256 is {got}, expected {learned.questions}", hint=_MEND)
    return Questions.load(path)


def _questions_of(folder: Path, learned: Learned) -> Path:
    """Return where a card's questions are.

    They are beside it, unless somebody was stopped while he replaced both: then their copy still is where
    :func:`replace` puts it first.
    """
    beside = folder / QUESTIONS_FILE
    away = _away(folder, learned.version) / QUESTIONS_FILE
    is_away = hash_of(beside) != learned.questions == hash_of(away)
    return away if is_away else beside


def _away(folder: Path, version: str) -> Path:
    return folder / f"previous-{version}"


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file; ``nothing`` where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "nothing"


def replace(folder: Path, questions: bytes, learned: Learned) -> None:
    """Put new questions in the place of those in ``folder``, which stay as ``previous-HASH/``.

    Args:
        folder: Where a workspace has its questions.
        questions: The file of the new ones.
        learned: Their card.

    Raises:
        StoreError: The folder cannot be written.
    """
    card = {
        "shipped": learned.shipped,
        "questions": learned.questions,
        "thresholds": dict(learned.thresholds),
        "corrections": list(learned.corrections),
        "made_at": learned.made_at,
        "figures": dict(learned.figures),
    }
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    with _writes(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _copy_away(folder)
        _swap(folder / QUESTIONS_FILE, questions)
        _swap(folder / CARD_FILE, text.encode())


def put_away(folder: Path) -> Path | None:
    """Take the questions in ``folder`` out of use.

    Returns:
        Where they are from now on; ``None`` where there were none.

    Raises:
        StoreError: The folder cannot be written.
    """
    with _writes(folder):
        away = _copy_away(folder)
        # The card first: without it there are none.
        (folder / CARD_FILE).unlink(missing_ok=True)
        (folder / QUESTIONS_FILE).unlink(missing_ok=True)
    return away


def _copy_away(folder: Path) -> Path | None:
    """Copy the questions in ``folder``; return where to, ``None`` where there are none."""
    card = folder / CARD_FILE
    if not card.exists():
        return None
    questions = folder / QUESTIONS_FILE
    try:
        learned = read_learned(folder)
        name = learned.version if learned else ""
        questions = _questions_of(folder, learned) if learned else questions
    except ModelError:
        name = f"damaged-{hash_of(card)[:16]}"
    away = _away(folder, name)
    if _is_copied(away / CARD_FILE, card) and _is_copied(away / QUESTIONS_FILE, questions):
        return away  # by somebody who was stopped then
    part = folder / f"{away.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for file in (card, questions):
        if file.is_file():
            shutil.copyfile(file, part / file.name)
    shutil.rmtree(away, ignore_errors=True)
    part.rename(away)
    return away


def _is_copied(copy: Path, file: Path) -> bool:
    return file.is_file() and hash_of(copy) == hash_of(file)


def _swap(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


@contextmanager
def _writes(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{folder}: learned questions cannot be written there: {error}",
            hint="It has to be a folder that you may write to; move away what stands in its place.",
        ) from error
