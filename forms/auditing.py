"""A sample of raw answers, and a view of the audit log."""

from __future__ import annotations

from forms.base import BaseForm, _l
from forms.fields import CleanTextField, LocalisedIntegerField, OneOfField
from forms.validators import AtMost, Required

KINDS = ("all", "access", "refused")


class SampleForm(BaseForm):
    """How many answers, and the number to draw with."""

    size = LocalisedIntegerField(
        _l("How many answers"), [Required(_l("Enter how many answers to draw."))], low=1, high=100
    )
    seed = LocalisedIntegerField(
        _l("Number to draw with"), [Required(_l("Enter any whole number."))], low=0, high=999_999_999
    )


class LogForm(BaseForm):
    """Which entries of the audit log."""

    kind = OneOfField(_l("Entries"), values=KINDS)
    actor = CleanTextField(_l("Who"), [AtMost(200)])
    subject = CleanTextField(_l("On what"), [AtMost(100)])
