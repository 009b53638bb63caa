"""The sections of the report on won and lost deals that are not about one thing heard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from callmine.domain import Deal, EndWords
from callmine.outcomes.conversion import Step
from callmine.outcomes.verdicts import Verdict
from callmine.reports.closed import Closed, Heard, shows_prospects, thing_of
from callmine.reports.closed_behind import known_deals, parting_of, perhaps_in
from callmine.reports.closed_reasons import reasons_of
from callmine.reports.closed_steps import behind_steps, quarters, steps_of
from callmine.reports.closed_views import (
    bias_of,
    coverage_of_deals,
    groups_of,
    pairs_of,
    phrases_of,
    waiting_of,
)
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcome_values import OutcomeReport, OutcomeSettings
from callmine.reports.quotes import known_role
from callmine.reports.tally import passes
from callmine.store.deal_queries import StageRow
from callmine.store.rows import HeardRow, TalkRow


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Everything that the sections are made of.

    Attributes:
        closed: The deals of the period.
        heard: What was heard in them.
        rows: All findings of their calls.
        read: Reads the findings of further calls: of deals still open, or closed before.
        talks: All calls.
        deals: All deals that are not gone, open ones too.
        history: Their states over time.
        words: What the CRM says of how each deal ended.
        own_names: Our company and products.
        rivals: Competitors of the playbook by their names and aliases, folded.
    """

    closed: Closed
    heard: Heard
    rows: Sequence[HeardRow]
    read: Callable[[Collection[str]], Sequence[HeardRow]]
    talks: Sequence[TalkRow]
    deals: Sequence[Deal]
    history: Sequence[StageRow]
    words: Mapping[str, EndWords]
    own_names: tuple[str, ...] = ()
    rivals: Mapping[str, str] = field(default_factory=dict)


def with_sections(
    report: OutcomeReport,
    made_of: Material,
    counted: DigestSettings,
    *,
    titles: Mapping[str, Mapping[str, str]],
    per_rep: bool = False,
) -> OutcomeReport:
    """Return a report with conversion, waiting, reasons, pairs, phrases, groups and who is missing.

    Args:
        report: Without them.
        made_of: What they are made of.
        counted: Which findings count.
        titles: Family to label to what people call it.
        per_rep: Whether owners are told apart; this is not for watching people.
    """
    closed, heard, settings = made_of.closed, made_of.heard, report.settings
    waited = waiting_of(closed, made_of.talks, settings, timezone=report.timezone)
    reasons = reasons_of(
        closed, heard, made_of.words, counted, rivals=made_of.rivals, min_deals=settings.min_deals
    )
    perhaps = perhaps_in(closed, made_of.rows, counted, own_names=made_of.own_names)
    until = date.fromisoformat(report.until)
    steps = conversion_points(made_of, counted, settings, until=until)
    step_deals, reached = behind_steps(made_of.deals, made_of.history, steps, until=until)
    report = replace(
        report,
        coverage=coverage_of_deals(closed, made_of.talks, timezone=report.timezone),
        bias=bias_of(closed, settings),
        steps=steps,
        step_deals=step_deals,
        waiting=waited[0] if waited else None,
        waiting_left_out=waited[1] if waited else None,
        reasons=reasons,
        parting=parting_of(reasons, closed, heard, made_of.words, perhaps),
        pairs=pairs_of(closed, heard, settings),
        phrases=phrases_of(closed, made_of.rows, counted, settings),
        groups=groups_of(closed, settings, per_rep=per_rep),
        titles={
            f"{family}:{label}": title for family, named in titles.items() for label, title in named.items()
        },
    )
    return replace(report, deals=known_deals(report, made_of.deals, reached))


def heard_by_stage(
    talks: Iterable[TalkRow],
    rows: Iterable[HeardRow],
    counted: DigestSettings,
    *,
    own_names: Iterable[str] = (),
) -> dict[tuple[str, str], frozenset[str]]:
    """Return which objections and competitors were heard while a deal was in a stage.

    A deal with a call in a stage in which they could be heard has an entry for it, be it an empty one.

    Args:
        talks: All calls.
        rows: Their findings.
        counted: Which of them count.
        own_names: Our company and products, which are no competitors.
    """
    ours = {name.casefold() for name in own_names}
    at: dict[str, tuple[str, str]] = {}
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for talk in talks:
        sales = talk.type == "sales" and not talk.skipped
        if talk.deal_id and talk.stage and sales and shows_prospects(talk):
            at[talk.call_id] = talk.deal_id, talk.stage
            found[talk.deal_id, talk.stage].update(())
    for row in rows:
        if row.call_id in at and passes(row, counted):
            role = known_role(row, min_confidence=counted.min_role_confidence)
            thing = thing_of(row, role, ours=ours)
            if thing is not None and thing[0] in ("objection", "competitor"):
                found[at[row.call_id]].add(":".join(thing))
    return {key: frozenset(said) for key, said in found.items()}


def conversion_points(
    made_of: Material, counted: DigestSettings, settings: OutcomeSettings, *, until: date
) -> tuple[Step, ...]:
    """Return the conversion points; what was heard is read only for those that changed beyond chance.

    Args:
        made_of: Everything; of it the deals, their history and all calls.
        counted: Which findings count.
        settings: What is enough.
        until: Last day that is looked at; its quarter is the one in question.
    """
    steps = steps_of(made_of.deals, made_of.history, settings, until=until, heard={})
    changed = {step.stage for step in steps if step.verdict in (Verdict.WINS, Verdict.LOSSES)}
    if not changed:
        return steps
    first = date.fromordinal(quarters(until)[0][1]).isoformat()
    talks = [t for t in made_of.talks if t.deal_id and t.stage in changed and (t.started_at or "") >= first]
    rows = made_of.read([talk.call_id for talk in talks])
    heard = heard_by_stage(talks, rows, counted, own_names=made_of.own_names)
    return steps_of(made_of.deals, made_of.history, settings, until=until, heard=heard)
