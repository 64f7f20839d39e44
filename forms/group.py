"""A group of raters: adding one, its options, and the weight that is proposed for it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import (
    CleanTextArea,
    CleanTextField,
    LocalisedDecimalField,
    LocalisedIntegerField,
    OneOfField,
    TickField,
)
from forms.validators import AtMost, Matches, Required

STRATA = 4
NAME_CHARACTERS, REASON_CHARACTERS = 120, 2000
MODES = ("public", "assigned", "visit")
PROMISES = ("anonymous", "confidential", "accountable")
CODE = r"[a-z][a-z0-9_]{0,19}"
PART_CODE = r"[a-z][a-z0-9_]{0,29}"
_LARGEST = 100_000
_CODE_HELP = _l("Use small Latin letters, digits and “_”, and begin with a letter.")


class WeightOfGroupForm(BaseForm):
    """What a group counts in the whole score."""

    weight = LocalisedDecimalField(
        _l("Weight in the whole score, in percent"),
        [Required(_l("Enter a number. Use 0 for no weight."))],
        low=0,
        high=99,
    )
    reason = CleanTextArea(
        _l("Why do you propose these weights?"),
        [Required(_l("Say why you propose these weights.")), AtMost(REASON_CHARACTERS)],
    )


class OptionsForm(BaseForm):
    """How a group is asked. Pass ``strata``: the codes of its parts, each of which may join another one."""

    mode = OneOfField(_l("How is the group asked?"), [Required(_l("Say how the group is asked."))], values=MODES)
    has_open_channel = TickField(_l("Open channel: everybody may answer, shown apart"))
    needs_release = TickField(_l("The head of the rater's office releases the answers"))
    has_two_rounds = TickField(_l("Two rounds: the second one after the spread of the first was shown"))
    needs_calibration = TickField(_l("Calibration: cases must be passed before scores are taken"))

    def parents(self, strata: Sequence[str]) -> dict[str, str]:
        """Return which part joins which when it has too few answers."""
        found = {code: self[f"parent{place}"].data for place, code in enumerate(strata) if f"parent{place}" in self}
        return {code: parent for code, parent in found.items() if parent}


class NewGroupForm(OptionsForm):
    """A new group whole. Pass ``sources``: the codes of the questionnaires that can be copied."""

    code = CleanTextField(
        _l("Code"),
        [Required(_l("Enter a code, for example businesses.")), Matches(CODE, _CODE_HELP)],
        description=_l("Short, in Latin letters. It cannot be changed later."),
    )
    name_en = CleanTextField(
        _l("Name in English"), [Required(_l("Enter the name in English.")), AtMost(NAME_CHARACTERS)]
    )
    name_zh = CleanTextField(
        _l("Name in Chinese"), [Required(_l("Enter the name in Chinese.")), AtMost(NAME_CHARACTERS)]
    )
    name_ar = CleanTextField(_l("Name in Arabic"), [Required(_l("Enter the name in Arabic.")), AtMost(NAME_CHARACTERS)])
    promise = OneOfField(_l("What is the group promised?"), [Required(_l("Choose a promise."))], values=PROMISES)
    hidden = LocalisedIntegerField(
        _l("Hidden below"), [Required(_l("Enter a whole number."))], low=1, high=_LARGEST, default=10
    )
    overseer = LocalisedIntegerField(
        _l("For oversight only below"), [Required(_l("Enter a whole number."))], low=1, high=_LARGEST, default=30
    )
    indicative = LocalisedIntegerField(
        _l("Without band and rank below"), [Required(_l("Enter a whole number."))], low=1, high=_LARGEST, default=100
    )
    source = OneOfField(_l("Questionnaire"))
    weight = LocalisedDecimalField(
        _l("Weight in the whole score, in percent"),
        [Required(_l("Enter a number. Use 0 for no weight."))],
        low=0,
        high=99,
    )
    reason = CleanTextArea(
        _l("Why do you add this group?"), [Required(_l("Say why you add this group.")), AtMost(REASON_CHARACTERS)]
    )

    def __init__(self, formdata: Any = None, *, sources: Sequence[str] = (), **kwargs: Any) -> None:
        self.offered = tuple(sources)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the questionnaires that may be copied are known."""
        self.source.values = self.offered
        super().process(*args, **kwargs)

    def validate_indicative(self, field: Any) -> None:
        """None of the three is smaller than the one before."""
        cuts = [self.hidden.data, self.overseer.data, field.data]
        if all(cut is not None for cut in cuts) and cuts != sorted(cuts):
            raise ValidationError(_l("None of the three numbers may be smaller than the one before."))

    def validate_mode(self, field: Any) -> None:
        """The parts of a public group are named, and their shares add up."""
        if field.data != "public":
            return
        parts = self.strata()
        if not parts:
            raise ValidationError(_l("Name at least one part of the group, for example “all”."))
        if any(not code or weight is None or len(names) < 3 for code, names, weight, _ in parts):
            raise ValidationError(_l("Give every part of the group a code, a share and a name in each language."))
        if sum((weight for _, _, weight, _ in parts if weight is not None), Decimal(0)) != 100:
            raise ValidationError(_l("The shares of the parts must add up to exactly 100."))

    def strata(self) -> list[tuple[str, dict[str, str], Decimal | None, str]]:
        """Return (code, names, share, parent) of every part that was filled in."""
        found = []
        for row in range(1, STRATA + 1):
            names = {language: self[f"s{row}_{language}"].data for language in ("en", "zh", "ar")}
            said = {language: text for language, text in names.items() if text}
            code, weight = self[f"s{row}_code"].data, self[f"s{row}_weight"].data
            if code or said or weight is not None:
                found.append((code, said, weight, self[f"s{row}_parent"].data))
        return found


def _part_fields() -> None:
    labels = {"en": _l("Name in English"), "zh": _l("Name in Chinese"), "ar": _l("Name in Arabic")}
    for row in range(1, STRATA + 1):
        setattr(NewGroupForm, f"s{row}_code", CleanTextField(_l("Code"), [Matches(PART_CODE, _CODE_HELP)]))
        setattr(NewGroupForm, f"s{row}_weight", LocalisedDecimalField(_l("Share"), low=0, high=100))
        setattr(
            NewGroupForm, f"s{row}_parent", CleanTextField(_l("Joins, if too small"), [Matches(PART_CODE, _CODE_HELP)])
        )
        for language, label in labels.items():
            setattr(NewGroupForm, f"s{row}_{language}", CleanTextField(label, [AtMost(NAME_CHARACTERS)]))


_part_fields()


def build_options_form(strata: Sequence[str]) -> type[OptionsForm]:
    """Return the options form of a group with these parts."""

    class PartsForm(OptionsForm):
        """The options of one group."""

    if len(strata) > 1:
        for place, code in enumerate(strata):
            others = ["", *(other for other in strata if other != code)]
            setattr(PartsForm, f"parent{place}", OneOfField(_l("Joins, if too small"), values=others))
    return PartsForm
