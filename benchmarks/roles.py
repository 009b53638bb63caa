"""``python -m benchmarks.roles``: how well words tell the roles, and find roles the wrong way round.

Every call is judged twice, with its roles as labelled and inverted. Weights and limits come from
``data/train`` alone: rows marked *held out* are calls of authors whom the weights of that row
never saw (fitted anew here); gold and sample are other authors' again and used for nothing else.
Noise loses or replaces a share of the words and takes marks and capitals away.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callmine.domain import Facts, Role, RoleSource, Segment, Speaker, Transcript
from callmine.playbook import load_playbook
from callmine.stages.doubt import with_doubt
from callmine.stages.roles import CONFIDENCE, MIN_CONFIDENCE, evidence_of, speaker_key, speakers_of
from callmine.store import Store
from callmine.voices.cues import Cues, model
from callmine.voices.training import WHOLE_CALLS, fit, read_lines, worse
from callmine.workspace import find_workspace

ROOT = Path(__file__).parent.parent
SIDES = {"rep": Role.REP, "prospect": Role.PROSPECT}
FIRST = 8
"""Turns of the calls that are cut short."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody said: the voice, its true role, the words."""

    voice: str
    role: Role
    text: str


Calls = dict[str, list[Turn]]


def gold_calls(name: str) -> Calls:
    """Return the gold calls whose speakers are labelled."""
    calls: Calls = defaultdict(list)
    for line in (ROOT / "data" / "gold" / name).read_text("utf-8").splitlines():
        raw = json.loads(line)
        if raw["role"] in SIDES:
            calls[raw["scenario"]].append(Turn(raw["role"], SIDES[raw["role"]], raw["text"]))
    return calls


def sample_truth() -> Calls:
    """Return what was spoken in the sample calls that callmine reads, voice by voice."""
    manifest = (ROOT / "data" / "sample" / "manifest.csv").read_text("utf-8").splitlines()
    unread = {Path(r["path"]).stem for r in csv.DictReader(manifest) if r["consent"] == "no"}
    calls: Calls = defaultdict(list)
    for line in (ROOT / "data" / "sample" / "truth.jsonl").read_text("utf-8").splitlines():
        raw = json.loads(line)
        calls[raw["call"]].append(Turn(raw["speaker"], SIDES[raw["role"]], raw["text"]))
    return {name: turns for name, turns in calls.items() if name not in unread and _both(turns)}


def recognised(folder: Path) -> Calls:
    """Return a workspace's calls as recognised, where a channel or a vendor told the sides."""
    calls: Calls = {}
    with Store(find_workspace(folder).database, create=False) as store:
        for row in store.calls():
            if not row.words:
                continue
            transcript, _, speakers = store.transcript(row.call_id)
            roles = {s.key: s.role for s in speakers if s.role is not Role.UNKNOWN}
            said = [(speaker_key(s), s.text) for s in transcript.segments]
            turns = [Turn(key, roles[key], text) for key, text in said if key in roles]
            if _both(turns):
                calls[row.source] = turns
    return calls


def worsened(calls: Calls, rate: float) -> Calls:
    """Return the calls as a recogniser that gets a share of the words wrong might give them."""
    rng = random.Random(11)
    return {
        name: [replace(t, text=worse(t.text, rng, rate=rate)) for t in turns]
        for name, turns in calls.items()
    }


def shortened(calls: Calls) -> Calls:
    """Return the first turns of each call."""
    return {name: turns[:FIRST] for name, turns in calls.items()}


def looks_inverted(turns: Sequence[Turn], cues: Cues, source: RoleSource, *, inverted: bool) -> bool:
    """Say whether a call with stated roles is doubted."""
    transcript = _transcript(turns)
    other = {Role.REP: Role.PROSPECT, Role.PROSPECT: Role.REP}
    roles = {t.voice: other[t.role] if inverted else t.role for t in turns}
    speakers = [Speaker(v, None, role, source, CONFIDENCE[source]) for v, role in roles.items()]
    return bool(with_doubt(speakers, evidence_of(transcript, cues))[1])


def by_text(turns: Sequence[Turn], cues: Cues, limit: float) -> list[tuple[Role, Role]]:
    """Return ``(true, given)`` role of each voice that is told by its words alone."""
    keys = {voice: f"voice {n}" for n, voice in enumerate(dict.fromkeys(t.voice for t in turns), 1)}
    transcript = _transcript([replace(t, voice=keys[t.voice]) for t in turns])
    found = speakers_of(Facts(), transcript, own_domains=(), cues=cues, min_confidence=limit)
    given = {s.key: s.role for s in found}
    truth = {keys[t.voice]: t.role for t in turns}
    return [(role, given[key]) for key, role in truth.items()]


def _both(turns: Sequence[Turn]) -> bool:
    return len({t.role for t in turns}) == 2


def _transcript(turns: Sequence[Turn]) -> Transcript:
    segments = tuple(
        Segment(i * 5000, i * 5000 + 4000, t.text, speaker=t.voice) for i, t in enumerate(turns)
    )
    return Transcript(segments, "en", "truth", "1", "none")


def row(name: str, judged: Iterable[tuple[Calls, Cues]], source: RoleSource, limit: float) -> str:
    """Return a line of the table."""
    calls = flagged = missed = voices = right = wrong = 0
    for some, cues in judged:
        for turns in some.values():
            calls += 1
            flagged += looks_inverted(turns, cues, source, inverted=False)
            missed += not looks_inverted(turns, cues, source, inverted=True)
            for role, given in by_text(turns, cues, limit):
                voices += 1
                right += role is given
                wrong += given not in (role, Role.UNKNOWN)
    unknown = voices - right - wrong
    return (
        f"| {name} | {calls} | {missed} | {flagged} | {voices} | {right} | {wrong} | {unknown}"
        f" ({unknown / max(1, voices):.0%}) |\n"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--workspace", type=Path, help="also measure on a transcribed workspace")
    parser.add_argument("--held-out", action="store_true", help="only training calls, refitted (a minute)")
    parser.add_argument("--source", default="channel", choices=["channel", "vendor", "participants"])
    parser.add_argument("--limit", type=float, default=MIN_CONFIDENCE)
    chosen = parser.parse_args()
    source = RoleSource(chosen.source)
    out = sys.stdout.write
    out(
        f"Weights {model().version}, stated by {source}, roles by text from {chosen.limit}\n\n"
        "| calls | n | inverted, not flagged | right, flagged | voices | by text: right | wrong"
        " | unknown |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    sets: dict[str, list[tuple[Calls, Cues]]] = {}
    if chosen.held_out:
        sets["held-out training calls"] = list(held_out())
    else:
        sample = load_playbook(ROOT / "data" / "sample" / "playbook.toml").own_names
        gold = load_playbook(ROOT / "data" / "gold" / "playbook.toml").own_names
        sets["gold calls"] = [(gold_calls("calls.jsonl"), Cues())]
        sets["gold dialogues"] = [(gold_calls("dialogues.jsonl"), Cues(gold))]
        sets["sample, as written"] = [(sample_truth(), Cues(sample))]
        sets["sample, as written, our names not known"] = [(sample_truth(), Cues())]
        if chosen.workspace:
            place = find_workspace(chosen.workspace)
            own = load_playbook(place.playbook).own_names
            sets["workspace, as recognised"] = [(recognised(chosen.workspace), Cues(own))]
    for name, judged in sets.items():
        out(row(name, judged, source, chosen.limit))
        for rate in (0.1, 0.2):
            noisy = [(worsened(calls, rate), cues) for calls, cues in judged]
            out(row(f"{name}, {rate:.0%} noise", noisy, source, chosen.limit))
        short = [(shortened(calls), cues) for calls, cues in judged]
        out(row(f"{name}, first {FIRST} turns", short, source, chosen.limit))


def held_out() -> Iterable[tuple[Calls, Cues]]:
    """Yield the whole calls of each training author with weights that never saw that author."""
    lines = read_lines(ROOT / "data" / "train")
    kept = model()
    for author in sorted({line.file for line in lines if line.file[0] == WHOLE_CALLS}):
        weights = fit([line for line in lines if line.file != author])
        weights = replace(weights, bias=weights.bias + kept.shift, scale=kept.scale, overlap=kept.overlap)
        calls: Calls = defaultdict(list)
        for line in lines:
            if line.file == author:
                role = Role.REP if line.rep else Role.PROSPECT
                calls[line.scenario].append(Turn(role.value, role, line.text))
        yield calls, Cues((), weights)


if __name__ == "__main__":
    main()
