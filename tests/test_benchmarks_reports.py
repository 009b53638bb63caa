"""The benchmark of reports measures each report and its command, and says so in one table."""

from __future__ import annotations

import pytest

from benchmarks import reports
from benchmarks.reports import PEER, Taken, measure, page, read_all, reports_of, size_of
from benchmarks.year.values import Year
from callmine.store import Store
from callmine.workspace import Workspace


def test_every_report_is_built_and_measured(
    generated: tuple[Year, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once in each round, beside the peer; ratios are taken within a round."""
    workspace = generated[1]
    monkeypatch.setattr(reports, "whole", lambda command, place: Taken(2.0, 1.5))
    taken = measure(workspace, 1)
    assert {len(rounds) for rounds in taken.values()} == {1}
    assert set(taken) >= {PEER, *(one.name for one in reports_of(workspace))}
    same = {name: [Taken(0.5 * n, 0.4) for n in (1, 2)] for name in taken}
    lines = page({**same, PEER: [Taken(0.25 * n, 0.2) for n in (1, 2)]}, workspace, "a year")
    assert "| digest of a week | 0.75 s | 2.0 | 0.75 s | 0.40 s |" in lines


def test_the_peer_reads_what_reports_are_made_of(generated: tuple[Year, Workspace]) -> None:
    """Every finding, once."""
    workspace = generated[1]
    with Store(workspace.database) as store:
        findings = len(store.evidence())
    assert read_all(workspace) == findings > 0
    assert f"{findings:,} findings" in size_of(workspace)
