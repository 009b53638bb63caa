"""Build battlecards from the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from callmine.domain import Deal, Finding, Kind, Mention, Outcome, Role
from callmine.errors import NotYet, UsageError
from callmine.operations.closed_period import Period, months_before, settings_of
from callmine.operations.counting import counted_from
from callmine.operations.days import day_of, ends_too_early, not_to_come
from callmine.operations.linking import tell_waiting
from callmine.operations.redacting import redact_reports
from callmine.playbook import Competitor, Playbook, load_playbook
from callmine.reports.battlecard import CardMaterial, Rival, draft_card, fill_card
from callmine.reports.battlecard_asked import Question, questions_of
from callmine.reports.battlecard_ground import Ground, ground_of
from callmine.reports.battlecard_named import BattlecardSettings
from callmine.reports.battlecard_people import changes_of, chosen, holding
from callmine.reports.battlecard_values import Battlecard
from callmine.reports.closed import Closed, Heard, closed_deals, heard_in, local_day
from callmine.reports.digest_values import DigestSettings
from callmine.reports.quotes import QuoteMaker
from callmine.reports.render.wording import ASKED
from callmine.reports.text import listed_up_to
from callmine.reports.weeks import zone
from callmine.spans import place
from callmine.store import Store
from callmine.store.cards import KIND, ReportEdit
from callmine.store.database import not_collecting
from callmine.store.rows import EvidenceRow, HeardRow, RaisedRow, TalkRow
from callmine.validation import did_you_mean
from callmine.workspace import Workspace

MOST_NAMES = 12
"""Names that an error lists at most."""

ORIGIN = "battlecard/1"
"""Where quoted questions come from, which are no findings."""

OTHERS = (Kind.POSITIONING, Kind.ANSWER, Kind.REQUEST)
"""What is read with its details beside mentions and objections, of the calls with a mention only."""


def competitor_of(name: str, playbook: Playbook) -> Competitor:
    """Return the competitor that is meant by one of its names, in any case.

    Raises:
        UsageError: The playbook has none of that name.
    """
    wanted = name.casefold().split()
    for known in playbook.competitors:
        if wanted in (one.casefold().split() for one in (known.name, *known.aliases, *known.heard_as)):
            return known
    names = [competitor.name for competitor in playbook.competitors]
    near = did_you_mean(name, [*names, *(alias for c in playbook.competitors for alias in c.aliases)])
    has = f"Its competitors: {listed_up_to(names, MOST_NAMES)}." if names else "It has no competitors."
    raise UsageError(
        f"the playbook has no competitor {name!r}{near}",
        hint=f"{has} A name added there counts from the next `callmine run` on.",
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """What all cards that are built together are built from."""

    store: Store
    playbook: Playbook
    counted: DigestSettings
    settings: BattlecardSettings
    timezone: str
    period: Period
    deals: tuple[Deal, ...]
    talks: Sequence[TalkRow]
    competitors: Sequence[HeardRow]  # without details
    closed: Closed | None
    heard: Heard | None


def battlecards(
    workspace: Workspace,
    names: Sequence[str],
    *,
    since: str | None = None,
    until: str | None = None,
    rebuild: bool = False,
    redact: bool = False,
    now: datetime | None = None,
    edit: Callable[[Store], None] | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> tuple[Battlecard, ...]:
    """Build a card for each competitor named.

    Args:
        workspace: Where.
        names: Names or aliases of competitors in the playbook; one that is named twice has one card.
        since: First day of the calls and closes that count, ISO; by default as many months before
            ``until`` as the settings of outcomes say.
        until: Last day, ISO; by default that of the last sales call or close up to today.
        rebuild: Build a card anew where an approved one would be given. Cards for a period that is asked
            for are always built, and not kept.
        redact: Whether personal data is taken out, as far as it is found; what is kept has all of it.
        now: For tests; an aware datetime.
        edit: Keeps what a person says of a card, once nothing else that was asked for can be refused.
        progress: Is told of calls that wait for a run.

    Raises:
        UsageError: The playbook has no such competitor, no call has a date, or the period ends before it
            begins or on a day to come.
        ModelError: The model's card, which says from which score on findings count, is missing or damaged;
            or the language model for redaction cannot be had.
    """
    playbook, counted = load_playbook(workspace.playbook), counted_from(workspace)
    meant = {found.name: found for found in (competitor_of(name, playbook) for name in names)}
    with not_collecting(), Store(workspace.database) as store:
        deals = store.deals()
        tell_waiting(workspace, store, playbook, progress, deals=deals)
        talks = store.talks(min_role_confidence=counted.min_role_confidence)
        timezone = workspace.settings.timezone
        today = (now or datetime.now(UTC)).astimezone(zone(timezone)).date()
        months = workspace.settings.outcomes.months
        period = _period(talks, deals, timezone, since=since, until=until, months=months, today=today)
        rows = store.heard(None, kinds=(Kind.COMPETITOR,), detailed=())
        closed = closed_deals(deals, talks, since=period.since, until=period.until, timezone=timezone)
        known = closed.cohort.deals > 0
        shared = _Shared(
            store=store,
            playbook=playbook,
            counted=counted,
            settings=_settings(workspace),
            timezone=timezone,
            period=period,
            deals=deals,
            talks=talks,
            competitors=rows,
            closed=closed if known else None,
            heard=heard_in(closed, rows, counted, own_names=playbook.own_names) if known else None,
        )
        if edit is not None:
            edit(store)
        made = _cards(list(meant.values()), shared)
        if since or until:
            cards = [card for card, _ in made]
        else:
            # Imported late, with the pages beside it.
            from callmine.operations.card_versions import with_standing

            cards = [with_standing(store, card, edits, rebuild=rebuild) for card, edits in made]
    return tuple(redact_reports(cards, workspace, progress=progress) if redact else cards)


def _cards(meant: Sequence[Competitor], shared: _Shared) -> list[tuple[Battlecard, tuple[ReportEdit, ...]]]:
    """Return a card for each, with what people said of it and still holds."""
    quotes = QuoteMaker(shared.counted, shared.timezone)
    store, playbook = shared.store, shared.playbook

    def read(ids: Collection[str]) -> list[EvidenceRow]:
        return _unnamed(store.evidence(ids=ids))

    raised: list[RaisedRow] | None = None
    made = []
    for one in meant:
        edits = holding(store.report_edits(KIND, one.name))
        changes = changes_of(edits)
        rival = Rival(one.name, one.aliases, playbook.company.name, playbook.titles(all_labels=True))
        named = {row.call_id for row in shared.competitors if row.label == one.name}
        told = store.heard(named, kinds=(Kind.COMPETITOR,), detailed=(Kind.COMPETITOR,))
        ground = ground_of(
            shared.talks,
            shared.deals,
            (row for row in told if row.label == one.name),
            since=shared.period.since,
            until=shared.period.until,
            timezone=shared.timezone,
            counted=shared.counted,
            settings=shared.settings,
            barred=chosen(changes, "bar"),
            pinned=chosen(changes, "pin"),
            others=(row for row in shared.competitors if row.label != one.name),
        )
        since = shared.period.since.isoformat()
        card = draft_card(rival, ground, read, quotes, since=since, changes=changes)
        if card.enough:
            if raised is None:  # in all calls, for all cards; the most that is read
                raised = store.raised(Kind.OBJECTION)
            card = fill_card(card, rival, ground, _material(ground, raised, shared, read), quotes)
        made.append((card, edits))
    return made


def _material(
    ground: Ground,
    raised: Sequence[RaisedRow],
    shared: _Shared,
    read: Callable[[Collection[str]], list[EvidenceRow]],
) -> CardMaterial:
    store = shared.store

    def quoted(questions: Sequence[Question]) -> list[EvidenceRow]:
        return _unnamed(store.evidence(given=list(_as_findings(questions, store))))

    return CardMaterial(
        raised=raised,
        others=store.heard(list(ground.turns), kinds=(Kind.OBJECTION, *OTHERS), detailed=OTHERS),
        questions=questions_of(store.asking_turns(ground.turns.keys()), ground),
        closed=shared.closed,
        heard=shared.heard,
        read=read,
        quoted=quoted,
    )


def _unnamed(rows: Iterable[EvidenceRow]) -> list[EvidenceRow]:
    """Return rows without the names of our reps: what was said is the question, not who said it."""
    return [replace(row, speaker_name=None) if row.role is Role.REP else row for row in rows]


def _as_findings(questions: Iterable[Question], store: Store) -> Iterable[Finding]:
    """Yield questions as if they were findings: quotes are made of those."""
    for one in questions:
        utterance = next(u for u in store.utterances(one.call_id) if u.index == one.utterance_index)
        mention = Mention(Kind.TRACKER, ASKED, one.start, one.end, 1.0)
        yield place(one.call_id, utterance, mention, extractor=ORIGIN, playbook="")


def _settings(workspace: Workspace) -> BattlecardSettings:
    """Return what a workspace takes for enough: as in the report on outcomes."""
    outcomes = settings_of(workspace)
    return BattlecardSettings(
        min_deals=outcomes.min_deals,
        max_q=outcomes.max_q,
        smallest_effect=outcomes.smallest_effect,
        sensitivity_days=outcomes.sensitivity_days,
    )


def _period(
    talks: Iterable[TalkRow],
    deals: Iterable[Deal],
    timezone: str,
    *,
    since: str | None,
    until: str | None,
    months: int,
    today: date,
) -> Period:
    """Return the period that cards are about.

    Raises:
        UsageError: There is no dated call to choose it by, a day is none or to come, or it ends before it
            begins.
    """
    # Instants are written alike, so that their texts sort as they do; days are made of few of them.
    started = sorted({talk.started_at for talk in talks if talk.type == "sales" and talk.started_at})
    if not started:
        raise NotYet(
            "no sales call has a date yet", hint="Take calls in with `callmine add`, then `callmine run`."
        )
    if until:
        last = not_to_come(date.fromisoformat(day_of(until, "--until")), today, "--until")
    else:
        spoken = (local_day(instant, timezone) for instant in reversed(started))
        closes = [date.fromisoformat(deal.close_date) for deal in deals if deal.close_date and _ended(deal)]
        days = (next((day for day in spoken if day <= today), None), *closes)
        last = max((day for day in days if day and day <= today), default=today)
    first = date.fromisoformat(day_of(since, "--since")) if since else months_before(last, months)
    if first > last:
        raise ends_too_early(first, last)
    return Period(first, last)


def _ended(deal: Deal) -> bool:
    return deal.outcome is Outcome.WON or deal.outcome.is_lost
