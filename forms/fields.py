"""Fields of our own: they normalise input, keep what was typed for the next showing, and explain in our words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import Field

from forms.base import Message, _l
from forms.validators import UNREADABLE, UnreadableText, clean_name, clean_text, normalise_number

_PICK_ONE = _l("Choose one of the answers shown.")
_DATE_HELP = _l("Enter a real date, for example 2025-09-30.")
_INTEGER = re.compile(r"[+-]?\d{1,9}")
_DECIMAL = re.compile(r"[+-]?\d{1,9}(\.\d{1,6})?")


class OwnField(Field):
    """A field that remembers what was typed; ``shown`` is the text for the control."""

    data: Any = None
    typed: str | None = None

    @property
    def shown(self) -> str:
        """The typed text when there is one, otherwise the stored value as text."""
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else self.write(self.data)

    def write(self, value: Any) -> str:
        """Return a stored value as the text of the control."""
        return str(value)

    def read(self, text: str) -> Any:
        """Return the value of typed text; raise ``ValueError`` with a message of ours."""
        return text

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the single value sent; a field sent twice is not guessed at."""
        if not valuelist:
            return
        self.data = None
        if len(valuelist) > 1:
            raise ValueError(_PICK_ONE)
        try:
            self.typed = clean_text(valuelist[0])
        except UnreadableText as error:
            self.typed = ""
            raise ValueError(UNREADABLE) from error
        self.data = self.read(self.typed) if self.typed else None


class CleanTextField(OwnField):
    """One line of text, such as a name: no direction controls, spaces collapsed. ``data`` is ``""`` when empty."""

    def read(self, text: str) -> str:
        """Collapse to one line."""
        return clean_name(text)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read as any field of ours, with ``""`` for nothing."""
        super().process_formdata(valuelist)
        self.data = self.data or ""


class CleanTextArea(OwnField):
    """Several lines of text. ``data`` is ``""`` when empty."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read as any field of ours, with ``""`` for nothing."""
        super().process_formdata(valuelist)
        self.data = self.data or ""


class SecretField(Field):
    """A password: taken as typed, never shown again, never cleaned."""

    data: str = ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Refuse what cannot be encoded; otherwise keep every character."""
        self.data = valuelist[0] if valuelist else ""
        try:
            self.data.encode("utf-8")
        except UnicodeEncodeError as error:
            self.data = ""
            raise ValueError(UNREADABLE) from error


class LocalisedIntegerField(OwnField):
    """A whole number between ``low`` and ``high``, in any of the four digit sets. ``data`` is ``int | None``."""

    def __init__(self, label: Message, *args: Any, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(label, *args, **kwargs)
        self.low = low
        self.high = high

    def read(self, text: str) -> int:
        """Raise our message for anything but a whole number in range."""
        number = normalise_number(text)
        if not _INTEGER.fullmatch(number) or not self.low <= int(number) <= self.high:
            raise ValueError(_l("Enter a whole number from %(low)s to %(high)s.", low=self.low, high=self.high))
        return int(number)


class LocalisedDecimalField(OwnField):
    """A number between ``low`` and ``high``, point or comma as decimal sign. ``data`` is ``Decimal | None``, exact."""

    def __init__(self, label: Message, *args: Any, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(label, *args, **kwargs)
        self.low = low
        self.high = high

    def read(self, text: str) -> Decimal:
        """Raise our message for anything but a number in range."""
        number = normalise_number(text)
        if not _DECIMAL.fullmatch(number) or not self.low <= Decimal(number) <= self.high:
            raise ValueError(
                _l("Enter a number from %(low)s to %(high)s, for example 12.5.", low=self.low, high=self.high)
            )
        return Decimal(number)


class DayField(OwnField):
    """A calendar day, ``YYYY-MM-DD`` as date controls send it. ``data`` is ``date | None``."""

    def read(self, text: str) -> date:
        """Raise our message for anything but a day of the calendar."""
        try:
            return date.fromisoformat(normalise_number(text))
        except ValueError as error:
            raise ValueError(_DATE_HELP) from error


class OneOfField(OwnField):
    """One of a fixed set of values that stand for options (radio buttons, a list). ``data`` is ``str | None``."""

    def __init__(self, label: Message, *args: Any, values: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(label, *args, **kwargs)
        self.values = tuple(values)

    @property
    def first_id(self) -> str:
        """The id of the first option, where the error summary leads."""
        return f"{self.id}-{self.values[0]}" if self.values else str(self.id)

    def read(self, text: str) -> str:
        """Raise our message for a value that was not offered."""
        if text not in self.values:
            raise ValueError(_PICK_ONE)
        return text


class TickField(Field):
    """A check box. ``data`` is ``bool``; any value sent counts as ticked."""

    data: bool = False

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """An unticked box is not sent at all."""
        self.data = any(valuelist)
