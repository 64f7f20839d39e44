"""A questionnaire as one immutable document: sections of items with their words in every language.

Words are mappings of locale to text. An item is of one of three kinds:

* "scale": one question about an indicator (role "score"), about how much an indicator matters (role "importance") or
  about the rater (role "background"; named options). Only the first is ever scored.
* "ticks": one legend over check boxes; each box is an indicator of two points: unticked is level 1, ticked level 2.
* "text": an open question; what is written is kept as a comment under the item's code.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import Any

from evalsys.models import Questionnaire

Words = Mapping[str, str]

SCALE, TICKS, TEXT = KINDS = ("scale", "ticks", "text")
LIKERT, STARS, THUMBS, NUMBER, CHOICE = LOOKS = ("likert", "stars", "thumbs", "number", "choice")
SCORE, IMPORTANCE, BACKGROUND = ROLES = ("score", "importance", "background")
PANEL_POINTS, TICK_POINTS = 101, 2
LOW_SCORE, HIGH_SCORE = 10, 91
TEXT_CHARACTERS = 1000


@dataclass(frozen=True)
class Anchor:
    """What a point means; `at` is its level, or the lowest score of a range where the look is "number"."""

    at: int
    words: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Tick:
    """One check box: the code of its indicator and the words beside it."""

    code: str
    text: Words = field(default_factory=dict)


@dataclass(frozen=True)
class ReasonRule:
    """A reason is needed at or below, or at or above, a level (a score of 0 to 100 where the look is "number")."""

    at_or_below: int | None = None
    at_or_above: int | None = None

    def applies_to(self, value: int) -> bool:
        """Whether this level, or score, needs a reason."""
        is_low = self.at_or_below is not None and value <= self.at_or_below
        return is_low or (self.at_or_above is not None and value >= self.at_or_above)


@dataclass(frozen=True)
class Item:
    """One question. `code` is its indicator's ("scale"), the block's ("ticks") or the text's own.

    `about` names the indicator whose importance is asked. `signs` hold -1, 0 or +1 for each point, weakest first; they
    are empty where points say neither yes nor no (numbers, background).
    """

    kind: str
    code: str
    name: Words = field(default_factory=dict)
    text: Words = field(default_factory=dict)
    hint: Words = field(default_factory=dict)
    look: str = LIKERT
    points: int = 5
    role: str = SCORE
    about: str = ""
    is_required: bool = True
    has_dont_know: bool = False
    has_not_applicable: bool = False
    anchors: tuple[Anchor, ...] = ()
    signs: tuple[int, ...] = ()
    reason: ReasonRule | None = None
    ticks: tuple[Tick, ...] = ()
    characters: int = TEXT_CHARACTERS

    @property
    def is_scored(self) -> bool:
        """Whether its answers may count in a score."""
        return self.kind == TICKS or (self.kind == SCALE and self.role == SCORE)

    def columns(self) -> tuple[tuple[str, int], ...]:
        """The (indicator code, points) it adds to the packed answers."""
        if self.kind == SCALE:
            return ((self.code, self.points),)
        return tuple((tick.code, TICK_POINTS) for tick in self.ticks)

    def value_of(self, level: int) -> int:
        """What a level is called on the form: the level itself, or the score from 0 of a number."""
        return level - 1 if self.look == NUMBER else level

    def level_of(self, value: int) -> int:
        """The level that the form calls so: the other way round."""
        return value + 1 if self.look == NUMBER else value


@dataclass(frozen=True)
class Section:
    """Items that belong together, under a title and a sentence that may be empty."""

    title: Words = field(default_factory=dict)
    intro: Words = field(default_factory=dict)
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, eq=False)
class Document:
    """A whole questionnaire; two with the same content are equal.

    `promise` is that of its group ("" leaves it to the page), `long_reason` why it exceeds the usual length.
    """

    sections: tuple[Section, ...] = ()
    promise: str = ""
    long_reason: str = ""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical text."""
        return hashlib.sha256(canonical(self).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items in page order."""
        return tuple(item for section in self.sections for item in section.items)


def parse(body: str) -> Document:
    """The document that a stored body holds; the same body gives the same object, ready made."""
    return _parse(body)


def canonical(document: Document) -> str:
    """The one text of a document, as it is stored: sorted keys, nothing that only repeats a default."""
    return json.dumps(_plain(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def columns(document: Document) -> tuple[tuple[str, int], ...]:
    """The (indicator code, points) of every question in the order of the packed answers."""
    return tuple(column for item in document.items for column in item.columns())


def unscored(document: Document) -> frozenset[str]:
    """The codes of questions whose answers never count: about importance, about the rater."""
    return frozenset(code for item in document.items if not item.is_scored for code, _ in item.columns())


@lru_cache(maxsize=256)
def plain_document(group: str, questions: tuple[tuple[str, int], ...]) -> Document:
    """The document of a questionnaire without a body: one scale a question, its words left to the translations.

    `questions` are (indicator code, points). Peers and experts may have no basis to judge; for others a question may
    not apply. Experts score from 0 to 100 and say why near either end.
    """
    return Document((Section(items=tuple(_plain_item(group, code, points) for code, points in questions)),))


def document_of(body: str, group: str, questions: tuple[tuple[str, int], ...]) -> Document:
    """The document of a questionnaire, with or without a body."""
    return parse(body) if body else plain_document(group, questions)


def document_for(form: Questionnaire) -> Document:
    """The document of a stored questionnaire."""
    asked = tuple((question.indicator.code, question.indicator.points) for question in form.questions)
    return document_of(form.body, form.group, asked)


def only(document: Document, codes: Collection[str]) -> Document:
    """The document with those scales and boxes alone whose indicators are among `codes`; open questions stay."""
    sections = (
        replace(section, items=tuple(item for item in map(partial(_narrowed, codes=codes), section.items) if item))
        for section in document.sections
    )
    return replace(document, sections=tuple(section for section in sections if section.items))


def _narrowed(item: Item, codes: Collection[str]) -> Item | None:
    if item.kind == TICKS:
        ticks = tuple(tick for tick in item.ticks if tick.code in codes)
        return replace(item, ticks=ticks) if ticks else None
    return item if item.kind == TEXT or item.code in codes else None


def item_of(stored: Mapping[str, Any]) -> Item:
    """The item that a part of a stored body holds."""
    made = dict(stored)
    made["anchors"] = tuple(Anchor(**anchor) for anchor in stored.get("anchors", ()))
    made["ticks"] = tuple(Tick(**tick) for tick in stored.get("ticks", ()))
    made["signs"] = tuple(stored.get("signs", ()))
    made["reason"] = ReasonRule(**stored["reason"]) if stored.get("reason") else None
    return Item(**made)


def stored_item(item: Item) -> dict[str, Any]:
    """The item as a stored body holds it."""
    return dict(_changed(item))


def usual_signs(points: int) -> tuple[int, ...]:
    """As many negative points as positive ones, and a neutral one in the middle of an odd number.

    >>> usual_signs(4), usual_signs(5)
    ((-1, -1, 1, 1), (-1, -1, 0, 1, 1))
    """
    half = points // 2
    return (-1,) * half + (0,) * (points % 2) + (1,) * half


def _plain_item(group: str, code: str, points: int) -> Item:
    is_panel, is_staff = group == "experts", group in ("peers", "experts")
    return Item(
        kind=SCALE,
        code=code,
        look=NUMBER if is_panel else LIKERT,
        points=points,
        has_dont_know=is_staff,
        has_not_applicable=not is_staff,
        signs=() if is_panel else usual_signs(points),
        reason=_usual_rule(points) if is_panel else None,
    )


def _usual_rule(points: int) -> ReasonRule:
    """At or below 10, at or above 91 of 100; on another scale the scores that lie as near to its ends."""
    highest = points - 1
    return ReasonRule(LOW_SCORE * highest // 100, -(-HIGH_SCORE * highest // 100))


@lru_cache(maxsize=256)
def _parse(body: str) -> Document:
    stored: dict[str, Any] = json.loads(body)
    sections = tuple(_section(section) for section in stored.get("sections", ()))
    return Document(**{**stored, "sections": sections})


def _section(stored: dict[str, Any]) -> Section:
    return Section(**{**stored, "items": tuple(item_of(item) for item in stored.get("items", ()))})


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return dict(_changed(value))
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return dict(value) if isinstance(value, Mapping) else value


def _changed(value: Any) -> Iterator[tuple[str, Any]]:
    for one in fields(value):
        found = getattr(value, one.name)
        default = {} if one.default_factory is not MISSING else one.default
        if found != default:
            yield one.name, _plain(found)
