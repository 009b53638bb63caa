"""Write the classifier for run time: int8 ONNX, tokenizer, calibration, data card."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from sklearn.linear_model import LogisticRegression

from callmine.extractors.heads import HEADS
from callmine.extractors.training.fit import Floats
from callmine.extractors.training.model import Classifier


def export_onnx(model: Classifier, target: Path) -> None:
    """Write ONNX with weights in int8 and arithmetic in float32.

    The usual dynamic quantisation also rounds activations, by the largest value in the batch: a
    sentence's score then depends on its neighbours. Rounding the weights alone keeps the file as
    small and the score its own.
    """
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
        graph = onnx.load(plain)
    round_weights(graph)
    onnx.save(graph, target)


def round_weights(graph: onnx.ModelProto, *, smallest: int = 10_000) -> None:
    """Store large float matrices as int8 with a scale per row or column, in place.

    Embedding tables (``Gather``) get a scale per row, the matrices of products one per column.
    """
    tables = {n.input[0] for n in graph.graph.node if n.op_type == "Gather"}
    nodes = []
    for tensor in list(graph.graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.ndim != 2 or values.size < smallest:
            continue
        axis = 0 if tensor.name in tables else 1
        peak = np.abs(values).max(axis=1 - axis)
        scale = np.maximum(peak / 127.0, 1e-8).astype(np.float32)
        shape = (-1, 1) if axis == 0 else (1, -1)
        small = np.clip(np.round(values / scale.reshape(shape)), -127, 127).astype(np.int8)
        name = tensor.name
        graph.graph.initializer.remove(tensor)
        graph.graph.initializer.append(numpy_helper.from_array(small, f"{name}.int8"))
        graph.graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
        nodes.append(
            helper.make_node(
                "DequantizeLinear",
                [f"{name}.int8", f"{name}.scale"],
                [name],
                axis=axis,
                name=f"{name}.float",
            )
        )
    for node in reversed(nodes):
        graph.graph.node.insert(0, node)


PREVALENCE = {"any_objection": 0.14, "positioning": 0.08}
"""Shares of utterances in ordinary calls; the training data hold several times as many."""


def calibrate(logits: Floats, wanted: Floats) -> list[tuple[float, float]]:
    """Return ``(slope, offset)`` per head such that ``sigmoid(slope * logit + offset)`` is calibrated.

    Platt scaling (Platt 1999) by scikit-learn's logistic regression on the held-out logits, the
    two classes weighted so that they stand as they do in ordinary calls. Heads that are not
    yes-or-no questions keep ``(1, 0)``.
    """
    scales = []
    for index, head in enumerate(HEADS):
        if head not in PREVALENCE:
            scales.append((1.0, 0.0))
            continue
        yes = wanted[:, index] > 0.5
        share = PREVALENCE[head]
        weight = np.where(yes, share / yes.mean(), (1 - share) / (1 - yes.mean()))
        fitted = LogisticRegression(C=1.0).fit(logits[:, index : index + 1], yes, sample_weight=weight)
        scales.append((float(fitted.coef_[0, 0]), float(fitted.intercept_[0])))
    return scales


PRECISION = 0.7
"""The share of reported objections that should be right. A missed one costs a reader more than one
that a person marks as wrong."""


def choose_threshold(chances: Floats, wanted: Floats, *, precision: float = PRECISION) -> float:
    """Return the lowest probability from which reports are right often enough.

    Args:
        chances: Probability of an objection for each utterance of held-out *calls*, whose turns
            are as long, and whose objections as rare, as in real ones.
        wanted: 1 where there is one.
        precision: What is often enough.
    """
    yes = wanted > 0.5
    for threshold in (round(t / 100, 2) for t in range(5, 95)):
        reported = chances >= threshold
        if yes[reported].sum() >= precision * reported.sum():
            return threshold
    return 0.95


def write_card(
    folder: Path, *, tokenizer: Path, scales: Sequence[tuple[float, float]], facts: Mapping[str, Any]
) -> None:
    """Write ``tokenizer.json`` and ``model.json`` beside ``model.onnx`` and ``words.npz``."""
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("model.onnx", "tokenizer.json", "words.npz")
    }
    card = {
        "heads": list(HEADS),
        "scales": [[round(a, 4), round(b, 4)] for a, b in scales],
        "files": files,
        **facts,
    }
    (folder / "model.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
