"""MiniLM (a six-layer BERT) in plain torch, reading windows of a conversation turn by turn.

The encoder's layout follows Devlin et al. 2019 (BERT), the pooling Mullenbach et al. 2018
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

from callmine.extractors.heads import FEATURES, MEANING, OUTPUTS, TOKEN_LABELS

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
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, tokens, WIDTH)
        x = self.norm_1(x + self.dropout(self.out(mixed)))
        y: Tensor = self.norm_2(x + self.dropout(self.narrow(F.gelu(self.wide(x)))))
        return y


class Pooling(nn.Module):
    """Features and meaning of stretches of text, from the tokens that each of them covers.

    Each of twelve looks weighs the tokens of a stretch by itself (label-wise attention). The weights are
    bounded, so that the sums over all stretches of a window are two matrix products.
    """

    LOOKS = 12

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Linear(WIDTH, self.LOOKS)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.wide, self.narrow = nn.Linear(2 * WIDTH, WIDTH), nn.Linear(WIDTH, FEATURES)
        self.norm = nn.LayerNorm(FEATURES, elementwise_affine=False)
        self.meaning = nn.Linear(WIDTH, MEANING)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor, spans: Tensor) -> tuple[Tensor, Tensor]:
        """Map (batch, tokens, width) and ranges (batch, spans, 2) to features and meanings.

        Returns:
            Features of shape (batch, spans, 192), unit vectors of meaning of shape (batch, spans, 128).
        """
        batch, tokens, _ = x.shape
        place = torch.arange(tokens, device=x.device)[None, None]
        inside = ((place >= spans[:, :, :1]) & (place < spans[:, :, 1:])).to(x.dtype)
        weight = (self.look(x) / 4.0).clamp(-8.0, 8.0).exp()
        parts = (self.value(x).view(batch, tokens, self.LOOKS, -1) * weight.unsqueeze(-1)).flatten(2)
        total = (inside @ weight).clamp(min=1e-6)
        seen = ((inside @ parts).unflatten(2, (self.LOOKS, -1)) / total.unsqueeze(-1)).flatten(2)
        mean = (inside @ x) / inside.sum(2, keepdim=True).clamp(min=1.0)
        hidden = F.gelu(self.wide(self.dropout(torch.cat([seen, mean], dim=-1))))
        meaning = self.meaning(mean)
        meaning = meaning / meaning.norm(dim=-1, keepdim=True).clamp(min=1e-6)
        return self.norm(self.narrow(hidden)), meaning


class Reader(nn.Module):
    """Encoder and pooling; the questions' answers and the words that show them are linear on top."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.kind = nn.Parameter(torch.zeros(WIDTH))
        self.norm = nn.LayerNorm(WIDTH, eps=_NORM)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.dropout = nn.Dropout(0.1)
        self.pooling = Pooling()
        self.inside = nn.Linear(WIDTH, len(TOKEN_LABELS))
        self.questions = nn.Linear(FEATURES, OUTPUTS)

    def forward(self, ids: Tensor, turns: Tensor, spans: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return features, meanings (see :class:`Pooling`) and ``inside``, (batch, tokens, labels).

        Args:
            ids: Token ids, shape (batch, tokens).
            turns: Number of each token's turn, -1 for padding; a token sees its own and earlier turns.
            spans: Ranges of tokens, shape (batch, spans, 2).
        """
        x = self.encode(ids, turns)
        features, meaning = self.pooling(x, spans)
        return features, meaning, self.inside(x)

    def encode(self, ids: Tensor, turns: Tensor) -> Tensor:
        """Return the hidden states, shape (batch, tokens, width)."""
        x = self.words(ids) + self.positions.weight[: ids.shape[1]].unsqueeze(0) + self.kind
        x = self.dropout(self.norm(x))
        seen = (turns[:, None, :] <= turns[:, :, None]) & (turns[:, None, :] >= 0)
        bias = (1.0 - seen.to(x.dtype)).unsqueeze(1) * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        return x


def load_published(model: Reader, tensors: Mapping[str, np.ndarray]) -> None:
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
    model.kind.data.copy_(torch.from_numpy(np.array(tensors["embeddings.token_type_embeddings.weight"][0])))
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
