"""Where a speaker's name, or what somebody says, tells a job title.

All that a voice says in an account hangs on one sentence, so what is not plain is not taken: a claim is
looked for by its form, and refused for what stands before or behind it. What is found is a lower bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Says = Callable[[str], bool]
"""Whether a text says something."""


def _words(*words: str) -> str:
    """Return a pattern of any of these words or phrases, with any blanks in them."""
    return rf"\b(?:{'|'.join(words)})\b".replace(" ", r"\s+")


_I_AM = r"i(?:\s+am|['’]m)"

_ARE = rf"(?:{_I_AM}|my\s+(?:role|title|job|job\s+title|position)\s+is|i\s+(?:work|serve)\s+as)"
"""What somebody says of what they are begins so; before a name it is an introduction."""

_NAME = r"(?P<name>[\w.'’-]+(?:\s+[\w.'’-]+){0,3})"

_NAME_PARTS = frozenset(
    ("da", "de", "del", "della", "den", "der", "di", "du", "la", "le", "van", "von", "zu")
)
"""Words of names that are written small."""

_ALSO = r"(?:(?:also|actually|currently|now)\s+)*"

_KIND_OF = r"(?:(?:new|interim|acting|group)\s+)*"
"""A new CFO is one; a deputy or a former one is not."""

_OTHER_TITLE = r"(?:c[a-z]o|(?:co-?)?founder|owner|president|partner|(?:managing\s+)?director)"

_AND = r"(?:\s+and\s+(?:the\s+)?|\s*[/&]\s*)"

_CLAUSE_ENDS = (
    r"(?=\s*(?:$|[.,;:!()…—–]|-\s|--)"
    r"|\s+(?:of|at|here|with|now|who|since|so|but|and\s+(?:i|we))(?![\w-])"
    r"|\s+for\s+(?!(?:an?|one|the|today)\b)\w"
    r"|\s+in\s+(?!(?:training|waiting|name|all|some|spirit|my|your|her|his)\b)\w)"
)
"""What follows the title then: not so in "the CFO's assistant", "CFO-level" and "am I the CFO?"."""

_SAYS_NO_MORE = rf"(?=\s*(?:$|[.!;])|\s*,?\s+and\s+i\b|\s*,\s+{_I_AM}\b)"
"""Stricter, behind "I'm Ann, the CFO": it may go on with "of Vale sent me" or ", Petra, is ill"."""

_SENTENCE_ENDS = re.compile(r"(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bdr)[.!?…](?=\s|$)|\n", re.IGNORECASE)

_STARTERS = re.compile(
    r"(?:(?:hi|hello|hey|good\s+(?:morning|afternoon|evening)|yes|yeah|well|look|ok|okay|so|but|and|speaking"
    r"|everybody|everyone|all|there|again|thanks|thank\s+you)\b[\s,]*)*",
    re.IGNORECASE,
)
"""With which a sentence may begin before what has to be its beginning."""

_QUOTES = re.compile(r"[\"“”„«»‘]")

_DOUBTED = re.compile(
    "|".join(
        (
            _words("if", "when", "whenever", "until", "once", "unless", "whether", "though"),
            _words(
                "imagin[eg]\\w*", "suppos\\w+", "assum\\w+", "pretend\\w*", "wish\\w*", "hop(?:e|es|ed|ing)"
            ),
            _words(
                "think\\w*", "thought", "believ\\w+", "guess\\w*", "dream\\w*", "expect\\w*", "doubt\\w*"
            ),
            _words(
                "say\\w*", "said", "tell\\w*", "told", "claim\\w*", "writes?", "wrote", "goes", "jok\\w+"
            ),
            _words("maybe", "perhaps", "apparently", "according", "play\\w*", "for you", "in \\w+ eyes"),
            _words("not", "never", "nobody", "hardly", "neither", "nor", "(?:is|was|were|be) like"),
            r"n['’]t\b",
            r"['’]s\s+like\b",
            r"\bno\b(?!\s*,)",
            r"\b(?:that|before|after|soon|next\s+\w+|by\s+the\s+time)\s*$",
        )
    ),
    re.IGNORECASE,
)
"""Words in the same sentence before it that say it is supposed, thought, told or denied."""

_TAKEN_BACK = re.compile(
    "|".join(
        (
            r"^[^.,;:!]*\?",
            r"\bright\s*\?",
            r"[,–—-]\s*(?:well|almost|nearly|or|imagine|not\s*[.!])(?!\w)",
            _words("assistant", "deputy", "secretary", "not really", "sort of", "kind of", "i mean"),
            _words("so to speak", "as it were", "if you (?:like|will)", "no longer", "used to", "one day"),
            _words(
                "(?:he|she|they|people|everybody|everyone) (?:say|said|tell|told|think|thought|claim)\\w*"
            ),
        )
    ),
    re.IGNORECASE,
)
"""What stands behind it in the same sentence and takes it back."""

_DENIED = re.compile(
    rf"\b{_I_AM}\s+not\s*(?:$|[.,;!?]|(?:the|an?|one|it|really|yet)\b)|\b(?:kidding|joking|or\s+rather)\b",
    re.IGNORECASE,
)
"""Likewise, in any sentence behind it: "Just kidding."; not "I'm not going to pay that"."""

_HYPHENS = r"\-\u2010\u2011"

_LESSER = re.compile(
    "|".join(
        (
            _words(
                "ex", "former", "formerly", "deputy", "vice", "assistant", "asst", "ea", "pa", "secretary"
            ),
            _words("office", "future", "past", "retired", "non"),
            rf"\b(?:to|for|of|with|under)\s+(?:(?:the|our|an?)\s+)?{_KIND_OF}$",
        )
    ),
    re.IGNORECASE,
)
"""Words before the title in the same part of a name: "EA for the CFO" is somebody else."""

_NOT_ANY_MORE = re.compile(
    r"^\s+(?:office|team|assistant|deputy|secretary|staff)\b"
    r"|\b(?:former|retired|designate|elect|emeritus|in\s+training|until)\b",
    re.IGNORECASE,
)
"""The same behind it."""


def named(words: str) -> Says:
    """Return whether a text has these very words, in any case and with any blanks between them."""
    found = _compiled(rf"(?<!\w){_literal(words)}(?!\w)")
    return lambda text: found.search(text) is not None


def holds_title(title: str) -> Says:
    """Return whether a speaker's name says that they have this title: ``Petra Voss, CFO``."""
    found = _compiled(rf"(?<!\w){_literal(title)}(?!\w|[’'{_HYPHENS}]\w)")

    def holds(name: str) -> bool:
        return any(
            not _LESSER.search(re.split(r"[,|;()\[\]]", name[: hit.start()])[-1])
            and not _NOT_ANY_MORE.search(name[hit.end() :])
            for hit in found.finditer(name)
        )

    return holds


def claims_title(title: str) -> Says:
    """Return whether somebody says of themselves that they have this title: ``I'm the CFO here``."""
    forms = _forms(title)
    return lambda text: any(
        _is_name(hit.groupdict().get("name"))
        and not _QUOTES.search(text[: hit.start()])
        and begins(_sentence_before(text, hit.start()))
        and not _is_denied(text[hit.end() :])
        for form, begins in forms
        for hit in form.finditer(text)
    )


def _forms(title: str) -> list[tuple[re.Pattern[str], Says]]:
    """Return the forms that a claim has, each with what may stand before it in its sentence."""
    whole = rf"{_KIND_OF}(?:{_OTHER_TITLE}{_AND})?{_literal(title)}(?:{_AND}{_OTHER_TITLE})?"
    article = r"(?:(?:the|an?|your|our|their)\s+)?"
    introduced = rf"(?:{_I_AM}|my\s+name(?:\s+is|['’]s))\s+{_NAME}\s*,\s*"
    forms: list[tuple[str, Says]] = [
        (rf"{_ARE}\s+{_ALSO}{article}{whole}{_CLAUSE_ENDS}", _is_plain),
        (rf"{introduced}{whole}{_CLAUSE_ENDS}", _is_plain),
        (rf"{introduced}the\s+{whole}{_SAYS_NO_MORE}", _is_plain),
        # Further on in what is said, it presents somebody else: "and this is Petra, CFO of Vale".
        (rf"this\s+is\s+{_NAME}\s*,\s*{whole}{_CLAUSE_ENDS}", _is_greeting),
        # "She decides as CFO, I sign" does not begin so, and "I would" is said by whoever is none.
        (rf"as\s+(?:the\s+)?{whole}\s*,\s+(?=i\b(?!['’]d|\s+(?:would|could|might)\b))", _is_start),
    ]
    return [(_compiled(rf"(?<!\w){form}"), begins) for form, begins in forms]


def _is_plain(before: str) -> bool:
    return not _DOUBTED.search(before)


def _is_start(before: str) -> bool:
    return _STARTERS.fullmatch(before.strip()) is not None


def _is_greeting(before: str) -> bool:
    return _is_start(before) and not before.strip().lower().endswith("and")


def _is_name(words: str | None) -> bool:
    """Return whether words are written as a name is; where none is asked for, there is nothing amiss."""
    return words is None or all(word[0].isupper() or word in _NAME_PARTS for word in words.split())


def _sentence_before(text: str, start: int) -> str:
    return _SENTENCE_ENDS.split(text[:start])[-1]


def _is_denied(behind: str) -> bool:
    end = _SENTENCE_ENDS.search(behind)
    sentence = behind[: end.end()] if end else behind
    return bool(_TAKEN_BACK.search(sentence) or _DENIED.search(behind))


def _literal(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split()))


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
