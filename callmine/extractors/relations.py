"""How a mentioned competitor relates to the prospect, and what the speaker thinks of it.

Scored rules. In its sentence the name is replaced by a mark; each cue that matches adds its
weight to one relation or stance, the heaviest wins, and speakers' roles break ties (a rep
mostly just mentions). Cues near the name, or in its clause, count in full, those of the
neighbouring sentences in part. A negated verb above the name turns stance around.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from callmine.domain import Role
from callmine.extractors.base import Passage
from callmine.extractors.spans import Span, sentences, trim

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_MARK = "thename"  # a word, so that word boundaries hold beside it
_NEIGHBOUR = 0.6  # share of a cue in the sentence before or after
_SENTENCE = 0.6  # share of a stance cue in another clause of the name's sentence
_EARLIER = 0.8  # share of a cue beside the same name in the last turn before
_FURTHER = 0.3  # share of every cue but the heaviest
_CLAUSE = re.compile(r"[,;:]\s|\s[-–—]\s|\b(?:but|although|though|whereas|however|except)\b", re.I)

_Cues = dict[str, list[float]]
_Rules = tuple[tuple[str, float, re.Pattern[str]], ...]


def _rules(*rows: tuple[str, float, str]) -> _Rules:
    """Compile rows of (what it speaks for, weight, pattern); ``§`` stands for the name."""
    return tuple(
        (what, weight, re.compile(rf"\b(?:{pattern.replace('§', _MARK)})"))
        for what, weight, pattern in rows
    )


_RELATIONS = _rules(
    ("chosen", 3, r"(?:went|gone|going|go) (?:ahead )?with (?:the )?§"),
    ("chosen", 3, r"(?:just |already |'ve |have |we )signed (?:up )?(?:with|for) §"),
    (
        "chosen",
        3,
        r"(?:chose|chosen|picked|selected|opted for|decided on|settled on|took on|awarded (?:it )?to|gave it to) §",
    ),
    (
        "chosen",
        3,
        r"(?:we|we've|they|they've) (?:\w+ )?(?:signed (?:up )?with|took on|gone with|went with) §|§ in the end",
    ),
    ("chosen", 2.5, r"(?:decided|agreed) to (?:go|buy|use|move) (?:with |to )?§"),
    (
        "chosen",
        2.5,
        r"§ (?:got|won) (?:it|the (?:deal|contract|business|bid|tender))|§ in the end|what tipped it",
    ),
    (
        "churned",
        3,
        r"(?:left|leaving|quit|ditched|dropped|binned|dumped|scrapped|cancell?ed|outgrew|chucked|threw|got rid of|"
        r"ripped|pulled|walked away from|came off|got off|moved (?:off|away from)) (?:of |out |the )*§",
    ),
    (
        "churned",
        3,
        r"(?:switch\w*|mov\w*|migrat\w*|chang\w*|com\w*|came|went)(?: \w+){0,3} (?:away |over )?from §",
    ),
    (
        "churned",
        2.5,
        r"(?:used to (?:use|have|be (?:on|with)|go)|(?:was|were|we'd been) (?:on|with|using)|we'd) (?:\w+ ){0,3}?§.*\bbefore|"
        r"used to (?:use|have|be (?:on|with)|go) (?:\w+ ){0,2}§|(?:was|were) with § before|they used §",
    ),
    (
        "churned",
        2.5,
        r"§.*\b(?:then|and) (?:we )?(?:dropped|left|cancell?ed|binned|gave up|stopped)|§ out\b|§ before\b",
    ),
    (
        "churned",
        2,
        r"(?:we|i) (?:had|tried|used) §.*\b(?:years? ago|back (?:then|when)|for (?:like )?(?:\w+ ){1,2}(?:months|years?)|last year|"
        r"but)|before.*\bhad §|miss(?:ed)? (?:\w+ ){0,3}§|never again|(?:old|previous|former|ex)[ -](?:vendor|supplier|tool|system)",
    ),
    (
        "churned",
        3,
        r"(?:binned|pulled|threw|chucked|dropped|left|ditched|cancell?ed|sacked) (?:the )?§|§ .*\b(?:i|we) got out\b|§.*\bnever again|"
        r"§ (?:out|pulled)\b|(?:before (?:we|i) had|back when .*had) §|§.*\bthen (?:we )?dropped",
    ),
    (
        "churned",
        2,
        r"(?:with|in|on) § (?:i|we) (?:was|were|couldn't|had|could)|§ (?:didn't|couldn't|wouldn't|weren't|had (?:us|me)|took (?:\w+ ){1,2}months)",
    ),
    (
        "churned",
        1.5,
        r"(?:we|i) never got past|§ pulled after|paying for .* who'd left|last (?:january|december|year)\. never",
    ),
    (
        "incumbent",
        3,
        r"(?:we|i|they|you|team|everyone|folks|everybody)(?:'re|'ve| are| have| is|'s| am)? (?:\w+ )?(?:been )?(?:on|using|with|running) (?:the )?§",
    ),
    (
        "incumbent",
        3,
        r"(?:we|i|they|you|team|everyone) (?:\w+ )?(?:use|run on|rely on|run|pay for|pay|stick with|standardi[sz]ed on) (?:the )?§",
    ),
    (
        "incumbent",
        3,
        r"(?:renew\w*|re-? ?signed|signed up again|locked in(?:to)?|lock-in|contract|wedded|embedded|tied in|stay\w*|stuck|"
        r"sticking|happy|remain|deal|staying put|invested|served) (?:\w+ )?(?:with|by|to|in) §",
    ),
    (
        "incumbent",
        2.5,
        r"(?:are|is|we're|a|an) (?:a |an )?§ (?:shop|house|customers?|users?|client)|(?:leave|replace|rip out|swap|switch from|"
        r"get off|come off|moving off|take away|turn off|drop) §",
    ),
    (
        "incumbent",
        2.5,
        r"(?:already|currently|today|at the moment|right now|for now|still|these days|since)\b.*§|"
        r"§.*\b(?:already|currently|today|at the moment|right now|still|these days|since|for (?:\w+ ){1,2}(?:years|months)|in \w+ years)\b",
    ),
    (
        "incumbent",
        2.5,
        r"§ (?:has|have|had|'s got|got) (?:us|me)\b|§ (?:does?|do) (?:our|my|the|it|that|all)|§ (?:contract|renewal|licen[cs]e|term)|"
        r"§'s up\b|(?:comes?|is|when's|when is).*\bup\b|end of life|until (?:next )?\w+|till (?:next )?\w+",
    ),
    (
        "incumbent",
        2,
        r"(?:we|i|they|you) (?:\w+ )?(?:have|'ve|'ve got|have got|got|love|like|buy from|bought|log into|live in|know) (?:\w+ )?§|"
        r"sunk|inertia|prepaid|bundled|in §\b|going back to §|back (?:at|to) §|every (?:day|week|month|night|time|saturday|quarter)",
    ),
    (
        "incumbent",
        1.8,
        r"§ (?:sends?|makes?|takes?|keeps?|loses?|charges?|costs?|put|hasn't|haven't|never|won't|crashes|answers)|"
        r"§ for the|something called|thing called|the thing you use",
    ),
    (
        "evaluating",
        3,
        r"(?:look|looking|looked|kicking the ty?res|weigh\w*|evaluat\w*|consider\w*|compar\w*|trial\w*|pilot\w*|test\w*|"
        r"shortlist\w*|talk\w*|speak\w*|spoke|meet\w*|met|seeing|saw|demo\w*|call|present\w*)(?: \w+){0,2} (?:at|into|on|with|to|against|by|from|of|up)? ?§",
    ),
    (
        "evaluating",
        3,
        r"§(?:'s)? (?:\w+ )?(?:demo|pitch|proposal|quote|bid|trial|pilot|offer|presentation|guy|fella|people|lads|interface|onboarding|"
        r"rep left)|(?:quote|proposal|demo|bid|pitch|offer|lads|pricing|price) from §",
    ),
    (
        "evaluating",
        3,
        r"§ (?:\w+ )?(?:(?:has |have |had )?quoted|presented|pitched|came (?:in|out|back)|come (?:in|back)|offered|"
        r"threw in|gave us|are (?:\w+ )?under|were in|left (?:me|us) a|edge|is ahead|won it|was ahead|would|sent us the (?:contract|proposal))",
    ),
    (
        "evaluating",
        2.5,
        r"(?:in favou?r of|ahead of|prefer\w*|leaning (?:to|towards?)|between|versus|vs|against|or|above|below|cheaper than|better than) §",
    ),
    (
        "evaluating",
        2.5,
        r"§(?:'s)? (?:is |are |\w+ )?(?:ahead|in front|winning|(?:a )?nose|cheaper|half|the easy choice|to lose)|also (?:seeing|got)",
    ),
    (
        "evaluating",
        2,
        r"(?:yourselves|you guys|you lot|you),? (?:and|or) (?:\w+,? (?:and |or )?)?§|§ (?:and|or) (?:you|yourselves)|and you (?:don't|drifted)|"
        r"(?:we|i) (?:tried|did try|liked) §|liked §|on paper|the new (?:cmo|cfo|cto|boss|vp|head)",
    ),
    (
        "evaluating",
        1,
        r"demo|quote|shortlist|matrix|compar\w+|tender|procurement|proposal|framework|ahead|pilot",
    ),
    (
        "mentioned",
        2.5,
        r"(?:heard of|familiar with|differ\w* (?:from|to)|like|called something like|came from|(?:worked|works) (?:at|for)|board at|"
        r"breach at|took over from|founder of|used to work) §",
    ),
    (
        "mentioned",
        2,
        r"§ (?:was|were|got|is being) (?:bought|acquired|hacked)|§ is built for|neither|never used|not in the running|"
        r"§ sells you|one of our customers|some (?:people|companies|customers|firms)|people leaving",
    ),
)

_STANCES = _rules(
    (
        "negative",
        2.5,
        r"(?:§|its?|they|them|their|he|she)\b.*\b(?:crash\w*|broke|breaks|fell over|falls? on its face|lost|loses?|fail\w*|useless|hopeless|awful|"
        r"terrible|horrible|garbage|rubbish|nightmare|disaster|joke|mess|slow|clunky|buggy|glitch\w*|down|drained|robbed|refused|couldn't|"
        r"wouldn't|didn't (?:even|so much|show|come|turn|have)|never|hasn't|haven't|weren't|uninterested|ignored?|badly|sting|stung)",
    ),
    (
        "negative",
        2.5,
        r"(?:hate[sd]?|sick of|fed up|tired of|can't stand|regret\w*|nobody likes|don't trust|wouldn't (?:take|touch|trust|recommend)|"
        r"miss .* like|burn(?:ed|t) by|frustrat\w+|painful|pain|disappoint\w*|unhappy|not happy|let (?:us|me) down|worst|dreadful|shocking)",
    ),
    (
        "negative",
        2.5,
        r"(?:threw|chucked|ripped|binned|dumped|ditched|kicked)(?: \w+){0,2} (?:out|§)|§ out\b|pulled after|never again|god help|"
        r"sent (?:it|them) back|left § (?:because|when|over)|out\b.*\bafter they|shown the door|no longer trust|leaving §",
    ),
    (
        "negative",
        2,
        r"§ (?:put|makes?|charg\w+|hiked|raised|robbed|stung|jacked|doubled)\b.*\b(?:up|pay|percent|%|extra|price|us|every)|"
        r"overpriced|too (?:expensive|slow|complicated|dear)|put (?:our|the|their) prices? up|fee on|tied (?:me|us) in|locked (?:me|us) in\b.*\bnever",
    ),
    (
        "negative",
        1.8,
        r"(?:nothing (?:connects|works)|no support|can't (?:do|even)|doesn't (?:do|work|even)|don't do|do them badly|from the ark|"
        r"restart|prickly|glorified|guesswork|trainee|breach|errors?|by hand|on paper,? because|days to answer|you can tell|speaking too slow|"
        r"retyp\w+|autocompleted|end of life|nine days|nobody believes|told me to|fourteen months|everyone does it on paper)",
    ),
    (
        "positive",
        2.5,
        r"(?:love[sd]?|like[sd]?|prefer\w*|happy with|fond of|big fan|soft spot|impress\w*|rate it|swear by|wedded to|loyal\w*|"
        r"well served|godsend|brilliant|excellent|fantastic|great|superb|lovely|quick|solid|first-class|very good|really good|good as gold|"
        r"smooth|reliable|simple|never (?:had|been) (?:a|any) (?:problem|issue)|no complaints?|jolly|pretty|straight with us|hungry)",
    ),
    (
        "positive",
        2.5,
        r"§(?:'s| is| was| are| were| have| has)? (?:\w+ ){0,3}(?:ahead|winning|in front|cheaper|won it|edge|better|good|fine|"
        r"great|best|free|half|the easy choice|doing well|lovely|quick)|nose (?:is )?(?:ahead|in front)|in favou?r of §|(?:ahead|half) of (?:you|that)",
    ),
    (
        "positive",
        2.2,
        r"§ (?:\w+ )?(?:threw in|throwing in|offered|comped|did us a solid|gave us|lets (?:me|us)|does (?:the|all|it)\b.*\byou don't|"
        r"would do it free|covers all|costs? (?:us )?nothing|came in (?:at|under|cheaper)|come in every)|(?:free|cheaper|for nothing|a dime|less)\b",
    ),
    (
        "positive",
        2,
        r"(?:why would (?:i|we) leave|no reason to (?:move|leave|change|switch)|do(?:n't|esn't) want to (?:leave|give)|always (?:find|seen|been)|"
        r"they pick up|pitchforks|knows? it inside out|know (?:where|our|the)|nobody's (?:calling|complaining)|standardi[sz]ed on|stay\w* (?:with|put)|"
        r"in the building|lives nearby|trust them|for (?:nine|nineteen|ten|twenty) years|we went with|we've signed with|gets me a deal|godfather|certified)",
    ),
    ("neutral", 0.6, r"\?\s*$|^(?:is|are|do|does|did|have|has|how|what|who|when|which|would|so)\b"),
)
_NOT_GOOD = re.compile(
    r"\b(?:not|n't|isn't|wasn't|aren't|hardly|never|no longer|too) (?:\w+ ){0,1}(?:happy|good|great|fond|reliable|impress|quick|simple|love|like)"
)
_QUESTION = re.compile(
    r"\?\s*$|^(?:so |and |okay |well )?(?:is|are|do|does|did|have you|has|how|what|who|when|which|would|could|was|were)\b"
)
_ASKED = _rules(
    (
        "evaluating",
        1.5,
        r"who else|anyone else|what else|compar\w+|looking at|other (?:vendors|options|people)|shortlist|"
        r"up against|quotes?|how many|evaluat\w+|alternatives",
    ),
    (
        "churned",
        1.5,
        r"(?:before|previously|used to|last (?:one|vendor|system|supplier)|in the past)\b.*\?|why did you (?:leave|switch)",
    ),
    (
        "incumbent",
        1.4,
        r"(?:what|which|who)\b.*\b(?:use|using|on|with|have|running|today|now|currently|provider|handles?|does)\b",
    ),
)
_REASON = re.compile(
    r"\b(?:because|since|mostly over|over the|'cause|cos|purely as|due to|so that)\s+(.+)", re.I
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with a candidate in it: its span in the passage and its parse."""

    start: int
    end: int
    doc: Doc

    def token_at(self, position: int) -> Token | None:
        """Return the parsed token at a character offset of the passage, if it was parsed."""
        offset = position - self.start
        return next((t for t in self.doc if t.idx <= offset < t.idx + len(t)), None)

    def tag_at(self, position: int) -> str:
        """Return the Penn Treebank tag at a character offset, empty when it was not parsed."""
        token = self.token_at(position)
        return str(token.tag_) if token is not None else ""


@dataclass(frozen=True, slots=True)
class View:
    """What is said about a competitor; ``reason`` is verbatim, empty where none is given."""

    relation: str
    stance: str
    reason: str


def describe(passage: Passage, sentence: Sentence, start: int, end: int) -> View:
    """Return relation, stance and reason for the name at ``start:end`` of the passage."""
    text = passage.text
    name = text[start:end].casefold()
    marked = _marked(text, (sentence.start, sentence.end), start, end)
    rest = [_plain(text[s:e]) for s, e in _neighbours(text, sentence)]
    relation = _relation(passage, marked, rest, name)
    stance = _stance(passage, marked, rest, sentence.token_at(start))
    return View(relation, stance, _reason(text, sentence, end) if stance != "neutral" else "")


def _relation(passage: Passage, marked: str, rest: list[str], name: str) -> str:
    cues: _Cues = {"mentioned": [1.0]}
    if passage.role is Role.REP:
        cues["mentioned"] = [1.6]
    elif not _QUESTION.search(marked):
        cues["incumbent"] = [1.2]
    _add(cues, _RELATIONS, marked, 1.0)
    for sentence in rest:
        _add(cues, _RELATIONS, sentence.replace(name, _MARK), _NEIGHBOUR)
    if passage.before:
        asked = _plain(passage.before[-1].text)
        for what, weight, question in _ASKED:
            if question.search(asked):
                cues.setdefault(what, []).append(weight)
    for distance, turn in enumerate(reversed(passage.before)):
        said = _plain(turn.text).replace(name, _MARK)
        if _MARK in said:
            _add(cues, _RELATIONS, said, _EARLIER / (1 + distance))
    return _heaviest(cues, ("mentioned", "incumbent", "evaluating", "churned", "chosen"))


def _stance(passage: Passage, marked: str, rest: list[str], token: Token | None) -> str:
    clause = _clause(marked)
    cues: _Cues = {"neutral": [1.0 + (1.2 if passage.role is Role.REP else 0.0)]}
    _add(cues, _STANCES, clause, 1.0)
    if clause != marked:
        _add(cues, _STANCES, marked, _SENTENCE)
    for sentence in rest:
        _add(cues, _STANCES, sentence, _NEIGHBOUR)
    if _NOT_GOOD.search(clause) or _negated(token):
        praise = cues.pop("positive", [])
        cues.setdefault("negative", []).extend(praise)
    if _QUESTION.search(marked):
        cues["neutral"].append(2.5)
    return _heaviest(cues, ("neutral", "negative", "positive"))


def _add(cues: _Cues, rules: _Rules, text: str, share: float) -> None:
    for what, weight, pattern in rules:
        if pattern.search(text):
            cues.setdefault(what, []).append(weight * share)


def _heaviest(cues: _Cues, order: Iterable[str]) -> str:
    """Return what the heaviest cue speaks for; further cues for the same add a part."""

    def weight(what: str) -> float:
        found = sorted(cues.get(what, [0.0]), reverse=True)
        return found[0] + _FURTHER * sum(found[1:])

    return max(order, key=weight)


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())


def _marked(text: str, span: Span, start: int, end: int) -> str:
    return _plain(f"{text[span[0] : start]}{_MARK}{text[end : span[1]]}")


def _clause(marked: str) -> str:
    """Return the clause of a marked sentence that holds the name."""
    position = marked.index(_MARK)
    left, right = 0, len(marked)
    for cut in _CLAUSE.finditer(marked):
        if cut.end() <= position and position - cut.end() > 0:
            left = cut.end()
        elif cut.start() > position + len(_MARK) + 10:
            right = cut.start()
            break
    return marked[left:right]


def _neighbours(text: str, sentence: Sentence) -> list[Span]:
    """Return the sentences before and after in the same passage."""
    spans = sentences(text)
    return [s for s in spans if s[1] <= sentence.start][-1:] + [s for s in spans if s[0] >= sentence.end][
        :1
    ]


def _negated(token: Token | None) -> bool:
    """Whether the verb that governs the name is negated and praises ("we don't love …")."""
    while token is not None and token.head.i != token.i:
        token = token.head
        if token.pos_ in {"VERB", "AUX"}:
            praise = token.lemma_.lower() in {"like", "love", "rate", "recommend", "trust", "prefer"}
            return praise and any(child.dep_ == "neg" for child in token.children)
    return False


def _reason(text: str, sentence: Sentence, end: int) -> str:
    """Return the words that give a reason after the name, at most 120 characters."""
    found = _REASON.search(text, end, sentence.end)
    if found is None:
        return ""
    start, stop = trim(text, *found.span(1), padding=" .,!?;:")
    words = text[start : min(stop, start + 120)]
    return words if stop - start <= 120 else words.rsplit(" ", 1)[0]
