"""The digest as a post to Slack: a summary, one quote an objection, and a link."""

from __future__ import annotations

from collections.abc import Iterator

from callmine.reports.digest_values import Digest
from callmine.reports.letter_values import Post, Surroundings
from callmine.reports.render import check_evidence, digest_words, notes, wording
from callmine.reports.render.digest_letter import rest
from callmine.reports.render.letters import link
from callmine.reports.render.slack import (
    Block,
    context,
    escape,
    header,
    linked,
    section,
    within_limits,
    words_block,
)
from callmine.reports.render.summary_post import passage, said_by
from callmine.reports.text import cut_name, plural

SHOWN, QUOTED = 8, 3
"""Objections that are listed, and those of which one quote is shown."""


def digest_post(digest: Digest, around: Surroundings | None = None) -> Post:
    """Return the digest as a post.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    check_evidence(digest)
    around = around or Surroundings()
    return Post(
        text=escape(" ".join(digest.top_line)),
        blocks=within_limits(_blocks(digest, around), _end(digest, around)),
    )


def _blocks(digest: Digest, around: Surroundings) -> Iterator[Block]:
    yield header(digest.top_line[0].removesuffix("."))
    if len(digest.top_line) > 1:
        yield section(escape(" ".join(digest.top_line[1:])))
    of = f" of {cut_name(digest.company)}" if digest.company else ""
    only = f", {cut_name(digest_words.limited(digest), 200)}" if digest_words.limited(digest) else ""
    yield context(
        f"Objection digest{of}{only}, week {int(digest.week[6:])}: {digest.week_label}.",
        wording.basis(digest) if digest.calls else "",
        notes.unplaced(digest),
    )
    if digest.objections:
        lines = [_line(digest, n) for n in range(min(SHOWN, len(digest.objections)))]
        if more := len(digest.objections) - SHOWN:
            lines += (
                [f"{plural(more, 'more objection')} {escape(rest(digest, around))}."] if more > 0 else []
            )
        yield section("\n".join(lines))
    if since := digest_words.since_lines(digest):
        lines = [f"• {escape(cut_name(line, 300))}" for line in since]
        yield section(f"*{escape(digest_words.since_title(digest))}*\n" + "\n".join(lines))
    for objection in digest.objections[:QUOTED]:
        for quote in objection.quotes[:1]:
            yield words_block(passage(quote))
            yield context(said_by(quote))
            if page := link(quote, around):
                yield section(linked(page, "Hear it"))
    if digest.competitors:
        lines = [
            f"• *{escape(cut_name(c.name))}*: {escape(wording.named_by(c, digest))}"
            for c in digest.competitors[:SHOWN]
        ]
        yield section("*Competitors they named*\n" + "\n".join(lines))


def _end(digest: Digest, around: Surroundings) -> Iterator[Block]:
    if around.page:
        yield section(linked(around.page, "Open the whole digest"))
    yield context(
        "Wording and labels come from software and can be wrong. Frequency is not cause.",
        "Personal data in quotes was left out where software found it; it does not find everything."
        if around.redacted
        else "",
    )


def _line(digest: Digest, n: int) -> str:
    objection = digest.objections[n]
    facts = [wording.facts(objection, digest), digest_words.touched(objection)]
    if objection.won:
        facts.append(f"won with it: {digest_words.won_cell(objection)}")
    return f"• *{escape(cut_name(objection.title))}*: {escape(' · '.join(filter(None, facts)))}"
