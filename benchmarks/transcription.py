"""``make bench``: every tool on the sample calls, side by side; writes docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.measure import Measured, measure, model_path, total
from benchmarks.names import playbook, recognised
from benchmarks.options import TITLES, Setup, arguments, listed, say, setup_of
from benchmarks.recordings import VARIANTS, variant
from benchmarks.scoring import Counts, invented, names_heard, one_stream, per_channel, playbook_names
from benchmarks.tables import of, origin, percent, put, table

WHAT = {
    "stereo": "two-sided calls, each person on a channel",
    "mono": "calls, mixed to one channel",
    "stereo-telephone": "two-sided calls at telephone quality",
    "mono-telephone": "calls, mixed, at telephone quality",
}
HEADER = (
    "tool",
    "audio s per s",
    "WER",
    "words lost",
    "where nobody speaks",
    "names written",
    "competitors found",
    "peak MB",
    "load s",
    "not the engine",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One tool on one variant.

    Attributes:
        speed: Seconds of audio per second of wall time, from the medians.
        slowest: The same of the slowest repeat; ``fastest`` of the fastest.
        one: Word counts with everything in one stream.
        sides: Word counts side by side, where the tool says who is on which.
        invented: Words where nobody speaks.
        names: Playbook names written exactly, and said.
        found: Competitor mentions recognised by callmine's findings pass, and planted.
        peak_mb: Most memory of any process.
        load_s: Median time to load the model.
        outside: Share of the recordings' own time that is not the engine's, where it is known.
    """

    speed: float
    slowest: float
    fastest: float
    one: Counts
    sides: Counts | None
    invented: int
    names: tuple[int, int]
    found: tuple[int, int]
    peak_mb: float
    load_s: float
    outside: float | None

    @property
    def rate(self) -> float:
        """Word error rate: by sides where the tool knows them, else in one stream."""
        return (self.sides or self.one).rate

    @property
    def names_share(self) -> float:
        """Share of the names that were written."""
        return self.names[0] / max(1, self.names[1])


def row_of(measured: Sequence[Measured]) -> Row:
    """Count everything for one tool over the recordings of a variant."""
    audio = sum(m.recorded.seconds for m in measured)
    passes = [sum(m.runs[n]["seconds"] for m in measured) for n in range(len(measured[0].runs))]
    one, sides, far = Counts(), Counts(), 0
    apart = any(w.channel is not None for m in measured for w in m.words)
    names = [0, 0]
    wanted = playbook_names(playbook())
    for m in measured:
        one += one_stream(m.recorded.turns, m.words)
        if apart:
            # A tool that read a two-sided call as one channel is counted in one stream.
            sides += per_channel(m.recorded.turns, m.words) or one_stream(m.recorded.turns, m.words)
        far += invented(m.recorded.turns, m.words)
        found, said = names_heard(m.recorded.turns, m.words, wanted)
        names = [names[0] + found, names[1] + said]
    seconds = total(measured, "seconds")
    runs = [r for m in measured for r in m.runs]
    engine = all("engine_seconds" in r for r in runs)
    # Side by side, a share of the whole's time is also waiting for another process to end.
    own = "own_seconds" if all("own_seconds" in r for r in runs) else "seconds"
    return Row(
        speed=audio / seconds,
        slowest=audio / max(passes),
        fastest=audio / min(passes),
        one=one,
        sides=sides if apart else None,
        invented=far,
        names=(names[0], names[1]),
        found=recognised(measured),
        peak_mb=max(r["peak_mb"] for m in measured for r in m.runs),
        load_s=sorted(r["load_seconds"] for m in measured for r in m.runs)[
            len(measured) * len(measured[0].runs) // 2
        ],
        outside=1 - total(measured, "engine_seconds") / total(measured, own) if engine else None,
    )


def cells(tool: str, row: Row) -> list[str]:
    """Return the cells of a table row."""
    counts = row.sides or row.one
    rate = percent(row.rate)
    if row.sides is not None:
        rate += f" (one stream {percent(row.one.rate)})"
    once = row.slowest == row.fastest
    return [
        TITLES[tool],
        f"{row.speed:.1f}" + ("" if once else f" ({row.slowest:.1f} to {row.fastest:.1f})"),
        rate,
        f"{counts.lost} in {counts.passages}" if counts.lost else "0",
        str(row.invented),
        of(*row.names),
        of(*row.found),
        f"{row.peak_mb:.0f}",
        f"{row.load_s:.1f}",
        "" if row.outside is None else percent(row.outside),
    ]


def target_rows(rows: Mapping[str, Row]) -> list[list[str]]:
    """Return ``what, target, measured, met`` for the targets that these rows can tell."""
    mine, plain = rows.get("callmine"), rows.get("callmine-unbiased")
    if mine is None:
        return []
    out: list[list[str]] = []

    def line(what: str, target: str, value: str, met: bool) -> None:
        out.append([what, target, value, "yes" if met else "**no**"])

    if (peer := rows.get("openai-whisper")) is not None:
        ratio = mine.speed / peer.speed
        line("speed over openai-whisper", "6", f"{ratio:.1f}", ratio >= 6)
    if (peer := rows.get("fw-sequential")) is not None:
        ratio = mine.speed / peer.speed
        line("speed over faster-whisper, sequential", "1.3", f"{ratio:.2f}", ratio >= 1.3)
        # In one stream both: a peer that mixes the channels cannot be counted in any other way.
        worse = mine.one.rate - peer.one.rate
        line("WER above faster-whisper, sequential", "0.3 points", _points(worse), worse <= 0.003)
        if plain is not None:
            worse = plain.one.rate - peer.one.rate
            line("the same, no names given", "0.3 points", _points(worse), worse <= 0.003)
        more = mine.names_share - peer.names_share
        line(
            "names written, above the unbiased engine",
            "20 points, or 90 %",
            f"{_points(more)} ({percent(mine.names_share, 0)})",
            more >= 0.2 or mine.names_share >= 0.9,
        )
    if mine.outside is not None:
        share = mine.outside
        line("time outside the recogniser (file, speech detection)", "3 %", percent(share), share <= 0.03)
    lost = (mine.sides or mine.one).lost
    line("words lost", "0", str(lost), lost == 0)
    line("words where nobody speaks", "0", str(mine.invented), mine.invented == 0)
    return out


def _points(share: float) -> str:
    return f"{100 * share:+.1f} points"


def section(model: str, name: str, tools: Sequence[str], calls: Sequence[str], setup: Setup) -> list[str]:
    """Measure one variant with one model; return its part of the page."""
    recordings = variant(name, setup.work / "audio", calls)
    title = f"### {model}, {name}"
    if not recordings:
        return [title, "", "None of the chosen calls is of this kind."]
    results = measure(tools, model, name, recordings, setup)
    rows = {tool: row_of(found) for tool, found in results.items() if not isinstance(found, str)}
    versions: dict[str, str] = {}
    for found in results.values():
        if not isinstance(found, str):
            versions |= found[0].runs[0]["versions"]
    lines: list[list[Any]] = []
    for tool in tools:
        if tool in rows:
            lines.append(cells(tool, rows[tool]))
        else:
            lines.append([TITLES[tool], results[tool], *[""] * (len(HEADER) - 2)])
    minutes = sum(r.seconds for r in recordings) / 60
    spoken = sum(len(t.text.split()) for r in recordings for t in r.turns)
    every = len(variant(name, setup.work / "audio")) if calls else len(recordings)
    repeated = [TITLES[t] for t in tools if t in rows and setup.times(t) > 1]
    runs = "one run"
    if repeated:
        rest = "" if len(repeated) == len(rows) else f" of {' and '.join(repeated)}, one of the others"
        brackets = "(in brackets: whole runs, slowest to fastest)"
        runs = f"each recording's median of {setup.repeats} runs {brackets}{rest}"
    out = [
        title,
        "",
        f"{len(recordings)} of {every} {WHAT[name]}: {minutes:.0f} minutes, {spoken} words; {runs};"
        f" {setup.threads} threads.",
        "",
        *table(HEADER, lines),
    ]
    if goals := target_rows(rows):
        out += ["", *table(("callmine", "target", "measured", "met"), goals)]
    command = f"python -m benchmarks.transcription --models {model} --variants {name}"
    command += f" --calls {','.join(calls)}" if calls else ""
    return out + origin(versions, command)


def main() -> None:
    """Measure what the options ask for, and write each part as soon as it is done."""
    parser = arguments("Compare callmine with its peers on the sample calls.")
    parser.set_defaults(models="tiny.en,base,small")
    parser.add_argument("--variants", default=",".join(VARIANTS), help="comma between them")
    args = parser.parse_args()
    setup, tools = setup_of(args), listed(args.tools)
    for wrong in set(tools) - set(TITLES):
        parser.error(f"there is no tool {wrong}; there are {', '.join(TITLES)}")
    for model in listed(args.models):
        folder = model_path(model)
        if isinstance(folder, str):
            put(args.out, f"transcription {model}", [f"### {model}", "", f"Not measured: {folder}."])
            continue
        for name in listed(args.variants):
            say(f"{model}, {name}")
            put(
                args.out,
                f"transcription {model} {name}",
                section(model, name, tools, listed(args.calls), setup),
            )
    say(f"written to {args.out}")


if __name__ == "__main__":
    main()
