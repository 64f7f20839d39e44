"""Answers that need a reason have one."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from evalsys.errors import Invalid
from evalsys.services.questionnaires.document import Document, columns


class Answers(Protocol):
    """What was sent: codes in the order of the document's columns, reasons by indicator code."""

    @property
    def codes(self) -> Sequence[int]:
        """One code a column."""

    @property
    def reasons(self) -> Mapping[str, str]:
        """By indicator code."""


def require_reasons(document: Document, given: Answers) -> None:
    """Raise Invalid when an answer at an end of its scale lacks the reason that the document asks for."""
    codes = dict(zip((code for code, _ in columns(document)), given.codes, strict=True))
    for item in document.items:
        code = codes.get(item.code, 0)
        if item.reason is None or not 1 <= code <= item.points or given.reasons.get(item.code, "").strip():
            continue
        if item.reason.applies_to(item.value_of(code)):
            raise Invalid("Give a reason for every answer at an end of the scale that needs one.")
