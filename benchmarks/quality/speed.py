"""How fast calls are read, and read again, beside a plain spaCy pass over the same text in the same run."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from statistics import median

from benchmarks.quality.gold import DATA, Gold
from callmine.config import load_settings
from callmine.domain import RoleSource, Utterance
from callmine.extractors.answers import AnswerFinder
from callmine.extractors.encoder import Encoder
from callmine.operations.building import build_extractors
from callmine.payloads import ToExtract, ToRead
from callmine.playbook import load_playbook
from callmine.stage import Job
from callmine.stages.extract import ExtractStage
from callmine.stages.read import ReadStage
from callmine.weights import resolve
from callmine.workspace import models_folder

ROUNDS = 3

Call = tuple[Utterance, ...]


def calls_of(golds: Sequence[Gold]) -> list[Call]:
    """Return the conversations of gold files as the utterances of calls."""
    found = []
    for gold in golds:
        rows = list(zip(gold.rows, gold.items, strict=True))
        for _, turns in groupby(rows, key=lambda pair: pair[0]["scenario"]):
            said = [item for _, item in turns]
            found.append(
                tuple(
                    Utterance(
                        i,
                        item.role.value,
                        item.role,
                        RoleSource.VENDOR,
                        1.0,
                        i * 4000,
                        i * 4000 + 4000,
                        item.text,
                    )
                    for i, item in enumerate(said)
                )
            )
    return found


def speed_part(golds: Sequence[Gold]) -> list[str]:
    """Measure on all gold conversations; medians of three rounds, two threads."""
    calls = calls_of(golds)
    many = sum(map(len, calls))
    models = models_folder(load_settings(None))
    playbook = load_playbook(DATA / "names.toml")
    began = time.monotonic()
    encoder = Encoder(threads=2)
    encoder.load()
    loading = time.monotonic() - began
    extractors = build_extractors(playbook, models, encoder=encoder, threads=2)
    stage = ExtractStage(extractors, playbook, AnswerFinder(encoder, playbook.answers), encoder)
    stage.setup()
    reader = ReadStage(encoder, playbook)
    reader.setup()
    kept = [reader.process(_job(ToRead(call))).output for call in calls]

    def first() -> None:
        for call in calls:
            encoder.forget()
            read = reader.process(_job(ToRead(call))).output
            encoder.forget()
            stage.process(_job(ToExtract(call, "en", read.readings, read.names)))

    def again() -> None:
        stage.setup()  # a changed playbook knows no word yet
        for call, read in zip(calls, kept, strict=True):
            encoder.forget()
            stage.process(_job(ToExtract(call, "en", read.readings, read.names)))

    again()  # what is loaded at first use is loaded now
    fresh, reread = _pace(first, many), _pace(again, many)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    import spacy

    nlp = spacy.load(resolve("en_core_web_sm", folder=models))
    texts = [u.text for call in calls for u in call]
    plain = _pace(lambda: [None for _ in nlp.pipe(texts)], many)
    words = sum(len(text.split()) for text in texts)
    return [
        "## Speed",
        "",
        f"All gold conversations ({len(calls)} calls, {many} utterances, {words} words), two threads,"
        f" medians of {ROUNDS} rounds in one run; the model loads in {loading:.1f} s, and the process held"
        f" at most {peak:.0f} MB before spaCy's own pass.",
        "",
        "| | utterances a second |",
        "|---|--:|",
        f"| first read | {fresh:.0f} |",
        f"| again, after a change of the playbook | {reread:.0f} |",
        f"| a plain spaCy pass (`en_core_web_sm`, whole pipeline) | {plain:.0f} |",
    ]


def _pace(work: Callable[[], object], many: int) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.monotonic()
        work()
        taken.append(time.monotonic() - began)
    return many / median(taken)


def _job(payload: object) -> Job:
    return Job("call", "call", payload, "")
