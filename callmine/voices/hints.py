"""Turns of phrase that tell a seller from a buyer, each with a name and a side a person can check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

OWN = "ourname"
"""Stands for one of our own names in the words that hints are looked for in."""

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_MARK = re.compile(r"[.?!…]")
_LONGEST_NAME = 5
_WHO = r"(?: (?!(?:the|our|your|a|an|my|his|her|not|no|just|about|so|very|more|we|you)\b)[\w']+)"


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words as hints and weights see them: small letters, no marks, digits as ``0``.

    Attributes:
        words: The words, our own names each as one :data:`OWN`.
        spans: For each word its ``(start, end)`` in the text.
        ends: Which words end a sentence, as far as the text has marks.
        text: The text.
    """

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    text: str
    ends: frozenset[int] = frozenset()

    def quote(self, first: int, last: int, *, most: int = 8) -> str:
        """Return the text from word ``first`` to ``last``, both included, of at most ``most`` words."""
        last = min(last, first + most - 1, len(self.words) - 1)
        raw = self.text[self.spans[first][0] : self.spans[last][1]]
        return " ".join("".join(c if c.isprintable() else " " for c in raw).split())[:80]


@dataclass(frozen=True, slots=True)
class Hint:
    """A turn of phrase: ``rep`` says whose it is, ``fixed`` its log-odds where none are learned."""

    name: str
    rep: bool
    pattern: re.Pattern[str]
    fixed: float | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A hint found in spoken words, from word ``first`` to ``last``, both included."""

    hint: Hint
    first: int
    last: int


def _hint(name: str, rep: bool, pattern: str, fixed: float | None = None) -> Hint:
    return Hint(name, rep, re.compile(rf"\b(?:{pattern})\b"), fixed)


HINTS: tuple[Hint, ...] = (
    # A prospect's. Sellers ask for prices, too ("what does that cost you today"), but not for ours. The
    # training data ask six times only, all of them prospects: too few to learn from, so the odds are set.
    _hint(
        "asks_price",
        False,
        r"(?:how much|what)(?:'s| is| does| did| would| will| do)?(?: [\w']+){0,3} cost (?:us|me)"
        r"|how much (?:is it|is that|are you|do you charge|(?:would|will) (?:it|that) be)"
        r"|what do you charge"
        r"|what(?:'s| is| are)? your (?:price|prices|pricing|rates?|fees?|discount)"
        r"|what(?:'s| is) the (?:price|pricing)|what are we looking at",
        -1.5,
    ),
    _hint(
        "has_vendor",
        False,
        r"our (?:current|existing|present|old) (?:vendor|provider|supplier|system|tool|software|contract"
        r"|solution|set ?up|agency|partner)"
        r"|we(?:'re| are| have been|'ve been)? (?:currently |already |still |just )?"
        r"(?:use|using|on|paying|pay)|we (?:already|currently) (?:have|work with)",
    ),
    _hint("asks_whether_you_can", False, r"(?:does it|can it|do you guys|can you guys|will it)"),
    # A rep's.
    _hint(
        "names_our_offer",
        True,
        r"our (?:price|prices|pricing|products?|platform|proposal|quote|roadmap|packages?|solution"
        r"|customers|clients|onboarding|implementation|engineers|plans|support team|success|standard)"
        r"|our team (?:will|can|would)",
    ),
    _hint(
        "asks_about_today",
        True,
        r"how (?:do|are) you (?!doing|feeling|keeping)(?:[\w']+ ){0,5}"
        r"(?:today|currently|right now|at the moment)"
        r"|(?:walk|talk) me through|tell me (?:a bit |a little |more )*about (?:how|your|what)"
        r"|what (?:made|prompted|got) you|who else (?:would|is|needs)|help me understand",
    ),
    _hint(
        "offers_to_show",
        True,
        r"(?:let me|i'll|i will|i can|we can|happy to) (?:show|share|send you|walk you|pull up|put together"
        r"|set up|book|get you)",
    ),
    _hint(
        "opens_the_call",
        True,
        r"(?:thanks|thank you)(?: so much| again)? for (?:your time|(?:making|taking) (?:the |some |my )?"
        r"(?:time|call))|did i catch you|is now a (?:good|bad) time"
        r"|(?:the )?reason (?:i'm|i am|for my) call",
    ),
    # With our own names the meaning is plain, and no data hold them: these odds are set as well.
    _hint(
        "introduces_us",
        True,
        rf"(?:this is|it's|it is|my name is|my name's|name is){_WHO}{{1,3}}"
        rf" (?:from|with|at|over at|here at) {OWN}"
        rf"|(?:i'm|i am){_WHO}{{0,3}} (?:from|over at|here at) {OWN}"
        rf"|(?:we at|here at|us at|calling from|i work for|i work at) {OWN}",
        4.0,
    ),
    _hint("our_own", True, rf"our (?:{OWN})|(?:we|we've) (?:built|made|designed|launched) {OWN}", 2.5),
    _hint(
        "you_at_us",
        False,
        rf"(?:you|you're|you guys|you folks|people|everyone|someone|somebody) (?:at|from|with) {OWN}"
        rf"|is (?:this|that) {OWN}|your {OWN}",
        -3.0,
    ),
    _hint("asks_about_us", False, rf"(?:does|can|will|would|could) {OWN}", -1.0),
    _hint(
        "weighs_us", False, rf"we(?:'re| are)? (?:looking at|considering|evaluating|comparing) {OWN}", -1.5
    ),
)
"""Every hint; those without fixed log-odds get theirs from training data."""


def spoken(text: str, own_names: Sequence[str] = ()) -> Spoken:
    """Return the words of ``text``; our own names are known in other spellings as well."""
    found = [(m.group().lower().replace("’", "'"), m.span()) for m in _TOKEN.finditer(text)]
    words = ["0" if w[0].isdigit() else w for w, _ in found]
    spans = [span for _, span in found]
    if own_names:
        words, spans = _with_own(words, spans, own_names)
    gaps = ((i, text[one[1] : two[0]]) for i, (one, two) in enumerate(pairwise(spans)))
    ends = frozenset(i for i, gap in gaps if _MARK.search(gap))
    return Spoken(tuple(words), tuple(spans), text, ends)


def in_one_word(name: str) -> str:
    """Return a name as it is compared: its letters and digits in one word."""
    return "".join(m.group().lower() for m in _TOKEN.finditer(name))


def _with_own(
    words: list[str], spans: list[tuple[int, int]], names: Sequence[str]
) -> tuple[list[str], list[tuple[int, int]]]:
    """Put :data:`OWN` for each own name, also where it is split or a little misheard."""
    out: list[str] = []
    places: list[tuple[int, int]] = []
    at = 0
    while at < len(words):
        joined = ["".join(words[at : at + n]) for n in range(1, min(_LONGEST_NAME, len(words) - at) + 1)]
        exact = [n for n, heard in enumerate(joined, 1) if heard in names]
        alike = [n for n, heard in enumerate(joined, 1) if any(_alike(heard, name) for name in names)]
        size = exact[-1] if exact else alike[0] if alike else 0
        out.append(OWN if size else words[at])
        places.append((spans[at][0], spans[at + max(size, 1) - 1][1]))
        at += max(size, 1)
    return out, places


def _alike(heard: str, name: str) -> bool:
    """Whether ``heard`` is ``name``; of long names one letter in four may differ."""
    slack = len(name) // 4 if len(name) >= 6 else 0
    if not slack or heard[:1] != name[:1] or abs(len(heard) - len(name)) > slack:
        return False
    return bool(Levenshtein.distance(heard, name, score_cutoff=slack) <= slack)


def hits(said: Spoken) -> Iterator[Hit]:
    """Yield every hint in spoken words, those of one hint in their order."""
    parts, starts, at = [], {}, 0
    for index, word in enumerate(said.words):
        parts += [word, "." if index in said.ends else " "]  # no hint goes on behind a full stop
        starts[at] = index
        at += len(word) + 1
    line = "".join(parts)
    for hint in HINTS:
        for match in hint.pattern.finditer(line):
            first = starts.get(match.start())
            if first is not None:  # not inside of a word such as "that's"
                yield Hit(hint, first, first + match.group().count(" "))
