"""What the playbook may lack: rivals that nobody wrote into it, further names of those in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np

from callmine import weights
from callmine.domain import Kind, Utterance
from callmine.extractors.base import ENGLISH
from callmine.extractors.encoder import Encoder
from callmine.extractors.parse import Parser
from callmine.extractors.sounds import forms, words_of
from callmine.extractors.spans import sentence_at
from callmine.extractors.unknown import Named, NameFinder
from callmine.operations.suggestion import Mentioned, Suggestion, telling_evidence, telling_order
from callmine.playbook import Playbook, load_playbook
from callmine.reports.tally import is_read
from callmine.spans import span_times
from callmine.stages.extract import passages_of
from callmine.store import Store
from callmine.store.rows import CallRow, EvidenceFilter, EvidenceRow
from callmine.workspace import Workspace

SURE, VERY_SURE = 0.8, 0.95
"""Probability from which a mention is a rival's (two are enough), and from which one alone is enough."""

ON_AVERAGE = 0.6
"""Mean probability over a name's mentions: one that is mostly something else is not proposed."""

MENTIONS_READ = 8
"""Mentions of a name that are read at most, from as many calls as possible."""

RECURS = 3
"""Times a spelling is found by its sound that make it worth proposing without a person's word."""


def suggest(
    workspace: Workspace, *, progress: Callable[[str], None] = lambda text: None
) -> list[Suggestion]:
    """Propose competitors, aliases and misspellings that the playbook lacks, the most telling first.

    Names come from every sales call in English; only the places where an unknown name stands are read.

    Raises:
        SettingsError: The playbook does not validate.
        ModelError: A model is missing or damaged.
    """
    playbook = load_playbook(workspace.playbook)
    with Store(workspace.database, create=False) as store:
        found = _unknown(store, workspace, playbook, progress)
        rows = store.evidence(EvidenceFilter(kind=Kind.COMPETITOR.value))
    return [*found, *misheard(rows, playbook)]


def _unknown(
    store: Store, workspace: Workspace, playbook: Playbook, progress: Callable[[str], None]
) -> list[Suggestion]:
    calls = [c for c in store.calls() if is_read(c) and c.words and (c.language or "en") in ENGLISH]
    calls.sort(key=lambda call: call.call_id)
    if not calls:
        return []
    names = {call.call_id: {s.key: s.name for s in store.speakers(call.call_id)} for call in calls}
    people = {name for call in names.values() for name in call.values() if name}
    for call in calls:
        facts = store.find_call(call.call_id).facts
        people.update(person.name for person in facts.participants)
        people.update(name for name in (facts.rep,) if name)
    deals = store.deals()
    accounts = {c.account for c in calls if c.account} | {d.account for d in deals if d.account}
    parser = Parser(weights.resolve("en_core_web_sm", folder=workspace.models, progress=progress))
    finder = NameFinder(playbook, people=people, accounts=accounts, parser=parser)
    named: dict[str, list[tuple[CallRow, Named]]] = {}
    for call in calls:
        for one in finder.find([u.text for u in store.utterances(call.call_id)]):
            named.setdefault(one.key, []).append((call, one))
    worth = {
        key: places
        for key, places in named.items()
        if not all(one.opens for _, one in places) and not any(one.person for _, one in places)
    }
    said = _judged(store, worth, names)
    return suggested(worth, said)


def _spread(places: Sequence[tuple[CallRow, Named]]) -> list[tuple[CallRow, Named]]:
    """Return at most as many mentions as are read, the first of each call before the second of any."""
    seen: Counter[str] = Counter()
    turns = []
    for call, one in places:
        turns.append((seen[call.call_id], call.call_id, one.number, one.start, call, one))
        seen[call.call_id] += 1
    turns.sort(key=lambda turn: turn[:4])
    return [(call, one) for *_, call, one in turns[:MENTIONS_READ]]


def _judged(
    store: Store,
    named: Mapping[str, Sequence[tuple[CallRow, Named]]],
    names: Mapping[str, Mapping[str, str | None]],
) -> dict[str, list[Mentioned]]:
    """Return mentions of each name with the probability that a rival is meant; unread ones are left out."""
    by_call: dict[str, tuple[CallRow, list[Named]]] = {}
    for places in named.values():
        for call, one in _spread(places):
            by_call.setdefault(call.call_id, (call, []))[1].append(one)
    encoder = Encoder()
    said: dict[str, list[Mentioned]] = {}
    for call_id, (call, here) in sorted(by_call.items()):
        utterances = store.utterances(call_id)
        read = encoder.read_places(passages_of(utterances), [(n.number, n.start, n.end) for n in here])
        at = [i for i, one in enumerate(read) if one is not None]
        features = [one for one in read if one is not None]
        chances = encoder.questions.chances("rival", np.stack(features)).tolist() if features else []
        for i, chance in zip(at, chances, strict=True):
            utterance = utterances[here[i].number]
            speaker = names[call_id].get(utterance.speaker)
            said.setdefault(here[i].key, []).append(_mentioned(call, utterance, here[i], speaker, chance))
    return said


def _mentioned(
    call: CallRow, utterance: Utterance, one: Named, speaker: str | None, chance: float
) -> Mentioned:
    start, end = sentence_at(utterance.text, one.start)
    return Mentioned(
        call_id=call.call_id,
        source=call.source,
        started_at=call.started_at,
        utterance_index=utterance.index,
        play_ms=span_times(utterance, start, max(end, start + 1))[0],
        role=utterance.role,
        speaker_name=speaker,
        text=utterance.text[start:end],
        heard=one.text,
        score=round(min(1.0, chance), 4),
    )


def suggested(
    named: Mapping[str, Sequence[tuple[CallRow, Named]]], said: Mapping[str, Sequence[Mentioned]]
) -> list[Suggestion]:
    """Return new competitors, and then aliases of known ones, each the most telling first.

    Args:
        named: Every mention of each name, by its key.
        said: Those of them that were judged.
    """
    new: dict[str, Suggestion] = {}
    more: list[Suggestion] = []
    for key, places in sorted(named.items()):
        mentions = said.get(key, ())
        of = _owner(places)
        enough = are_rivals([m.score for m in mentions])
        if of is not None and enough:
            more.append(_suggestion("aliases", of, places, mentions))
        elif enough:
            new[key] = _suggestion("name", None, places, mentions)
    longer = {
        key for key, one in new.items() if any(goes_on(one.name, other.name) for other in new.values())
    }
    found = []
    for key, one in new.items():
        if key not in longer:
            longer_ones = {
                _written(named[other])
                for other, mentions in said.items()
                if other != key and sum(m.score for m in mentions) >= SURE * len(mentions)
            }
            aliases = sorted(name for name in longer_ones if goes_on(name, one.name))
            found.append(replace(one, aliases=tuple(aliases)))
    return [*sorted(found, key=telling_order), *sorted(more, key=telling_order)]


def _written(places: Sequence[tuple[CallRow, Named]]) -> str:
    """Return how a name is mostly written."""
    written = Counter(one.text for _, one in places)
    return min(written, key=lambda name: (-written[name], name))


def _owner(places: Sequence[tuple[CallRow, Named]]) -> str | None:
    """Return the competitor whose name a name goes on after, wherever it is written so that this shows."""
    owners = Counter(one.of for _, one in places if one.of is not None)
    return min(owners, key=lambda name: (-owners[name], name), default=None)


def goes_on(name: str, other: str) -> bool:
    """Whether a name has further words after those of another, however these are written.

    "Hub Spot Flow" goes on after "HubSpot"; "Driftwood" is another name than "Drift".
    """
    return "".join(words_of(other)) in list(accumulate(words_of(name)))[:-1]


def are_rivals(scores: Sequence[float]) -> bool:
    """Whether mentions with these probabilities are enough to propose a name as a competitor."""
    sure = sum(score >= SURE for score in scores)
    enough = sure > 1 or max(scores, default=0.0) >= VERY_SURE
    return enough and sum(scores) / len(scores) >= ON_AVERAGE


def _suggestion(
    key: str, of: str | None, places: Sequence[tuple[CallRow, Named]], mentions: Sequence[Mentioned]
) -> Suggestion:
    by = Counter(m.role.value for m in mentions)  # of those that were read
    return Suggestion(
        name=_written(places),
        key=key,
        of=of,
        mentions=len(places),
        calls=len({call.call_id for call, _ in places}),
        by=dict(sorted(by.items())),
        score=round(sum(m.score for m in mentions) / len(mentions), 4),
        evidence=telling_evidence(mentions),
    )


def misheard(rows: Iterable[EvidenceRow], playbook: Playbook) -> list[Suggestion]:
    """Return spellings by which known competitors were found by their sound, the most frequent first.

    A spelling is proposed that a person marked right or that recurs three times, unless a person marked
    one of its findings wrong, or the playbook has it for anybody.
    """
    known = {form.joined for form in forms(playbook)}
    ours = {competitor.name for competitor in playbook.competitors}
    heard: dict[tuple[str, str], list[EvidenceRow]] = {}
    for row in rows:
        said = str(row.detail.get("heard") or "")
        spelt = " ".join(words_of(said))
        if row.detail.get("match") == "sound" and row.label in ours and spelt.replace(" ", "") not in known:
            heard.setdefault((row.label, spelt), []).append(row)
    found = []
    for (label, spelt), said_so in heard.items():
        right = any(row.verdict == "right" for row in said_so)
        if any(row.is_struck_out for row in said_so) or not (right or len(said_so) >= RECURS):
            continue
        mentions = [_as_mentioned(row) for row in said_so]
        found.append(
            Suggestion(
                name=spelt,
                key="heard_as",
                of=label,
                mentions=len(mentions),
                calls=len({m.call_id for m in mentions}),
                by=dict(sorted(Counter(m.role.value for m in mentions).items())),
                score=round(sum(m.score for m in mentions) / len(mentions), 4),
                evidence=telling_evidence(mentions),
            )
        )
    return sorted(found, key=telling_order)


def _as_mentioned(row: EvidenceRow) -> Mentioned:
    start, end = sentence_at(row.utterance, row.start)
    return Mentioned(
        call_id=row.call_id,
        source=row.source,
        started_at=row.started_at,
        utterance_index=row.utterance_index,
        play_ms=row.play_ms,
        role=row.role,
        speaker_name=row.speaker_name,
        text=row.utterance[start:end],
        heard=row.text,
        score=row.score,
    )
