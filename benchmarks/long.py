"""Long recordings and many calls: drift, memory, cost of two channels, orchestration.

``python -m benchmarks.long --only drift``; each part is a function with a table of its own in
docs/benchmarks.md.
"""

from __future__ import annotations

import shutil
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.invention import laid
from benchmarks.measure import Measured, measure, total
from benchmarks.nonspeech import RATE
from benchmarks.options import TITLES, arguments, listed, say, setup_of
from benchmarks.recordings import SAMPLE, clips, variant, write
from benchmarks.scoring import one_stream, turn_starts
from benchmarks.tables import installed, origin, percent, put, table
from benchmarks.watching import at, watch
from callmine.config import load_settings, settings_text
from callmine.engines import replay
from callmine.operations.recipes import Recipe
from callmine.operations.running import run_workspace
from callmine.operations.workspaces import init_workspace
from callmine.stages import ORDER
from callmine.store import Store
from callmine.workspace import Workspace, find_workspace

END_MS = 600_000
"""The end of the long recording: its last ten minutes."""


def drift(model: str, args: Namespace) -> list[str]:
    """Measure the times of sentence starts over 90 minutes with long silences."""
    setup = setup_of(args)
    seconds = args.minutes * 60
    recorded = laid(setup.work / "audio" / "long", "ninety", seconds, silence=0.5, suffix=".ogg")
    tools = listed(args.tools or "callmine,fw-sequential,fw-batched")
    results = measure(tools, model, "drift", [recorded], setup)
    rows: list[list[str]] = []
    versions: dict[str, str] = {}
    for tool in tools:
        found = results[tool]
        if isinstance(found, str):
            rows.append([TITLES[tool], found, *[""] * 7])
            continue
        versions |= found[0].runs[0]["versions"]
        starts = turn_starts(recorded.turns, found[0].words)
        errors = [abs(e) for _, e in starts] or [0]
        late = [abs(e) for t, e in starts if t.start_ms >= seconds * 1000 - END_MS] or [0]
        counts = one_stream(recorded.turns, found[0].words)
        rows.append(
            [
                TITLES[tool],
                f"{seconds / found[0].seconds:.1f}",
                f"{len(starts)} of {len(recorded.turns)}",
                f"{median(errors):.0f} ms",
                f"{np.percentile(errors, 95):.0f} ms",
                f"{median(late):.0f} ms",
                f"{max(late):.0f} ms",
                percent(counts.rate),
                str(counts.lost),
            ]
        )
    header = ["tool", "audio s per s", "starts compared", "median error", "95 % below"]
    header += ["median, last 10 min", "worst, last 10 min", "WER", "words lost"]
    return [
        f"### {model}, times over {args.minutes:.0f} minutes, half of it silence",
        "",
        "First words of turns, against their known starts. Targets: 300 ms at the median, 1 s at the end.",
        "",
        *table(header, rows),
        *origin(versions, f"python -m benchmarks.long --only drift --models {model}"),
    ]


def hours(model: str, args: Namespace) -> list[str]:
    """Measure peak memory on a recording of five hours, mono and two-sided."""
    setup = setup_of(args)
    folder = setup.work / "audio" / "long"
    tools = listed(args.tools or "callmine")
    rows: list[list[str]] = []
    versions: dict[str, str] = {}
    few_s = min(600.0, args.hours * 1800)
    for name, sides in (("mono", 1), ("two-sided", 2)):
        recorded = laid(folder, f"hours-{name}", args.hours * 3600, silence=0.3, sides=sides, suffix=".ogg")
        short = laid(folder, f"short-{name}", few_s, silence=0.3, sides=sides, suffix=".ogg")
        for tool in tools:
            few = measure([tool], model, "hours-short", [short], setup)[tool]
            many = measure([tool], model, "hours", [recorded], setup)[tool]
            if isinstance(few, str):
                rows.append([TITLES[tool], name, few, "", ""])
                continue
            if isinstance(many, str):
                rows.append([TITLES[tool], name, "", many, ""])
                continue
            versions |= many[0].runs[0]["versions"]
            peaks = [max(r["peak_mb"] for r in m[0].runs) for m in (few, many)]
            speed = f"{recorded.seconds / many[0].seconds:.1f}"
            rows.append([TITLES[tool], name, f"{peaks[0]:.0f} MB", f"{peaks[1]:.0f} MB", speed])
    peak = (f"peak, {few_s / 60:g} minutes", f"peak, {args.hours:g} hours")
    header = ("tool", "recording", *peak, "audio s per s")
    return [
        f"### {model}, memory on a recording of {args.hours:g} hours",
        "",
        "Target: below 1,500 MB with base.",
        "",
        *table(header, rows),
        *origin(versions, f"python -m benchmarks.long --only hours --models {model}"),
    ]


def many(model: str, args: Namespace) -> list[str]:
    """Measure the memory of parent and workers while many short calls are read."""
    setup = setup_of(args)
    folder, root = setup.work / "audio" / f"many-{args.count}", setup.work / "many"
    said = clips()
    for number in range(args.count):
        path = folder / f"call-{number:03d}.ogg"
        if not path.exists():  # each with another pair of turns or another pause: another content
            first, second = said[number % len(said)], said[(7 * number + 3) % len(said)]
            pause = np.zeros(RATE // 4 + number * 40, np.float32)
            left = np.concatenate([first.samples, pause, np.zeros_like(second.samples)])
            right = np.concatenate([np.zeros_like(first.samples), pause, second.samples])
            write(path, [np.stack([left, right])])
    shutil.rmtree(root, ignore_errors=True)
    workspace = _workspace(root, model, jobs=2)
    (workspace.root / "inbox").rmdir()
    (workspace.root / "inbox").symlink_to(folder)
    log = setup.work / "log" / f"many.{model}.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    say(f"{model} many: reading {args.count} calls")
    started = time.perf_counter()
    samples = watch(workspace.root, [], log)
    took = time.perf_counter() - started
    rows = []
    n = args.count
    for stage in ("transcribe", "extract"):
        for low, high in ((n // 10, n // 4), (n // 4, n // 2), (n // 2, 3 * n // 4), (3 * n // 4, n)):
            seen = at(samples, stage, low, high)
            cell = [f"{x:.0f} MB" for x in seen] if seen else ["too quick to see", ""]
            rows.append([stage, f"{low} to {high}", *cell])
    return [
        f"### {model}, memory over {n} calls",
        "",
        f"`callmine run` with two workers, {took:.0f} s. Medians while so many calls were done."
        " Target: flat.",
        "",
        *table(("stage", "calls done", "parent", "largest worker"), rows),
        *origin(installed(), f"python -m benchmarks.long --only many --models {model}"),
    ]


def stereo(model: str, args: Namespace) -> list[str]:
    """Measure what a two-sided call costs over the same call mixed to one channel."""
    setup = replace(setup_of(args), repeats=max(3, args.repeats))
    calls = listed(args.calls)
    two = variant("stereo-wav", setup.work / "audio", calls)
    keys = {r.key for r in two}
    one = [r for r in variant("mono", setup.work / "audio", calls) if r.key in keys]
    rows: list[list[str]] = []
    versions: dict[str, str] = {}
    for tool in listed(args.tools or "callmine,fw-sequential"):
        pair: list[list[Measured]] = []
        for group, recordings in (("stereo-wav", two), ("mono", one)):
            found = measure([tool], model, group, recordings, setup)[tool]
            if isinstance(found, str):
                rows.append([TITLES[tool], found, "", ""])
                break
            versions |= found[0].runs[0]["versions"]
            pair.append(found)
        if len(pair) == 2:
            a, b = (total(found, "seconds") for found in pair)
            rows.append([TITLES[tool], f"{a:.1f} s", f"{b:.1f} s", f"{a / b:.2f}"])
    return [
        f"### {model}, two channels against their mix",
        "",
        f"{len(two)} two-sided calls, both as uncompressed files. Target: at most 1.15. A tool that"
        " mixes by itself has nothing to pay, and does not know who spoke.",
        "",
        *table(("tool", "two channels", "mixed", "ratio"), rows),
        *origin(versions, f"python -m benchmarks.long --only stereo --models {model}"),
    ]


def orchestration(model: str, args: Namespace) -> list[str]:
    """Measure what a run costs beside its engine: the sample through the pipeline, then replayed."""
    setup = setup_of(args)
    recipe = Recipe(stages=tuple(s for s in ORDER if s not in ("extract", "diarize")))
    whole, beside = [], []
    audio = 0.0
    for repeat in range(setup.repeats):
        root = setup.work / "orchestration"
        shutil.rmtree(root, ignore_errors=True)
        real = _workspace(root / "real", model, jobs=2, sample=True)
        whole.append(_timed(real, recipe))
        again = _workspace(root / "again", model, jobs=2, sample=True, engine="replay")
        with Store(real.database) as store:
            contents = {r["call_id"]: r["content"] for r in store.table_rows("calls")}
            audio = sum(r["duration_ms"] for r in store.table_rows("calls")) / 1000
            for row in store.table_rows("transcripts"):
                transcript, _, _ = store.transcript(row["call_id"])
                replay.write(again.root / "transcripts", contents[row["call_id"]], transcript)
        beside.append(_timed(again, recipe))
        say(f"{model} orchestration {repeat + 1}: {whole[-1]:.1f} s, replayed {beside[-1]:.1f} s")
    share = median(beside) / median(whole)
    return [
        f"### {model}, orchestration",
        "",
        "`callmine run` over the sample from the audio to the turns, with two workers; then the same with"
        " recorded transcripts (`replay`): reading files, planning, handing out, storing."
        " Each worker has one thread. Target: under 3 %.",
        "",
        *table(
            ("with the engine", "audio s per s", "replayed", "share"),
            [
                [
                    f"{median(whole):.1f} s",
                    f"{audio / median(whole):.1f}",
                    f"{median(beside):.2f} s",
                    percent(share),
                ]
            ],
        ),
        *origin(installed(), f"python -m benchmarks.long --only orchestration --models {model}"),
    ]


def _workspace(
    root: Path, model: str, *, jobs: int, sample: bool = False, engine: str = "faster_whisper"
) -> Workspace:
    """Make a workspace with the sample's playbook and, if wanted, its calls."""
    init_workspace(root, sample=sample)
    if not sample:
        shutil.copyfile(SAMPLE / "playbook.toml", root / "playbook.toml")
    chosen = {"engine": engine, "model": model, "language": "en"}
    settings = load_settings(
        None, {"transcribe": chosen, "run": {"jobs": jobs}, "ingest": {"min_seconds": 0}}
    )
    (root / "callmine.toml").write_text(settings_text(settings), "utf-8")
    return find_workspace(root)


def _timed(workspace: Workspace, recipe: Recipe) -> float:
    """Run a workspace; return the seconds.

    Raises:
        RuntimeError: A call failed: the figure would mean nothing.
    """
    started = time.perf_counter()
    report = run_workspace(workspace, recipe=recipe).report
    took = time.perf_counter() - started
    if report.failed:
        raise RuntimeError(f"{report.failed} calls failed in {workspace.root}")
    return took


PARTS: Mapping[str, Callable[[str, Namespace], list[str]]] = {
    "stereo": stereo,
    "orchestration": orchestration,
    "drift": drift,
    "many": many,
    "hours": hours,
}


def main() -> None:
    """Measure the parts that are asked for, and write each as soon as it is done."""
    parser = arguments("Long recordings and many calls.")
    parser.set_defaults(repeats=1, tools="", models="tiny.en,base")
    parser.add_argument("--only", default=",".join(PARTS), help="comma between them")
    parser.add_argument("--minutes", type=float, default=90.0, help="length for drift")
    parser.add_argument("--hours", type=float, default=5.0, help="length for hours")
    parser.add_argument("--count", type=int, default=500, help="calls for many")
    args = parser.parse_args()
    for wrong in set(listed(args.only)) - set(PARTS):
        parser.error(f"there is no part {wrong}; there are {', '.join(PARTS)}")
    for model in listed(args.models):
        for name in listed(args.only):
            say(f"{model}, {name}")
            put(args.out, f"{name} {model}", PARTS[name](model, args))
    say(f"written to {args.out}")


if __name__ == "__main__":
    main()
