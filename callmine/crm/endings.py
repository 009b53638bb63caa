"""What a table's stages and loss reasons seem to mean, counted, for a first mapping."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from callmine.crm.columns import LONGEST, Guess
from callmine.crm.outcome import lost_because, outcome_word
from callmine.crm.rows import Row, Table, fold
from callmine.crm.values import BadValue, flag_of, text_of
from callmine.domain import Outcome

MOST = 60
"""Values that are listed at most; more are no list of stages."""


@dataclass(frozen=True, slots=True)
class Ending:
    """One stage (or word for how deals ended), what it seems to mean, and why.

    Attributes:
        name: As a mapping names it, behind its pipeline where only both tell.
        count: Rows that have it.
        verdict: ``won``, ``lost``, ``open``, ``excluded``; ``None`` where nothing says it.
        why: The evidence in words.
    """

    name: str
    count: int
    verdict: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """Loss reasons: how many rows are understood as which outcome, and those that are not, counted."""

    understood: Counter[str]
    others: Counter[str]


def endings_of(table: Table, guesses: dict[str, Guess]) -> list[Ending]:
    """Return the table's stages and words for outcomes, the most frequent first.

    Flags decide where they are there: a stage whose deals are all won means won. Otherwise the
    built-in words do. A stage that means one thing in one pipeline and another in another is
    told with its pipeline; one whose deals ended both ways means nothing by itself.
    """
    plain: dict[str, Counter[str | None]] = defaultdict(Counter)
    parted: dict[str, dict[str, Counter[str | None]]] = defaultdict(lambda: defaultdict(Counter))
    for row in table.rows:
        flags = _flags(row, guesses)
        for ours in ("stage", "outcome"):
            if (name := _cell(row, guesses, ours)) and len(name) <= LONGEST:
                plain[name][flags] += 1
                pipeline = _cell(row, guesses, "pipeline") if ours == "stage" else None
                parted[name][pipeline or ""][flags] += 1
    found = []
    for name, flags_of in plain.items():
        pipelines = parted[name]
        apart = {p: of for p, of in pipelines.items() if len(set(of) - {None}) == 1 and " / " not in p}
        if len(set(flags_of) - {None}) > 1 and len(apart) == len(pipelines) > 1 and "" not in pipelines:
            found += [_ending(f"{p} / {name}", name, of) for p, of in apart.items()]
        else:
            found.append(_ending(name, name, flags_of))
    return sorted(found, key=lambda e: (-e.count, e.name))


def _ending(name: str, stage: str, flags_of: Counter[str | None]) -> Ending:
    count = flags_of.total()
    told = {flag: n for flag, n in flags_of.items() if flag is not None}
    word = outcome_word(stage)
    if isinstance(word, Outcome) and word.is_lost:
        return Ending(name, count, None, f"{word} by itself")
    meaning = str(word) if word is not None else None
    if len(told) == 1:
        (flag,) = told
        if flag != "open" and meaning == "excluded":
            return Ending(name, count, None, f"its words mean excluded, its flags say {flag}")
        return Ending(name, count, flag, f"flags say {flag} in {told[flag]} of {count}")
    if told:
        parts = ", ".join(f"{n} {flag}" for flag, n in sorted(told.items()))
        return Ending(name, count, None, f"its flags say {parts}; the flags decide")
    why = "a word that is known" if meaning else "not known; it counts as open"
    return Ending(name, count, meaning, why)


def _flags(row: Row, guesses: dict[str, Guess]) -> str | None:
    won, closed = (_flag(_cell(row, guesses, name)) for name in ("is_won", "is_closed"))
    if won:
        return "won"
    if closed is False:
        return "open"
    return "lost" if closed and won is False else None


def _flag(text: str | None) -> bool | None:
    try:
        return flag_of(text)
    except BadValue:
        return None


def reasons_of(table: Table, guesses: dict[str, Guess], rivals: Sequence[str] = ()) -> Reasons:
    """Count loss reasons by what an import makes of their words alone, without a rule of the mapping's.

    Args:
        table: The table.
        guesses: Its columns.
        rivals: Names and aliases of competitors that a reason may speak of.
    """
    understood, others = Counter[str](), Counter[str]()
    for row in table.rows:
        reason = _cell(row, guesses, "loss_reason")
        if reason is None:
            continue
        verdict = lost_because(reason, None, rivals=rivals)
        if verdict is Outcome.LOST_OTHER:
            others[reason] += 1
        else:
            understood[verdict.value] += 1
    return Reasons(understood, others)


def _cell(row: Row, guesses: dict[str, Guess], ours: str) -> str | None:
    guess = guesses.get(ours)
    texts = (text_of(row.cells.get(fold(c.name))) for c in guess.columns) if guess else ()
    return next((text for text in texts if text is not None), None)
