"""The form of a questionnaire: one builder for everybody who answers one, be it a citizen, a peer or an operator.

A field is named after what it asks: ``q_<code>`` the answer, ``none_<code>`` "no basis to judge" and ``na_<code>``
"does not apply" beside a number, ``reason_<code>`` the reason for an answer, ``t_<code>`` the answer in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from types import new_class
from typing import Any, Protocol, TypeVar, cast

from wtforms.validators import ValidationError

from forms.base import BaseForm, _l
from forms.fields import CleanTextArea, LocalisedIntegerField, OneOfField, TickField
from forms.validators import AtMost, Required, WhenFinal

REASON_CHARACTERS = 2000
NOT_APPLICABLE = "na"
NO_BASIS = "dk"


class Rule(Protocol):
    """When an answer needs a reason, in the numbers that the form shows."""

    @property
    def at_or_below(self) -> int | None:
        """The highest low answer that needs a reason."""
        ...

    @property
    def at_or_above(self) -> int | None:
        """The lowest high answer that needs a reason."""
        ...

    def applies_to(self, value: int) -> bool:
        """Whether this answer needs a reason."""
        ...


class Tick(Protocol):
    """One check box of several under a legend."""

    @property
    def code(self) -> str:
        """What its fields are named after."""
        ...


class Item(Protocol):
    """One question: its kind is "scale", "ticks" or "text"."""

    @property
    def kind(self) -> str:
        """What it is: "scale", "ticks" or "text"."""
        ...

    @property
    def code(self) -> str:
        """What its fields are named after."""
        ...

    @property
    def look(self) -> str:
        """How a scale is drawn; "number" is typed, all others are chosen."""
        ...

    @property
    def points(self) -> int:
        """How many levels a scale has."""
        ...

    @property
    def is_required(self) -> bool:
        """Whether a gap is named."""
        ...

    @property
    def has_dont_know(self) -> bool:
        """Whether "no basis to judge" is offered."""
        ...

    @property
    def has_not_applicable(self) -> bool:
        """Whether "does not apply" is offered."""
        ...

    @property
    def reason(self) -> Rule | None:
        """When an answer needs a reason."""
        ...

    @property
    def ticks(self) -> Sequence[Tick]:
        """The boxes of a block."""
        ...

    @property
    def characters(self) -> int:
        """The longest text."""
        ...


class Document(Protocol):
    """A questionnaire: its items in page order. Equal documents give one form class."""

    @property
    def items(self) -> Sequence[Item]:
        """Its questions in page order."""
        ...

    def __hash__(self) -> int: ...


class AnswerForm(BaseForm):
    """Answers to a questionnaire. Subclasses add what else their page asks; their class says what follows it."""

    document: Document
    last: tuple[str, ...] = ()
    is_assigned = False  # raters with a task have "no basis to judge" where others do not know

    @property
    def is_final(self) -> bool:
        """Whether gaps are named; a draft may have them."""
        return True

    def in_page_order(self) -> list[Any]:
        """Return the answers in the order of the questionnaire, then what the page asks besides."""
        besides = {field.name for field in self if field.name in type(self).last}
        return sorted(self, key=lambda field: field.name in besides)

    def codes(self) -> list[int]:
        """Return one answer code a question, in the order of the packed answers.

        0 not answered, 1..k the level, k+1 "no basis to judge", k+2 "does not apply to me".
        """
        return [code for item in self.document.items for code in self._codes(item)]

    def texts(self) -> dict[str, str]:
        """Return what was written to open questions, by code; nothing for those left empty."""
        asked = (item for item in self.document.items if item.kind == "text")
        written = {item.code: self[f"t_{item.code}"].data for item in asked}
        return {code: text for code, text in written.items() if text}

    def reasons(self) -> dict[str, str]:
        """Return the reasons that were given, by indicator code."""
        asked = (item for item in self.document.items if item.reason is not None and item.kind == "scale")
        given = {item.code: self[f"reason_{item.code}"].data for item in asked}
        return {code: text for code, text in given.items() if text}

    def _codes(self, item: Item) -> Iterator[int]:
        if item.kind == "ticks":
            yield from (2 if self[f"q_{tick.code}"].data else 1 for tick in item.ticks)
        elif item.kind == "scale" and item.look == "number":
            yield self._number_code(item)
        elif item.kind == "scale":
            yield answer_code(self[f"q_{item.code}"].data, item.points)

    def _number_code(self, item: Item) -> int:
        for value, name, _ in _others(item):
            if self[f"{name}_{item.code}"].data:
                return answer_code(value, item.points)
        score = self[f"q_{item.code}"].data
        return 0 if score is None else int(score) + 1


OTHERS = ((NO_BASIS, "none", _l("No basis to judge")), (NOT_APPLICABLE, "na", _l("Does not apply to me")))
Kind = TypeVar("Kind", bound=AnswerForm)


def answer_code(value: str | None, points: int) -> int:
    """Return the stored code of a chosen option.

    >>> [answer_code(value, 5) for value in (None, "1", "5", "dk", "na")]
    [0, 1, 5, 6, 7]
    """
    if value is None:
        return 0
    return {NO_BASIS: points + 1, NOT_APPLICABLE: points + 2}.get(value) or int(value)


def build_form(document: Document, parent: type[Kind]) -> type[Kind]:
    """Return the class of ``parent`` with the fields of a questionnaire; equal documents give the same class."""
    return cast(type[Kind], _build(document, cast(Any, parent)))


@lru_cache(maxsize=256)
def _build(document: Document, parent: type[AnswerForm]) -> type[AnswerForm]:
    made: dict[str, Any] = {"document": document}
    for number, item in enumerate(document.items, start=1):
        made.update(_fields(number, item, is_assigned=parent.is_assigned))
    return new_class(f"{parent.__name__}Version", (parent,), {}, lambda body: body.update(made))


def _fields(number: int, item: Item, *, is_assigned: bool) -> Iterable[tuple[str, Any]]:
    if item.kind == "text":
        needed = [WhenFinal(Required(_l("Question %(number)s: write an answer.", number=number)))]
        checks = [*(needed if item.is_required else []), AtMost(item.characters)]
        yield f"t_{item.code}", CleanTextArea(_l("Your answer"), checks)
    elif item.kind == "ticks":
        yield from ((f"q_{tick.code}", TickField(_l("Your answer"))) for tick in item.ticks)
    elif item.look == "number":
        yield from _number_fields(number, item)
    else:
        others = [value for value, _, _ in _others(item)]
        levels = [str(level) for level in range(1, item.points + 1)]
        checks = [WhenFinal(Required(_missing(number, item, is_assigned=is_assigned)))] if item.is_required else []
        yield f"q_{item.code}", OneOfField(_l("Your answer"), checks, values=(*levels, *others))
    if item.kind == "scale" and item.reason is not None:
        checks = [WhenFinal(_ReasonGiven(number, item)), AtMost(REASON_CHARACTERS)]
        yield f"reason_{item.code}", CleanTextArea(_l("Reason"), checks)


def _number_fields(number: int, item: Item) -> Iterable[tuple[str, Any]]:
    yield (
        f"q_{item.code}",
        LocalisedIntegerField(_l("Score"), [WhenFinal(_ScoreOrOther(number, item))], low=0, high=item.points - 1),
    )
    yield from ((f"{name}_{item.code}", TickField(label)) for _, name, label in _others(item))


def _others(item: Item) -> list[tuple[str, str, Any]]:
    """The (value, name of a box of its own, label) of what may be said instead of an answer."""
    offered = {NO_BASIS: item.has_dont_know, NOT_APPLICABLE: item.has_not_applicable}
    return [other for other in OTHERS if offered[other[0]]]


def _missing(number: int, item: Item, *, is_assigned: bool) -> Any:
    if item.has_dont_know and item.has_not_applicable:
        return _l("Question %(number)s: choose an answer, or say that you cannot.", number=number)
    if item.has_dont_know and not is_assigned:
        return _l("Question %(number)s: choose an answer, or choose “I do not know”.", number=number)
    if item.has_dont_know:
        return _l("Question %(number)s: choose an answer, or choose “No basis to judge”.", number=number)
    if item.has_not_applicable:
        return _l("Question %(number)s: choose an answer, or choose “Does not apply to me”.", number=number)
    return _l("Question %(number)s: choose an answer.", number=number)


class _ScoreOrOther:
    """Exactly one of the score and the boxes beside it; neither where the question is optional."""

    def __init__(self, number: int, item: Item) -> None:
        self.number = number
        self.item = item

    def __call__(self, form: Any, field: Any) -> None:
        ticked = sum(bool(form[f"{name}_{self.item.code}"].data) for _, name, _ in _others(self.item))
        given = ticked + (field.data is not None)
        if field.errors or given == 1 or (given == 0 and not self.item.is_required):
            return
        if given > 1:
            raise ValidationError(
                _l("Panel %(number)s: you gave a score and chose “No basis to judge”. Keep one.", number=self.number)
                if ticked == 1 and self.item.has_dont_know and not self.item.has_not_applicable
                else _l("Panel %(number)s: you gave more than one answer. Keep one.", number=self.number)
            )
        raise ValidationError(self._missing())

    def _missing(self) -> Any:
        if not _others(self.item):
            return _l("Panel %(number)s: enter a score.", number=self.number)
        if self.item.has_not_applicable:
            return _l("Panel %(number)s: enter a score, or say that you cannot.", number=self.number)
        return _l("Panel %(number)s: enter a score, or choose “No basis to judge”.", number=self.number)


class _ReasonGiven:
    """An answer at either end of the scale needs a reason."""

    def __init__(self, number: int, item: Item) -> None:
        self.number = number
        self.item = item

    def __call__(self, form: Any, field: Any) -> None:
        given = form[f"q_{self.item.code}"].data
        rule = self.item.reason
        if rule is None or field.data or given is None or not str(given).isdecimal() or not rule.applies_to(int(given)):
            return
        raise ValidationError(_why(self.number, rule, is_number=self.item.look == "number"))


def _why(number: int, rule: Rule, *, is_number: bool) -> Any:
    low, high = rule.at_or_below, rule.at_or_above
    if not is_number:
        return _l("Question %(number)s: say why you chose this answer.", number=number)
    if low is None:
        return _l("Panel %(number)s: say why. A score of %(high)s or more needs a reason.", number=number, high=high)
    if high is None:
        return _l("Panel %(number)s: say why. A score of %(low)s or less needs a reason.", number=number, low=low)
    return _l(
        "Panel %(number)s: say why. A score of %(low)s or less, or of %(high)s or more, needs a reason.",
        number=number,
        low=low,
        high=high,
    )
