"""Whether one finding counts in reports, and why: by the rules that reports count by, said in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from callmine.domain import BY_PEOPLE, Kind, Outcome, Role
from callmine.playbook import Playbook
from callmine.reports.digest_values import DigestSettings
from callmine.reports.quotes import known_role
from callmine.reports.tally import in_another_language, least_score, looks_inverted, passes
from callmine.reports.trackers import heard_in_stage
from callmine.store.rows import EvidenceRow

COUNTED_ROLES: Mapping[Kind, frozenset[Role]] = {
    Kind.OBJECTION: frozenset({Role.PROSPECT}),
    Kind.COMPETITOR: frozenset(Role),
    Kind.POSITIONING: frozenset({Role.PROSPECT, Role.REP}),
    Kind.ANSWER: frozenset({Role.REP}),
    Kind.REQUEST: frozenset({Role.PROSPECT}),
    Kind.TRACKER: frozenset(Role),
}
"""Whose findings of a kind count; what anybody may say is told by who says it, unknown speakers apart."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a finding counts.

    Attributes:
        counts: Whether it does, in the reports on the week of its call.
        because: Everything that keeps it from counting; else what lets it count. Parts of a sentence.
    """

    counts: bool
    because: tuple[str, ...]


def counts(row: EvidenceRow, settings: DigestSettings) -> bool:
    """Whether a finding counts in reports, whatever the playbook says of our own name and of stages."""
    return passes(row, settings) and not any(_against_call(row, settings))


def standing_of(row: EvidenceRow, playbook: Playbook, settings: DigestSettings) -> Standing:
    """Say whether a finding counts in reports.

    Args:
        row: The finding.
        playbook: Today's.
        settings: What counts.
    """
    against = (*_against_finding(row, playbook, settings), *_against_call(row, settings))
    if against:
        return Standing(False, against)
    if row.verdict is not None or row.extractor.startswith(BY_PEOPLE):
        return Standing(True, ("a person said so",))
    least = least_score(row, settings)
    return Standing(True, (f"its score of {row.score:.2f} reaches {least:.2f}",))


def _against_finding(row: EvidenceRow, playbook: Playbook, settings: DigestSettings) -> Iterator[str]:
    """Yield what is wrong with a finding itself."""
    if row.is_struck_out:
        by_model = f"the second reader, {row.second_model}, rejected it"
        other = f" by {row.replaced_by}" if row.replaced_by else ""
        if row.verdict == "replaced":
            yield f"replaced{other}: the same, in other words"
        else:
            yield "a person said that it is none" if row.verdict else by_model
    elif not passes(row, settings):
        yield f"its score of {row.score:.2f} is below {least_score(row, settings):.2f}"
    if row.kind is Kind.COMPETITOR and row.label.casefold() in {n.casefold() for n in playbook.own_names}:
        yield "the name is our own"
    if not heard_in_stage([row], playbook):
        yield "the deal was in another stage at the call, or its stage is not known"


def _against_call(row: EvidenceRow, settings: DigestSettings) -> Iterator[str]:
    """Yield why the call, or who speaks in it, keeps a finding from counting."""
    if not row.started_at:
        yield "the call has no date, so it is in no week"
    if row.call_type != "sales":
        yield f"the call is of the type {row.call_type}, and only sales calls count"
    if row.outcome is Outcome.EXCLUDED:
        yield "the call's deal is excluded"
    if row.kind is Kind.OBJECTION and in_another_language(row):
        yield f"the call is in {row.language!r}, in which objections are not looked for"
    wanted = COUNTED_ROLES[row.kind]
    role = known_role(row, min_confidence=settings.min_role_confidence)
    if wanted == frozenset(Role):
        return
    if looks_inverted(row):
        yield "the call's roles look inverted (see `callmine correct --queue`)"
    elif role is Role.UNKNOWN:
        least = f"only to {row.role_confidence:.2f}, and {settings.min_role_confidence:.2f} is needed"
        unknown = row.role is Role.UNKNOWN
        yield "nobody knows who says it" if unknown else f"who says it is {row.role} {least}"
    elif role not in wanted:
        yield f"the {role} says it, and only what the {' or the '.join(sorted(wanted))} says counts"
