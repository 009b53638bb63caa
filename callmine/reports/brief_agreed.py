"""What was agreed on, and what the data says since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from callmine.outcomes.conversion import Step, conversions
from callmine.outcomes.rates import Rate, rate
from callmine.outcomes.stages import Path
from callmine.outcomes.verdicts import Verdict
from callmine.reports.brief_counts import SaidInCalls, pooled, trends_of
from callmine.reports.brief_spans import Span
from callmine.reports.brief_values import Agreed, PeriodCount, Since
from callmine.reports.digest_values import DigestSettings
from callmine.reports.outcome_values import OutcomeSettings
from callmine.reports.trend_values import Trend, TrendWord
from callmine.reports.weeks import zone
from callmine.store.agreements import AgreementRow
from callmine.store.rows import HeardRow

WEEKS = 12
"""Whole weeks on either side of an agreement that are counted, at most."""

STAGE = "stage"

_WORDS: dict[Verdict, TrendWord] = {
    Verdict.LOSSES: "down",
    Verdict.WINS: "up",
    Verdict.NO_DIFFERENCE: "about the same",
    Verdict.NOT_ENOUGH: "too few to say",
}


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """What agreements are followed by.

    Attributes:
        said: What was heard in the calls.
        paths: The deals' ways through the stages.
        stages: All stages that deals leave.
        titles: Family to label to what people call it; of competitors, name to name.
        known_until: Last day that is looked at.
    """

    said: SaidInCalls
    paths: Sequence[Path]
    stages: frozenset[str]
    titles: Mapping[str, Mapping[str, str]]
    known_until: date

    def weeks_since(self, agreed_on: date) -> int:
        """Return how many whole weeks there are since a day."""
        return max((self.known_until - agreed_on).days + 1, 0) // 7

    def sides(self, agreed_on: date) -> tuple[Span, Span]:
        """Return the whole weeks before a day in which calls are known, and those since.

        Since are all whole weeks from that day on, or the last so many where there are more. How much is
        known of before never shortens them: what came since has to be told either way.
        """
        since, day = self.weeks_since(agreed_on), agreed_on.toordinal()
        weeks = min(since, WEEKS)
        first = day if since <= WEEKS else self.known_until.toordinal() + 1 - 7 * weeks
        known = _weeks_from(min(self.said.calls.day_of.values(), default=agreed_on).toordinal(), day)
        before = min(weeks, known)
        return _span(day - 7 * before, 7 * before), _span(first, 7 * weeks)

    def stage_weeks_before(self, agreed_on: date) -> int:
        """Return how many weeks before a day deals are followed through stages: no more than are known."""
        day = agreed_on.toordinal()
        first = min((entered for path in self.paths for _, entered in path.entered), default=day)
        return min(_weeks_from(first, day), WEEKS)

    def said_since(self, one: Agreed) -> list[HeardRow]:
        """Return the findings that are counted since: quotes behind a number are of its own weeks."""
        family, _, label = (one.watch or "").partition(":")
        return self.said.counted((family, label), self.sides(date.fromisoformat(one.day))[1])


def _weeks_from(first: int, day: int) -> int:
    """Return how many whole weeks there are from one numbered day up to another."""
    return max(day - first, 0) // 7


def _span(first: int, days: int) -> Span:
    """Return so many days from a numbered one on; nothing is before the calendar."""
    return Span(date.fromordinal(max(first, 1)), date.fromordinal(max(first + days - 1, 1)))


def first_watched(rows: Iterable[AgreementRow]) -> date | None:
    """Return the first day whose calls it takes to follow agreements; ``None`` where none is watched."""
    days = [date.fromisoformat(row.agreed_on).toordinal() for row in rows if row.watch]
    return date.fromordinal(max(min(days) - 7 * WEEKS, 1)) if days else None


def agreed_of(
    rows: Iterable[AgreementRow],
    watched: Watched,
    counted: DigestSettings,
    settings: OutcomeSettings,
    *,
    since: date,
    timezone: str,
) -> tuple[Agreed, ...]:
    """Return what was agreed on, the last first: what is open, then what was called done since a day.

    All that is watched is judged together, so that one of a dozen does not change by chance alone. Each
    deal counts once on either side, so only sides as long as each other are: the longer a deal is looked
    at, the likelier anything was raised in it.

    Args:
        rows: What is kept.
        watched: What it is followed by.
        counted: Which change counts as one.
        settings: What is enough at conversion points.
        since: Agreements called done before this day are left out.
        timezone: IANA name; decides on which day one was called done.
    """
    made = [_agreed(row, watched, timezone) for row in rows]
    made = [one for one in made if one.done_on is None or one.done_on >= since.isoformat()]
    found = {str(one.number): _followed(one, watched) for one in made}
    counts = {number: since for number, since in found.items() if since is not None}
    trends = trends_of(
        {
            number: (_counted("before", one.before), _counted("since", one.after))
            for number, one in counts.items()
            if one.weeks_before == one.weeks_after
        },
        counted,
    )
    steps: dict[str, tuple[Step, ...]] = {}
    followed = []
    for one in made:
        since_then = counts.get(str(one.number))
        if since_then is not None:
            since_then = replace(since_then, trend=trends.get(str(one.number), since_then.trend))
        else:
            since_then = _of_stage(one, watched, settings, steps)
        followed.append(replace(one, since=since_then))
    followed.sort(key=lambda one: (one.done_on is None, one.day, one.number), reverse=True)
    return tuple(followed)


def _agreed(row: AgreementRow, watched: Watched, timezone: str) -> Agreed:
    family, _, label = (row.watch or "").partition(":")
    known = label in watched.stages if family == STAGE else label in watched.titles.get(family, {})
    done = datetime.fromisoformat(row.ended_at).astimezone(zone(timezone)) if row.ended_at else None
    return Agreed(
        number=row.number,
        text=row.text,
        by=row.made_by,
        day=row.agreed_on,
        watch=row.watch,
        title=watched.titles.get(family, {}).get(label, label) if row.watch else None,
        known=known or row.watch is None,
        done_on=done.date().isoformat() if done else None,
        done_by=row.ended_by,
    )


def _counted(name: str, found: Rate) -> PeriodCount:
    return PeriodCount(name, found.successes, found.total)


def _followed(one: Agreed, watched: Watched) -> Since | None:
    """Count the deals before and since; ``None`` where no week is over, or of a stage."""
    family, _, label = (one.watch or "").partition(":")
    if not one.known or not label or family == STAGE:
        return None
    day = date.fromisoformat(one.day)
    since = watched.weeks_since(day)
    if not since:
        return None
    sides = watched.sides(day)
    before, after = watched.said.counts([(family, label)], sides)[family, label]
    earlier, weeks = (side.days // 7 for side in sides)
    return Since(pooled([before]), pooled([after]), Trend("no comparison"), earlier, weeks, since)


def _of_stage(
    one: Agreed, watched: Watched, settings: OutcomeSettings, steps: dict[str, tuple[Step, ...]]
) -> Since | None:
    """Follow a conversion point: deals that entered the stage in the weeks before, and since.

    ``steps`` keeps those of each day: all stages are counted at once, and several are agreed on in a day.
    """
    family, _, stage = (one.watch or "").partition(":")
    if family != STAGE or not one.known:
        return None
    day = date.fromisoformat(one.day)
    since = watched.weeks_since(day)
    if not since:
        return None
    if one.day not in steps:
        steps[one.day] = conversions(
            watched.paths,
            (("before", day.toordinal() - 7 * WEEKS), ("since", day.toordinal())),
            today=watched.known_until.toordinal(),
            min_deals=settings.min_deals,
            smallest_effect=settings.smallest_effect,
            max_q=settings.max_q,
        )
    weeks = watched.stage_weeks_before(day)
    step = next((step for step in steps[one.day] if step.stage == stage), None)
    if step is None:
        return Since(rate(0, 0), rate(0, 0), Trend("too few to say"), weeks, since, since)
    entered = step.periods[-1].entered
    return Since(step.before, step.now, Trend(_WORDS[step.verdict]), weeks, since, since, entered=entered)
