"""Whether reports count a finding, asked of one finding alone."""

from __future__ import annotations

from collections.abc import Mapping

from callmine.domain import Kind, Outcome, Role
from callmine.reports.digest_values import DigestSettings
from callmine.reports.quotes import known_role
from callmine.reports.tally import in_another_language, looks_inverted, passes
from callmine.store.rows import EvidenceRow

WHOSE: Mapping[Kind, frozenset[Role]] = {
    Kind.OBJECTION: frozenset({Role.PROSPECT}),
    Kind.REQUEST: frozenset({Role.PROSPECT}),
    Kind.ANSWER: frozenset({Role.REP}),
    Kind.COMPETITOR: frozenset({Role.PROSPECT, Role.REP}),
    Kind.POSITIONING: frozenset({Role.PROSPECT, Role.REP}),
    Kind.TRACKER: frozenset(Role),
}
"""Whose words count, by kind of finding; a tracker says itself whose it wants."""


def counts(row: EvidenceRow, settings: DigestSettings) -> bool:
    """Whether reports count a finding, by the rules of :mod:`callmine.reports.tally`.

    It is sure enough, or a person judged it; it was said by somebody whose words of that kind count; and
    its call is a dated sales call in a language that is read, of a deal that is not excluded.
    """
    if row.call_type != "sales" or row.started_at is None or row.outcome is Outcome.EXCLUDED:
        return False
    if row.kind is Kind.OBJECTION and in_another_language(row):
        return False
    role = known_role(row, min_confidence=settings.min_role_confidence)
    return (Role.UNKNOWN if looks_inverted(row) else role) in WHOSE[row.kind] and passes(row, settings)
