"""A leaf's normaliser, as its scheme writes it, on the figures of the units."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from scoring.figures.normalisers import (
    Scaling,
    goalposts,
    leader,
    minmax,
    optimum,
    percentile_rank,
    reference,
    target,
    zscore,
)
from scoring.figures.reference import reference_of
from scoring.frames import Floats, InputError
from scoring.scheme.model import Node, Normaliser

POSTS: Final = ("zero_low", "full_low", "full_high", "zero_high")
CENTRE: Final = 50.0
SPREAD: Final = 10.0


@dataclass(frozen=True)
class _Asked:
    """Parameters apart: ``numbers`` in raw units, ``words`` such as ties."""

    numbers: Mapping[str, float]
    words: Mapping[str, str]
    scaling: Scaling

    def need(self, name: str) -> float:
        if name not in self.numbers:
            raise InputError(f"the parameter {name} is missing; given are {', '.join(sorted(self.numbers)) or 'none'}")
        return self.numbers[name]

    def ends(self) -> tuple[float, float, Scaling]:
        return self.need("low"), self.need("high"), self.scaling


def apply_normaliser(values: Floats, leaf: Node, units: Sequence[str]) -> Floats:
    """Normalised values, shape (units,), of raw figures of that shape; ``units`` are the codes of the units.

    With the reference of the period the parameters that the scheme does not give are taken from ``values``. Ranks,
    Borda points and percentile ranks are put on the output range too: the worst of n units at its bottom, each place
    1/(n - 1) of the range above the one before. A ``floor`` raises what falls below it. Without any figure all stay
    missing.

    >>> from fractions import Fraction
    >>> leaf = Node("delay", Fraction(1), direction="down", normaliser=Normaliser("rank", "period"))
    >>> apply_normaliser(np.array([3.0, 9.0, 4.0]), leaf, ["a", "b", "c"])
    array([100.,   0.,  50.])

    Raises:
        InputError: naming the leaf: it has no normaliser, a parameter is missing or refused, or the figures have no
            range.
    """
    try:
        return _apply(values, leaf, units)
    except InputError as error:
        raise InputError(f"{leaf.code}: {error}") from error


def _apply(values: Floats, leaf: Node, units: Sequence[str]) -> Floats:
    if leaf.normaliser is None:
        raise InputError("there is no normaliser; allowed are administrative indicators only")
    if np.isnan(values).all():
        return values.copy()
    low, high = leaf.output
    scaling = Scaling(leaf.direction, (float(low), float(high)), leaf.normaliser.clip)
    scores = _METHODS[leaf.normaliser.method](values, _read(values, leaf.normaliser, scaling, units))
    return scores if leaf.floor is None else np.maximum(scores, float(leaf.floor))


def _read(values: Floats, normaliser: Normaliser, scaling: Scaling, units: Sequence[str]) -> _Asked:
    words = {name: value for name, value in normaliser.parameters if isinstance(value, str)}
    numbers = {name: float(value) for name, value in normaliser.parameters if not isinstance(value, str)}
    if normaliser.reference == "period" and normaliser.method != "optimum":
        numbers = reference_of(values, normaliser.method, scaling.direction, _place(words, units)) | numbers
    return _Asked(numbers, words, scaling)


def _place(words: Mapping[str, str], units: Sequence[str]) -> int | None:
    if "unit" not in words:
        return None
    if words["unit"] not in units:
        raise InputError(f"the reference unit {words['unit']} is not among the units it applies to")
    return list(units).index(words["unit"])


def _goalposts(values: Floats, asked: _Asked) -> Floats:
    return goalposts(values, *asked.ends(), asked.words.get("transform", "identity"))


def _zscore(values: Floats, asked: _Asked) -> Floats:
    onto = (asked.numbers.get("centre", CENTRE), asked.numbers.get("spread", SPREAD))
    return zscore(values, asked.need("mean"), asked.need("sd"), asked.scaling, onto)


def _optimum(values: Floats, asked: _Asked) -> Floats:
    zero_low, full_low, full_high, zero_high = (asked.need(post) for post in POSTS)
    return optimum(values, (zero_low, full_low, full_high, zero_high), asked.scaling)


def _ranked(values: Floats, asked: _Asked) -> Floats:
    share = percentile_rank(values, asked.scaling.direction, asked.words.get("ties", "minimum"))
    return minmax(share, 0, 1, Scaling(output=asked.scaling.output))


_METHODS: Final[Mapping[str, Callable[[Floats, _Asked], Floats]]] = {
    "minmax": lambda values, asked: minmax(values, *asked.ends()),
    "leader": lambda values, asked: leader(values, *asked.ends()),
    "goalposts": _goalposts,
    "target": lambda values, asked: target(values, asked.need("low"), asked.need("target"), asked.scaling),
    "reference": lambda values, asked: reference(values, asked.need("value"), asked.scaling),
    "optimum": _optimum,
    "zscore": _zscore,
    "rank": _ranked,
    "borda": _ranked,
    "percentile-rank": _ranked,
}
