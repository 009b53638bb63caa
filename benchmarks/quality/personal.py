"""How much of the personal data in turns redaction finds, and how much it takes that is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.quality.gold import DATA
from benchmarks.quality.tables import HEADER, line
from callmine import weights
from callmine.playbook import Playbook, load_playbook
from callmine.redaction import KnownPeople, PersonalSpan, Reader, Redactor, SmallEnglish
from callmine.redaction.spans import KINDS
from callmine.redaction.written import find_written
from callmine.weights.catalogue import default_folder

Find = Callable[[Mapping[str, Any]], Sequence[PersonalSpan]]


def personal_part(path: Path = DATA / "personal.jsonl") -> list[str]:
    """Return the section on redaction, told of the half that nothing was tuned on."""
    rows = [json.loads(text) for text in path.read_text("utf-8").splitlines() if text.strip()]
    told = [row for row in rows if row["split"] == "test"]
    reader = SmallEnglish(weights.resolve("en_core_web_sm", folder=default_folder()))
    playbook = load_playbook(path.with_suffix(".toml"))
    methods: dict[str, Find] = {
        "callmine, the call's people known": redactor_of(rows, playbook, reader),
        "callmine, nobody known": redactor_of((), playbook, reader),
        "Presidio's patterns and the language model": lambda row: plain(row["text"], reader),
    }
    out = [
        f"## Personal data ({len(told)} turns, {sum(bool(r['spans']) for r in told)} with personal data)",
        "",
        "A span is found when nothing of it is left, under whatever kind; what is found is right when it"
        " touches a span. Redaction helps and guarantees nothing.",
    ]
    for title, find in methods.items():
        out += ["", f"{title}:", "", HEADER, *kind_lines(told, [find(row) for row in told])]
    return out


def redactor_of(rows: Iterable[Mapping[str, Any]], playbook: Playbook, reader: Reader) -> Find:
    """Return how callmine looks, where the people and accounts of some calls are known."""
    of_call = {row["scenario"]: tuple(row["people"]) for row in rows}
    redactor = Redactor(
        KnownPeople(
            everywhere=tuple(name for names in of_call.values() for name in names),
            of_call=of_call,
            accounts=tuple({row["account"] for row in rows if row["account"]}),
            kept=playbook.vocabulary,
            own_texts=(*playbook.vocabulary, *(one.text for one in playbook.messages)),
        ),
        reader,
    )
    return lambda row: redactor.find(row["text"], call_id=row["scenario"])


def plain(text: str, reader: Reader) -> list[PersonalSpan]:
    """Return what the library's patterns and the language model find by themselves."""
    people = [PersonalSpan(s, e, "name") for s, e, label in reader.entities(text) if label == "PERSON"]
    return [*people, *find_written(text)]


def kind_lines(rows: Sequence[Mapping[str, Any]], found: Sequence[Sequence[PersonalSpan]]) -> list[str]:
    """Return a table row for each kind, and one for all."""
    out = []
    for title, kinds in (("all", KINDS), *((kind, (kind,)) for kind in KINDS)):
        wanted = hits = reported = right = 0
        for row, spans in zip(rows, found, strict=True):
            labelled = [s for s in row["spans"] if s["kind"] in kinds]
            wanted += len(labelled)
            hits += sum(covered(s["start"], s["end"], spans) for s in labelled)
            mine = [s for s in spans if s.kind in kinds]
            reported += len(mine)
            right += sum(any(s.start < w["end"] and w["start"] < s.end for w in row["spans"]) for s in mine)
        if wanted or reported:
            out.append(line(title, hits, reported, wanted, right=right))
    return out


def covered(start: int, end: int, spans: Iterable[PersonalSpan]) -> bool:
    """Whether every character from ``start`` to ``end`` is in one of the spans."""
    return all(any(s.start <= place < s.end for s in spans) for place in range(start, end))
