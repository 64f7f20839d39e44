"""Asking the board for weights, and the four sheets on which a member answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from forms.base import BaseForm, FieldError, Message, _l
from forms.fields import LocalisedDecimalField, LocalisedIntegerField, OneOfField
from forms.scheme import plain
from forms.validators import Required

WHOLE = Decimal(100)


@dataclass(frozen=True)
class Part:
    """One of the things that are weighed."""

    code: str
    name: str


class QuestionForm(BaseForm):
    """A new question to the board. Pass ``families`` and ``methods``: the values that may be chosen."""

    family = OneOfField(_l("Which weights?"), [Required(_l("Choose a table of weights."))])
    method = OneOfField(_l("How should the board be asked?"), [Required(_l("Choose a way to ask."))])

    def __init__(
        self, formdata: Any = None, *, families: Sequence[str] = (), methods: Sequence[str] = (), **kwargs: Any
    ) -> None:
        self.offered = tuple(families), tuple(methods)
        super().__init__(formdata, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the fields, once the values that may be chosen are known."""
        self.family.values, self.method.values = self.offered
        super().process(*args, **kwargs)


class SheetForm(BaseForm):
    """A member's answer; ``parts`` in page order. ``body()`` is what has been typed and can be read, as it is kept."""

    parts: tuple[Part, ...] = ()
    kind = ""

    def body(self) -> dict[str, Any]:
        """Return the readable numbers by part."""
        given = ((part.code, self[part_name(part.code)].data) for part in self.parts)
        return {self.kind: {code: self.write(value) for code, value in given if value is not None}}

    def write(self, value: Any) -> Any:
        """Return a number as it is kept."""
        return plain(value)

    def problem(self) -> FieldError | None:
        """Return what is wrong with numbers that can all be read, and where to begin."""
        return None

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every number, then what they must be together."""
        is_readable = bool(super().validate(extra_validators))
        self.broken = self.problem() if is_readable else None
        return is_readable and self.broken is None

    def error_list(self) -> Any:
        """Yield single numbers, then what is wrong with them together."""
        yield from super().error_list()
        if getattr(self, "broken", None):
            yield self.broken

    def numbers(self) -> list[Any]:
        """Return the numbers in page order."""
        return [self[part_name(part.code)].data for part in self.parts]


class BudgetSheet(SheetForm):
    """One hundred points over the parts."""

    kind = "points"

    def problem(self) -> FieldError | None:
        """Return a line when the points do not add up to 100."""
        total = sum(self.numbers(), Decimal(0))
        message = _l("The points add up to %(sum)s. They must add up to exactly 100.", sum=plain(total))
        return None if total == WHOLE else FieldError(part_name(self.parts[0].code), message)


class SwingSheet(SheetForm):
    """Points from 0 to 100, with 100 for the step that matters most."""

    kind = "points"

    def problem(self) -> FieldError | None:
        """Return a line when nothing has 100 points."""
        message = _l("Give 100 points to the part whose step from worst to best matters most.")
        return None if WHOLE in self.numbers() else FieldError(part_name(self.parts[0].code), message)


class RankSheet(SheetForm):
    """A place for every part, none twice."""

    kind = "places"

    def write(self, value: Any) -> Any:
        """Return a place as it is kept."""
        return int(value)

    def problem(self) -> FieldError | None:
        """Return a line that leads to the first part whose place is taken."""
        seen: set[int] = set()
        for part, place in zip(self.parts, self.numbers(), strict=True):
            if place in seen:
                return FieldError(
                    part_name(part.code), _l("Place %(place)s is given twice. Every place is given once.", place=place)
                )
            seen.add(place)
        return None


class PairSheet(SheetForm):
    """Every two parts compared on a scale in words."""

    kind = "pairs"
    pairs: tuple[tuple[str, str], ...] = ()

    def body(self) -> dict[str, Any]:
        """Return the comparisons that were made."""
        given = ((first, second, self[pair_name(first, second)].data) for first, second in self.pairs)
        return {self.kind: [[first, second, value] for first, second, value in given if value]}


def part_name(part: str) -> str:
    """Return the name of a part's control."""
    return f"p-{part}"


def pair_name(first: str, second: str) -> str:
    """Return the name of the control that compares two parts."""
    return f"c-{first}-{second}"


def build_sheet(method: str, parts: Sequence[Part], scale: Sequence[str]) -> type[SheetForm]:
    """Return the form class of one sheet; ``scale`` holds the values of a comparison, the strongest first."""
    if method == "ahp":
        return _build_pairs(tuple(parts), tuple(scale))
    base: type[SheetForm] = {"budget": BudgetSheet, "swing": SwingSheet, "rank": RankSheet}[method]

    class Sheet(base):  # type: ignore[misc,valid-type]
        """The sheet of one family of weights."""

    Sheet.parts = tuple(parts)
    for part in parts:
        setattr(Sheet, part_name(part.code), _number(method, part, len(parts)))
    return Sheet


def kept_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer as it was kept as data for the form's fields."""
    fields: dict[str, Any] = {pair_name(first, second): value for first, second, value in body.get("pairs", ())}
    fields.update({part_name(code): Decimal(points) for code, points in body.get("points", {}).items()})
    fields.update({part_name(code): place for code, place in body.get("places", {}).items()})
    return fields


def _number(method: str, part: Part, parts: int) -> Any:
    label = Message("%(part)s", part=part.name)
    if method == "rank":
        missing = _l("Give “%(part)s” a place from 1 to %(last)s.", part=part.name, last=parts)
        return LocalisedIntegerField(label, [Required(missing)], low=1, high=parts)
    missing = _l("Give “%(part)s” its points. Use 0 for none.", part=part.name)
    return LocalisedDecimalField(label, [Required(missing)], low=0, high=100)


def _build_pairs(parts: tuple[Part, ...], scale: tuple[str, ...]) -> type[SheetForm]:
    class Sheet(PairSheet):
        """The comparisons of one family of weights."""

    Sheet.parts = parts
    Sheet.pairs = tuple((one.code, two.code) for place, one in enumerate(parts) for two in parts[place + 1 :])
    names = {part.code: part.name for part in parts}
    for first, second in Sheet.pairs:
        what = {"first": names[first], "second": names[second]}
        missing = _l("Compare “%(first)s” with “%(second)s”.", **what)
        field = OneOfField(_l("“%(first)s” or “%(second)s”?", **what), [Required(missing)], values=scale)
        setattr(Sheet, pair_name(first, second), field)
    return Sheet
