"""A questionnaire in one language, ready for the page: what `templates/components/questions.html` draws."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from evalsys.i18n import DEFAULT_LOCALE
from evalsys.services.content import ANCHOR, Text
from evalsys.services.questionnaires.document import (
    LIKERT,
    NUMBER,
    SCALE,
    STARS,
    Document,
    Item,
    Words,
)
from evalsys.services.questionnaires.lint import seconds_of

FIVE, WIDE = 5, (7, 10)
MINUTE_SECONDS = 60
UNSAID = Text("", "")
Said = Mapping[str, Mapping[str, Text]]


@dataclass(frozen=True)
class ShownItem:
    """One question. `number` counts from 1; `options` are (value, word), weakest first; `anchors` (range, words).

    `ticks` are (indicator code, words). `needs_reason` says that some answers need one: scores from `low` down and from
    `high` up, the options in `needing` by their words. `shape` is the class that lays the boxes out.
    """

    number: int
    kind: str
    look: str
    code: str
    name: Text
    text: Text
    hint: Text
    options: tuple[tuple[str, Text], ...]
    anchors: tuple[tuple[str, Text], ...]
    ticks: tuple[tuple[str, Text], ...]
    highest: int
    characters: int
    is_required: bool
    has_dont_know: bool
    has_not_applicable: bool
    has_digits: bool
    shape: str
    needs_reason: bool
    needing: tuple[str, ...]
    low: int | None
    high: int | None


@dataclass(frozen=True)
class ShownSection:
    """A part of the form under its title."""

    title: Text
    intro: Text
    items: tuple[ShownItem, ...]


@dataclass(frozen=True, eq=False)
class Shown:
    """The whole form; one object a document and language, so that what was drawn of it can be kept."""

    sections: tuple[ShownSection, ...]
    minutes: int

    @property
    def questions(self) -> int:
        """How many questions there are."""
        return sum(len(section.items) for section in self.sections)

    @property
    def names(self) -> tuple[Text, ...]:
        """What each of the packed answers is about: the short name of a scale, the words beside a box."""
        items = (item for section in self.sections for item in section.items)
        return tuple(name for item in items for name in _names(item))


@lru_cache(maxsize=256)
def show(document: Document, locale: str) -> Shown:
    """The document's own words in `locale`, English where one is missing."""
    return _shown(document, locale, {})


@lru_cache(maxsize=256)
def show_with(document: Document, locale: str, words: frozenset[tuple[tuple[str, str, str], Text]]) -> Shown:
    """The same for a document without words, with those of its indicators: ((entity, code, field), text)."""
    said: dict[str, dict[str, Text]] = {}
    for (_, code, field), text in words:
        said.setdefault(code, {})[field] = text
    return _shown(document, locale, said)


def _names(item: ShownItem) -> tuple[Text, ...]:
    return (item.name,) if item.kind == SCALE else tuple(words for _, words in item.ticks)


def has_own_words(document: Document) -> bool:
    """False for the plain form, which says what its indicators' translations say."""
    return any(item.text or item.name for item in document.items)


def said_in(words: Words, locale: str) -> Text:
    """The words in `locale`, else in English, else nothing."""
    for language in (locale, DEFAULT_LOCALE):
        if words.get(language):
            return Text(words[language], language)
    return UNSAID


def _shown(document: Document, locale: str, said: Said) -> Shown:
    numbers = iter(range(1, len(document.items) + 1))
    return Shown(
        tuple(
            ShownSection(
                said_in(section.title, locale),
                said_in(section.intro, locale),
                tuple(_item(next(numbers), item, locale, said) for item in section.items),
            )
            for section in document.sections
        ),
        minutes=max(1, ceil(seconds_of(document) / MINUTE_SECONDS)),
    )


def _item(number: int, item: Item, locale: str, said: Said) -> ShownItem:
    own = said.get(item.code, {}) if item.kind == SCALE else {}
    name, text = _named(item, locale, own)
    steps = {anchor.at: said_in(anchor.words, locale) for anchor in item.anchors} or _steps(own)
    levels = item.points if item.kind == SCALE and item.look != NUMBER else 0
    options = tuple((str(level), steps.get(level, UNSAID)) for level in range(1, levels + 1))
    rule = item.reason
    return ShownItem(
        number=number,
        kind=item.kind,
        look=item.look,
        code=item.code,
        name=name,
        text=text,
        hint=said_in(item.hint, locale),
        options=options,
        anchors=tuple(_ranges(steps, item.points)) if item.look == NUMBER else (),
        ticks=tuple((tick.code, said_in(tick.text, locale)) for tick in item.ticks),
        highest=item.points - 1,
        characters=item.characters,
        is_required=item.is_required,
        has_dont_know=item.has_dont_know,
        has_not_applicable=item.has_not_applicable,
        has_digits=item.look in (LIKERT, STARS),
        shape=_shape(item),
        needs_reason=rule is not None,
        needing=tuple(str(word) or value for value, word in options if rule and rule.applies_to(int(value))),
        low=rule.at_or_below if rule else None,
        high=rule.at_or_above if rule else None,
    )


def _named(item: Item, locale: str, own: Mapping[str, Text]) -> tuple[Text, Text]:
    """The short name and the question; each stands in for the other, the code for both."""
    name, text = said_in(item.name, locale), said_in(item.text, locale)
    name = name if name.text else own.get("name", UNSAID)
    text = text if text.text else own.get("question", UNSAID)
    either = name if name.text else text if text.text else Text(item.code, "")
    return (name if name.text else either), (text if text.text else either)


def _shape(item: Item) -> str:
    if item.look in (LIKERT, STARS):
        return "" if item.points == FIVE else f" scale--{item.points}" if item.points in WIDE else " scale--many"
    return f" scale--{item.look}"


def _steps(own: Mapping[str, Text]) -> dict[int, Text]:
    return {int(field.removeprefix(ANCHOR)): text for field, text in own.items() if field.startswith(ANCHOR)}


def _ranges(steps: Mapping[int, Text], points: int) -> Iterator[tuple[str, Text]]:
    starts = sorted(steps)
    ends = [*(start - 1 for start in starts[1:]), points - 1]
    for start, end in zip(starts, ends, strict=False):
        yield f"{start}–{end}", steps[start]
