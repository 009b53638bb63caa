"""The playbook: what to listen for. Load, validate, hash.

Validation reports every fault at once, each with file, line, key, what is wrong and what to
write instead.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from callmine.domain import OBJECTION_LABELS, digest_of
from callmine.errors import SettingsError
from callmine.validation import did_you_mean, explain_faults, explain_toml

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
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
    domains: tuple[Name, ...] = ()


class Competitor(_Part):
    """A rival: canonical name, aliases, and recogniser spellings that a person confirmed."""

    name: Name
    aliases: tuple[Name, ...] = ()
    heard_as: tuple[Name, ...] = ()


class Objection(_Part):
    """An objection label: a new one, or a change to a built-in one of the same name."""

    label: Label
    title: Name | None = None
    enabled: bool = True
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

    @model_validator(mode="after")
    def _has_something_to_hear(self) -> Tracker:
        if not (self.examples or self.words):
            raise ValueError("needs examples or words to listen for")
        return self


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

    @model_validator(mode="after")
    def _consistent(self) -> Playbook:
        owner: dict[str, str] = {n.casefold(): "our own product" for n in self.own_names}
        for rival in self.competitors:
            for name in (rival.name, *rival.aliases, *rival.heard_as):
                taken = owner.setdefault(name.casefold(), rival.name)
                if taken != rival.name:
                    raise ValueError(f"the name {name!r} belongs to both {taken} and {rival.name}")
        for what, keys in (
            ("competitor", [c.name.casefold() for c in self.competitors]),
            ("objection label", [o.label for o in self.objections]),
            ("message id", [m.id for m in self.messages]),
            ("tracker", [t.name for t in self.trackers]),
        ):
            for key in {k for k in keys if keys.count(k) > 1}:
                raise ValueError(f"the {what} {key!r} is there twice; keep one")
        for answer in self.answers:
            if answer.objection not in self.titles(all_labels=True):
                raise ValueError(
                    f"[[answers]] names the objection {answer.objection!r}, which is neither built in"
                    f" nor in [[objections]]{did_you_mean(answer.objection, self.titles(all_labels=True))}"
                )
        return self

    @property
    def own_names(self) -> tuple[str, ...]:
        """Our company's and products' names."""
        return (self.company.name, *self.company.products)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Names to bias a recogniser with: competitors, ours, aliases; most telling first."""
        names = [c.name for c in self.competitors] + list(self.own_names)
        names += [alias for c in self.competitors for alias in c.aliases]
        return tuple(dict.fromkeys(names))

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
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SettingsError(
            f"{path}: there is no such playbook", hint="Create one with `callmine init`."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}", hint="Save it as UTF-8 text.") from error
    return parse_playbook(text, name=str(path))


def parse_playbook(text: str, *, name: str = "playbook.toml") -> Playbook:
    """Parse and validate the text of a playbook; ``name`` is used in messages.

    Raises:
        SettingsError: The text is not TOML or does not validate.
    """
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(explain_toml(error, text, name), hint="Mend that line.") from error
    try:
        return Playbook.model_validate(data)
    except ValidationError as error:
        faults = "\n".join(explain_faults(error, Playbook, text, name))
        raise SettingsError(faults, hint="Mend these and run `callmine playbook check`.") from error


__all__ = ["Playbook", "load_playbook", "parse_playbook"]
