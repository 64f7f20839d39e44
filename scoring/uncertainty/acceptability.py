"""Which ranks other weights would give: any weights at all (SMAA), or those that named people stand for.

Rank acceptability after R. Lahdelma and P. Salminen (2001), Operations Research 49, SMAA-2: the share of all possible
weights with which a unit gets a rank.
"""

from collections.abc import Mapping

import numpy as np

from scoring.frames import Floats, InputError
from scoring.scheme import Scheme
from scoring.tree import Values, Weights, weights_of
from scoring.uncertainty.draws import draw_weights, score_draws, simplex
from scoring.uncertainty.ranks import Ranking, Ranks, count_places, rank_draws


def accept_ranks(values: Values, scheme: Scheme, draws: int, rng: np.random.Generator) -> Floats:
    """P(rank = r) with weights drawn uniformly from all there are, family by family, shape (units, units).

    Column r - 1 belongs to rank r. A weight of 0 in the scheme stays 0. The row of a unit without a score is 0.

    Raises:
        InputError: when there is no draw.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> leaves = tuple(Node(code, Fraction(1, 2)) for code in ("length", "width"))
    >>> scheme = Scheme("demo", (), Node("area", Fraction(1), children=leaves), ())
    >>> values = Values(np.empty((2, 2, 0)), np.array([[90.0, 10.0], [40.0, 30.0]]), np.ones((2, 2), dtype=bool))
    >>> accept_ranks(values, scheme, 4000, np.random.default_rng(1)).round(1).tolist()  # 50 w > 20 (1 - w): w > 2 / 7
    [[0.7, 0.3], [0.3, 0.7]]
    """
    if draws < 1:
        raise InputError(f"draws {draws}: at least 1")
    weights = draw_weights(scheme, simplex(), draws, rng)
    places = count_places(rank_draws(score_draws(values, scheme, weights), Ranking.of(scheme)))
    found = np.zeros((places.shape[0], places.shape[0]))
    found[:, : places.shape[1]] = places / draws
    return found


def rank_weight_sets(values: Values, scheme: Scheme, sets: Mapping[str, Mapping[str, float]]) -> Ranks:
    """Ranks by each set of weights, shape (sets, units), in the order of the sets; 0 where a unit has no score.

    Raises:
        InputError: as ``weight_sets`` says.
    """
    return rank_draws(score_draws(values, scheme, weight_sets(scheme, sets)), Ranking.of(scheme))


def weight_sets(scheme: Scheme, sets: Mapping[str, Mapping[str, float]]) -> Weights:
    """Named sets of weights, each by node, as draws of weights; families a set leaves out keep the scheme's weights.

    What counts of a family's weights is their proportion. The groups' shares stay the scheme's.

    Raises:
        InputError: naming the set and the node, when the node is unknown, the top, named without all its siblings,
            negative or infinite, or when a family has no weight above 0.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> leaves = tuple(Node(code, Fraction(1, 2)) for code in ("length", "width"))
    >>> scheme = Scheme("demo", (), Node("area", Fraction(1), children=leaves), ())
    >>> weight_sets(scheme, {"tailors": {"length": 3, "width": 1}}).within.tolist()
    [[1.0, 0.75, 0.25]]
    """
    nominal = weights_of(scheme)
    within = np.array([_within(scheme, name, given) for name, given in sets.items()]).reshape(-1, len(nominal.within))
    shares = np.repeat(nominal.shares[None], len(within), axis=0)
    return Weights(within, shares, np.repeat(nominal.outside[None], len(within), axis=0))


def _within(scheme: Scheme, name: str, given: Mapping[str, float]) -> Floats:
    within, codes = weights_of(scheme).within.copy(), [node.code for node in scheme.nodes()]
    for code, weight in given.items():
        if code not in codes[1:]:
            raise InputError(f"weights of {name}: {code} is not a node below the top")
        if not (np.isfinite(weight) and weight >= 0):
            raise InputError(f"weights of {name}: {code} has {weight}; allowed are finite numbers from 0")
    for node in scheme.nodes():
        family = [child.code for child in node.children]
        named = [code for code in family if code in given]
        if not named:
            continue
        if len(named) < len(family):
            missing = ", ".join(code for code in family if code not in given)
            raise InputError(f"weights of {name}: {node.code} lacks {missing}")
        whole = sum(given[code] for code in family)
        if not whole > 0:
            raise InputError(f"weights of {name}: the children of {node.code} have no weight above 0")
        within[[codes.index(code) for code in family]] = [given[code] / whole for code in family]
    return within
