"""Fit the classifier, choose thresholds on held-out scenarios, export int8 ONNX."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor

from callmine.extractors.heads import LABELS
from callmine.extractors.rendering import as_pair
from callmine.extractors.training.data import Example, noisy, targets
from callmine.extractors.training.model import Classifier

Floats = npt.NDArray[np.float32]
Tokenize = Callable[[Sequence[Example]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. ``positive_weight`` balances the rare labels against the many quiet turns."""

    epochs: int = 8
    batch: int = 32
    rate: float = 1e-4
    head_rate: float = 1e-3
    positive_weight: float = 1.5
    seed: int = 7


def fit(
    model: Classifier,
    examples: Sequence[Example],
    tokenize: Tokenize,
    recipe: Recipe,
    *,
    progress: Callable[[str], None] = print,
) -> Classifier:
    """Train in place: AdamW, linear warm-up and decay, fresh noise in every epoch."""
    rng = random.Random(recipe.seed)
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device).train()
    head = list(model.heads.parameters())
    body = [p for n, p in model.named_parameters() if not n.startswith("heads.")]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": recipe.rate}, {"params": head, "lr": recipe.head_rate}], weight_decay=0.01
    )
    steps = recipe.epochs * -(-len(examples) // recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.1 * steps), max(0.0, (steps - step) / (0.9 * steps)))
    )
    for epoch in range(recipe.epochs):
        total = 0.0
        for batch in _batches(examples, recipe.batch, rng):
            inputs = {k: torch.from_numpy(v).to(device) for k, v in tokenize(batch).items()}
            wanted = torch.from_numpy(targets(batch)).to(device)
            with torch.autocast(device.type, dtype=torch.bfloat16):
                logits = model(**inputs)
            loss = loss_of(logits.float(), wanted, positive_weight=recipe.positive_weight)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        progress(f"epoch {epoch + 1} of {recipe.epochs}: loss {total / len(examples):.4f}")
    return model.eval()


def loss_of(logits: Tensor, wanted: Tensor, *, positive_weight: float) -> Tensor:
    """Return the loss: two yes-or-no questions, and which label where there is one.

    Several labels of one utterance share the target equally.
    """
    weight = torch.full((2,), positive_weight, device=logits.device)
    asked = F.binary_cross_entropy_with_logits(
        logits[:, LABELS:], wanted[:, LABELS:], pos_weight=weight, reduction="mean"
    )
    labels = wanted[:, :LABELS]
    count = labels.sum(1, keepdim=True)
    if not bool(count.any()):
        return 2.0 * asked
    has = count.squeeze(1) > 0
    which = F.cross_entropy(logits[has, :LABELS], labels[has] / count[has])
    return 2.0 * asked + which


def _batches(examples: Sequence[Example], size: int, rng: random.Random) -> Iterator[list[Example]]:
    """Yield shuffled batches of examples of similar length, so that little is spent on padding."""
    order = [noisy(e, rng) for e in examples]
    rng.shuffle(order)
    batches = []
    for start in range(0, len(order), 16 * size):
        pool = sorted(order[start : start + 16 * size], key=lambda e: sum(map(len, as_pair(e.passage))))
        batches += [pool[i : i + size] for i in range(0, len(pool), size)]
    rng.shuffle(batches)
    yield from batches


def exported_logits(path: Path, examples: Sequence[Example], tokenize: Tokenize) -> Floats:
    """Return logits of shape (examples, heads) of an exported model."""
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    rows = [
        session.run(["logits"], tokenize(examples[start : start + 16]))[0]
        for start in range(0, len(examples), 16)
    ]
    return np.concatenate(rows)
