"""Versions of battlecards: what changed, who approved, and what people said survives a rebuild."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_battlecard import NASTY, card_of, rival

from callmine.config import Settings
from callmine.errors import UsageError
from callmine.operations.card_versions import competitor_of_edit, edit_card
from callmine.playbook import Competitor
from callmine.reports.battlecard import quotes_of
from callmine.reports.battlecard_people import Count
from callmine.reports.battlecard_values import Battlecard
from callmine.reports.render.battlecard_pages import render_html, render_markdown
from callmine.store import Store
from callmine.workspace import Workspace
from tests.builders import a_deal
from tests.closed_store import buyer, make_workspace, put_call

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


def test_a_deleted_call_takes_its_versions_along(place: Workspace) -> None:
    """An approved card that quotes it is gone; the next one is a draft without it."""
    first = card_of(place)
    edit_card(place, LANTERN, approve="Cy Example")
    from callmine.store.writing import delete_call

    quoted = quotes_of(first)[0]
    with Store(place.database) as store, store._writing():
        delete_call(store._db, quoted.call_id)
    card = card_of(place)
    assert card.standing is not None
    assert card.standing.approved_by is None
    assert quoted.utterance not in [quote.utterance for quote in quotes_of(card)]


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
    ],
)
def test_what_cannot_be_said(place: Workspace, said: dict[str, object], message: str) -> None:
    """What happened and what to do; and nothing of it is kept."""
    with pytest.raises(UsageError, match=message) as caught:
        edit_card(place, LANTERN, **said)  # type: ignore[arg-type]
    assert caught.value.hint
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
