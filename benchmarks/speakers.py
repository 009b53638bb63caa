"""Who spoke: voices, roles, and roles the wrong way round, on the sample's calls and their variants.

``python -m benchmarks.speakers``. Each recording goes through callmine's own stages (transcribe,
diarize, attribute) as in ``callmine run``; transcripts are kept in the folder. Then every call's
roles are stated right and inverted, once each, as a channel or a vendor would, to see whether the
swap detector tells one from the other.
"""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.diarization import STEP_MS, Said, score
from benchmarks.kept import transcript_at
from benchmarks.options import arguments, listed, say, setup_of
from benchmarks.recordings import SAMPLE, VARIANTS, Recorded, variant
from benchmarks.sample_truth import read_truth
from benchmarks.tables import installed, origin, percent, put, table
from callmine import weights
from callmine.canonical import facts_to_json
from callmine.decisions import OTHER
from callmine.domain import Call, Role, RoleSource, Speaker, Transcript, Voices
from callmine.engines.faster_whisper import FasterWhisper
from callmine.payloads import Attribution, ToAttribute
from callmine.playbook import Playbook, load_playbook
from callmine.stage import Job
from callmine.stages.attribute import AttributeStage
from callmine.stages.diarize import DiarizeStage
from callmine.stages.doubt import with_doubt
from callmine.stages.roles import CONFIDENCE, evidence_of, speaker_key
from callmine.stages.transcribe import TranscribeStage
from callmine.stages.voiced import with_voices
from callmine.voices.cues import Cues


@dataclass(frozen=True, slots=True)
class Person(Said):
    """A turn as it really was, with the side of who said it."""

    role: Role = Role.UNKNOWN


@dataclass(frozen=True, slots=True)
class Heard:
    """What callmine made of one recording.

    Attributes:
        key: The call.
        truth: Who really spoke when.
        transcript: Cut where the voice changes.
        voices: The voices told apart; none where each side has its channel.
        speakers: As attributed, with a reason in ``doubt`` if the roles look inverted.
        speed: Seconds of sound a second of diarization.
    """

    key: str
    truth: tuple[Person, ...]
    transcript: Transcript
    voices: Voices
    speakers: tuple[Speaker, ...]
    doubt: str
    speed: float

    @property
    def people(self) -> int:
        """How many people speak."""
        return len({said.person for said in self.truth})


@dataclass(frozen=True, slots=True)
class Sides:
    """Share of speech that was given to the right side, to the wrong one, to none."""

    right: float
    wrong: float

    @property
    def unknown(self) -> float:
        """Share that was given to none."""
        return 1 - self.right - self.wrong


def sides(
    truth: Sequence[Person], roles: Mapping[str, Role], spans: Sequence[tuple[str, int, int]]
) -> Sides:
    """Compare sides where one person speaks and somebody's words were written down there.

    Args:
        truth: Who really spoke when.
        roles: Speaker's key to the role that was given.
        spans: ``(speaker's key, start_ms, end_ms)`` of what was written down.
    """
    length = max([s.end_ms for s in truth] + [end for _, _, end in spans], default=0) // STEP_MS + 2
    said, given = np.zeros(length, np.int8), np.zeros(length, np.int8)
    spoken, written = np.zeros(length, np.int8), np.zeros(length, bool)
    sign = {Role.REP: 1, Role.PROSPECT: -1, Role.UNKNOWN: 0}
    for one in truth:
        at = slice(one.start_ms // STEP_MS, one.end_ms // STEP_MS)
        said[at], spoken[at] = sign[one.role], spoken[at] + 1
    for key, start, end in spans:
        at = slice(start // STEP_MS, end // STEP_MS)
        given[at], written[at] = sign[roles.get(key, Role.UNKNOWN)], True
    counts = (spoken == 1) & written
    total = max(1, int(counts.sum()))
    product = said[counts] * given[counts]
    return Sides(float((product > 0).sum()) / total, float((product < 0).sum()) / total)


def written(heard: Heard) -> list[tuple[str, int, int]]:
    """Return what was written down, word by word: speaker's key, start and end."""
    return [
        (speaker_key(segment), word.start_ms, word.end_ms)
        for segment in heard.transcript.segments
        for word in segment.words
    ]


def true_roles(heard: Heard) -> dict[str, Role]:
    """Return each voice's side as most of its words tell by the truth's clock."""
    votes: dict[str, int] = {}
    for key, start, end in written(heard):
        middle = (start + end) // 2
        roles = {s.role for s in heard.truth if s.start_ms <= middle < s.end_ms}
        if len(roles) == 1:
            votes[key] = votes.get(key, 0) + (1 if roles == {Role.REP} else -1)
    return {key: Role.REP if n > 0 else Role.PROSPECT for key, n in votes.items() if n}


def is_doubted(heard: Heard, cues: Cues, source: RoleSource, *, inverted: bool) -> bool:
    """Say whether the call's roles are doubted when ``source`` states them right, or inverted."""
    roles = {key: OTHER[r] if inverted else r for key, r in true_roles(heard).items()}
    stated = [Speaker(key, None, role, source, CONFIDENCE[source]) for key, role in roles.items()]
    return bool(with_doubt(stated, evidence_of(heard.transcript, cues))[1])


class Reader:
    """Puts recordings through transcribe, diarize and attribute; keeps the transcripts."""

    def __init__(self, model: str, threads: int, playbook: Playbook, folder: Path) -> None:
        engine = FasterWhisper(model=model, threads=threads)
        self.folder = folder / model.replace("/", "-")
        self.threads = threads
        self.transcribe = TranscribeStage(engine, language="en", vocabulary=playbook.vocabulary)
        self.diarize = DiarizeStage(weights.default_folder())
        self.attribute = AttributeStage(playbook.company.domains, own_names=playbook.own_names)
        self.truth = read_truth(SAMPLE)

    def read(self, name: str, recorded: Recorded) -> Heard:
        """Return what is made of one recording of a variant."""
        call = Call(
            call_id=recorded.key,
            source=recorded.path.name,
            content=recorded.sha,
            recording=str(recorded.path),
            transcript_file=None,
            format=None,
            duration_ms=round(recorded.seconds * 1000),
            channels=0,
            facts=recorded.facts,
        )

        def made_now() -> Transcript:
            made: Transcript = self.transcribe.process(Job(call.call_id, call.source, call, "")).output
            return made

        given = (call.content, facts_to_json(call.facts), self.transcribe.vocabulary, self.threads)
        transcript = transcript_at(self.folder / name, call.call_id, given, made_now)
        started = time.perf_counter()
        voices: Voices = self.diarize.process(Job(call.call_id, call.source, (call, transcript), "")).output
        took = time.perf_counter() - started
        told = ToAttribute(call, transcript, voices=voices)
        made: Attribution = self.attribute.process(Job(call.call_id, call.source, told, "")).output
        truth = tuple(
            Person(t["speaker"], t["start_ms"], t["end_ms"], t["text"], Role(t["role"]))
            for t in self.truth
            if t["call"] == recorded.key
        )
        cut = with_voices(transcript, voices)
        speed = recorded.seconds / took
        return Heard(recorded.key, truth, cut, voices, made.speakers, made.doubt, speed)


def voices_table(results: Mapping[str, Sequence[Heard]]) -> list[str]:
    """Return the part of the page on voices and the roles they were given."""
    rows: list[list[Any]] = []
    for name, calls in results.items():
        mixed = [h for h in calls if h.transcript.channels == 1]
        for two in (True, False):
            some = [h for h in mixed if (h.people == 2) is two]
            if not some:
                continue
            scores = [score(h.truth, h.voices.turns) for h in some]
            right = sum(s.right for s in scores) / sum(s.counted for s in scores)
            given = [_given(h) for h in some]
            rows.append(
                [
                    f"{name}, {'two people' if two else 'more'}",
                    len(some),
                    percent(right),
                    percent(min(s.share for s in scores)),
                    *(percent(float(np.mean([getattr(g, x) for g in given]))) for x in _SIDES),
                    sum(not h.voices.turns for h in some),
                    sum(g.wrong > g.right and not h.doubt for g, h in zip(given, some, strict=True)),
                    f"{np.median([h.speed for h in some]):.0f}",
                ]
            )
    header = ("recordings", "calls", "right person", "worst call", "right side", "wrong side", "no side")
    return table((*header, "not told apart", "inverted, unflagged", "audio s per s"), rows)


_SIDES = ("right", "wrong", "unknown")


def _given(heard: Heard) -> Sides:
    return sides(heard.truth, {s.key: s.role for s in heard.speakers}, written(heard))


def swaps_table(results: Mapping[str, Sequence[Heard]], cues: Cues) -> tuple[list[str], int, int, int]:
    """Return the part on stated roles, and its sums: inverted and unflagged, right and flagged, calls."""
    rows: list[list[Any]] = []
    missed = flagged = judged = 0
    for name, calls in results.items():
        source = RoleSource.CHANNEL if name.startswith("stereo") else RoleSource.VENDOR
        both = [h for h in calls if len({*true_roles(h).values()}) == 2]
        unflagged = [h.key for h in both if not is_doubted(h, cues, source, inverted=True)]
        wrongly = [h.key for h in both if is_doubted(h, cues, source, inverted=False)]
        rest = [h.key for h in calls if h not in both]  # nobody could state roles of one voice
        rows.append([name, str(source), len(both), _names(unflagged), _names(wrongly), _names(rest)])
        missed, flagged, judged = missed + len(unflagged), flagged + len(wrongly), judged + len(both)
    header = ("recordings", "roles stated by", "calls", "inverted, not flagged", "right, flagged")
    return table((*header, "not judged: one voice"), rows), missed, flagged, judged


def _names(keys: Sequence[str]) -> str:
    return f"{len(keys)} ({', '.join(keys)})" if keys else "0"


def section(model: str, names: Sequence[str], args: Namespace) -> list[str]:
    """Measure with one model; return its part of the page."""
    setup = setup_of(args)
    playbook = load_playbook(SAMPLE / "playbook.toml")
    reader = Reader(model, setup.threads, playbook, setup.work / "speakers")
    results = {
        name: [reader.read(name, r) for r in variant(name, setup.work / "audio", listed(args.calls))]
        for name in names
    }
    swaps, missed, flagged, judged = swaps_table(results, Cues(playbook.own_names))
    pairs = [
        score(h.truth, h.voices.turns)
        for calls in results.values()
        for h in calls
        if h.transcript.channels == 1 and h.people == 2
    ]
    inverted = sum(
        g.wrong > g.right and not h.doubt for calls in results.values() for h in calls for g in (_given(h),)
    )
    share = sum(s.right for s in pairs) / max(1e-9, sum(s.counted for s in pairs))
    goals = [
        ["speech of two people given to the right one", "95 %", percent(share), _met(share >= 0.95)],
        ["calls read with inverted roles, unflagged", "0", str(inverted), _met(not inverted)],
        ["roles stated inverted, not flagged", "0", f"{missed} of {judged}", _met(not missed)],
        [
            "roles stated right, flagged",
            "1 in 20",
            f"{flagged} of {judged}",
            _met(20 * flagged <= judged),
        ],
    ]
    return [
        f"### {model}, who spoke",
        "",
        "Voices told apart in the calls of one channel; then the side (rep or prospect) that each word's"
        " speaker was given, from names and words alone. *Right person*: share of the time in which one"
        " person speaks, 250 ms around the turns' edges left out; *no side*: voices and words in doubt"
        " stay unknown.",
        "",
        *voices_table(results),
        "",
        "The swap detector: the same transcripts with the roles stated as they are, and inverted.",
        "",
        *swaps,
        "",
        *table(("callmine", "target", "measured", "met"), goals),
        *origin(installed(), f"python -m benchmarks.speakers --models {model}"),
    ]


def _met(yes: bool) -> str:
    return "yes" if yes else "**no**"


def main() -> None:
    """Measure what the options ask for."""
    parser = arguments("Who spoke in recordings of one channel, and roles the wrong way round.")
    parser.set_defaults(models="base")
    parser.add_argument("--variants", default=",".join(VARIANTS), help="comma between them")
    args = parser.parse_args()
    for model in listed(args.models):
        put(args.out, f"speakers {model}", section(model, listed(args.variants), args))
    say(f"written to {args.out}")


if __name__ == "__main__":
    main()
