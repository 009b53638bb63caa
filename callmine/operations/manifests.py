"""What manifests say of calls, told to people: a fault in one may hide a "no consent"."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from callmine.audio import content_hash
from callmine.crm import ManifestFile
from callmine.domain import Facts
from callmine.errors import UnreadableRecording
from callmine.operations.troubles import Trouble, troubles
from callmine.store import Store


def sharing_an_id(recordings: Mapping[Path, Facts]) -> dict[Path, Path]:
    """Return recordings with the external id of another one that holds something else, and that other.

    Taken in together, one would silently take the other's place, as a new version of its call.
    Recordings without consent are not in question: what they refuse is the call, whatever its files.
    """
    groups: dict[str, list[Path]] = {}
    for path, facts in recordings.items():
        if facts.external_id and facts.consent != "no":
            groups.setdefault(facts.external_id, []).append(path)
    several = [group for group in groups.values() if len(group) > 1]
    found: dict[Path, Path] = {}
    for group in several:
        if len({_content(path) for path in group}) > 1:
            found |= {path: group[1] if path == group[0] else group[0] for path in group}
    return found


def _content(path: Path) -> str:
    try:
        return content_hash(path)
    except UnreadableRecording:  # told when it is read
        return str(path)


def told(manifest: Path, rows: ManifestFile) -> tuple[Trouble, ...]:
    """Say what is wrong with a manifest: with the whole file, and with each of its rows."""
    return (*(Trouble(manifest.name, note) for note in rows.notes), *troubles(manifest, rows.problems))


def told_left_out(paths: Sequence[Path], store: Store) -> list[Trouble]:
    """Say of files that no row names that they are left out, because some row could not be read."""
    before = consents(store, paths)
    why = "a row of the manifest that cannot be read may be about it"
    kept = [as_it_was(before[path]) if path in before else "left out" for path in paths]
    hint = "Mend the manifest and try again."
    return [Trouble(path.name, f"{what}: {why}", hint) for path, what in zip(paths, kept, strict=True)]


def unchanged(manifest: Path, rows: ManifestFile, store: Store) -> list[Trouble]:
    """Say which calls are there although their row, perhaps a "no consent", was not read."""
    before = consents(store, [path.resolve() for path in rows.refused])
    hint = "Mend the row and add the manifest again."
    return [
        Trouble(manifest.name, f"{path.name}: a row of it is faulty, so {as_it_was(consent)}", hint)
        for path, consent in before.items()
    ]


def as_it_was(consent: str) -> str:
    """Say that a call that was taken in before is not changed."""
    return f"the call taken in before stays as it was (consent: {consent})"


def consents(store: Store, paths: Iterable[Path]) -> dict[Path, str]:
    """Return those of the files that were taken in before, with the consent stored for each."""
    if not (wanted := set(paths)):
        return {}
    found = [row for row in store.table_rows("sources") if Path(row["path"]) in wanted]
    return {Path(row["path"]): json.loads(row["facts"]).get("consent") or "unknown" for row in found}


def with_consent_of(one: Facts | None, other: Facts) -> Facts:
    """Return ``other``, without consent where ``one`` says so: a "no" is not overruled by a file."""
    return replace(other, consent="no") if one is not None and one.consent == "no" else other
