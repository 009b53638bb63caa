"""The trained encoder: one pass over a conversation, from which every question is answered.

What the encoder makes of a turn (its features, what it means, which of its words show what) does not
depend on the playbook; :mod:`callmine.extractors.heads` has the questions that are put to it.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from callmine.errors import ModelError
from callmine.extractors.base import Passage, Turn
from callmine.extractors.contrast import Contrast
from callmine.extractors.heads import COLUMNS, Floats, Questions
from callmine.extractors.learned import hash_of
from callmine.extractors.model import DEFAULT_MODEL, FILES, Model
from callmine.extractors.readings import Places, Reading, half, rounded
from callmine.extractors.spans import sentences
from callmine.extractors.windows import (
    Place,
    Range,
    Window,
    conversations,
    cut,
    pack,
    read_up_to,
    turn_tokens,
)

_REMEMBERED = 8

_HARDLY = -4.0  # log-odds of what nobody would want to be shown

_Asked = tuple[Window, list[int], list[Range]]
_Pass = tuple[_Asked, tuple[Floats, Floats, Floats]]


class Encoder(Model):
    """Reads conversations with the int8 ONNX model; extractors of one worker share it.

    The latest readings are remembered, so that several extractors cost one pass.
    """

    def __init__(
        self, folder: Path = DEFAULT_MODEL, *, threads: int = 0, learned: Path | None = None
    ) -> None:
        """Remember where the model is; nothing is loaded before the first reading.

        Args:
            folder: Folder with the model's files and its card, ``model.json``.
            threads: Windows to read at the same time, each in a thread; 0 for one a core.
            learned: Folder of a workspace's own questions, see :mod:`callmine.extractors.learned`. Where it
                holds none, or some for another model, the model's own are asked.
        """
        super().__init__(folder, learned=learned)
        self.threads = threads
        self._session: Any = None
        self._tokenizer: Any = None
        self._shipped: Questions | None = None
        self._questions: Questions | None = None
        self._contrast: Contrast | None = None
        self._known: OrderedDict[tuple[Passage, ...], list[Reading]] = OrderedDict()
        self._places: OrderedDict[tuple[Passage, ...], dict[Place, Floats | None]] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        """Leave the session behind when the encoder travels to a worker."""
        return {"folder": self.folder, "threads": self.threads, "learned": self.learned}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Arrive without a session."""
        self.__init__(  # type: ignore[misc]
            state["folder"], threads=state["threads"], learned=state["learned"]
        )

    def load(self) -> None:
        """Load the model; a second call does nothing.

        Raises:
            ModelError: A file is missing or is not the one that the card names.
        """
        if self._session is not None:
            return
        import onnxruntime
        from tokenizers import Tokenizer

        card = self.card()
        for name in FILES:
            path, expected = self.folder / name, card["files"].get(name)
            if (got := hash_of(path)) != expected:
                raise ModelError(
                    f"{path}: SHA-256 is {got}, expected {expected}", hint="Reinstall callmine."
                )
        options = onnxruntime.SessionOptions()
        # Several windows at once, each by one thread, is quicker than one window by several.
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        # Turn the int8 weights into float32 once, at load, instead of in every pass.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        self._session = onnxruntime.InferenceSession(
            str(self.folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._shipped = Questions.load(self.folder / "questions.npz")
        self._questions = self.asked()
        self._contrast = Contrast.load(self.folder)

    @property
    def questions(self) -> Questions:
        """The questions that are asked: the workspace's own, or those that the model was trained with."""
        self.load()
        assert self._questions is not None
        return self._questions

    @property
    def contrast(self) -> Contrast:
        """What is ordinary in calls, as far as the model's meanings go."""
        self.load()
        assert self._contrast is not None
        return self._contrast

    @property
    def tokenizer(self) -> Any:
        """The model's tokenizer; it neither pads nor truncates."""
        self.load()
        return self._tokenizer

    def read(self, passages: Sequence[Passage], places: Sequence[Place] = ()) -> list[Reading]:
        """Return what the encoder makes of each passage, in their order.

        Passages that follow each other, as those of a call do, are read in one conversation.

        Args:
            passages: What was said.
            places: What :meth:`read_places` will be asked about them: it costs no pass of its own then.
        """
        key = tuple(passages)
        if key not in self._known:
            self.remember(key, self._read(key, places))
        return self._known[key]

    def _read(self, passages: tuple[Passage, ...], places: Sequence[Place]) -> list[Reading]:
        found: dict[int, Reading] = {}
        named: dict[Place, Floats | None] = dict.fromkeys(places)
        parts = [_sentences(p.text) for p in passages]
        asked: list[_Asked] = []
        for window, numbers in self._windows(passages):
            spans = [(start, start + len(turn.ids)) for start, turn in window.own()]
            for number, (start, turn) in zip(numbers, window.own(), strict=True):
                for a, b in parts[number][1:] and parts[number]:
                    inside = turn.covering(a, b) or (0, len(turn.ids))
                    spans.append((start + inside[0], start + inside[1]))
            asked.append((window, numbers, spans))
        named_in = [window.places(numbers, places) for window, numbers, _ in asked]
        for (_, _, spans), here in zip(asked, named_in, strict=True):
            spans.extend(here.values())
        passes = zip(self.passes(asked), named_in, strict=True)
        for ((window, numbers, spans), (features, meanings, inside_of)), here in passes:
            row = len(numbers)
            for at, number in enumerate(numbers):
                first, end = spans[at]
                size = len(parts[number]) if len(parts[number]) > 1 else 0
                worth = self._may_matter(features[at])
                found[number] = rounded(
                    features[at],
                    inside_of[first:end] if worth else inside_of[:0],
                    window.turns[window.first_own + at].offsets if worth else (),
                    parts[number],
                    meanings[row : row + size] if size else meanings[at : at + 1],
                )
                row += size
            for place, made in zip(here, features[row:], strict=True):
                named[place] = half(made)
        self._places_of(passages).update(named)
        return [found[i] for i in range(len(passages))]

    def reads_up_to(self, texts: Sequence[str]) -> list[int]:
        """Return how many characters of each text are read: all, unless it is too long for one turn."""
        return read_up_to(self.tokenizer, texts)

    def remember(self, passages: Sequence[Passage], readings: Sequence[Reading]) -> None:
        """Take readings of passages that were made earlier, by this very model, as its own."""
        self._known[tuple(passages)] = list(readings)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def forget(self) -> None:
        """Forget the latest readings, those of places as well."""
        self._known.clear()
        self._places.clear()

    def _may_matter(self, features: Floats) -> bool:
        """Whether an utterance may say anything whose words will have to be shown.

        Asked of the model's own questions: what is read is the same whatever a workspace learned.
        """
        assert self._shipped is not None
        rows = [COLUMNS[question].start for question in ("objection", "positioning", "request")]
        odds = self._shipped.weights[rows] @ features + self._shipped.offsets[rows]
        return bool(odds.max() > _HARDLY)

    def read_places(self, passages: Sequence[Passage], places: Sequence[Place]) -> list[Floats | None]:
        """Return the features of stretches of passages, in the order of ``places``.

        Only the windows that hold one not yet known are read. ``None`` stands for a place at the end
        of a turn that is too long to be read whole.
        """
        known = self._places_of(tuple(passages))
        if unknown := sorted(set(places) - known.keys()):
            known.update(self._read_places(passages, unknown))
        return [known[place] for place in places]

    def remember_places(self, passages: Sequence[Passage], places: Places) -> None:
        """Take what was made of places in passages earlier, by this very model, as its own."""
        self._places_of(tuple(passages)).update(places)

    def places_read(self, passages: Sequence[Passage]) -> Places:
        """Return every place in passages that is known, be it read or remembered."""
        return dict(self._places_of(tuple(passages)))

    def _places_of(self, passages: tuple[Passage, ...]) -> dict[Place, Floats | None]:
        known = self._places.setdefault(passages, {})
        while len(self._places) > _REMEMBERED:
            self._places.popitem(last=False)
        return known

    def _read_places(self, passages: Sequence[Passage], places: Sequence[Place]) -> Places:
        found: dict[Place, Floats | None] = dict.fromkeys(places)
        windows = self._windows(passages)
        here = [window.places(numbers, places) for window, numbers in windows]
        asked = [
            (window, numbers, list(inside.values()))
            for (window, numbers), inside in zip(windows, here, strict=True)
            if inside
        ]
        for (_, (features, _, _)), inside in zip(self.passes(asked), filter(None, here), strict=True):
            for row, place in enumerate(inside):
                found[place] = half(features[row])
        return found

    def turns_before(self, passages: Sequence[Passage], number: int) -> tuple[Turn, ...]:
        """Return all turns that passage ``number`` is read with: those before it in its window.

        Args:
            passages: The utterances of one call, in order.
            number: Which of them.
        """
        for window, numbers in self._windows(passages):
            if number in numbers:
                count = window.first_own + numbers.index(number)
                return tuple(Turn(p.role, p.text) for p in passages[number - count : number])
        raise IndexError(number)

    def _windows(self, passages: Sequence[Passage]) -> list[tuple[Window, list[int]]]:
        """Return the windows of passages, each with the numbers of the passages that are its own turns."""
        self.load()
        found = []
        number = 0
        for turns, places in conversations(passages):
            tokens = turn_tokens(self._tokenizer, turns)
            number_of = {place: number + i for i, place in enumerate(places)}
            number += len(places)
            own = 0
            for window in cut(tokens):
                size = len(window.turns) - window.first_own
                kept = [i for i in range(own, own + size) if i in number_of]
                if kept:
                    first = window.first_own + kept[0] - own
                    found.append((Window(window.turns, first), [number_of[i] for i in kept]))
                own += size
        return found

    def passes(self, asked: Sequence[_Asked]) -> Iterator[_Pass]:
        """Yield each window that is asked about with its features, meanings, and its tokens' log-odds.

        In their order. Each is read by itself: what is read off it does not depend on the others.
        """
        self.load()
        cls = self._tokenizer.token_to_id("[CLS]")

        def one(item: _Asked) -> _Pass:
            inputs = pack([item[0]], [item[2]], cls=cls)
            features, meanings, inside = self._session.run(["features", "meanings", "inside"], inputs)
            size = len(item[2])  # a single stretch was padded
            return item, (features[0, :size], meanings[0, :size], inside[0])

        with ThreadPoolExecutor(self.threads or os.cpu_count() or 1) as pool:
            yield from pool.map(one, asked)


def _sentences(text: str) -> tuple[Range, ...]:
    """Return the sentences of an utterance; all of it where there is none."""
    return tuple(sentences(text)) or ((0, len(text)),)
