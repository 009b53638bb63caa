"""Facts from file names, and who counts as being from outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.domain import Facts, Participant
from callmine.stages.facts import facts_from_name, has_outsider
from tests.builders import MAYA, OUR_DOMAINS, PETRA, a_facts

MORNING = "2026-09-29T08:30:00Z"


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        ("2026-09-29_1030_Acme.wav", "{date}_{time}_{account}", Facts(started_at=MORNING, account="Acme")),
        ("20260929-10h30 A B.wav", "{date}-{time} {account}", Facts(started_at=MORNING, account="A B")),
        ("2026-09-29_10-30-15.wav", "{date}_{time}", Facts(started_at="2026-09-29T08:30:15Z")),
        ("2026-12-01.wav", "{date}", Facts(started_at="2026-11-30T23:00:00Z")),
        ("Acme (Maya_Linden).mp3", "{account} ({rep})", Facts(account="Acme", rep="Maya Linden")),
        ("R_1.D_7.a_b.wav", "{external_id}.{deal_id}.{title}", Facts("R_1", deal_id="D_7", title="a b")),
        ("call.wav", "{date}_{account}", Facts()),
        ("2026-13-40_Acme.wav", "{date}_{account}", Facts(account="Acme")),
        ("2026-09-29_9999_Acme.wav", "{date}_{time}_{account}", Facts(account="Acme")),
        ("2026-09-29_Acme.wav", "", Facts()),
        ("[x].wav", "[{account}]", Facts(account="x")),
    ],
)  # fmt: skip
def test_facts_from_names(name: str, pattern: str, expected: Facts) -> None:
    """Dates and times in the workspace's zone, names with underscores as spaces; or nothing."""
    assert facts_from_name(name, pattern, "Europe/Berlin") == expected


@given(
    st.text(max_size=40),
    st.sampled_from(["{date}_{account}", "{account}", "{rep} - {title}", "{date}{time}"]),
)
def test_no_name_is_an_error(name: str, pattern: str) -> None:
    """Whatever files are called."""
    facts_from_name(name, pattern, "UTC")


@pytest.mark.parametrize(
    ("people", "domains", "expected"),
    [
        ((MAYA, PETRA), OUR_DOMAINS, True),
        ((MAYA,), OUR_DOMAINS, False),
        ((MAYA, Participant("Tom", "TOM@Sales.Larkmoor.example")), OUR_DOMAINS, False),
        ((MAYA, Participant("Guest")), OUR_DOMAINS, True),
        ((), OUR_DOMAINS, True),
        ((MAYA,), (), True),
        ((Participant("X", "x@notlarkmoor.example"),), OUR_DOMAINS, True),
    ],
    ids=["prospect", "alone", "below our domain", "no address", "nobody", "no domains", "alike"],
)
def test_outsiders(people: tuple[Participant, ...], domains: tuple[str, ...], expected: bool) -> None:
    """Only who is known to be ours, all of them, makes a call internal."""
    assert has_outsider(a_facts(participants=people), domains) is expected
