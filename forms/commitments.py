"""What an office commits itself to, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from wtforms.validators import StopValidation

from forms.base import BaseForm, FieldError, Message, _l
from forms.fields import CleanTextArea, CleanTextField, DayField, OneOfField
from forms.validators import AtMost, Required

MOST = 5
TEXT_CHARACTERS = 300
OWNER_CHARACTERS = 120
NOTE_CHARACTERS = 500
STATES = ("in_work", "done", "late", "dropped")
NEEDS_NOTE = ("late", "dropped")


class CommitmentForm(BaseForm):
    """One commitment; with every field empty it stands for none. Pass ``topics`` and the ``days`` allowed."""

    text = CleanTextArea(_l("What will be done?"), [AtMost(TEXT_CHARACTERS)])
    topic = OneOfField(_l("What is it about?"), [])
    owner = CleanTextField(_l("Who answers for it? (the role, not a name)"), [AtMost(OWNER_CHARACTERS)])
    due = DayField(_l("By when?"), [])

    def __init__(
        self,
        formdata: Any = None,
        *,
        topics: Sequence[str] = (),
        days: tuple[date, date] = (date.min, date.max),
        **kwargs: Any,
    ) -> None:
        self.topics, self.days = tuple(topics), days
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the parts of the score are known."""
        self.topic.values = self.topics
        super().process(*args, **kwargs)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written; a chosen part alone says nothing."""
        return not (self.text.shown or self.owner.shown or self.due.shown)

    def validate_text(self, field: CleanTextArea) -> None:
        """Needed as soon as anything is written."""
        self._need(field.data, _l("Write what your office will do."))

    def validate_owner(self, field: CleanTextField) -> None:
        """Needed as soon as anything is written."""
        self._need(field.data, _l("Say which role answers for it, not a name."))

    def validate_due(self, field: DayField) -> None:
        """Needed as soon as anything is written, and neither past nor too far off."""
        if field.errors:
            return
        self._need(field.data, _l("Enter the day by which it will be done."))
        first, last = self.days
        if field.data and not first <= field.data <= last:
            raise StopValidation(_l("Choose a day after today and within two years."))

    def _need(self, value: object, message: Message) -> None:
        if not value and not self.is_empty:
            raise StopValidation(message)


class CommitmentsForm(BaseForm):
    """All commitments of an office, at most ``MOST``, and the language in which they are written."""

    language = OneOfField(_l("Language of the commitments"), [Required(_l("Choose the language of your commitments."))])

    def __init__(
        self,
        formdata: Any = None,
        *,
        languages: Sequence[str] = (),
        rows: Sequence[dict[str, object]] = (),
        row: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.languages = tuple(languages)
        stored = [*rows, *({} for _ in range(MOST))][:MOST]
        self.rows = [
            CommitmentForm(formdata, prefix=f"commitment{number}-", data=values, **(row or {}))
            for number, values in enumerate(stored, 1)
        ]
        super().__init__(formdata, prefix="commitments-", **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the languages are known."""
        self.language.values = self.languages
        super().process(*args, **kwargs)

    def validate(self, extra_validators: Any = None) -> bool:
        """Every row, so that all that is wrong is said at once."""
        found = [row.validate() for row in self.rows]
        return super().validate(extra_validators) and all(found)

    def error_list(self) -> Iterator[FieldError]:
        """The lines of all rows, then those of the language."""
        for row in self.rows:
            yield from row.error_list()
        yield from super().error_list()

    @property
    def opened(self) -> list[CommitmentForm]:
        """The rows up to the last one that is written or wrong, and one more to write in."""
        used = [place for place, row in enumerate(self.rows, 1) if row.errors or not row.is_empty]
        return self.rows[: max(used, default=0) + 1]

    @property
    def waiting(self) -> list[CommitmentForm]:
        """The rows behind them."""
        return self.rows[len(self.opened) :]

    @property
    def written(self) -> list[CommitmentForm]:
        """The rows in which something stands."""
        return [row for row in self.rows if not row.is_empty]


class ReportForm(BaseForm):
    """How far a commitment is. Pass ``languages`` (codes)."""

    state = OneOfField(_l("How far is it?"), [Required(_l("Choose how far it is."))], values=STATES)
    note = CleanTextArea(_l("What has happened? (for everybody to read)"), [AtMost(NOTE_CHARACTERS)])
    language = OneOfField(_l("Language of the note"), [Required(_l("Choose the language of your note."))])

    def __init__(self, formdata: Any = None, *, languages: Sequence[str] = (), **kwargs: Any) -> None:
        self.languages = tuple(languages)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the languages are known."""
        self.language.values = self.languages
        super().process(*args, **kwargs)

    def validate_note(self, field: CleanTextArea) -> None:
        """Being late or giving up needs a reason."""
        if self.state.data in NEEDS_NOTE and not field.data:
            raise StopValidation(_l("Say why it is late or dropped. Everybody reads it."))
