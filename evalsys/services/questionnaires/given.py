"""Stored answers in words: each question with what was chosen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evalsys.services.content import Text
from evalsys.services.questionnaires.document import NUMBER, SCALE, TICKS, Document, Item
from evalsys.services.questionnaires.shown import Shown, ShownItem

NOTHING = Text("", "")
TICKED = 2


@dataclass(frozen=True)
class Given:
    """One question with its answer: `value` is the level or score, "dk", "na" or "" (nothing); `word` what it means."""

    text: Text
    value: str
    word: Text


def describe(document: Document, shown: Shown, codes: Sequence[int]) -> tuple[Given, ...]:
    """The answers of packed `codes` in page order; of a block of ticks, one line a box."""
    items = [item for section in shown.sections for item in section.items]
    left = iter(codes)
    return tuple(line for item, words in zip(document.items, items, strict=True) for line in _lines(item, words, left))


def _lines(item: Item, words: ShownItem, codes: Iterator[int]) -> Iterator[Given]:
    if item.kind == TICKS:
        yield from (Given(text, "✓" if next(codes) == TICKED else "", NOTHING) for _, text in words.ticks)
    elif item.kind == SCALE:
        yield _line(item, words, next(codes))


def _line(item: Item, words: ShownItem, code: int) -> Given:
    if not 1 <= code <= item.points:
        return Given(words.text, {item.points + 1: "dk", item.points + 2: "na"}.get(code, ""), NOTHING)
    if item.look == NUMBER:
        return Given(words.text, str(item.value_of(code)), _step(words, item.value_of(code)))
    value, word = words.options[code - 1]
    return Given(words.text, value, word)


def _step(words: ShownItem, score: int) -> Text:
    """The rubric's words for a score; nothing where the question has none of its own."""
    for span, text in words.anchors:
        low, high = (int(bound) for bound in span.split("–"))
        if low <= score <= high:
            return text
    return NOTHING
