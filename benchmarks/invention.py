"""Words where nobody speaks: every tool on sounds without speech; writes docs/benchmarks.md.

A minute of each of :data:`benchmarks.nonspeech.KINDS`; half an hour of sample speech of which
40 % is silence; and a real "Thank you" alone between two stretches of silence, which has to stay.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.measure import measure
from benchmarks.nonspeech import KINDS, RATE, room
from benchmarks.options import TITLES, Setup, arguments, listed, say, setup_of
from benchmarks.recordings import Recorded, clips, lay, sample_calls, write
from benchmarks.scoring import Turn, invented, normal, one_stream
from benchmarks.tables import origin, percent, put, table
from callmine.audio import decode

THANKS = ("01-brennholt-discovery", 1, 101_900, 102_760)
"""Call, channel and milliseconds of "Thank you, Maya.", between two pauses of its speaker."""


def recordings(folder: Path, *, gaps_s: float = 1800.0) -> list[Recorded]:
    """Return the recordings, building what is not in ``folder`` yet."""
    found = []
    for name, make in KINDS.items():
        path = folder / f"{name}.wav"
        sound = make()
        if not path.exists():
            write(path, [sound[None]])
        found.append(Recorded(name, path, len(sound) / RATE, ()))
    found.append(thanks(folder))
    found.append(laid(folder, "gaps", gaps_s, silence=0.4, pauses=(5.0, 60.0)))
    return found


def thanks(folder: Path) -> Recorded:
    """Return a real "Thank you, Maya." with ten seconds of line noise before it and after."""
    call, channel, start, end = THANKS
    path, at = folder / "thank-you.wav", 10_000
    if not path.exists():
        (recorded,) = sample_calls([call])
        _, channels = decode(recorded.path)
        said = channels[channel][start * RATE // 1000 : end * RATE // 1000]
        sound = room(at * 2 / 1000 + len(said) / RATE, seed=7, level_db=-62.0)
        begin = at * RATE // 1000
        sound[begin : begin + len(said)] = said[: len(sound) - begin]
        write(path, [sound[None]])
    length = end - start
    turn = Turn("Thank you, Maya.", at, at + length)
    return Recorded("thank-you", path, (2 * at + length) / 1000, (turn,))


def laid(
    folder: Path,
    name: str,
    seconds: float,
    *,
    silence: float,
    pauses: tuple[float, float] = (20.0, 120.0),
    sides: int = 1,
    suffix: str = ".wav",
) -> Recorded:
    """Return sample turns laid over ``seconds`` with long pauses; the truth is kept beside the file."""
    path = folder / f"{name}-{seconds:.0f}{suffix}"
    kept = path.with_suffix(".json")
    if not (path.exists() and kept.exists()):
        say(f"building {path.name}")
        blocks, turns = lay(clips(), seconds, silence=silence, pauses=pauses, sides=sides, seed=11)
        write(path, blocks)
        rows = [[t.text, t.start_ms, t.end_ms, t.channel] for t in turns]
        kept.write_text(json.dumps(rows), "utf-8")
    truth = tuple(Turn(*row) for row in json.loads(kept.read_text("utf-8")))
    return Recorded(name, path, seconds, truth)


def section(model: str, tools: list[str], setup: Setup, *, gaps_s: float = 1800.0) -> list[str]:
    """Measure every tool with one model; return the part of the page."""
    sounds = recordings(setup.work / "audio" / "nonspeech", gaps_s=gaps_s)
    results = measure(tools, model, "nonspeech", sounds, setup)
    header = ("tool", *KINDS, "invented in the gaps", "WER there", "words lost there", "“thank you” kept")
    rows: list[list[str]] = []
    versions: dict[str, str] = {}
    for tool in tools:
        found = results[tool]
        if isinstance(found, str):
            rows.append([TITLES[tool], found, *[""] * (len(header) - 2)])
            continue
        versions |= found[0].runs[0]["versions"]
        by_key = {m.recorded.key: m for m in found}
        gaps, thank = by_key["gaps"], by_key["thank-you"]
        counts = one_stream(gaps.recorded.turns, gaps.words)
        kept = "thank you" in normal(" ".join(w.text for w in thank.words))
        rows.append(
            [
                TITLES[tool],
                *(str(len(by_key[kind].words)) for kind in KINDS),
                str(invented(gaps.recorded.turns, gaps.words)),
                percent(counts.rate),
                str(counts.lost),
                "yes" if kept else "**no**",
            ]
        )
    share = 1 - sum(t.end_ms - t.start_ms for t in by_name(sounds, "gaps").turns) / 1000 / gaps_s
    return [
        f"### {model}, words where nobody speaks",
        "",
        f"Words written for {sounds[0].seconds:.0f} s of each sound; then"
        f" {gaps_s / 60:.0f} minutes of sample speech of which {percent(share, 0)} is silence.",
        "",
        *table(header, rows),
        *origin(versions, f"python -m benchmarks.invention --models {model}"),
    ]


def by_name(sounds: list[Recorded], key: str) -> Recorded:
    """Return the recording of this name."""
    return next(r for r in sounds if r.key == key)


def main() -> None:
    """Measure what the options ask for, and write each part as soon as it is done."""
    parser = arguments("Count the words that the tools write where nobody speaks.")
    parser.set_defaults(repeats=1, models="tiny.en,base")
    parser.add_argument("--gaps", type=float, default=1800.0, help="seconds of the recording with gaps")
    args = parser.parse_args()
    for model in listed(args.models):
        lines = section(model, listed(args.tools), setup_of(args), gaps_s=args.gaps)
        put(args.out, f"invention {model}", lines)
    say(f"written to {args.out}")


if __name__ == "__main__":
    main()
