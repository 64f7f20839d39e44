"""What an analyst fills in about one question, one section or one act on a questionnaire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import new_class
from typing import Any, cast

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, CleanTextField, LocalisedIntegerField, OneOfField, TickField
from forms.validators import AtMost, Matches, Required

LANGUAGES = ("en", "zh", "ar")
SHAPES = ("likert-5", "likert-4", "likert-7", "likert-10", "stars-5", "thumbs-2", "number-101", "choice-10", "ticks-8",
          "text-0")  # fmt: skip
TEXT_CHARACTERS, NAME_CHARACTERS, NOTE_CHARACTERS, FILE_CHARACTERS = 500, 120, 500, 250_000
SIGNS = ("-1", "0", "1")
RUBRIC_STEPS, FEWEST_CHOICES = 6, 2
ROLES = ("score", "importance", "background")
SPOKEN = {
    "text": (_l("Question in English"), _l("Question in Chinese"), _l("Question in Arabic")),
    "name": (_l("Short name in English"), _l("Short name in Chinese"), _l("Short name in Arabic")),
    "hint": (_l("Hint in English"), _l("Hint in Chinese"), _l("Hint in Arabic")),
    "title": (_l("Title in English"), _l("Title in Chinese"), _l("Title in Arabic")),
    "intro": (_l("Sentence below in English"), _l("Sentence below in Chinese"), _l("Sentence below in Arabic")),
    "word": (_l("In English"), _l("In Chinese"), _l("In Arabic")),
}


class WordsForm(BaseForm):
    """Anything with words in every language."""

    def words(self, prefix: str) -> dict[str, str]:
        """Return the words that were given, by language."""
        given = {language: self[f"{prefix}_{language}"].data for language in LANGUAGES}
        return {language: text for language, text in given.items() if text}


class SectionForm(WordsForm):
    """The title of a section and the sentence below it; both may stay empty."""

    note = CleanTextField(_l("What you change, and why (optional)"), [AtMost(NOTE_CHARACTERS)])

    def stored(self) -> dict[str, Any]:
        """Return the section as documents hold it."""
        return {"title": self.words("title"), "intro": self.words("intro")}


class ItemForm(WordsForm):
    """One question of a given shape; ``rows`` is how many points, boxes or steps of a rubric it has room for."""

    look = ""
    rows = 0
    points = 0

    code = CleanTextField(
        _l("Code"),
        [
            Required(_l("Enter a code, for example politeness.")),
            Matches(
                r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}",
                _l("Use Latin letters, digits, “_”, “-” and “.”, at most 60 of them."),
            ),
        ],
        description=_l("The indicator that this question measures. The same code in another round can be compared."),
    )
    is_required = TickField(_l("An answer is needed"))
    long_reason = CleanTextArea(_l("Why is the questionnaire longer than usual?"), [AtMost(NOTE_CHARACTERS)])
    note = CleanTextField(_l("What you change, and why (optional)"), [AtMost(NOTE_CHARACTERS)])

    def stored(self) -> dict[str, Any]:
        """Return the item as documents hold it."""
        item = {"code": self.code.data, "text": self.words("text"), "hint": self.words("hint")}
        item["is_required"] = bool(self.is_required.data)
        if self.look == "text":
            return item | {"kind": "text", "characters": self["characters"].data}
        if self.look == "ticks":
            return item | {"kind": "ticks", "ticks": list(self._ticks())}
        return item | self._scale()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, then whether there is something to choose from."""
        is_sound = bool(super().validate(extra_validators))
        if self.look == "ticks" and not any(self[f"k{row}_code"].data for row in range(1, self.rows + 1)):
            self["k1_code"].errors = (_l("Give the question at least one box, with a code of its own."),)
            return False
        if self.look == "choice" and len(self._filled()) < FEWEST_CHOICES:
            self["a1_en"].errors = (_l("Offer at least two answers."),)
            return False
        return is_sound

    def _scale(self) -> dict[str, Any]:
        role = self["role"].data
        item: dict[str, Any] = {"kind": "scale", "look": self.look, "role": role, "name": self.words("name")}
        item |= {name: bool(self[name].data) for name in ("has_dont_know", "has_not_applicable")}
        item["about"] = self["about"].data if role == "importance" else ""
        item["anchors"] = list(self._anchors())
        item["points"] = len(item["anchors"]) if self.look == "choice" else self.points
        if self.look != "number" and role != "background":
            rows = self._filled() if self.look == "choice" else range(1, self.points + 1)
            item["signs"] = [int(self[f"sign{row}"].data or 0) for row in rows]
        low, high = self["low"].data, self["high"].data
        if low is not None or high is not None:
            item["reason"] = {"at_or_below": low, "at_or_above": high}
        return item

    def _filled(self) -> list[int]:
        return [row for row in range(1, self.rows + 1) if self.words(f"a{row}")]

    def _anchors(self) -> Iterator[dict[str, Any]]:
        for place, row in enumerate(self._filled(), start=1):
            at = self[f"at{row}"].data or 0 if self.look == "number" else place if self.look == "choice" else row
            yield {"at": at, "words": self.words(f"a{row}")}

    def _ticks(self) -> Iterator[dict[str, Any]]:
        for row in range(1, self.rows + 1):
            if self[f"k{row}_code"].data or self.words(f"a{row}"):
                yield {"code": self[f"k{row}_code"].data, "text": self.words(f"a{row}")}


class StepForm(BaseForm):
    """One act on a questionnaire: ``up:0:2``, ``down:0:2``, ``remove:0:2``, ``drop:1``, ``restore:3``, ``reason``."""

    act = CleanTextField(
        _l("Act"),
        [
            Required(_l("Choose what to do.")),
            Matches(r"(up|down|remove):\d{1,4}:\d{1,4}|(drop|restore):\d{1,6}|reason", _l("Choose what to do.")),
        ],
    )
    version = LocalisedIntegerField(_l("Version"), [Required(_l("Choose what to do."))], low=1, high=999_999)
    long_reason = CleanTextArea(_l("Why is the questionnaire longer than usual?"), [AtMost(NOTE_CHARACTERS)])

    def parts(self) -> tuple[str, list[int]]:
        """Return the act's name and its numbers."""
        name, *numbers = self.act.data.split(":")
        return name, [int(number) for number in numbers]


class FileForm(BaseForm):
    """A questionnaire as a file: chosen, or its content pasted; what was read is shown again when it cannot be used."""

    version = LocalisedIntegerField(_l("Version"), [Required(_l("Choose what to do."))], low=1, high=999_999)
    content = CleanTextArea(
        _l("Content of the file"), [Required(_l("Choose a file, or paste its content.")), AtMost(FILE_CHARACTERS)]
    )


def shape_of(item: Mapping[str, Any]) -> str:
    """Return the shape of an item as documents hold it."""
    kind, points = item["kind"], item.get("points", 5)
    if kind != "scale":
        return "ticks-8" if kind == "ticks" else "text-0"
    look = item.get("look", "likert")
    if look == "number" or points > 20:
        return "number-101"
    return f"choice-{max(10, points)}" if look == "choice" else f"{look}-{points}"


def data_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form of an item shows at first."""
    data = {**item, "is_required": item.get("is_required", True), "characters": item.get("characters", 1000)}
    data["role"] = item.get("role", "score")
    for prefix in ("text", "name", "hint", "title", "intro"):
        data |= {f"{prefix}_{language}": said for language, said in item.get(prefix, {}).items()}
    is_number = item.get("look") == "number"
    for place, anchor in enumerate(item.get("anchors", ()), start=1):
        row = place if is_number else anchor["at"]
        data |= {f"a{row}_{language}": said for language, said in anchor.get("words", {}).items()}
        data[f"at{row}"] = anchor["at"]
    for row, tick in enumerate(item.get("ticks", ()), start=1):
        data |= {f"a{row}_{language}": said for language, said in tick.get("text", {}).items()}
        data[f"k{row}_code"] = tick["code"]
    data |= {f"sign{row}": str(sign) for row, sign in enumerate(item.get("signs", ()), start=1)}
    rule = item.get("reason") or {}
    return data | {"low": rule.get("at_or_below"), "high": rule.get("at_or_above")}


@lru_cache(maxsize=32)
def build_item_form(shape: str) -> type[ItemForm]:
    """Return the form class of a shape such as ``likert-5``, ``ticks-8`` or ``text-0``."""
    look, _, number = shape.partition("-")
    points = int(number)
    rows = RUBRIC_STEPS if look == "number" else points
    body: dict[str, Any] = {"look": look, "points": points, "rows": rows, **_spoken("text", TEXT_CHARACTERS)}
    body |= _spoken("hint", TEXT_CHARACTERS)
    for row in range(1, rows + 1):
        body |= {f"a{row}_{language}": field for language, field in _labelled("word", NAME_CHARACTERS * 3)}
    if look == "text":
        body["characters"] = LocalisedIntegerField(_l("Longest answer, in characters"), low=50, high=2000, default=1000)
    elif look == "ticks":
        body |= {f"k{row}_code": CleanTextField(_l("Code"), [AtMost(60)]) for row in range(1, rows + 1)}
    else:
        body |= _scale_fields(look, points, rows)
    return cast(type[ItemForm], new_class("ShapedItemForm", (ItemForm,), {}, lambda made: made.update(body)))


@lru_cache(maxsize=1)
def build_section_form() -> type[SectionForm]:
    """Return the form class of a section."""
    body = {**_spoken("title", NAME_CHARACTERS), **_spoken("intro", TEXT_CHARACTERS)}
    return cast(type[SectionForm], new_class("SpokenSectionForm", (SectionForm,), {}, lambda made: made.update(body)))


def _scale_fields(look: str, points: int, rows: int) -> dict[str, Any]:
    roles = ("score", "background") if look == "choice" else ("score", "importance")
    low, high = (0, points - 1) if look == "number" else (1, points)
    fields: dict[str, Any] = {
        **_spoken("name", NAME_CHARACTERS),
        "role": OneOfField(_l("What is it for?"), [Required(_l("Say what the answers are for."))], values=roles),
        "about": CleanTextField(_l("Code of the indicator whose importance is asked"), [AtMost(60)]),
        "has_dont_know": TickField(_l("Offer “I do not know”")),
        "has_not_applicable": TickField(_l("Offer “Does not apply to me”")),
        "low": LocalisedIntegerField(_l("A reason is needed at or below"), low=low, high=high),
        "high": LocalisedIntegerField(_l("A reason is needed at or above"), low=low, high=high),
    }
    for row in range(1, rows + 1):
        if look == "number":
            fields[f"at{row}"] = LocalisedIntegerField(_l("From"), low=low, high=high)
        else:
            fields[f"sign{row}"] = OneOfField(_l("Meaning"), values=SIGNS, default=_usual_sign(row, points))
    return fields


def _usual_sign(row: int, points: int) -> str:
    return "-1" if row <= points // 2 else "1" if row > points - points // 2 else "0"


def _spoken(name: str, characters: int) -> dict[str, Any]:
    return {f"{name}_{language}": field for language, field in _labelled(name, characters)}


def _labelled(name: str, characters: int) -> Iterator[tuple[str, Any]]:
    for language, label in zip(LANGUAGES, SPOKEN[name], strict=True):
        yield language, CleanTextField(label, [AtMost(characters)])
