"""Faults of what people write, told to them: of a TOML file, with line and key; of a language."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from callmine.errors import SettingsError

Place = tuple[int | str, ...]
"""Where a value is: keys and, in lists, positions from 0."""

Rules = Callable[[dict[str, Any]], Iterable[tuple[Place, str]]]
"""What a schema cannot say: takes what a file holds, valid or not, and yields faults with places."""

Model = TypeVar("Model", bound=BaseModel)

_CODES = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de
    dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha haw he hi ho hr ht hu hy hz ia
    id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt
    lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt
    qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to
    tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo yue za zh zu
"""

LANGUAGES = frozenset(_CODES.split())
"""ISO 639-1 codes, and the two longer ones that recognisers use."""

YEARS = range(1970, 2200)
"""Years a date may be in; others are typing errors or damage."""

LANGUAGE_HINT = "Write an ISO 639-1 code, such as en or de."
"""What to do about a language that is not a code."""


def read_toml(path: Path, *, what: str, start: str) -> str:
    """Read the text of a TOML file that a person writes.

    Args:
        path: The file.
        what: What it is, such as ``playbook``.
        start: What to do when there is none.

    Raises:
        SettingsError: There is no such file, or it is not text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: there is no such {what}", hint=start) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}", hint="Save it as UTF-8 text.") from error


def parse_toml(
    model: type[Model], text: str, *, name: str, hint: str, rules: Rules = lambda data: ()
) -> Model:
    """Return the value of a TOML text, or tell every fault of it at once, in the order of the lines.

    Args:
        model: The schema.
        text: The text of the file.
        name: How messages call the file.
        hint: What to do once the faults are mended.
        rules: What else must hold. They see values that the schema refused, too, so that nobody
            has to mend one kind of fault before the other is told.

    Raises:
        SettingsError: The text is not TOML or does not validate.
    """
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(explain_toml(error, text, name), hint="Mend that line.") from error
    value, cause = None, None
    faults: list[tuple[Place, str]] = []
    try:
        value = model.model_validate(data)
    except ValidationError as error:
        faults, cause = list(_faults(error, model)), error
    known = {place for place, _ in faults}
    faults += [(place, message) for place, message in rules(data) if place not in known]
    if value is None or faults:
        raise SettingsError("\n".join(_told(faults, text, name)), hint=hint) from cause
    return value


def explain_faults(error: ValidationError, model: type[BaseModel], text: str, name: str) -> Iterator[str]:
    """Yield ``file:line: key: what is wrong; what to write`` for each fault of a TOML file."""
    yield from _told(_faults(error, model), text, name)


def _told(faults: Iterable[tuple[Place, str]], text: str, name: str) -> list[str]:
    lines = []
    for place, message in faults:
        key = ".".join(f"[{p + 1}]" if isinstance(p, int) else str(p) for p in place).replace(".[", "[")
        line = _line_of(text, place)
        told = f"{name}:{line}: " if line else f"{name}: "
        lines.append((line or 0, told + (f"{key}: {message}" if key else message)))
    return [told for _, told in sorted(lines, key=lambda pair: pair[0])]


def _faults(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Place, str]]:
    for fault in error.errors():
        yield fault["loc"], _in_words(fault, model)


def _in_words(fault: Any, model: type[BaseModel]) -> str:
    """Return a fault of the schema in words for somebody who has never heard of tuples."""
    kind, place, context = fault["type"], fault["loc"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        known = list(_fields_at(model, place[:-1]))
        return f"unknown key{did_you_mean(str(place[-1]), known)}; known keys: {', '.join(known)}"
    if kind == "missing":
        return f"is missing; add {place[-1]} = …"
    if kind == "string_pattern_mismatch":
        hyphens = "-" in context["pattern"].replace("a-z0-9", "")
        return f"use small letters, digits and underscores{', or hyphens' if hyphens else ''}"
    if kind in ("tuple_type", "list_type", "model_type", "model_attributes_type", "dict_type"):
        listed, given = kind in ("tuple_type", "list_type"), fault["input"]
        if listed and not any(_fields_at(model, place)):
            short = isinstance(given, str) and 0 < len(given) < 60 and '"' not in given
            return f'write a list: ["{given if short else "…"}"]'
        several = listed or any(isinstance(part, int) for part in place)
        whole = ".".join(map(str, place))
        return f"use double brackets: [[{place[0]}]]" if several else f"use single brackets: [{whole}]"
    return _PLAIN.get(kind, "{message}").format(
        message=fault["msg"].removeprefix("Value error, "),
        **{key: value for key, value in context.items() if key != "error"},
    )


_PLAIN = {
    "string_too_short": "must not be empty",
    "string_too_long": "must not be longer than {max_length} characters",
    "string_type": 'write text in quotes: "…"',
    "bool_type": "write true or false, without quotes",
    "bool_parsing": "write true or false",
    "literal_error": "write {expected}",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "greater_than_equal": "must be greater than or equal to {ge}",
    "less_than_equal": "must be less than or equal to {le}",
    "float_type": "write a number",
    "float_parsing": "write a number",
}
"""What to write, by the schema library's name of the fault; others keep its sentence."""


def explain_toml(error: Exception, text: str, name: str) -> str:
    """Return ``file:line: what is wrong`` for a text that is not TOML."""
    found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", str(error))
    line = (found[1] or len(text.splitlines())) if found else None
    what = str(error).replace(found[0], "") if found else str(error)
    return f"{name}:{line}: not valid TOML: {what}" if line else f"{name}: not valid TOML: {what}"


def language_code(text: str) -> str:
    """Return the code of a language as people write it: ``en`` for ``EN``, ``en-US`` and ``en_us``.

    Raises:
        ValueError: It is not in :data:`LANGUAGES`; :data:`LANGUAGE_HINT` says what to write.
    """
    code = re.split(r"[-_]", text.strip().casefold())[0]
    if code not in LANGUAGES:
        raise ValueError(f"language {text!r} is not a code")
    return code


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the nearest known word in any case, or nothing."""
    close = nearest_words(word, known, most=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def nearest_words(word: str, known: Iterable[str], *, most: int, alike: float = 0.6) -> list[str]:
    """Return the known words that are spelt most like another in any case, the nearest first.

    Args:
        word: What was written.
        known: What could have been meant.
        most: How many to return.
        alike: How like it they are at least, 0 to 1.
    """
    # str() also turns a member of an enumeration into its value, which is what people write.
    folded = {str(name).casefold(): str(name) for name in known}
    close = difflib.get_close_matches(word.casefold(), list(folded), n=most, cutoff=alike)
    return [folded[name] for name in close]


def _fields_at(model: type[BaseModel], place: Place) -> Iterator[str]:
    """Yield the field names of the nested model at ``place``."""
    current: Any = model
    for part in place:
        if isinstance(part, int) or not (isinstance(current, type) and issubclass(current, BaseModel)):
            continue
        annotation: Any = current.model_fields[part].annotation
        inner = [a for a in get_args(annotation) if isinstance(a, type) and issubclass(a, BaseModel)]
        current = inner[0] if inner else annotation
    if isinstance(current, type) and issubclass(current, BaseModel):
        yield from current.model_fields


def _line_of(text: str, place: Place) -> int | None:
    """Find the line of a key: the n-th ``[[table]]`` header, then the key below it."""
    lines = text.splitlines()
    start = 0
    names = [p for p in place if isinstance(p, str)]
    index = next((p for p in place if isinstance(p, int)), 0)
    if not names:
        return None
    header = re.compile(rf"^\s*\[\[?\s*{re.escape(names[0])}\s*\]\]?")
    seen = -1
    for number, line in enumerate(lines):
        if header.match(line):
            seen += 1
            start = number
            if seen == index:
                break
    # Without a header the whole is written as one value: competitors = [{name = "…"}].
    key = re.compile(rf"^\s*\"?{re.escape(names[-1] if seen >= 0 else names[0])}\"?\s*=")
    for number in range(start, len(lines)):
        if key.match(lines[number]):
            return number + 1
        if number > start and lines[number].lstrip().startswith("["):
            break
    return start + 1 if seen >= 0 else None


def disjoint_groups(groups: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Refuse a rep in two groups: the difference of two groups' figures would be that rep's own."""
    owner: dict[str, str] = {}
    for group, reps in groups.items():
        for rep in {rep.strip().casefold(): rep for rep in reps}.values():
            other = owner.setdefault(rep.strip().casefold(), group)
            if other != group:
                raise ValueError(f"{rep!r} is in both {other!r} and {group!r}; keep one")
    return groups


_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9-]+"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(\.{_ATOM})*@(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address as every server takes it: ASCII, no quotes, no comments.

    Dots stand between other signs, RFC 5322 section 3.2.3: ``a..b@x.org`` and ``.a@x.org`` are none.
    """
    return _ADDRESS.fullmatch(text) is not None
