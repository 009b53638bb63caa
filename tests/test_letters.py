"""The digest as an e-mail: small, inlined, readable without pictures, and harmless whatever was said."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from digest_rows import call, digest, rich_week, said

from callmine.domain import Kind
from callmine.errors import CallmineError
from callmine.reports.deliver.mime import message_of
from callmine.reports.digest_values import Digest
from callmine.reports.letter_values import Letter, Surroundings
from callmine.reports.render.digest_letter import PLANS, digest_letter
from callmine.reports.render.letters import LIMIT, clean, one_line, smallest_loss

AT = datetime(2026, 10, 5, 7, tzinfo=UTC)
PAGE = "https://calls.larkmoor.example/digest-2026-W40.html"
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=y> =cmd|' /C calc'!A0 \u202egnitirw\r\nBcc: x@evil.example"
    '\r\n\r\n"><style>*{display:none}</style> {{ 7*7 }} cid:weeks-1 &lt; \x00 \ud800'
)


class Tags(HTMLParser):
    """Every tag of a page with its attributes, and the words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep words."""
        self.words += data


def sent(letter: Letter) -> bytes:
    """A letter as it goes over the wire."""
    return message_of(
        letter, made_at=AT, sender="A <a@x.example>", to="b@x.example", unsubscribe="stop@x.example"
    ).as_bytes()


def large_week(labels: int = 40, calls: int = 60, words: int = 60) -> Digest:
    """A week in which very much was said, under names of 2,000 characters."""
    on = [call(f"call-{n}", account=f"Account {n} " + "x" * 2000, deal_id=f"D-{n}") for n in range(calls)]
    rows = [
        said(c, f"[[{'wörter ' * words}{n} {label}]].", f"label_{label}", speaker_name="S" * 500)
        for n, c in enumerate(on)
        for label in range(labels)
        if (n + label) % 7 == 0
    ]
    return digest(
        on, rows, playbook_titles={f"label_{n}": f"Label {n} " + "y" * 300 for n in range(labels)}
    )


def test_it_is_one_small_message_with_inlined_styles() -> None:
    """Under 100 kB with pictures and plain text; styles stay in a sheet only for dark mode and phones."""
    letter = digest_letter(digest(*rich_week()), Surroundings(page=PAGE))
    wire = sent(letter)
    assert len(wire) <= letter.size < LIMIT
    assert wire.isascii()
    assert max(map(len, wire.split(b"\r\n"))) < 998
    tags = Tags(letter.html).tags
    assert not {tag for tag, _ in tags} & {"script", "svg", "audio", "link", "form"}
    assert all("style" in found for tag, found in tags if tag in ("h1", "h2", "h3", "p"))
    (sheet,) = letter.html.split("<style>")[1:]
    assert sheet.count("@media") == 2
    assert "prefers-color-scheme: dark" in sheet
    assert letter.subject.startswith("Objection digest, week 40: Price came up in ")


def test_pictures_are_inside_and_not_needed() -> None:
    """Each chart is a PNG of the message with its numbers as text; without earlier weeks there is none."""
    letter = digest_letter(digest(*rich_week()))
    images = [found for tag, found in Tags(letter.html).tags if tag == "img"]
    assert [f"cid:{picture.name}" for picture in letter.pictures] == [image["src"] for image in images]
    assert all(image["alt"] for image in images)
    for picture, image in zip(letter.pictures, images, strict=True):
        assert picture.data[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", picture.data[16:24])
        assert (width, height) == (2 * int(image["width"] or 0), 2 * int(image["height"] or 0))
    on = call()
    first = digest_letter(digest([on], [said(on)]))
    assert (first.pictures, "<img" in first.html) == ((), False)


def test_text_and_html_say_the_same_numbers() -> None:
    """Each objection's facts, each quote and where the rest is stand in both parts."""
    value = digest(*rich_week())
    letter = digest_letter(value, Surroundings(page=PAGE))
    html = " ".join(Tags(letter.html).words.split())
    text = " ".join(letter.text.split())
    for objection in value.objections:
        assert f"{objection.heard} of {value.heard_from}" in html
        for quote in objection.quotes:
            words = " ".join(f"“{quote.before}{quote.marked}{quote.after}”".split())
            assert words in html
            assert words in text
            assert f"{PAGE}#{quote.quote_id}" in letter.html
            assert f"{PAGE}#{quote.quote_id}" in letter.text
    assert "3 more quotes in the whole digest" in html
    assert "3 more quotes in the whole digest" in text


def test_without_a_page_nothing_is_linked() -> None:
    """What is cut is said with the command that shows it; a recording's path is not for sharing."""
    letter = digest_letter(digest(*rich_week()))
    assert not [found for tag, found in Tags(letter.html).tags if tag == "a"]
    assert "callmine digest --week 2026-W40" in letter.html
    assert "file:" not in letter.html + letter.text
    assert "/recordings/" not in letter.html + letter.text


def test_the_way_out_and_what_redaction_cannot_do_are_told() -> None:
    """Where a way out is configured, and where something was redacted."""
    value = digest(*rich_week())
    bare = digest_letter(value)
    assert "no more of these" not in bare.text
    assert "Personal data" not in bare.html
    letter = digest_letter(value, Surroundings(unsubscribe="stop@x.example", redacted=True))
    assert 'href="mailto:stop@x.example"' in letter.html
    assert "stop@x.example" in letter.text
    for part in (letter.html, letter.text):
        assert "It does not find everything" in part


def test_a_very_large_week_is_cut_and_counted() -> None:
    """Quotes go first, then lists; what is left out is counted, and it is under 100 kB."""
    letter = digest_letter(large_week(), Surroundings(page=PAGE, unsubscribe="stop@x.example"))
    assert len(sent(letter)) < LIMIT
    assert "more objections in the whole digest" in letter.text
    assert "more quotes in the whole digest" in letter.text


def test_a_smaller_plan_is_taken_only_when_needed() -> None:
    """The first that fits; none that fits is a bug and told as one."""
    big, small = Letter("s", "h" * 2 * LIMIT, ""), Letter("s", "h", "")
    tried: list[int] = []

    def render(n: int) -> Letter:
        tried.append(n)
        return small if n == 2 else big

    assert smallest_loss(render, (1, 2, 3)) is small
    assert tried == [1, 2]
    with pytest.raises(CallmineError, match="small enough"):
        smallest_loss(render, (1,))
    assert PLANS[-1].quotes == 0


def test_hostile_words_are_only_words() -> None:
    """No tag, no style, no header and no other direction comes from a name or a transcript."""
    on = call("x](y)<b>", account=HOSTILE, deal_name=HOSTILE)
    rows = [
        said(on, f"{HOSTILE} [[{HOSTILE}]] {HOSTILE}", speaker_name=HOSTILE),
        said(on, f"[[{HOSTILE}]]", HOSTILE, kind=Kind.COMPETITOR, detail={"heard": "h" + HOSTILE}),
        said(on, f"[[{HOSTILE}]]", HOSTILE, kind=Kind.REQUEST),
        said(on, f"[[{'endless' * 1500}]]", "price", speaker_name="S" * 10_000),
    ]
    value = digest([on], rows, own_names=(HOSTILE,), playbook_titles={"price": HOSTILE})
    letter = digest_letter(value, Surroundings(page=PAGE))
    known = {tag for tag, _ in Tags(digest_letter(digest(*rich_week()), Surroundings(page=PAGE)).html).tags}
    found = Tags(letter.html).tags
    assert {tag for tag, _ in found} <= known
    assert not [1 for _, attributes in found for name in attributes if name.startswith("on")]
    assert {a["href"] or "" for t, a in found if t == "a"} <= {
        PAGE, *(f"{PAGE}#{q}" for q in _anchors(letter.html))
    }  # fmt: skip
    for part in (letter.html, letter.text, letter.subject):
        assert not set("\u202e\x00\ud800") & set(part)
    assert "49" not in Tags(letter.html).words.replace("7*7", "")
    wire = sent(letter)
    head = wire.partition(b"\r\n\r\n")[0]
    assert b"\r\nBcc:" not in head
    assert len(wire) < LIMIT


def _anchors(page: str) -> set[str]:
    return {part.split('"')[0] for part in page.split(f"{PAGE}#")[1:]}


def test_a_subject_is_one_short_line() -> None:
    """Whatever a top line holds: line breaks and what turns or hides text are gone."""
    made = one_line("Price\r\nBcc: x@evil.example\u2028" + "\u202e" + "long " * 100)
    assert made.startswith("Price Bcc: x@evil.example long")
    assert len(made) <= 150
    assert made.isprintable()
    assert clean("a\u200d\u202eb\n c") == "a\u200d�b c"


@pytest.mark.parametrize("calls", [0, 1])
def test_an_empty_week_reads_well(calls: int) -> None:
    """No headings over nothing, in both parts."""
    letter = digest_letter(digest([call()] * calls, []))
    for part in (Tags(letter.html).words, letter.text):
        assert "In their words".casefold() not in part.casefold()
        assert "What this is based on".casefold() in part.casefold()
    assert "None" not in letter.text
