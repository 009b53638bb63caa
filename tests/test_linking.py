"""Which deal a call belongs to: every rule, every piece of evidence, every refusal."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callmine.crm import DealIndex, link_call
from callmine.crm.people import domain_of, outside_emails
from callmine.domain import Call, Deal, Facts, Outcome, Participant, Unlinked
from callmine.payloads import Linking
from callmine.stage import Done, Job, Stage, fingerprint
from callmine.stages.link import LinkStage
from tests.link_worlds import AGENCY, OURS, a_world

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


def link(about: Facts, *deals: Deal, min_confidence: float = 0.7) -> Linking:
    return link_call(
        about, DealIndex(deals), own_domains=OWN, own_names=["Larkmoor"], min_confidence=min_confidence
    )


def made(linking: Linking) -> tuple[str, str]:
    """Return deal and rule of a link that is there."""
    assert linking.link is not None, linking.why
    assert linking.link.why == linking.why
    assert linking.reason is None
    return linking.link.deal_id, linking.link.rule


def sure(linking: Linking) -> float:
    """Return how sure the likeliest deal is, linked or not."""
    return linking.link.confidence if linking.link else linking.probability or 0.0


def test_stated_id_decides() -> None:
    """The id wins over every other evidence, even for excluded deals and far dates."""
    other = deal("D-2", account="Foo", outcome=Outcome.EXCLUDED, close_date="2020-01-01")
    found = link(facts("petra@acme.example", deal_id=" D-2"), deal(), other)
    assert made(found) == ("D-2", "deal_id")
    assert sure(found) == 1.0
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
    assert made(found) == ("D-1", "contact_email")
    assert found.why.startswith("The call names deal D-9, which is not among the deals. D-1: ")
    assert "D-9" in link(Facts(deal_id="D-9"), deal()).why


def test_contact_beats_domain() -> None:
    """Of two deals of one company the one whose contact took part is meant."""
    found = link(facts("PETRA@acme.example"), deal(), deal("D-2", contact_emails=("jo@acme.example",)))
    assert made(found) == ("D-1", "contact_email")
    assert sure(found) > 0.9
    assert found.why.endswith("(next: D-2 at 0.06).")


def test_domains_of_account_and_contacts() -> None:
    """The account's own domain is stronger than a contact's; both reach below."""
    assert made(link(facts("x@acme.example"), deal())) == ("D-1", "email_domain")
    assert made(link(facts("x@mail.acme.example"), deal()))[1] == "email_domain"
    by_contact = link(facts("x@acme.example"), deal(account_domain=None))
    assert made(by_contact) == ("D-1", "contact_domain")
    assert 0.9 < sure(by_contact) < sure(link(facts("x@acme.example"), deal()))


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
    found = link(facts(account=account), deal())
    assert made(found) == ("D-1", "account")
    assert sure(found) > 0.9


def test_account_spelled_almost_the_same() -> None:
    """One slip in a long name is forgiven; another number, a short or another name is not."""
    baker = deal(account="Brennholt Bakeries 24")
    found = link(facts(account="Brenholt Bakeries 24"), baker)
    assert made(found) == ("D-1", "account_fuzzy")
    assert 0.8 < sure(found) < sure(link(facts(account="Brennholt Bakeries 24"), baker))
    assert "almost like 'Brennholt Bakeries 24'" in found.why
    for other in ("Brennholt Bakeries 25", "Brennholt Butchers 24", "Acne"):
        assert link(facts(account=other), baker, deal("D-2")).link is None


def test_name_and_address_of_two_accounts_are_no_link() -> None:
    """Where a call's account and its participants are two customers, neither is taken."""
    near = deal("D-2", account="Brennholt Bakeries", account_domain=None, contact_emails=())
    found = link(facts("x@acme.example", account="Brenholt Bakeries"), deal(), near)
    assert found.reason is Unlinked.SEVERAL
    assert found.nearest == "D-1"
    assert "D-2" in found.why


@pytest.mark.parametrize(
    ("day", "least", "most"),
    [
        ("2025-09-01", 0.0, 0.1),
        ("2025-12-10", 0.4, 0.6),
        ("2025-12-22", 0.8, 0.9),
        ("2026-01-05", 0.9, 1.0),
        ("2026-03-21", 0.9, 1.0),
        ("2026-03-25", 0.7, 0.9),
        ("2026-04-05", 0.5, 0.7),
        ("2026-06-05", 0.0, 0.1),
    ],
)
def test_life_of_a_closed_deal(day: str, least: float, most: float) -> None:
    """Sure from the inquiry to a day after the close, and the less so the farther from it."""
    found = link(facts("x@acme.example", started_at=f"{day}T12:00:00Z"), deal())
    assert least <= sure(found) <= most
    assert (found.link is not None) == (sure(found) >= 0.7)
    if sure(found) < 0.1:
        assert found.reason is Unlinked.ANOTHER_TIME


def test_call_outside_every_life_says_by_how_much() -> None:
    """Even a contact, the owner and the account's name do not reach a deal long closed."""
    late = facts("petra@acme.example", rep="Maya Linden", account="Acme", started_at="2026-06-20T00:00:00Z")
    found = link(late, deal())
    assert found.link is None
    assert "Nearest is D-1 at 0.17, below 0.70" in found.why
    assert "92 days after it closed" in found.why
    early = link(facts("x@acme.example", started_at="2025-06-20T00:00:00Z"), deal())
    assert "days before it began" in early.why


def test_open_deals_have_no_end() -> None:
    """The close date of an open deal is a hope; but of two, the one not left open for years is meant."""
    late = facts("x@acme.example", started_at="2026-09-01T00:00:00Z")
    left_open = deal(outcome=Outcome.OPEN)
    assert sure(link(late, left_open)) > 0.8
    new = deal("D-2", outcome=Outcome.OPEN, created_at="2026-08-01", inquired_at=None)
    much_later = facts("x@acme.example", started_at="2027-09-01T00:00:00Z")
    assert made(link(late, left_open, replace(new, created_at="2026-08-20")))[0] == "D-2"
    assert link(much_later, left_open, replace(new, created_at="2027-08-20")).link is not None


def test_deals_without_dates_are_neither_inside_nor_outside() -> None:
    """Unknown dates give no bonus and no penalty; one that cannot be read is unknown."""
    undated: dict[str, Any] = {"created_at": None, "inquired_at": None}
    dated = sure(link(facts("x@acme.example"), deal()))
    for changes in (undated, {**undated, "close_date": "soon"}, {"close_date": None}):
        assert 0.8 < sure(link(facts("x@acme.example"), deal(**changes))) < dated


def test_a_deal_created_after_its_close_has_no_beginning() -> None:
    """Rows that were moved from an old CRM carry the day of the move."""
    moved = deal(created_at="2026-05-01", inquired_at=None)
    assert made(link(facts("x@acme.example"), moved)) == ("D-1", "email_domain")


def test_undated_calls_are_less_certain() -> None:
    """Without a date nothing says that the deal was alive."""
    found = link(facts("x@acme.example", started_at=None), deal())
    assert 0.8 < sure(found) < sure(link(facts("x@acme.example"), deal()))
    assert "the call has no date" in found.why
    assert sure(link(facts("x@acme.example", started_at="yesterday"), deal())) == sure(found)


def test_owner_decides_between_deals() -> None:
    """Of two deals alive at once the rep's own is meant, by name or by address."""
    two = (deal("D-1"), deal("D-2", owner="TOM@us.example"))
    found = link(facts("x@acme.example"), *two)
    assert made(found) == ("D-2", "email_domain")
    assert "the rep owns it" in found.why
    by_name = link(facts("x@acme.example", rep="Linden, Maya", rep_email=None), *two)
    assert made(by_name)[0] == "D-1"


def test_account_name_decides_between_subsidiaries() -> None:
    """Companies that share a domain are told apart by the account's name."""
    two = (deal("D-1", account="Acme North"), deal("D-2", account="Acme South"))
    assert link(facts("x@acme.example"), *two).reason is Unlinked.SEVERAL
    found = link(facts("x@acme.example", account="Acme South"), *two)
    assert made(found)[0] == "D-2"


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
    two = link(facts("x@acme.example"), *opens[:2])
    assert two.why == "Two open deals of Acme GmbH fit: D-1 at 0.49 and D-2 at 0.49."
    assert (two.reason, two.about, two.nearest) == (Unlinked.SEVERAL, "acme.example", "D-1")
    assert link(facts("x@acme.example"), *opens[:3]).why.endswith(
        "Three open deals of Acme GmbH fit: D-1 at 0.33, D-2 at 0.33 and D-3 at 0.33."
    )
    many = link(facts("x@acme.example", deal_id="D-99"), *opens)
    assert many.why.startswith("The call names deal D-99, which is not among the deals. 7 open deals")
    assert many.why.endswith("D-5 at 0.14, ….")
    assert (many.link, many.unknown_id) == (None, "D-99")


def test_excluded_deals_do_not_compete() -> None:
    """A duplicate of a deal does not make its calls ambiguous."""
    twin = deal("D-2", outcome=Outcome.EXCLUDED)
    assert made(link(facts("x@acme.example"), deal(), twin))[0] == "D-1"
    alone = link(facts("x@acme.example"), twin)
    assert (alone.reason, alone.nearest) == (Unlinked.EXCLUDED, "D-2")
    assert link(facts("x@foo.example"), twin).reason is Unlinked.NO_DEAL


def test_what_was_tried_is_said() -> None:
    """No deal is a sentence too."""
    found = link(facts("x@else.example", account="Else"), deal())
    assert found == Linking(
        None,
        "No deal fits; tried the addresses of its participants, the domain else.example,"
        " the account 'Else'.",
        Unlinked.NO_DEAL,
        "Else",
    )
    for found in (link(facts(), deal()), link(Facts())):
        assert found.why.startswith("Nothing to go on")
        assert found.reason is Unlinked.NOTHING
    assert link(facts(deal_id="D-9"), deal()).reason is Unlinked.UNKNOWN_ID


def test_internal_calls_have_a_deal_only_by_its_id() -> None:
    """A team that talks about a customer is not the customer."""
    about = facts("petra@acme.example", type="internal", account="Acme")
    assert link(about, deal()).reason is Unlinked.INTERNAL
    assert made(link(replace(about, deal_id="D-1"), deal())) == ("D-1", "deal_id")


def test_reasons_hold_no_address() -> None:
    """A reason is stored and shown; forgetting a person must not have to search it."""
    for about in (facts("petra@acme.example"), facts("jo@acme.example"), facts("jo@gmail.com")):
        assert "@" not in link(about, deal()).why


def test_min_confidence_is_a_setting() -> None:
    """The bar is the workspace's, inclusive."""
    about = facts("x@acme.example")
    least = sure(link(about, deal()))
    assert link(about, deal(), min_confidence=least - 0.001).link is not None
    below = link(about, deal(), min_confidence=least + 0.001)
    assert (below.link, below.reason, below.nearest) == (None, Unlinked.BELOW, "D-1")
    assert link(facts("x@foo.example"), deal(), min_confidence=0).link is None


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
    assert (found.reason is None) == (found.link is not None)
    if found.link is not None:
        assert found.link.deal_id in {d.deal_id for d in deals}
        assert bar <= found.link.confidence + 0.01 <= 1.01
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
        {"name": "Acme: renewal"},
        {"segment": "SMB"},
        {"type": "renewal"},
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
    assert fingerprint(stage()) != fingerprint(stage(min_confidence=0.8))


def test_subject_of_the_title_decides_between_deals_at_once() -> None:
    """A renewal is talked about in a call called so; a word that only one deal has points to it."""
    opens: dict[str, Any] = {"outcome": Outcome.OPEN, "contact_emails": ()}
    two = (
        deal("D-1", **opens, type="new business", name="Acme: warehouse"),
        deal("D-2", **opens, type="renewal", name="Acme: shops"),
    )
    assert made(link(facts("x@acme.example", title="Acme renewal"), *two))[0] == "D-2"
    assert made(link(facts("x@acme.example", title="Acme: warehouse tour"), *two))[0] == "D-1"
    assert made(link(facts("x@acme.example", title="Acme: shops, offer"), *two))[0] == "D-2"
    assert link(facts("x@acme.example", title="Acme, weekly"), *two).reason is Unlinked.SEVERAL


def test_title_names_the_account_where_nothing_else_does() -> None:
    """The longest name in it counts; our own name, and general words, name nobody."""
    bramble = deal(account="Bramble Foods", account_domain=None, contact_emails=())
    for title in (
        "Bramble Foods <> Larkmoor demo",
        "Larkmoor x Bramble Foods | pricing",
        "Intro Bramble Foods",
    ):
        assert made(link(facts(title=title), bramble)) == ("D-1", "title")
    for title in ("Weekly sync", "Foods demo", "Larkmoor"):
        ours = deal("D-2", account="Larkmoor", account_domain=None, contact_emails=())
        assert link(facts(title=title), bramble, ours).link is None


def test_title_completes_a_short_account() -> None:
    """One of several accounts that begin alike is meant by "Bramble" if the title says which."""
    some: dict[str, Any] = {"account_domain": None, "contact_emails": ()}
    two = (deal("D-1", account="Bramble Foods", **some), deal("D-2", account="Bramble Motors", **some))
    assert link(facts(account="Bramble"), *two).reason is Unlinked.SEVERAL
    assert made(link(facts(account="Bramble", title="Bramble Motors: demo"), *two))[0] == "D-2"


def test_account_in_the_name_of_a_deal_without_one() -> None:
    """``Contoso - 60 seats`` is a deal of Contoso; the deals of one company share its domain."""
    bare = deal("D-1", account=None, name="Contoso - 60 seats", account_domain=None, contact_emails=())
    assert made(link(facts(account="Contoso Ltd"), bare)) == ("D-1", "deal_name")
    other = deal("D-2", account="Contoso", account_domain="contoso.example", close_date="2026-01-20")
    found = link(facts("x@contoso.example", started_at="2026-03-10T09:00:00Z"), bare, other)
    assert made(found) == ("D-1", "email_domain")


def test_account_that_is_cut_is_found_by_its_deals_name() -> None:
    """CRMs cut accounts to a field's length; deal names are longer."""
    cut = deal(account="South Tanaka Global Logisti", name="South Tanaka Global Logistics: rollout")
    assert made(link(facts(account="South Tanaka Global Logistics"), cut))[0] == "D-1"


def test_domain_that_is_the_accounts_name() -> None:
    """``bramblefoods.example`` is Bramble Foods, where the deals know no domain."""
    bramble = deal(account="Bramble Foods", account_domain=None, contact_emails=())
    for address in ("x@bramblefoods.example", "x@bramble-foods.example", "x@mail.bramblefoods.co.uk"):
        assert made(link(facts(address), bramble)) == ("D-1", "domain_name")
    assert link(facts("x@foods.example"), bramble).link is None


def test_domain_of_another_country() -> None:
    """``acme.de`` belongs to the company of ``acme.com``, a little less surely."""
    german = link(facts("x@acme.de"), deal(account=None, account_domain="acme.com"))
    assert made(german) == ("D-1", "domain_variant")


def test_agency_stands_for_none_of_its_customers() -> None:
    """An address at a domain of contacts of several accounts says nothing, the account's name does."""
    some: dict[str, Any] = {"account_domain": None, "contact_emails": ("kim@agency.example",)}
    two = (deal("D-1", **some), deal("D-2", account="Vellmore Clinics", **some))
    for address in ("kim@agency.example", "jo@agency.example"):
        assert link(facts(address), *two).link is None
        resold = [replace(d, account_domain="agency.example", contact_emails=()) for d in two]
        assert link(facts(address), *resold).link is None
        assert made(link(facts(address, account="Vellmore Clinics"), *two))[0] == "D-2"


def test_participants_of_two_customers_are_no_link() -> None:
    """Several outside domains fit several accounts; the account's name decides."""
    two = (deal("D-1"), deal("D-2", account="Foo", account_domain="foo.example", contact_emails=()))
    both = facts("x@acme.example", "x@foo.example")
    assert link(both, *two).reason is Unlinked.SEVERAL
    assert made(link(replace(both, account="Foo"), *two))[0] == "D-2"


def test_contact_by_name_alone() -> None:
    """A participant without an address who is called as a contact's address spells it."""
    people = (Participant("Petra Voss"),)
    spelled = deal(contact_emails=("petra.voss@acme.example",))
    found = link(replace(facts(), participants=people), spelled)
    assert made(found) == ("D-1", "contact_name")
    assert link(replace(facts(), participants=(Participant("Petra"),)), spelled).link is None


def test_worlds_are_linked_rightly() -> None:
    """Of links 98 in 100 are right, of calls with account or domain 95 are found; as sure as said."""
    made_links = right = wanted = found = 0
    bands: dict[int, list[tuple[float, bool]]] = {}
    for seed in (11, 12):
        world = a_world(seed)
        index = DealIndex(world.deals)
        for about, truth in world.calls:
            linking = link_call(about, index, own_domains=[OURS], own_names=["Larkmoor"])
            companies = {domain_of(e) for e in outside_emails(about, [OURS])} - {"gmail.com", AGENCY}
            hit = linking.link is not None and linking.link.deal_id == truth
            if linking.link is not None:
                made_links += 1
                right += hit
                bands.setdefault(int(linking.link.confidence * 10), []).append((sure(linking), hit))
            if truth and (about.account or companies):
                wanted += 1
                found += hit
    assert right / made_links >= 0.98
    assert found / wanted >= 0.95
    for said in bands.values():
        if len(said) > 50:
            assert abs(sum(p for p, _ in said) - sum(hit for _, hit in said)) / len(said) < 0.12


def test_a_contact_counts_little_beside_a_deal_that_names_nobody() -> None:
    """Two deals at once, and only one lists its contacts: the other's may be the same people."""
    silent = deal("D-2", contact_emails=())
    listed = deal("D-1", contact_emails=("x@acme.example",))
    found = link(facts("x@acme.example"), silent, listed)
    assert found.link is None
    assert found.reason is Unlinked.SEVERAL
    named = deal("D-2", contact_emails=("y@acme.example",))
    assert (taken := link(facts("x@acme.example"), named, listed).link) is not None
    assert taken.deal_id == "D-1"


def test_an_introduction_does_not_say_new_business() -> None:
    """With an intro or a discovery every deal begins, an expansion too."""
    new, more = deal("D-1", type="new business"), deal("D-2", type="expansion")
    assert link(facts("x@acme.example", title="Acme: intro"), new, more).link is None
    assert (taken := link(facts("x@acme.example", title="Acme: new business"), new, more).link) is not None
    assert taken.deal_id == "D-1"


@pytest.mark.parametrize(
    ("known", "said"),
    [("xn--mller-kva.example", "müller.example"), ("müller.example", "xn--mller-kva.example")],
)
def test_a_domain_in_letters_is_the_one_in_ascii(known: str, said: str) -> None:
    """The CRM may hold the one and the calendar the other; the account's name is found in both."""
    own = deal(account="Brenn AG", account_domain=known, contact_emails=())
    assert made(link(facts(f"petra@{said}"), own)) == ("D-1", "email_domain")
    named = deal(account="Müller GmbH", account_domain=None, contact_emails=())
    assert made(link(facts(f"petra@{said}"), named)) == ("D-1", "domain_name")
