"""Fit the reader: one loss per question, on noisy windows that are new in every epoch."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor

from callmine.extractors.heads import COLUMNS, QUESTIONS
from callmine.extractors.training.batches import Batch, Teacher, batches
from callmine.extractors.training.model import Reader
from callmine.extractors.training.pairs import PairBatch, pair_loss
from callmine.extractors.training.scripts import Script

WEIGHTS = {
    "objection": 2.0,
    "label": 1.0,
    "positioning": 1.0,
    "sort": 0.3,
    "request": 0.7,
    "answer": 0.6,
    "reaction": 0.5,
    "rival": 0.7,
    "relation": 0.5,
    "stance": 0.5,
}
"""How much each question counts in the loss."""

TOKENS, MEANINGS, PAIRS = 3.0, 1.0, 1.0

PAIRS_EVERY = 3
"""Every how many steps sentences are compared, too."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train."""

    epochs: int = 5
    rate: float = 1.2e-4
    head_rate: float = 1e-3
    decay: float = 0.01
    seed: int = 7


def fit(
    model: Reader,
    scripts: Sequence[Script],
    tokenizer: Any,
    recipe: Recipe,
    *,
    teacher: Teacher | None = None,
    pairs: Iterator[PairBatch] | None = None,
    state: Path | None = None,
    progress: Callable[[str], None] = print,
) -> Reader:
    """Train in place: AdamW, linear warm-up and decay, fresh noise in every epoch.

    Args:
        model: Starts from the weights that it has.
        scripts: What to train on.
        tokenizer: Neither pads nor truncates.
        recipe: How.
        teacher: What each turn means by itself.
        pairs: Sentences to compare, without end.
        state: File for the weights, written after every epoch.
        progress: Is told how it goes.
    """
    rng = random.Random(recipe.seed)
    torch.manual_seed(recipe.seed)
    heads = ("pooling.", "inside.", "questions.")
    new = [p for n, p in model.named_parameters() if n.startswith(heads)]
    old = [p for n, p in model.named_parameters() if not n.startswith(heads)]
    groups = [{"params": old, "lr": recipe.rate}, {"params": new, "lr": recipe.head_rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=recipe.decay, fused=True)
    steps = recipe.epochs * sum(1 for _ in batches(scripts, tokenizer, random.Random(0)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.06 * steps), max(0.02, (steps - step) / (0.94 * steps)))
    )
    for epoch in range(recipe.epochs):
        model.train()
        total, count, began = 0.0, 0, time.monotonic()
        for batch in batches(scripts, tokenizer, rng, teacher=teacher):
            loss = loss_of(model, batch)
            optimizer.zero_grad()
            loss.backward()
            if pairs is not None and count % PAIRS_EVERY == 0:
                (PAIRS * pair_loss(model, next(pairs))).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total, count = total + loss.item(), count + 1
            if count % 100 == 0:
                pace = (time.monotonic() - began) / count
                progress(f"  {count} steps, loss {total / count:.3f}, {pace:.2f} s a step")
        progress(f"epoch {epoch + 1} of {recipe.epochs}: loss {total / count:.4f}")
        if state is not None:
            torch.save(model.state_dict(), state)
    return model.eval()


def loss_of(model: Reader, batch: Batch) -> Tensor:
    """Return the loss of a batch: each question's mean over the spans that it is asked of, weighted."""
    inputs = {name: torch.from_numpy(value) for name, value in batch.inputs.items()}
    with torch.autocast("cpu", dtype=torch.bfloat16):
        features, meaning, inside = model(**inputs)
    logits = model.questions(model.dropout(features.float()))
    answers, known = torch.from_numpy(batch.answers), torch.from_numpy(batch.known)
    loss = torch.zeros(())
    for number, question in enumerate(QUESTIONS):
        at = known[:, :, number] > 0
        if not bool(at.any()):
            continue
        said, right = logits[at][:, COLUMNS[question]], answers[at][:, COLUMNS[question]]
        if len(QUESTIONS[question]) == 1:
            part = F.binary_cross_entropy_with_logits(said, right)
        else:
            part = F.cross_entropy(said, right)
        loss = loss + WEIGHTS[question] * part
    judged = torch.from_numpy(batch.judged) > 0
    if bool(judged.any()):
        shown = torch.from_numpy(batch.tokens)[judged]
        loss = loss + TOKENS * F.binary_cross_entropy_with_logits(inside.float()[judged], shown)
    wanted = torch.from_numpy(batch.meanings)
    at = wanted.abs().sum(-1) > 0
    if bool(at.any()):
        loss = loss + MEANINGS * (1.0 - (meaning.float()[at] * wanted[at]).sum(-1)).mean()
    return loss
