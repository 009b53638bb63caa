"""Make german.ogg: a short German call, a rep on the left and a buyer on the right.

Needs eSpeak NG (Debian: apt-get install espeak-ng); run it in this folder: ``python make_german.py``.
"""

from __future__ import annotations

import io
import subprocess
import wave
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

TURNS = (
    ("rep", "Guten Tag, hier ist Thomas Keller von Acme. Haben Sie unser Angebot schon gelesen?"),
    (
        "buyer",
        "Guten Tag Herr Keller. Ja, das habe ich gelesen. Ehrlich gesagt ist uns der Preis zu hoch."
        " Wir bezahlen bei Northwind nur die Hälfte, und in diesem Jahr haben wir kein Geld mehr.",
    ),
    ("rep", "Das verstehe ich. Vielen Dank für das Gespräch und auf Wiederhören."),
)
"""Who says what."""

VOICES = {"rep": ("de+m3", "45"), "buyer": ("de+f2", "55")}
"""eSpeak NG's voice and pitch of each."""

RATE, PAUSE, WORDS_A_MINUTE, BITS = 48_000, 0.6, "140", 16_000


def say(who: str, text: str) -> npt.NDArray[np.int16]:
    """Return the spoken text at 48 kHz, shape (samples,)."""
    voice, pitch = VOICES[who]
    command = ["espeak-ng", "-v", voice, "-s", WORDS_A_MINUTE, "-p", pitch, "--stdout", text]
    spoken = subprocess.run(command, capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(spoken)) as sound:
        rate = sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype=np.int16)
    frame = av.AudioFrame.from_ndarray(samples[None].copy(), format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    parts = [f.to_ndarray()[0] for f in (*resampler.resample(frame), *resampler.resample(None))]
    return np.concatenate(parts)


def main() -> None:
    """Write the call."""
    spoken = [(who, say(who, text)) for who, text in TURNS]
    pause = round(PAUSE * RATE)
    sides = np.zeros((2, sum(len(s) + pause for _, s in spoken) + pause), dtype=np.int16)
    at = pause
    for who, samples in spoken:
        sides[list(VOICES).index(who), at : at + len(samples)] = samples * 0.7
        at += len(samples) + pause
    with av.open(str(Path(__file__).with_name("german.ogg")), "w") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="stereo")
        stream.bit_rate = BITS
        for begin in range(0, sides.shape[1], 960):
            part = sides[:, begin : begin + 960].T.reshape(1, -1).copy()
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout="stereo")
            frame.sample_rate, frame.pts = RATE, begin
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    main()
