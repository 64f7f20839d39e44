"""The design of a round: its settings, its units, its thresholds, its calendar, its rule document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from wtforms.validators import ValidationError

from forms.base import BaseForm, FieldError, _l
from forms.fields import CleanTextArea, CleanTextField, DayField, LocalisedIntegerField, OneOfField, TickField
from forms.validators import AtMost, Required

TITLE_CHARACTERS, NAME_CHARACTERS, DOCUMENT_CHARACTERS, REASON_CHARACTERS = 120, 120, 200, 2000
MAJORITIES = ("half", "two_thirds", "all")
LANGUAGES = ("en", "zh", "ar")
NUMBERS = ("hidden", "overseer", "indicative")
MOST_ANSWERS, MOST_VOTES, MOST_REPLY_DAYS = 100_000, 1000, 120
WEEK = range(7)


class SettingsForm(BaseForm):
    """What a round is called, when it collects, and how long offices may reply."""

    title_en = CleanTextField(
        _l("Title in English"), [Required(_l("Enter the title in English.")), AtMost(TITLE_CHARACTERS)]
    )
    title_zh = CleanTextField(
        _l("Title in Chinese"), [Required(_l("Enter the title in Chinese.")), AtMost(TITLE_CHARACTERS)]
    )
    title_ar = CleanTextField(
        _l("Title in Arabic"), [Required(_l("Enter the title in Arabic.")), AtMost(TITLE_CHARACTERS)]
    )
    opens_on = DayField(_l("First day of collecting"), [Required(_l("Enter the first day of collecting."))])
    closes_on = DayField(_l("Last day of collecting"), [Required(_l("Enter the last day of collecting."))])
    reply_days = LocalisedIntegerField(
        _l("Working days that offices have for their reply"),
        [Required(_l("Enter a whole number."))],
        low=1,
        high=MOST_REPLY_DAYS,
    )

    def validate_closes_on(self, field: Any) -> None:
        """A round ends on or after the day it begins."""
        if field.data and self.opens_on.data and field.data < self.opens_on.data:
            raise ValidationError(_l("The last day is before the first day. Choose a later last day."))


class BoardRuleForm(BaseForm):
    """What a decision of the board needs."""

    quorum = LocalisedIntegerField(
        _l("Votes that a decision needs"), [Required(_l("Enter a whole number."))], low=1, high=MOST_VOTES
    )
    majority = OneOfField(_l("Majority"), [Required(_l("Choose a majority."))], values=MAJORITIES)


class UnitsForm(BaseForm):
    """Which units take part; ``codes`` are those that may be chosen."""

    codes: tuple[str, ...] = ()

    def chosen(self) -> dict[str, str]:
        """Return the category of every unit that takes part."""
        return {code: self[f"category-{code}"].data for code in self.codes if self[f"unit-{code}"].data}


def build_units_form(units: Sequence[str], categories: Sequence[str]) -> type[UnitsForm]:
    """Return the form class with a tick and a category for each of these units."""
    fields: dict[str, Any] = {"codes": tuple(units)}
    wanted = Required(_l("Choose a category."))
    for code in units:
        fields[f"unit-{code}"] = TickField(_l("Takes part"))
        fields[f"category-{code}"] = OneOfField(_l("Category in this round"), [wanted], values=categories)
    return type("UnitsFormOfRound", (UnitsForm,), fields)


class ThresholdsForm(BaseForm):
    """Three numbers of answers a group; ``groups`` maps each group's code to whether its people are anonymous."""

    groups: tuple[str, ...] = ()
    reason = CleanTextArea(
        _l("Why do you propose these numbers?"),
        [Required(_l("Say why you propose these numbers.")), AtMost(REASON_CHARACTERS)],
    )

    def numbers(self) -> dict[str, tuple[int, int, int]]:
        """Return the three numbers of each group."""
        return {
            group: (self[f"hidden-{group}"].data, self[f"overseer-{group}"].data, self[f"indicative-{group}"].data)
            for group in self.groups
        }

    def in_page_order(self) -> list[Any]:
        """The reason stands below the numbers."""
        return sorted(self, key=lambda field: field.name == "reason")

    def validate(self, extra_validators: Any = None) -> bool:
        """None of a group's three numbers is smaller than the one before."""
        is_fit = bool(super().validate(extra_validators))
        for group, numbers in self.numbers().items():
            typed = all(number is not None for number in numbers)
            for name, (before, after) in zip(NUMBERS[1:], pairwise(numbers), strict=True):
                if typed and after < before:
                    message = _l("None of the three numbers may be smaller than the one before.")
                    self[f"{name}-{group}"].errors = [message]
                    is_fit = False
        return is_fit


def build_thresholds_form(groups: Sequence[str]) -> type[ThresholdsForm]:
    """Return the form class with the three numbers of each of these groups."""
    labels = {
        "hidden": _l("Hidden below"),
        "overseer": _l("For oversight only below"),
        "indicative": _l("Without band and rank below"),
    }
    wanted = Required(_l("Enter a whole number."))
    fields: dict[str, Any] = {"groups": tuple(groups)}
    for group in groups:
        for name, label in labels.items():
            fields[f"{name}-{group}"] = LocalisedIntegerField(label, [wanted], low=1, high=MOST_ANSWERS)
    return type("ThresholdsFormOfRound", (ThresholdsForm,), fields)


class DatesForm(BaseForm):
    """A day for each step of the year, none where nothing is planned; ``steps`` are in the order of the year."""

    steps: tuple[str, ...] = ()

    def days(self) -> dict[str, date]:
        """Return the days that were entered, by step."""
        return {step: self[f"due-{step}"].data for step in self.steps if self[f"due-{step}"].data}

    def validate(self, extra_validators: Any = None) -> bool:
        """No step is due before an earlier one."""
        is_fit, last = bool(super().validate(extra_validators)), None
        for step, day in self.days().items():
            if last is not None and day < last:
                message = _l("An earlier step is due on %(day)s. Choose that day or a later one.", day=last.isoformat())
                self[f"due-{step}"].errors = [message]
                is_fit = False
            last = day if last is None else max(day, last)
        return is_fit


def build_dates_form(steps: Sequence[str]) -> type[DatesForm]:
    """Return the form class with a day for each of these steps."""
    fields: dict[str, Any] = {f"due-{step}": DayField(_l("Due on")) for step in steps}
    return type("DatesFormOfRound", (DatesForm,), {"steps": tuple(steps), **fields})


class RulesForm(BaseForm):
    """What goes with a rule document: its title."""

    title = CleanTextField(_l("Title (optional)"), [AtMost(DOCUMENT_CHARACTERS)])


class HolidayForm(BaseForm):
    """A day off and its name in every language."""

    day = DayField(_l("Day"), [Required(_l("Enter the day."))])
    name_en = CleanTextField(
        _l("Name in English"), [Required(_l("Enter the name in English.")), AtMost(NAME_CHARACTERS)]
    )
    name_zh = CleanTextField(
        _l("Name in Chinese"), [Required(_l("Enter the name in Chinese.")), AtMost(NAME_CHARACTERS)]
    )
    name_ar = CleanTextField(_l("Name in Arabic"), [Required(_l("Enter the name in Arabic.")), AtMost(NAME_CHARACTERS)])

    def names(self) -> dict[str, str]:
        """Return the name by language."""
        return {language: self[f"name_{language}"].data for language in LANGUAGES}


class RestDaysForm(BaseForm):
    """The weekdays of rest, 0 for Monday."""

    def weekdays(self) -> list[int]:
        """Return the weekdays that are ticked."""
        return [day for day in WEEK if self[f"rest{day}"].data]

    def error_list(self) -> Any:
        """A mistake about all ticks leads to the first of them."""
        yield from (FieldError("rest0", line.message) for line in super().error_list())


for _day in WEEK:
    setattr(RestDaysForm, f"rest{_day}", TickField(_l("Day of rest")))
