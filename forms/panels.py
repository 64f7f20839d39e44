"""What the analyst says about experts and panels, what an expert sends of a case, and what goes with a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, Message, _l
from forms.fields import CleanTextArea, CleanTextField, LocalisedIntegerField, OneOfField, TickField
from forms.questionnaire import AnswerForm
from forms.validators import AtMost, Matches, Required

REASON_CHARACTERS = 2000
CASE_CHARACTERS = 6000
TITLE_CHARACTERS = 200
MOST_EXPERTS = 1000
LARGEST_SEED = 2**31 - 1
LANGUAGES = ("en", "zh", "ar")


class DrawForm(BaseForm):
    """How assignments are drawn."""

    panels = LocalisedIntegerField(
        _l("Number of panels"), [Required(_l("Enter the number of panels."))], low=1, high=MOST_EXPERTS
    )
    common = LocalisedIntegerField(
        _l("Offices that all panels score"),
        [Required(_l("Enter how many offices all panels score."))],
        low=0,
        high=MOST_EXPERTS,
    )
    at_least = LocalisedIntegerField(
        _l("Experts for each indicator of an office"),
        [Required(_l("Enter how many experts judge each indicator."))],
        low=1,
        high=MOST_EXPERTS,
    )
    seed = LocalisedIntegerField(_l("Seed (optional)"), low=0, high=LARGEST_SEED)

    def validate_common(self, field: Any) -> None:
        """Panels without an office in common cannot be compared."""
        if field.data == 0 and (self.panels.data or 1) > 1:
            raise ValidationError(_l("Several panels need at least one office in common, or they cannot be compared."))


class RulesForm(BaseForm):
    """Whether experts are calibrated and score in two rounds."""

    calibration = TickField(_l("No score before every calibration case is passed"))
    two_rounds = TickField(_l("Two rounds: blind first, then beside the anonymous spread"))


class SpreadForm(BaseForm):
    """The step to the second round; the reason is needed when somebody has not sent her scores."""

    reason = CleanTextArea(
        _l("Why not wait for the experts who have not sent their scores?"), [AtMost(REASON_CHARACTERS)]
    )


class CompetenceForm(BaseForm):
    """What an expert judges: a tick an indicator, ``c_<code>``."""

    def codes(self) -> list[str]:
        """Return the codes of the indicators that are ticked."""
        return [name.removeprefix("c_") for name, value in self.data.items() if name.startswith("c_") and value]


class UnitForm(BaseForm):
    """Something about one unit; pass ``units``, the codes that may be chosen."""

    unit = OneOfField(_l("Office"), [Required(_l("Choose an office."))])

    def __init__(self, formdata: Any = None, *, units: Sequence[str] = (), **kwargs: Any) -> None:
        self.offered = tuple(units)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the offices that may be chosen are known."""
        self.unit.values = self.offered
        super().process(*args, **kwargs)


class LinkForm(UnitForm):
    """A conflict of interest that the analyst records."""

    reason = CleanTextArea(
        _l("What links the expert to this office?"),
        [Required(_l("Say what links the expert to this office.")), AtMost(REASON_CHARACTERS)],
    )


class CaseForm(AnswerForm):
    """A calibration case: words in three languages, the answers of the reference, tolerance in points."""

    last = ("tolerance",)
    is_assigned = True

    code = CleanTextField(
        _l("Code"),
        [
            Required(_l("Enter a code, for example case-1.")),
            Matches(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}", _l("Use 1 to 40 Latin letters, digits and hyphens.")),
        ],
    )
    name_en = CleanTextField(
        _l("Name in English"), [Required(_l("Enter the name in English.")), AtMost(TITLE_CHARACTERS)]
    )
    name_zh = CleanTextField(_l("Name in Chinese"), [AtMost(TITLE_CHARACTERS)])
    name_ar = CleanTextField(_l("Name in Arabic"), [AtMost(TITLE_CHARACTERS)])
    text_en = CleanTextArea(
        _l("Description in English"), [Required(_l("Describe the case in English.")), AtMost(CASE_CHARACTERS)]
    )
    text_zh = CleanTextArea(_l("Description in Chinese"), [AtMost(CASE_CHARACTERS)])
    text_ar = CleanTextArea(_l("Description in Arabic"), [AtMost(CASE_CHARACTERS)])
    tolerance = LocalisedIntegerField(
        _l("Tolerance in points"), [Required(_l("Enter the largest mean distance that passes."))], low=1, high=100
    )

    def words(self) -> dict[str, dict[str, str]]:
        """Return the words by field and language, without those that are missing."""
        return {
            name: {locale: text for locale in LANGUAGES if (text := self[f"{name}_{locale}"].data)}
            for name in ("name", "text")
        }


class CaseAnswerForm(AnswerForm):
    """An expert's scores of a case."""

    is_assigned = True


class DocumentForm(UnitForm):
    """What goes with a file: the unit it is about, and its title."""

    title = CleanTextField(_l("Title (optional)"), [AtMost(TITLE_CHARACTERS)])


class WithdrawForm(BaseForm):
    """Why a document is withdrawn."""

    reason = CleanTextArea(
        _l("Why is it withdrawn?"), [Required(_l("Say why this document is withdrawn.")), AtMost(REASON_CHARACTERS)]
    )


def build_competence_form(codes: Sequence[str]) -> type[CompetenceForm]:
    """Return the form class with a tick for each of these indicators."""
    return type("CompetenceFormVersion", (CompetenceForm,), {f"c_{code}": TickField(Message(code)) for code in codes})
