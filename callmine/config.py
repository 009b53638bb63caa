"""Workspace settings: defaults < ``callmine.toml`` < environment < flags.

Defaults stand in :mod:`callmine.settings_sections`, their only home, and with those of deliveries in
:mod:`callmine.delivery_settings`. Every key is documented by its field description, which the generated
``callmine.toml`` shows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as UnreadableVariable

from callmine.delivery_settings import DeliverySettings
from callmine.errors import SettingsError
from callmine.settings_sections import (
    AttributeSettings,
    DigestOptions,
    IngestSettings,
    LinkSettings,
    MessagesSettings,
    OutcomeOptions,
    RedactionSettings,
    RunSettings,
    SecondReaderSettings,
    Section,
    TranscribeSettings,
    VoiceSettings,
    known_zone,
)
from callmine.validation import explain_faults, explain_toml


class Settings(Section):
    """Everything that can be set in ``callmine.toml``."""

    timezone: Annotated[str, AfterValidator(known_zone)] = Field(
        "UTC", description="times are shown, and weeks begin, in this zone"
    )
    user: str = Field(
        "", description="your name, kept with what you correct; empty: your account's on this computer"
    )
    models_folder: str = Field("", description="where model files are kept; empty: the user's cache")
    ingest: IngestSettings = IngestSettings()
    transcribe: TranscribeSettings = TranscribeSettings()
    voices: VoiceSettings = VoiceSettings()
    attribute: AttributeSettings = AttributeSettings()
    link: LinkSettings = LinkSettings()
    digest: DigestOptions = DigestOptions()
    outcomes: OutcomeOptions = OutcomeOptions()
    messages: MessagesSettings = MessagesSettings()
    redaction: RedactionSettings = RedactionSettings()
    second_reader: SecondReaderSettings = SecondReaderSettings()
    delivery: DeliverySettings = DeliverySettings()
    run: RunSettings = RunSettings()


class _Layers(Settings, BaseSettings):
    """The file below the environment (``CALLMINE_TRANSCRIBE__MODEL=tiny.en``)."""

    model_config = SettingsConfigDict(
        env_prefix="CALLMINE_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment above the file."""
        return env_settings, init_settings


def load_settings(path: Path | None, flags: Mapping[str, Any] | None = None) -> Settings:
    """Read ``callmine.toml``, the environment and flags, the later winning.

    Args:
        path: The settings file, or ``None`` for defaults and environment only.
        flags: Nested mapping of overrides, such as ``{"run": {"jobs": 2}}``.

    Raises:
        SettingsError: A fault in any of them; all faults are listed.
    """
    text, data = "", {}
    if path is not None:
        try:
            text = path.read_text(encoding="utf-8-sig")
            data = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise SettingsError(explain_toml(error, text, str(path)), hint="Mend that line.") from error
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: {error}", hint="Save it as UTF-8 text.") from error
    # Layer by layer, so that a fault is looked for where it is.
    name, hint = str(path), "Mend these keys."
    try:
        Settings.model_validate(data)
        name, text, hint = "environment", "", "Mend these variables: CALLMINE_SECTION__KEY=value."
        layered = _Layers(**data)
        name, hint = "recipe or options", "Mend the recipe's [settings], or the option."
        return Settings.model_validate(merged(layered.model_dump(), flags or {}))
    except ValidationError as error:
        faults = "\n".join(explain_faults(error, Settings, text, name))
        raise SettingsError(faults, hint=hint) from error
    except UnreadableVariable as error:
        raise SettingsError(f"{name}: {error}", hint=hint) from error


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested settings with others over them, key by key."""
    result = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result


_TABLES = {
    "recipients": (
        "# [[delivery.recipients]]",
        '# name = "Product marketing"',
        '# email = "marketing@example.com"',
        '# reports = ["digest"]',
        "# redact = true  # leave personal data out of quotes",
    ),
}
"""Lists of tables: an example each, as a comment; TOML cannot add to a list that is written empty."""


def settings_text(settings: Settings) -> str:
    """Return a commented ``callmine.toml`` for ``settings``."""
    lines = ["# callmine settings. Environment variables win: CALLMINE_TRANSCRIBE__MODEL=tiny.en"]
    sections = []
    for key, info in Settings.model_fields.items():
        value = getattr(settings, key)
        if isinstance(value, BaseModel):
            sections.append((key, value))
        else:
            lines.append(f"{key} = {_toml(value)}  # {info.description}")
    for key, section in sections:
        lines += ["", f"[{key}]"]
        for name, info in type(section).model_fields.items():
            if name in _TABLES:
                lines += ["", *(_tables(f"{key}.{name}", getattr(section, name)) or _TABLES[name])]
                continue
            lines.append(f"{name} = {_toml(getattr(section, name))}  # {info.description}")
    return "\n".join(lines) + "\n"


def _tables(name: str, values: tuple[BaseModel, ...]) -> list[str]:
    return [
        line
        for value in values
        for line in (f"[[{name}]]", *(f"{key} = {_toml(part)}" for key, part in value), "")
    ]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_toml(key)} = {_toml(part)}" for key, part in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return str(value)
