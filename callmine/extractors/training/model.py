"""MiniLM (a six-layer BERT) in plain torch, with heads that each look for their own words.

The encoder's layout follows Devlin et al. 2019 (BERT), the heads Mullenbach et al. 2018
(label-wise attention): half a sentence of objection in a long turn should not drown in its mean.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor, nn

WIDTH, LAYERS, ATTENTION_HEADS, VOCABULARY, POSITIONS = 384, 6, 12, 30522, 512
_NORM = 1e-12


class Layer(nn.Module):
    """One transformer layer: attention, then a feed-forward block, each with its residual."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.norm_1, self.norm_2 = (nn.LayerNorm(WIDTH, eps=_NORM) for _ in range(2))
        self.wide, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Map (batch, tokens, width) to the same; ``bias`` is added to the attention scores."""
        batch, tokens, _ = x.shape
        shape = (batch, tokens, ATTENTION_HEADS, WIDTH // ATTENTION_HEADS)
        q, k, v = (f(x).view(shape).transpose(1, 2) for f in (self.query, self.key, self.value))
        scores = q @ k.transpose(-1, -2) / (WIDTH // ATTENTION_HEADS) ** 0.5 + bias
        mixed = (self.dropout(scores.softmax(-1)) @ v).transpose(1, 2).reshape(batch, tokens, WIDTH)
        x = self.norm_1(x + self.dropout(self.out(mixed)))
        y: Tensor = self.norm_2(x + self.dropout(self.narrow(F.gelu(self.wide(x)))))
        return y


class Heads(nn.Module):
    """One logit per head, from the tokens it attends to, the mean of all, and ``[CLS]``."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.zeros(heads, WIDTH))
        self.weight = nn.Parameter(torch.randn(heads, 3 * WIDTH) * 0.02)
        self.bias = nn.Parameter(torch.zeros(heads))
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor, own: Tensor) -> Tensor:
        """Map (batch, tokens, width) to (batch, heads); ``own`` is 1 on the utterance's tokens."""
        mean = (x * own.unsqueeze(-1)).sum(1) / own.sum(1, keepdim=True).clamp(min=1.0)
        looks = x @ self.query.to(x.dtype).T / 4.0 + (own.unsqueeze(-1) - 1.0) * 1e4
        seen = looks.softmax(1).transpose(1, 2) @ x
        whole = torch.cat([x[:, 0], mean], dim=-1).unsqueeze(1).expand(-1, seen.shape[1], -1)
        every = self.dropout(torch.cat([seen, whole], dim=-1))
        logits: Tensor = (every * self.weight).sum(-1) + self.bias
        return logits


class Classifier(nn.Module):
    """Encoder and heads: token ids in, one logit per head out."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.types = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=_NORM)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.dropout = nn.Dropout(0.1)
        self.heads = Heads(heads)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Return logits of shape (batch, heads)."""
        places = torch.arange(input_ids.shape[1], device=input_ids.device).unsqueeze(0)
        x = self.words(input_ids) + self.positions(places) + self.types(token_type_ids)
        x = self.dropout(self.norm(x))
        bias = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        logits: Tensor = self.heads(x, token_type_ids.to(x.dtype))
        return logits


def load_published(model: Classifier, tensors: Mapping[str, np.ndarray]) -> None:
    """Fill the encoder with the published MiniLM weights; the heads stay as they are.

    Raises:
        KeyError: A tensor is missing.
    """

    def put(module: nn.Module, name: str) -> None:
        for part in ("weight", "bias"):
            target = getattr(module, part, None)
            if target is not None:
                target.data.copy_(torch.from_numpy(np.array(tensors[f"{name}.{part}"], dtype=np.float32)))

    put(model.words, "embeddings.word_embeddings")
    put(model.positions, "embeddings.position_embeddings")
    put(model.types, "embeddings.token_type_embeddings")
    put(model.norm, "embeddings.LayerNorm")
    for index, layer in enumerate(model.layers):
        base = f"encoder.layer.{index}"
        for ours, theirs in (
            ("query", "attention.self.query"),
            ("key", "attention.self.key"),
            ("value", "attention.self.value"),
            ("out", "attention.output.dense"),
            ("norm_1", "attention.output.LayerNorm"),
            ("wide", "intermediate.dense"),
            ("narrow", "output.dense"),
            ("norm_2", "output.LayerNorm"),
        ):
            put(getattr(layer, ours), f"{base}.{theirs}")


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """Read a ``.safetensors`` file: an 8-byte length, a JSON header, raw little-endian tensors."""
    blob = path.read_bytes()
    (length,) = struct.unpack("<Q", blob[:8])
    header = json.loads(blob[8 : 8 + length])
    kinds = {"F32": np.float32, "F16": np.float16, "I64": np.int64}
    found = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] in kinds:
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            flat = np.frombuffer(blob[start:end], dtype=kinds[entry["dtype"]])
            found[name] = flat.reshape(entry["shape"])
    return found
