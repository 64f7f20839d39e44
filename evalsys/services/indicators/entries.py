"""An entry of the dictionary as plain data: its words in every language, and what a round that uses it lacks."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.i18n import LOCALES, _l
from evalsys.models import Indicator, Translation
from evalsys.services.content import ANCHOR

NAME, QUESTION, DEFINITION, HINT, MEASURE = FIELDS = ("name", "question", "definition", "hint", "measure")
WORD_OF = {
    NAME: _l("name"),
    QUESTION: _l("question"),
    DEFINITION: _l("definition"),
    HINT: _l("hint"),
    MEASURE: _l("unit of measure"),
}
PANEL_POINTS = 101
RUBRIC = (0, 11, 31, 51, 71, 91)
"""Where the steps of a 0-100 rubric begin unless the entry has its own: customary for panels after CAF."""
FEWEST_STEPS = 2
MOST_POINTS = 10
TICK_POINTS = 2
ALL_WORDED_POINTS = 7  # above it, words at both ends are enough
Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Lack:
    """Words that are missing: what (message id and its params), and the languages that lack it."""

    field: str
    what: str
    params: Mapping[str, object]
    locales: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """An indicator as it stands at one time; `texts` are by field, then by language."""

    code: str
    points: int
    source: str
    texts: Texts

    @cached_property
    def canonical(self) -> str:
        """Its one text: sorted keys, nothing that is empty."""
        said = {field: {k: text for k, text in words.items() if text} for field, words in self.texts.items()}
        plain = {
            "code": self.code,
            "points": self.points,
            "source": self.source,
            "texts": {field: words for field, words in said.items() if words},
        }
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical text."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @property
    def starts(self) -> tuple[int, ...]:
        """The points of the scale that have words, lowest first."""
        return tuple(sorted(int(field.removeprefix(ANCHOR)) for field in self.texts if field.startswith(ANCHOR)))

    @property
    def anchors(self) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """(Point, or range of a rubric's step, and its words), lowest first."""
        starts = self.starts
        ends = [start - 1 for start in starts[1:]] + [self.points - 1]
        return tuple(
            (
                f"{start}–{end}" if self.points > ALL_WORDED_POINTS and end > start else str(start),
                self.said(f"{ANCHOR}{start}"),
            )
            for start, end in zip(starts, ends, strict=False)
        )

    @property
    def rows(self) -> tuple[int, ...]:
        """The points that a form offers words for: those that have some, and all that the scale has."""
        if self.points == PANEL_POINTS:
            return self.starts or RUBRIC
        first = 0 if 0 in self.starts else 1
        every = range(first, first + self.points) if self.points <= MOST_POINTS else ()
        return tuple(sorted({*self.starts, *every}))

    def said(self, field: str) -> Mapping[str, str]:
        """The words of one field by language."""
        return self.texts.get(field, {})

    def lacks(self) -> tuple[Lack, ...]:
        """Words without which no round opens: the name, every anchor; others in all languages or in none."""
        return tuple(self._lacks())

    def _lacks(self) -> Iterator[Lack]:
        for field in FIELDS:
            yield from self._lacking(field, WORD_OF[field], {}, is_needed=field == NAME)
        needed = needed_points(self.points, self.starts)
        for start in sorted({*self.starts, *needed}):
            what = _l("words of point %(point)s")
            yield from self._lacking(f"{ANCHOR}{start}", what, {"point": start}, is_needed=start in needed)

    def _lacking(self, field: str, what: str, params: Mapping[str, object], *, is_needed: bool) -> Iterator[Lack]:
        words = self.said(field)
        missing = tuple(locale for locale in LOCALES if not words.get(locale))
        if missing and (is_needed or len(missing) < len(LOCALES)):
            yield Lack(field, what, params, missing)


def needed_points(points: int, starts: Iterable[int] = ()) -> frozenset[int]:
    """The points that must have words: all up to seven, above that both ends, and the steps of a 0-100 rubric.

    A box (two points) says it all in its name. A scale that has words for 0 counts its levels from there.
    """
    there = set(starts)
    if points <= TICK_POINTS:
        return frozenset()
    if points == PANEL_POINTS:
        return frozenset({0} if len(there) >= FEWEST_STEPS else RUBRIC)
    first = 0 if 0 in there else 1
    ends = first, first + points - 1
    return frozenset(ends if points > ALL_WORDED_POINTS else range(first, first + points))


def parse(body: str) -> Entry:
    """The entry that a stored version holds."""
    stored: dict[str, Any] = json.loads(body)
    return Entry(**stored)


def read_entries(session: Session, indicators: Iterable[Indicator]) -> dict[str, Entry]:
    """The entries as they stand now, by code; in one statement."""
    known = {indicator.code: indicator for indicator in indicators}
    query = select(Translation).where(Translation.entity == "indicator")
    if len(known) == 1:
        query = query.where(Translation.entity_key == next(iter(known)))
    said: dict[str, dict[str, dict[str, str]]] = {code: {} for code in known}
    for row in session.scalars(query):
        if row.entity_key in said:
            said[row.entity_key].setdefault(row.field, {})[row.locale] = row.text
    return {code: Entry(code, one.points, one.source, said[code]) for code, one in known.items()}
