"""Who spoke, in mono: the share of speech given to the right person, per call, and the speed.

The sample calls are mixed to one channel, clean and at telephone quality, transcribed (transcripts
are kept in the folder) and diarized. Voices are then matched to people in the best way. Run:

    python -m benchmarks.diarization FOLDER [--words truth] [--call 01 ...] [--rttm SOUND RTTM]

``--words truth`` takes the script's words, spread evenly over their turn, instead of a recogniser's.
``--rttm`` measures one recording of your own with its speaker turns instead of the sample.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from benchmarks.kept import transcript_at
from benchmarks.recordings import SAMPLE, variant
from benchmarks.sample_truth import read_truth
from callmine import registry, weights
from callmine.audio import content_hash, listen
from callmine.audio.types import Recording
from callmine.domain import Segment, Transcript, VoiceTurn, Word
from callmine.engines.base import Hints, Transcriber
from callmine.voices.diarization import DOUBTFUL, diarize
from callmine.voices.encoder import MODEL, VoiceEncoder

STEP_MS = 10
COLLAR_MS = 250
"""Around the edges of the truth's turns nothing is counted, as is usual for such error rates."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Said:
    """One person's turn as it really was, in milliseconds."""

    person: str
    start_ms: int
    end_ms: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Speech of one call in seconds: counted, given to the right person, to a wrong one, to nobody."""

    people: int
    voices: int
    counted: float
    right: float
    wrong: float

    @property
    def share(self) -> float:
        """Share of the counted speech that was given to the right person."""
        return self.right / max(self.counted, 1e-9)


def score(truth: Sequence[Said], turns: Sequence[VoiceTurn], *, collar_ms: int = COLLAR_MS) -> Score:
    """Compare voices with people where exactly one person speaks; doubtful turns are nobody's."""
    length = max([s.end_ms for s in truth] + [t.end_ms for t in turns], default=0) // STEP_MS + 2
    people = _masks([(s.person, s.start_ms, s.end_ms) for s in truth], length)
    given = [(t.voice, t.start_ms, t.end_ms) for t in turns if t.confidence >= DOUBTFUL]
    voices = _masks(given, length)
    counts = np.sum(list(people.values()), axis=0) == 1
    for said in truth:
        for edge in (said.start_ms, said.end_ms):
            counts[max(0, edge - collar_ms) // STEP_MS : (edge + collar_ms) // STEP_MS] &= collar_ms == 0
    shared = np.array([[(p & v & counts).sum() for v in voices.values()] for p in people.values()])
    right = int(shared[linear_sum_assignment(-shared)].sum()) if shared.size else 0
    unit = STEP_MS / 1000
    return Score(
        people=len(people),
        voices=len({t.voice for t in turns}),
        counted=float(counts.sum()) * unit,
        right=right * unit,
        wrong=(float(shared.sum()) - right) * unit,
    )


def _masks(spans: Sequence[tuple[str, int, int]], length: int) -> dict[str, Mask]:
    masks: dict[str, Mask] = {}
    for who, start, end in spans:
        masks.setdefault(who, np.zeros(length, dtype=bool))[start // STEP_MS : end // STEP_MS] = True
    return masks


def scripted(truth: Sequence[Said]) -> Transcript:
    """Return the truth's words as a transcript without speakers, spread over each turn by letters."""
    segments = []
    for said in sorted(truth, key=lambda s: s.start_ms):
        letters = np.cumsum([0] + [len(word) + 1 for word in said.text.split()])
        times = said.start_ms + letters * (said.end_ms - said.start_ms) // max(1, letters[-1])
        words = tuple(
            Word(word, int(times[i]), int(times[i + 1])) for i, word in enumerate(said.text.split())
        )
        segments.append(Segment(said.start_ms, said.end_ms, said.text, words))
    return Transcript(tuple(segments), "en", "truth", "1", "script")


def transcribed(recording: Recording, folder: Path, name: str) -> Transcript:
    """Return the recogniser's transcript (base, int8, beam 5), kept in a folder for the next time."""

    def make() -> Transcript:
        engine: Transcriber = registry.load("engines", "faster_whisper")(
            model="base", model_dir=weights.default_folder(), device="cpu", compute_type="int8"
        )
        engine.load()
        return engine.transcribe(recording, Hints(language="en", vocabulary=()))

    return transcript_at(folder, name, (recording.content,), make)


def measure(
    path: Path, truth: Sequence[Said], encoder: VoiceEncoder, *, name: str, kept: Path | None
) -> tuple[Score, Score, float]:
    """Return the scores with and without collar, and seconds of sound per second of diarization.

    Args:
        path: The recording.
        truth: Who really spoke when.
        encoder: Tells the voices apart.
        name: The transcript is kept under it.
        kept: Folder of the transcripts; ``None`` takes the truth's words.
    """
    with listen(path, content=content_hash(path), source=path.name) as recording:
        transcript = scripted(truth) if kept is None else transcribed(recording, kept, name)
        started = time.perf_counter()
        voices = diarize(transcript, recording.channels[0], encoder)
        took = time.perf_counter() - started
        speed = recording.duration_ms / 1000 / took
    return score(truth, voices.turns), score(truth, voices.turns, collar_ms=0), speed


def read_rttm(path: Path) -> list[Said]:
    """Return the turns of an RTTM file."""
    rows = [line.split() for line in path.read_text("utf-8").splitlines() if line.startswith("SPEAKER")]
    return [
        Said(row[7], round(1000 * float(row[3])), round(1000 * (float(row[3]) + float(row[4]))))
        for row in rows
    ]


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="where mixes and transcripts are kept")
    parser.add_argument("--words", choices=("engine", "truth"), default="engine")
    parser.add_argument("--call", action="append", default=[], help="beginning of a sample call's name")
    parser.add_argument("--rttm", nargs=2, type=Path, metavar=("SOUND", "RTTM"))
    given = parser.parse_args()
    encoder = VoiceEncoder(weights.resolve(MODEL, folder=weights.default_folder()))
    cases: list[tuple[str, str, Path, list[Said]]] = []
    if given.rttm:
        cases.append((given.rttm[0].stem, "as it is", given.rttm[0], read_rttm(given.rttm[1])))
    else:
        lines = read_truth(SAMPLE)
        for kind in ("mono", "mono-telephone"):
            for recorded in variant(kind, given.folder / "audio", given.call):
                truth = [
                    Said(t["speaker"], t["start_ms"], t["end_ms"], t["text"])
                    for t in lines
                    if t["call"] == recorded.key
                ]
                cases.append((recorded.key, kind, recorded.path, truth))
    print(
        "| call | variant | people | voices | right | right, no collar | wrong | nobody's | × real time |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    totals: dict[tuple[str, bool], list[Score]] = {}
    speeds = []
    for name, kind, path, truth in cases:
        kept = None if given.words == "truth" else given.folder / "transcripts"
        usual, strict, speed = measure(path, truth, encoder, name=f"{name}.{kind}", kept=kept)
        speeds.append(speed)
        totals.setdefault((kind, usual.people == 2), []).append(usual)
        nobody = usual.counted - usual.right - usual.wrong
        print(
            f"| {name} | {kind} | {usual.people} | {usual.voices} | {usual.share:.1%} | {strict.share:.1%}"
            f" | {usual.wrong / usual.counted:.1%} | {nobody / usual.counted:.1%} | {speed:.0f} |",
            flush=True,
        )
    print()
    for (kind, two), scores in totals.items():
        right, counted = sum(s.right for s in scores), sum(s.counted for s in scores)
        least = min(s.share for s in scores)
        print(
            f"{kind}, {'two people' if two else 'more people'}, {len(scores)} calls:"
            f" {right / counted:.1%} of speech time right; the worst call {least:.1%}"
        )
    print(f"median speed: {np.median(speeds):.0f} times real time")


if __name__ == "__main__":
    main()
