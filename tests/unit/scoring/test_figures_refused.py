"""What normalisers refuse: the value is named, and what is allowed."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scoring.figures import (
    Scaling,
    apply_normaliser,
    goalposts,
    leader,
    minmax,
    optimum,
    percentile_rank,
    rank,
    reference,
    reference_of,
    target,
    zscore,
)
from scoring.frames import Floats, InputError
from scoring.scheme.model import Node, Normaliser

X = math.nan
DOWN = Scaling("down")
UNIT = Scaling(output=(0.0, 1.0))


def a(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def leaf(method: str, reference: str = "frozen", **parameters: Fraction | str) -> Node:
    return Node("delay", Fraction(1), normaliser=Normaliser(method, reference, parameters=tuple(parameters.items())))


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: Scaling("sideways"), "direction 'sideways'; allowed are up, down"),
    (
        lambda: Scaling(output=(100, 0)),
        "the output range: 100 to 0; allowed is a finite range above zero, low end first",
    ),
    (lambda: Scaling(output=(1, 1)), "the output range: 1 to 1; allowed is a finite range above zero, low end first"),
    (lambda: minmax(a(1), 2, 2), "the parameters: 2 to 2; allowed is a finite range above zero, low end first"),
    (
        lambda: minmax(a(1), 0.3, 0.1 + 0.2),
        "the parameters: 0.3 to 0.3; allowed is a finite range above zero, low end first",
    ),
    (lambda: minmax(a(1), X, 2), "the parameters: nan to 2; allowed is a finite range above zero, low end first"),
    (
        lambda: minmax(a(1), 0, math.inf),
        "the parameters: 0 to inf; allowed is a finite range above zero, low end first",
    ),
    (lambda: leader(a(1), 3, 2), "the parameters: 3 to 2; allowed is a finite range above zero, low end first"),
    (lambda: goalposts(a(1), 3, 3), "the goalposts: 3 to 3; allowed is a finite range above zero, low end first"),
    (lambda: goalposts(a(1), 1, 3, UNIT, "root"), "transform 'root'; allowed are identity, log"),
    (lambda: goalposts(a(1, 2), 0, 3, UNIT, "log"), "the logarithm of 0; allowed are goalposts and figures above 0"),
    (
        lambda: goalposts(a(1, X, -2), 1, 3, UNIT, "log"),
        "the logarithm of -2; allowed are goalposts and figures above 0",
    ),
    (
        lambda: target(a(1), 5, 5),
        "the parameters (worst and target): 5 to 5; allowed is a finite range above zero, low end first",
    ),
    (
        lambda: target(a(1), 5, 6, DOWN),
        "the parameters (target and worst): 6 to 5; allowed is a finite range above zero, low end first",
    ),
    (lambda: reference(a(1), 0), "the reference's value is 0; allowed are finite numbers except 0"),
    (lambda: reference(a(1), math.inf), "the reference's value is inf; allowed are finite numbers except 0"),
    (
        lambda: optimum(a(1), (1, 1, 2, 3)),
        "the posts are 1, 1, 2, 3; allowed are zero_low < full_low <= full_high < zero_high",
    ),
    (
        lambda: optimum(a(1), (0, 2, 1, 3)),
        "the posts are 0, 2, 1, 3; allowed are zero_low < full_low <= full_high < zero_high",
    ),
    (
        lambda: optimum(a(1), (0, 1, 2, 2)),
        "the posts are 0, 1, 2, 2; allowed are zero_low < full_low <= full_high < zero_high",
    ),
    (lambda: optimum(a(1), (0, 1, 2, 3), DOWN), "direction down with an optimum range; allowed is up"),
    (lambda: zscore(a(1), 0, 0), "the standard deviation is 0; allowed are finite numbers above 0"),
    (lambda: zscore(a(1), 0, math.inf), "the standard deviation is inf; allowed are finite numbers above 0"),
    (lambda: zscore(a(1), 0, 1, UNIT, (50, -1)), "the spread is -1; allowed are finite numbers above 0"),
    (lambda: rank(a(1), "left"), "direction 'left'; allowed are up, down"),
    (lambda: rank(a(1), "up", "max"), "ties 'max'; allowed are minimum, average"),
    (lambda: percentile_rank(a(X, 1)), "one figure alone has no percentile rank; allowed are two or more"),
    (
        lambda: reference_of(a(1), "best"),
        "normaliser 'best'; allowed are minmax, zscore, rank, percentile-rank, borda, goalposts, target, leader, "
        "reference, optimum",
    ),
    (lambda: reference_of(a(1), "rank", "left"), "direction 'left'; allowed are up, down"),
    (
        lambda: reference_of(a(X), "target"),
        "there is no figure to take a reference from; allowed are one or more",
    ),
    (lambda: reference_of(a(0.3, 0.1 + 0.2, X), "minmax"), "all figures are 0.3; allowed is a range above zero"),
    (lambda: reference_of(a(2, 2), "zscore"), "all figures are 2; allowed is a range above zero"),
    (lambda: reference_of(a(2), "leader"), "all figures are 2; allowed is a range above zero"),
    (lambda: reference_of(a(2), "goalposts"), "all figures are 2; allowed is a range above zero"),
    (lambda: reference_of(a(2), "reference"), "no reference unit is named; allowed is one of the units"),
    (lambda: reference_of(a(2, X), "reference", at=1), "the reference unit has no figure; allowed is a unit with one"),
    (
        lambda: apply_normaliser(a(1), Node("delay", Fraction(1)), ["u"]),
        "delay: there is no normaliser; allowed are administrative indicators only",
    ),
    (
        lambda: apply_normaliser(a(1), leaf("minmax", high=Fraction(2)), ["u"]),
        "delay: the parameter low is missing; given are high",
    ),
    (lambda: apply_normaliser(a(1), leaf("zscore"), ["u"]), "delay: the parameter mean is missing; given are none"),
    (
        lambda: apply_normaliser(a(1, 1), leaf("minmax", "period"), ["u", "v"]),
        "delay: all figures are 1; allowed is a range above zero",
    ),
    (
        lambda: apply_normaliser(a(1), leaf("reference", "period", unit="w"), ["u"]),
        "delay: the reference unit w is not among the units it applies to",
    ),
]


@pytest.mark.parametrize(("ask", "said"), REFUSED, ids=[said[:60] for _, said in REFUSED])
def test_what_cannot_be_done_is_refused_with_the_value_and_what_is_allowed(ask: Callable[[], Any], said: str) -> None:
    with pytest.raises(InputError) as refusal:
        ask()
    assert str(refusal.value) == said


def test_a_refusal_says_all_that_is_allowed() -> None:
    with pytest.raises(InputError) as refusal:
        apply_normaliser(a(1), leaf("optimum", b=Fraction(1), a=Fraction(2)), ["u"])
    assert str(refusal.value) == "delay: the parameter zero_low is missing; given are a, b"
