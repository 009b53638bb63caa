"""What each turn means by itself, as the published MiniLM sees it: the aim of the reader's ``meaning``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from callmine.extractors.heads import MEANING
from callmine.extractors.training.batches import Floats, Teacher
from callmine.extractors.training.model import Reader
from callmine.extractors.training.scripts import Script

_LONGEST = 128


def sentence_vectors(model: Reader, tokenizer: Any, texts: Sequence[str]) -> Floats:
    """Return the published model's sentence vectors: the mean of its tokens, unit length, width 384.

    Args:
        model: With the published weights, not yet trained.
        tokenizer: Neither pads nor truncates.
        texts: What to embed.
    """
    found = np.zeros((len(texts), 384), np.float32)
    encoded = tokenizer.encode_batch(list(texts))
    order = sorted(range(len(texts)), key=lambda i: len(encoded[i].ids))
    model.eval()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for begin in range(0, len(order), 64):
            group = order[begin : begin + 64]
            rows = [encoded[i].ids[:_LONGEST] for i in group]
            width = max(map(len, rows))
            ids = torch.zeros((len(rows), width), dtype=torch.int64)
            turns = torch.full((len(rows), width), -1)
            for at, row in enumerate(rows):
                ids[at, : len(row)], turns[at, : len(row)] = torch.tensor(row), 0
            hidden = model.encode(ids, turns).float()
            mask = (turns == 0).float().unsqueeze(-1)
            mean: Tensor = (hidden * mask).sum(1) / mask.sum(1)
            found[group] = (mean / mean.norm(dim=-1, keepdim=True)).numpy()
    return found


def meanings(model: Reader, tokenizer: Any, scripts: Sequence[Script]) -> tuple[Teacher, Floats]:
    """Return what each turn of each conversation means, and the directions that are kept.

    The vectors are turned to their principal directions, of which the first 128 are kept.
    """
    texts = sorted({turn.text for script in scripts for turn in script.turns})
    vectors = sentence_vectors(model, tokenizer, texts)
    _, _, directions = np.linalg.svd(vectors[:: max(1, len(vectors) // 20_000)], full_matrices=False)
    short = vectors @ directions[:MEANING].T
    short /= np.maximum(np.linalg.norm(short, axis=1, keepdims=True), 1e-6)
    place = {text: i for i, text in enumerate(texts)}
    teacher = [[short[place[turn.text]] for turn in script.turns] for script in scripts]
    return teacher, np.asarray(directions[:MEANING], dtype=np.float32)


def published(path: Path) -> Reader:
    """Return a reader with the published weights of ``path`` (a ``.safetensors`` file)."""
    from callmine.extractors.training.model import load_published, read_safetensors

    model = Reader()
    load_published(model, read_safetensors(path))
    return model
