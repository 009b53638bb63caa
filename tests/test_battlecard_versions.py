"""Versions of battlecards: what changed, who approved, and what people said survives a rebuild."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_battlecard import NASTY, card_of, rival

from callmine.config import Settings
from callmine.domain import Kind
from callmine.errors import UsageError
from callmine.operations.card_edits import competitor_of_edit
from callmine.playbook import Competitor
from callmine.reports.battlecard import quotes_of
from callmine.reports.battlecard_people import Count
from callmine.reports.battlecard_values import Battlecard
from callmine.reports.quote_values import Quote
from callmine.reports.render.battlecard_pages import render_html, render_markdown
from callmine.reports.render.battlecard_people_words import version_line
from callmine.store import Store
from callmine.store.removing import delete_call
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_store import PRICE, TRUST, buyer, make_workspace, put_call
from tests.commands import callmine
from tests.edits import edit_card

LANTERN = Competitor(name="Lantern", aliases=("Lantern Shift",))


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """Six calls in which a buyer speaks against Lantern, each in other words."""
    made = make_workspace(tmp_path / "workspace")
    with Store(made.database) as store:
        store.import_deals([a_deal(f"D-{n}", account=f"Account {n}") for n in range(8)])
        for n in range(6):
            put_call(store, f"{n}.vtt", rival(f"[[Lantern]] broke {n} times.", "negative"), deal=f"D-{n}")
    return made


def against(card: Battlecard) -> list[str]:
    """The turns that are quoted against Lantern."""
    return [quote.utterance for quote in card.said.against_them.quotes] if card.said.against_them else []


def more(place: Workspace) -> None:
    """One more call with Lantern."""
    with Store(place.database) as store:
        put_call(store, "new.vtt", rival("[[Lantern]] is fine now.", "positive"), deal="D-7")


def test_a_version_is_kept_once(place: Workspace) -> None:
    """Building again what is the same makes no version; what is new makes one and says what changed."""
    first, again = card_of(place), card_of(place)
    assert first.standing is not None
    assert first.standing.changed is None
    assert again.standing == first.standing
    assert first.standing.version == 1
    more(place)
    now = card_of(place).standing
    assert now is not None
    assert now.version == 2
    assert now.changed is not None
    assert now.changed.version == 1
    assert Count("mentions", 6, 7) in now.changed.counts
    assert now.changed.new_quotes[0].what == "said"
    page = render_html(card_of(place))
    assert "What changed since version 1" in page
    assert "Mentions: 6 before, 7 now." in page


def test_an_approved_card_is_frozen(place: Workspace) -> None:
    """It stays what it was, says what would be different, and is built anew when asked to."""
    before = card_of(place)
    edit_card(place, LANTERN, approve="Cy Example", owner="Bo Example")
    more(place)
    frozen = card_of(place)
    assert frozen.named == before.named
    assert quotes_of(frozen) == quotes_of(before)
    s = frozen.standing
    assert s is not None
    assert (s.version, s.approved_by, s.owner) == (1, "Cy Example", "Bo Example")
    assert s.changed is not None
    assert Count("mentions", 6, 7) in s.changed.counts
    assert "Approved by Cy Example on" in render_markdown(frozen)
    assert "What would be different in a new version" in render_html(frozen)
    draft = card_of(place, rebuild=True)
    assert draft.named.mentions == 7
    assert draft.standing is not None
    assert (draft.standing.version, draft.standing.approved_by) == (2, None)
    assert card_of(place).standing == s, "the draft is not approved"


def test_a_rebuild_with_nothing_new_stays_approved(place: Workspace) -> None:
    """It is the version that was approved, and says so wherever it is shown; what is new makes a draft."""
    card_of(place)
    edit_card(place, LANTERN, approve="Cy Example")
    again = card_of(place, rebuild=True)
    assert again.standing is not None
    assert (again.standing.version, again.standing.approved_by) == (1, "Cy Example")
    assert again == card_of(place), "both ways give one card"
    for shown in (render_html(again), render_markdown(again)):
        assert "Approved by Cy Example" in shown
        assert "Built anew, it is the same." in shown
        assert "draft" not in shown
    assert version_line(again) == "Lantern: version 1, approved by Cy Example; built anew, it is the same"
    more(place)
    assert "Built anew" not in render_html(card_of(place))
    draft = card_of(place, rebuild=True)
    assert version_line(draft) == "Lantern: version 2, a draft"
    assert card_of(place, rebuild=True).standing == draft.standing
    edit_card(place, LANTERN, approve="Bo Example")
    edit_card(place, LANTERN, approve="Cy Example", version=1)
    later = card_of(place, rebuild=True)
    assert version_line(later).startswith("Lantern: version 2, approved by Bo Example")


def test_the_command_says_which_version_it_wrote(place: Workspace) -> None:
    """In a line of its own, whether it is a draft, and who approved it."""
    said = []
    for more_words in ((), ("--approve", "Cy Example"), ("--rebuild",)):
        told = callmine("battlecard", "Lantern", *more_words, at=place.root)
        said.append(told.out.splitlines()[-1])
    approved = "Lantern: version 1, approved by Cy Example; built anew, it is the same"
    assert said == ["Lantern: version 1, a draft", approved, approved]


def test_what_is_on_no_card_is_not_barred(place: Workspace) -> None:
    """Nothing of another competitor, or of a call without this one; but what a kept version quotes."""
    with Store(place.database) as store:
        theirs = buyer("[[Rosterwick]] has it.", "Rosterwick", kind=Kind.COMPETITOR)
        put_call(store, "both.vtt", theirs, rival("Not [[Lantern]]."), buyer(*PRICE), deal="D-6")
        put_call(store, "other.vtt", buyer(*TRUST), deal="D-7")
        found = {row.label: row.finding_id for row in store.evidence()}
    first = card_of(place)
    for one, message in (
        (found["Rosterwick"], "cannot be barred: it names Rosterwick, and this is the card of Lantern"),
        (found["trust"], "cannot be barred: Lantern is not named in its call"),
    ):
        with pytest.raises(UsageError, match=message):
            edit_card(place, LANTERN, bar=one, note=("said", "Kept neither."))
    assert card_of(place) == first
    edit_card(place, LANTERN, bar=found["price"])
    quote = next(q for q in quotes_of(first) if q.finding_id != found["price"])
    with Store(place.database) as store:
        for row in store.evidence():
            if row.call_id == quote.call_id and row.label == "Lantern":
                store.judge(row.finding_id, "wrong", by="Ada Example")
    edit_card(place, LANTERN, bar=quote.finding_id)
    assert [change.what for change in card_of(place).changes] == ["bar", "bar"]


def test_taking_an_approval_back(place: Workspace) -> None:
    """Then the card is a draft again."""
    card_of(place)
    edit_card(place, LANTERN, approve="Cy Example")
    with Store(place.database) as store:
        (edit,) = store.report_edits("battlecard", "Lantern")
    edit_card(place, LANTERN, drop=edit.edit_id)
    standing = card_of(place).standing
    assert standing is not None
    assert standing.approved_by is None


def test_what_people_said_survives(place: Workspace) -> None:
    """A note, a pinned and a barred quote hold in every later version, with who and when."""
    first = card_of(place)
    assert first.said.against_them is not None
    barred, pinned, *_ = first.said.against_them.quotes
    edit_card(place, LANTERN, bar=barred.finding_id, by="Ada Example")
    edit_card(place, LANTERN, pin=pinned.finding_id[:10], by="Ada Example")
    edit_card(place, LANTERN, note=("said", "Ask about <b>Mondays</b>"), by="Ada Example")
    more(place)
    card = card_of(place)
    assert barred.utterance not in [quote.utterance for quote in quotes_of(card)]
    assert [quote.finding_id for quote in card.pinned] == [pinned.finding_id]
    assert pinned.utterance not in against(card), "it stands once"
    assert card.named.mentions == 7, "a barred quote is counted"
    page, text = render_html(card), render_markdown(card)
    for shown in (page, text):
        assert "Ada Example" in shown
        assert "Chosen by people" in shown
        assert "What people changed" in shown
        assert "no quote behind it" in shown
    assert "Ask about &lt;b&gt;Mondays" in page
    assert "Ask about &lt;b>Mondays" in text


def test_what_was_said_last_holds(place: Workspace) -> None:
    """Who bars what was pinned has it barred; what is dropped holds no longer."""
    first = card_of(place)
    assert first.said.against_them is not None
    one = first.said.against_them.quotes[0].finding_id
    edit_card(place, LANTERN, pin=one)
    edit_card(place, LANTERN, bar=one)
    card = card_of(place)
    assert (card.pinned, [change.what for change in card.changes]) == ((), ["bar"])
    edit_card(place, LANTERN, drop=card.changes[0].edit_id)
    assert [quote.finding_id for quote in card_of(place).pinned] == [one]


def test_quotes_of_a_frozen_card_still_hold(place: Workspace) -> None:
    """A quote that was struck out since is not shown, and that is said; so is one whose words are gone."""
    first = card_of(place)
    assert first.said.against_them is not None
    wrong, gone, *_ = first.said.against_them.quotes
    edit_card(place, LANTERN, approve="Cy Example")
    with Store(place.database) as store:
        store.judge(wrong.finding_id, "wrong", by="Ada Example")
        with store._writing():
            store._db.execute("DELETE FROM findings WHERE call_id = ?", [gone.call_id])
            store._db.execute(
                "UPDATE utterances SET text = 'Other words.' WHERE call_id = ?", [gone.call_id]
            )
    card = card_of(place)
    assert not {wrong.utterance, gone.utterance} & set(against(card))
    assert against(card)
    assert card.standing is not None
    assert card.standing.left_out == 2
    assert "2 quotes are left out" in render_html(card)


def test_a_quote_that_is_barred_leaves_a_frozen_card(place: Workspace) -> None:
    """Also a pinned one; the card says who took it off, and that can be taken back."""
    first = card_of(place)
    assert first.said.against_them is not None
    one, pinned, *_ = first.said.against_them.quotes
    edit_card(place, LANTERN, pin=pinned.finding_id)
    card_of(place)
    edit_card(place, LANTERN, approve="Cy Example")
    edit_card(place, LANTERN, bar=one.finding_id, by="Ada Example")
    edit_card(place, LANTERN, bar=pinned.finding_id, by="Ada Example")
    card = card_of(place)
    assert not {one.finding_id, pinned.finding_id} & {quote.finding_id for quote in quotes_of(card)}
    assert card.standing is not None
    assert (card.standing.approved_by, card.standing.left_out) == ("Cy Example", 2)
    assert [change.what for change in card.changes] == ["bar", "bar"]
    assert "2 quotes are left out" in render_markdown(card)
    for change in card.changes:
        edit_card(place, LANTERN, drop=change.edit_id)
    back = card_of(place)
    assert {one.finding_id, pinned.finding_id} <= {quote.finding_id for quote in quotes_of(back)}


def test_an_approval_says_of_which_version(place: Workspace) -> None:
    """The last one by default, with when it was built; any other by its number."""
    before = card_of(place)
    more(place)
    card_of(place)
    told: list[str] = []
    edit_card(place, LANTERN, approve="Cy Example", progress=told.append)
    edit_card(place, LANTERN, approve="Cy Example", version=1, progress=told.append)
    assert [line.partition(", built on ")[0] for line in told] == [
        "approved version 2 of the card of Lantern",
        "approved version 1 of the card of Lantern",
    ]
    assert card_of(place).named == before.named


def test_a_pin_shows_what_the_card_can_show(place: Workspace) -> None:
    """No mention of another competitor, nothing of a call without this one, nothing marked wrong."""
    with Store(place.database) as store:
        theirs = buyer("[[Rosterwick]] has it.", "Rosterwick", kind=Kind.COMPETITOR)
        both = theirs, rival("Not [[Lantern]].")
        put_call(store, "both.vtt", *both, buyer(*PRICE), deal="D-6")
        put_call(store, "other.vtt", buyer(*TRUST), deal="D-7")
        found = {row.label: row.finding_id for row in store.evidence()}
        wrong = next(row.finding_id for row in store.evidence() if row.label == "Lantern")
        store.judge(wrong, "wrong", by="Ada Example")
    for one, message in (
        (found["Rosterwick"], "it names Rosterwick, and this is the card of Lantern"),
        (found["trust"], "Lantern is not named in its call"),
        (wrong, "it is marked wrong"),
    ):
        with pytest.raises(UsageError, match=message):
            edit_card(place, LANTERN, pin=one)
    edit_card(place, LANTERN, pin=f"q-{found['price']}-with")
    assert [quote.finding_id for quote in card_of(place).pinned] == [found["price"]]


def test_a_pin_whose_quote_is_gone_says_so(place: Workspace) -> None:
    """Marked wrong since, it is nowhere on the card, and the list of changes does not say otherwise."""
    first = card_of(place)
    assert first.said.against_them is not None
    one = first.said.against_them.quotes[0].finding_id
    edit_card(place, LANTERN, pin=one)
    with Store(place.database) as store:
        store.judge(one, "wrong", by="Ada Example")
    assert f"put first the quote {one}, which is not there any more" in render_markdown(card_of(place))


@pytest.mark.parametrize(
    "more",
    [
        ("--since", "2026-13-40"),
        ("--since", "2026-09-30", "--until", "2026-01-01"),
        ("--until", "2999-12-31"),
        ("--format", "pdfx"),
        ("-o", "card.docx"),
        ("-o", "."),
        ("-o", "callmine.toml/card.md"),
        ("--note", "nowhere", "text"),
        ("--drop", "99"),
        ("--version", "1"),
    ],
)
def test_nothing_is_kept_of_a_command_that_fails(
    place: Workspace, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day, a format, a file or another option: what cannot be done is refused before anything is kept."""
    monkeypatch.chdir(place.root)
    told = callmine("battlecard", "Lantern", "--owner", "Zed", *more)
    assert (told.code, told.out) == (2, "")
    with Store(place.database) as store:
        assert store.report_edits("battlecard", "Lantern") == []


def test_the_command_tells_which_version_is_approved(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stderr, so that what is piped stays a card."""
    monkeypatch.chdir(place.root)
    callmine("battlecard", "Lantern", "-o", "-", "--format", "md")
    told = callmine("battlecard", "Lantern", "--approve", "Bo", "-o", "-", "--format", "md")
    assert told.code == 0
    assert "approved version 1 of the card of Lantern, built on" in told.err
    assert told.out.startswith("# Lantern")


def delete_a_quoted_call(place: Workspace, card: Battlecard) -> Quote:
    """Delete the call of a card's first quote, and return that quote."""
    quoted = quotes_of(card)[0]
    with Store(place.database) as store, store._writing():
        delete_call(store._db, quoted.call_id)
    return quoted


def kept_with(place: Workspace, words: str) -> int:
    """How many rows of kept reports, of whatever kind, hold these words."""
    with Store(place.database) as store:
        return sum(json.dumps(words)[1:-1] in str(row) for row in store.table_rows("reports"))


def test_a_deleted_call_takes_its_versions_along(place: Workspace) -> None:
    """An approved card that quotes it is gone; the next one is a draft without it."""
    first = card_of(place)
    edit_card(place, LANTERN, approve="Cy Example")
    quoted = quotes_of(first)[0]
    told = (quoted.call_id, quoted.finding_id, quoted.after.strip())
    assert [kept_with(place, words) for words in told] == [1, 1, 1], "a version holds them as parts"
    assert delete_a_quoted_call(place, first) == quoted
    assert [kept_with(place, words) for words in told] == [0, 0, 0]
    card = card_of(place)
    assert card.standing is not None
    assert card.standing.approved_by is None
    assert quoted.utterance not in [quote.utterance for quote in quotes_of(card)]
    assert [kept_with(place, words) for words in told] == [0, 0, 0]


def test_an_approval_is_never_of_a_card_that_came_later(place: Workspace) -> None:
    """However often it is built after an approved version was deleted: nobody approved any of these."""
    first = card_of(place)
    edit_card(place, LANTERN, approve="Cy Example")
    delete_a_quoted_call(place, first)
    for _ in range(3):
        standing = card_of(place).standing
        assert standing is not None
        assert (standing.version, standing.approved_by) == (2, None)
    more(place)
    standing = card_of(place).standing
    assert standing is not None
    assert (standing.version, standing.approved_by) == (3, None)


def test_the_number_of_a_version_is_not_given_again(place: Workspace) -> None:
    """A version that is deleted leaves a gap; it cannot be approved, and what is kept keeps its number."""
    first = card_of(place)
    more(place)
    card_of(place)
    delete_a_quoted_call(place, first)
    card_of(place)
    with Store(place.database) as store:
        assert [one.number for one in store.card_versions("Lantern")] == [3]
    with pytest.raises(UsageError, match="the card of Lantern has no version 1") as caught:
        edit_card(place, LANTERN, approve="Cy Example", version=1)
    assert "Kept: 3." in caught.value.hint
    edit_card(place, LANTERN, note=("said", "Ask about Mondays"))
    card_of(place)
    with pytest.raises(UsageError) as caught:
        edit_card(place, LANTERN, approve="Cy Example", version=2)
    assert "Kept: 3 to 4." in caught.value.hint
    edit_card(place, LANTERN, approve="Cy Example", version=3)
    standing = card_of(place).standing
    assert standing is not None
    assert (standing.version, standing.approved_by) == (3, "Cy Example")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"note": ("trap", "x")}, r"no section 'trap' \(did you mean 'traps'\?\)"),
        ({"note": ("said", " ")}, "--note is empty"),
        ({"note": ("said", "x" * 3000)}, "3,000 characters"),
        ({"owner": ""}, "--owner is empty"),
        ({"drop": 99}, "nothing with number 99"),
        ({"bar": "ffff"}, "ffff"),
        ({"approve": "Cy"}, "there is no card of Lantern to approve"),
        ({"owner": "Bo", "by": " "}, "--by has no name"),
        ({"owner": "Bo", "version": 1}, "--version 1 says which version is approved"),
    ],
)
def test_what_cannot_be_said(place: Workspace, said: dict[str, object], message: str) -> None:
    """What happened and what to do; and nothing of it is kept."""
    with pytest.raises(UsageError, match=message) as caught:
        edit_card(place, LANTERN, **said)  # type: ignore[arg-type]
    assert caught.value.hint
    with Store(place.database) as store:
        assert store.report_edits("battlecard", "Lantern") == []


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"approve": "Cy", "version": 7}, "the card of Lantern has no version 7"),
        ({"approve": "Cy", "note": ("said", "x")}, "approved as it was built"),
        ({"approve": "Cy", "drop": 1}, "nothing with number 1 holds"),
    ],
)
def test_what_cannot_be_approved(place: Workspace, said: dict[str, object], message: str) -> None:
    """Nothing that nobody has built, and nothing that changes in the same breath; and nothing is kept."""
    one = card_of(place).said.against_them
    assert one is not None
    with pytest.raises(UsageError, match=message):
        edit_card(place, LANTERN, **said)
    with pytest.raises(UsageError, match="both pinned and barred"):
        edit_card(place, LANTERN, pin=one.quotes[0].finding_id, bar=one.quotes[0].finding_id)
    with Store(place.database) as store:
        assert store.report_edits("battlecard", "Lantern") == []


def test_one_card_is_changed_at_a_time(place: Workspace) -> None:
    """Of a name that is known."""
    assert competitor_of_edit(place, ["lantern"]).name == "Lantern"
    with pytest.raises(UsageError, match="one card is changed at a time"):
        competitor_of_edit(place, ["Lantern", "Lantern"])


def test_hostile_notes_are_harmless(place: Workspace) -> None:
    """What a person writes is text, too."""
    edit_card(place, LANTERN, note=("said", NASTY), owner=NASTY, by=NASTY)
    card = card_of(place)
    page, text = render_html(card), render_markdown(card)
    assert "<script" not in page
    assert "<script" not in text
    assert "\n# h1" not in text
    assert "](javascript:" not in text


def test_few_mentions_have_versions_too(tmp_path: Path) -> None:
    """A card that is none yet can be owned, and says when it has become one."""
    made = make_workspace(tmp_path / "workspace")
    with Store(made.database) as store:
        for n in range(4):
            put_call(store, f"{n}.vtt", rival(f"[[Lantern]] {n}."), deal=None)
    assert isinstance(made.settings, Settings)
    assert not card_of(made).enough
    edit_card(made, LANTERN, owner="Bo Example")
    with Store(made.database) as store:
        put_call(store, "4.vtt", rival("[[Lantern]] 4."), buyer("Bye."), deal=None)
    card = card_of(made)
    assert card.enough
    assert card.standing is not None
    assert card.standing.version == 2
    assert card.standing.owner == "Bo Example"


def test_what_is_kept_is_receipted(place: Workspace) -> None:
    """What was kept as which number, in words that say it; and what was taken back."""
    told: list[str] = []
    one = card_of(place).said.against_them
    assert one is not None
    pinned, barred = one.quotes[:2]
    said = {"pin": pinned.finding_id, "bar": barred.finding_id, "note": ("said", "Ask\nfor a trial")}
    edit_card(place, LANTERN, owner="Bo Example", progress=told.append, **said)
    edit_card(place, LANTERN, drop=2, progress=told.append)
    assert told == [
        "kept as change 1: its owner is Bo Example",
        "kept as change 2: a note in said, “Ask for a trial”",
        f"kept as change 3: pinned “{pinned.utterance}” (finding {pinned.finding_id[:8]})",
        f"kept as change 4: barred “{barred.utterance}” (finding {barred.finding_id[:8]})",
        "change 2 is taken back: a note in said, “Ask for a trial”",
    ]
