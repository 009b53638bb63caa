"""E-mail addresses, phone numbers, cards and IBANs as they are written, found by Presidio.

Microsoft's Presidio (MIT) brings the patterns, the check digits of cards and IBANs, and Google's plans
of phone numbers. Only its recognisers are used: its engine would load a model of its own choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from callmine.redaction.spans import PersonalSpan, SpanKind

_KINDS: dict[str, SpanKind] = {
    "EMAIL_ADDRESS": "e-mail",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "PHONE_NUMBER": "phone",
}

REGIONS = ("US", "GB", "DE", "FR", "CH", "AT", "SE", "NL", "ES", "IT", "IE", "IN", "AU")
"""Countries in whose ways a phone number without a country's code is looked for."""

_LIKELY = re.compile(r"@|\d(?:[\s\d().,/+-]*\d){6}|[A-Z]{2}\d{2}")
"""What a text without any of these lacks everything that is looked for here: most have none."""

_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
_NUMBER = re.compile(r"(?<![\w+])(?:\+|00|0|\()\s?\d(?:[\s().,/-]{0,2}\d){6,14}(?!\w)")


@lru_cache(maxsize=1)
def _recognisers() -> list[Any]:
    # Presidio imports spaCy, which takes seconds: only who redacts pays them.
    from presidio_analyzer.predefined_recognizers import (
        CreditCardRecognizer,
        EmailRecognizer,
        IbanRecognizer,
        PhoneRecognizer,
    )

    class Addresses(EmailRecognizer):  # type: ignore[misc]
        """Presidio's own asks the network for the list of domains; any well-formed one will do here."""

        def validate_result(self, pattern_text: str) -> bool | None:
            """Leave the pattern's own score."""
            return None

    return [
        Addresses(),
        CreditCardRecognizer(),
        IbanRecognizer(),
        PhoneRecognizer(supported_regions=REGIONS),
    ]


def find_written(text: str) -> Iterator[PersonalSpan]:
    """Yield what is written in signs and digits; nothing of it needs the network."""
    if not _LIKELY.search(text):
        return
    for recogniser in _recognisers():
        for found in recogniser.analyze(text, recogniser.supported_entities, None):
            kind = _KINDS[found.entity_type]
            if not (kind == "phone" and _DATE.fullmatch(text[found.start : found.end].strip())):
                yield PersonalSpan(found.start, found.end, kind)
    # Recognisers group digits as they like, which no country's plan knows.
    for match in _NUMBER.finditer(text):
        if not _DATE.fullmatch(match.group()):
            yield PersonalSpan(match.start(), match.end(), "phone")
