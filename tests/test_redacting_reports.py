"""Redaction of whole reports: every field is declared, quotes stay verbatim around marks, sound goes."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.policy import default
from enum import Enum
from pathlib import Path

import pytest
from commands import callmine
from digest_rows import digest, rich_week

from callmine import reports
from callmine.domain import Outcome, Role
from callmine.errors import CallmineError
from callmine.operations.redacting import known_people, leaves
from callmine.outcomes.groups import Group, Grouping
from callmine.outcomes.rates import Rate
from callmine.playbook import load_playbook
from callmine.redaction import KnownPeople, Redactor
from callmine.redaction.marking import MARK
from callmine.reports.asked_values import AnswerGiven
from callmine.reports.battlecard_people import Change, Standing
from callmine.reports.battlecard_values import Battlecard, LostDeal
from callmine.reports.brief_values import BriefReport
from callmine.reports.comparison import CompareReport
from callmine.reports.digest_values import Digest
from callmine.reports.message_values import Adoption, MessageReport
from callmine.reports.outcome_values import DealRef, OutcomeReport
from callmine.reports.quote_values import Clip, Quote, Reply
from callmine.reports.quotes import check_quote, check_reply
from callmine.reports.redacted_fields import BY_NAME, BY_VALUE, treatment_of
from callmine.reports.redacting import redacted
from callmine.reports.review_period_values import PeriodReview
from callmine.reports.review_values import Asked, DealReview, ReviewCall, ReviewDeal
from callmine.reports.text import REDACTED, cut_name
from callmine.store import Store
from callmine.workspace import find_workspace
from tests.review_store import lost_deal

REPORTS = (
    Digest,
    OutcomeReport,
    CompareReport,
    MessageReport,
    Battlecard,
    DealReview,
    PeriodReview,
    BriefReport,
)
"""Every report that can leave a workspace; a new one has to be put here."""

MADE_OF_REDACTED = ("letter_values",)
"""Values that are no reports: rendered ones, of a report that went through redaction before."""

SAID = "Well, Maya told us, and Greg said the price is too high, so call Greg."


def _types_in(kind: object) -> Iterator[object]:
    """Yield the types that a field's type is made of; a literal counts as its values' types."""
    if typing.get_origin(kind) is typing.Literal:
        yield from {type(value) for value in typing.get_args(kind)}
    elif parts := typing.get_args(kind):
        for part in parts:
            yield from _types_in(part)
    else:
        yield kind


def _values(report: type) -> dict[str, dict[str, object]]:
    """Return the fields of a report's type and of all values in it, by the names of the types."""
    found: dict[str, dict[str, object]] = {}
    waiting = [report]
    while waiting:
        value = waiting.pop()
        hints = typing.get_type_hints(value)
        found[f"{value.__module__}.{value.__name__}"] = hints
        for kind in hints.values():
            for part in _types_in(kind):
                inner = isinstance(part, type) and dataclasses.is_dataclass(part)
                if inner and f"{part.__module__}.{part.__name__}" not in found:
                    waiting.append(part)
    return found


def _is_text(kind: object) -> bool:
    return any(
        (isinstance(part, type) and part in (str, object)) or part is typing.Any for part in _types_in(kind)
    )


@pytest.mark.parametrize("report", REPORTS)
def test_every_text_of_a_report_is_declared(report: type) -> None:
    """A new field that holds text has to say whether it holds anything of a person."""
    undeclared = [
        f"{name}.{field}"
        for name, hints in _values(report).items()
        for field, kind in hints.items()
        if _is_text(kind) and treatment_of(types.new_class(name.rpartition(".")[2]), field) is None
    ]
    assert undeclared == []


def test_every_value_of_a_report_is_looked_at() -> None:
    """Whoever adds a report puts it into the list above: its values are in a module of that name."""
    looked_at = {name for report in REPORTS for name in _values(report)}
    modules = [
        m.name
        for m in pkgutil.iter_modules(reports.__path__)
        if m.name.endswith("_values") and m.name not in MADE_OF_REDACTED
    ]
    defined = {
        f"{kind.__module__}.{kind.__name__}"
        for module in (importlib.import_module(f"callmine.reports.{name}") for name in modules)
        for kind in vars(module).values()
        if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__
    }
    assert defined - looked_at == set()


def test_nothing_is_declared_that_is_not_there() -> None:
    """The lists have no field that no report has any more."""
    there = {
        (name.rpartition(".")[2], field)
        for report in REPORTS
        for name, hints in _values(report).items()
        for field in hints
    }
    assert set(BY_VALUE) <= {f"{value}.{field}" for value, field in there}
    assert set(BY_NAME) <= {field for _, field in there}


def test_an_undeclared_text_is_refused() -> None:
    """What nobody has declared does not leave unseen, and the message says how to get the report."""

    @dataclass(frozen=True, slots=True)
    class News:
        gossip: str

    with pytest.raises(CallmineError, match=r"News\.gossip is not declared"):
        redacted(News("Maya left"), Redactor(KnownPeople()))


def _quotes(value: object) -> Iterator[Quote]:
    if isinstance(value, Quote):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _quotes(part)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _quotes(getattr(value, field.name))


def _quote(text: str = SAID, *, mark: str = "the price is too high", **changes: object) -> Quote:
    quote = next(_quotes(digest(*rich_week())))
    start = text.index(mark)
    values: dict[str, object] = {
        "utterance": text,
        "text": mark,
        "start": start,
        "end": start + len(mark),
        "before": text[:start],
        "marked": mark,
        "after": text[start + len(mark) :],
        "clip": Clip(b"OggS", "audio/ogg"),
        "href": "https://calls.example/first#t=3",
        "source": "first.ogg",
        **changes,
    }
    return replace(quote, **values)  # type: ignore[arg-type]


def _is_around(text: str, original: str) -> bool:
    """Whether a text is the original with some of it in marks, verbatim and in order."""
    at = 0
    for piece in MARK.split(text):
        at = original.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


REDACTOR = Redactor(KnownPeople(everywhere=("Maya Linden", "Greg Sorensen"), accounts=("Greg Foods",)))


def test_a_quote_keeps_its_place_and_loses_its_sound() -> None:
    """The span is still in the turn, the text around the marks is verbatim, nothing plays the names."""
    done = redacted(_quote(), REDACTOR)
    check_quote(done)
    assert done.before + done.marked + done.after == (
        "Well, [name 1] told us, and [name 2] said the price is too high, so call [name 2]."
    )
    assert done.text == "the price is too high"
    assert (done.clip, done.href, done.speaker_name) == (None, None, None)


def test_a_quote_without_names_keeps_its_sound() -> None:
    """What holds nothing personal stays as it is, but for who said it."""
    quote = _quote("Honestly, the price is too high.", speaker_name="Greg Sorensen")
    done = redacted(quote, REDACTOR)
    assert (done.utterance, done.clip, done.href) == (quote.utterance, quote.clip, quote.href)
    assert done.speaker_name is None


@pytest.mark.parametrize("mark", ["Maya", "Maya told us, and Gr", "eg said", SAID, "Well, M"])
def test_a_span_that_cuts_a_name_grows_around_it(mark: str) -> None:
    """A quote whose span begins or ends within a name is still verbatim afterwards."""
    done = redacted(_quote(mark=mark), REDACTOR)
    check_quote(done)
    assert "Maya" not in done.utterance
    assert "reg" not in done.utterance


def test_a_passage_that_begins_in_a_name_is_verbatim() -> None:
    """Passages cut within a name begin with its mark."""
    quote = _quote()
    first = SAID.index("aya")
    done = redacted(replace(quote, before=SAID[first : quote.start]), REDACTOR)
    check_quote(done)
    assert done.before.startswith("[name 1] told us")


def test_every_quote_of_a_digest_is_verbatim_around_its_marks() -> None:
    """In a whole digest each quote passes the check of evidence, and differs only in its marks."""
    whole = digest(*rich_week())
    words = [q.utterance.split() for q in _quotes(whole)]
    names = tuple(dict.fromkeys(w[1].strip(",.?!") for w in words if len(w) > 3))
    done = redacted(whole, Redactor(KnownPeople(accounts=names), keep_accounts=False))
    before, after = list(_quotes(whole)), list(_quotes(done))
    assert [q.quote_id for q in before] == [q.quote_id for q in after]
    marks = 0
    for old, new in zip(before, after, strict=True):
        check_quote(new)
        assert _is_around(new.utterance, old.utterance)
        marks += len(MARK.findall(new.utterance))
        assert new.clip is None or new.utterance == old.utterance
    assert marks > 5


def test_a_reply_is_still_the_beginning_of_its_turn() -> None:
    """The reply beside an answer is redacted as a turn of the same call."""
    reply = Reply(
        text="Fine, Price", cut_end=True, utterance="Fine, Price says so.", speaker_name="X", play_ms=0
    )
    given = AnswerGiven(("price",), "reframed", "yes", _quote(call_id="c1"), reply)
    people = KnownPeople(of_call={"c1": ("Hannah Price",)})
    done = redacted(given, Redactor(people)).reply
    assert done is not None
    check_reply(done)
    assert (done.text, done.utterance, done.speaker_name) == (
        "Fine, [name 3]",
        "Fine, [name 3] says so.",
        None,
    )


def test_files_and_links_do_not_tell_names() -> None:
    """A file named after somebody is told by its call; its link goes."""
    text = "Honestly, the price is too high."
    done = redacted(
        _quote(
            text,
            source="2026-09-30_greg-sorensen.ogg",
            call_id="706c29e52fe428a9",
            href="https://calls.example/GregS",
        ),
        REDACTOR,
    )
    assert (done.source, done.href) == ("call 706c29e5", None)


def test_links_into_this_computer_go() -> None:
    """A file's address tells of folders, and opens nothing elsewhere."""
    quote = _quote("Honestly, the price is too high.", href="file:///home/us/calls/first.ogg#t=3")
    assert redacted(quote, REDACTOR).href is None


PEOPLE_OF_D1 = KnownPeople(
    of_call={"c1": ("Hannah Price",)}, of_deal={"D-1": ("Hannah Price", "Tobias Field")}
)


def test_titles_of_calls_and_deals_know_their_people() -> None:
    """What is about a call or a deal is read as of it: there somebody is known by the surname alone."""
    deal = DealRef("D-1", "Ask Field again", None, Outcome.OPEN, None, None, None)
    assert redacted(deal, Redactor(PEOPLE_OF_D1)).name == "Ask [name 1] again"
    assert redacted(replace(deal, deal_id="D-2"), Redactor(PEOPLE_OF_D1)).name == "Ask Field again"
    call = ReviewCall(
        "c1", "x.ogg", "Call with Price", "sales", "", "", None, "Ask Price", 0, (), (), (), (), (), ()
    )
    done = redacted(call, Redactor(PEOPLE_OF_D1))
    assert (done.title, done.stage) == ("Call with [name 1]", "Ask [name 1]")


def test_what_is_made_of_quotes_knows_their_people() -> None:
    """Words of a call's prospect, and a reason beside a deal, are read as of that call and deal."""
    deal = DealRef("D-1", None, None, Outcome.OPEN, None, None, None)
    lost = LostDeal(deal, "it was said by Field", False, _quote(deal_id="D-1", deal_name="With Field"))
    told = redacted(lost, Redactor(PEOPLE_OF_D1))
    assert (told.reason, told.last.deal_name) == ("it was said by [name 1]", "With [name 1]")
    asked = Asked("send it to Price", 1, (_quote("So Price has the price is too high.", call_id="c1"),))
    assert redacted(asked, Redactor(PEOPLE_OF_D1)).words == "send it to [name 1]"


def test_the_store_knows_the_people_of_a_deal(tmp_path: Path) -> None:
    """Contacts, the owner, and who takes part in one of the calls belong to a deal."""
    place = lost_deal(tmp_path / "w", owner="Otto Stein", contact_emails=("rose.field@brennholt.example",))
    with Store(place.database, create=False) as store:
        known = known_people(place, store, load_playbook(place.playbook))
        of_calls = {row.name for row in store.people() if row.call_id and row.deal_id == "D-1" and row.name}
    assert {"Otto Stein", "rose field"} | of_calls <= set(known.of_deal["D-1"])
    assert len(of_calls) > 1


def test_a_competitor_from_the_crm_is_no_playbook_name() -> None:
    """The CRM's column of competitors holds what anybody typed; the playbook's names stay in it."""
    empty = dict.fromkeys((field.name for field in dataclasses.fields(ReviewDeal)), None)
    told = {"deal_id": "D-1", "competitor": "Lantern, told by Maya Linden"}
    deal = ReviewDeal(**{**empty, **told})  # type: ignore[arg-type]
    assert redacted(deal, REDACTOR).competitor == "Lantern, told by [name 1]"


@pytest.mark.parametrize("most", range(12, 34))
def test_nothing_cuts_a_mark(most: int) -> None:
    """What is shortened for a page has whole marks or none."""
    cut = cut_name("told by [name 12], and by [e-mail]", most)
    assert "[" not in MARK.sub("", cut)
    assert 0 < len(cut) <= most


def test_accounts_stay_unless_told() -> None:
    """An account is a company; where accounts go, they have a number like names."""
    quote = _quote("At Greg Foods the price is too high.", account="Greg Foods")
    assert redacted(quote, REDACTOR).account == "Greg Foods"
    strict = Redactor(REDACTOR.people, keep_accounts=False)
    done = redacted(quote, strict)
    assert (done.account, done.before) == ("[account 1]", "At [account 1] ")


def test_reps_are_our_reps_unless_allowed() -> None:
    """Tables of reps and owners number them; the settings may allow their names."""
    quote = _quote("Honestly, the price is too high.", role=Role.REP, speaker_name="Maya Linden")
    assert redacted(quote, REDACTOR).speaker_name is None
    assert redacted(quote, REDACTOR, keep_reps=True).speaker_name == "Maya Linden"
    owners = Grouping(
        "owner",
        (Group(("Maya Linden",), Rate(1, 2, 0.5, 0.1, 0.9), 1.0, None, None, True),),
        None,
        None,
        False,
    )
    assert redacted(owners, REDACTOR).groups[0].names == ("our rep 1",)
    assert redacted(replace(owners, by="segment"), REDACTOR, keep_reps=True) != owners
    from callmine.reports.message_values import MessageCount

    count = MessageCount("m", "Ask Maya", 1, 0, (), (), (Adoption("Maya Linden", 1, 1, 1),), (), ())
    done = redacted(count, REDACTOR)
    assert (done.reps[0].name, done.text) == ("our rep 1", "Ask Maya")


def test_enums_are_left_alone() -> None:
    """Roles and outcomes are words of callmine's, and stay what they are."""
    done = redacted(_quote(), REDACTOR)
    assert isinstance(done.role, Enum)


def test_what_is_outside_is_told(own: Path, tmp_path: Path) -> None:
    """Reports of the workspace and what is printed stay inside; any other place is outside."""
    place = find_workspace(own)
    assert not leaves(place, None)
    assert not leaves(place, Path("-"))
    assert not leaves(place, place.reports / "x.html")
    assert leaves(place, tmp_path / "elsewhere" / "x.html")
    assert leaves(place, place.root / ".." / "x.html")


def test_the_store_knows_people(own: Path) -> None:
    """Participants, voices and reps are known by name, each in their calls; the playbook's names stay."""
    place = find_workspace(own)
    with Store(place.database, create=False) as store:
        known = known_people(place, store, load_playbook(place.playbook))
    assert {"Maya Linden", "Petra Voss"} <= set(known.everywhere)
    assert any("Petra Voss" in names for names in known.of_call.values())
    assert {"Larkmoor", "Lantern", "Lantern Shift"} <= set(known.kept)
    assert "Brennholt Bakeries" in known.accounts


def test_reps_who_may_be_named_are_kept_in_their_calls(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the settings allow it, a rep stays by name, in the own calls also by first name alone."""
    monkeypatch.setenv("CALLMINE_REDACTION__KEEP_REPS", "true")
    place = find_workspace(own)
    with Store(place.database, create=False) as store:
        known = known_people(place, store, load_playbook(place.playbook))
    redactor = Redactor(known)
    call_id = next(key for key, names in known.of_call.items() if "Maya Linden" in names)
    assert redactor.find("Hi Maya, Maya Linden.", call_id=call_id) == []
    assert len(redactor.find("Hi Petra, Maya Linden.", call_id=call_id)) == 1


@pytest.mark.parametrize("ending", ["md", "html", "json"])
def test_a_digest_outside_names_nobody(own: Path, tmp_path: Path, ending: str) -> None:
    """A digest written elsewhere has no speaker's name; `--no-redact` and the workspace's own have them."""
    outside = tmp_path / "out" / f"d.{ending}"
    told = callmine("digest", "--week", "2026-W40", "-o", str(outside), at=own)
    assert told.code == 0, told.err
    assert "guarantees nothing" in told.err
    assert "Petra Voss" not in outside.read_text("utf-8")
    for more in (["--no-redact", "-o", str(outside)], ["-o", str(own / "reports" / f"d.{ending}")]):
        told = callmine("digest", "--week", "2026-W40", *more, at=own)
        assert "guarantees nothing" not in told.err
        assert "Petra Voss" in Path(more[-1]).read_text("utf-8")


def test_what_is_printed_is_redacted_where_asked(own: Path) -> None:
    """Standard output holds names unless asked."""
    plain = callmine("digest", "--week", "2026-W40", "--format", "md", "-o", "-", at=own)
    asked = callmine("digest", "--week", "2026-W40", "--format", "md", "-o", "-", "--redact", at=own)
    assert "Petra Voss" in plain.out
    assert "Petra Voss" not in asked.out


def test_who_answers_for_a_battlecard_is_one_of_us() -> None:
    """Owners, approvers and whoever wrote a note are numbered; a note is read like what was said."""
    changes = tuple(
        Change(n, "note", "answers", "Ask Maya.", None, by, "2026-10-05T08:00:00Z")
        for n, by in enumerate(("kweber", "Ada Example", "KWeber"))
    )
    done = [redacted(change, REDACTOR) for change in changes]
    assert [change.by for change in done] == ["our rep 1"] * 3
    assert {change.text for change in done} == {"Ask [name 1]."}
    assert redacted(changes[0], REDACTOR, keep_reps=True).by == "kweber"
    standing = redacted(Standing(1, None, "Ada Example", approved_by="kweber"), REDACTOR)
    assert (standing.owner, standing.approved_by) == ("our rep 1", "our rep 2")


@pytest.mark.parametrize("ending", ["md", "html", "json"])
def test_a_battlecard_outside_names_nobody(own: Path, tmp_path: Path, ending: str) -> None:
    """A battlecard written elsewhere says that it is redacted; the workspace's own names its owner."""
    outside = tmp_path / "out" / f"card.{ending}"
    told = callmine("battlecard", "Lantern", "--owner", "Ada Example", "-o", str(outside), at=own)
    assert told.code == 0, told.err
    assert "guarantees nothing" in told.err
    page = outside.read_text("utf-8")
    assert "Ada Example" not in page
    assert "our rep 1" in page
    assert '"redacted": true' in page or REDACTED in page
    inside = own / "reports" / f"card.{ending}"
    told = callmine("battlecard", "Lantern", "-o", str(inside), at=own)
    assert "guarantees nothing" not in told.err
    assert "Ada Example" in inside.read_text("utf-8")


def test_a_draft_says_that_it_is_redacted(own: Path, tmp_path: Path) -> None:
    """An e-mail to look at says it, too, and holds no speaker's name."""
    outside = tmp_path / "d.eml"
    told = callmine("digest", "--week", "2026-W40", "-o", str(outside), at=own)
    assert told.code == 0, told.err
    letter = message_from_bytes(outside.read_bytes(), policy=default)
    body = letter.get_body(("plain",))
    assert body is not None
    text = " ".join(body.get_content().split())
    assert "Personal data in quotes was left out" in text
    assert "Petra Voss" not in text
