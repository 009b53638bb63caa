"""Which findings are sure enough, one by one and many at once."""

from __future__ import annotations

from itertools import product

from callmine.domain import Kind
from callmine.reports.digest_values import DigestSettings
from callmine.reports.tally import passes, passing
from tests.digest_rows import call, said

COUNTED = DigestSettings(min_score=0.5, min_objection_score=0.6, min_label_scores={"price": 0.8})


def test_many_findings_pass_as_each_of_them_does() -> None:
    """Whatever a person or the second reader said, at and about each limit, in the order they came in."""
    rows = [
        said(call(), kind=kind, label=label, score=score, verdict=verdict, second_verdict=second)
        for kind, label, score, verdict, second in product(
            (Kind.OBJECTION, Kind.COMPETITOR),
            ("price", "trust"),
            (0.49, 0.5, 0.59, 0.6, 0.79, 0.8),
            (None, "right", "wrong", "replaced"),
            (None, "confirmed", "rejected", "relabelled"),
        )
    ]
    kept = passing(rows, COUNTED)
    assert kept == [row for row in rows if passes(row, COUNTED)]
    assert 0 < len(kept) < len(rows)
