"""Learn from corrections: fit the questions on objections again, judge them, and use them if they hold."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

from callmine.domain import utc_now
from callmine.errors import ModelError, UsageError
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import Questions
from callmine.extractors.learned import Learned, put_away, read_learned, replace
from callmine.extractors.refit import Accuracy, Examples, judge, refit
from callmine.extractors.thresholds import OBJECTION_THRESHOLDS
from callmine.operations.damaged import dropped
from callmine.operations.taught import Taught, taught_by
from callmine.pipeline import only_run
from callmine.reports.text import plural
from callmine.store import Store
from callmine.workspace import Workspace

LEAST = 10
"""With fewer utterances nothing is learned: what they say may be chance."""

CALLS, CORRECTIONS = "calls never learned from", "your other corrections"
"""What judges, in words: shipped calls, and corrected utterances that were kept out of the learning."""

TOLERANCE = 0.02
"""How much worse F1 and label on shipped calls may become where corrections gain more than that costs.

Else not even so much: see :func:`worse_by`.
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """How questions are judged.

    Attributes:
        calls: On the shipped calls that the model never learned from.
        corrections: On the corrected utterances that were kept out of the learning.
        thresholds: From which probability an objection is stored (``objection``) and counted (``digest``).
    """

    calls: Accuracy
    corrections: Accuracy
    thresholds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Learning:
    """What was learned, and whether it is used.

    Attributes:
        taught: Corrected utterances that taught.
        judged: Corrected utterances, of other calls, that judged.
        left_out: Why further corrections were of no use, with how many.
        before: The questions in use until now.
        shipped: Those that came with callmine; ``before`` again where these are in use.
        after: The new ones.
        worse: What became worse than before or than shipped, by more than is tolerated, in words.
        same: Whether the new ones are those in use already.
        replaced: Whether the new ones are in use from now on.
    """

    taught: int
    judged: int
    left_out: Mapping[str, int]
    before: Figures
    shipped: Figures
    after: Figures
    worse: tuple[str, ...]
    same: bool
    replaced: bool


def learn(workspace: Workspace, *, dry_run: bool = False, force: bool = False) -> Learning:
    """Fit the questions on objections again from the corrections of a workspace.

    It begins with the shipped model and all corrections every time: the same give the same, byte for byte.
    About a fifth of the corrected calls only judges, always the same ones; see :func:`kept_out`. What is
    used from now on must be no worse than what is in use and what was shipped: else each time could lose a
    little. Nothing else runs meanwhile, so what is compared is what is replaced; ``dry_run`` changes
    nothing and waits for nobody.

    Args:
        workspace: Where.
        dry_run: Only say what would change.
        force: Use the new questions although they are worse.

    Raises:
        UsageError: There is too little to learn from.
        ModelError: The model or its lessons are damaged.
        StoreError: A run is at work, or what was learned cannot be written.
    """
    with nullcontext() if dry_run else only_run(workspace.root):
        return _learn(workspace, dry_run=dry_run, force=force)


def _learn(workspace: Workspace, *, dry_run: bool, force: bool) -> Learning:
    encoder = Encoder()
    lessons = encoder.lessons()
    shipped = Questions.load(encoder.folder / "questions.npz")
    taught = _taught(workspace, encoder, shipped)
    if len(taught.calls) < LEAST:
        raise UsageError(
            f"{len(taught.calls)} corrected utterances can be learned from, and it takes {LEAST}"
            + "".join(f"\n{line}" for line in told(taught.left_out)),
            hint="See what is most worth a word with `callmine correct --queue`.",
        )
    judges = kept_out(taught.in_order)
    teaching = taught.of_calls(set(taught.calls) - judges)
    judging = taught.of_calls(judges)
    questions, thresholds = refit(shipped, lessons, teaching)
    calls = Examples.of(lessons.only(judging=True))
    now, bars, current = _in_use(workspace, shipped)
    before = _figures(now, bars, calls, judging)
    first = _figures(shipped, encoder.thresholds(), calls, judging) if current else before
    after = _figures(questions, thresholds, calls, judging)
    worse = worse_by(before, after)
    if current:
        worse += tuple(f"{what} (shipped)" for what in worse_by(first, after))
    file = io.BytesIO()
    questions.save(file)
    card = Learned(
        shipped=encoder.shipped_version(),
        questions=hashlib.sha256(file.getvalue()).hexdigest(),
        thresholds=thresholds,
        corrections=taught.corrections,
        made_at=utc_now(),
        figures={"before": asdict(before), "shipped": asdict(first), "after": asdict(after)},
    )
    same = current is not None and current.version == card.version
    replaced = not (same or dry_run) and (force or not worse)
    if replaced:
        replace(workspace.learned, file.getvalue(), card)
    return Learning(
        len(teaching.yes), len(judging.yes), taught.left_out, before, first, after, worse, same, replaced
    )


def forget(workspace: Workspace) -> Path | None:
    """Go back to the shipped questions; return where the workspace's own are kept, ``None`` if it has none.

    Raises:
        StoreError: A run is at work.
    """
    with only_run(workspace.root):
        return put_away(workspace.learned)


def outdated(workspace: Workspace) -> str:
    """Return what to tell where a workspace learned for another model than this one; else nothing.

    Raises:
        ModelError: Its card is damaged.
    """
    learned = read_learned(workspace.learned)
    if learned is None or learned.shipped == Encoder().shipped_version():
        return ""
    return (
        "what this workspace learned from corrections was for another model, and is not used:"
        " `callmine learn`, after a run, learns it again"
    )


def told(left_out: Mapping[str, int]) -> list[str]:
    """Return in words what was of no use."""
    return [
        f"not learned from: {plural(count, 'correction')} {why}" for why, count in sorted(left_out.items())
    ]


def kept_out(calls: Sequence[str]) -> set[str]:
    """Return the corrected calls that only judge: the first one, and of the third and later ones a fifth.

    What a call is does not depend on those after it. So one that judges never becomes a teacher when more
    is corrected, as long as the first two are there.

    Args:
        calls: In the order in which somebody first corrected something in them.
    """
    if len(calls) < 2:
        return set()
    return {calls[0], *(call for call in calls[2:] if _draw(call) < "33")}  # of 256: a fifth


def _draw(call: str) -> str:
    return hashlib.sha256(f"judges {call}".encode()).hexdigest()


def _taught(workspace: Workspace, encoder: Encoder, shipped: Questions) -> Taught:
    model = encoder.reading_version()
    with Store(workspace.database) as store:
        said = store.said_of_turns()
        calls = sorted({row.call_id for row in said})
        taught = taught_by(
            said,
            (kept for call_id in calls for kept in store.kept_readings(model, call_id)),
            shipped=shipped,
            threshold=encoder.thresholds()["objection"],
        )
        dropped(store, taught.damaged)  # it is told with what could not be learned from
        return taught


def _in_use(workspace: Workspace, shipped: Questions) -> tuple[Questions, dict[str, float], Learned | None]:
    """Return the questions in use, their thresholds, and their card if they are the workspace's own.

    Damaged ones are none: this is what replaces them.
    """
    encoder = Encoder(learned=workspace.learned)
    try:
        return encoder.asked(), encoder.thresholds(), encoder.own()
    except ModelError:
        return shipped, Encoder().thresholds(), None


def _figures(
    questions: Questions, thresholds: Mapping[str, float], calls: Examples, corrections: Examples
) -> Figures:
    bars = {name: thresholds[name] for name in OBJECTION_THRESHOLDS if name in thresholds}
    least = bars["objection"]
    return Figures(judge(questions, least, calls), judge(questions, least, corrections), bars)


def worse_by(before: Figures, after: Figures) -> tuple[str, ...]:
    """Return what became worse by more than is tolerated, in words; nothing where the new ones may be used.

    One of few is no loss: one objection of the shipped calls, one answer on the corrections kept out. More
    may be lost on the shipped calls, up to :data:`TOLERANCE`, if the corrections gain more than these lose:
    the shares of right answers and of right labels, taken together.
    """
    (calls, new_calls), (said, new_said) = (
        (before.calls, after.calls),
        (before.corrections, after.corrections),
    )
    gain = sum(
        new - old
        for old, new in ((said.right, new_said.right), (said.label, new_said.label))
        if old is not None and new is not None
    )
    lost = sum(
        max(0.0, old - new)
        for old, new in ((calls.f1, new_calls.f1), (calls.label, new_calls.label))
        if old is not None and new is not None
    )
    grace = TOLERANCE if gain > lost else min(TOLERANCE, 1.0 / max(1, calls.objections))
    one, one_label = 1.0 / max(1, said.utterances), 1.0 / max(1, said.objections)
    compared = (
        (f"F1 on {CALLS}", calls.f1, new_calls.f1, grace),
        (f"the label on {CALLS}", calls.label, new_calls.label, grace),
        (f"yes or no on {CORRECTIONS}", said.right, new_said.right, one),
        (f"the label on {CORRECTIONS}", said.label, new_said.label, one_label),
    )
    return tuple(
        f"{what}: {was:.3f} → {now:.3f}"
        for what, was, now, most in compared
        if was is not None and now is not None and was - now > most + 1e-4
    )
