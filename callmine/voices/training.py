"""``python -m callmine.voices.training``: learn the weights of :mod:`callmine.voices.cues`.

Reads ``data/train`` (utterances with the speaker's role, and the turns before them), fits a
logistic regression on words, pairs of words and hints, and writes ``cues.json``. Whole calls
(``f_calls_*``, four authors) weigh most, because most lines of the other files object. What the
words of a whole voice are worth is fitted on calls of an author that the weights have not seen.
Needs scikit-learn; nothing here is imported at run time.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from callmine.voices.cues import (
    CHUNK,
    CLIP,
    MOST,
    Cues,
    Model,
    chunks_of,
    grams_of,
    marker,
    model_of,
    worth_of,
)
from callmine.voices.hints import HINTS, hits, spoken

Floats = npt.NDArray[np.float64]

WHOLE_CALLS = "f"
"""Files of whole calls begin so."""

DIALOGUES = ("a", "b")
"""And those of shorter dialogues, software and other trades, service calls and small talk."""

WEIGHTS = {"f": 1.5, "a": 1.0, "b": 1.0}
"""What a chunk weighs by the first letter of its file."""

OTHERS = 0.25
"""And of any other file: collections of objections, each with a turn before it."""

STRENGTH = 0.2
"""Inverse of the regularisation."""

FREE = 10.0
"""Scale of the bias's column, so that the regularisation leaves it alone."""

SCENARIOS = 4
"""A word or pair is kept that was said in so many scenarios: not a name, not one call's topic."""

TURNS = (4, 8, 16, 1000)
"""Turns of a voice on which the worth of its words is fitted."""

TRUST = 0.5
"""Part of the fitted worth that is kept: training calls are tidier than real ones."""

_FALSE = ("the", "and", "to", "uh", "it", "a", "so", "in", "there", "is", "of", "hm")


@dataclass(frozen=True, slots=True)
class Line:
    """A turn of known role: file, scenario, whether the rep says it, text."""

    file: str
    scenario: str
    rep: bool
    text: str

    @property
    def weight(self) -> float:
        """What it weighs in the fit."""
        return WEIGHTS.get(self.file[0], OTHERS)


def read_lines(folder: Path) -> list[Line]:
    """Return the turns of ``data/train`` with a known role, each once per scenario."""
    found: dict[tuple[str, bool, str], Line] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for text in path.read_text("utf-8").splitlines():
            raw = json.loads(text)
            for turn in (*raw["before"], raw):
                if turn["role"] in ("rep", "prospect"):
                    line = Line(path.stem, raw["scenario"], turn["role"] == "rep", turn["text"])
                    found.setdefault((line.scenario, line.rep, line.text), line)
    return list(found.values())


def fit(lines: Sequence[Line]) -> Model:
    """Return weights fitted on ``lines``, with the worth of a voice left at 1."""
    rows: list[list[str]] = []
    sides: list[bool] = []
    lengths: list[float] = []
    worth: list[float] = []
    scenarios: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        said = spoken(line.text)
        for chunk in chunks_of(said, hits(said)):
            words = [word for word, _ in chunk]
            features = {*grams_of(words)}
            rows.append(sorted(features))
            lengths.append(len(words) / CHUNK)
            sides.append(line.rep)
            worth.append(line.weight)
            for feature in features:
                scenarios[feature].add(line.scenario)
    kept = {f: i for i, f in enumerate(sorted(f for f, s in scenarios.items() if len(s) >= SCENARIOS))}
    columns = [[kept[f] for f in row if f in kept] for row in rows]
    x = csr_matrix(
        (
            np.ones(sum(map(len, columns))),
            np.concatenate([np.asarray(c, dtype=np.int64) for c in columns]),
            np.cumsum([0, *map(len, columns)]),
        ),
        shape=(len(rows), len(kept)),
    )
    # A bias by length, hardly regularised: "yeah" is too short for what it does not hold to tell anything.
    x = hstack([x, FREE * np.asarray(lengths)[:, None]]).tocsr()
    y, w = np.asarray(sides), np.asarray(worth)
    for side in (True, False):  # reps' chunks weigh as much as prospects'
        w[y == side] *= w.sum() / 2 / w[y == side].sum()
    fitted = LogisticRegression(C=STRENGTH, max_iter=500, fit_intercept=False).fit(
        x, y, sample_weight=w / w.mean()
    )
    weights = {f: round(float(fitted.coef_[0][i]), 3) for f, i in kept.items()}
    learned = {h.name: weights.get(marker(h.name), 0.0) for h in HINTS if h.fixed is None}
    grams = {f: v for f, v in weights.items() if abs(v) >= 0.02}
    return model_of(
        {
            "grams": grams,
            "hints": learned,
            "bias": round(FREE * float(fitted.coef_[0][-1]), 3),
            "shift": 0.0,
            "scale": 1.0,
            "overlap": 0.0,
        }
    )


def worse(text: str, rng: random.Random, *, rate: float = 0.1) -> str:
    """Return a text as a poor recogniser might give it: no marks or capitals, words lost or wrong."""
    words = []
    for word in spoken(text).words:
        draw = rng.random()
        if draw > rate:
            words.append(word)
        elif draw > rate / 2:
            words.append(rng.choice(_FALSE))
    return " ".join(words)


def voices_of(lines: Iterable[Line], rng: random.Random) -> list[tuple[list[str], bool]]:
    """Return ``(texts, rep)`` of stretches of each voice, clean and worse."""
    by_voice: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for line in lines:
        by_voice[line.scenario, line.rep].append(line.text)
    found = []
    for (_, rep), texts in by_voice.items():
        for turns in TURNS:
            if len(texts) < TURNS[0]:
                continue  # a loose snippet is no voice
            start = rng.randrange(max(1, len(texts) - turns + 1))
            part = texts[start : start + turns]
            found += [(part, rep), ([worse(t, rng) for t in part], rep)]
    return found


def sums(weights: Model, voices: Iterable[tuple[list[str], bool]]) -> tuple[Floats, Floats, Floats]:
    """Return for each voice the sum over its chunks, its size in chunks, and 1 for the rep."""
    cues = Cues((), replace(weights, scale=1.0, overlap=0.0))
    rows = []
    for texts, rep in voices:
        total = size = 0.0
        for text in texts:
            said = spoken(text)
            for chunk in chunks_of(said, hits(said)):
                words = [word for word, _ in chunk]
                total += max(-CLIP, min(CLIP, cues.chunk(words)[0]))
                size += len(words) / CHUNK
        rows.append((total, size, float(rep)))
    total_, size_, rep_ = np.asarray(rows).T
    return total_, size_, rep_


@dataclass(frozen=True, slots=True)
class Worth:
    """What sums are worth: the fields of :class:`Model`, what to add to its bias, and the log-loss."""

    loss: float
    scale: float
    overlap: float
    shift: float


def calibrate(total: Floats, size: Floats, rep: Floats) -> Worth:
    """Return what makes sums the best log-odds, by search."""
    found = []
    for overlap in (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5):
        worth = np.asarray([worth_of(s, overlap) for s in size])
        for shift in np.arange(-0.4, 1.01, 0.1):
            for scale in np.arange(0.1, 2.51, 0.1):
                z = np.clip(scale * (total + shift * size) * worth, -MOST, MOST)
                loss = float(np.mean(np.logaddexp(0, np.where(rep > 0, -z, z))))
                found.append((loss, round(float(scale), 2), overlap, round(float(shift), 2)))
    return Worth(*min(found))


def held_out(lines: Sequence[Line]) -> tuple[Floats, Floats, Floats]:
    """Return :func:`sums` of voices, each judged by weights that never saw its author's files.

    Those are the four authors of whole calls, and the dialogues of other people and trades.
    """
    rng = random.Random(7)
    parts = []
    authors = [{line.file} for line in lines if line.file[0] == WHOLE_CALLS]
    authors += [{line.file for line in lines if line.file[0] in DIALOGUES}]
    for files in sorted({frozenset(files) for files in authors}, key=sorted):
        weights = fit([line for line in lines if line.file not in files])
        mine = [line for line in lines if line.file in files]
        parts.append(sums(weights, voices_of(mine, rng)))
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))  # type: ignore[return-value]


def table_of(weights: Model, about: Mapping[str, object]) -> str:
    """Return the text of ``cues.json``."""
    table = {
        "about": about,
        "bias": weights.bias,
        "shift": weights.shift,
        "scale": weights.scale,
        "overlap": weights.overlap,
        "hints": weights.hints,
        "grams": weights.grams,
    }
    return json.dumps(table, separators=(",", ":"), ensure_ascii=True) + "\n"


def main() -> None:
    """Fit on ``data/train`` and write the weights."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/train"))
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("cues.json"))
    chosen = parser.parse_args()
    lines = read_lines(chosen.data)
    say(f"{len(lines)} turns of known role")
    total, size, rep = held_out(lines)
    right = float(np.mean((total > 0) == (rep > 0)))
    worth = calibrate(total, size, rep)
    say(f"{len(total)} stretches of held-out voices: {right:.1%} on the right side; {worth}")
    about = {
        "made_by": "python -m callmine.voices.training",
        "turns": len(lines),
        "held_out_right": round(right, 4),
        "held_out_loss": round(worth.loss, 4),
        "fitted_scale": worth.scale,
    }
    weights = fit(lines)
    weights = replace(
        weights,
        bias=round(weights.bias + worth.shift, 3),
        shift=worth.shift,
        scale=round(worth.scale * TRUST, 3),
        overlap=worth.overlap,
    )
    text = table_of(weights, about)
    chosen.out.write_text(text, "utf-8")
    say(f"wrote {chosen.out}: {len(weights.grams)} words and pairs, {len(text) / 1000:.0f} kB")


def say(text: str) -> None:
    """Tell the person who trains."""
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
