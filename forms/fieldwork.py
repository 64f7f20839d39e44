"""Targets of field work, one by one or from a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import FileField

from forms.base import BaseForm, _l
from forms.fields import CleanTextField, LocalisedIntegerField, OneOfField
from forms.validators import AtMost, Required

LARGEST = 10_000_000
FILE_BYTES = 60_000


class TargetForm(BaseForm):
    """How many answers are aimed at for a group or one of its parts; without a number the target is taken away."""

    group = OneOfField(_l("Group"), [Required(_l("Choose a group."))])
    stratum = OneOfField(_l("Part of the group"))
    unit = OneOfField(_l("Office"))
    option = CleanTextField(_l("Answer to a background question"), [AtMost(80)])
    number = LocalisedIntegerField(_l("Target"), low=0, high=LARGEST)

    def __init__(
        self,
        formdata: Any = None,
        *,
        groups: Sequence[str] = (),
        strata: Sequence[str] = (),
        units: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        self.offered = {"group": tuple(groups), "stratum": tuple(strata), "unit": tuple(units)}
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once what may be chosen is known."""
        for name, values in self.offered.items():
            self[name].values = values
        super().process(*args, **kwargs)


class TargetFileForm(BaseForm):
    """A CSV file of targets; ``content`` is what it holds once the form is valid."""

    content: bytes = b""

    file = FileField(_l("CSV file"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Read the file: it must be there and small."""
        is_valid = bool(super().validate(extra_validators))
        self.content = self.file.data.read(FILE_BYTES + 1) if hasattr(self.file.data, "read") else b""
        if not self.content:
            self.file.errors = (_l("Choose a file that is not empty."),)
        elif len(self.content) > FILE_BYTES:
            self.file.errors = (_l("The file is larger than %(limit)s kB.", limit=FILE_BYTES // 1000),)
        return is_valid and not self.file.errors
