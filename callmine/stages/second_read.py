"""Second read: a language model confirms, rejects or relabels findings. It never adds one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from callmine.domain import Json, Kind
from callmine.errors import ReaderFailed
from callmine.payloads import SecondReading, SecondReadings, ToReadAgain
from callmine.playbook import Playbook
from callmine.second_reader.answers import Unusable, check_answer
from callmine.second_reader.labels import meanings_of
from callmine.second_reader.questions import (
    PROMPT_VERSION,
    SCHEMA,
    SYSTEM,
    Question,
    key_of,
    prompt_of,
    question_of,
)
from callmine.second_reader.reader import ProviderError, Reader
from callmine.stage import Done, Job

GIVE_UP = 3
"""Calls in a row without an answer, after which the reader is left alone until the next run."""

BUDGET = "not all findings were read again: the run's max_calls were spent; the next run goes on"
SILENT = "not all findings were read again: the second reader did not answer; the next run goes on"


@dataclass
class SecondReadStage:
    """Ask a language model about the findings of a call, one by one, until the budget is spent.

    It runs in the parent, one call after the other: the budget is one for the whole run.

    Attributes:
        reader: Who is asked.
        playbook: What findings may be called.
        kinds: Kinds of findings that are read again.
        max_calls: Questions a run may ask; what is answered from earlier runs costs none.
    """

    reader: Reader
    playbook: Playbook
    kinds: Sequence[Kind] = (Kind.OBJECTION,)
    max_calls: int = 200
    _asked: int = field(init=False, repr=False, default=0)
    _silences: int = field(init=False, repr=False, default=0)

    name = "second_read"
    version = "1"
    requires = frozenset({"findings", "utterances"})
    provides = frozenset({"second_verdicts"})
    patient = True

    def settings(self) -> Json:
        """Return what changes the output: the model, the questions, the labels; not the budget."""
        return {
            "model": self.reader.name,
            "options": self.reader.options,
            "prompt": PROMPT_VERSION,
            "labels": {kind: meanings_of(self.playbook, kind) for kind in sorted(self.kinds)},
        }

    def setup(self) -> None:
        """Load nothing: the model was found when the run was put together."""

    def process(self, job: Job) -> Done:
        """Read the findings of one call again; ``payload`` is a :class:`callmine.payloads.ToReadAgain`.

        Raises:
            ReaderFailed: The reader gave no answer; what it had answered before is kept with it.
        """
        call: ToReadAgain = job.payload
        labels = {kind: meanings_of(self.playbook, kind) for kind in self.kinds}
        known = dict(call.kept)
        verdicts: dict[str, SecondReading] = {}
        asked: list[SecondReading] = []
        counts = dict.fromkeys(("asked", "cached", "unusable", "left", "input_tokens", "output_tokens"), 0)
        for finding in call.findings:
            if finding.kind not in labels:
                continue
            question = question_of(finding, call.utterances, labels[finding.kind])
            key = key_of(question, model=self.reader.name, options=self.reader.options)
            if key in known:
                counts["cached"] += 1
            elif self._asked >= self.max_calls or self._silences >= GIVE_UP:
                counts["left"] += 1
                continue
            else:
                counts["asked"] += 1
                try:
                    known[key] = self._ask(question, key)
                except ProviderError as error:
                    raise ReaderFailed(
                        f"{job.label}: the second reader failed: {error}",
                        hint="The next run goes on with this call; what was answered is kept.",
                        retryable=True,
                        kept=tuple(asked),
                        counts=counts,
                    ) from error
                asked.append(known[key])
                counts["unusable"] += known[key].verdict is None
                counts["input_tokens"] += known[key].input_tokens
                counts["output_tokens"] += known[key].output_tokens
            if known[key].verdict is not None:
                verdicts[finding.finding_id] = known[key]
        notes = (BUDGET if self._silences < GIVE_UP else SILENT,) if counts["left"] else ()
        output = SecondReadings(verdicts, tuple(asked))
        return Done(output, notes, counts={k: n for k, n in counts.items() if n}, more=counts["left"] > 0)

    def _ask(self, question: Question, key: str) -> SecondReading:
        self._asked += 1
        try:
            answer = self.reader.ask(prompt_of(question), system=SYSTEM, schema=SCHEMA)
        except ProviderError:
            self._silences += 1
            raise
        self._silences = 0
        verdict, label, reason = None, None, ""
        try:
            checked = check_answer(answer.text, question)
            verdict, label = checked.verdict, checked.label
        except Unusable as error:
            reason = str(error)
        return SecondReading(
            key=key,
            model=self.reader.name,
            prompt=PROMPT_VERSION,
            verdict=verdict,
            label=label,
            reason=reason,
            input_tokens=answer.input_tokens,
            output_tokens=answer.output_tokens,
        )
