"""The sections of ``callmine.toml``: each key with its default, its limits and what it is for."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from callmine.validation import LANGUAGE_HINT, disjoint_groups, language_code

ComputeType = Literal[
    "auto",
    "default",
    "int8",
    "int8_float32",
    "int8_float16",
    "int8_bfloat16",
    "int16",
    "float16",
    "bfloat16",
    "float32",
]
"""What CTranslate2 can compute in; which of them a machine can, it says itself."""

PATTERN_FIELDS = ("date", "time", "account", "rep", "title", "external_id", "deal_id")


def known_zone(name: str) -> str:
    """Return the name of a time zone.

    Raises:
        ValueError: There is none of that name.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone; write one such as Europe/Berlin") from error
    return name


def _known_pattern(pattern: str) -> str:
    fields = re.findall(r"\{([^}]*)\}", pattern)
    for field in fields:
        if field not in PATTERN_FIELDS:
            known = ", ".join("{" + name + "}" for name in PATTERN_FIELDS)
            raise ValueError(f"{{{field}}} is unknown; use {known}")
        if fields.count(field) > 1:
            raise ValueError(f"{{{field}}} is there twice; keep one")
    return pattern


def _known_language(code: str) -> str:
    try:
        return language_code(code) if code else ""
    except ValueError as fault:
        raise ValueError(f"{fault}; {LANGUAGE_HINT[0].lower()}{LANGUAGE_HINT[1:-1]}") from fault


class Section(BaseModel):
    """A section of the settings: no key that is not known, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class IngestSettings(Section):
    """How recordings are taken in."""

    min_seconds: float = Field(5.0, ge=0, description="shorter recordings are skipped as too_short")
    file_pattern: Annotated[str, AfterValidator(_known_pattern)] = Field(
        "", description='facts from file names, such as "{date}_{time}_{account}_{rep}"'
    )


class TranscribeSettings(Section):
    """Which engine listens, and how."""

    engine: Literal["faster_whisper", "openai_whisper", "replay"] = Field(
        "faster_whisper", description="faster_whisper, openai_whisper or replay"
    )
    model: str = Field("base", min_length=1, description="a model name, or the path of a model folder")
    language: Annotated[str, AfterValidator(_known_language)] = Field(
        "", description="ISO 639-1 code; empty: detect per call"
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto, cpu or cuda")
    compute_type: ComputeType = Field("auto", description="auto: int8 on CPU, float16 on GPU")
    beam_size: int = Field(5, ge=1, le=20, description="5 is the safe setting, 1 the quick one")
    batch_size: int = Field(
        0, ge=0, le=256, description="windows decoded at once; 0: by the device and its memory"
    )
    replay_folder: str = Field("", description="recorded transcripts, for the replay engine")


class VoiceSettings(Section):
    """Who spoke, in mono recordings."""

    diarize: bool = Field(True, description="tell the voices of a mono recording apart")
    max_voices: int = Field(6, ge=2, le=6, description="voices that are told apart at most")
    enrol: bool = Field(
        False, description="learn reps' voices from stereo calls and know them in mono ones; kept only here"
    )


class AttributeSettings(Section):
    """Who is who."""

    rep_channel: Literal["left", "right", ""] = Field(
        "", description="channel of the rep where a call's facts do not say; empty: not known"
    )
    min_confidence: float = Field(
        0.8, ge=0.5, le=1, description="a role from what a voice says is given from this probability on"
    )


class LinkSettings(Section):
    """How calls are tied to deals."""

    min_confidence: float = Field(
        0.7, ge=0, le=1, description="a call is tied to its likeliest deal from this probability on"
    )


class DigestOptions(Section):
    """What the weekly digest counts and shows."""

    min_score: float = Field(
        0.0,
        ge=0,
        le=1,
        description="findings below are not counted; 0: objections as the model card says, others 0.5",
    )
    min_role_confidence: float = Field(0.8, ge=0, le=1, description="roles below count as unknown")
    clips: bool = Field(True, description="embed the audio of the quotes")
    max_clip_mb: float = Field(4.0, ge=0, le=50, description="limit for all embedded audio of a page")


class OutcomeOptions(Section):
    """What the report on won and lost deals takes for enough."""

    smallest_effect: float = Field(
        0.10,
        gt=0,
        le=0.5,
        description="smallest difference between win rates that matters: 0.10 is 10 points",
    )
    min_deals: int = Field(
        5, ge=2, le=1000, description="deals with and without something from which on it is compared"
    )
    max_q: float = Field(
        0.05, gt=0, le=0.5, description="share of false discoveries accepted among what is reported"
    )
    sensitivity_days: int = Field(
        14, ge=0, le=365, description="days before close whose calls the second look leaves out"
    )
    months: int = Field(
        12,
        ge=1,
        le=120,
        description="deals closed in so many months are looked at, unless --since says more",
    )


class MessagesSettings(Section):
    """How the adoption of approved messages is told.

    The report is about messages, not about people: see [messages](playbook.md#messages).
    """

    groups: Annotated[dict[str, tuple[str, ...]], AfterValidator(disjoint_groups)] = Field(
        default_factory=dict,
        description='groups of reps by name or e-mail: { EMEA = ["…", "…", "…"] }; told from three reps on',
    )
    per_rep: bool = Field(
        False, description="tell each rep's own figures; off: this is not for watching people"
    )


class RedactionSettings(Section):
    """What redaction leaves in what goes out of the workspace: see [redaction](redaction.md).

    It helps, and guarantees nothing.
    """

    keep_accounts: bool = Field(True, description="accounts stay by name: they are companies, not persons")
    keep_reps: bool = Field(False, description="our own people may be named")


class SecondReaderSettings(Section):
    """A language model that reads findings again. None is asked unless `model` names one.

    What it is asked goes to whoever runs the model: see [the second reader](second-reader.md).
    """

    model: str = Field(
        "", description="a model of the llm library, by name or alias; empty: nobody is asked"
    )
    options: dict[str, bool | int | float | str] = Field(
        default_factory=dict, description="options of that model, such as { temperature = 0 }"
    )
    kinds: tuple[Literal["objection", "competitor", "positioning", "tracker"], ...] = Field(
        ("objection",), description="kinds of findings that are read again"
    )
    max_calls: int = Field(200, ge=0, description="questions that a run, or a report, may ask")
    timeout_s: float = Field(60.0, gt=0, le=3600, description="seconds to wait for an answer")
    headlines: bool = Field(False, description="a checked headline over each objection's quotes")


class RunSettings(Section):
    """How work is spread."""

    jobs: int = Field(0, ge=0, le=256, description="worker processes; 0: one per core")
    worker_mb: int = Field(
        0,
        ge=0,
        description="MB a worker may hold before a fresh one takes over; 0: half more than loaded + 500",
    )
