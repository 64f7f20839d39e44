"""Answers by indicator: packed levels, the numbers that the form shows for them, and what calibration asks."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from evalsys.models import Questionnaire
from evalsys.services.questionnaires.document import TEXT, Document, Item, document_for, only

NOT_ANSWERED = 0
WHOLE_SCALE = 100


def calibration_document(form: Questionnaire, codes: Collection[str] | None = None) -> Document:
    """The scored questions of a form, those of `codes` alone where given: each to be answered, without a reason."""
    whole = document_for(form)
    scored = {code for item, code in _columns(whole) if item.is_scored}
    asked = only(whole, scored if codes is None else scored & set(codes))
    sections = (
        replace(one, items=tuple(_bare(item) for item in one.items if item.kind != TEXT)) for one in asked.sections
    )
    return replace(asked, sections=tuple(section for section in sections if section.items))


def values_of(document: Document, levels: Sequence[int]) -> dict[str, int]:
    """The numbers that the form shows for packed answers, by indicator code; nothing for what has no level or score.

    A number is its score from 0, an option its place from 1, a box 1 (left open) or 2 (ticked).
    """
    pairs = zip(_columns(document), levels, strict=True)
    return {code: item.value_of(level) for (item, code), level in pairs if 1 <= level <= _points(item)}


def levels_of(document: Document, values: Mapping[str, int]) -> list[int]:
    """The packed answers of such numbers; what is missing or off its scale is not answered."""
    levels = (
        (item, item.level_of(values[code]) if code in values else NOT_ANSWERED) for item, code in _columns(document)
    )
    return [level if 1 <= level <= _points(item) else NOT_ANSWERED for item, level in levels]


def stretched(document: Document, values: Mapping[str, int]) -> dict[str, Fraction]:
    """Such numbers on a common scale from 0 to 100, exact, so that distances on different scales can be averaged."""
    known = ((item, code) for item, code in _columns(document) if code in values)
    return {code: Fraction((item.level_of(values[code]) - 1) * WHOLE_SCALE, _points(item) - 1) for item, code in known}


def _bare(item: Item) -> Item:
    return replace(item, is_required=True, has_dont_know=False, has_not_applicable=False, reason=None)


def _columns(document: Document) -> Iterator[tuple[Item, str]]:
    yield from ((item, code) for item in document.items for code, _ in item.columns())


def _points(item: Item) -> int:
    return item.columns()[0][1]
