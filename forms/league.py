"""What readers choose on the pages of results: all of it in the address, none of it kept."""

from __future__ import annotations

from forms.base import BaseForm, _l
from forms.fields import CleanTextField
from forms.validators import AtMost

CODE_LENGTH = 60


class ChoiceForm(BaseForm):
    """Which group's lines, in which order, which two offices; what does not exist chooses nothing."""

    group = CleanTextField(_l("Group"), [AtMost(CODE_LENGTH)])
    order = CleanTextField(_l("Order"), [AtMost(CODE_LENGTH)])
    a = CleanTextField(_l("First office"), [AtMost(CODE_LENGTH)])
    b = CleanTextField(_l("Second office"), [AtMost(CODE_LENGTH)])
