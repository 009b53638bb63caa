"""``python -m callmine.extractors.training``: train, calibrate, export."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from callmine.domain import Role, digest_of
from callmine.extractors.encoder import DEFAULT_MODEL, tokens_of
from callmine.extractors.heads import ANY, HEADS, LABELS, POSITIONING, to_scores
from callmine.extractors.objections import REP_PENALTY
from callmine.extractors.positioning import THRESHOLD as POSITIONING_THRESHOLD
from callmine.extractors.training.data import Example, read_examples, split, targets
from callmine.extractors.training.export import (
    calibrate,
    choose_threshold,
    export_onnx,
    write_card,
)
from callmine.extractors.training.fit import Recipe, exported_logits, fit
from callmine.extractors.training.model import Classifier, load_published, read_safetensors
from callmine.extractors.wording import FILE, LabelWords, fit_words
from callmine.weights import default_folder, resolve

WHOLE_CALLS = "f_calls_*.jsonl"
"""Files of whole calls; the threshold is chosen on those of them that are held out."""


def main() -> None:
    """Train from the published MiniLM weights on ``data/train`` and write the model folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/train"))
    parser.add_argument("--weights", type=Path, help="folder of the published MiniLM")
    parser.add_argument("--out", type=Path, default=DEFAULT_MODEL)
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--rate", type=float, default=Recipe().rate, help="learning rate of the encoder")
    parser.add_argument("--warm", type=Path, help="begin from these trained weights")
    parser.add_argument("--state", type=Path, help="keep, or take, the trained weights here")
    chosen = parser.parse_args()
    start = chosen.weights or resolve("minilm-training", folder=default_folder(), progress=say)

    examples = read_examples(chosen.data.glob("*.jsonl"))
    train, dev = split(examples)
    say(f"{len(train)} utterances to train on, {len(dev)} held out (other scenarios)")
    tokenizer = Tokenizer.from_file(str(start / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()

    def tokenize(batch: Sequence[Example]) -> dict[str, np.ndarray]:
        return tokens_of(tokenizer, [e.passage for e in batch])

    model = Classifier(len(HEADS))
    if chosen.state and chosen.state.exists() and not chosen.epochs:
        model.load_state_dict(torch.load(chosen.state, weights_only=True))
        model.eval()
    else:
        load_published(model, read_safetensors(start / "model.safetensors"))
        if chosen.warm:
            model.load_state_dict(torch.load(chosen.warm, weights_only=True))
        fit(model, train, tokenize, Recipe(epochs=chosen.epochs, rate=chosen.rate), progress=say)
        if chosen.state:
            torch.save(model.state_dict(), chosen.state)
    chosen.out.mkdir(parents=True, exist_ok=True)
    export_onnx(model, chosen.out / "model.onnx")
    # Calibrated as it will run: with its weights rounded.
    logits, wanted = exported_logits(chosen.out / "model.onnx", dev, tokenize), targets(dev)
    scales = calibrate(logits, wanted)
    held = [e for e in train if e.targets[ANY] > 0.5]
    words = fit_words([e.passage.text for e in held], [first_label(e) for e in held], LABELS)
    np.savez_compressed(chosen.out / FILE, **words)
    second = LabelWords(chosen.out).log_chances([e.passage.text for e in dev])
    chances = to_scores(logits, np.asarray(scales, dtype=np.float32), second)
    calls = {e.scenario for e in read_examples(chosen.data.glob(WHOLE_CALLS))}
    heard = [i for i, e in enumerate(dev) if e.scenario in calls]
    believed = [REP_PENALTY if dev[i].passage.role is Role.REP else 1.0 for i in heard]
    threshold = choose_threshold(chances[heard, ANY] * np.asarray(believed), wanted[heard, ANY])
    found = chances >= np.where(np.arange(len(HEADS)) == POSITIONING, POSITIONING_THRESHOLD, threshold)
    say(f"objections are reported from {threshold} on")
    scores = {head: _scores(found[:, i], wanted[:, i] > 0.5) for i, head in enumerate(HEADS)}
    facts = {
        "threshold": threshold,
        "trained_on": {
            "utterances": len(train),
            "held_out": len(dev),
            "data": digest_of(*map(str, examples)),
        },
        "held_out_scores": scores,
    }
    write_card(chosen.out, tokenizer=start / "tokenizer.json", scales=scales, facts=facts)
    for head, (precision, recall, f1) in scores.items():
        say(f"{head:16} precision {precision:.2f} recall {recall:.2f} F1 {f1:.2f}")


def first_label(example: Example) -> int:
    """Return the index of an example's first label."""
    return int(np.argmax(example.targets[:LABELS]))


def _scores(found: np.ndarray, wanted: np.ndarray) -> tuple[float, float, float]:
    hits = int((found & wanted).sum())
    precision, recall = hits / max(1, int(found.sum())), hits / max(1, int(wanted.sum()))
    f1 = 2 * hits / max(1, int(found.sum() + wanted.sum()))
    return round(precision, 3), round(recall, 3), round(f1, 3)


def say(text: str) -> None:
    """Tell the person who trains how it goes."""
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
