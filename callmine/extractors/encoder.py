"""The trained encoder: one pass over an utterance and its context gives every head's score."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callmine.domain import digest_of
from callmine.errors import ModelError
from callmine.extractors.base import Passage
from callmine.extractors.heads import HEADS, to_scores
from callmine.extractors.rendering import Ints, as_pair, pack
from callmine.extractors.wording import LabelWords

DEFAULT_MODEL = Path(str(files("callmine.extractors") / "data" / "encoder"))
"""The model that comes with the package."""

BATCH = 16
"""Passages a call; they are sorted by length first, so that little is spent on padding."""

_REMEMBERED = 20_000

Scores = npt.NDArray[np.float32]


def tokens_of(tokenizer: Any, passages: Sequence[Passage]) -> dict[str, Ints]:
    """Return the encoder's inputs for some passages, padded to the longest."""
    pairs = [as_pair(p) for p in passages]
    encode = tokenizer.encode_batch
    context = [e.ids for e in encode([c for c, _ in pairs], add_special_tokens=False)]
    text = [e.ids for e in encode([t for _, t in pairs], add_special_tokens=False)]
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    return pack(context, text, cls=cls, sep=sep)


class Encoder:
    """Scores passages with the int8 ONNX model; extractors of one worker share it.

    Scores of the latest passages are remembered, so that two extractors cost one pass.
    """

    def __init__(self, folder: Path = DEFAULT_MODEL, *, threads: int = 0) -> None:
        """Remember where the model is; nothing is loaded before the first score.

        Args:
            folder: Folder with ``model.onnx``, ``tokenizer.json`` and ``model.json``.
            threads: Threads to use; 0 for the runtime's choice.
        """
        self.folder = folder
        self.threads = threads
        self._session: Any = None
        self._tokenizer: Any = None
        self._words: Any = None
        self._scales: Scores = np.zeros((0, 2), dtype=np.float32)
        self._known: OrderedDict[Passage, Scores] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        """Leave the session behind when the encoder travels to a worker."""
        return {"folder": self.folder, "threads": self.threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Arrive without a session."""
        self.__init__(state["folder"], threads=state["threads"])  # type: ignore[misc]

    def card(self) -> dict[str, Any]:
        """Return the model card.

        Raises:
            ModelError: It is missing, not readable, or not for these heads.
        """
        path = self.folder / "model.json"
        try:
            card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            heads = tuple(card["heads"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path}: not a model card: {error}", hint="Reinstall callmine.") from error
        if heads != HEADS:
            raise ModelError(f"{path}: made for other labels", hint="Train again with `make train`.")
        return card

    def version(self) -> str:
        """Return a hash over everything that changes the scores: files, calibration, threshold."""
        card = self.card()
        return digest_of(card["files"], card["scales"], card["threshold"])

    def load(self) -> None:
        """Load the model; a second call does nothing.

        Raises:
            ModelError: A file is missing or is not the one that the card names.
        """
        if self._session is not None:
            return
        import hashlib

        import onnxruntime
        from tokenizers import Tokenizer

        card = self.card()
        for name, expected in card["files"].items():
            path = self.folder / name
            got = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "nothing"
            if got != expected:
                raise ModelError(
                    f"{path}: SHA-256 is {got}, expected {expected}", hint="Reinstall callmine."
                )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.log_severity_level = 3
        # Turn the int8 weights into float32 once, at load, instead of in every pass.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        self._session = onnxruntime.InferenceSession(
            str(self.folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._scales = np.asarray(card["scales"], dtype=np.float32)
        self._words = LabelWords(self.folder)

    def scores(self, passages: Sequence[Passage]) -> Scores:
        """Return probabilities of shape (passages, heads); see :func:`to_scores`."""
        self.load()
        missing = list(dict.fromkeys(p for p in passages if p not in self._known))
        missing.sort(key=lambda p: sum(map(len, as_pair(p))))
        fresh: dict[Passage, Scores] = {}
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            (logits,) = self._session.run(["logits"], tokens_of(self._tokenizer, batch))
            second = self._words.log_chances([p.text for p in batch])
            fresh.update(zip(batch, to_scores(logits, self._scales, second), strict=True))
        found = [fresh[p] if p in fresh else self._known[p] for p in passages]
        self._known.update(fresh)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return np.asarray(found, dtype=np.float32).reshape(len(passages), len(HEADS))
