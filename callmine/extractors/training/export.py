"""Write the classifier for run time: int8 ONNX, tokenizer, calibration, data card."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from callmine.extractors.heads import QUESTIONS, Questions
from callmine.extractors.model import FILES
from callmine.extractors.training.model import Reader

INPUTS, OUTPUT_NAMES = ("ids", "turns", "spans"), ("features", "meanings", "inside")


def export_onnx(model: Reader, target: Path) -> None:
    """Write ONNX with weights in int8 and arithmetic in float32.

    The usual dynamic quantisation also rounds activations, by the largest value in the batch: what is
    read off a turn then depends on its neighbours. Rounding the weights alone keeps the file as
    small and the reading its own.
    """
    model = model.cpu().eval()
    ids, spans = torch.ones((2, 16), dtype=torch.int64), torch.tensor([[[1, 5], [5, 9]]] * 2)
    axes = {name: {0: "windows", 1: "tokens"} for name in ("ids", "turns", "inside")}
    axes |= {name: {0: "windows", 1: "stretches"} for name in ("spans", "features", "meanings")}
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            model,
            (ids, ids, spans),
            str(plain),
            input_names=list(INPUTS),
            output_names=list(OUTPUT_NAMES),
            dynamic_axes=axes,
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


def questions_of(model: Reader) -> Questions:
    """Return the model's questions, not calibrated."""
    weights = model.questions.weight.detach().numpy().astype(np.float32)
    offsets = model.questions.bias.detach().numpy().astype(np.float32)
    return Questions(weights, offsets, np.ones_like(offsets), np.zeros_like(offsets))


def write_card(folder: Path, *, tokenizer: Path, questions: Questions, facts: Mapping[str, Any]) -> None:
    """Write ``tokenizer.json``, ``questions.npz`` and ``model.json`` beside ``model.onnx``."""
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    questions.save(folder / "questions.npz")
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    card = {
        "questions": {name: list(answers) for name, answers in QUESTIONS.items()},
        "files": files,
        **facts,
    }
    (folder / "model.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
