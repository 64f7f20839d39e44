"""The figures of all units put together up the tree, in either order of groups and nodes."""

import numpy as np

from scoring.frames import Floats, InputError
from scoring.scheme import Scheme
from scoring.tree.climb import Plan, share_out
from scoring.tree.inside import put_inside
from scoring.tree.model import Figures, Scores, Values, Weights, weights_of
from scoring.tree.outside import put_outside
from scoring.tree.slopes import Gradient


def evaluate(values: Values, scheme: Scheme, weights: Weights | None = None, *, gradient: Gradient = True) -> Scores:
    """Scores of all nodes, the weights as used, and the derivative of each node by each figure.

    group-inside: the groups of an indicator are averaged by their shares, then the tree is climbed once.
    group-outside: each group's own tree is climbed, over the indicators it rates and all administrative ones, with
    its coverage rules and caps; a node's score is the mean of the groups' own. A group none of whose figures is there
    for a unit leaves its weight to the others (when this holds for all groups, administrative figures speak alone).
    ``weights`` are the scheme's unless others are given; ``gradient`` may be False (saves time and space) or "top".

    Raises:
        InputError: shapes do not fit the scheme, a figure is infinite, a weight negative, or an aggregation does not
            take its children's values.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> leaves = (Node("length", Fraction(1, 2)), Node("width", Fraction(1, 2)))
    >>> tree = Node("area", Fraction(1), children=leaves, aggregation="geometric")
    >>> given = np.array([[20.0, 80.0], [50.0, np.nan]])
    >>> values = Values(np.empty((2, 2, 0)), given, np.ones((2, 2), dtype=bool))
    >>> scores = evaluate(values, Scheme("demo", (), tree, ()))
    >>> scores.score[:, 0], scores.gradient[:, 0, :, 0].round(9).tolist()  # 40 = 1 x 20 + 0.25 x 80
    (array([40., 50.]), [[1.0, 0.25], [1.0, 0.0]])
    """
    plan = Plan.of(scheme)
    weights = weights_of(scheme) if weights is None else weights
    _check(values, weights, (len(plan.nodes), len(plan.leaves), len(scheme.groups)))
    shares = np.broadcast_to(share_out(weights.shares * plan.rated[:, None]), values.rated.shape)
    if not values.applies.all():
        shares = shares * values.applies[:, :, None]
    figures = Figures(
        rated=np.where(shares > 0, values.rated, np.nan),
        given=np.where(values.applies & ~plan.rated, values.given, np.nan),
        applies=values.applies,
        shares=shares,
    )
    if scheme.order == "group-outside" and scheme.groups:
        return put_outside(figures, (weights.within, weights.outside), plan, gradient)
    return put_inside(figures, weights.within, plan, gradient)


def _check(values: Values, weights: Weights, sizes: tuple[int, int, int]) -> None:
    units, (nodes, leaves, groups) = len(values.rated), sizes
    for name, array, shape in (
        ("values.rated", values.rated, (units, leaves, groups)),
        ("values.given", values.given, (units, leaves)),
        ("values.applies", values.applies, (units, leaves)),
    ):
        if array.shape != shape:
            raise InputError(f"{name} has shape {array.shape}; allowed is {shape}")
        if np.isinf(array).any():
            raise InputError(f"{name} holds an infinite figure; allowed are finite ones, and NaN where missing")
    allowed: list[tuple[str, Floats, tuple[int, ...]]] = [
        ("weights.within", weights.within, (nodes,)),
        ("weights.shares", weights.shares, (leaves, groups)),
        ("weights.outside", weights.outside, (groups,)),
    ]
    for name, found, one in allowed:
        if found.shape not in (one, (units, *one)):
            raise InputError(f"{name} has shape {found.shape}; allowed are {one} and {(units, *one)}")
        if not (np.isfinite(found) & (found >= 0)).all():
            raise InputError(f"{name} holds a negative or infinite weight; allowed are finite numbers from 0")
