"""The dictionary of indicators: a new entry, and the words of one in every language."""

from __future__ import annotations

from functools import lru_cache
from types import new_class
from typing import Any, cast

from forms.base import BaseForm, Message, _l
from forms.fields import CleanTextArea, CleanTextField, LocalisedIntegerField, OneOfField
from forms.validators import AtMost, Matches, Required

LANGUAGES = ("en", "zh", "ar")
NAME_CHARACTERS, WORDS_CHARACTERS, ANCHOR_CHARACTERS, REASON_CHARACTERS, SOURCE_CHARACTERS = 120, 1000, 360, 2000, 300
SCALES = (*map(str, range(2, 11)), "101")
SPOKEN = {
    "name": (_l("Name in English"), _l("Name in Chinese"), _l("Name in Arabic")),
    "question": (_l("Question in English"), _l("Question in Chinese"), _l("Question in Arabic")),
    "definition": (_l("Definition in English"), _l("Definition in Chinese"), _l("Definition in Arabic")),
    "hint": (_l("Hint in English"), _l("Hint in Chinese"), _l("Hint in Arabic")),
    "anchor": (_l("In English"), _l("In Chinese"), _l("In Arabic")),
}
FIELDS = ("name", "question", "definition", "hint")


class NewIndicatorForm(BaseForm):
    """An entry that is not there yet; its scale stays as it is."""

    code = CleanTextField(
        _l("Code"),
        [
            Required(_l("Enter a code, for example politeness.")),
            Matches(
                r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}",
                _l("Use Latin letters, digits, “_”, “-” and “.”, at most 60 of them."),
            ),
        ],
    )
    points = OneOfField(_l("Points of its scale"), [Required(_l("Choose the scale."))], values=SCALES)
    name_en = CleanTextField(
        _l("Name in English"), [Required(_l("Enter the name in English.")), AtMost(NAME_CHARACTERS)]
    )
    name_zh = CleanTextField(_l("Name in Chinese"), [AtMost(NAME_CHARACTERS)])
    name_ar = CleanTextField(_l("Name in Arabic"), [AtMost(NAME_CHARACTERS)])
    source = CleanTextField(_l("Source (optional)"), [AtMost(SOURCE_CHARACTERS)])


class EntryForm(BaseForm):
    """The words of an entry; what it has room for is known once its scale is: see ``build_entry_form``."""

    starts: tuple[int, ...] = ()

    number = LocalisedIntegerField(_l("Version"), [Required(_l("Reload the page."))], low=0, high=999_999)
    source = CleanTextField(_l("Source (optional)"), [AtMost(SOURCE_CHARACTERS)])
    reason = CleanTextArea(
        _l("Why do you change it?"), [Required(_l("Say why you change the entry.")), AtMost(REASON_CHARACTERS)]
    )

    def texts(self) -> dict[str, dict[str, str]]:
        """Return all words by field and language; those that are empty too, since they may have been taken away."""
        names = (*FIELDS, *(f"anchor_{start}" for start in self.starts))
        return {name: {language: self[f"{name}_{language}"].data for language in LANGUAGES} for name in names}


@lru_cache(maxsize=64)
def build_entry_form(starts: tuple[int, ...]) -> type[EntryForm]:
    """Return the form class of an entry whose points of these numbers have words."""
    body: dict[str, Any] = {"starts": starts}
    for name in FIELDS:
        limit = NAME_CHARACTERS if name == "name" else WORDS_CHARACTERS
        body |= {
            f"{name}_{language}": _line(label, limit) for language, label in zip(LANGUAGES, SPOKEN[name], strict=True)
        }
    for start in starts:
        for language, label in zip(LANGUAGES, SPOKEN["anchor"], strict=True):
            body[f"anchor_{start}_{language}"] = _line(label, ANCHOR_CHARACTERS)
    return cast(type[EntryForm], new_class("WordedEntryForm", (EntryForm,), {}, lambda made: made.update(body)))


def _line(label: Message, limit: int) -> CleanTextField:
    return CleanTextField(label, [AtMost(limit)])
