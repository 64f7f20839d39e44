"""The aggregations of a node's children, each with its derivative, for all units at once.

A child that is missing (NaN) or has weight 0 is dropped and the weights of the others are divided by their sum; a row
without any child is NaN. Names and formulas: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6;
Munda and Nardo (2009) for outranking; Mazziotta and Pareto (2016), Social Indicators Research 127, for AMPI.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.frames import Flags, Floats, InputError, significant
from scoring.tree.outranking import copeland

TIE: Final = 1e-12
"""Two cumulated weights closer than this are equal."""


@dataclass(frozen=True)
class Children:
    """Rows with at least one child that counts. All arrays have shape (units, children).

    ``values`` is 1 where a child does not count; ``weights`` are as given and ``shares`` sum to 1, 0 in that place.
    """

    values: Floats
    weights: Floats
    shares: Floats
    power: float

    @property
    def counted(self) -> Flags:
        """Which children count."""
        return self.shares > 0


@dataclass(frozen=True)
class Aggregation:
    """A way to put children together: its value (units,) and the derivative by each child (units, children).

    ``domain`` says which children it takes: all, those not negative, those above 0, or rows whose mean is above 0.
    ``weighted`` is False when only the difference between weight 0 and any other weight matters.
    """

    value: Callable[[Children], Floats]
    slope: Callable[[Children, Floats], Floats]
    domain: str = "all"
    weighted: bool = True


def aggregate_children(
    method: str, values: Floats, weights: Floats, power: float | None = None, *, node: str = ""
) -> Floats:
    """Scores of a node from its children, shape (units,); NaN for a unit without any child that counts.

    ``values`` (units, children) is NaN where missing; ``weights`` has the same shape or (children,). ``power`` is the
    exponent of the power mean (0 is the geometric mean); the other methods ignore it. ``node`` only names the node in
    errors.

    Raises:
        InputError: the method is unknown, shapes do not fit, a weight is negative or not finite, or the method does
            not take such a value.

    >>> aggregate_children("geometric", np.array([[20.0, 80.0], [50.0, np.nan]]), np.array([0.5, 0.5]))
    array([40., 50.])
    """
    children, here = select(method, values, weights, power, node)
    found = np.full(len(here), np.nan)
    found[here] = AGGREGATIONS[method].value(children)
    return found


def slope_children(
    method: str, values: Floats, weights: Floats, power: float | None = None, *, node: str = ""
) -> Floats:
    """Derivative of ``aggregate_children`` by each child, shape (units, children); 0 for a child that does not count.

    Where there is a kink (the median, the minimum) children of equal value share the slope alike. Copeland depends on
    the other units: NaN. The arguments and errors are those of ``aggregate_children``.

    >>> slope_children("geometric", np.array([[20.0, 80.0]]), np.array([0.5, 0.5]))  # 40 = 1 x 20 + 0.25 x 80
    array([[1.  , 0.25]])
    """
    children, here = select(method, values, weights, power, node)
    found = np.zeros((len(here), children.values.shape[1]))
    aggregation = AGGREGATIONS[method]
    found[here] = np.where(children.counted, aggregation.slope(children, aggregation.value(children)), 0.0)
    return found


def select(method: str, values: Floats, weights: Floats, power: float | None, node: str) -> tuple[Children, Flags]:
    """The children that count, in the rows (units,) where there is one.

    Raises:
        InputError: as ``aggregate_children`` says.
    """
    aggregation = _known(method, power, node)
    grid = _grid(values, weights, node)
    weighed = np.where(np.isnan(values), 0.0, grid)
    whole = weighed.sum(axis=1)
    here = whole > 0
    if not here.all():
        values, weighed, whole = values[here], weighed[here], whole[here]
    safe = np.where(weighed > 0, values, 1.0)
    children = Children(safe, weighed, weighed / whole[:, None], 1.0 if power is None else power)
    _check_domain(aggregation.domain, children, f"{node or 'node'}: {method}")
    return children, here


def _known(method: str, power: float | None, node: str) -> Aggregation:
    if method not in AGGREGATIONS:
        raise InputError(f"{node or 'node'}: aggregation {method!r}; allowed are {', '.join(AGGREGATIONS)}")
    if method == "power" and (power is None or not np.isfinite(power)):
        raise InputError(f"{node or 'node'}: power {power}; allowed is a finite number")
    return AGGREGATIONS[method]


def _grid(values: Floats, weights: Floats, node: str) -> Floats:
    if values.ndim != 2 or weights.shape not in (values.shape, values.shape[1:]):
        said = f"weights of shape {weights.shape} for values of shape {values.shape}"
        raise InputError(f"{node or 'node'}: {said}; allowed are (units, children) and (children,)")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        wrong = weights[~(np.isfinite(weights) & (weights >= 0))][0]
        raise InputError(f"{node or 'node'}: weight {wrong}; allowed are finite numbers from 0")
    return np.broadcast_to(weights, values.shape)


def _check_domain(domain: str, children: Children, what: str) -> None:
    if domain == "mean above 0":
        means = _plain_mean(children)
        if (means <= 0).any():
            raise InputError(f"{what} takes children whose mean is above 0; one unit has {means.min():.12g}")
        return
    values = children.values
    if domain == "power":
        domain = "above 0" if children.power <= 0 else "from 0"
    wrong = values <= 0 if domain == "above 0" else (values < 0) & (domain == "from 0")
    if wrong.any():
        raise InputError(f"{what} takes children {domain}; one is {values[wrong].min():.12g}")


def _arithmetic(children: Children) -> Floats:
    return np.asarray((children.shares * children.values).sum(axis=1))


def _arithmetic_slope(children: Children, _: Floats) -> Floats:
    return children.shares


def _geometric(children: Children) -> Floats:
    return np.asarray(np.exp((children.shares * np.log(children.values)).sum(axis=1)))


def _geometric_slope(children: Children, value: Floats) -> Floats:
    return children.shares * value[:, None] / children.values


def _harmonic(children: Children) -> Floats:
    return np.asarray(1.0 / (children.shares / children.values).sum(axis=1))


def _harmonic_slope(children: Children, value: Floats) -> Floats:
    return children.shares * (value[:, None] / children.values) ** 2


def _power(children: Children) -> Floats:
    """As log M = log(max) + log1p(sum of w expm1(p log(x / max))) / p: exact near p = 0, no overflow."""
    if children.power == 0:
        return _geometric(children)
    values = np.where(children.counted, children.values, -np.inf if children.power > 0 else np.inf)
    leading = values.max(axis=1) if children.power > 0 else values.min(axis=1)
    found: Floats = np.zeros_like(leading)
    some = leading > 0
    ratio = np.where(children.counted[some], children.values[some] / leading[some, None], 1.0)
    grown = np.expm1(children.power * np.log(ratio, out=np.full_like(ratio, -np.inf), where=ratio > 0))
    found[some] = leading[some] * np.exp(np.log1p((children.shares[some] * grown).sum(axis=1)) / children.power)
    return found


def _power_slope(children: Children, value: Floats) -> Floats:
    """The weight times (x / M)^(p-1); at x = 0, where it may be unbounded, 0; the weight if all are 0."""
    whole = np.where(value > 0, value, 1.0)[:, None]
    ratio = np.where(children.counted & (children.values > 0), children.values / whole, 1.0)
    slope = children.shares * ratio ** (children.power - 1)
    at_zero = np.where(value[:, None] > 0, 0.0, children.shares)
    return np.where(children.values > 0, slope, at_zero)


def _middles(children: Children) -> tuple[Floats, Floats]:
    """The lower and upper weighted median, shape (units, 1) each: they differ when a half is cumulated exactly."""
    values = np.where(children.counted, children.values, np.inf)
    order = np.argsort(values, axis=1, kind="stable")
    cumulated = np.take_along_axis(children.shares, order, axis=1).cumsum(axis=1)
    lower = (cumulated >= 0.5 - TIE).argmax(axis=1)[:, None]
    upper = (cumulated > 0.5 + TIE).argmax(axis=1)[:, None]
    ordered = np.take_along_axis(values, order, axis=1)
    return np.take_along_axis(ordered, lower, axis=1), np.take_along_axis(ordered, upper, axis=1)


def _median(children: Children) -> Floats:
    lower, upper = _middles(children)
    return np.asarray((lower + upper)[:, 0] / 2)


def _median_slope(children: Children, _: Floats) -> Floats:
    lower, upper = _middles(children)
    return (_alike(children, lower) + _alike(children, upper)) / 2


def _alike(children: Children, chosen: Floats) -> Floats:
    """One, split evenly among the children of the chosen value."""
    same = children.counted & (significant(children.values) == significant(chosen))
    return np.asarray(same / same.sum(axis=1, keepdims=True))


def _minimum(children: Children) -> Floats:
    return np.asarray(np.where(children.counted, children.values, np.inf).min(axis=1))


def _minimum_slope(children: Children, value: Floats) -> Floats:
    return _alike(children, value[:, None])


def _plain_mean(children: Children) -> Floats:
    counted = children.counted
    return np.asarray((children.values * counted).sum(axis=1) / counted.sum(axis=1))


def _variance_over_mean(children: Children) -> Floats:
    mean = _plain_mean(children)
    apart = np.where(children.counted, children.values - mean[:, None], 0.0)
    return np.asarray((apart**2).sum(axis=1) / children.counted.sum(axis=1) / mean)


def _penalised(children: Children, sign: int) -> Floats:
    return _plain_mean(children) + sign * _variance_over_mean(children)


def _penalised_slope(children: Children, sign: int) -> Floats:
    mean, ratio = _plain_mean(children)[:, None], _variance_over_mean(children)[:, None]
    slope = 1.0 + sign * (2 * (children.values - mean) - ratio) / mean
    return np.asarray(slope / children.counted.sum(axis=1, keepdims=True))


def _copeland(children: Children) -> Floats:
    return copeland(np.where(children.counted, children.values, np.nan), children.weights)


def _no_slope(children: Children, _: Floats) -> Floats:
    return np.full_like(children.values, np.nan)


AGGREGATIONS: Final[Mapping[str, Aggregation]] = {
    "arithmetic": Aggregation(_arithmetic, _arithmetic_slope),
    "geometric": Aggregation(_geometric, _geometric_slope, "above 0"),
    "harmonic": Aggregation(_harmonic, _harmonic_slope, "above 0"),
    "power": Aggregation(_power, _power_slope, "power"),
    "median": Aggregation(_median, _median_slope),
    "minimum": Aggregation(_minimum, _minimum_slope, weighted=False),
    "copeland": Aggregation(_copeland, _no_slope),
    "ampi-": Aggregation(
        lambda children: _penalised(children, -1),
        lambda children, _: _penalised_slope(children, -1),
        "mean above 0",
        False,
    ),
    "ampi+": Aggregation(
        lambda children: _penalised(children, 1),
        lambda children, _: _penalised_slope(children, 1),
        "mean above 0",
        False,
    ),
}
"""Every aggregation by the name a scheme gives it."""
