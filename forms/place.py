"""Service points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forms.base import BaseForm, _l
from forms.fields import CleanTextField, OneOfField, TickField
from forms.validators import AtMost, Matches, Required

NAME_CHARACTERS = 120
CODE = r"[A-Za-z0-9][A-Za-z0-9-]{0,29}"


class PlaceForm(BaseForm):
    """A place where a unit meets people; pass the codes of ``units`` and ``services`` that may be chosen."""

    code = CleanTextField(
        _l("Code"),
        [
            Required(_l("Enter a code, for example hall-1.")),
            Matches(CODE, _l("Use 1 to 30 Latin letters, digits and hyphens.")),
        ],
    )
    unit = OneOfField(_l("Office"), [Required(_l("Choose an office."))])
    service = OneOfField(_l("Service (optional)"))
    name_en = CleanTextField(
        _l("Name in English"), [Required(_l("Enter the name in English.")), AtMost(NAME_CHARACTERS)]
    )
    name_zh = CleanTextField(
        _l("Name in Chinese"), [Required(_l("Enter the name in Chinese.")), AtMost(NAME_CHARACTERS)]
    )
    name_ar = CleanTextField(_l("Name in Arabic"), [Required(_l("Enter the name in Arabic.")), AtMost(NAME_CHARACTERS)])
    is_active = TickField(_l("In use: its short link leads to the form"))

    def __init__(
        self, formdata: Any = None, *, units: Sequence[str] = (), services: Sequence[str] = (), **kwargs: Any
    ) -> None:
        self.offered = tuple(units), tuple(services)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once what may be chosen is known."""
        self.unit.values, self.service.values = self.offered
        super().process(*args, **kwargs)
