"""Checking a card in the register."""

from __future__ import annotations

from forms.base import BaseForm, _l
from forms.fields import CleanTextField
from forms.validators import AtMost, Required


class ReferenceForm(BaseForm):
    """What is printed on a card; the digits may be left out."""

    reference = CleanTextField(_l("Reference"), [Required(_l("Enter the reference.")), AtMost(400)])
    digits = CleanTextField(_l("Check digits"), [AtMost(100)])
