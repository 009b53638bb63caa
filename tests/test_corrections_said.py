"""Who corrected what and when; exact words; turns in which there is nothing."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from commands import callmine

from callmine.domain import Edit
from callmine.errors import UsageError
from callmine.operations.correcting import who_says
from callmine.spans import clock
from callmine.store import Store
from callmine.store.rows import EvidenceFilter
from callmine.workspace import find_workspace
from tests.test_migrations import SCHEMAS, restored
from tests.workbench import Workbench


@pytest.fixture
def done(bench: Workbench) -> Workbench:
    """One call in which the prospect says "price" twice (utterances 1 and 3)."""
    bench.recording(rep_channel="left", external_id="REC-1")
    bench.run()
    (bench.folder / "callmine.toml").write_text("")
    (bench.folder / "playbook.toml").write_text('[company]\nname = "Larkmoor"\n')
    return bench


def call_id(bench: Workbench) -> str:
    return str(bench.only("calls")["call_id"])


def test_the_name_is_the_nearest_one(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option, else the environment, else the file, else the account; or nobody."""
    file = bench.folder / "callmine.toml"
    file.write_text("")
    monkeypatch.setattr(getpass, "getuser", lambda: "account")
    assert who_says(find_workspace(bench.folder)) == "account"
    file.write_text('user = "Ada Ribeiro"\n')
    assert who_says(find_workspace(bench.folder)) == "Ada Ribeiro"
    monkeypatch.setenv("CALLMINE_USER", "Tom Ashby")
    assert who_says(find_workspace(bench.folder)) == "Tom Ashby"
    assert who_says(find_workspace(bench.folder), " Petra Voss ") == "Petra Voss"
    with pytest.raises(UsageError, match="--by has no name"):
        who_says(find_workspace(bench.folder), " ")


@pytest.mark.parametrize("error", [KeyError, OSError])
def test_an_account_without_a_name_is_nobody(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """As in a container whose user is a number."""

    def nameless() -> str:
        raise error("uid 4711")

    (bench.folder / "callmine.toml").write_text("")
    monkeypatch.setattr(getpass, "getuser", nameless)
    assert who_says(find_workspace(bench.folder)) is None


def test_a_verdict_says_by_whom_and_when(done: Workbench) -> None:
    """The last one's; findings of which nobody spoke have neither."""
    ref = done.store.evidence()[0].finding_id
    for who, what in (("Ada", "--right"), ("Tom", "--wrong")):
        assert callmine("correct", ref, what, "--by", who, at=done.folder).code == 0
    first, second = callmine("findings", "--json", at=done.folder).json
    assert (first["verdict"], first["verdict_by"]) == ("wrong", "Tom")
    assert first["verdict_at"] == done.rows("corrections")[1]["made_at"]
    assert (second["verdict"], second["verdict_by"], second["verdict_at"]) == (None, None, None)


def test_the_list_has_everything_newest_first(done: Workbench) -> None:
    """When, who, what, about which finding or call, and the words; links and roles as well."""
    ref = done.store.evidence()[0].finding_id
    for words in (
        (ref, "--label", "trust", "--by", "Ada"),
        ("--missed", "REC-1:0", "--label", "timing", "--words", "the shifts", "--by", "Tom"),
        ("--missed", "REC-1:2", "--nothing", "--by", "Ada"),
        ("--roles", "REC-1", "--swap", "--by", "Tom"),
        ("--link", "REC-1", "none", "--by", "Ada"),
    ):
        told = callmine("correct", *words, at=done.folder)
        assert told.code == 0, told.err
    rows = callmine("correct", "--list", "--json", at=done.folder).json
    assert [(r["made_by"], r["verdict"], r["label"], r["text"]) for r in rows] == [
        ("Ada", "link", None, None),
        ("Tom", "roles", "swap", None),
        ("Ada", "nothing", None, "I see. Let us look at it."),
        ("Tom", "missed", "timing", "the shifts"),
        ("Ada", "label", "trust", "price"),
    ]
    assert (rows[-1]["kind"], rows[-1]["finding_label"], rows[-1]["finding_id"]) == (
        "objection",
        "price",
        ref,
    )
    told = callmine("correct", "--list", "--limit", "4", at=done.folder)
    lines = [line[16:] for line in told.out.splitlines()]
    assert lines == [
        "  Ada  belongs to no deal  call.wav",
        "  Tom  roles swapped  call.wav",
        "  Ada  no objection  call.wav @ 0:06  “I see. Let us look at it.”",
        "  Tom  missed timing  call.wav @ 0:00  “the shifts”",
    ]
    assert told.err == "4 of 5 corrections\n"
    assert callmine("correct", "--list", at=done.folder).err == "5 corrections\n"
    assert (
        f"is trust  {ref} (objection:price)  call.wav" in callmine("correct", "--list", at=done.folder).out
    )


def test_what_an_older_version_kept_has_no_name(tmp_path: Path) -> None:
    """The corrections of an old database are there after the migration, each as it was."""
    with Store(restored(SCHEMAS / "0003.sql", tmp_path / "old.db")) as store:
        assert [(r.id, r.verdict, r.label, r.made_by) for r in store.corrections()] == [
            (3, "roles", "confirm", None),
            (2, "missed", "timing", None),
            (1, "label", "contract", None),
        ]
        (row,) = store.evidence(EvidenceFilter(label="contract"))
        assert (row.verdict, row.verdict_by, row.verdict_at) == ("label", None, "2026-11-21T23:53:51Z")


def test_exact_words_become_the_span(done: Workbench) -> None:
    """And are found again when extraction runs again."""
    done.store.add_missed(call_id(done), 3, "timing", words=" went up again ")
    for _ in range(2):
        (row,) = done.store.evidence(EvidenceFilter(label="timing"))
        assert (row.text, row.utterance[row.start : row.end]) == ("went up again", "went up again")
        done.run(force={"extract": frozenset()})


@pytest.mark.parametrize(
    ("heard", "text", "expected"),
    [
        ("And the price", "Anyway, and the price", "went up again"),
        ("went up", "crept up", "And the price crept up again."),
    ],
)
def test_exact_words_follow_a_corrected_turn(done: Workbench, heard: str, text: str, expected: str) -> None:
    """To their new place; where they are gone themselves, the whole turn stands for them."""
    done.store.add_missed(call_id(done), 3, "timing", words="went up again")
    (turn,) = [u for u in done.rows("utterances") if u["utterance_index"] == 3]
    new = turn["text"].replace(heard, text)
    done.store.add_edits(call_id(done), [Edit(turn["start_ms"], turn["end_ms"], turn["text"], new)])
    done.run()
    (row,) = done.store.evidence(EvidenceFilter(label="timing"))
    assert row.text == expected


@pytest.mark.parametrize(
    ("words", "why"),
    [("goes up", "are not in it"), ("e", "are more than once in it"), (" ", "are not in it")],
)
def test_words_that_are_not_one_place_are_refused(done: Workbench, words: str, why: str) -> None:
    """With the turn, from which they can be copied."""
    with pytest.raises(UsageError, match=why) as told:
        done.store.add_missed(call_id(done), 3, "timing", words=words)
    assert "“And the price went up again.”" in told.value.hint
    assert done.rows("corrections") == []


@pytest.mark.parametrize("words", [None, "price", "the price"])
def test_what_is_found_already_was_not_missed(done: Workbench, words: str | None) -> None:
    """No second objection beside one with the same label: it is named, with what can be said of it."""
    before = done.store.evidence()
    (row,) = [r for r in before if r.utterance_index == 3]
    given = ("--words", words) if words else ()
    told = callmine("correct", "--missed", "REC-1:3", "--label", row.label, *given, at=done.folder)
    assert (told.code, told.out) == (2, "")
    assert f"has that objection: {row.finding_id} (price), “price”\n" in told.err
    assert f"callmine correct {row.finding_id} --right --words" in told.err
    assert ("'the price'" in told.err) is (words == "the price")
    assert (done.store.evidence(), done.rows("corrections")) == (before, [])


def test_what_was_marked_wrong_may_be_missed_in_other_words_only(done: Workbench) -> None:
    """In the very same words it is that finding again, and says so, instead of changing nothing."""
    (row,) = [r for r in done.store.evidence() if r.utterance_index == 3]
    done.store.judge(row.finding_id, "wrong")
    with pytest.raises(UsageError, match="marked wrong") as told:
        done.store.add_missed(call_id(done), 3, "price", words="price")
    assert f"callmine correct {row.finding_id} --right" in told.value.hint
    done.store.add_missed(call_id(done), 3, "price", words="the price")
    assert standing(done, 3) == [("price", "the price")]


def test_other_words_take_the_place_of_a_finding(done: Workbench) -> None:
    """One counts, before the next run and after it; back to the first words as well."""
    (row,) = [r for r in done.store.evidence() if r.utterance_index == 3]
    told = callmine(
        *("correct", row.finding_id[:8], "--right", "--words", "price went up", "--by", "Ada"),
        at=done.folder,
    )
    assert told.code == 0, told.err
    assert told.out.endswith("(objection:price): right, in the words “price went up”, noted\n")
    for _ in range(2):
        assert standing(done, 3) == [("price", "price went up")]
        done.run(force={"extract": frozenset()})
    (new,) = [r for r in done.store.evidence() if r.text == "price went up"]
    back = done.store.reword(new.finding_id, " price ")
    assert (back.finding_id, back.verdict) == (row.finding_id, "right")
    assert standing(done, 3) == [("price", "price")]


def test_other_words_are_told_as_such(done: Workbench) -> None:
    """Nobody said that it was wrong: list, findings and ``--why`` name what replaces it, at one time."""
    (old,) = [r for r in done.store.evidence() if r.utterance_index == 3]
    new = done.store.reword(old.finding_id, "price went up", by="Ada")
    lines = [line[16:] for line in callmine("correct", "--list", at=done.folder).out.splitlines()]
    at = clock(new.play_ms)
    told = f"replaced by {new.finding_id}: the same, in other words"
    assert lines == [
        f"  Ada  price, in other words than {old.finding_id}  call.wav @ {at}  “price went up”",
        f"  Ada  {told}  {old.finding_id} (objection:price)  call.wav @ {at}  “price”",
    ]
    listed = callmine("findings", "--all", at=done.folder).out
    assert f"{old.finding_id}  objection:price [{told}]  " in listed
    assert f"{new.finding_id}  objection:price  " in listed
    assert "wrong" not in listed
    assert "; 1 replaced left out, --all shows it" in callmine("findings", at=done.folder).err


@pytest.mark.parametrize("by_hand", [False, True])
def test_right_again_withdraws_the_other_words(done: Workbench, by_hand: bool) -> None:
    """One turn never holds the same objection twice, however the other words came there."""
    (old,) = [r for r in done.store.evidence() if r.utterance_index == 3]
    if by_hand:
        done.store.judge(old.finding_id, "wrong")
        done.store.add_missed(call_id(done), 3, "price", words="the price")
    else:
        done.store.reword(old.finding_id, "the price")
    (new,) = [r for r in done.store.evidence() if r.text == "the price"]
    told = callmine("correct", old.finding_id, "--right", at=done.folder)
    assert told.out.endswith(f"right, noted; {new.finding_id}, the same in other words, is withdrawn\n")
    for _ in range(2):
        assert standing(done, 3) == [("price", "price")]
        done.run(force={"extract": frozenset()})
    (row,) = done.store.evidence(EvidenceFilter(finding_id=new.finding_id))
    assert (row.verdict, row.replaced_by) == ("replaced", old.finding_id)
    done.store.judge(new.finding_id, "right")
    assert standing(done, 3) == [("price", "the price")]


@pytest.mark.parametrize("said", [("--wrong",), ("--label", "trust")])
def test_what_was_replaced_is_judged_where_it_stands(done: Workbench, said: tuple[str, ...]) -> None:
    """The finding that counts is named, and nothing is stored."""
    (old,) = [r for r in done.store.evidence() if r.utterance_index == 3]
    new = done.store.reword(old.finding_id, "the price")
    before = done.rows("corrections")
    told = callmine("correct", old.finding_id, *said, at=done.folder)
    assert (told.code, told.out) == (2, "")
    assert f"replaced by {new.finding_id}" in told.err
    assert f"`callmine correct {new.finding_id} {' '.join(said)}`" in told.err
    assert done.rows("corrections") == before


def test_only_objections_get_other_words(done: Workbench) -> None:
    """With words that are in the turn; nothing is stored otherwise."""
    ref = done.store.evidence()[0].finding_id
    with pytest.raises(UsageError, match="are not in it"):
        done.store.reword(ref, "cheap")
    assert done.store.reword(ref, "price").verdict == "right", "its own words confirm it"
    with done.store._writing():
        done.store._db.execute("UPDATE findings SET kind = 'tracker'")
    with pytest.raises(UsageError, match="only objections"):
        done.store.reword(ref, "the price")
    assert len(done.rows("corrections")) == 1


@pytest.mark.parametrize("words", [("correct", "--wrong"), ("findings", "--why"), ("findings",)])
def test_an_utterance_is_no_finding(done: Workbench, words: tuple[str, ...]) -> None:
    """The queue names both; what is to be said of an utterance is told."""
    command, *options = words
    told = callmine(command, "REC-1:2", *options, at=done.folder)
    assert (told.code, told.out) == (2, "")
    assert "REC-1:2 is an utterance, and no finding" in told.err
    assert "`callmine correct --missed REC-1:2 --label L`" in told.err
    assert "`--nothing`" in told.err


@pytest.mark.parametrize(
    ("kind", "role", "what"),
    [
        ("answer", "rep", "is an answer,"),
        ("positioning", "rep", "is positioning,"),
        ("request", "prospect", "is a request,"),
    ],
)
def test_no_objection_is_put_on_our_rep(done: Workbench, kind: str, role: str, what: str) -> None:
    """What is no objection can be one missed in a prospect's turn only."""
    ref = done.store.evidence()[0].finding_id
    with done.store._writing():
        done.store._db.execute("UPDATE findings SET kind = ?", [kind])
        done.store._db.execute("UPDATE utterances SET role = ?", [role])
    with pytest.raises(UsageError, match=what) as told:
        done.store.judge(ref, "label", "trust")
    assert ("--missed" in told.value.hint) is (role == "prospect")
    assert ("our rep says it" in told.value.hint) is (role == "rep")


@pytest.mark.parametrize(
    ("known", "told"),
    [("", "see `callmine playbook suggest`"), ("roster wick", "nothing is to be added")],
)
def test_what_comes_of_a_spelling_is_said(done: Workbench, known: str, told: str) -> None:
    """A name that was recognised as another word is worth a line in the playbook, if it is not in it."""
    playbook = done.folder / "playbook.toml"
    rival = f'[[competitors]]\nname = "Rosterwick"\nheard_as = ["{known or "other"}"]\n'
    playbook.write_text(playbook.read_text() + rival)
    ref = done.store.evidence()[0].finding_id
    with done.store._writing():
        detail = '{"match": "sound", "heard": "Roster Wik"}'.replace("Wik", "wick" if known else "Wik")
        done.store._db.execute(
            "UPDATE findings SET kind = 'competitor', label = 'Rosterwick', detail = ?", [detail]
        )
    assert told in callmine("correct", ref, "--right", at=done.folder).out
    assert "playbook" not in callmine("correct", ref, "--wrong", at=done.folder).out


def standing(done: Workbench, index: int) -> list[tuple[str, str]]:
    """Return label and words of what is found in a turn and not struck out."""
    rows = done.store.evidence()
    return [(r.label, r.text) for r in rows if r.utterance_index == index and not r.is_struck_out]


def test_a_turn_with_an_objection_is_not_without_one(done: Workbench) -> None:
    """What stands there has to be called wrong first, and is named."""
    ref = done.store.evidence()[0].finding_id
    with pytest.raises(UsageError, match=rf"has an objection: {ref} \(price\)") as told:
        done.store.add_nothing(call_id(done), 1)
    assert f"callmine correct {ref} --wrong" in told.value.hint
    done.store.judge(ref, "wrong")
    assert done.store.add_nothing(call_id(done), 1).index == 1


def test_the_last_word_on_a_turn_counts(done: Workbench) -> None:
    """Nothing, then something, then nothing again: findings follow."""
    call = call_id(done)
    done.store.add_nothing(call, 0, by="Ada")
    done.store.add_missed(call, 0, "timing")
    (row,) = done.store.evidence(EvidenceFilter(label="timing"))
    assert row.verdict is None
    done.store.judge(row.finding_id, "wrong", by="Ada")
    done.store.add_nothing(call, 0, by="Tom")
    (row,) = done.store.evidence(EvidenceFilter(label="timing"))
    assert (row.verdict, row.verdict_by) == ("wrong", "Tom")
    done.store.add_missed(call, 0, "timing")
    (row,) = done.store.evidence(EvidenceFilter(label="timing"))
    assert (row.verdict, row.verdict_by) == (None, None)


def test_nothing_was_said_of_other_words(done: Workbench) -> None:
    """When the turn's words are others, what was read is not there any more."""
    done.store.add_nothing(call_id(done), 2)
    (turn,) = [u for u in done.rows("utterances") if u["utterance_index"] == 2]
    edit = Edit(turn["start_ms"], turn["end_ms"], turn["text"], "I see. The price is high.")
    done.store.add_edits(call_id(done), [edit])
    done.run()
    assert [(e.utterance_index, e.verdict) for e in done.store.evidence()] == [
        (1, None),
        (2, None),
        (3, None),
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("--missed", "REC-1:0"),
        ("--missed", "REC-1:0", "--nothing", "--label", "price"),
        ("--missed", "REC-1:0", "--nothing", "--words", "the shifts"),
        ("--words", "the shifts", "--label", "price"),
        ("3f2a", "--wrong", "--words", "the shifts"),
        ("--nothing",),
        ("--roles", "REC-1", "--nothing"),
        ("--by", "Ada"),
        ("--queue", "--list"),
        ("--queue", "--by", "Ada"),
        ("--list", "--swap"),
        ("--roles", "REC-1", "--limit", "3"),
        ("--queue", "--limit", "0"),
    ],
)
def test_what_makes_no_sense_together_is_refused(done: Workbench, words: tuple[str, ...]) -> None:
    """Wrong usage, and nothing is stored."""
    assert callmine("correct", *words, at=done.folder).code == 2
    assert done.rows("corrections") == []
