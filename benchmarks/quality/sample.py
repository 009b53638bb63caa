"""Measure on the sample calls as transcribed in a workspace (``make demo`` makes one)."""

from __future__ import annotations

from pathlib import Path

from benchmarks.quality.gold import ROOT
from benchmarks.quality.tables import HEADER, share
from benchmarks.sample_truth import planted, read_truth, score, whatever_label
from callmine.domain import Kind
from callmine.operations.counting import Bars


def sample_part(workspace: Path, bars: Bars) -> list[str]:
    """Measure on the sample calls of a workspace; a digest counts scores from ``bars`` on."""
    from callmine.operations.listing import list_calls, list_findings
    from callmine.workspace import find_workspace

    place = find_workspace(workspace)
    calls = {Path(c["source"]).stem for c in list_calls(place) if c["status"] == "done"}
    findings, truth = list_findings(place).rows, read_truth(ROOT / "data" / "sample")
    out = [f"## Sample calls ({len(calls)} calls, from their audio)", "", HEADER]
    objections = planted(truth, calls, "objections")
    raised = [f for f in findings if f["kind"] == "objection"]
    named = [f for f in findings if f["kind"] == "competitor"]
    sure = [f for f in raised if f["score"] >= bars.of(Kind.OBJECTION, f["label"])]
    for kind, wanted, reported in (
        ("an objection, whatever its label", *whatever_label(objections, raised)),
        ("the same, as a digest counts", *whatever_label(objections, sure)),
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
