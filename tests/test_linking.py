"""Which deal a call belongs to: every rule, every piece of evidence, every refusal."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.crm import DealIndex, link_call
from callmine.domain import Call, Deal, Facts, Outcome, Participant
from callmine.payloads import Linking
from callmine.stage import Done, Job, Stage, fingerprint
from callmine.stages.link import LinkStage

OWN = ("us.example",)


def deal(deal_id: str = "D-1", **changes: Any) -> Deal:
    """Return a deal of Acme, lost in March, with one contact."""
    values: dict[str, Any] = {
        **dict.fromkeys(Deal.__dataclass_fields__),
        "deal_id": deal_id,
        "account": "Acme GmbH",
        "owner": "Maya Linden",
        "outcome": Outcome.LOST_OTHER,
        "created_at": "2026-01-10",
        "inquired_at": "2026-01-05",
        "close_date": "2026-03-20",
        "account_domain": "acme.example",
        "contact_emails": ("petra@acme.example",),
    }
    return Deal(**{**values, **changes})


def facts(*emails: str, **changes: Any) -> Facts:
    """Return the facts of a call in February with these outsiders and our rep Tom."""
    people = (Participant("Tom", "tom@us.example"), *(Participant("", e) for e in emails))
    values: dict[str, Any] = {
        "started_at": "2026-02-10T09:00:00Z",
        "rep": "Tom Ashby",
        "rep_email": "tom@us.example",
        "participants": people,
    }
    return Facts(**{**values, **changes})


def link(about: Facts, *deals: Deal, min_confidence: float = 0.6) -> Linking:
    return link_call(about, DealIndex(deals), own_domains=OWN, min_confidence=min_confidence)


def made(linking: Linking) -> tuple[str, str, float]:
    assert linking.link is not None, linking.why
    assert linking.link.why == linking.why
    return linking.link.deal_id, linking.link.rule, linking.link.confidence


def test_stated_id_decides() -> None:
    """The id wins over every other evidence, even for excluded deals and far dates."""
    other = deal("D-2", account="Foo", outcome=Outcome.EXCLUDED, close_date="2020-01-01")
    found = link(facts("petra@acme.example", deal_id=" D-2"), deal(), other)
    assert made(found) == ("D-2", "deal_id", 1.0)
    assert found.why == "The call names deal D-2."


def test_salesforce_ids_of_both_lengths_are_one() -> None:
    """15 finds 18 and the other way round; two long ids stay two."""
    long, short = "0061I00000ABCDEQA5", "0061I00000ABCDE"
    assert made(link(Facts(deal_id=short), deal(long)))[0] == long
    assert made(link(Facts(deal_id=long), deal(short)))[0] == short
    assert link(Facts(deal_id="0061I00000ABCDEQAZ"), deal(long)).link is None
    assert link(Facts(deal_id=short), deal(long), deal("0061I00000ABCDEQAZ")).link is None


def test_unknown_id_is_said_and_the_search_goes_on() -> None:
    """A stale id does not stop the other rules."""
    found = link(facts("petra@acme.example", deal_id="D-9"), deal())
    assert made(found)[:2] == ("D-1", "contact_email")
    assert found.why.startswith("The call names deal D-9, which is not among the deals. D-1: ")
    assert "D-9" in link(Facts(deal_id="D-9"), deal()).why


def test_contact_beats_domain() -> None:
    """Of two deals of one company the one whose contact took part is meant."""
    found = link(facts("PETRA@acme.example"), deal(), deal("D-2", contact_emails=("jo@acme.example",)))
    assert made(found) == ("D-1", "contact_email", 0.98)


def test_domains_of_account_and_contacts() -> None:
    """The account's own domain is stronger than a contact's; both reach below."""
    assert made(link(facts("x@acme.example"), deal())) == ("D-1", "email_domain", 0.88)
    assert made(link(facts("x@mail.acme.example"), deal()))[1] == "email_domain"
    by_contact = link(facts("x@acme.example"), deal(account_domain=None))
    assert made(by_contact) == ("D-1", "contact_domain", 0.83)


def test_free_mail_says_nothing_about_a_company() -> None:
    """A contact's private address finds the deal; somebody else's at the same provider does not."""
    private = deal(account_domain="gmail.com", contact_emails=("petra@gmail.com",))
    assert made(link(facts("petra@gmail.com"), private))[1] == "contact_email"
    found = link(facts("jo@gmail.com"), private)
    assert found.link is None
    assert "gmail.com is free mail" in found.why


def test_our_own_addresses_point_nowhere() -> None:
    """Reps among the contacts, and colleagues at the rep's domain, are not outsiders."""
    ours = deal(
        account=None, account_domain="us.example", contact_emails=("tom@us.example", "a@eu.example")
    )
    assert link(facts("lea@us.example"), ours).link is None
    assert link(facts("lea@eu.example", rep_email="a@eu.example"), ours).link is None


@pytest.mark.parametrize("account", ["ACME", "Acme Inc.", "acme gmbh"])
def test_account_name(account: str) -> None:
    """Without addresses the account's name is enough, whatever its legal form."""
    assert made(link(facts(account=account), deal())) == ("D-1", "account", 0.83)


def test_account_spelled_almost_the_same() -> None:
    """One slip in a long name is forgiven; another number, a short or another name is not."""
    baker = deal(account="Brennholt Bakeries 24")
    found = link(facts(account="Brenholt Bakeries 24"), baker)
    assert made(found) == ("D-1", "account_fuzzy", 0.7)
    assert "almost like 'Brennholt Bakeries 24'" in found.why
    for other in ("Brennholt Bakeries 25", "Brennholt Butchers 24", "Acne"):
        assert link(facts(account=other), baker, deal("D-2")).link is None
    assert link(facts(account="Brenholt Bakeries 24", started_at=None), baker).link is None


def test_fuzzy_only_when_nothing_else_points_anywhere() -> None:
    """A near spelling never competes with an address."""
    near = deal("D-2", account="Brennholt Bakeries", account_domain=None, contact_emails=())
    found = link(facts("x@acme.example", account="Brenholt Bakeries"), deal(), near)
    assert made(found)[:2] == ("D-1", "email_domain")


@pytest.mark.parametrize(
    ("day", "confidence"),
    [
        ("2025-12-21", None),
        ("2025-12-22", 0.80),
        ("2026-01-05", 0.88),
        ("2026-03-20", 0.88),
        ("2026-03-21", 0.80),
        ("2026-03-22", None),
    ],
)
def test_life_of_a_closed_deal(day: str, confidence: float | None) -> None:
    """From 14 days before the inquiry to a day after the close, best between the two."""
    found = link(facts("x@acme.example", started_at=f"{day}T12:00:00Z"), deal())
    assert (found.link.confidence if found.link else None) == confidence


def test_call_outside_every_life_says_by_how_much() -> None:
    """Even a contact, the owner and the account's name do not reach a deal long closed."""
    late = facts("petra@acme.example", rep="Maya Linden", account="Acme", started_at="2026-06-20T00:00:00Z")
    found = link(late, deal())
    assert found.link is None
    assert "Nearest is D-1 at 0.54, below 0.60" in found.why
    assert "92 days after it closed" in found.why
    early = link(facts("x@acme.example", started_at="2025-06-20T00:00:00Z"), deal())
    assert "days before it began" in early.why


def test_open_deals_have_no_end() -> None:
    """The close date of an open deal is a hope."""
    late = facts("x@acme.example", started_at="2026-09-01T00:00:00Z")
    assert made(link(late, deal(outcome=Outcome.OPEN)))[2] == 0.88


def test_deals_without_dates_are_neither_inside_nor_outside() -> None:
    """Unknown dates give no bonus and no penalty; one that cannot be read is unknown."""
    undated: dict[str, Any] = {"created_at": None, "inquired_at": None}
    assert made(link(facts("x@acme.example"), deal(**undated)))[2] == 0.80
    assert made(link(facts("x@acme.example"), deal(**undated, close_date="soon")))[2] == 0.80
    assert made(link(facts("x@acme.example"), deal(close_date=None)))[2] == 0.80


def test_undated_calls_are_less_certain() -> None:
    """Without a date nothing says that the deal was alive."""
    found = link(facts("x@acme.example", started_at=None), deal())
    assert made(found)[2] == 0.70
    assert "the call has no date" in found.why
    assert made(link(facts("x@acme.example", started_at="yesterday"), deal()))[2] == 0.70


def test_owner_decides_between_deals() -> None:
    """Of two deals alive at once the rep's own is meant, by name or by address."""
    two = (deal("D-1"), deal("D-2", owner="TOM@us.example"))
    found = link(facts("x@acme.example"), *two)
    assert made(found) == ("D-2", "email_domain", 0.96)
    assert "the rep owns it" in found.why
    by_name = link(facts("x@acme.example", rep="Linden, Maya", rep_email=None), *two)
    assert made(by_name)[0] == "D-1"


def test_account_name_decides_between_subsidiaries() -> None:
    """Companies that share a domain are told apart by the account's name, if it is clear enough."""
    two = (deal("D-1", account="Acme North"), deal("D-2", account="Acme South"))
    assert link(facts("x@acme.example"), *two).why == "Two deals fit: D-1 and D-2."
    found = link(facts("x@acme.example", account="Acme South"), *two)
    assert found.link is None
    named = deal("D-2", account="Acme South", owner="Tom Ashby")
    assert made(link(facts("x@acme.example", account="Acme South"), two[0], named))[0] == "D-2"


def test_life_decides_between_deals() -> None:
    """The lost deal of last year does not compete with the one that is open now."""
    now = deal("D-2", outcome=Outcome.OPEN, created_at="2026-05-01", inquired_at=None)
    assert (
        made(link(facts("petra@acme.example", started_at="2026-06-01T00:00:00Z"), deal(), now))[0] == "D-2"
    )
    assert made(link(facts("petra@acme.example"), deal(), now))[0] == "D-1"


def test_ties_name_the_deals() -> None:
    """Two that fit alike are none, with both named; many are counted."""
    opens = [deal(f"D-{n}", outcome=Outcome.OPEN) for n in range(1, 8)]
    assert link(facts("x@acme.example"), *opens[:2]).why == "Two open deals of Acme GmbH fit: D-1 and D-2."
    assert link(facts("x@acme.example"), *opens[:3]).why.endswith(
        "Three open deals of Acme GmbH fit: D-1, D-2 and D-3."
    )
    many = link(facts("x@acme.example", deal_id="D-99"), *opens)
    assert many.why.endswith(
        "not among the deals. 7 open deals of Acme GmbH fit: D-1, D-2, D-3, D-4, D-5, …."
    )
    assert many.link is None


def test_excluded_deals_do_not_compete() -> None:
    """A duplicate of a deal does not make its calls ambiguous."""
    assert made(link(facts("x@acme.example"), deal(), deal("D-2", outcome=Outcome.EXCLUDED)))[0] == "D-1"


def test_what_was_tried_is_said() -> None:
    """No deal is a sentence too."""
    found = link(facts("x@else.example", account="Else"), deal())
    assert found == Linking(
        None,
        "No deal fits; tried the addresses of its participants, the domain else.example,"
        " the account 'Else'.",
    )
    assert link(facts(), deal()).why.startswith("Nothing to go on")
    assert link(Facts()).why.startswith("Nothing to go on")


def test_reasons_hold_no_address() -> None:
    """A reason is stored and shown; forgetting a person must not have to search it."""
    for about in (facts("petra@acme.example"), facts("jo@acme.example"), facts("jo@gmail.com")):
        assert "@" not in link(about, deal()).why


def test_min_confidence_is_a_setting() -> None:
    """The bar is the workspace's, inclusive."""
    about = facts("x@acme.example")
    assert link(about, deal(), min_confidence=0.88).link is not None
    assert link(about, deal(), min_confidence=0.89).link is None


EMAILS = st.sampled_from(
    ["petra@acme.example", "x@acme.example", "y@foo.example", "z@gmail.com", "q@us.example"]
)
DEALS = st.lists(
    st.builds(
        deal,
        st.sampled_from(["D-1", "D-2", "D-3", "D-4"]),
        account=st.sampled_from([None, "Acme", "Acme AG", "Foo", "Phoenix Labs"]),
        outcome=st.sampled_from(Outcome),
        owner=st.sampled_from([None, "Tom Ashby", "Maya Linden"]),
        created_at=st.sampled_from([None, "2026-01-01", "2026-02-20", "2025-01-01"]),
        close_date=st.sampled_from([None, "2026-02-01", "2026-12-01"]),
        account_domain=st.sampled_from([None, "acme.example", "foo.example", "gmail.com"]),
    ),
    unique_by=lambda d: d.deal_id,
)


@given(
    st.lists(EMAILS),
    DEALS,
    st.sampled_from([None, "Acme", "Phoenix Lab", "F"]),
    st.floats(0, 1),
    st.randoms(),
)
def test_linking_is_sound(
    emails: list[str], deals: list[Deal], account: str | None, bar: float, order: Any
) -> None:
    """A link is to a deal that exists, above the bar, explained, and does not depend on the order."""
    about = facts(*emails, account=account)
    found = link(about, *deals, min_confidence=bar)
    assert found.why.endswith(".")
    if found.link is not None:
        assert found.link.deal_id in {d.deal_id for d in deals}
        assert bar <= found.link.confidence <= 1
    order.shuffle(deals)
    assert link(about, *deals, min_confidence=bar) == found


def stage(*deals: Deal, **changes: Any) -> LinkStage:
    return LinkStage(deals, **{"own_domains": OWN, **changes})


def job(about: Facts) -> Job:
    call = Call("c" * 16, "a.wav", "c" * 64, "/a.wav", None, None, 1000, 2, about)
    return Job("c" * 16, "a.wav", call, "f")


def test_stage_links_and_notes_what_it_could_not() -> None:
    """The stage survives pickling to a worker; an unlinked call has its reason as a note."""
    worker: LinkStage = pickle.loads(pickle.dumps(stage(deal())))  # noqa: S301
    assert isinstance(worker, Stage)
    worker.setup()
    done = worker.process(job(facts("x@acme.example")))
    assert made(done.output)[0] == "D-1"
    assert done.notes == ()
    unlinked = stage(deal()).process(job(facts()))
    assert unlinked == Done(unlinked.output, notes=(unlinked.output.why,))


@pytest.mark.parametrize(
    "change",
    [
        {"account": "Foo"},
        {"account_domain": None},
        {"contact_emails": ()},
        {"owner": "Tom"},
        {"created_at": None},
        {"inquired_at": None},
        {"close_date": "2026-03-21"},
        {"outcome": Outcome.OPEN},
        {"outcome": Outcome.EXCLUDED},
        {"deal_id": "D-2"},
    ],
    ids=str,
)
def test_changes_that_link_again(change: dict[str, Any]) -> None:
    """What linking looks at is in the fingerprint."""
    assert fingerprint(stage(deal())) != fingerprint(stage(replace(deal(), **change)))


def test_changes_that_do_not_link_again() -> None:
    """Amounts, stages, reasons, an expected close date and the order of deals are not."""
    won = replace(deal(), amount=5.0, stage="x", loss_reason="y", competitor="z", outcome=Outcome.WON)
    assert fingerprint(stage(deal())) == fingerprint(stage(won))
    opened = deal(outcome=Outcome.OPEN)
    assert fingerprint(stage(opened)) == fingerprint(stage(replace(opened, close_date="2027-01-01")))
    assert fingerprint(stage(deal("A"), deal("B"))) == fingerprint(stage(deal("B"), deal("A")))
    assert fingerprint(stage(own_domains=("A", "b"))) == fingerprint(stage(own_domains=("b", "a")))
    assert fingerprint(stage()) != fingerprint(stage(min_confidence=0.7))
