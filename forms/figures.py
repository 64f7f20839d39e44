"""Confirming what a file of figures changes."""

from __future__ import annotations

from forms.base import BaseForm, _l
from forms.fields import CleanTextField, TickField
from forms.validators import Matches, Required


class FigurePlanForm(BaseForm):
    """The plan that was seen, by its digest; ``beyond``: figures beyond their scale are taken as its end."""

    plan = CleanTextField(
        _l("Preview"),
        [
            Required(_l("Look at the preview of the file again.")),
            Matches(r"[0-9a-f]{64}", _l("Look at the preview of the file again.")),
        ],
    )
    beyond = TickField(_l("Take figures beyond the scale as its end"))
