"""``python -m callmine.extractors.training``: train, export, calibrate."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from callmine.domain import digest_of
from callmine.extractors.contrast import Contrast
from callmine.extractors.encoder import Encoder
from callmine.extractors.model import DEFAULT_MODEL
from callmine.extractors.training.data import read_all, read_groups, split
from callmine.extractors.training.export import export_onnx, questions_of, write_card
from callmine.extractors.training.finish import calibrated, read_held, report, thresholds
from callmine.extractors.training.fit import Recipe, fit
from callmine.extractors.training.lessons import choose, read_lessons, write_lessons
from callmine.extractors.training.ordinary import contrast_of
from callmine.extractors.training.pairs import pair_batches
from callmine.extractors.training.scripts import Script
from callmine.extractors.training.teacher import meanings, published
from callmine.weights import default_folder, resolve

WHOLE_CALLS = ("f_", "calls_", "phone_1", "phone_2", "phone_3", "phone_4", "phone_leads_")
"""How the names of the files of ordinary whole calls begin; calibration and thresholds are for those."""


def main() -> None:
    """Train from the published MiniLM weights on ``data/train`` and write the model folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/train"))
    parser.add_argument("--weights", type=Path, help="folder of the published MiniLM")
    parser.add_argument("--out", type=Path, default=DEFAULT_MODEL)
    parser.add_argument(
        "--epochs", type=int, default=Recipe().epochs, help="0: take the weights of --state"
    )
    parser.add_argument("--rate", type=float, default=Recipe().rate, help="learning rate of the encoder")
    parser.add_argument("--warm", type=Path, help="begin from these trained weights")
    parser.add_argument("--state", type=Path, help="keep, or take, the trained weights here")
    parser.add_argument(
        "--lessons", action="store_true", help="only write the lessons of the model in --out again"
    )
    chosen = parser.parse_args()
    if chosen.lessons:
        keep_lessons(chosen.out, *split(read_all(chosen.data)))
        return
    start = chosen.weights or resolve("minilm-training", folder=default_folder(), progress=say)
    tokenizer = Tokenizer.from_file(str(start / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()

    scripts = read_all(chosen.data)
    train, held = split(scripts)
    say(f"{len(train)} conversations to train on, {len(held)} held out")
    model = published(start / "model.safetensors")
    if chosen.epochs:
        teacher, _ = meanings(model, tokenizer, train)
        if chosen.warm:
            model.load_state_dict(torch.load(chosen.warm, weights_only=True))
        recipe = Recipe(epochs=chosen.epochs, rate=chosen.rate)
        pairs = pair_batches(read_groups(chosen.data), train, tokenizer, random.Random(recipe.seed))
        fit(model, train, tokenizer, recipe, teacher=teacher, pairs=pairs, state=chosen.state, progress=say)
    else:
        model.load_state_dict(torch.load(chosen.state, weights_only=True))

    chosen.out.mkdir(parents=True, exist_ok=True)
    export_onnx(model, chosen.out / "model.onnx")
    questions = questions_of(model)
    Contrast.none().save(chosen.out)
    facts: dict[str, object] = {"thresholds": {}}
    write_card(chosen.out, tokenizer=start / "tokenizer.json", questions=questions, facts=facts)
    # Calibrated as it will run: with its weights rounded.
    seen = read_held(Encoder(chosen.out), held)
    calls = [source.startswith(WHOLE_CALLS) for source in seen.sources]
    questions = calibrated(questions, seen, calls=calls)
    limits = thresholds(questions, seen, calls=calls)
    scores = report(questions, seen, limits)
    contrast_of(Encoder(chosen.out), train, whole=WHOLE_CALLS).save(chosen.out)
    facts = {
        "thresholds": limits,
        "trained_on": {
            "turns": sum(bool(t.asked) for s in train for t in s.turns),
            "held_out": sum(bool(t.asked) for s in held for t in s.turns),
            "data": digest_of(*map(str, scripts)),
        },
        "held_out_scores": scores,
    }
    write_card(chosen.out, tokenizer=start / "tokenizer.json", questions=questions, facts=facts)
    keep_lessons(chosen.out, train, held)
    say(f"thresholds: {limits}")
    for group, answers in scores.items():
        say(f"{group}: " + " ".join(f"{question} {score}" for question, score in answers.items()))


def keep_lessons(folder: Path, train: Sequence[Script], held: Sequence[Script]) -> None:
    """Write the lessons of the model in ``folder``, from which ``callmine learn`` fits it again."""
    lessons = read_lessons(Encoder(folder), *choose(train, held, whole=WHOLE_CALLS))
    write_lessons(folder, lessons)
    judging = int(lessons.judging.sum())
    say(f"lessons: {len(lessons.judging) - judging} utterances to learn from, {judging} to judge by")


def say(text: str) -> None:
    """Tell the person who trains how it goes."""
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
