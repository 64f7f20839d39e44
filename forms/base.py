"""What all forms share: messages that are translated late, and a form without the library's own messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from wtforms import Form


class Message(str):
    """An untranslated message id with the values of its placeholders.

    It is the English text itself (``"Enter %(low)s to %(high)s."``), so it can be stored, compared and logged;
    a page translates it when it shows it: ``_(message, **message.params)``.
    """

    params: dict[str, object]

    def __new__(cls, msgid: str, **params: object) -> Message:
        """Keep ``msgid`` as the text and ``params`` beside it."""
        message = super().__new__(cls, msgid)
        message.params = params
        return message

    def in_english(self) -> str:
        """Return the English sentence with its values filled in, for logs and tests."""
        return str(self) % self.params


def _l(msgid: str, **params: object) -> Message:
    """Mark a message for extraction (``pybabel extract -k _l``) and keep its values."""
    return Message(msgid, **params)


class FieldError(NamedTuple):
    """One line of the error summary: the id of the control to go to, and what is to be done."""

    target: str
    message: Message


class BaseForm(Form):
    """A form whose every message is ours.

    ``error_list()`` gives the lines of the error summary in the order of the page.
    """

    class Meta:
        """Settings of the library: its own catalogues stay unused."""

        locales = False

    def in_page_order(self) -> list[Any]:
        """Return the fields in the order in which the page shows them."""
        return list(self)

    def error_list(self) -> Iterator[FieldError]:
        """Yield one line a failing field (its first error), then the errors of the form as a whole."""
        for field in self.in_page_order():
            if field.errors:
                yield FieldError(_target(field), field.errors[0])
        for message in self.form_errors:
            yield FieldError("form", message)


def _target(field: Any) -> str:
    """Return the id of the control that can take the focus: for a group of options that is the first option."""
    return str(getattr(field, "first_id", field.id))
