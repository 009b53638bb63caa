"""Write a year to files: exports, calls with their manifest, the playbook, and what is true."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.year import effects, sayings
from benchmarks.year.chance import long_id
from benchmarks.year.exports import Exported, write_exports
from benchmarks.year.values import Turn, Year, YearCall
from callmine.domain import Participant

WORD_MS = 330
"""How long a word takes."""


def write_year(year: Year, folder: Path, *, transcripts: bool = True) -> tuple[Exported, ...]:
    """Write everything of a year that has its place in files.

    ``crm/`` holds the exports with their mappings, ``calls/`` a transcript for each call in callmine's own
    JSON, without roles, and ``manifest.csv`` what the recorder knows of them; ``playbook.toml`` is what to
    listen for, ``truth.json`` what is true. All of it is the same, byte for byte, for the same year.

    Returns:
        What was exported, by month.
    """
    folder.mkdir(parents=True, exist_ok=True)
    exported = write_exports(year, folder / "crm")
    (folder / "playbook.toml").write_text(playbook(year.labels), "utf-8")
    if transcripts:
        (folder / "calls").mkdir(exist_ok=True)
        for call in year.calls:
            (folder / path_of(call)).write_text(_transcript(call), "utf-8")
        _write_manifest(year, folder / "manifest.csv")
    truth = json.dumps(truth_of(year, exported), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "truth.json").write_text(truth + "\n", "utf-8")
    return exported


def path_of(call: YearCall) -> str:
    """Return where a call's transcript is, from the year's folder."""
    return f"calls/{call.external_id}.json"


def playbook(labels: Sequence[str]) -> str:
    """Return the playbook of the invented company, with the extra labels."""
    parts = [
        '[company]\nname = "Larkmoor"\nproducts = ["Larkmoor Rota", "Larkmoor Pulse"]\n'
        'domains = ["larkmoor.example"]\n'
    ]
    parts += [f'[[competitors]]\nname = "{name}"\n' for name in effects.RIVALS]
    parts += [
        f'[[messages]]\nid = "{id_}"\ntext = "{text}"\n' for id_, text in sayings.MESSAGE_TEXTS.items()
    ]
    parts += [
        f'[[objections]]\nlabel = "{label}"\ntitle = "About {sayings.theme_word(number)}"\n'
        f'examples = ["What you do with {sayings.theme_word(number)} is not enough for us"]\n'
        for number, label in enumerate(labels)
    ]
    parts.append(
        '[[answers]]\nobjection = "price"\ntext = "Compare it with one quarter of your overtime"\n'
    )
    return "\n".join(parts)


def timed(turns: Sequence[Turn]) -> list[tuple[int, int, Turn]]:
    """Return turns with their start and end in milliseconds, one after the other."""
    found, clock = [], 0
    for turn in turns:
        length = WORD_MS * len(turn.text.split())
        found.append((clock, clock + length, turn))
        clock += length + 400
    return found


def _transcript(call: YearCall) -> str:
    utterances = [
        {
            "speaker": call.voices[min(turn.speaker, len(call.voices) - 1)],
            "start_ms": a,
            "end_ms": b,
            "text": turn.text,
        }
        for a, b, turn in timed(call.turns)
    ]
    value = {"call_id": call.external_id, "language": "en", "utterances": utterances}
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _write_manifest(year: Year, path: Path) -> None:
    keys = ("title", "type", "started_at", "rep", "rep_email", "account", "deal_id")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("path", "external_id", *keys, "participants", "language", "consent"))
        for call in year.calls:
            told = call.metadata
            people = "; ".join(map(_person, told.participants))
            known = (getattr(told, key) for key in keys)
            writer.writerow((path_of(call), call.external_id, *known, people, "en", told.consent))


def _person(person: Participant) -> str:
    if not person.email:
        return person.name
    return f"{person.name} <{person.email}>" if person.name else person.email


def truth_of(year: Year, exported: Sequence[Exported] = ()) -> dict[str, object]:
    """Return what is true of a year as plain values.

    ``effects`` and ``nulls`` are the tables of :mod:`benchmarks.year.effects`, ``expected`` what
    the effects come to in these deals, ``deals`` and ``calls`` what is true of each,
    ``exports`` the planted problems.
    """
    return {
        "seed": year.seed,
        **effects.tables(),
        "expected": year.expected,
        "labels": {label: effects.theme_share(year.labels, label) for label in year.labels},
        "deals": {
            long_id(d.deal_id): {
                "hubspot_id": d.hubspot_id,
                "account": year.accounts[d.account].name,
                "outcome": d.outcome,
                "chance": round(d.chance, 6),
                "traits": sorted(d.traits),
                "dose": round(d.dose, 4),
                "path": [[stage, day.isoformat()] for stage, day in d.path],
                "rival": d.rival,
                "copy_of": long_id(year.deals[d.copy_of].deal_id) if d.copy_of is not None else None,
                "vanished": d.vanished.isoformat() if d.vanished else None,
            }
            for d in year.deals
        },
        "calls": {
            call.external_id: {
                "deal": long_id(year.deals[call.deal].deal_id) if call.deal is not None else None,
                "kind": call.kind,
                "stage": call.stage,
                "carries": sorted(call.carries),
                "noise": sorted(call.noise),
            }
            for call in year.calls
        },
        "exports": [{**asdict(one), "day": one.day.isoformat()} for one in exported],
    }
