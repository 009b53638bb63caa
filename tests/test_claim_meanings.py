"""What claims mean: from what is kept of their calls, else read now, each wording once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_damaged_readings import AS_BLOB, TOLD, spoil

from callmine.domain import Kind, Mention, Role
from callmine.operations import claim_meanings as module
from callmine.operations.claim_meanings import claim_meanings
from callmine.spans import place
from callmine.store import Store
from callmine.store.rows import EvidenceFilter, EvidenceRow
from callmine.workspace import find_workspace


def turns(store: Store) -> list[EvidenceRow]:
    """What our rep says, each whole turn as a claim."""
    call_ids = [call.call_id for call in store.calls() if call.words]
    found = [
        place(
            call_id,
            utterance,
            Mention(Kind.POSITIONING, "rep", 0, len(utterance.text), 0.9, {"side": "rep", "sort": "value"}),
            extractor="tests/1",
            playbook="",
        )
        for call_id in call_ids
        for utterance in store.utterances(call_id)
        if utterance.role is Role.REP
    ]
    return store.evidence(EvidenceFilter(), given=found)


def test_what_is_kept_is_what_would_be_read_now(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every claim has a unit vector; without what is kept it is read, without the call around it."""
    with Store(find_workspace(own).database) as store:
        rows = turns(store)
        monkeypatch.setattr(module, "MOST_READ", 0)
        kept = claim_meanings(store, rows)
        monkeypatch.undo()
        spoil(own, "model = 'nobody'")
        read = claim_meanings(store, rows)
    assert kept.keys() == read.keys() == {row.finding_id for row in rows}
    assert len(kept) > 2
    for finding_id, meaning in kept.items():
        assert np.linalg.norm(meaning) == pytest.approx(1, abs=1e-3)
        assert meaning @ read[finding_id] > 0.5


def test_few_are_read_and_the_rest_is_left_out(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The surest are; of too many wordings the rest has no meaning, and no model is asked for nothing."""
    spoil(own, "model = 'nobody'")
    with Store(find_workspace(own).database) as store:
        rows = turns(store)
        sure = replace(rows[1], score=0.99)
        monkeypatch.setattr(module, "MOST_READ", 1)
        assert claim_meanings(store, [rows[0], sure, *rows[2:]]).keys() == {sure.finding_id}
        monkeypatch.setattr(module, "MOST", 0)
        assert claim_meanings(store, rows) == {}


def test_the_same_words_are_looked_up_once(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever their capitals; all have that one meaning."""
    monkeypatch.setattr(module, "MOST", 1)
    with Store(find_workspace(own).database) as store:
        row = turns(store)[0]
        again = replace(row, finding_id="again", text=row.text.upper(), score=0.5)
        found = claim_meanings(store, [again, row])
    assert found.keys() == {row.finding_id, "again"}
    assert (found["again"] == found[row.finding_id]).all()


def test_a_damaged_reading_is_told(own: Path) -> None:
    """It is not used, and the claim is read now."""
    spoil(own, AS_BLOB)
    told: list[str] = []
    with Store(find_workspace(own).database) as store:
        rows = turns(store)
        found = claim_meanings(store, rows, progress=told.append)
    assert found.keys() == {row.finding_id for row in rows}
    assert any(TOLD in line for line in told)
