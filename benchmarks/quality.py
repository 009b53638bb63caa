"""``make quality``: measure on gold and on the sample, beside simple baselines; write docs/quality.md.

The gold dialogues and the sample's script were written apart from the training data. Nothing is
tuned on them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.sample_truth import planted, read_truth, score, whatever_label
from callmine.config import Settings, load_settings
from callmine.domain import OBJECTION_LABELS
from callmine.extractors.examples import Embedder
from callmine.extractors.training.data import Example, read_examples
from callmine.operations.measuring import evaluate_file
from callmine.weights import resolve
from callmine.workspace import models_folder

ROOT = Path(__file__).parent.parent
GOLD = ROOT / "data" / "gold" / "dialogues.jsonl"
GOLD_CALLS = ROOT / "data" / "gold" / "calls.jsonl"

KEYWORDS = {
    "price": ("price", "pricing", "expensive", "budget", "cost", "afford", "cheaper"),
    "timing": ("next quarter", "next year", "not now", "later", "bad time", "priority"),
    "authority": ("my boss", "cfo", "the board", "sign off", "approve", "approval", "decision maker"),
    "no_need": ("don't need", "no need", "spreadsheet", "we're fine", "works for us"),
    "incumbent": ("already use", "already have", "current vendor", "current provider", "renewed"),
    "trust": ("prove", "references", "reviews", "not sure i believe", "case study", "burned"),
    "feature_gap": ("missing", "doesn't have", "doesn't support", "can't do", "lacks"),
    "integration": ("integrate", "integration", "sync", "api", "connect to"),
    "security": ("security", "compliance", "gdpr", "privacy", "legal", "infosec"),
    "implementation": ("rollout", "migration", "training", "bandwidth", "implement", "onboarding"),
    "contract": ("contract", "lock-in", "cancel", "renewal", "terms", "liability"),
    "brush_off": ("send me", "not interested", "think about it", "get back to you"),
}
"""What a keyword tracker of the usual kind would listen for; written before looking at gold."""

Found = list[set[str]]


def keyword_trackers(items: Sequence[Example]) -> Found:
    """Report a label when one of its words is said by anybody but a rep."""
    return [
        {
            label
            for label, words in KEYWORDS.items()
            if item.passage.role.value != "rep" and any(w in item.passage.text.lower() for w in words)
        }
        for item in items
    ]


def _text(item: Example) -> str:
    before = item.passage.before[-1].text if item.passage.before else ""
    return f"{item.passage.role.value}_ {item.passage.text} __ {before}"


def tfidf(items: Sequence[Example]) -> Found:
    """TF-IDF of words and word pairs with logistic regression, one model a label."""
    train = read_examples((ROOT / "data" / "train").glob("*.jsonl"))
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    x, z = vectorizer.fit_transform(map(_text, train)), vectorizer.transform(map(_text, items))
    found: Found = [set() for _ in items]
    for column, label in enumerate(OBJECTION_LABELS):
        y = [e.targets[column] > 0.5 for e in train]
        model = LogisticRegression(C=10, class_weight="balanced", max_iter=1000).fit(x, y)
        for i, chance in enumerate(model.predict_proba(z)[:, 1]):
            if chance >= 0.5:
                found[i].add(label)
    return found


def nearest_example(items: Sequence[Example]) -> Found:
    """The labels of the training utterance with the nearest sentence embedding."""
    train = read_examples((ROOT / "data" / "train").glob("*.jsonl"))
    embedder = Embedder(resolve("minilm", folder=models_folder(load_settings(None))))
    x = embedder.embed([e.passage.text for e in train])
    z = embedder.embed([e.passage.text for e in items])
    labels = [{k for k, v in zip(OBJECTION_LABELS, e.targets, strict=False) if v > 0.5} for e in train]
    return [
        labels[int(i)] if e.passage.role.value != "rep" else set()
        for e, i in zip(items, np.argmax(z @ x.T, axis=1), strict=True)
    ]


def any_scores(items: Sequence[Example], found: Found) -> tuple[int, int, int]:
    """Return ``(hits, reported, wanted)`` of "any objection"."""
    wanted = [e.targets[-1] > 0.5 for e in items]
    hits = sum(w and bool(f) for w, f in zip(wanted, found, strict=True))
    return hits, sum(map(bool, found)), sum(wanted)


def label_scores(items: Sequence[Example], found: Found) -> tuple[int, int, int]:
    """Return ``(hits, reported, wanted)`` over all labels."""
    truth = [{k for k, v in zip(OBJECTION_LABELS, e.targets, strict=False) if v > 0.5} for e in items]
    hits = sum(len(t & f) for t, f in zip(truth, found, strict=True))
    return hits, sum(map(len, found)), sum(map(len, truth))


def share(hits: int, total: int) -> str:
    """Return a share with its 95 % Wilson interval."""
    if not total:
        return "–"
    interval = binomtest(hits, total).proportion_ci(method="wilson")
    return f"{hits / total:.2f} ({interval.low:.2f}–{interval.high:.2f})"


def line(name: str, hits: int, reported: int, wanted: int) -> str:
    """Return a table row: support, precision, recall, F1."""
    f1 = 2 * hits / max(1, reported + wanted)
    return f"| {name} | {wanted} | {share(hits, reported)} | {share(hits, wanted)} | {f1:.2f} |"


COUNTED = Settings().digest.min_score
AS_COUNTED = f"as a digest counts (from {COUNTED:g})"

HEADER = "| | support | precision (95 %) | recall (95 %) | F1 |\n|---|---|---|---|---|"


def gold_part(gold: Path, title: str, *, playbook: Path | None) -> list[str]:
    """Measure on labelled dialogues; without a playbook no competitor is labelled in them."""
    items = read_examples([gold])
    predictions = ROOT / "build" / "predictions.jsonl"
    predictions.parent.mkdir(exist_ok=True)
    result = evaluate_file(gold, playbook=playbook, predictions=predictions)
    rows = [json.loads(text) for text in predictions.read_text("utf-8").splitlines()]
    ours: Found = [{o["label"] for o in row["objections"]} for row in rows]
    sure: Found = [{o["label"] for o in row["objections"] if o["score"] >= COUNTED} for row in rows]
    out = [f"## {title} ({result['n']} utterances)", "", "Any objection:", "", HEADER]
    methods: list[tuple[str, Callable[[Sequence[Example]], Found]]] = [
        ("callmine", lambda _: ours),
        (f"callmine, {AS_COUNTED}", lambda _: sure),
        ("keyword trackers", keyword_trackers),
        ("TF-IDF, logistic regression", tfidf),
        ("nearest example", nearest_example),
    ]
    found = {name: method(items) for name, method in methods}
    out += [line(name, *any_scores(items, f)) for name, f in found.items()]
    known = [i for i, e in enumerate(items) if e.passage.role.value != "unknown"]
    for title, keep in (
        ("roles known", set(known)),
        ("roles unknown", set(range(len(items))) - set(known)),
    ):
        part = [items[i] for i in sorted(keep)]
        out.append(line(f"callmine, {title}", *any_scores(part, [ours[i] for i in sorted(keep)])))
    out += ["", "The right label:", "", HEADER]
    out += [line(name, *label_scores(items, f)) for name, f in found.items()]
    out += ["", "Per label, callmine:", "", HEADER]
    for label, v in result["objection"].items():
        out.append(_row(label, v))
    out += ["", "Competitors and positioning:" if playbook else "Positioning:", "", HEADER]
    if playbook:
        out.append(_row("any competitor", result["competitor_any"]))
    out += [_row(f"positioning, {side}", v) for side, v in result["positioning"].items()]
    return out


def _row(name: str, v: dict[str, Any]) -> str:
    hits = round((v["recall"] or 0) * v["support"])
    return line(name, hits, v["predicted"], v["support"])


def sample_part(workspace: Path) -> list[str]:
    """Measure on the sample calls as transcribed in a workspace (``make demo`` makes one)."""
    from callmine.operations.listing import list_calls, list_findings
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    calls = {Path(c["source"]).stem for c in list_calls(place) if c["status"] == "done"}
    findings, truth = list_findings(place), read_truth(ROOT / "data" / "sample")
    out = [f"## Sample calls ({len(calls)} calls, from their audio)", "", HEADER]
    objections = planted(truth, calls, "objections")
    raised = [f for f in findings if f["kind"] == "objection"]
    named = [f for f in findings if f["kind"] == "competitor"]
    counted = [f for f in raised if f["score"] >= COUNTED]
    for kind, wanted, reported in (
        ("an objection, whatever its label", *whatever_label(objections, raised)),
        (f"the same, {AS_COUNTED}", *whatever_label(objections, counted)),
        ("objection with the right label", objections, raised),
        ("competitor mention", planted(truth, calls, "competitors"), named),
    ):
        s = score(wanted, reported)
        f1 = 2 * s.precision * s.recall / max(1e-9, s.precision + s.recall)
        out.append(
            f"| {kind} | {s.planted} | {share(s.right, s.reported)}"
            f" | {share(s.found, s.planted)} | {f1:.2f} |"
        )
    return out


def main() -> None:
    """Write docs/quality.md; the argument is a workspace with the sample (default: the demo's)."""
    demo = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo-workspace"
    parts = [
        "# Quality",
        "",
        "Written by `make quality`; what the data are and cannot tell is in their cards"
        " ([gold](../data/gold/README.md), [sample](../data/sample/README.md),"
        " [training](../data/train/README.md)). Intervals are Wilson's, at 95 %.",
        "",
        "*callmine* counts every finding that is stored, so that a person can look at the doubtful ones; a"
        f" digest counts those with a score from {COUNTED:g} (`min_score`) on: fewer false ones, and fewer"
        " of the real ones.",
        "",
        *gold_part(GOLD, "Gold dialogues", playbook=GOLD.parent / "playbook.toml"),
        "",
        *gold_part(GOLD_CALLS, "Gold calls", playbook=None),
        "",
        *(sample_part(demo) if demo.exists() else ["The sample is measured after `make demo`."]),
        "",
    ]
    (ROOT / "docs" / "quality.md").write_text("\n".join(parts), "utf-8")
    sys.stdout.write("\n".join(parts))


if __name__ == "__main__":
    main()
