"""Measure the extractors on labelled utterances; no workspace is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from callmine.config import load_settings
from callmine.errors import NoWorkspace
from callmine.evaluate import evaluate, read_gold, write_predictions
from callmine.extractors.encoder import Encoder
from callmine.operations.building import build_extractors
from callmine.playbook import Company, Playbook, load_playbook
from callmine.workspace import find_workspace, models_folder


def evaluate_file(
    gold: Path,
    *,
    playbook: Path | None = None,
    predictions: Path | None = None,
    workspace: Path | None = None,
) -> dict[str, Any]:
    """Return precision, recall and F1 in the contract's shape; see :mod:`callmine.evaluate`.

    Without a playbook, and outside a workspace, competitors are not measured. In a workspace its own
    questions are, where it learned any.
    """
    items = read_gold(gold)
    chosen = load_playbook(playbook) if playbook is not None else None
    try:
        place = find_workspace(workspace)
    except NoWorkspace:
        settings, learned = load_settings(None), None
    else:
        settings, chosen = place.settings, chosen or load_playbook(place.playbook)
        learned = place.learned
    used = chosen or Playbook(company=Company(name="Unknown"))
    extractors = build_extractors(used, models_folder(settings), encoder=Encoder(learned=learned))
    for extractor in extractors:
        extractor.setup(used)
    result = evaluate(items, extractors, playbook=chosen)
    if predictions is not None:
        write_predictions(predictions, result)
    return result.to_json()
