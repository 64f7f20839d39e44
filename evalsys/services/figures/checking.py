"""Checks of the figures in a file against the round and its weights; whatever is not taken is named with its reason."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from evalsys.i18n import _l
from evalsys.services.figures.needs import Measure, Need, fold
from evalsys.services.figures.numbers import NotANumber, read_number
from evalsys.services.figures.reading import Cell
from evalsys.services.rowlist import RowProblem

SOURCE_CHARACTERS = 500
MEASURE_CHARACTERS = 60
LINES_NAMED = 10

NO_UNIT = _l("The round has no office “%(unit)s”.")
NO_INDICATOR = _l("The weights ask for no figure “%(indicator)s”.")
NOT_ASKED = _l("This figure is not asked of the office “%(unit)s”.")
NO_PERIOD = _l("Figures of “%(period)s” are not asked for. Periods asked for: %(periods)s.")
NO_VALUE = _l("There is no figure. A figure that is not known has no row at all.")
BEYOND = _l("Outside the scale, which goes from %(low)s to %(high)s.")
BEYOND_CLIPPED = _l("Outside the scale, which goes from %(low)s to %(high)s. It can be taken as the end of the scale.")
NOT_POSITIVE = _l("This must be more than 0, since other figures are divided by it or its logarithm is taken.")
NO_SOURCE = _l("There is no source. Say where the figure is from.")
TOO_LONG = _l("This text is longer than %(limit)s characters.")
NO_MEASURE = _l("There is no unit of measure.")
OTHER_MEASURE = _l("The unit of measure is “%(measure)s”, not “%(given)s”.")
TWICE = _l("The file has this figure several times, in lines %(lines)s. None of them is taken.")

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Entry:
    """A figure that may be stored; `value` is an exact decimal. `is_beyond`: it counts as the post of its scale."""

    unit: str
    indicator: str
    period: str
    value: str
    measure: str
    source: str
    is_beyond: bool = False

    @property
    def key(self) -> Key:
        """What there is one figure of."""
        return self.unit, self.indicator, self.period


@dataclass
class Ground:
    """What a file is checked against. `periods` are in their order, the last is the round's own.

    `takes_beyond`: values outside the posts are taken where the scheme counts them as the post. A unit of measure that
    nothing declares is the one that the file names first; it is added to `measures`.
    """

    units: frozenset[str]
    needs: Mapping[str, Need]
    periods: tuple[str, ...]
    measures: dict[str, Measure]
    takes_beyond: bool = False


@dataclass(frozen=True)
class Checked:
    """The figures of a file that may be stored, and the cells that are not taken, in the order of the file."""

    entries: tuple[Entry, ...]
    rejected: tuple[RowProblem, ...]


@dataclass
class _Sorted:
    good: dict[Key, list[tuple[Cell, Entry]]] = field(default_factory=lambda: defaultdict(list))
    rejected: list[RowProblem] = field(default_factory=list)


def check_cells(cells: Iterable[Cell | RowProblem], ground: Ground) -> Checked:
    """Sort the cells into figures and rejections; of a figure that stands several times none is taken."""
    found = _Sorted()
    for cell in cells:
        verdict = cell if isinstance(cell, RowProblem) else _check(cell, ground)
        if isinstance(verdict, RowProblem):
            found.rejected.append(verdict)
        elif not isinstance(cell, RowProblem):
            found.good[verdict.key].append((cell, verdict))
    entries = []
    for same in found.good.values():
        lines = ", ".join(str(cell.line) for cell, _entry in same[:LINES_NAMED]) + (" …" * (len(same) > LINES_NAMED))
        if len(same) > 1:
            found.rejected += [cell.refuse("value", TWICE, lines=lines) for cell, _entry in same]
        else:
            entries.append(same[0][1])
    return Checked(tuple(entries), tuple(sorted(found.rejected, key=lambda one: one.line)))


def _check(cell: Cell, ground: Ground) -> Entry | RowProblem:
    need, period = ground.needs.get(cell.indicator), cell.period or ground.periods[-1]
    refusal = _check_place(cell, need, period, ground)
    if refusal is not None or need is None:
        return refusal or cell.refuse("indicator", NO_INDICATOR, indicator=cell.indicator)
    try:
        value = read_number(cell.value)
    except NotANumber as error:
        return cell.refuse("value", str(error) if cell.value else NO_VALUE)
    refusal = _check_size(cell, need, Decimal(value), ground) or _check_texts(cell, ground)
    if refusal is not None:
        return refusal
    measure = ground.measures.setdefault(cell.indicator, Measure(cell.measure, frozenset({fold(cell.measure)})))
    is_beyond = need.is_beyond(Decimal(value))
    return Entry(cell.unit, cell.indicator, period, value, measure.stored, cell.source, is_beyond)


def _check_place(cell: Cell, need: Need | None, period: str, ground: Ground) -> RowProblem | None:
    if cell.unit not in ground.units:
        return cell.refuse("unit", NO_UNIT, unit=cell.unit)
    if need is None:
        return cell.refuse("indicator", NO_INDICATOR, indicator=cell.indicator)
    if not need.applies_to(cell.unit):
        return cell.refuse("indicator", NOT_ASKED, unit=cell.unit)
    if period not in ground.periods:
        return cell.refuse("period", NO_PERIOD, period=period, periods=", ".join(ground.periods))
    return None


def _check_size(cell: Cell, need: Need, value: Decimal, ground: Ground) -> RowProblem | None:
    if need.is_positive and value <= 0:
        return cell.refuse("value", NOT_POSITIVE)
    if need.is_beyond(value) and not (need.is_clipped and ground.takes_beyond):
        reason = BEYOND_CLIPPED if need.is_clipped else BEYOND
        return cell.refuse("value", reason, low=f"{need.low:f}", high=f"{need.high:f}")
    return None


def _check_texts(cell: Cell, ground: Ground) -> RowProblem | None:
    if not cell.source:
        return cell.refuse("source", NO_SOURCE)
    if len(cell.source) > SOURCE_CHARACTERS:
        return cell.refuse("source", TOO_LONG, limit=SOURCE_CHARACTERS)
    declared = ground.measures.get(cell.indicator)
    if declared is None and not cell.measure:
        return cell.refuse("measure", NO_MEASURE)
    if len(cell.measure) > MEASURE_CHARACTERS:
        return cell.refuse("measure", TOO_LONG, limit=MEASURE_CHARACTERS)
    if declared is not None and cell.measure and fold(cell.measure) not in declared.accepted:
        return cell.refuse("measure", OTHER_MEASURE, measure=declared.stored, given=cell.measure)
    return None
