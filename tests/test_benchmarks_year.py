"""The generated year is what it says: the same for a seed, true to itself, and with what was planted."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from scipy.stats import binomtest

from benchmarks import linking
from benchmarks.year import effects, make_year, write_year
from benchmarks.year.chance import long_id, short_id
from benchmarks.year.exports import Exported
from benchmarks.year.load import call_id, is_kept
from benchmarks.year.values import EARLY_STAGES, STAGES, Year
from callmine.crm import load_mapping, read_deals
from callmine.domain import Kind, check_detail
from callmine.formats import read, sniff
from callmine.playbook import parse_playbook
from callmine.store import Store
from callmine.workspace import Workspace
from tests.generated import SMALL, a_small_year

SURE = 1e-4
"""Probability below which a planted rate counts as missed; seeds are fixed, so this never flickers."""


@pytest.fixture(scope="module")
def year(generated: tuple[Year, Workspace]) -> Year:
    return generated[0]


@pytest.fixture(scope="module")
def many() -> Year:
    return make_year(4, deals=1500, labels=4)


@pytest.fixture(scope="module")
def written(year: Year, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Exported, ...]]:
    folder = tmp_path_factory.mktemp("year")
    return folder, write_year(year, folder)


@pytest.fixture(scope="module")
def workspace(generated: tuple[Year, Workspace]) -> Workspace:
    return generated[1]


def is_near(hits: int, total: int, share: float) -> bool:
    """Whether a count is what a share of that size gives, but for bad luck beyond belief."""
    return total > 0 and binomtest(hits, total, share).pvalue > SURE


def test_a_seed_gives_the_same_bytes(
    year: Year, written: tuple[Path, tuple[Exported, ...]], tmp_path: Path
) -> None:
    """Made and written again, every file of a year is the same; with another seed none of the deals are."""
    again = a_small_year()
    assert again == year
    write_year(again, tmp_path)
    first = {p.relative_to(written[0]): p.read_bytes() for p in written[0].rglob("*") if p.is_file()}
    assert first == {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert len(first) == len(year.calls) + 12 + 2 + len(list((tmp_path / "crm").glob("*.toml"))) + 3
    assert make_year(5, deals=SMALL, labels=0).deals != year.deals


def test_talk_can_be_left_out_without_another_world() -> None:
    """Extra labels are words only: deals and metadata are the same with and without them."""
    some, none = make_year(6, deals=60, labels=80), make_year(6, deals=60, labels=0)
    assert some.deals == none.deals
    assert [replace(c, turns=()) for c in some.calls] == [replace(c, turns=()) for c in none.calls]


def test_calls_are_true_to_their_deals(year: Year) -> None:
    """A call is in its deal's life, at its true stage, and carries what its metadata hold."""
    assert len(year.deals) == SMALL
    assert [deal.number for deal in year.deals] == list(range(SMALL))
    for call in year.calls:
        told = call.metadata
        if call.deal is None:
            assert call.kind not in ("deal", "early", "after")
            assert not told.deal_id
            continue
        deal = year.deals[call.deal]
        account = year.accounts[deal.account]
        day = call.started.date()
        assert deal.copy_of is None
        assert call.stage == deal.stage_on(day)
        if call.kind == "after":
            assert deal.closed is not None
            assert day > deal.closed
        elif call.kind == "early":
            assert day < deal.created
        at = {(person.email or "").partition("@")[2] for person in told.participants}
        assert ("domain" in call.carries) == bool(at & set(account.domains))
        assert "account" not in call.carries or told.account
        assert ("title" in call.carries) == (account.short in told.title)
        if told.deal_id and "stale id" not in call.noise:
            assert told.deal_id in (deal.deal_id, long_id(deal.deal_id))


def test_paths_and_outcomes_agree(year: Year) -> None:
    """Stages are in order, in the CRM as in truth, and the last one says how a deal ended."""
    for deal in year.deals:
        for path in (deal.path, deal.crm_path):
            days = [day for _, day in path]
            assert days == sorted(days)
            places = [STAGES.index(stage) for stage, _ in path if stage in STAGES]
            assert places == sorted(places)
        last = deal.path[-1][0]
        assert (deal.outcome == "won") == (last == "Closed Won")
        assert deal.outcome.startswith("lost_") == (last == "Closed Lost")
        assert (deal.outcome == "open") == (deal.closed is None)
        assert not deal.loss_reason or deal.outcome.startswith("lost_")


def test_findings_are_in_their_turns(year: Year) -> None:
    """Every planted finding has a span of its turn, a valid detail, and answers turns before it."""
    kinds: Counter[str] = Counter()
    for call in year.calls:
        for at, turn in enumerate(call.turns):
            assert "[[" not in turn.text
            assert turn.speaker < len(call.voices)
            for said in turn.said:
                kinds[said.kind] += 1
                assert turn.text[said.start : said.end].strip()
                check_detail(Kind(said.kind), said.detail)
                assert all(number < at for number in said.answers)
                assert said.detail.get("shown_in", 0) < len(call.turns)
    assert set(kinds) == {"objection", "competitor", "positioning", "answer", "request"}


def test_traits_are_heard_early_or_not_at_all(year: Year) -> None:
    """Nothing but its traits is heard early in a deal; all of them where a Demo is recorded."""
    labels = {n.label for n in effects.NULLS if n.trap in ("plain", "segment")} | {"security"}
    seen = 0
    for deal in year.deals:
        calls = [c for c in year.calls if c.deal == deal.number]
        early = [c for c in calls if c.stage in EARLY_STAGES and c.kind in ("deal", "early")]
        if not early:
            continue
        seen += 1
        heard = {s.label for c in early for t in c.turns for s in t.said if s.kind == "objection"}
        had = {t.partition(":")[2] for t in deal.traits} & labels
        assert heard & labels <= had
        if any(c.stage == "Demo" for c in early):
            assert heard & labels == had
        after = {s.label for c in calls if c.kind != "after" for t in c.turns for s in t.said}
        assert not after & {"feature_gap", "brush_off"}
    assert seen > SMALL / 2


def test_exports_read_with_the_planted_problems_only(
    year: Year, written: tuple[Path, tuple[Exported, ...]]
) -> None:
    """Each monthly export gives every deal of its day; what is wrong is what was planted, line by line."""
    folder, exported = written
    assert len(exported) == 12
    kinds: Counter[str] = Counter()
    for one in exported:
        found = read_deals(folder / "crm" / one.file, mapping=load_mapping(folder / "crm" / one.mapping))
        planted = {line: kind for kind, line, _ in one.problems}
        kinds.update(planted.values())
        assert len(found.deals) == one.deals - bool(one.lost)
        met = {p.line for p in found.problems}
        assert met <= set(planted)
        # Footer lines may be known for what they are; a damaged row and a double one are always told.
        assert {line for line, kind in planted.items() if kind != "footer"} <= met
    assert kinds["twice"] == 12
    assert kinds["broken quote"] >= 1
    assert kinds["footer"] >= 12


def test_the_last_export_says_how_deals_ended(
    year: Year, written: tuple[Path, tuple[Exported, ...]]
) -> None:
    """Won, lost, open and excluded come out of the export as they are; HubSpot's file agrees."""
    folder, exported = written
    last = exported[-1]
    crm = folder / "crm"
    found = read_deals(crm / last.file, mapping=load_mapping(crm / last.mapping))
    hubspot = read_deals(crm / "hubspot-2025-12.json", mapping=load_mapping(crm / "hubspot.toml"))
    assert not hubspot.problems
    truth = {long_id(deal.deal_id): deal for deal in year.deals}
    ids = {deal.hubspot_id: long_id(deal.deal_id) for deal in year.deals}
    for deal in (*found.deals, *(replace(d, deal_id=ids[d.deal_id]) for d in hubspot.deals)):
        true = truth[deal.deal_id]
        assert deal.outcome.is_lost == true.outcome.startswith("lost_")
        if not deal.outcome.is_lost:
            assert deal.outcome.value == true.outcome
    assert {d.deal_id for d in found.deals} == {ids[d.deal_id] for d in hubspot.deals} - {
        long_id(last.lost)
    }


def test_transcripts_and_truth_are_readable(year: Year, written: tuple[Path, tuple[Exported, ...]]) -> None:
    """A call's file is one that callmine imports, the playbook is valid, and the truth names every call."""
    folder, _ = written
    some = folder / "calls" / f"{year.calls[0].external_id}.json"
    imported = read(some, sniff(some).name)
    assert imported.facts.external_id == year.calls[0].external_id
    assert len(imported.transcript.segments) == len(year.calls[0].turns)
    assert len(parse_playbook((folder / "playbook.toml").read_text("utf-8")).objections) == 6
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    assert set(truth["calls"]) == {call.external_id for call in year.calls}
    assert set(truth["deals"]) == {long_id(deal.deal_id) for deal in year.deals}


@pytest.mark.parametrize("effect", [e for e in effects.EFFECTS if e.trait != "dose"], ids=lambda e: e.name)
def test_odds_are_as_planted(many: Year, effect: effects.Effect) -> None:
    """Taking a trait away changes a deal's log odds by just its row; the chances drawn from say so."""
    step = math.log(effect.odds_ratio)
    for deal in many.deals:
        if effect.trait not in deal.traits or deal.outcome == "excluded":
            continue
        skill = many.reps[deal.owner].skill
        args = {"segment": deal.segment, "dose": deal.dose, "skill": skill}
        having = effects.log_odds(deal.traits, **args)
        without = effects.log_odds(deal.traits - {effect.trait}, **args)
        assert math.log(deal.chance / (1 - deal.chance)) == pytest.approx(having)
        applies = effect.segment in ("", deal.segment)
        assert having - without == pytest.approx(step if applies else 0.0)


def test_rates_are_as_planted(many: Year) -> None:
    """Outcomes come up as often as their chances say, traits as often as their shares."""
    real = [deal for deal in many.deals if deal.outcome != "excluded"]
    # Open deals are those whose end the year does not hold: in all the others the draw is seen.
    begun = [deal for deal in real if deal.created.isoformat() < "2025-05" and deal.outcome != "open"]
    mean = sum(deal.chance for deal in begun) / len(begun)
    assert is_near(sum(deal.outcome == "won" for deal in begun), len(begun), mean)
    quiet = [deal for deal in real if "chatty" not in deal.traits]
    for null in effects.NULLS:
        if null.trap == "plain":
            hits = sum(f"objection:{null.label}" in deal.traits for deal in quiet)
            assert is_near(hits, len(quiet), null.share), null.label
    small = [deal for deal in quiet if deal.segment == "SMB"]
    assert is_near(sum("objection:no_need" in deal.traits for deal in small), len(small), 0.45)
    rivals = Counter(deal.rival for deal in real)
    assert all(is_near(rivals[name], len(real), share) for name, share in effects.RIVALS.items())


def test_traps_are_traps(many: Year) -> None:
    """The nulls look like effects to whoever does not condition: late, leaking and period labels do."""
    closed = [deal for deal in many.deals if deal.outcome not in ("open", "excluded")]
    heard: dict[str, set[int]] = {}
    for call in many.calls:
        for said in (s for t in call.turns for s in t.said if s.kind == "objection"):
            if call.deal is not None:
                heard.setdefault(said.label, set()).add(call.deal)

    def rate(keep: Callable[[int], bool]) -> float:
        chosen = [deal for deal in closed if keep(deal.number)]
        return sum(deal.outcome == "won" for deal in chosen) / len(chosen)

    def gap(label: str) -> float:
        return rate(heard[label].__contains__) - rate(lambda number: number not in heard[label])

    assert gap("feature_gap") > 0.5
    assert gap("brush_off") < -0.3
    assert gap("contract") > 0.15
    assert gap("integration") > 0.1
    chatty = {deal.number for deal in closed if "chatty" in deal.traits}
    assert rate(chatty.__contains__) - rate(lambda number: number not in chatty) > 0.08


def test_what_effects_come_to(many: Year) -> None:
    """Message A is worth some thirteen points more than B, security costs large deals more than ten."""
    assert many.expected["message A"]["difference"] == pytest.approx(0.13, abs=0.02)
    assert many.expected["message B"]["difference"] == 0
    assert many.expected["security"]["difference"] < -0.1
    assert (
        many.expected["answer evidence"]["difference"] > 0 > many.expected["answer discount"]["difference"]
    )


def test_loaded_as_if_it_had_been_read(year: Year, workspace: Workspace) -> None:
    """The workspace holds the calls that ingest would keep, and exactly the planted findings."""
    kept = [call for call in year.calls if is_kept(call)]
    assert 0 < len(kept) < len(year.calls)
    with Store(workspace.database) as store:
        calls = {row.call_id: row for row in store.calls()}
        found = Counter(row["call_id"] for row in store.table_rows("findings"))
        links = list(store.table_rows("links"))
    assert set(calls) == {call_id(call) for call in kept}
    assert {row.status for row in calls.values()} == {"done"}
    assert found == Counter({call_id(c): n for c in kept if (n := sum(len(t.said) for t in c.turns))})
    assert all(calls[call_id(c)].words_by_role["prospect"] > 0 for c in kept)
    assert links


def test_linking_is_judged_by_the_truth(year: Year, workspace: Workspace) -> None:
    """A link to the call's own deal is right; to a duplicate, a sibling, or of a stranger it is not."""
    judged = linking.judge(year, workspace)
    assert len(judged.judged) == sum(map(is_kept, year.calls))
    for one in judged.judged:
        assert one.right == (one.linked is not None and not one.mistake)
        if one.call.deal is None:
            assert not one.right
    right, made = judged.precision()
    assert 0 < right <= made
    assert right <= judged.recall()[1]
    lines = "\n".join(linking.report(judged))
    assert "account or domain, no id" in lines
    assert f"{made}" in lines


def test_ids_have_their_check_characters() -> None:
    """The long form of an id says which letters are capitals, in groups of five."""
    assert long_id("001000000000001") == "001000000000001AAA"
    assert long_id("0061I00000ABCDE") == "0061I00000ABCDEQA5"
    assert len({short_id("006", number) for number in range(5000)}) == 5000
