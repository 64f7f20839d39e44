"""Draws of weights, and the scores of all units under each of them.

Weights are drawn among siblings: the children of a node, the groups of an indicator, the groups at the top when each
has its own index. Each family is drawn on its own and sums to 1; a weight of 0 stays 0. Indicators whose groups have
the same shares follow one decision and so share one draw.
"""

from collections.abc import Callable

import numpy as np

from scoring.frames import Flags, Floats, InputError, Integers
from scoring.scheme import Scheme
from scoring.tree import Values, Weights, evaluate, weights_of

Law = Callable[[Floats, int, np.random.Generator], Floats]
"""Draws of one family: from its nominal shares (all above 0, shape (k,)) to shares of shape (draws, k)."""

ROWS = 1 << 14
BLOCK_DRAWS = 1000


def vary(half_width: float) -> Law:
    """Each weight on its own, uniform between (1 - half_width) and (1 + half_width) times itself, then shared out.

    Raises:
        InputError: when ``half_width`` is not from 0 to 1.

    >>> vary(0.2)(np.array([0.5, 0.5]), 2, np.random.default_rng(1)).round(3).tolist()
    [[0.46, 0.54], [0.421, 0.579]]
    """
    if not 0 <= half_width <= 1:
        raise InputError(f"half_width {half_width}: from 0 to 1")

    def draw(nominal: Floats, draws: int, rng: np.random.Generator) -> Floats:
        drawn = nominal * (1 + half_width * (2 * rng.random((draws, len(nominal))) - 1))
        return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))

    return draw


def dirichlet(concentration: float) -> Law:
    """Dirichlet around the nominal shares: with mean m each share has variance m (1 - m) / (concentration + 1).

    Raises:
        InputError: when ``concentration`` is not above 0.
    """
    if not concentration > 0:
        raise InputError(f"concentration {concentration}: above 0")
    return lambda nominal, draws, rng: rng.dirichlet(concentration * nominal, draws)


def simplex() -> Law:
    """Uniform over all weights of a family, whatever the nominal ones."""
    return lambda nominal, draws, rng: rng.dirichlet(np.ones(len(nominal)), draws)


def draw_weights(scheme: Scheme, law: Law, draws: int, rng: np.random.Generator) -> Weights:
    """Weights of the whole scheme, each array with a leading axis of draws.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> leaves = tuple(Node(code, Fraction(1, 2)) for code in ("length", "width"))
    >>> scheme = Scheme("demo", (), Node("area", Fraction(1), children=leaves), ())
    >>> draw_weights(scheme, vary(0.2), 1, np.random.default_rng(1)).within.round(3).tolist()
    [[1.0, 0.46, 0.54]]
    """
    nominal, above = weights_of(scheme), np.array(scheme.parents())
    within = np.repeat(nominal.within[None], draws, axis=0)
    for parent in np.unique(above[above >= 0]):
        family = np.flatnonzero(above == parent)
        within[:, family] = _draw(nominal.within[family], law, draws, rng)
    decisions, follows = np.unique(nominal.shares, axis=0, return_inverse=True)
    shares = np.stack([_draw(decision, law, draws, rng) for decision in decisions], axis=1)
    return Weights(within, shares[:, follows.reshape(-1)], _draw(nominal.outside, law, draws, rng))


def score_draws(values: Values, scheme: Scheme, weights: Weights, dtype: type[np.floating] = np.float64) -> Floats:
    """The top's score of every unit under every draw of ``weights``, shape (draws, units), of type ``dtype``.

    Where all nodes are weighted means that redistribute, without caps, and the same weights are above 0 as in the
    scheme, the weights as used are found once for the units that lack the same figures, and one product of matrices
    scores them; else each draw climbs the tree.
    """
    found = np.full((len(weights.within), len(values.rated)), np.nan, dtype=dtype)
    (_multiply if is_linear(scheme) and _same_count(scheme, weights) else _climb_each)(found, values, scheme, weights)
    return found


def pick(weights: Weights, draws: Integers | slice) -> Weights:
    """The weights of some draws."""
    return Weights(weights.within[draws], weights.shares[draws], weights.outside[draws])


def is_linear(scheme: Scheme) -> bool:
    """Whether every node is a weighted mean of what is there, whose presence does not hang on weights, without caps."""
    ways = [node for node in scheme.nodes() if node.children]
    plain = all(node.aggregation == "arithmetic" and node.missing == "redistribute" for node in ways)
    return plain and scheme.order == "group-inside" and not any(node.caps or node.coverage.weighted for node in ways)


def _same_count(scheme: Scheme, weights: Weights) -> bool:
    """Whether the weights above 0 are the scheme's: one of 0 may leave a node without a child that counts."""
    nominal = weights_of(scheme)
    within = (weights.within[:, 1:] > 0) == (nominal.within[1:] > 0)
    return bool(within.all() and ((weights.shares > 0) == (nominal.shares > 0)).all())


def tile(values: Values, weights: Weights) -> tuple[Values, Weights]:
    """All units once for each draw, draws first, so that one evaluation scores them all."""
    draws, units = len(weights.within), len(values.rated)

    def each(array: Floats) -> Floats:
        return np.repeat(array, units, axis=0)

    rated, given = np.tile(values.rated, (draws, 1, 1)), np.tile(values.given, (draws, 1))
    tiled = Values(rated, given, np.tile(values.applies, (draws, 1)))
    return tiled, Weights(each(weights.within), each(weights.shares), each(weights.outside))


def _draw(nominal: Floats, law: Law, draws: int, rng: np.random.Generator) -> Floats:
    drawn = np.repeat(nominal[None], draws, axis=0)
    counts = nominal > 0
    if counts.sum() > 1:
        drawn[:, counts] = law(nominal[counts] / nominal.sum(), draws, rng)
    return drawn


def _multiply(found: Floats, values: Values, scheme: Scheme, weights: Weights) -> None:
    shares = weights_of(scheme).shares > 0
    rated = np.where(shares & values.applies[:, :, None], values.rated, np.nan)
    given = np.where(~shares.any(axis=1) & values.applies, values.given, np.nan)
    figures = np.concatenate([rated, given[:, :, None]], axis=2)
    here, present = ~np.isnan(figures), evaluate(values, scheme, gradient=False).present
    alike = _alike(np.hstack([*np.moveaxis(here, 2, 0), present]))
    for start in range(0, len(found), BLOCK_DRAWS):
        block = found[start : start + BLOCK_DRAWS]
        drawn = pick(weights, slice(start, start + BLOCK_DRAWS))
        for units in alike:
            known = here[units[0]]
            used = _weights_used(known, present[units[0]], scheme, drawn)[:, known].astype(found.dtype)
            scores = used @ figures[units][:, known].T.astype(found.dtype)
            block[:, units if len(units) < len(figures) else slice(None)] = scores if present[units[0], 0] else np.nan


def _alike(rows: Flags) -> list[Integers]:
    """Places of equal rows, together."""
    places: dict[bytes, list[int]] = {}
    for place, row in enumerate(np.packbits(rows, axis=1)):
        places.setdefault(row.tobytes(), []).append(place)
    return [np.array(same, dtype=np.int64) for same in places.values()]


def _weights_used(here: Flags, present: Flags, scheme: Scheme, weights: Weights) -> Floats:
    """Effective weights of the figures for units that have the same ones, shape (draws, leaves, groups + 1)."""
    parts = np.zeros((len(weights.within), *here.shape))
    parts[:, :, :-1] = weights.shares * here[:, :-1]
    parts[:, :, -1] = here[:, -1]
    path, above = weights.within * present, np.array(scheme.parents())
    path[:, 0] = 1.0
    for parent in np.unique(above[above >= 0]):
        family = np.flatnonzero(above == parent)
        path[:, family] *= path[:, parent, None] / _whole(path[:, family])
    leaves = [place for place, node in enumerate(scheme.nodes()) if not node.children]
    parts *= path[:, leaves, None] / _whole(parts)
    return parts


def _whole(parts: Floats) -> Floats:
    """Sums over the last axis, which stays; 1 where there is nothing to share."""
    whole = parts.sum(axis=-1, keepdims=True)
    return np.where(whole > 0, whole, 1.0)


def _climb_each(found: Floats, values: Values, scheme: Scheme, weights: Weights) -> None:
    """Copeland compares units with each other, so that a draw must stand alone."""
    units = max(found.shape[1], 1)
    alone = any(node.aggregation == "copeland" for node in scheme.nodes())
    step = 1 if alone else max(1, ROWS // units)
    for start in range(0, len(found), step):
        block = found[start : start + step]
        tiled, drawn = tile(values, pick(weights, slice(start, start + step)))
        block[:] = evaluate(tiled, scheme, drawn, gradient=False).score[:, 0].reshape(block.shape)
