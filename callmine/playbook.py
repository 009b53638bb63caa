"""The playbook: what to listen for. Load, validate, hash.

Validation reports every fault at once, each with file, line, key, what is wrong and what to
write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, StrictBool, StringConstraints

from callmine.domain import OBJECTION_LABELS, digest_of
from callmine.validation import Place, did_you_mean, parse_toml, read_toml


def _bare_domain(text: str) -> str:
    """Refuse what is pasted from a browser or an address book: it would match no address at all."""
    label = r"[^\W_](?:[\w-]*[^\W_])?"
    domain = rf"{label}(?:\.{label})+"
    if re.fullmatch(rf"@?{domain}", text):
        return text
    found = re.search(rf"(?:@|//)({domain})", text) or re.search(rf"({domain})", text)
    remedy = found[1].removeprefix("www.") if found else "acme.example"
    raise ValueError(f'{text!r} is not a mail domain; write "{remedy}"')


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Domain = Annotated[Name, AfterValidator(_bare_domain)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Form = Literal["question", "statement", "any"]
Position = Literal["first_third", "middle", "last_third", "any"]

TITLES = {
    "price": "Price",
    "timing": "Timing",
    "authority": "Authority",
    "no_need": "No need",
    "incumbent": "Current vendor",
    "trust": "Trust",
    "feature_gap": "Missing feature",
    "integration": "Integration",
    "security": "Security and compliance",
    "implementation": "Effort to implement",
    "contract": "Contract terms",
    "brush_off": "Brush-off",
}
"""How the built-in objection labels are shown to people."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Company(_Part):
    """Who we are: names, products, and the e-mail domains that make someone one of us."""

    name: Name
    products: tuple[Name, ...] = ()
    domains: tuple[Domain, ...] = ()


class Competitor(_Part):
    """A rival: canonical name, aliases, and recogniser spellings that a person confirmed."""

    name: Name
    aliases: tuple[Name, ...] = ()
    heard_as: tuple[Name, ...] = ()


class Objection(_Part):
    """An objection label: a new one, or a change to a built-in one of the same name."""

    label: Label
    title: Name | None = None
    enabled: StrictBool = True
    examples: tuple[Name, ...] = ()


class Message(_Part):
    """An approved positioning message."""

    id: Slug
    text: Name


class Tracker(_Part):
    """Anything else to listen for, by example or by word."""

    name: Name
    examples: tuple[Name, ...] = ()
    words: tuple[Name, ...] = ()
    role: Literal["rep", "prospect", "any"] = "any"
    form: Form = "any"
    position: Position = "any"
    stage: tuple[Name, ...] = ()


class Answer(_Part):
    """How reps should answer an objection."""

    objection: Label
    text: Name


class Persona(_Part):
    """A kind of buyer, by job title."""

    name: Name
    titles: tuple[Name, ...] = ()


class Playbook(_Part):
    """Everything the extractors listen for."""

    company: Company
    competitors: tuple[Competitor, ...] = ()
    objections: tuple[Objection, ...] = ()
    messages: tuple[Message, ...] = ()
    trackers: tuple[Tracker, ...] = ()
    answers: tuple[Answer, ...] = ()
    personas: tuple[Persona, ...] = ()

    @property
    def own_names(self) -> tuple[str, ...]:
        """Our company's and products' names."""
        return (self.company.name, *self.company.products)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Names to bias a recogniser with: ours, which every call says, competitors, their aliases."""
        names = [*self.own_names, *(c.name for c in self.competitors)]
        names += [alias for c in self.competitors for alias in c.aliases]
        return tuple(dict.fromkeys(names))

    @property
    def rivals(self) -> dict[str, str]:
        """Return the competitors by their names and aliases, folded."""
        return {name.casefold(): c.name for c in self.competitors for name in (*c.aliases, c.name)}

    @property
    def digest(self) -> str:
        """Hash of everything in the playbook; the playbook's version."""
        return digest_of(self.model_dump(mode="json"))

    def titles(self, *, all_labels: bool = False) -> dict[str, str]:
        """Return ``label -> title`` of the enabled objection labels (or of all)."""
        titles = {label: TITLES[label] for label in OBJECTION_LABELS}
        for objection in self.objections:
            fallback = titles.get(objection.label, objection.label.replace("_", " ").capitalize())
            titles[objection.label] = objection.title or fallback
            if not (objection.enabled or all_labels):
                del titles[objection.label]
        return titles


def load_playbook(path: Path) -> Playbook:
    """Read and validate a ``playbook.toml``.

    Raises:
        SettingsError: With every fault listed, each on a line of its own.
    """
    text = read_toml(path, what="playbook", start="Create one with `callmine init`.")
    return parse_playbook(text, name=str(path))


def parse_playbook(text: str, *, name: str = "playbook.toml") -> Playbook:
    """Parse and validate the text of a playbook; ``name`` is used in messages.

    Raises:
        SettingsError: The text is not TOML or does not validate.
    """
    hint = "Mend these and run `callmine playbook check`."
    return parse_toml(Playbook, text, name=name, hint=hint, rules=_inconsistencies)


def _inconsistencies(data: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield what is wrong between the sections; sections that the schema refuses are passed over."""
    yield from _shared_names(data)
    for section, what, key in (
        ("competitors", "competitor", "name"),
        ("objections", "objection label", "label"),
        ("messages", "message id", "id"),
        ("trackers", "tracker", "name"),
    ):
        seen: set[str] = set()
        for number, part in _parts(data, section):
            for name in _texts(part.get(key)):
                folded = name.casefold()  # `findings --label` asks for names in any case
                if folded in seen:
                    yield (section, number, key), f"the {what} {name!r} is there twice; keep one"
                seen.add(folded)
    labels = {text for _, part in _parts(data, "objections") for text in _texts(part.get("label"))}
    for number, part in _parts(data, "objections"):
        for label in _texts(part.get("label")):
            if label not in OBJECTION_LABELS and not part.get("examples"):
                yield (
                    ("objections", number, "label"),
                    f"{label!r} is a new label, and without examples it never finds anything; add"
                    f' examples = ["…", "…"]{did_you_mean(label, OBJECTION_LABELS)}',
                )
    for number, part in _parts(data, "trackers"):
        if not (part.get("examples") or part.get("words")):
            yield ("trackers", number), 'needs examples or words to listen for; add words = ["…"]'
    known = (*OBJECTION_LABELS, *sorted(labels))
    for number, part in _parts(data, "answers"):
        for label in _texts(part.get("objection")):
            if label not in known:
                what = f"{label!r} is neither built in nor in [[objections]]{did_you_mean(label, known)}"
                yield ("answers", number, "objection"), what


def _shared_names(data: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield names that belong to two: competitors, or a competitor and us."""
    company = data.get("company")
    ours = company if isinstance(company, dict) else {}
    own = {name.casefold() for name in (*_texts(ours.get("name")), *_texts(ours.get("products")))}
    owner: dict[str, str] = {}
    for number, part in _parts(data, "competitors"):
        rival = next(iter(_texts(part.get("name"))), f"competitor {number + 1}")
        for key in ("name", "aliases", "heard_as"):
            for name in _texts(part.get(key)):
                whose = owner.setdefault(name.casefold(), rival)
                if name.casefold() in own:
                    yield ("competitors", number, key), f"the name {name!r} is our own; take it out here"
                # Two competitors of one name are told once, as that.
                elif whose.casefold() != rival.casefold():
                    what = f"the name {name!r} belongs to both {whose} and {rival}; keep one"
                    yield ("competitors", number, key), what


def _parts(data: dict[str, Any], section: str) -> list[tuple[int, dict[str, Any]]]:
    """Return the tables of a section, with their positions."""
    found = data.get(section)
    parts = found if isinstance(found, list) else []
    return [(number, part) for number, part in enumerate(parts) if isinstance(part, dict)]


def _texts(value: Any) -> list[str]:
    """Return the texts in a value that should be one, or a list of them."""
    values = value if isinstance(value, list) else [value]
    return [text for v in values if isinstance(v, str) and (text := v.strip())]


__all__ = ["Playbook", "load_playbook", "parse_playbook"]
