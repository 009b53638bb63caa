"""Redaction: personal data in what leaves the workspace is found and marked.

Pure: a text and who is known, to spans. It helps, and guarantees nothing: who is not known, is called by
a name that no list has, or is told apart by what he says, stays in the text.

A module a part: :mod:`~callmine.redaction.people` (who is known), :mod:`~callmine.redaction.names`,
:mod:`~callmine.redaction.written` (Presidio), :mod:`~callmine.redaction.spoken`,
:mod:`~callmine.redaction.language` (the language model), :mod:`~callmine.redaction.marking`.
"""

from callmine.redaction.language import Reader, SmallEnglish
from callmine.redaction.marking import Marked, Marker
from callmine.redaction.people import KnownPeople, name_of_address, parts_of
from callmine.redaction.redactor import Redactor
from callmine.redaction.spans import KINDS, PersonalSpan, SpanKind

__all__ = [
    "KINDS",
    "KnownPeople",
    "Marked",
    "Marker",
    "PersonalSpan",
    "Reader",
    "Redactor",
    "SmallEnglish",
    "SpanKind",
    "name_of_address",
    "parts_of",
]
