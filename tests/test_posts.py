"""The digest as a post to Slack: within Block Kit's limits, and nothing that was said becomes a command."""

from __future__ import annotations

import json
from typing import Any

from digest_rows import call, digest, rich_week, said
from hypothesis import given
from hypothesis import strategies as st
from test_letters import HOSTILE, PAGE, large_week

from callmine.domain import Kind
from callmine.reports.letter_values import Post, Surroundings
from callmine.reports.render.digest_post import digest_post
from callmine.reports.render.slack import (
    MOST_BLOCKS,
    context,
    escape,
    header,
    linked,
    section,
    within_limits,
)

EVIL = f"{HOSTILE} <!channel> <@U123> <https://evil.example|click> *b* _i_ ~s~ `c` :smile: @here"


def texts(post: Post) -> list[dict[str, Any]]:
    """Every text object of a post."""
    found = []
    for block in post.blocks:
        found += [block["text"]] if "text" in block else list(block["elements"])
    return found


def check_limits(post: Post) -> None:
    """What Slack refuses is not there; sizes as its reference has them."""
    assert 0 < len(post.blocks) <= 50
    for block in post.blocks:
        limit = {"header": 150, "section": 3000, "context": 3000}[block["type"]]
        assert 1 <= len(block.get("elements", [1])) <= 10
        for text in [block["text"]] if "text" in block else block["elements"]:
            assert 0 < len(text["text"]) <= limit
    json.dumps(post.blocks).encode()


def test_a_week_is_a_summary_with_a_link() -> None:
    """The top line, each objection with its facts, quotes in plain text, and the link."""
    value = digest(*rich_week())
    post = digest_post(value, Surroundings(page=PAGE))
    check_limits(post)
    assert post.blocks[0]["text"]["text"] == value.top_line[0].removesuffix(".")
    told = "\n".join(text["text"] for text in texts(post))
    for objection in value.objections[:8]:
        assert f"*{objection.title}*: {objection.heard} of {value.heard_from}" in told
    assert f"<{PAGE}|Open the whole digest>" in told
    assert "1 more objection in the whole digest" in told
    quote = value.objections[0].quotes[0]
    assert f"“{quote.before}{quote.marked}{quote.after}”" in told
    assert "<http" not in "\n".join(text["text"] for text in texts(digest_post(value)))


def test_hostile_and_endless_words_stay_words() -> None:
    """Nobody is called, nothing is linked or formatted, nothing is longer than Slack takes."""
    on = call("x](y)<b>", account=EVIL)
    rows = [
        said(on, f"[[{EVIL}]]", speaker_name=EVIL),
        said(on, f"[[{'endless' * 1500}]]", "timing", speaker_name="S" * 10_000),
        said(on, f"[[{EVIL}]]", EVIL, kind=Kind.COMPETITOR),
    ]
    post = digest_post(digest([on], rows, own_names=(EVIL,), playbook_titles={"price": EVIL}))
    check_limits(post)
    for text in texts(post):
        if text["type"] == "mrkdwn":
            assert text["verbatim"] is True
            assert "<" not in text["text"]
            assert "*b*" not in text["text"]
        else:
            assert text["emoji"] is False
        assert "\u202e" not in text["text"]
    assert "<!" not in post.text
    check_limits(digest_post(large_week(), Surroundings(page=PAGE)))


@given(st.text(max_size=200))
def test_escaped_words_hold_no_brackets_and_no_bare_signs(words: str) -> None:
    """Whatever was said: commands need brackets, formatting needs a sign beside a word."""
    made = escape(words)
    assert not set("<>") & set(made)
    assert made.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").count("&") == 0
    for sign in "*_~`":
        assert made.count(sign) == made.count(f"\u2060{sign}\u2060")


def test_limits_are_kept_at_their_edges() -> None:
    """No entity is cut in two; the last blocks survive; an address cannot end its link."""
    cut = section("x" * 2995 + "&amp;" * 5)["text"]["text"]
    assert len(cut) <= 3000
    assert cut.endswith("x…")
    assert len(header("y" * 500)["text"]["text"]) == 150
    assert header("")["text"]["text"] == "–"
    assert len(context(*"abcdefghijklmnop")["elements"]) == 10
    blocks = within_limits([header(str(n)) for n in range(80)], [section("the end")])
    assert len(blocks) == MOST_BLOCKS
    assert blocks[-1] == section("the end")
    assert linked("https://x.example/a|b>c", "A & B") == "<https://x.example/a%7Cb%3Ec|A &amp; B>"
