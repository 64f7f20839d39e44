"""The register of offices: one office, a category, a service, a reorganisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, CleanTextField, DayField, LocalisedIntegerField, OneOfField
from forms.rowlist import TicksField
from forms.validators import AtMost, Matches, Required

LANGUAGES = ("en", "zh", "ar")
NAME_CHARACTERS, KEYWORDS_CHARACTERS, REASON_CHARACTERS = 120, 500, 2000
CODE = r"[A-Za-z0-9][A-Za-z0-9-]{0,29}"


class NamedForm(BaseForm):
    """Anything with a code of its own and a name in every language."""

    code = CleanTextField(
        _l("Code"),
        [
            Required(_l("Enter a code, for example U21.")),
            Matches(CODE, _l("Use 1 to 30 Latin letters, digits and hyphens.")),
        ],
    )
    name_en = CleanTextField(
        _l("Name in English"), [Required(_l("Enter the name in English.")), AtMost(NAME_CHARACTERS)]
    )
    name_zh = CleanTextField(
        _l("Name in Chinese"), [Required(_l("Enter the name in Chinese.")), AtMost(NAME_CHARACTERS)]
    )
    name_ar = CleanTextField(_l("Name in Arabic"), [Required(_l("Enter the name in Arabic.")), AtMost(NAME_CHARACTERS)])

    def words(self, prefix: str = "name") -> dict[str, str]:
        """Return what was given, by language."""
        return {language: self[f"{prefix}_{language}"].data for language in LANGUAGES}


class UnitForm(NamedForm):
    """An office; pass the codes of ``categories`` and ``parents`` that may be chosen."""

    category = OneOfField(_l("Peer category"), [Required(_l("Choose a category."))])
    parent = OneOfField(_l("Stands below (optional)"))
    services = TicksField(_l("Services it offers"))

    def __init__(
        self, formdata: Any = None, *, categories: Sequence[str] = (), parents: Sequence[str] = (), **kwargs: Any
    ) -> None:
        self.offered = tuple(categories), tuple(parents)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once what may be chosen is known."""
        self.category.values, self.parent.values = self.offered
        super().process(*args, **kwargs)


class CategoryForm(NamedForm):
    """A category and its place in lists."""

    position = LocalisedIntegerField(_l("Place in lists"), [Required(_l("Enter a number."))], low=0, high=999)


class ServiceForm(NamedForm):
    """A service, the words by which people look for it, and who offers it."""

    keywords_en = CleanTextField(_l("Search words in English (optional)"), [AtMost(KEYWORDS_CHARACTERS)])
    keywords_zh = CleanTextField(_l("Search words in Chinese (optional)"), [AtMost(KEYWORDS_CHARACTERS)])
    keywords_ar = CleanTextField(_l("Search words in Arabic (optional)"), [AtMost(KEYWORDS_CHARACTERS)])
    units = TicksField(_l("Offices that offer it"))


class SwitchForm(BaseForm):
    """Taking an office out of use, or back into it."""

    act = OneOfField(_l("What to do"), [Required(_l("Choose what to do."))], values=("deactivate", "reactivate"))
    reason = CleanTextArea(_l("Why?"), [Required(_l("Say why.")), AtMost(REASON_CHARACTERS)])


class ReorganisationForm(BaseForm):
    """What became of offices: which ones, on which day, and why."""

    kind = OneOfField(
        _l("What happened?"), [Required(_l("Choose what happened."))], values=("split", "merge", "succeed")
    )
    formers = TicksField(_l("Former offices"))
    laters = TicksField(_l("Offices that took their place"))
    day = DayField(_l("Day of the reorganisation"), [Required(_l("Enter the day."))])
    reason = CleanTextArea(
        _l("Why? Everybody can read it."),
        [Required(_l("Say why. Everybody can read the reason.")), AtMost(REASON_CHARACTERS)],
    )

    def validate_formers(self, field: Any) -> None:
        """Something must have ended."""
        if not field.data:
            raise ValidationError(_l("Tick the former offices."))

    def validate_laters(self, field: Any) -> None:
        """Something must have begun."""
        if not field.data:
            raise ValidationError(_l("Tick the offices that took their place."))
