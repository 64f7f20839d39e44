"""What a scheme asks for besides ratings: administrative indicators, what they are divided by, for which periods."""

from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalsys.i18n import DEFAULT_LOCALE, LOCALES
from evalsys.models import Figure, Round
from evalsys.services import content
from evalsys.services.weights import percent
from scoring.scheme import Node, Scheme

POSTS = "goalposts"
LOGARITHM = ("transform", "log")
LABELS = (len("2025"), len("2025-12"), len("2025-12-31"))


@dataclass(frozen=True)
class Need:
    """One figure that is asked for.

    `direction` is empty for what only divides others; `units` is None when it is asked of every unit. `low` and `high`
    are the posts of its scale in raw units, if it has any and is not divided; `is_clipped` says that the scheme counts
    what lies beyond them as the post. `is_positive`: it divides another one, or its logarithm is taken.
    """

    code: str
    direction: str = ""
    units: frozenset[str] | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    is_clipped: bool = False
    is_positive: bool = False
    denominator: str = ""
    method: str = ""
    impute: str = ""

    def applies_to(self, unit: str) -> bool:
        """Whether the figure is asked of this unit."""
        return self.units is None or unit in self.units

    def is_beyond(self, value: Decimal) -> bool:
        """Whether the value lies outside the posts of the scale."""
        return self.low is not None and self.high is not None and not self.low <= value <= self.high


@dataclass(frozen=True)
class Measure:
    """The unit of measure of a figure: as it is stored, and every text that says the same, in small letters."""

    stored: str
    accepted: frozenset[str]


class Measures:
    """Units of measure in one language: a declared one in its words, any other as it was given."""

    def __init__(self, locale: str) -> None:
        self._named = content.texts("indicator", "measure", locale)
        self._stored = content.texts("indicator", "measure", DEFAULT_LOCALE)

    def of(self, indicator: str, stored: str) -> str:
        """The unit of measure of a figure for reading."""
        is_declared = indicator in self._stored and str(self._stored[indicator]) == stored
        return str(self._named[indicator]) if is_declared else stored


def needs_of(scheme: Scheme) -> tuple[Need, ...]:
    """The administrative indicators in the scheme's order, then what they are divided by and is none of them."""
    leaves = [leaf for leaf in scheme.leaves() if not leaf.is_rated]
    found = {leaf.code: _need(leaf) for leaf in leaves}
    for leaf in leaves:
        if leaf.denominator:
            known = found.get(leaf.denominator)
            units = frozenset(leaf.units) if leaf.units else None
            found[leaf.denominator] = (
                Need(leaf.denominator, units=units, is_positive=True)
                if known is None
                else replace(known, units=_joined(known.units, units), is_positive=True)
            )
    return tuple(found.values())


def periods_of(round_: Round) -> tuple[str, ...]:
    """The periods of which figures are taken, earliest first: those of the rounds before it in its line, and its own.

    A period is named by the day on which its round ends: by the year, or by month or day where years are not enough.
    """
    ends, former = {round_.period_end}, round_.previous
    while former is not None and former.period_end < min(ends):
        ends.add(former.period_end)
        former = former.previous
    days = [end.isoformat() for end in sorted(ends)]
    named = [tuple(day[:size] for day in days) for size in LABELS]
    return next(labels for labels in named if len(set(labels)) == len(labels))


def measures_of(session: Session, round_: Round, needs: tuple[Need, ...]) -> dict[str, Measure]:
    """The unit of measure of each figure: what its texts declare, else that of figures loaded before."""
    said = [content.texts("indicator", "measure", locale) for locale in LOCALES]
    stored = content.texts("indicator", "measure", DEFAULT_LOCALE)
    used = select(Figure.indicator, Figure.measure).where(Figure.round_id == round_.id, Figure.is_current)
    loaded = dict(session.execute(used.distinct()).all())
    found = {}
    for need in needs:
        if need.code in stored:
            found[need.code] = Measure(str(stored[need.code]), frozenset(fold(str(text[need.code])) for text in said))
        elif need.code in loaded:
            found[need.code] = Measure(loaded[need.code], frozenset({fold(loaded[need.code])}))
    return found


def fold(text: str) -> str:
    """A unit of measure for comparing."""
    return " ".join(text.split()).casefold()


def _need(leaf: Node) -> Need:
    normaliser = leaf.normaliser
    if normaliser is None:
        return Need(leaf.code, leaf.direction)
    posts = {name: value for name, value in normaliser.parameters if not isinstance(value, str)}
    is_posted = normaliser.method == POSTS and not leaf.denominator
    return Need(
        code=leaf.code,
        direction=leaf.direction,
        units=frozenset(leaf.units) if leaf.units else None,
        low=percent(posts["low"] / 100) if is_posted else None,
        high=percent(posts["high"] / 100) if is_posted else None,
        is_clipped=normaliser.clip,
        is_positive=LOGARITHM in normaliser.parameters,
        denominator=leaf.denominator,
        method=normaliser.method,
        impute=leaf.impute,
    )


def _joined(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return None if one is None or other is None else one | other
