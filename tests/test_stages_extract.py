"""Extraction: passages with their context in, placed findings out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from callmine.domain import Kind, Mention, Role
from callmine.extractors.base import Passage, Turn
from callmine.payloads import Extraction, ToExtract
from callmine.stage import fingerprint
from callmine.stages.extract import ExtractStage, passages_of, thirds_of
from tests.builders import a_job, a_playbook, an_utterance
from tests.fakes import Rules

SAID = tuple(
    an_utterance(text, index=i, role=role)
    for i, (text, role) in enumerate(
        [
            ("One.", Role.REP),
            ("The price.", Role.PROSPECT),
            ("Three.", Role.UNKNOWN),
            ("Four.", Role.REP),
            ("Our budget and the price.", Role.PROSPECT),
        ]
    )
)


class Told(Rules):
    """Returns the mentions it was told, for the first passage."""

    name = "told"

    def __init__(self, *mentions: Mention) -> None:
        super().__init__()
        self.mentions = list(mentions)

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        return [self.mentions, *([[]] * (len(passages) - 1))]


def extracted(*extractors: Rules) -> Extraction:
    """What the stage finds in :data:`SAID`."""
    stage = ExtractStage(extractors, a_playbook())
    stage.setup()
    output = stage.process(a_job(ToExtract(SAID), key="call")).output
    assert isinstance(output, Extraction)
    return output


def test_findings_carry_where_they_come_from() -> None:
    """Call, utterance, extractor with version, and the playbook they were looked for with."""
    found = extracted(Rules())
    assert [(f.utterance_index, f.text) for f in found.findings] == [
        (1, "price"),
        (4, "price"),
        (4, "budget"),
    ]
    assert {(f.call_id, f.extractor, f.playbook) for f in found.findings} == {
        ("call", "rules/1", a_playbook().digest)
    }
    assert found.playbook == a_playbook().digest
    assert '"Lantern"' in found.playbook_text


def test_the_same_place_found_twice_is_one_finding() -> None:
    """The first extractor's word counts."""
    mentions = [Mention(Kind.OBJECTION, "price", 0, 3, s) for s in (0.4, 0.8)]
    (found,) = extracted(Told(*mentions)).findings
    assert found.score == 0.4


def test_an_extractor_that_breaks_its_promise_is_a_bug() -> None:
    """A span outside, or fewer answers than passages, is never stored."""
    with pytest.raises(ValueError, match="span 0:99"):
        extracted(Told(Mention(Kind.OBJECTION, "price", 0, 99, 0.5)))

    class Short(Rules):
        def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
            return []

    with pytest.raises(ValueError, match="zip"):
        extracted(Short())


def test_passages_show_three_turns_before() -> None:
    """Oldest first, with their roles, and nothing that comes later."""
    passages = passages_of(SAID)
    assert [len(p.before) for p in passages] == [0, 1, 2, 3, 3]
    assert passages[4].before == (
        Turn(Role.PROSPECT, "The price."),
        Turn(Role.UNKNOWN, "Three."),
        Turn(Role.REP, "Four."),
    )
    assert (passages[4].text, passages[4].role) == (SAID[4].text, Role.PROSPECT)
    assert passages_of(()) == []


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([], ""),
        ([(0, 9000)], "f"),
        ([(0, 1000), (2999, 3500), (3000, 5000), (5999, 6000), (6000, 7000), (8000, 9000)], "ffmmll"),
        # The call is what is said: neither the ringing before nor the silence after.
        ([(60_000, 61_000), (61_000, 62_000), (62_000, 63_000)], "fml"),
        # One speaks until long after the last turn began.
        ([(0, 30_000), (9000, 9500), (11_000, 11_500)], "ffm"),
    ],
)
def test_thirds_go_by_time(times: list[tuple[int, int]], expected: str) -> None:
    """An utterance is where it begins, of the time from the first word to the last."""
    said = [an_utterance("Yes.", index=i, start_ms=a, end_ms=b) for i, (a, b) in enumerate(times)]
    assert "".join(third[0] for third in thirds_of(said)) == expected


def test_thirds_go_by_order_without_times() -> None:
    """Where every utterance has the same time, which is none; passages carry it."""
    said = [an_utterance("Yes.", index=i, start_ms=0, end_ms=0) for i in range(6)]
    assert thirds_of(said) == ["first_third"] * 2 + ["middle"] * 2 + ["last_third"] * 2
    assert [p.position for p in passages_of(said)] == thirds_of(said)


def test_playbook_and_extractors_are_in_the_fingerprint() -> None:
    """Version and settings of each."""

    class Newer(Rules):
        version = "2"

    stages = [
        ExtractStage([Rules()], a_playbook()),
        ExtractStage([Rules()], a_playbook(trackers=["x"])),
        ExtractStage([Rules({"a": "b"})], a_playbook()),
        ExtractStage([Newer()], a_playbook()),
        ExtractStage([], a_playbook()),
        ExtractStage([Rules(), Told()], a_playbook()),
    ]
    assert len({fingerprint(s) for s in stages}) == len(stages)
