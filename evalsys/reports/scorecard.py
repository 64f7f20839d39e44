"""The scorecard as plain data: everything a page or a PDF shows, already rounded and already withheld.

A template that gets a `Scorecard` holds no arithmetic and cannot show what may not be shown: a figure below its
publication level is None here, not merely hidden by the layout. Scores, means and bounds are Decimals on 0-100
with two decimals, rounded half up; weights and contributions are percent and points of the composite.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from babel.dates import format_date

T = typing.TypeVar("T")
Json = None | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True)
class BandLine:
    """One band of the scheme: scores of `start` and more, up to `end` (the next band's start, or 100)."""

    code: str
    start: Decimal
    end: Decimal


@dataclass(frozen=True)
class GroupLine:
    """One group of raters. At level "hidden" both `n` and `score` are None; `needed` is the n that would show it."""

    code: str
    name: str
    n: int | None
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    weight_nominal: Decimal
    weight_used: Decimal
    level: str
    promise: str
    needed: int = 0


@dataclass(frozen=True)
class IndicatorLine:
    """One indicator as one group answered it. Weights in percent of the composite; contribution in points of it."""

    code: str
    name: str
    group_code: str
    group_name: str
    dimension_name: str
    weight_nominal: Decimal
    weight_used: Decimal
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    n: int | None
    dont_know: int
    not_applicable: int
    contribution: Decimal | None
    raw_mean: Decimal | None
    points: int
    distribution: tuple[int, ...] = ()
    category_mean: Decimal | None = None
    gap: Decimal | None = None


@dataclass(frozen=True)
class HistoryPoint:
    """The unit's result in one round. `comparable` is False when the method broke between it and the card's round."""

    round_code: str
    score: Decimal | None
    band: str
    level: str
    comparable: bool
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class OpenChannelLine:
    """Answers given without an invitation: shown beside the score, weight 0. `mean` is None when n is too small."""

    n: int | None
    mean: Decimal | None


@dataclass(frozen=True)
class Scorecard:
    """One unit's result in one round and one language. Levels: "full", "indicative", "overseer", "hidden"."""

    unit_code: str
    unit_name: str
    category_code: str
    category_name: str
    body_name: str
    round_code: str
    round_title: str
    period: str
    published_on: date
    reference: str
    locale: str
    direction: str
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    band: str
    level: str
    level_n: int | None
    n: int
    rank: int | None
    ranked_of: int
    category_mean: Decimal | None
    category_units: int
    run_id: str
    run_digest: str
    scheme_code: str
    scheme_version: str
    scheme_digest: str
    engine_version: str
    adopted_on: date
    adopted_by: str
    bands: tuple[BandLine, ...] = ()
    groups: tuple[GroupLine, ...] = ()
    indicators: tuple[IndicatorLine, ...] = ()
    history: tuple[HistoryPoint, ...] = ()
    strengths: tuple[str, ...] = ()
    weaknesses: tuple[str, ...] = ()
    open_channel: OpenChannelLine | None = None
    level_group: str = ""
    change: Decimal | None = None
    change_since: str = ""
    change_is_clear: bool | None = None
    link: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_shown(self) -> bool:
        """Whether the composite itself may be shown."""
        return self.score is not None

    @property
    def published_text(self) -> str:
        """The day of publication in the card's language, with Latin digits."""
        return format_date(self.published_on, "long", locale=self.locale)

    @property
    def adopted_text(self) -> str:
        """The day on which the weights were adopted, in the card's language."""
        return format_date(self.adopted_on, "long", locale=self.locale)

    @property
    def limiting_group(self) -> GroupLine | None:
        """The group whose number of raters sets the card's level; None when the level is full."""
        return next((line for line in self.groups if line.code == self.level_group), None)

    @property
    def weights_moved(self) -> bool:
        """Whether a missing group changed the weights of the others."""
        return any(line.weight_used != line.weight_nominal for line in self.groups)

    @property
    def against_category(self) -> str:
        """Where the interval lies: wholly "above" or "below" the category's mean, or "near" it; "" when unknown."""
        if self.score is None or self.category_mean is None or self.low is None or self.high is None:
            return ""
        if self.low > self.category_mean:
            return "above"
        return "below" if self.high < self.category_mean else "near"

    @property
    def widest(self) -> Decimal:
        """The largest weight of an indicator: the full length of the bar of points."""
        return max((line.weight_used for line in self.indicators), default=Decimal(1))

    @property
    def by_dimension(self) -> tuple[tuple[str, tuple[IndicatorLine, ...]], ...]:
        """The indicator lines under their dimension, in the scheme's order."""
        names = dict.fromkeys(line.dimension_name for line in self.indicators)
        return tuple((name, tuple(i for i in self.indicators if i.dimension_name == name)) for name in names)

    @property
    def best(self) -> tuple[IndicatorLine, ...]:
        """The lines named in `strengths`, best first."""
        return self._lines(self.strengths)

    @property
    def worst(self) -> tuple[IndicatorLine, ...]:
        """The lines named in `weaknesses`, weakest first."""
        return self._lines(self.weaknesses)

    def _lines(self, codes: tuple[str, ...]) -> tuple[IndicatorLine, ...]:
        found = {line.code: line for line in self.indicators}
        return tuple(found[code] for code in codes if code in found)

    def canonical(self) -> bytes:
        """The card as canonical JSON: UTF-8, sorted keys, no blanks, every number as fixed-point text."""
        text = json.dumps(_plain(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode()

    @property
    def digest(self) -> str:
        """SHA-256 of `canonical()`, 64 hexadecimal digits."""
        return hashlib.sha256(self.canonical()).hexdigest()

    @classmethod
    def from_json(cls, data: bytes | str) -> Scorecard:
        """The card that `canonical()` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        return _record(cls, json.loads(data))


def _plain(value: object) -> Json:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return str(value)


def _record(kind: type[T], row: Mapping[str, Json]) -> T:
    hints = _hints(typing.cast(typing.Hashable, kind))
    return kind(**{name: _value(hints[name], item) for name, item in row.items()})


@cache
def _hints(kind: typing.Hashable) -> Mapping[str, typing.Any]:
    """The types of a record's fields; looking them up is most of the cost of reading a card."""
    return typing.get_type_hints(typing.cast(type, kind))


def _value(kind: typing.Any, item: Json) -> object:
    if item is None:
        return None
    if isinstance(kind, types.UnionType):
        return _value(next(part for part in kind.__args__ if part is not type(None)), item)
    if typing.get_origin(kind) is tuple:
        return tuple(_value(kind.__args__[0], part) for part in item)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and isinstance(item, dict):
        return _record(kind, item)
    return _READERS[kind](item)


_READERS: Mapping[object, typing.Callable[[typing.Any], object]] = {
    str: str,
    int: int,
    Decimal: Decimal,
    date: date.fromisoformat,
    bool: lambda text: text == "yes",
}
