"""The recordings that the tools are compared on, built from the sample calls into a folder.

Four variants: ``stereo`` (two-sided calls as they are), ``mono`` (every call, mixed where it has
two channels), and both at telephone quality (300 to 3400 Hz, 8 kHz, mu-law).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from scipy.signal import butter, resample_poly, sosfilt

from benchmarks.nonspeech import RATE, room
from benchmarks.sample_truth import read_truth
from benchmarks.scoring import Turn
from callmine.audio import decode
from callmine.crm.manifest import read_manifest
from callmine.domain import Facts

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data" / "sample"

LEFT_OUT = ("20-", "21-")
"""The internal call and the one without consent: callmine does not read them."""

DUAL_MONO = ("09-",)
"""Two channels with the same sound: a mono call in a stereo file."""

VARIANTS = ("stereo", "mono", "stereo-telephone", "mono-telephone")
"""``stereo-wav`` can be asked for as well: like ``stereo``, but as cheap to decode as ``mono``."""

ENCODERS = {".wav": "pcm_s16le", ".mulaw": "pcm_mulaw", ".ogg": "libopus"}

Sound = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording and what is said in it.

    Attributes:
        key: Its name; results are kept under it.
        path: The file.
        seconds: Length.
        turns: What is said, in order of starts.
        facts: What the manifest says of the call.
    """

    key: str
    path: Path
    seconds: float
    turns: tuple[Turn, ...]
    facts: Facts = field(default_factory=Facts)

    @property
    def sha(self) -> str:
        """First 16 hex digits of the file's SHA-256."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Clip:
    """The sound of one turn, 16 kHz mono, with a little around it; ``lead_ms`` is what is before it."""

    samples: Sound
    text: str
    channel: int
    lead_ms: int


def sample_calls(calls: Sequence[str] = ()) -> list[Recorded]:
    """Return the sample calls as they are; ``calls`` are beginnings of their names, none for all."""
    facts = {row.path.stem: row.facts for row in read_manifest(SAMPLE / "manifest.csv").rows}
    truth = read_truth(SAMPLE)
    found = []
    for path in sorted((SAMPLE / "audio").iterdir()):
        name = path.stem
        if name.startswith(LEFT_OUT) or (calls and not name.startswith(tuple(calls))):
            continue
        rep = 1 if facts[name].rep_channel == "right" else 0
        turns = [
            Turn(t["text"], t["start_ms"], t["end_ms"], rep if t["role"] == "rep" else 1 - rep)
            for t in truth
            if t["call"] == name
        ]
        with av.open(str(path)) as container:
            seconds = float(container.duration or 0) / 1e6
        turns.sort(key=lambda t: t.start_ms)
        found.append(Recorded(name, path, seconds, tuple(turns), facts[name]))
    return found


def two_sided(recorded: Recorded) -> bool:
    """Return whether each person has a channel of a sample call."""
    return not recorded.key.startswith(DUAL_MONO) and channels_of(recorded.path) == 2


def channels_of(path: Path) -> int:
    """Return the number of channels in a file."""
    with av.open(str(path)) as container:
        return int(container.streams.audio[0].channels)


def variant(name: str, folder: Path, calls: Sequence[str] = ()) -> list[Recorded]:
    """Return the recordings of one of :data:`VARIANTS`, building what is not in ``folder`` yet."""
    out = []
    for original in sample_calls(calls):
        both = two_sided(original)
        if name.startswith("stereo") and not both:
            continue
        if name == "stereo":
            out.append(original)
            continue
        phone = name.endswith("telephone")
        path = folder / name / f"{original.key}{'.mulaw' if phone else ''}.wav"
        if name == "mono" and channels_of(original.path) == 1:
            path = original.path
        elif not path.exists():
            _, channels = decode(original.path)
            rows = np.stack(channels)
            if name.startswith("mono"):
                rows = rows.mean(axis=0, keepdims=True, dtype=np.float32)
            write(path, [telephone(rows)] if phone else [rows], rate=8_000 if phone else RATE)
        out.append(Recorded(original.key, path, original.seconds, original.turns, original.facts))
    return out


def telephone(rows: Sound) -> Sound:
    """Return channels (channels, n) at 16 kHz as a telephone passes them: 300 to 3400 Hz, 8 kHz."""
    band = sosfilt(butter(4, (300, 3400), "bandpass", fs=RATE, output="sos"), rows, axis=1)
    return np.asarray(resample_poly(band, 1, 2, axis=1), np.float32)


def write(path: Path, blocks: Iterable[Sound], *, rate: int = RATE) -> None:
    """Write blocks of shape (channels, n) one after the other, in constant memory.

    The name decides how: ``.wav``, ``.mulaw.wav`` or ``.ogg`` (Opus).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"part-{path.name}")
    codec = ENCODERS[".mulaw" if path.name.endswith(".mulaw.wav") else path.suffix]
    with av.open(str(part), "w") as container:
        stream: av.AudioStream | None = None
        resampler: av.AudioResampler | None = None
        at = 0
        for block in blocks:
            layout = "mono" if len(block) == 1 else "stereo"
            if stream is None or resampler is None:
                stream = container.add_stream(codec, rate=48_000 if codec == "libopus" else rate)
                assert isinstance(stream, av.AudioStream)
                stream.layout = layout
                resampler = av.AudioResampler(
                    format=stream.codec_context.format or "s16",
                    layout=layout,
                    rate=stream.rate,
                    frame_size=stream.codec_context.frame_size or 1024,
                )
            for first in range(0, block.shape[1], 10 * rate):
                piece = np.ascontiguousarray(np.clip(block[:, first : first + 10 * rate], -1, 1))
                frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout=layout)
                frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
                at += piece.shape[1]
                for ready in resampler.resample(frame):
                    container.mux(stream.encode(ready))
        if stream is not None and resampler is not None:
            for ready in resampler.resample(None):
                container.mux(stream.encode(ready))
            container.mux(stream.encode(None))
    part.replace(path)


def clips(calls: Sequence[str] = (), *, margin_ms: int = 40) -> list[Clip]:
    """Return every turn of at least a second, cut from its own channel of the clean two-sided calls."""
    found = []
    for recorded in sample_calls(calls):
        if not two_sided(recorded) or recorded.path.suffix == ".wav" or recorded.key.startswith("12-"):
            continue  # telephone band; crosstalk
        _, channels = decode(recorded.path)
        for turn in recorded.turns:
            if turn.end_ms - turn.start_ms < 1_000:
                continue
            low, high = turn.start_ms - margin_ms, turn.end_ms + margin_ms
            piece = channels[turn.channel][low * RATE // 1000 : high * RATE // 1000].copy()
            fade = np.linspace(0, 1, RATE // 100, dtype=np.float32)
            piece[: len(fade)] *= fade
            piece[-len(fade) :] *= fade[::-1]
            found.append(Clip(piece, turn.text, turn.channel, margin_ms))
    return found


def lay(
    said: Sequence[Clip],
    seconds: float,
    *,
    silence: float,
    pauses: tuple[float, float] = (20.0, 120.0),
    sides: int = 1,
    seed: int = 0,
) -> tuple[Iterator[Sound], list[Turn]]:
    """Lay turns one after the other over ``seconds``, with long pauses.

    Args:
        said: The turns, taken in order and again from the start.
        seconds: Length of the whole.
        silence: Share of it, 0..1, that lies in pauses.
        pauses: Shortest and longest of the long pauses, in seconds.
        sides: Channels: 2 puts each turn on its own.
        seed: Of the pauses and of the noise of the line.

    Returns:
        Blocks of shape (sides, n) at 16 kHz, and the turns with their true times. The list is filled
        as the blocks are taken.
    """
    turns: list[Turn] = []

    def blocks() -> Iterator[Sound]:
        rng = np.random.default_rng(seed)
        noise = room(30.0, seed=seed, level_db=-62.0)

        def quiet_line(samples: int) -> Sound:
            return np.tile(np.resize(noise, samples), (sides, 1))

        total = round(seconds * RATE)
        at = quiet = number = 0
        while at < total:
            gap = rng.uniform(*pauses)
            # A long pause when its middle is where the share wanted lies.
            if quiet + gap * RATE / 2 > silence * (at + gap * RATE / 2):
                gap = rng.triangular(0.1, 0.3, 0.8)
            pause = min(round(gap * RATE), total - at)
            yield quiet_line(pause)
            at, quiet = at + pause, quiet + pause
            clip = said[number % len(said)]
            number += 1
            if at + len(clip.samples) > total:
                if at < total:
                    yield quiet_line(total - at)
                return
            begin = at * 1000 // RATE + clip.lead_ms
            at += len(clip.samples)
            turns.append(Turn(clip.text, begin, at * 1000 // RATE - clip.lead_ms, clip.channel))
            block = quiet_line(len(clip.samples))
            block[clip.channel if sides > 1 else 0] = clip.samples
            yield block

    return blocks(), turns
