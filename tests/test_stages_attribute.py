"""Attribution: speakers, turns, and a person's word on the roles."""

from __future__ import annotations

import pytest

from callmine.domain import Facts, Role, RoleSource
from callmine.payloads import Attribution, ToAttribute
from callmine.stage import fingerprint
from callmine.stages.attribute import AttributeStage
from tests.builders import OUR_DOMAINS, a_call, a_facts, a_job, a_transcript


def attributed(facts: Facts, decision: str = "") -> Attribution:
    """What the stage makes of the default conversation."""
    payload = ToAttribute(a_call(facts=facts), a_transcript(), decision)
    output = AttributeStage(OUR_DOMAINS).process(a_job(payload)).output
    assert isinstance(output, Attribution)
    return output


def test_roles_reach_the_utterances() -> None:
    """Role, source and confidence of the speaker are those of what was said."""
    found = attributed(a_facts())
    by_key = {s.key: s for s in found.speakers}
    assert [u.role.value for u in found.utterances] == ["rep", "prospect", "rep", "prospect"]
    for u in found.utterances:
        speaker = by_key[u.speaker]
        assert (u.role, u.role_source, u.role_confidence) == (
            speaker.role,
            speaker.role_source,
            speaker.confidence,
        )


@pytest.mark.parametrize(("decision", "first"), [("swap", Role.PROSPECT), ("confirm", Role.REP)])
def test_a_person_decides(decision: str, first: Role) -> None:
    """With full confidence, and the source says so."""
    found = attributed(a_facts(), decision)
    assert found.speakers[0].role is first
    assert {(s.role_source, s.confidence) for s in found.speakers} == {(RoleSource.PERSON, 1.0)}


def test_a_swap_takes_the_names_of_the_facts_along() -> None:
    """The rep's name goes where the rep is now; else a digest would quote our rep as the buyer."""
    by_role = {s.role: (s.key, s.name) for s in attributed(a_facts(), "swap").speakers}
    assert by_role[Role.REP] == ("channel 2", "Maya Linden")
    assert by_role[Role.PROSPECT] == ("channel 1", "Petra Voss")


@pytest.mark.parametrize("decision", ["swap", "confirm"])
def test_unknown_stays_unknown(decision: str) -> None:
    """There is nothing to swap or confirm."""
    assert {s.role for s in attributed(Facts(), decision).speakers} == {Role.UNKNOWN}
    assert {s.role_source for s in attributed(Facts(), decision).speakers} == {RoleSource.NONE}


def test_every_setting_is_in_the_fingerprint() -> None:
    """And domains in any order and case are the same."""
    stages = [AttributeStage(), AttributeStage(("a",)), AttributeStage(rep_channel="left")]
    assert len({fingerprint(s) for s in stages}) == 3
    assert fingerprint(AttributeStage(("b", "A"))) == fingerprint(AttributeStage(("a", "B")))
    assert AttributeStage().setup() is None
