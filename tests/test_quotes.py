"""Quotes: passages, ranking, clips."""

from __future__ import annotations

from dataclasses import replace

import pytest
from digest_rows import call, cast, digest, rich_week, said
from hypothesis import given, settings
from hypothesis import strategies as st

from callmine.domain import Kind, Outcome
from callmine.errors import CallmineError
from callmine.reports.clips import attach_clips
from callmine.reports.digest_values import DigestSettings
from callmine.reports.leaning import stands_alone
from callmine.reports.passages import PASSAGE
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import QuoteMaker, check_quote, choose, ranked, recording_link
from callmine.store.rows import EvidenceRow

MAKER = QuoteMaker(DigestSettings(), "UTC")


def quote(words: str) -> Quote:
    return MAKER.quote(said(call(), words))


def test_passage_is_the_sentence_around_the_span() -> None:
    """Whole sentences are printed, and a whole sentence needs no ellipsis."""
    made = quote(
        "We met before. I asked around, and [[it is far more than we pay for what we have]] today. Bye now."
    )
    assert made.before == "I asked around, and "
    assert made.after == " today."
    assert not made.cut_start
    assert not made.cut_end


def test_short_sentence_takes_the_next_one_along() -> None:
    """A few words alone say little; what follows explains them."""
    made = quote("Hm. [[Too dear]]. We pay half of that. Next point, please, then.")
    assert made.after == ". We pay half of that."


def test_endless_sentence_is_cut_at_words_and_says_so() -> None:
    """A turn of thousands of characters without a full stop stays readable."""
    made = quote("blah " * 900 + "[[it costs too much]] " + "and so " * 900)
    assert made.cut_start
    assert made.cut_end
    assert len(made.before + made.marked + made.after) <= PASSAGE + 10
    assert made.before.startswith("blah ")
    assert made.after.endswith("so")


def test_endless_span_is_cut_but_kept_whole_in_the_value() -> None:
    """A span of 10,000 characters is printed in part; the finding's text is untouched."""
    made = quote("[[" + "no " * 3333 + "]]")
    assert len(made.marked) <= 400
    assert made.text == "no " * 3333
    assert made.cut_end
    check_quote(made)


@settings(deadline=None)
@given(
    st.text(min_size=1, max_size=900).filter(lambda t: "[[" not in t and "]]" not in t and t.strip("[]")),
    st.data(),
)
def test_every_passage_is_verbatim(text: str, data: st.DataObject) -> None:
    """Whatever the transcript, a passage is a piece of it with the span inside."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    row = replace(said(call()), utterance=text, start=start, end=end, text=text[start:end])
    made = MAKER.quote(row)
    check_quote(made)
    assert made.clip_end_ms > made.play_ms
    assert len(made.before + made.marked + made.after) <= 700


def test_row_that_is_not_verbatim_is_a_bug() -> None:
    """A finding whose text is not its span never becomes a quote."""
    with pytest.raises(CallmineError, match="not verbatim"):
        MAKER.quote(replace(said(call()), text="something else"))


@pytest.mark.parametrize(
    "change", [{"before": "x"}, {"after": "x"}, {"text": "x"}, {"marked": ""}, {"start": 0}]
)
def test_changed_quote_is_caught(change: dict[str, object]) -> None:
    """The check before printing notices any change to a quote."""
    with pytest.raises(CallmineError, match="not verbatim"):
        check_quote(replace(quote("Well, [[it costs too much]] for us."), **change))


def test_default_link_plays_the_recording_from_the_sentence() -> None:
    """The link is a file address with a media fragment; odd names are encoded."""
    row = said(call("a b#c"), at_ms=83_400)
    assert recording_link(row) == "file:///recordings/a%20b%23c.ogg#t=83"
    assert recording_link(replace(row, recording=None)) is None


def test_best_quotes_differ_in_account_then_in_call() -> None:
    """Three quotes of one account do not crowd out the others."""
    kestrel, again = call("one"), call("two")
    other = call("three", account="Halden Shipping", deal_id="D-2")
    rows = [
        said(kestrel, score=0.99),
        said(kestrel, "We think [[it costs rather more than we would like]] here.", score=0.98),
        said(again, score=0.97),
        said(other, score=0.6),
    ]
    best, rest = choose(ranked(rows), 3)
    assert [row.call_id for row in best] == [kestrel.call_id, other.call_id, again.call_id]
    assert [row.score for row in rest] == [0.98]


def test_confirmed_quote_comes_first() -> None:
    """What a person confirmed is shown before what only a model found."""
    rows = [said(call("one"), score=0.99), said(call("two"), score=0.3, verdict="right")]
    assert ranked(rows)[0].verdict == "right"


def test_clips_go_to_first_quotes_first_and_stop_at_the_limit() -> None:
    """With room for two clips, two objections are heard rather than one objection twice."""
    calls = [call("one"), call("two", account="Other", deal_id="D-2")]
    rows = [said(c, label=label) for c in calls for label in ("price", "timing")]
    cut: list[tuple[str, int, int]] = []

    def clips(row: EvidenceRow, start_ms: int, end_ms: int) -> bytes:
        cut.append((row.label, start_ms, end_ms))
        return b"OggS" + b"x" * 96

    made = attach_clips(digest(calls, rows), rows, clips, max_bytes=250)
    with_clip = [[q.clip is not None for q in o.quotes] for o in made.objections]
    assert with_clip == [[True, False], [True, False]]
    assert made.objections[0].quotes[0].clip is not None
    assert made.objections[0].quotes[0].clip.mime == "audio/ogg"
    first = made.objections[0].quotes[0]
    assert cut[0][1:] == (first.play_ms, first.clip_end_ms)


def test_clips_of_listed_quotes_come_after_the_best() -> None:
    """Quotes below the fold play too, the surest first, and what does not fit is counted."""
    calls = [call(f"c{n}", account=f"A{n}", deal_id=f"D-{n}") for n in range(7)]
    rows = [said(c, score=0.9 - n / 100) for n, c in enumerate(calls)]
    made = attach_clips(digest(calls, rows), rows, lambda *_: b"OggS" + b"x" * 96, max_bytes=550)
    price = made.objections[0]
    assert all(q.clip for q in price.quotes)
    assert [q.score for q in sorted(price.others, key=lambda q: -q.score) if q.clip] == [0.87, 0.86]
    assert made.clips_left_out == 2


@pytest.mark.parametrize(
    ("heard", "match", "shown"),
    [
        ("crewtide pro", "alias", None),
        ("CREWTIDE,", "heard_as", None),
        ("crew tide", "name", "crew tide"),
        ("Crew Tide", "heard_as", "Crew Tide"),
        ("Crew", "name", None),
        ("crude hide", "heard_as", "crude hide"),
        ("crude hide", "sound", "crude hide"),
    ],
)
def test_heard_is_what_was_misheard(heard: str, match: str, shown: str | None) -> None:
    """A split name was not heard right; other capitals, short forms and written aliases are the name."""
    row = said(
        call(),
        f"We know [[{heard}]] well.",
        "Crewtide",
        kind=Kind.COMPETITOR,
        detail={"heard": heard, "match": match},
    )
    assert MAKER.quote(row).heard == shown


def test_listed_quotes_are_grouped_by_outcome() -> None:
    """Open deals first, then lost, won and unlinked ones."""
    outcomes = (Outcome.WON, None, Outcome.OPEN, Outcome.LOST_OTHER, Outcome.WON, Outcome.OPEN)
    rows = [said(call(f"c{n}", outcome=o, account=f"A{n}")) for n, o in enumerate(outcomes)]
    _, listed, _ = QuoteMaker(DigestSettings(quotes_per_label=0), "UTC").split(rows)
    assert [q.outcome for q in listed] == [
        Outcome.OPEN,
        Outcome.OPEN,
        Outcome.LOST_OTHER,
        Outcome.WON,
        Outcome.WON,
        None,
    ]


def test_recording_that_cannot_be_cut_leaves_the_quote() -> None:
    """A quote without a clip is still a quote."""
    calls, rows = rich_week()
    made = attach_clips(digest(calls, rows), rows, lambda *_: None)
    assert made == digest(calls, rows)


def test_clip_covers_the_printed_words() -> None:
    """The clip ends where the printed passage does, not at the end of the span."""
    row = said(
        cast()["Kestrel Care"],
        "[[That costs too much]] for a company of our size, as I said in May. Anyway, next thing.",
    )
    made = MAKER.quote(row)
    assert row.end_ms < made.clip_end_ms < row.utterance_end_ms


@pytest.mark.parametrize(
    ("passage", "alone"),
    [
        ("You want the full year paid up front, and my cash comes in monthly.", True),
        ("I won't run two of them side by side.", False),
        ("And that's what we would need to see before anybody here signs it.", False),
        ("“They never told us what it would cost to leave after a year.”", False),
        ("Itemised invoices are what our finance team asks every vendor for, always.", True),
        ("", False),
    ],
)
def test_a_quote_that_leans_on_what_was_said_before(passage: str, alone: bool) -> None:
    """Few words, or a beginning that points back."""
    assert stands_alone(passage) is alone


def test_a_quote_that_stands_alone_leads() -> None:
    """Also before one with a higher score; a person's verdict goes above it, and nothing is left out."""
    short, whole = (
        "I won't run two of them side by side.",
        "A full year paid up front is not possible for us.",
    )
    rows = [
        said(call("one"), f"[[{short}]]", score=0.97),
        said(call("two"), f"[[{whole}]]", score=0.88),
    ]
    assert [row.score for row in ranked(rows)] == [0.88, 0.97]
    judged = [replace(rows[0], verdict="right"), rows[1]]
    assert [row.score for row in ranked(judged)] == [0.97, 0.88]
