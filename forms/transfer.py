"""Files that come in and go out: an upload of answers, a wish for an export, an act on a transfer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import Field
from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import CleanTextField, OneOfField, TickField
from forms.validators import AtMost, Required

COLUMN_CHARACTERS = 100
BY_MAPPING = "-"
IN_A_COLUMN = "-"
EVERY_GROUP = "-"
CODES = "-"
ACTS = ("start", "cancel", "resume")


class UploadField(Field):
    """A file. ``data`` is what the web framework made of it, or None; a browser never shows it again."""

    data: Any = None

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """An empty control sends a file without a name."""
        self.data = valuelist[0] if valuelist and getattr(valuelist[0], "filename", "") else None


class ChoicesForm(BaseForm):
    """A form whose options are known only when it is made: pass ``offered``, a field's name to its values."""

    def __init__(self, formdata: Any = None, *, offered: dict[str, Sequence[str]], **kwargs: Any) -> None:
        self.offered = offered
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the values that may be chosen are known."""
        for name, values in self.offered.items():
            self[name].values = tuple(values)
        super().process(*args, **kwargs)


class UploadForm(ChoicesForm):
    """A file of answers: for a questionnaire of the round, or by a mapping file."""

    answers = UploadField(_l("File of answers (CSV)"), [Required(_l("Choose the file of answers."))])
    form = OneOfField(_l("What the file holds"), [Required(_l("Choose a questionnaire, or a mapping file."))])
    respondent = CleanTextField(
        _l("Column that tells respondents apart"),
        [Required(_l("Enter the name of the column that tells respondents apart.")), AtMost(COLUMN_CHARACTERS)],
    )
    channel = OneOfField(_l("How the answers were collected"), [Required(_l("Choose how the answers were collected."))])
    mapping = UploadField(_l("Mapping file (TOML)"))

    def validate_mapping(self, field: Any) -> None:
        """A mapping file is needed when it is what says the columns."""
        if self.form.data == BY_MAPPING and field.data is None:
            raise ValidationError(_l("Choose the mapping file, or a questionnaire."))


class ExportForm(ChoicesForm):
    """What is to be exported."""

    group = OneOfField(_l("Group of raters"), [Required(_l("Choose a group."))])
    format = OneOfField(_l("Format"), [Required(_l("Choose a format."))])
    labels = OneOfField(_l("Codes or words"), [Required(_l("Choose codes or words."))])
    everything = TickField(_l("Also responses that do not count (replaced, excluded)"))
    pace = TickField(_l("How fast each form was filled in, in five steps"))
    comments = TickField(_l("Comments, in a file of their own; never from offices with few answers"))


class TransferActForm(BaseForm):
    """Start, cancel or resume a transfer."""

    act = OneOfField(_l("Act"), [Required(_l("Choose what to do."))], values=ACTS)
