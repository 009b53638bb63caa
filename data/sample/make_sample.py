"""Make the sample recordings of ``data/sample`` from the scripts in ``calls/``.

Run it in a virtual environment of its own (about two minutes of processor time per minute of speech)::

    python -m venv .venv-sample
    .venv-sample/bin/pip install numpy scipy onnxruntime av
    .venv-sample/bin/pip install --no-deps hibari-tts
    .venv-sample/bin/python data/sample/make_sample.py            # every call
    .venv-sample/bin/python data/sample/make_sample.py --only 03  # calls whose file name holds "03"
    .venv-sample/bin/python data/sample/make_sample.py --check    # check and count the scripts, no speech

It reads ``cast.toml`` (people, voices, names to pronounce) and ``calls/*.toml`` (one call each, one line
a turn), speaks every turn with Kokoro-82M, mixes and encodes ``audio/*`` and writes ``truth.jsonl``:
every turn with its true times and labels. Stop it at any time and start it again: sentences already
spoken are kept in ``--cache``. Gaps, noise and everything else drawn are seeded with the call's id.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OBJECTIONS = {
    "price", "timing", "authority", "no_need", "incumbent", "trust",
    "feature_gap", "integration", "security", "implementation", "contract", "brush_off",
}  # fmt: skip
RELATIONS = {"incumbent", "evaluating", "churned", "chosen", "mentioned"}
STANCES = {"positive", "negative", "neutral"}
TURN_KEYS = {"who", "text", "say", "objections", "competitors", "positioning", "answer", "gap", "overlap"}
MENTION = ("name", "relation", "stance")
Call = dict[str, Any]


def load(only: str = "") -> tuple[dict[str, Any], list[Call]]:
    """Read the cast and the calls whose file name contains ``only``, in order, checked."""
    cast = tomllib.loads((HERE / "cast.toml").read_text(encoding="utf-8"))
    playbook = tomllib.loads((HERE / "playbook.toml").read_text(encoding="utf-8"))
    names = [competitor["name"] for competitor in playbook["competitors"]]
    calls = []
    for path in sorted((HERE / "calls").glob("*.toml")):
        if only in path.name:
            call = tomllib.loads(path.read_text(encoding="utf-8"))
            call["id"] = path.stem
            last = None
            for number, turn in enumerate(call["turns"], start=1):
                if "who" in turn:
                    check_turn(turn, cast["people"], names, f"{path.name}, line {number} of turns")
                    if turn["who"] == last:
                        raise ValueError(
                            f"{path.name}, line {number} of turns: {last} speaks twice in a row"
                        )
                last = turn.get("who")
            calls.append(call)
    return cast, calls


def check_turn(turn: Call, people: dict[str, Any], names: list[str], where: str) -> None:
    """Raise ``ValueError`` if a turn breaks a rule of the labelling guide that a machine can check."""
    text, role = turn["text"], people[turn["who"]]["role"]
    faults = [f"unknown key {key}" for key in set(turn) - TURN_KEYS]
    for label, span in turn.get("objections", []):
        if label not in OBJECTIONS:
            faults.append(f"unknown objection {label}")
        if span not in text:
            faults.append(f"span {span!r} is not in the text")
        if role != "prospect":
            faults.append("only a prospect objects")
    for name, relation, stance in turn.get("competitors", []):
        if name not in names or relation not in RELATIONS or stance not in STANCES:
            faults.append(f"bad competitor entry {name}, {relation}, {stance}")
    for name in names:
        if name in text and name not in [c[0] for c in turn.get("competitors", [])]:
            faults.append(f"{name} is named but not labelled")
    if turn.get("positioning") not in (None, role):
        faults.append("positioning must be the speaker's side")
    if len(text.split()) > 60:
        faults.append("over 60 words")
    if faults:
        raise ValueError(f"{where}: {'; '.join(faults)}: {text!r}")


def truth_row(
    call: Call, index: int, turn: Call, cast: dict[str, Any], times: tuple[int, int]
) -> dict[str, Any]:
    """Return one line of ``truth.jsonl``."""
    person = cast["people"][turn["who"]]
    row: dict[str, Any] = {
        "id": f"{call['id']}#{index}",
        "call": call["id"],
        "turn": index,
        "speaker": person["name"],
        "role": person["role"],
        "start_ms": times[0],
        "end_ms": times[1],
        "text": turn["text"],
        "objections": list(dict.fromkeys(label for label, _ in turn.get("objections", []))),
        "competitors": [dict(zip(MENTION, c, strict=True)) for c in turn.get("competitors", [])],
        "positioning": turn.get("positioning"),
        "spans": [{"label": label, "text": span} for label, span in turn.get("objections", [])],
    }
    if "answer" in turn:
        row["answer"] = turn["answer"]
    return row


def make_call(call: Call, cast: dict[str, Any], speech: Any) -> list[dict[str, Any]]:
    """Speak, mix and encode one call; return its lines of ``truth.jsonl``."""
    import numpy as np
    from mixing import Pause, Turn, encode, mix

    items: list[Turn | Pause] = []
    for turn in call["turns"]:
        if "event" in turn:
            items.append(Pause(turn["seconds"], turn["event"] == "music", side=turn.get("side", 0)))
            continue
        person = cast["people"][turn["who"]]
        audio = speech.say(turn.get("say", turn["text"]), person["voice"], speed=person.get("speed", 1.0))
        side = 0 if person["role"] == "rep" else 1
        items.append(Turn(audio, side, person.get("gain_db", 0.0), turn.get("gap"), turn.get("overlap", 0)))
    rng = np.random.default_rng(zlib.crc32(call["id"].encode()))
    samples = mix(items, rng, layout=call["layout"], quality=call.get("quality", "clean"))
    encode(HERE / "audio" / call["file"], samples, bit_rate=call.get("bit_rate", 16_000))
    turns = [t for t in call["turns"] if "who" in t]
    placed = [i for i in items if isinstance(i, Turn)]
    return [
        truth_row(call, n, turn, cast, (item.start_ms, item.end_ms))
        for n, (turn, item) in enumerate(zip(turns, placed, strict=True))
    ]


def counts(calls: list[Call]) -> str:
    """Return the number of turns, words and planted findings, as lines of text."""
    turns = [t for c in calls for t in c["turns"] if "who" in t]
    labels = Counter(label for t in turns for label, _ in t.get("objections", []))
    names = Counter(c[0] for t in turns for c in t.get("competitors", []))
    sides = Counter(t["positioning"] for t in turns if t.get("positioning"))
    answers = Counter(t["answer"] for t in turns if "answer" in t)
    words = sum(len(t["text"].split()) for t in turns)
    lines = [f"{len(calls)} calls, {len(turns)} turns, {words} words"]
    for title, table in (
        ("objections", labels),
        ("competitors", names),
        ("positioning", sides),
        ("answers", answers),
    ):
        lines.append(
            f"{title} {sum(table.values())}: " + ", ".join(f"{k} {v}" for k, v in sorted(table.items()))
        )
    return "\n".join(lines)


def main() -> None:
    """Parse the command line and make what it asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default="", help="part of the file name of the calls to make")
    parser.add_argument("--check", action="store_true", help="check the scripts and print the counts only")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "callmine-sample")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    cast, calls = load(options.only)
    print(counts(calls))
    if options.check:
        return
    from speech import Speech

    speech = Speech(options.cache, sounds=cast["sounds"], threads=options.threads)
    (HERE / "audio").mkdir(exist_ok=True)
    truth = HERE / "truth.jsonl"
    rows: dict[str, list[str]] = {}
    if truth.exists():
        for line in truth.read_text(encoding="utf-8").splitlines():
            rows.setdefault(json.loads(line)["call"], []).append(line)
    for call in calls:
        made = make_call(call, cast, speech)
        rows[call["id"]] = [json.dumps(row, ensure_ascii=False) for row in made]
        lines = [line for name in sorted(rows) for line in rows[name]]
        truth.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        sys.stderr.write(f"{call['file']}: {made[-1]['end_ms'] / 1000:.0f} s\n")


if __name__ == "__main__":
    main()
