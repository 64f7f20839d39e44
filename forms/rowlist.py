"""A list that staff hand in: typed or pasted, or read from a file; looked at first, then stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import Field
from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, OneOfField
from forms.validators import UNREADABLE, AtMost, UnreadableText, clean_text

LIST_CHARACTERS = 500_000


class FileTextField(Field):
    """A file of UTF-8 text. ``data`` is its text, ``""`` without a file; a file is never shown again."""

    data: str = ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the whole file; anything but text gives a message of ours."""
        file = next((sent for sent in valuelist if getattr(sent, "filename", "")), None)
        if file is None:
            return
        try:
            self.data = clean_text(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ValueError(_l("Save the file as CSV in UTF-8 and choose it again.")) from error
        except UnreadableText as error:
            raise ValueError(UNREADABLE) from error


class TicksField(Field):
    """Several check boxes of one name. ``data`` is the list of ticked values, each once."""

    data: list[str]

    def process_data(self, value: Any) -> None:
        """Nothing is ticked at first."""
        self.data = list(value or ())

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Keep the order in which they were sent."""
        self.data = list(dict.fromkeys(valuelist))


class ListForm(BaseForm):
    """The rows of a list; a chosen file comes before what stands in the box."""

    rows = CleanTextArea(_l("Rows of the list"), [AtMost(LIST_CHARACTERS)])
    file = FileTextField(_l("Or a CSV file"), [AtMost(LIST_CHARACTERS)])
    list_act = OneOfField(_l("What to do"), values=("preview", "save"), default="preview")

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Put the text of a chosen file into the box, where it can be read and put right."""
        super().process(*args, **kwargs)
        if self.file.data:
            self.rows.typed = self.rows.data = self.file.data

    def validate_rows(self, field: Any) -> None:
        """There must be something to read."""
        if not field.data and not self.file.errors:
            raise ValidationError(_l("Paste the rows of the list or choose a file."))
