"""Language codes: callmine keeps those of ISO 639-1, and Whisper calls a few languages otherwise."""

from __future__ import annotations

from callmine.errors import CallError

_WHISPER = {"nb": "no", "jv": "jw"}
_ISO = {"jw": "jv"}  # "no" is in ISO 639-1, too


def whisper_code(code: str) -> str:
    """Return Whisper's code for one of ISO 639-1."""
    return _WHISPER.get(code, code)


def iso_code(code: str) -> str:
    """Return the ISO 639-1 code for one of Whisper's; Hawaiian and Cantonese have none and keep theirs."""
    return _ISO.get(code, code)


def not_known(source: str, language: str, model: str) -> CallError:
    """Return the error for a call in a language that the model has no token for."""
    return CallError(
        f"{source} is in {language!r}, a language that {model} does not know",
        hint="Leave `language` empty, in the manifest or under [transcribe], to have it detected;"
        " or add a transcript that another recogniser made.",
    )


def english_only(source: str, language: str, model: str) -> CallError:
    """Return the error for a call in another language that goes to a model of English only."""
    return CallError(
        f"{source} is in {language!r}, and {model} knows English only",
        hint="Use a multilingual model such as base, then run `callmine retry`.",
    )
