"""What is wrong with a questionnaire, what it still lacks, and how long it takes. Problems are (message id, params)."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evalsys.i18n import LANGUAGES, LOCALES, _l
from evalsys.services.questionnaires.document import (
    BACKGROUND,
    CHOICE,
    IMPORTANCE,
    LIKERT,
    NUMBER,
    PANEL_POINTS,
    SCALE,
    STARS,
    TEXT,
    THUMBS,
    TICKS,
    Document,
    Item,
    Words,
    columns,
)

Problem = tuple[str, Mapping[str, object]]

ITEMS_FOR_EVERYBODY = 8
MOST_COLUMNS = 200
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
TEXT_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
POINTS = {LIKERT: range(2, 11), STARS: range(3, 11), THUMBS: (2,), NUMBER: (PANEL_POINTS,), CHOICE: range(2, 21)}
LEAST_CHARACTERS, MOST_CHARACTERS = 50, 2000
ALL_WORDED_POINTS = 7  # above it, words at both ends are enough
SECONDS = {LIKERT: 8, STARS: 7, THUMBS: 6, NUMBER: 40, CHOICE: 8, TEXT: 40}
TICKS_SECONDS, TICK_SECONDS, REASON_SECONDS = 5, 2, 5


@dataclass(frozen=True)
class Missing:
    """Words that are not there yet: of which question (0: of a section), what, and in which language."""

    number: int
    what: str
    params: Mapping[str, object]
    locale: str

    @property
    def language(self) -> str:
        """The language's own name."""
        return dict(LANGUAGES)[self.locale]


def problems_of(document: Document, *, is_public: bool) -> list[Problem]:
    """Everything that keeps the document from being saved; missing words do not."""
    found = [problem for number, item in enumerate(document.items, 1) for problem in _item_problems(number, item)]
    codes = Counter(code for item in document.items for code in _codes(item))
    found += [(_l("The code “%(code)s” is used twice."), {"code": code}) for code, n in codes.items() if n > 1]
    if len(columns(document)) > MOST_COLUMNS:
        found.append((_l("There are more than %(most)s answers."), {"most": MOST_COLUMNS}))
    length = len(document.items)
    if is_public and length > ITEMS_FOR_EVERYBODY and not document.long_reason.strip():
        text = _l(
            "%(length)s questions are more than the %(most)s that people are usually asked. "
            "Say why it is longer, or remove some."
        )
        found.append((text, {"length": length, "most": ITEMS_FOR_EVERYBODY}))
    return found


def missing_words(document: Document, *, is_strict: bool = True) -> list[Missing]:
    """Words that the round cannot be opened without.

    Words that exist in one language are needed in all; questions, boxes and, when `is_strict`, points always.
    """
    found = [
        Missing(0, what, {}, locale)
        for section in document.sections
        for what, words in ((_l("title of a section"), section.title), (_l("sentence of a section"), section.intro))
        for locale in _lacking(words, is_needed=False)
    ]
    for number, item in enumerate(document.items, 1):
        for what, params, words, is_needed in _worded(item, is_strict=is_strict):
            found += [Missing(number, what, params, locale) for locale in _lacking(words, is_needed=is_needed)]
    return found


def seconds_of(document: Document) -> int:
    """How long an attentive rater needs, roughly: see docs/questionnaires.md for where the seconds come from."""
    return sum(_seconds(item) for item in document.items)


def _item_problems(number: int, item: Item) -> Iterator[Problem]:
    place: dict[str, object] = {"number": number}
    pattern = TEXT_CODE if item.kind == TEXT else CODE
    for code in _codes(item):
        if not pattern.fullmatch(code):
            text = _l("Question %(number)s: use Latin letters, digits, “_”, “-” and “.” in its code.")
            yield text, place
    if item.kind == TEXT and not LEAST_CHARACTERS <= item.characters <= MOST_CHARACTERS:
        text = _l("Question %(number)s: allow from %(least)s to %(most)s characters.")
        yield text, place | {"least": LEAST_CHARACTERS, "most": MOST_CHARACTERS}
    if item.kind == TICKS and not item.ticks:
        yield _l("Question %(number)s: give it at least one box."), place
    if item.kind == SCALE:
        yield from _scale_problems(place, item)


def _scale_problems(place: dict[str, object], item: Item) -> Iterator[Problem]:
    if item.points not in POINTS[item.look]:
        yield (
            _l("Question %(number)s: a scale of this kind cannot have %(points)s points."),
            place | {"points": item.points},
        )
    if item.role == BACKGROUND and item.look != CHOICE:
        yield _l("Question %(number)s: a question about the rater offers named answers."), place
    if item.role == IMPORTANCE and not item.about:
        yield _l("Question %(number)s: say whose importance is asked."), place
    lowest, highest = item.value_of(1), item.value_of(item.points)
    if len({anchor.at for anchor in item.anchors}) < len(item.anchors) or any(
        not lowest <= anchor.at <= highest for anchor in item.anchors
    ):
        yield _l("Question %(number)s: words stand beside a point that the scale does not have."), place
    yield from _sign_problems(place, item)
    if item.reason is not None:
        limits = [level for level in (item.reason.at_or_below, item.reason.at_or_above) if level is not None]
        if not limits or limits != sorted(set(limits)) or not all(lowest <= level <= highest for level in limits):
            yield _l("Question %(number)s: a reason is asked for at points that the scale does not have."), place


def _sign_problems(place: dict[str, object], item: Item) -> Iterator[Problem]:
    if item.look == NUMBER or item.role == BACKGROUND:
        return
    if len(item.signs) != item.points:
        yield _l("Question %(number)s: say of each point whether it is negative, neutral or positive."), place
        return
    good, bad = item.signs.count(1), item.signs.count(-1)
    counted = place | {"good": good, "bad": bad}
    if good > bad:
        text = _l(
            "Question %(number)s: %(good)s points are positive and only %(bad)s negative. Such a scale pushes people "
            "towards praise. Offer as many negative points as positive ones."
        )
        yield text, counted
    elif bad > good:
        text = _l(
            "Question %(number)s: %(bad)s points are negative and only %(good)s positive. Such a scale pushes people "
            "towards blame. Offer as many positive points as negative ones."
        )
        yield text, counted


def _codes(item: Item) -> list[str]:
    return [tick.code for tick in item.ticks] if item.kind == TICKS else [item.code]


def _worded(item: Item, *, is_strict: bool) -> Iterator[tuple[str, dict[str, object], Words, bool]]:
    """What is said, with which parameters, the words, and whether they are needed even if no language has them."""
    yield _l("question"), {}, item.text, not item.name or item.look != NUMBER
    yield _l("short name"), {}, item.name, False
    yield _l("hint"), {}, item.hint, False
    for place, tick in enumerate(item.ticks, 1):
        yield _l("box %(place)s"), {"place": place}, tick.text, True
    if item.kind != SCALE:
        return
    said = {anchor.at: anchor.words for anchor in item.anchors}
    for point in sorted(said.keys() | (_needed_points(item) if is_strict else set())):
        yield _l("words of point %(point)s"), {"point": point}, said.get(point, {}), is_strict


def _needed_points(item: Item) -> set[int]:
    if item.look == NUMBER:
        return set()
    ends_only = item.points > ALL_WORDED_POINTS and item.look in (LIKERT, STARS)
    return {1, item.points} if ends_only else set(range(1, item.points + 1))


def _lacking(words: Words, *, is_needed: bool) -> list[str]:
    is_said = any(words.get(locale) for locale in LOCALES)
    return [locale for locale in LOCALES if not words.get(locale)] if is_said or is_needed else []


def _seconds(item: Item) -> int:
    if item.kind == TICKS:
        return TICKS_SECONDS + TICK_SECONDS * len(item.ticks)
    return SECONDS[TEXT if item.kind == TEXT else item.look] + (REASON_SECONDS if item.reason else 0)
