"""What changed between two periods: the figures, the scheme, or which figures there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.attribution import shapley
from scoring.frames import Flags, Floats, InputError
from scoring.scheme import Scheme
from scoring.tree import Values, evaluate

CAUSES = ("data", "weights", "coverage")


@dataclass(frozen=True)
class Period:
    """One period: codes of the ``units`` in the rows of ``values``, and the scheme that scored them."""

    units: Sequence[str]
    values: Values
    scheme: Scheme


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures (units, leaves, groups + 1; the administrative one last), and what ``applies`` (units, leaves)."""

    values: Floats
    applies: Flags


def split_change(before: Period, after: Period) -> pd.DataFrame:
    """Each unit's change of score (before bonus and deductions), split exactly into three causes, in points.

    One row a unit of both periods, in the order of ``after``: unit, before, after, change, data, weights, coverage.
    Three switches turn the former result into the new one: ``data`` takes the new figures, ``weights`` the new scheme
    (weights and whatever else it decides about the tree), ``coverage`` the new pattern of which figures there are. A
    cause's part is its effect averaged over the six orders of turning them (Shapley), so that they sum to the change.
    A figure that only one period has keeps its value in both, so its coming or going is coverage and no data.
    Indicators and groups are matched by code. NaN where a unit has no score in either period, or under a mixture (a
    coverage rule that the other period's figures do not meet).

    Raises:
        InputError: units that do not match the rows or stand twice; or as ``scoring.tree.evaluate``.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> def weigh(ease: str, cost: str) -> Scheme:
    ...     leaves = (Node("ease", Fraction(ease)), Node("cost", Fraction(cost)))
    ...     return Scheme("demo", (), Node("score", Fraction(1), children=leaves), ())
    >>> def give(*figures: float) -> Values:
    ...     return Values(np.empty((1, 2, 0)), np.array([figures]), np.ones((1, 2), dtype=bool))
    >>> old, new = weigh("1/2", "1/2"), weigh("3/4", "1/4")
    >>> found = split_change(Period(["U1"], give(60.0, 40.0), old), Period(["U1"], give(80.0, 40.0), new))
    >>> found[["change", "data", "weights", "coverage"]].round(9).to_numpy().tolist()
    [[20.0, 12.5, 7.5, 0.0]]
    """
    for name, period in (("before", before), ("after", after)):
        _check(name, period)
    units = [unit for unit in after.units if unit in set(before.units)]
    pair = (before, after)
    rows = tuple([list(period.units).index(unit) for unit in units] for period in pair)

    def worth(who: Flags) -> Floats:
        data, weights, coverage = (int(switch) for switch in who)
        scheme = pair[weights].scheme
        ends = [_align(period, at, scheme) for period, at in zip(pair, rows, strict=True)]
        taken = np.where(np.isnan(ends[data].values), ends[1 - data].values, ends[data].values)
        figures = np.where(np.isnan(ends[coverage].values), np.nan, taken)
        values = Values(figures[:, :, :-1], figures[:, :, -1], ends[coverage].applies)
        return evaluate(values, scheme, gradient=False).score[:, 0]

    none, every = worth(np.zeros(3, dtype=bool)), worth(np.ones(3, dtype=bool))
    table = pd.DataFrame(
        {"unit": pd.Series(units, dtype="str"), "before": none, "after": every, "change": every - none}
    )
    parts = shapley(worth, len(CAUSES), "change")
    return table.assign(**{cause: parts[:, place] for place, cause in enumerate(CAUSES)})


def _check(name: str, period: Period) -> None:
    if len(period.units) != len(period.values.rated):
        raise InputError(f"{name}: {len(period.units)} units for {len(period.values.rated)} rows; allowed are as many")
    twice = pd.Index(list(period.units))
    if twice.has_duplicates:
        raise InputError(f"{name}: unit {twice[twice.duplicated()][0]!r} stands twice; allowed is once")


def _align(period: Period, rows: list[int], scheme: Scheme) -> Figures:
    """The period's figures of these units, where the scheme's indicators and groups stand; NaN for those it lacks."""
    leaves, groups = (
        _places([part.code for part in own], [part.code for part in wanted])
        for own, wanted in ((period.scheme.leaves(), scheme.leaves()), (period.scheme.groups, scheme.groups))
    )
    own = np.concatenate([period.values.rated, period.values.given[:, :, None]], axis=2)[rows]
    own = np.where(period.values.applies[rows][:, :, None], own, np.nan)
    slots = np.append(groups, own.shape[2] - 1)
    known = (leaves >= 0)[:, None] & (slots >= 0)
    values = np.where(known, own[:, leaves][:, :, slots], np.nan)
    return Figures(values, period.values.applies[rows][:, leaves] & (leaves >= 0))


def _places(own: list[str], wanted: list[str]) -> npt.NDArray[np.intp]:
    return np.array([own.index(code) if code in own else -1 for code in wanted], dtype=np.intp)


def bound_difference(difference: float, one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """The 95 % interval of the difference of two independent figures whose 95 % intervals are given.

    Half their widths are the margins, which add as errors do: by their squares.

    >>> bound_difference(5.0, (57.0, 63.0), (61.0, 69.0))
    (0.0, 10.0)
    """
    margin = float(np.hypot((one[1] - one[0]) / 2, (other[1] - other[0]) / 2))
    return difference - margin, difference + margin
