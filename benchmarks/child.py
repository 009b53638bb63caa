"""One tool in a fresh process: a request (JSON) on stdin, a line of JSON a recording on its ``descriptor``.

Run with the Python that has the tool, ``python -m benchmarks.child``; nothing is imported that the
tool does not need, so that peak memory is its own.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Words = list[tuple[str, int, int, int | None]]
Listen = Callable[[Json], Json]
"""Takes one recording of the request, returns ``words`` and what else is to be kept."""

BEAM = 5
BATCH = 8


def peak_mb() -> float:
    """Return the most memory this process ever held, in MB.

    ``ru_maxrss`` would begin with what the parent held when it forked; Linux knows better.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def cpu_seconds() -> float:
    """Return the processor time of this process and of those it started and waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


class Timed:
    """An engine whose own time is taken; everything else of it is as it was."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.seconds = 0.0

    def transcribe(self, *args: Any, **named: Any) -> Any:
        """Transcribe, and remember how long that took."""
        started = time.perf_counter()
        try:
            return self._engine.transcribe(*args, **named)
        finally:
            self.seconds += time.perf_counter() - started

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def callmine(request: Json, *, names: bool = True) -> Listen:
    """Read with callmine's own stage: decoding, speech detection and packing are in its time.

    Without ``names`` neither the playbook's nor the call's are offered to the recogniser.
    """
    from callmine.domain import Call, Facts, Participant
    from callmine.engines.faster_whisper import FasterWhisper
    from callmine.errors import NoWords, SkipCall
    from callmine.stage import Job
    from callmine.stages.transcribe import TranscribeStage

    engine = Timed(FasterWhisper(model=request["model"], threads=request["threads"]))
    stage = TranscribeStage(engine, language="en", vocabulary=tuple(request["vocabulary"]) if names else ())
    engine.load()

    def listen(item: Json) -> Json:
        facts = Facts(language="en")
        if names:
            people = tuple(Participant(name) for name in item["people"])
            facts = Facts(language="en", account=item["account"], participants=people)
        call = Call(
            item["key"], Path(item["path"]).name, item["sha"], item["path"], None, None, 0, 0, facts
        )
        engine.seconds = 0.0
        try:
            transcript = stage.process(Job(item["key"], call.source, call, "")).output
        except (SkipCall, NoWords) as error:
            return {"words": [], "engine_seconds": engine.seconds, "notes": [str(error)]}
        words: Words = []
        for s in transcript.segments:
            if s.words:
                words += [(w.text, w.start_ms, w.end_ms, s.channel) for w in s.words]
            else:
                words.append((s.text, s.start_ms, s.end_ms, s.channel))
        return {
            "words": words,
            "engine_seconds": engine.seconds,
            "notes": list(transcript.notes),
            "channels": transcript.channels,
        }

    return listen


def _faster_whisper(request: Json, *, batched: bool, vad: bool) -> Listen:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model: Any = WhisperModel(
        request["model_path"],
        device="cpu",
        compute_type="int8",
        cpu_threads=request["threads"],
        local_files_only=True,
    )
    # The batched pipeline's own default is to detect speech; the sequential one's is not to.
    options: Json = {"batch_size": BATCH} if batched else {"vad_filter": vad}
    reader = BatchedInferencePipeline(model=model) if batched else model

    def listen(item: Json) -> Json:
        segments, _ = reader.transcribe(
            item["path"],
            language="en",
            beam_size=BEAM,
            word_timestamps=True,
            condition_on_previous_text=False,
            **options,
        )
        return {"words": _words((w.word, w.start, w.end) for s in segments for w in s.words or ())}

    return listen


def openai_whisper(request: Json) -> Listen:
    """Read with ``whisper.transcribe`` in float32, on the same weights."""
    import torch
    import whisper
    from faster_whisper.audio import decode_audio

    from callmine.engines.convert import load_whisper

    torch.set_num_threads(request["threads"])
    model = load_whisper(Path(request["model_path"]))

    def listen(item: Json) -> Json:
        result = whisper.transcribe(
            model,
            decode_audio(item["path"]),
            language="en",
            beam_size=BEAM,
            best_of=BEAM,
            word_timestamps=True,
            condition_on_previous_text=False,
            fp16=False,
            verbose=None,
        )
        found = ((w["word"], w["start"], w["end"]) for s in result["segments"] for w in s["words"])
        return {"words": _words(found)}

    return listen


def whisper_ctranslate2(request: Json) -> Listen:
    """Run the command once a recording; its start-up is taken off.

    That is what a blink of silence takes, less what a second one takes in the same command: a blink
    is read as a whole window.
    """
    command = Path(sys.executable).parent / "whisper-ctranslate2"

    def run(*paths: str) -> tuple[Json, float]:
        with tempfile.TemporaryDirectory() as folder:
            given = f"--model_directory {request['model_path']} --output_dir {folder} --output_format json"
            given += f" --language en --beam_size {BEAM} --word_timestamps True --device cpu"
            given += f" --condition_on_previous_text False --threads {request['threads']}"
            given += " --compute_type int8 --verbose False"
            started = time.perf_counter()
            subprocess.run([str(command), *given.split(" "), *paths], check=True, stdout=sys.stderr)
            took = time.perf_counter() - started
            written = sorted(Path(folder).glob("*.json"))
            assert len(written) == len(paths)
            return json.loads(written[0].read_text("utf-8")), took

    with tempfile.TemporaryDirectory() as folder:
        blinks = [str(Path(folder) / f"blink-{n}.wav") for n in range(2)]
        for blink in blinks:
            with wave.open(blink, "wb") as sound:
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(16_000)
                sound.writeframes(bytes(3_200))
        one, two = (sorted(run(*blinks[:n])[1] for _ in range(3))[1] for n in (1, 2))
        start_up = max(0.0, 2 * one - two)

    def listen(item: Json) -> Json:
        result, took = run(item["path"])
        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 2**20
        words = (w for s in result["segments"] for w in s.get("words") or ())
        return {
            "words": _words((w["word"], w["start"], w["end"]) for w in words),
            "seconds": max(0.001, took - start_up),
            "load_seconds": start_up,
            "peak_mb": peak,
        }

    return listen


def whisper_cpp(request: Json) -> Listen:
    """Read with whisper.cpp's bindings, on the same weights in half precision."""
    from faster_whisper.audio import decode_audio
    from pywhispercpp.model import Model

    model = Model(
        request["ggml"],
        n_threads=request["threads"],
        params_sampling_strategy=1,
        beam_search={"beam_size": BEAM, "patience": -1.0},
        language="en",
        no_context=True,
        token_timestamps=True,
        max_len=1,  # one word a segment: its way to word times
        split_on_word=True,
        print_progress=False,
        print_realtime=False,
    )

    def listen(item: Json) -> Json:
        heard = model.transcribe(decode_audio(item["path"]))
        return {"words": _words((s.text, s.t0 / 100, s.t1 / 100) for s in heard if s.text.strip())}

    return listen


def _words(found: Any) -> Words:
    return [(str(t).strip(), round(s * 1000), round(e * 1000), None) for t, s, e in found]


TOOLS: dict[str, tuple[Callable[[Json], Listen], Sequence[str]]] = {
    "callmine": (callmine, ("callmine", "faster-whisper")),
    "callmine-unbiased": (lambda r: callmine(r, names=False), ("callmine", "faster-whisper")),
    "callmine-single": (callmine, ("callmine", "faster-whisper")),
    "fw-sequential": (lambda r: _faster_whisper(r, batched=False, vad=False), ("faster-whisper",)),
    "fw-sequential-vad": (lambda r: _faster_whisper(r, batched=False, vad=True), ("faster-whisper",)),
    "fw-batched": (lambda r: _faster_whisper(r, batched=True, vad=True), ("faster-whisper",)),
    "openai-whisper": (openai_whisper, ("openai-whisper", "torch")),
    "whisper-ctranslate2": (whisper_ctranslate2, ("whisper-ctranslate2", "faster-whisper")),
    "whisper.cpp": (whisper_cpp, ("pywhispercpp",)),
}
"""Name to what opens it, and the packages whose versions count."""


def main() -> None:
    """Load, warm up, then read every recording of the request, telling the parent of each."""
    request: Json = json.loads(sys.stdin.read())
    opener, packages = TOOLS[request["tool"]]
    versions = {name: metadata.version(name) for name in packages}
    with os.fdopen(request["descriptor"], "w", encoding="utf-8") as out:
        if request["workers"] > 1:
            from benchmarks.side_by_side import read_all

            for line in read_all(request, request["workers"]):
                out.write(json.dumps(line | {"versions": versions}) + "\n")
            return
        started = time.perf_counter()
        listen = opener(request)
        load = time.perf_counter() - started
        if request["tool"] != "whisper-ctranslate2":  # every run of a command begins cold
            listen(request["warm_up"])
        warm = time.perf_counter() - started - load
        for item in request["recordings"]:
            started, worked = time.perf_counter(), cpu_seconds()
            result = listen(item)
            line = {
                "key": item["key"],
                "versions": versions,
                "seconds": time.perf_counter() - started,
                "cpu_seconds": cpu_seconds() - worked,
                "load_seconds": load,
                "warm_seconds": warm,
                "peak_mb": peak_mb(),
            }
            out.write(json.dumps(line | result) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
