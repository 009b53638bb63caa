"""``callmine links``: what is tied to what, what is not and why; and what people said stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from callmine.domain import Unlinked
from callmine.reports.linking import SkippedCount, link_coverage, remedies
from callmine.store.links import LinkRow
from tests.commands import callmine, vtt

DEALS = """\
deal_id,name,account,owner,outcome,created_at,close_date,account_domain
D-1,Brennholt: ovens,Brennholt Bakeries,Maya Linden,won,2026-09-01,2026-10-05,brennholt.example
D-2,Vellmore: north,Vellmore Clinics,Tom Ashby,open,2026-09-01,,vellmore.example
D-3,Vellmore: south,Vellmore Clinics,Tom Ashby,open,2026-09-01,,vellmore.example
"""

MANIFEST = """\
path,started_at,rep,account,deal_id,participants,consent,type
named.vtt,2026-09-29T10:00:00Z,Maya Linden,,D-1,,yes,sales
account.vtt,2026-09-29T11:00:00Z,Maya Linden,Brenholt Bakeries GmbH,,,yes,sales
stale.vtt,2026-09-29T12:00:00Z,Maya Linden,Brennholt Bakeries,D-99,,yes,sales
two.vtt,2026-09-29T13:00:00Z,Tom Ashby,Vellmore Clinics,,,yes,sales
far.vtt,2026-03-01T13:00:00Z,Maya Linden,Brennholt Bakeries,,,yes,sales
nobody.vtt,2026-09-29T14:00:00Z,Maya Linden,,,,yes,sales
new.vtt,2026-09-29T15:00:00Z,Maya Linden,Osmere Hotels,,,yes,sales
new2.vtt,2026-09-29T16:00:00Z,Maya Linden,OSMERE HOTELS Ltd,,,yes,sales
ours.vtt,2026-09-29T17:00:00Z,Maya Linden,Brennholt Bakeries,,,yes,internal
"""


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    """A workspace of one's own, as :func:`made` has it."""
    return Path(shutil.copytree(made, tmp_path / "workspace"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of calls that are linked by different rules, or not for different reasons."""
    base = tmp_path_factory.mktemp("links")
    folder, calls = base / "workspace", base / "calls"
    calls.mkdir()
    (calls / "calls.csv").write_text(MANIFEST)
    for n, line in enumerate(MANIFEST.splitlines()[1:]):
        turns = (("Maya Linden", f"Hello, this is call {n}."), ("Petra Voss", "Good morning to you."))
        (calls / line.split(",")[0]).write_text(vtt(turns))
    assert callmine("init", folder).code == 0
    settings = (folder / "callmine.toml").read_text().replace('"faster_whisper"', '"replay"', 1)
    (folder / "callmine.toml").write_text(settings)
    (folder / "playbook.toml").write_text('[company]\nname = "Larkmoor"\ndomains = ["larkmoor.example"]\n')
    bring(folder, DEALS)
    assert callmine("add", calls, "--manifest", calls / "calls.csv", "-w", folder).code == 0
    run(folder)
    return folder


def bring(folder: Path, deals: str) -> str:
    """Import deals; return what was said."""
    (folder / "deals.csv").write_text(deals)
    told = callmine("deals", folder / "deals.csv", "-w", folder)
    assert told.code in (0, 6), told.err
    return told.out + told.err


def run(folder: Path, *options: str) -> None:
    """Run everything that is to do."""
    told = callmine("run", "--jobs", "1", *options, "-w", folder)
    assert told.code in (0, 6), told.err


def linked(folder: Path) -> dict[str, tuple[str | None, str | None]]:
    """Return each call's deal and rule."""
    calls = callmine("calls", "--json", "-w", folder).json
    return {c["source"].removesuffix(".vtt"): (c["deal_id"], c["link_rule"]) for c in calls}


def ident(folder: Path, name: str) -> str:
    """Return a call's id by its file's name."""
    calls = callmine("calls", "--json", "-w", folder).json
    return str(next(c["call_id"] for c in calls if c["source"] == f"{name}.vtt"))


def test_links_counts_rules_and_reasons(workspace: Path) -> None:
    """Every call is in one line; what is said as text is said as JSON."""
    told = callmine("links", "-w", workspace, "--json").json
    coverage = told["coverage"]
    assert (coverage["calls"], coverage["linked"], coverage["share"]) == (8, 3, 0.375)
    assert {r["rule"]: r["calls"] for r in coverage["rules"]} == {
        "deal_id": 1,
        "account": 1,
        "account_fuzzy": 1,
    }
    assert {r["reason"]: r["calls"] for r in coverage["reasons"]} == {
        "no_deal_fits": 2,
        "several_deals_fit": 1,
        "no_deal_at_the_time": 1,
        "nothing_to_go_on": 1,
    }
    assert coverage["skipped"] == [{"reason": "internal", "calls": 1}]
    assert [(d["deal_id"], d["linked"]) for d in coverage["unknown_deals"]] == [("D-99", 1)]
    text = callmine("links", "-w", workspace).out
    assert "linked: 3 of 8 calls (38%)" in text
    assert "skipped, so not looked for: 1 internal" in text
    assert "deal D-99 is named by 1 call (stale.vtt) and not among the deals; 1 linked by other" in text


def test_unlinked_says_what_would_help(workspace: Path) -> None:
    """Calls of one account in two spellings are one line, the longest first."""
    told = callmine("links", "--unlinked", "-w", workspace)
    lines = [line.strip() for line in told.out.splitlines()]
    first = lines[lines.index("What would help most:") + 1]
    assert first == "2 calls of 'Osmere Hotels': no such account among the deals"
    assert "1 call of 'Vellmore Clinics': several deals fit (D-2), name one with" in told.out
    listed = callmine("links", "--unlinked", "-w", workspace, "--json").json["listed"]
    assert {r["source"] for r in listed} == {f"{n}.vtt" for n in ("two", "far", "nobody", "new", "new2")}


def test_one_rule_is_listed(workspace: Path) -> None:
    """With why; a rule that linked nothing is an error that names those that did."""
    told = callmine("links", "--rule", "account_fuzzy", "-w", workspace)
    assert "account.vtt" in told.out
    assert "spelled almost like" in told.out
    wrong = callmine("links", "--rule", "acount", "-w", workspace)
    assert wrong.code == 2
    assert "did you mean" in wrong.err.casefold()
    assert callmine("links", "--rule", "account", "--unlinked", "-w", workspace).code == 2


def test_calls_show_rule_and_confidence(workspace: Path) -> None:
    """Of one call also why."""
    shown = callmine("calls", ident(workspace, "account"), "-w", workspace).out
    assert "link      by account_fuzzy, 9" in shown
    assert "% sure; D-1: the account 'Brenholt Bakeries GmbH' is spelled almost like" in shown


def test_status_tells_of_unknown_deals(workspace: Path) -> None:
    """An id that is not among the deals is a fault in the CRM or the manifest, and seen without asking."""
    assert (
        "named by calls and not among the deals: D-99; see `callmine links`"
        in callmine("status", "-w", workspace).out
    )
    assert callmine("status", "-w", workspace, "--json").json["unknown_deals"] == ["D-99"]


def test_what_a_person_said_stays(workspace: Path) -> None:
    """Through imports, runs and transcriptions; also that there is no deal."""
    for name, deal in (("two", "D-3"), ("account", "none"), ("named", "D-2")):
        told = callmine("correct", "--link", ident(workspace, name), deal, "-w", workspace)
        assert told.code == 0, told.err
    wanted = {"two": ("D-3", "person"), "account": (None, None), "named": ("D-2", "person")}

    def holds() -> bool:
        return {name: linked(workspace)[name] for name in wanted} == wanted

    assert holds()
    run(workspace)
    bring(workspace, DEALS.replace("Tom Ashby", "Maya Linden"))
    run(workspace)
    assert holds()
    run(workspace, "--retranscribe")
    assert holds()
    reasons = callmine("links", "-w", workspace, "--json").json["coverage"]["reasons"]
    assert {r["reason"]: r["calls"] for r in reasons}["person"] == 1


def test_a_deal_that_is_gone_is_told(workspace: Path) -> None:
    """What a person tied to it stays tied, and is said; what a rule tied is looked for again."""
    assert callmine("correct", "--link", ident(workspace, "two"), "D-3", "-w", workspace).code == 0
    renamed = DEALS.replace("D-3,", "D-4,").replace("D-1,", "D-5,")
    bring(workspace, renamed)
    run(workspace)
    now = linked(workspace)
    assert now["two"] == ("D-3", "person")
    assert now["account"][0] == "D-5"
    text = callmine("links", "-w", workspace).out
    assert "deal D-3 is gone from the last full import; 1 call stays tied to it" in text
    assert "deal D-1 is named by 1 call (named.vtt) and not among the deals" in text
    assert callmine("status", "-w", workspace, "--json").json["gone_deals"] == ["D-3"]


def row(reason: Unlinked | None = None, **changes: object) -> LinkRow:
    """Return a call without a link."""
    values: dict[str, object] = {**dict.fromkeys(LinkRow.__dataclass_fields__), "source": "a.wav"}
    return LinkRow(
        **{**values, "call_id": "c", "type": "sales", "is_gone": False, "reason": reason, **changes}
    )  # type: ignore[arg-type]


def test_nothing_is_no_share() -> None:
    """Without calls there is no share, and calls that no run has seen are waiting."""
    empty = link_coverage([])
    assert (empty.calls, empty.share, empty.confidence) == (0, None, None)
    waiting = link_coverage([row()])
    assert (waiting.calls, waiting.waiting) == (0, 1)


def test_mean_confidence_by_rule() -> None:
    """The share is of calls for which a deal was looked for; internal ones are told apart."""
    rows = [
        row(deal_id="D-1", rule="account", confidence=0.9),
        row(deal_id="D-1", rule="account", confidence=0.8),
        row(deal_id="D-2", rule="title", confidence=0.7),
        row(Unlinked.NOTHING),
        row(Unlinked.INTERNAL),
    ]
    found = link_coverage(rows, {"internal": 2})
    assert [(r.rule, r.calls, r.confidence) for r in found.rules] == [
        ("account", 2, 0.85),
        ("title", 1, 0.7),
    ]
    assert (found.calls, found.linked, found.share, found.confidence) == (4, 3, 0.75, 0.8)
    assert found.skipped == (SkippedCount("internal", 2),)


@pytest.mark.parametrize("reason", [r for r in Unlinked if r not in (Unlinked.INTERNAL, Unlinked.PERSON)])
def test_every_reason_has_a_remedy(reason: Unlinked) -> None:
    """Each says how many calls it is about, for an account and for a domain."""
    calls = [row(reason, account="Acme", about="Acme", unknown_id="D-9", nearest="D-1") for _ in range(2)]
    calls.append(row(reason, about="foo.example", unknown_id="D-9"))
    said = remedies(calls)
    assert sum(remedy.calls for remedy in said) == 3
    assert all(remedy.text.startswith(f"{remedy.calls} call") for remedy in said)


def test_decided_and_internal_calls_need_no_help() -> None:
    """There is nothing to do about them."""
    assert remedies([row(Unlinked.INTERNAL), row(Unlinked.PERSON), row()]) == ()
