"""Inviting people and changing their accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, CleanTextField, OneOfField, TickField
from forms.validators import AtMost, Required

ROLES = ("peer", "expert", "head", "analyst", "board", "administrator", "auditor", "operator", "supervisor")
OF_UNITS = ("peer", "head")
LANGUAGES = ("en", "zh", "ar")
REASON_CHARACTERS = 2000


class PersonForm(BaseForm):
    """Who somebody is. Pass the offices that may be chosen."""

    name = CleanTextField(_l("Name"), [Required(_l("Enter the name.")), AtMost(200)])
    role = OneOfField(_l("Role"), [Required(_l("Choose a role."))], values=ROLES)
    unit = OneOfField(_l("Office"))
    locale = OneOfField(_l("Language"), [Required(_l("Choose a language."))], values=LANGUAGES, default="en")
    reason = CleanTextArea(_l("Reason"), [AtMost(REASON_CHARACTERS)])

    def __init__(self, formdata: Any = None, *, units: Sequence[str] = (), **kwargs: Any) -> None:
        self.offered = ("", *units)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the offices are known."""
        self.unit.values = self.offered
        super().process(*args, **kwargs)

    def validate_unit(self, field: Any) -> None:
        """Liaisons and heads belong to an office, and nobody else does."""
        if self.role.data in OF_UNITS and not field.data:
            raise ValidationError(_l("Choose the office of this liaison or head."))
        if self.role.data and self.role.data not in OF_UNITS and field.data:
            raise ValidationError(_l("Only liaisons and heads belong to an office. Choose “None”."))


class InviteForm(PersonForm):
    """Somebody who gets an account."""

    login = CleanTextField(
        _l("Mail address"),
        [Required(_l("Enter a mail address such as name@city.example.")), AtMost(200)],
        description=_l("It is the user name as well."),
    )


class ChangeForm(PersonForm):
    """An account that changes."""

    is_active = TickField(_l("The account can be used"))


class ReasonForm(BaseForm):
    """Why something is done."""

    reason = CleanTextArea(_l("Reason"), [Required(_l("Say why a new link is needed.")), AtMost(REASON_CHARACTERS)])
