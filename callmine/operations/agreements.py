"""Agreements of the 1:1: written down, called done, taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime

from callmine.errors import UsageError
from callmine.operations.brief import known_titles
from callmine.operations.correcting import who_says
from callmine.operations.days import day_of
from callmine.outcomes.stages import stage_order
from callmine.playbook import Playbook, load_playbook
from callmine.reports.closed_steps import paths_of
from callmine.reports.text import cut_name, listed_up_to
from callmine.reports.weeks import zone
from callmine.store import Store
from callmine.validation import did_you_mean
from callmine.workspace import Workspace

LONGEST = 200
"""Characters of an agreement at most: the brief is one page."""

LONG_BEFORE = 366
"""Days before the first call on which nobody has agreed on what is to be heard in calls."""

FAMILIES = ("objection", "competitor", "message", "stage")
"""What can be watched."""


def agree(
    workspace: Workspace,
    text: str,
    *,
    watch: str | None = None,
    by: str | None = None,
    day: str | None = None,
    now: datetime | None = None,
) -> int:
    """Write down what was agreed on, and return its number.

    Args:
        workspace: Where.
        text: What was agreed on.
        watch: What is to be told of since, as ``objection:price``; a label's title, a competitor's alias
            and a message's text are known as well.
        by: Who writes it down; by default as for corrections.
        day: The day, ISO; by default today.
        now: For tests; an aware datetime.

    Raises:
        UsageError: The text is empty or too long, what is to be watched is not known, or the day is none,
            to come, or long before the first call.
    """
    said = " ".join(text.split())
    if not said:
        raise UsageError("--agree is empty", hint="Write what was agreed on.")
    if len(said) > LONGEST:
        raise UsageError(f"--agree has {len(said):,} characters", hint=f"Write {LONGEST} at most.")
    today = (now or datetime.now(UTC)).astimezone(zone(workspace.settings.timezone)).date()
    on = date.fromisoformat(day_of(day, "--on")) if day else today
    if on > today:
        raise UsageError(f"--on {on} is to come", hint="Write the day on which it was agreed on.")
    who = who_says(workspace, by) or "somebody"
    playbook = load_playbook(workspace.playbook)
    with Store(workspace.database) as store:
        history = store.stage_history()
        stages = set(stage_order(paths_of(store.deals(), history, until=today)[1]))
        _can_be_followed(watch, stages, {row.stage for row in history if row.stage})
        talks = store.talks(min_role_confidence=0.0) if day else ()
        begun = min((talk.started_at[:10] for talk in talks if talk.started_at), default=today.isoformat())
        if (date.fromisoformat(begun) - on).days > LONG_BEFORE:
            raise UsageError(
                f"--on {on} is more than a year before {begun}, the first call that is known",
                hint="Write the day on which it was agreed on.",
            )
        watched = watched_of(watch, playbook, stages) if watch is not None else None
        return store.agree(said, by=who, day=on.isoformat(), watch=watched)


def _can_be_followed(watch: str | None, stages: set[str], known: set[str]) -> None:
    """Refuse a stage that deals have, and that no deal's way through the stages is known to pass.

    Raises:
        UsageError: It is one.
    """
    family, _, name = (part.strip() for part in (watch or "").partition(":"))
    names = {stage.casefold() for stage in stages}
    if family == "stage" and name.casefold() in {one.casefold() for one in known} - names:
        raise UsageError(
            f"--watch: the stage {cut_name(name)!r} cannot be followed,"
            " as no deal is known to go on from it",
            hint=f"Known: {listed_up_to(sorted(stages), 12)}."
            if stages
            else "Take in the deals' history, or further exports as they change: callmine deals FILE.",
        )


def watched_of(watch: str, playbook: Playbook, stages: set[str]) -> str:
    """Return what is to be watched under its own name: ``competitor:Lantern``.

    Args:
        watch: As somebody wrote it.
        playbook: It has the labels, competitors and messages.
        stages: Those that deals are known to go through.

    Raises:
        UsageError: Nothing of that name is known.
    """
    family, _, name = (part.strip() for part in watch.partition(":"))
    if family not in FAMILIES or not name:
        raise UsageError(
            f"--watch {cut_name(watch)!r} does not say what is watched",
            hint="Write objection:, competitor:, message: or stage: and a name, as in objection:price.",
        )
    if family == "stage":
        known = {stage.casefold(): stage for stage in stages}
    elif family == "competitor":
        known = playbook.rivals
    else:
        titles = known_titles(playbook)[family]
        known = {title.casefold(): label for label, title in titles.items()}
        known |= {label.casefold(): label for label in titles}
    found = known.get(name.casefold())
    if found is None:
        names = sorted(set(known.values()))
        raise UsageError(
            f"--watch: there is no {family} {cut_name(name)!r}{did_you_mean(name, names)}",
            hint=f"Known: {listed_up_to(names, 12)}." if names else f"No {family} is known yet.",
        )
    return f"{family}:{found}"


def end_agreement(workspace: Workspace, number: int, state: str, *, by: str | None = None) -> None:
    """Call an agreement ``done``, or take it back as ``dropped``.

    Raises:
        UsageError: No agreement has that number, or it is done already.
    """
    who = who_says(workspace, by) or "somebody"
    with Store(workspace.database) as store:
        rows = {row.number: row for row in store.agreements()}
        if number not in rows:
            raise UsageError(
                f"there is no agreement {number}",
                hint="The numbers stand in the brief, beside what was agreed on.",
            )
        if state == "done" and rows[number].ended_at is not None:
            raise UsageError(f"agreement {number} is done already", hint="Nothing was changed.")
        store.end_agreement(number, state, by=who)
