"""How a deal ended: one rule for every CRM.

The order: stages and words of the mapping file that exclude; the outcome column; ``is_won`` and
``is_closed``; stage names. A lost deal is split by its reason and its competitor, as win/loss
interviewers do: to a competitor, to no decision, for another reason, unknown. Rivals are the
names that the playbook gives its competitors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from callmine.crm.mapping import Mapping, phrase
from callmine.domain import Outcome
from callmine.validation import did_you_mean

_WORDS: dict[str, Outcome | str] = {
    **{outcome.value.replace("_", ""): outcome for outcome in Outcome},
    **dict.fromkeys(("won", "win", "closedwon", "wonclosed", "closewon"), Outcome.WON),
    **dict.fromkeys(("lost", "loss", "closedlost", "lostclosed", "closelost"), "lost"),
    **dict.fromkeys(("gewonnen", "gagné", "gagnée", "ganada", "ganado"), Outcome.WON),
    **dict.fromkeys(("verloren", "perdu", "perdue", "perdida", "perdido"), "lost"),
    **dict.fromkeys(("geschlossengewonnen", "abgeschlossengewonnen"), Outcome.WON),
    **dict.fromkeys(("geschlossenverloren", "abgeschlossenverloren"), "lost"),
    **dict.fromkeys(("ferméegagnée", "fermégagné", "cerradaganada", "cerradoganado"), Outcome.WON),
    **dict.fromkeys(("ferméeperdue", "ferméperdu", "cerradaperdida", "cerradoperdido"), "lost"),
    **dict.fromkeys(("open", "inprogress", "pending", "ongoing", "active", "offen"), Outcome.OPEN),
    **dict.fromkeys(("nodecision", "closednodecision"), Outcome.LOST_NO_DECISION),
}
"""Words of an outcome or stage column, folded; ``lost`` is split by the reason."""

_AND = re.compile(r"\b(?:and|und|et|y|e)\b|&", re.IGNORECASE)
"""What may stand between the two words of a stage: "Geschlossen und gewonnen"."""

_RECORD = r"(?: (?:deal|record|opportunity|opp|entry|account|data))?"
_EXCLUDED_PART = re.compile(
    rf"(?:duplicate|dupe|test){_RECORD}(?: of .*)?|(?:disqualified|unqualified|not qualified|spam)"
    r"|(?:created|entered) (?:in error|by mistake)|duplikat|dublette",
    re.IGNORECASE,
)
_NO_DECISION = re.compile(
    r"\b(?:no[ -]decision|(?:no|lack of|lost|without) (?:the )?(?:budget|funding)"
    r"|budget (?:was )?(?:cut|frozen|freeze|lost|cancell?ed|gone)|funding (?:was )?(?:cut|lost)"
    r"|(?:went|gone|going) (?:dark|silent|cold)|ghosted|no (?:response|reply|answer)"
    r"|unresponsive|non[ -]?responsive|stopped responding|status[ -]quo|d(?:id|o|oing) nothing"
    r"|(?:project|initiative|purchase|evaluation) (?:was |is )?(?:cancell?ed|postponed|stopped|shelved)"
    r"|(?:put |is |project )on hold|indecision|kein budget|keine entscheidung)\b",
    re.IGNORECASE,
)
_COMPETITOR = re.compile(
    r"\b(?:competitors?|competition|rival|went with (?:another|a different|someone|an alternative)"
    r"|(?:another|other|different) (?:vendor|supplier|provider)|wettbewerb(?:er)?)\b",
    re.IGNORECASE,
)
_NO_COMPETITOR = re.compile(r"\b(?:no|not|without|kein) (?:an? |any )?(?:competitors?|competition)\b", re.I)
_CHOSEN = (
    r"\b(?:(?:went|gone|going|go|goes|signed|sign|stay(?:s|ed|ing)?|sticks?|sticking|stuck) with"
    r"|(?:lost|switch(?:ed|ing|es)?|mov(?:ed|ing|es?)|going|went) (?:out )?(?:to|over to|for)"
    r"|ch(?:ose|osen|oosing)|picked|selected|bought|prefer(?:s|red)?) (?:the |our )?"
)
"""Words before a rival's name that say who got the deal, rather than who was in it."""

_NAME_WORDS = 4
"""Words that a company's name has at most; more are a sentence."""

_NOBODY = frozenset({"no", "not", "none", "nobody", "unknown", "other", "others", "another", "status"})
"""Words that begin what is no name, however they are written: "Lost to No Decision"."""

_NAME_ENDS = re.compile(r"[,;.:()/]| [-–—] | (?:because|due|for|over|on|as|and|but)\b")

_NO_REASON = frozenset({"", "none", "unknown", "not specified", "no reason", "no reason given"})
_NO_NAME = frozenset({"", "none", "no", "unknown", "no competitor", "no competition", "keiner"})


def names_competitor(text: str | None) -> bool:
    """Whether a competitor column names somebody, rather than saying that there was nobody."""
    return any(piece.strip() not in _NO_NAME for piece in (text or "").casefold().split(";"))


def outcome_of(
    *,
    outcome: str | None = None,
    is_won: bool | None = None,
    is_closed: bool | None = None,
    stage: str | None = None,
    loss_reason: str | None = None,
    competitor: str | None = None,
    pipeline: str | None = None,
    mapping: Mapping | None = None,
    rivals: Sequence[str] = (),
) -> tuple[Outcome, str | None]:
    """Judge how a deal ended.

    Args:
        outcome: The CRM's own word for it; like the others ``None`` where the CRM has none.
        is_won: Its flag.
        is_closed: Its flag.
        stage: Name of the stage.
        loss_reason: As the CRM says it.
        competitor: The competitor column.
        pipeline: Which pipeline the stage belongs to.
        mapping: The company's own words.
        rivals: Names and aliases of competitors that a loss reason may speak of.

    Returns:
        The outcome, and what is doubtful about it (``None`` when nothing is). A closed deal of
        which nothing says how it closed is excluded rather than guessed.
    """
    mapping = mapping or Mapping()
    verdict, doubt = _verdict(outcome, mapping), None
    if verdict is None:
        if outcome:
            known = [*(o.value for o in Outcome), "lost"]
            doubt = f"the outcome {outcome!r} is unknown{did_you_mean(outcome.casefold(), known)}"
        by_stage, flags = _verdict(stage, mapping, pipeline), _by_flags(is_won, is_closed)
        said = by_stage and _broad(by_stage)
        if said in (Outcome.WON, "lost") and flags not in (None, said) and doubt is None:
            doubt = f"the stage is {stage!r}, but is_won and is_closed say {flags}; the flags count"
        verdict = _inferred(is_won, is_closed, by_stage, stage)
        if verdict is None:
            unclear = "closed, but it is not clear whether it was won; it is left out of all counts"
            return Outcome.EXCLUDED, doubt or unclear
    else:
        flags = _by_flags(is_won, is_closed)
        if verdict is not Outcome.EXCLUDED and flags not in (None, _broad(verdict)):
            doubt = f"the outcome is {outcome!r}, but is_won and is_closed say {flags}; the outcome counts"
    if isinstance(verdict, Outcome):
        return verdict, doubt
    return lost_because(loss_reason or _after_stage(stage), competitor, mapping, rivals=rivals), doubt


def _inferred(
    is_won: bool | None, is_closed: bool | None, by_stage: Outcome | str | None, stage: str | None
) -> Outcome | str | None:
    """Judge by flags and stage, the flags first; ``None`` for closed without saying how."""
    if by_stage is Outcome.EXCLUDED:
        return by_stage
    if is_won:
        return Outcome.WON
    if is_closed is False:
        return Outcome.OPEN
    if by_stage is not None and _broad(by_stage) == "lost":
        return by_stage
    if is_closed and is_won is False:
        return "lost"
    if by_stage is Outcome.WON and is_won is None:
        return by_stage
    sounds_closed = by_stage is None and re.match(r"closed\b", stage or "", re.IGNORECASE)
    return None if is_closed or by_stage is Outcome.WON or sounds_closed else Outcome.OPEN


def lost_because(
    reason: str | None,
    competitor: str | None,
    mapping: Mapping | None = None,
    *,
    rivals: Sequence[str] = (),
) -> Outcome:
    """Split a lost deal by the text of its reason, then by its competitor.

    The text wins over the competitor column: a competitor who was in the deal did not
    necessarily take it. So it is with a rival whom the text only names.
    """
    text = " ".join((reason or "").split())
    if (ruled := _by_mapping(text, mapping)) is not None:
        return ruled
    if _is_excluded(text):
        return Outcome.EXCLUDED
    chosen, named = _names(tuple(rivals))
    if chosen.search(text) or _COMPETITOR.search(_NO_COMPETITOR.sub("", text)):
        return Outcome.LOST_COMPETITOR
    if _NO_DECISION.search(text):
        return Outcome.LOST_NO_DECISION
    # "not Lantern" and "no Lantern" are gone once the name reads as any competitor's.
    if names_competitor(competitor) or _COMPETITOR.search(
        _NO_COMPETITOR.sub("", named.sub("competitor", text))
    ):
        return Outcome.LOST_COMPETITOR
    return Outcome.LOST_UNKNOWN if text.casefold() in _NO_REASON else Outcome.LOST_OTHER


def is_explained(reason: str, mapping: Mapping | None = None) -> bool:
    """Whether the mapping file says what a reason means, rather than no rule knowing it."""
    return _by_mapping(" ".join(reason.split()), mapping) is not None


def _by_mapping(text: str, mapping: Mapping | None) -> Outcome | None:
    rules = (mapping or Mapping()).loss_reasons
    for outcome, phrases in (
        (Outcome.EXCLUDED, rules.excluded),
        (Outcome.LOST_COMPETITOR, rules.lost_competitor),
        (Outcome.LOST_NO_DECISION, rules.lost_no_decision),
        (Outcome.LOST_OTHER, rules.lost_other),
        (Outcome.LOST_UNKNOWN, rules.lost_unknown),
    ):
        if text and any(_phrase(p).search(text) for p in phrases):
            return outcome
    return None


_phrase = lru_cache(maxsize=1024)(phrase)


@lru_cache(maxsize=8)
def _names(rivals: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return expressions for a rival who was chosen, and for one who is named at all."""
    # The longest first, so that "Lantern Shift" is one name.
    spelled = (r"\s+".join(map(re.escape, name.split())) for name in sorted(rivals, key=len, reverse=True))
    name = rf"(?<!\w)(?:{'|'.join(spelled)})(?!\w)" if rivals else r"(?!)"
    return re.compile(_CHOSEN + name, re.IGNORECASE), re.compile(name, re.IGNORECASE)


def _is_excluded(text: str) -> bool:
    """Whether the text only says duplicate, test or disqualified: a failed test is a real reason."""
    parts = [p.strip() for p in re.split(r"[,;/|:]| [-–—] | or | and ", text)]
    return bool(text) and _EXCLUDED_PART.fullmatch(parts[0]) is not None


def _verdict(text: str | None, mapping: Mapping, pipeline: str | None = None) -> Outcome | str | None:
    """Return what one word or stage name says: an outcome, ``lost``, or nothing."""
    if not text:
        return None
    stages = mapping.outcome
    plain = _plain(text)
    # What is said of a stage of one pipeline goes before what is said of that name in general.
    for wanted in filter(None, (pipeline and f"{_plain(pipeline)}/{plain}", plain)):
        for verdict, names in (
            (Outcome.EXCLUDED, stages.excluded),
            (Outcome.WON, stages.won),
            ("lost", stages.lost),
            (Outcome.OPEN, stages.open),
        ):
            if wanted in map(_named, names):
                return verdict
    if _is_excluded(text):
        return Outcome.EXCLUDED
    if known := _WORDS.get(_folded(text)) or _WORDS.get(_folded(_AND.sub(" ", text))):
        return known
    if split := re.match(r"closed[ -]*(won|lost)\b", text, re.IGNORECASE):
        return _WORDS[split[1].casefold()]
    return None


def _after_stage(stage: str | None) -> str | None:
    """Return the reason in stages such as ``Closed Lost - No Decision``."""
    match = re.match(r"closed[ -]*lost\W+(.+)", stage or "", re.IGNORECASE)
    return match[1] if match else None


def _by_flags(is_won: bool | None, is_closed: bool | None) -> Outcome | str | None:
    if is_won:
        return Outcome.WON
    if is_closed is False:
        return Outcome.OPEN
    return "lost" if is_closed and is_won is False else None


def _broad(verdict: Outcome | str) -> Outcome | str:
    return "lost" if isinstance(verdict, Outcome) and verdict.is_lost else verdict


def outcome_word(
    text: str, *, mapping: Mapping | None = None, pipeline: str | None = None
) -> Outcome | str | None:
    """Return what a stage or word means by itself: an outcome, ``lost``, or nothing."""
    return _verdict(text, mapping or Mapping(), pipeline)


@lru_cache(maxsize=1024)
def _named(name: str) -> str:
    """Return a stage of the mapping: folded, behind its pipeline where it names one."""
    pipeline, slash, stage = name.partition(" / ")
    return f"{_plain(pipeline)}/{_plain(stage)}" if slash else _plain(name)


def _plain(text: str) -> str:
    """Return a name without case and signs; one that is nothing but signs stays as it is."""
    return _folded(text) or text.strip()


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def chosen_in(reason: str) -> str | None:
    """Return whom a loss reason says was chosen: ``Acme`` in "Went with Acme, price"; only a name."""
    for match in re.finditer(_CHOSEN, reason, re.IGNORECASE):
        name = _NAME_ENDS.split(reason[match.end() :])[0]
        words = name.split()
        if name[:1].isupper() and len(words) <= _NAME_WORDS and words[0].casefold() not in _NOBODY:
            return name.strip()
    return None
