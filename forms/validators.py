"""Normalising and checking what people type, before any field looks at it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from wtforms.validators import StopValidation, ValidationError

from forms.base import Message, _l

_ZEROES = ("\u0660", "\u06f0", "\uff10")  # Arabic-Indic, Eastern Arabic-Indic, full-width
_DIGITS = {ord(zero) + digit: str(digit) for zero in _ZEROES for digit in range(10)}
_SIGNS = {
    0x066B: ".",
    0x066C: "",
    0xFF0E: ".",
    0xFF0C: ",",
    0x060C: ",",
    0xFF0D: "-",
    0x2212: "-",
    0xFF05: "%",
    0x066A: "%",
}
_NUMBER_SIGNS = {**_DIGITS, **_SIGNS}

_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_OVERRIDES = re.compile("[\u202a-\u202e]")
_ISOLATES = re.compile("[\u2066-\u2069]")
_OPEN_ISOLATES = "\u2066\u2067\u2068"
_CLOSE_ISOLATE = "\u2069"

UNREADABLE = _l("This text holds a character that we cannot store. Type the text again instead of pasting it.")


class UnreadableText(ValueError):
    """The text holds NUL, another control character or half of a surrogate pair."""


def normalise_number(text: str) -> str:
    """Return ``text`` with Latin digits and a point as decimal sign.

    Reads the digits ٠-٩, ۰-۹ and full-width ones; a percent sign at the end and spaces are dropped.

    >>> normalise_number(" ٨٧٫٥ ")
    '87.5'
    """
    plain = "".join(text.translate(_NUMBER_SIGNS).split()).strip("\u200e\u200f\u061c").removesuffix("%")
    return plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain


def clean_text(text: str) -> str:
    """Return free text fit to store: NFC, one kind of newline, no direction overrides, isolates closed.

    Zero-width joiners and the marks U+200E, U+200F, U+061C stay, since Arabic and Persian need them.

    Raises:
        UnreadableText: the text holds NUL, another control of C0 or C1, a noncharacter or a lone surrogate.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    if _FORBIDDEN.search(unified):
        raise UnreadableText
    return _close_isolates(_OVERRIDES.sub("", unicodedata.normalize("NFC", unified))).strip()


def clean_name(text: str) -> str:
    """Return one line of text without any direction control except the plain marks.

    Raises:
        UnreadableText: see :func:`clean_text`.
    """
    return " ".join(_ISOLATES.sub("", clean_text(text)).split())


def _close_isolates(text: str) -> str:
    """Drop closing marks that close nothing and add the ones that are missing."""
    depth = 0
    kept: list[str] = []
    for character in text:
        if character in _OPEN_ISOLATES:
            depth += 1
        elif character == _CLOSE_ISOLATE:
            if depth == 0:
                continue
            depth -= 1
        kept.append(character)
    return "".join(kept) + _CLOSE_ISOLATE * depth


class Required:
    """Refuse an empty field; zero is a value."""

    def __init__(self, message: Message) -> None:
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        """Stop at once, so that an empty field gives one message."""
        if field.data is None or field.data == "":
            raise StopValidation(None if field.errors else self.message)


class AtMost:
    """Refuse text above a number of characters, naming both numbers."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.field_flags = {"maxlength": limit}

    def __call__(self, form: Any, field: Any) -> None:
        """Count code points after cleaning."""
        length = len(field.data or "")
        if length > self.limit:
            raise ValidationError(
                _l("Use %(limit)s characters or fewer. You have %(length)s.", limit=self.limit, length=length)
            )


class Matches:
    """Refuse text that does not wholly match a pattern."""

    def __init__(self, pattern: str, message: Message) -> None:
        self.pattern = re.compile(pattern)
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        """Leave an empty field to :class:`Required`."""
        if field.data and not self.pattern.fullmatch(field.data):
            raise ValidationError(self.message)


class WhenFinal:
    """Apply a check only when the form is sent for good, not when a draft is kept."""

    def __init__(self, check: Callable[[Any, Any], None]) -> None:
        self.check = check

    def __call__(self, form: Any, field: Any) -> None:
        """Ask the form whether this is the final sending."""
        if form.is_final:
            self.check(form, field)
