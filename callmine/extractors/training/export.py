"""Write the classifier for run time: int8 ONNX, tokenizer, calibration, data card."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sklearn.linear_model import LogisticRegression

from callmine.extractors.heads import HEADS
from callmine.extractors.training.fit import Floats
from callmine.extractors.training.model import Classifier


def export_onnx(model: Classifier, target: Path) -> None:
    """Write int8 ONNX (weights of matrix products and embeddings quantised per channel)."""
    model = model.cpu().eval()
    sample = torch.ones((2, 16), dtype=torch.int64)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            model,
            (sample, sample, sample),
            str(plain),
            input_names=names,
            output_names=["logits"],
            dynamic_axes={**{n: {0: "batch", 1: "tokens"} for n in names}, "logits": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(plain, target, per_channel=True, weight_type=QuantType.QInt8)


def calibrate(logits: Floats, wanted: Floats) -> list[tuple[float, float]]:
    """Return ``(slope, offset)`` per head such that ``sigmoid(slope * logit + offset)`` is calibrated.

    Platt scaling (Platt 1999), by scikit-learn's logistic regression on the held-out logits.
    """
    scales = []
    for head in range(logits.shape[1]):
        if wanted[:, head].min() == wanted[:, head].max():
            scales.append((1.0, 0.0))
            continue
        fitted = LogisticRegression(C=1.0).fit(logits[:, head : head + 1], wanted[:, head])
        scales.append((float(fitted.coef_[0, 0]), float(fitted.intercept_[0])))
    return scales


def write_card(
    folder: Path, *, tokenizer: Path, scales: Sequence[tuple[float, float]], facts: Mapping[str, Any]
) -> None:
    """Write ``tokenizer.json`` and ``model.json`` beside ``model.onnx``."""
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("model.onnx", "tokenizer.json")
    }
    card = {
        "heads": list(HEADS),
        "scales": [[round(a, 4), round(b, 4)] for a, b in scales],
        "files": files,
        **facts,
    }
    (folder / "model.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
