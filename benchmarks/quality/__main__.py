"""``python -m benchmarks.quality [WORKSPACE]``: write docs/quality.md."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.quality.answers import answers_part
from benchmarks.quality.baselines import NearestExample, TfIdf, keyword_trackers, training_lines
from benchmarks.quality.curves import curves_part, label_part
from benchmarks.quality.gold import DATA, ROOT, Found, Gold, Labels, calibration_error, find, read
from benchmarks.quality.messages import messages_part
from benchmarks.quality.names import names_part
from benchmarks.quality.own_labels import own_labels_part
from benchmarks.quality.playbook_answers import playbook_answers_part
from benchmarks.quality.sample import sample_part
from benchmarks.quality.speed import speed_part
from benchmarks.quality.tables import HEADER, any_line, label_line, score_line, share
from benchmarks.quality.themes import themes_part
from benchmarks.quality.views import views_part
from benchmarks.quality.wishes import wishes_part
from benchmarks.tables import block
from callmine.config import Settings
from callmine.domain import Role
from callmine.evaluate.gold import GoldItem
from callmine.extractors.encoder import Encoder
from callmine.operations.counting import Bars, bars_of

Method = Callable[[Sequence[GoldItem]], Labels]


def main() -> None:
    """Measure and write; the argument is a workspace with the sample (default: the demo's)."""
    demo = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo-workspace"
    encoder, bars = Encoder(), bars_of(Settings())
    train = training_lines()
    baselines: dict[str, Method] = {
        "keyword trackers": keyword_trackers,
        "TF-IDF, logistic regression": TfIdf(train),
        "nearest example": NearestExample(train),
    }
    whole = read("Gold whole calls", DATA / "whole_calls.jsonl", DATA / "names.toml")
    golds = [
        read("Gold dialogues", DATA / "dialogues.jsonl", DATA / "playbook.toml"),
        read("Gold calls", DATA / "calls.jsonl"),
        whole,
    ]
    parts = [
        "# Quality",
        "",
        "Written by `make quality`; what the data are and cannot tell is in their cards"
        " ([gold](../data/gold/README.md), [sample](../data/sample/README.md),"
        " [training](../data/train/README.md)). Intervals are Wilson's, at 95 %.",
        "",
        "*callmine* counts every finding that is stored, so that a person can look at the doubtful ones; a"
        " digest counts those from a score on that depends on the label (the table of labels below), fewer"
        " false ones, and fewer of the real ones.",
    ]
    measured = []
    for gold in golds:
        found = find(gold, encoder)
        measured.append((gold, found))
        parts += ["", *gold_part(gold, found, baselines, bars)]
        if gold is whole:
            parts += ["", *wishes_part(gold, encoder)]
            parts += ["", *answers_part(gold, found, encoder)]
    speed = speed_part(golds)  # before the next parts take memory: it tells the peak
    curved = [(gold, found) for gold, found in measured if gold.playbook]
    parts += ["", *curves_part(curved, stored=encoder.thresholds()["objection"])]
    parts += ["", *label_part(bars, measured)]
    parts += ["", *names_part(golds)]
    parts += ["", *messages_part(encoder)]
    parts += ["", *playbook_answers_part(encoder)]
    parts += ["", *own_labels_part(encoder)]
    parts += ["", *themes_part(encoder)]
    parts += ["", *speed]
    parts += ["", *(sample_part(demo, bars) if demo.exists() else [_NO_SAMPLE]), ""]
    page = ROOT / "docs" / "quality.md"
    # Measured apart: benchmarks.linking --seed 2026 --write, benchmarks.validity --write.
    parts += [*block(page, "linking"), *block(page, "validity")]
    page.write_text("\n".join(parts), "utf-8")
    sys.stdout.write("\n".join(parts))


_NO_SAMPLE = "The sample is measured after `make demo`."


def gold_part(gold: Gold, ours: Found, baselines: Mapping[str, Method], bars: Bars) -> list[str]:
    """Return the tables of one gold file."""
    wanted, all_ours, sure = gold.wanted, ours.objections(), ours.counted(bars)
    found = {"callmine": all_ours, "callmine, as a digest counts": sure}
    found |= {name: method(gold.items) for name, method in baselines.items()}
    out = [f"## {gold.title} ({len(gold.items)} utterances)", "", "Any objection:", "", HEADER]
    out += [any_line(name, wanted, labels) for name, labels in found.items()]
    for title, known in (("roles known", True), ("roles unknown", False)):
        at = [i for i, item in enumerate(gold.items) if (item.role is not Role.UNKNOWN) is known]
        if at:
            out.append(any_line(f"callmine, {title}", [wanted[i] for i in at], [all_ours[i] for i in at]))
    out += ["", "The right label:", "", HEADER]
    out += [label_line(name, wanted, labels) for name, labels in found.items()]
    out += ["", "Per label, callmine:", "", HEADER]
    out += [score_line(label, score) for label, score in ours.result["objection"].items()]
    out += ["", *_sureness(gold, ours, all_ours)]
    out += ["", "Competitors and positioning:", "", HEADER]
    if gold.playbook:
        out.append(score_line("any competitor", ours.result["competitor_any"]))
    out += [score_line(f"positioning, {side}", s) for side, s in ours.result["positioning"].items()]
    return [*out, *views_part(gold, ours)]


def _sureness(gold: Gold, ours: Found, found: Labels) -> list[str]:
    """Return label accuracy on what was rightly found, and the calibration error."""
    both = [(w, f) for w, f in zip(gold.wanted, found, strict=True) if w and f]
    right = sum(bool(w & f) for w, f in both)
    error = calibration_error(ours.chances, [bool(w) for w in gold.wanted])
    return [
        f"Where an objection is found, one of its labels is right in {share(right, len(both))}."
        f" Expected calibration error of its probability, ten bins of equal mass: {error:.3f}."
    ]


if __name__ == "__main__":
    main()
