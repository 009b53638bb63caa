"""The digest as an e-mail: one column, readable without pictures and in the dark, and not too large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callmine.reports.asked_values import AnswerGiven
from callmine.reports.digest_values import Digest
from callmine.reports.letter_values import Letter, Picture, Surroundings
from callmine.reports.render import asked, check_evidence
from callmine.reports.render.html import chart
from callmine.reports.render.letters import (
    html_environment,
    inlined,
    left,
    link,
    one_line,
    smallest_loss,
    text_environment,
    tidy,
)
from callmine.reports.render.pictures import spark_png
from callmine.reports.text import listed


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of a digest an e-mail shows: ``things`` of a list, ``quotes`` under each."""

    things: int
    quotes: int
    answers: int = 4
    phrases: int = 4


PLANS = (Shown(16, 3), Shown(16, 2), Shown(16, 1), Shown(10, 1, 2, 2), Shown(8, 0, 0, 0), Shown(3, 0, 0, 0))


@dataclass(frozen=True, slots=True)
class Spark:
    """A small chart of an e-mail: its picture's name and size, and the same in few words."""

    name: str
    width: int
    height: int
    words: str


def subject_of(digest: Digest) -> str:
    """Return the subject line: ``Objection digest, week 40: Price came up in 6 of 12 deals``."""
    part = f" ({digest.segment})" if digest.segment else ""
    return one_line(
        f"Objection digest{part}, week {int(digest.week[6:])}: {digest.top_line[0].removesuffix('.')}"
    )


def digest_letter(digest: Digest, around: Surroundings | None = None) -> Letter:
    """Return the digest as an e-mail under 100 kB; what is cut is counted, with where to find it.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    check_evidence(digest)
    around = around or Surroundings()
    return smallest_loss(lambda shown: _letter(digest, around, shown), PLANS)


def _letter(digest: Digest, around: Surroundings, shown: Shown) -> Letter:
    sparks, pictures = _charts(digest, shown)
    titles = {objection.label: objection.title for objection in digest.objections}
    facts = {
        "d": digest,
        "s": around,
        "shown": shown,
        "sparks": sparks,
        "rest": rest(digest, around),
        "link": lambda quote: link(quote, around),
        "subject": subject_of(digest),
        "left": left,
        "answers": sorted(digest.answers, key=lambda answer: answer.accepted != "yes"),
        "answered": lambda answer: answered(answer, titles),
    }
    html = html_environment().get_template("digest.email.html.j2").render(facts)
    text = text_environment().get_template("digest.email.txt.j2").render(facts)
    return Letter(subject_of(digest), inlined(html), tidy(text), pictures)


def _charts(digest: Digest, shown: Shown) -> tuple[dict[str, Spark], tuple[Picture, ...]]:
    if len(digest.weeks) < 2:
        return {}, ()
    weekly = [*(o.weekly for o in digest.objections), *(c.weekly for c in digest.competitors)]
    tallest = max((count.heard for counts in weekly for count in counts), default=0)
    sparks: dict[str, Spark] = {}
    pictures: list[Picture] = []
    for n, objection in enumerate(digest.objections[: shown.things], 1):
        laid, name = chart(objection.weekly, tallest=tallest), f"weeks-{n}"
        counts = (f"{count.heard}" if count.out_of else "–" for count in objection.weekly)
        sparks[objection.label] = Spark(name, laid.width, laid.height, f"{', '.join(counts)} by week")
        pictures.append(Picture(name, spark_png(objection.weekly, tallest=tallest)))
    return sparks, tuple(pictures)


def answered(answer: AnswerGiven, titles: Mapping[str, str]) -> str:
    """Return ``To Price: evidence, accepted``."""
    names = listed(titles[label] for label in answer.labels if label in titles)
    said = f"{asked.KINDS[answer.kind]}, {asked.ACCEPTED[answer.accepted]}"
    return f"To {names}: {said[:1].lower()}{said[1:]}" if names else said


def rest(digest: Digest, around: Surroundings) -> str:
    """Say where what is cut can be found."""
    return "in the whole digest" if around.page else f"with callmine digest --week {digest.week}"
