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
    assert "D-99: 1 call (stale.vtt); 1 linked by other evidence" in text
    helps = "mend the id in the manifest, or import the deal"
    assert f"deals that calls name and no import ever held ({helps}):" in text


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


def test_a_link_is_explained_with_names_cut(workspace: Path) -> None:
    """What was tried for a call without a deal, too; the JSON has the whole name."""
    long = "Osmere Hotels " + "and Sons " * 30
    (workspace / "more.csv").write_text(f"path,account,started_at\nmore.vtt,{long},2026-09-29T10:00:00Z\n")
    (workspace / "more.vtt").write_text(vtt((("Maya Linden", "Hello, this is a call."),)))
    added = callmine("add", workspace, "--manifest", workspace / "more.csv", "-w", workspace)
    assert added.code in (0, 6), added.err
    run(workspace)
    call = ident(workspace, "more")
    (note,) = [
        line for line in callmine("calls", call, "-w", workspace).out.splitlines() if "No deal fits" in line
    ]
    assert "…'" in note
    assert len(note) < 120
    assert any(
        long.strip() in one for one in callmine("calls", call, "--json", "-w", workspace).json["notes"]
    )


def test_status_tells_of_unknown_deals(workspace: Path) -> None:
    """An id that is not among the deals is a fault in the CRM or the manifest, and seen without asking."""
    assert (
        "named by calls and never imported: D-99; see `callmine links`"
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
    told = callmine("links", "-w", workspace, "--json").json["coverage"]
    assert [(d["deal_id"], d["tied"], d["linked"]) for d in told["gone_deals"]] == [
        ("D-1", 0, 0),
        ("D-3", 1, 0),
    ]
    assert [d["deal_id"] for d in told["unknown_deals"]] == ["D-99"]
    text = callmine("links", "-w", workspace).out
    assert "D-3: 1 call (two.vtt); 1 tied to it, as a person said" in text
    assert "D-1: 1 call (named.vtt)\n" in text
    assert callmine("status", "-w", workspace, "--json").json["gone_deals"] == ["D-1", "D-3"]


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


LONG, SHORT = "0065g00000XyZabAAF", "0065g00000XyZab"
"""One opportunity's id, with and without the three characters that end the longer form."""


@pytest.mark.parametrize("gone", [(), (LONG,), (SHORT,)])
def test_an_id_in_both_its_lengths_is_one_deal(gone: tuple[str, ...]) -> None:
    """Salesforce's short and long ids are told once; whether it ever was a deal decides what helps."""
    rows = [
        row(Unlinked.UNKNOWN_ID, call_id="a", unknown_id=LONG),
        row(Unlinked.UNKNOWN_ID, call_id="b", unknown_id=SHORT, source="b.wav"),
    ]
    found = link_coverage(rows, gone=gone)
    told = found.gone_deals if gone else found.unknown_deals
    assert [(d.deal_id, d.calls, d.linked, d.examples) for d in told] == [
        (gone[0] if gone else LONG, 2, 0, ("a.wav", "b.wav"))
    ]
    assert len(found.gone_deals) + len(found.unknown_deals) == 1
    (remedy,) = remedies(rows, gone)
    assert remedy.text.startswith(f"2 calls name deal {LONG}: ")
    assert ("gone from the last full import" in remedy.text) == bool(gone)


def test_other_systems_ids_are_whole() -> None:
    """Only Salesforce's own ids have a shorter form."""
    rows = [row(Unlinked.UNKNOWN_ID, unknown_id=one) for one in ("ABCDEFGHIJKLMNOABC", "ABCDEFGHIJKLMNO")]
    assert len(link_coverage(rows).unknown_deals) == 2


def test_long_names_are_cut_where_they_are_told() -> None:
    """Names of hundreds of characters hide what the sentence says."""
    (remedy,) = remedies([row(Unlinked.NO_DEAL, account="Bramble " * 40, about="Bramble " * 40)])
    assert remedy.text.startswith("1 call of 'Bramble Bramble")
    assert "…': no such account" in remedy.text
    assert len(remedy.text) < 120


def test_lists_are_as_long_as_wanted(workspace: Path) -> None:
    """What helps comes before the calls; how many there are in all is said, and the counts stay whole."""
    told = callmine("links", "--unlinked", "--limit", "1", "-w", workspace)
    assert told.err == "1 of 5 calls\n"
    lines = told.out.splitlines()
    assert lines.index("What would help most:") < next(
        n for n, line in enumerate(lines) if line.startswith("call ")
    )
    assert "  … 3 more with --json" in lines
    found = callmine("links", "--unlinked", "--limit", "2", "--json", "-w", workspace).json
    assert (len(found["listed"]), found["coverage"]["calls"]) == (2, 8)
    assert callmine("links", "--limit", "2", "-w", workspace).code == 2


def test_a_persons_link_is_taken_back(workspace: Path) -> None:
    """From the next run on the rules decide again, as if nobody had said anything; both are remembered."""
    call = ident(workspace, "account")
    assert callmine("correct", "--link", call, "D-2", "-w", workspace).code == 0
    told = callmine("correct", "--link", call, "auto", "-w", workspace)
    assert told.out == "account.vtt: the rules decide again which deal it belongs to\nnext: callmine run\n"
    assert linked(workspace)["account"] == (None, None)
    assert "1 call waits to be linked: callmine run" in callmine("links", "-w", workspace).out
    run(workspace)
    assert linked(workspace)["account"] == ("D-1", "account_fuzzy")
    again = callmine("correct", "--link", call, "AUTO", "-w", workspace)
    assert (again.code, "nothing is to be taken back" in again.out) == (0, True)
    made = callmine("correct", "--list", "-w", workspace).out.splitlines()
    assert ["link left to the rules" in made[0], "belongs to D-2" in made[1], len(made)] == [True, True, 2]
    assert callmine("correct", "--link", call, "none", "-w", workspace).code == 0
    assert linked(workspace)["account"] == (None, None)


def test_calls_that_wait_are_told(workspace: Path, tmp_path: Path) -> None:
    """Changed deals and new calls count only after a run: lists and reports say so."""
    assert callmine("links", "-w", workspace, "--json").json["waiting"] == ""
    bring(workspace, DEALS.replace("Brennholt Bakeries", "Osmere Hotels"))
    waits = "8 calls wait to be linked"
    assert f"{waits}: callmine run" in callmine("status", "-w", workspace).out
    (tmp_path / "later.vtt").write_text(vtt((("Maya Linden", "Hello, this is a call."),)))
    assert callmine("add", tmp_path / "later.vtt", "-w", workspace).code == 0
    both = f"{waits} and 1 file waits to be read: callmine run"
    assert callmine("status", "-w", workspace, "--json").json["waiting"] == both
    out = ("-o", tmp_path / "page.html", "-w", workspace)
    assert both in callmine("outcomes", "--until", "2026-10-31", *out).err
    assert both in callmine("digest", "--week", "2026-W40", *out).err
    until = ("--until", "2026-10-31", "-w", workspace)
    assert both in callmine("compare", "good morning", "hello this", "--said-by", "prospect", *until).err
    run(workspace)
    assert callmine("links", "-w", workspace, "--json").json["waiting"] == ""


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
