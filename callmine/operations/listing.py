"""Calls, findings, transcripts and search results as plain values, in the contract's shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from itertools import chain
from pathlib import PurePath
from typing import Any, NamedTuple

from callmine.domain import Kind, Outcome, Role
from callmine.errors import SettingsError, UsageError
from callmine.operations.counting import counted_from
from callmine.operations.days import end_of, ends_too_early, instant_of
from callmine.operations.deal_ids import known_deal
from callmine.playbook import load_playbook
from callmine.reports.digest_values import DigestSettings
from callmine.reports.standing import counts
from callmine.reports.text import cut_name
from callmine.reports.trackers import heard_in_stage
from callmine.store import Store
from callmine.store.queries import LOST
from callmine.store.rows import EvidenceFilter, EvidenceRow
from callmine.validation import did_you_mean, nearest_words
from callmine.workspace import Workspace

MOST_NAMED = 20
"""Labels that are all told where one is asked for that there is not; of more only the nearest."""

NEAREST = 5
"""How many those are at most."""

_ALIKE = 0.4
"""How like what was asked for they are spelt at least: two in five letters, as nobody is offered one."""


def told_copies(source: str, recording: str | None, paths: Iterable[str]) -> list[str]:
    """Return ``copy.wav is the same recording as 2291.wav`` for each further file of a call."""
    what = "recording" if recording else "transcript"
    # Of two files with one name, the folder tells which is the copy.
    shown = ((path if PurePath(path).name == source else PurePath(path).name) for path in paths)
    return [f"{name} is the same {what} as {source}" for name in shown]


def list_calls(workspace: Workspace) -> list[dict[str, Any]]:
    """Return every call, and every file that did not become one."""
    with Store(workspace.database) as store:
        return [asdict(row) for row in store.calls()]


def show_call(workspace: Workspace, ref: str) -> dict[str, Any]:
    """Return one call with all that was noticed in it.

    Beside what :func:`list_calls` says: ``link_why``, why it belongs to its deal, ``speech``
    (milliseconds found, decoded and left out, all the ``channels`` that were read together), ``names``
    that the recogniser was given, ``speakers`` with their roles, and the ``notes`` of every stage. Of a
    file that did not become a call, it says why.

    Raises:
        UsageError: No call, or several, are meant by ``ref``.
    """
    with Store(workspace.database) as store:
        row = store.find_row(ref)
        call_id = row.call_id
        shown = asdict(row)
        shown["speech"] = {
            "found_ms": row.speech_ms,
            "decoded_ms": row.speech_ms - row.left_out_ms,
            "left_out_ms": row.left_out_ms,
            "channels": 0,
        }
        shown["notes"] = list(dict.fromkeys([*row.notes, *(store.notes(call_id) if call_id else ())]))
        shown["link_why"] = next((link.why for link in store.links(call_id) if call_id), None)
        shown["names"], shown["speakers"] = [], []
        if row.engine:
            transcript, _, speakers = store.transcript(call_id)
            shown["speech"]["channels"] = transcript.channels
            shown["names"] = list(transcript.settings.get("vocabulary", ()))
            shown["speakers"] = [
                {
                    "speaker": s.key,
                    "name": s.name,
                    "role": s.role,
                    "role_source": s.role_source,
                    "role_confidence": s.confidence,
                }
                for s in speakers
            ]
    return shown


def one_of(option: str, value: str, known: Iterable[str], what: str, hint: str = "") -> str:
    """Return the known word that ``value`` is but for its case.

    Raises:
        UsageError: It is none of them.
    """
    words = [str(word) for word in known]
    if value in words:
        return value
    folded = {word.casefold(): word for word in words}
    if value.casefold() not in folded:
        raise UsageError(
            f"{option}: there is no {what} {cut_name(value)!r}{did_you_mean(value, words)}",
            hint=hint or f"Known: {', '.join(words)}.",
        )
    return folded[value.casefold()]


def _known_labels(workspace: Workspace, store: Store, kind: str | None) -> dict[Kind, list[str]]:
    """Return what may be asked for, by kind: labels that were found, or that the playbook listens for."""
    kinds = [one for one in Kind if kind in (None, one)]
    labels = {one: dict.fromkeys(store.labels(one)) for one in kinds}
    with suppress(SettingsError):
        playbook = load_playbook(workspace.playbook)
        heard: dict[Kind, Iterable[str]] = {
            Kind.OBJECTION: playbook.titles(all_labels=True),
            Kind.COMPETITOR: [competitor.name for competitor in playbook.competitors],
            Kind.TRACKER: [tracker.name for tracker in playbook.trackers],
            Kind.POSITIONING: [role.value for role in Role],
        }
        for one in kinds:
            labels[one] |= dict.fromkeys(heard.get(one, ()))
    return {one: list(names) for one, names in labels.items() if names}


def _known_sayings(workspace: Workspace, store: Store, kind: str | None) -> dict[Kind, list[str]]:
    """Return what else may be asked for, by kind: messages by their ids, and answers by their texts."""
    said = store.sayings()
    with suppress(SettingsError):
        playbook = load_playbook(workspace.playbook)
        said.setdefault(Kind.POSITIONING, []).extend(message.id for message in playbook.messages)
        said.setdefault(Kind.ANSWER, []).extend(answer.text for answer in playbook.answers)
    return {one: list(dict.fromkeys(of)) for one, of in said.items() if kind in (None, one) and of}


def _label_of(label: str, known: Mapping[Kind, Sequence[str]], what: str) -> str:
    """Return the known label that is meant; where there are many others, an error names the nearest.

    Raises:
        UsageError: It is none of them.
    """
    names = dict.fromkeys(name for of_kind in known.values() for name in of_kind)
    hint = ""
    if len(names) > MOST_NAMED:
        near = nearest_words(label, names, most=NEAREST, alike=_ALIKE)
        others = {kind.value: len(set(of_kind) - set(near)) for kind, of_kind in known.items()}
        counted = ", ".join(f"{kind} {count}" for kind, count in others.items() if count)
        hint = f"Nearest: {', '.join(near)}. Others: {counted}." if near else f"Known: {counted}."
    return one_of("--label", label, names, what, hint)


def told(row: EvidenceRow, settings: DigestSettings) -> dict[str, Any]:
    """Return a finding as the contract tells it: all that is known of it, and whether reports count it."""
    return {**asdict(row), "counts": counts(row, settings)}


class Listed(NamedTuple):
    """Findings as :func:`told` has them, and how many a tracker's ``stage`` left out."""

    rows: list[dict[str, Any]]
    out_of_stage: int


def in_stage(workspace: Workspace, rows: list[EvidenceRow]) -> list[EvidenceRow]:
    """Return the rows that :func:`heard_in_stage` lets through; all of them without a valid playbook."""
    try:
        return heard_in_stage(rows, load_playbook(workspace.playbook))
    except SettingsError:  # what was found can be listed all the same
        return rows


def list_findings(
    workspace: Workspace,
    *,
    kind: str | None = None,
    label: str | None = None,
    role: str | None = None,
    since: str | None = None,
    until: str | None = None,
    deal: str | None = None,
    outcome: str | None = None,
    call: str | None = None,
    min_score: float = 0.0,
    finding: str | None = None,
) -> Listed:
    """Return findings; every filter that is not given lets everything through.

    The case of words does not matter, and the outcome ``lost`` is every way of losing a deal. Where
    ``until`` is a date, calls of that day are among them. As ``label`` goes also the id of an approved
    message, said or taken up, and the text of a playbook's answer.

    Raises:
        UsageError: A filter has a value that cannot be.
        ModelError: The model's card, which says from when on objections count, is missing or damaged.
    """
    kind = one_of("--kind", kind, Kind, "kind") if kind is not None else None
    role = one_of("--role", role, Role, "role") if role is not None else None
    if outcome is not None:
        outcome = one_of("--outcome", outcome, [*Outcome, LOST], "outcome")
    zone = workspace.settings.timezone
    first = instant_of(since, zone, "--since") if since else None
    end = end_of(until, zone, "--until") if until else None
    if since and until and first and end and end <= first:
        raise ends_too_early(since, until)
    with Store(workspace.database) as store:
        saying = None
        if label is not None:
            known, sayings = (of(workspace, store, kind) for of in (_known_labels, _known_sayings))
            either = {one: [*known.get(one, ()), *sayings.get(one, ())] for one in known | sayings}
            label = _label_of(label, either, kind or "label") if either else label
            # What is found under a name goes before a message of that name.
            if label in set(chain(*sayings.values())) - set(chain(*known.values())):
                label, saying = None, label
        if deal is not None:
            ids = [row["deal_id"] for row in store.table_rows("deals")]
            hint = "See the deals of your calls with `callmine calls`; import deals with `callmine deals`."
            deal = one_of("--deal", known_deal(store, deal), ids, "deal", hint)
        rows = store.evidence(
            EvidenceFilter(
                kind=kind,
                label=label,
                saying=saying,
                role=role,
                since=first,
                until=end,
                deal=deal,
                outcome=outcome,
                call_id=store.find_call(call).call_id if call else None,
                min_score=min_score,
                finding_id=store.find_finding(finding) if finding is not None else None,
            )
        )
    heard = in_stage(workspace, rows)
    settings = counted_from(workspace)
    return Listed([told(row, settings) for row in heard], len(rows) - len(heard))


def search_utterances(workspace: Workspace, text: str, *, limit: int) -> list[dict[str, Any]]:
    """Return the utterances that hold every word of ``text``, best first."""
    with Store(workspace.database) as store:
        return store.search(text, limit=limit)
