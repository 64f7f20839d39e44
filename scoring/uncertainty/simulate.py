"""Raters, weights and methods tried together: the scores of all units under many draws.

Each draw takes one method for the top (the scheme's own and its alternatives by turns), one set of weights, and one
sampling error a unit. Weights and methods act on the figures exactly. The sampling error below the top is that of
the delta method, with the covariances of figures that the same respondents gave, as a (multivariate) t on Welch's
degrees of freedom. Where the top adds its children up (or groups have trees of their own), the error of the composite
itself is drawn; else the errors of its children are, and what they make of the top, its caps included, is exact.
Not drawn: that the weights of a draw change the size of an error, a second-order term; and that experts who rate
several units err in all of them alike, which ranks hardly feel. What has no derivative (copeland below the top) has
no sampling error here.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from scoring.frames import Flags, Floats, InputError, Integers
from scoring.scheme import Node, Normaliser, Scheme, reach
from scoring.tree import Values, Weights, evaluate
from scoring.uncertainty.draws import ROWS, draw_weights, pick, score_draws, vary
from scoring.uncertainty.intervals import UNITS, Evidence, composed, top_spread

NEED_POSITIVE = ("geometric", "harmonic", "ampi-", "ampi+")
EVEN = 1e-12
"""A variance that others explain but for this part of it adds nothing of its own."""


@dataclass(frozen=True)
class Draws:
    """``scores`` of the top, shape (draws, units), before bonus and deductions; ``methods`` (draws,) by position.

    Method 0 is the scheme's own, the others are ``Simulation.methods`` in order.
    """

    scores: Floats
    methods: Integers


def simulate(values: Values, evidence: Evidence, scheme: Scheme, seed: int) -> Draws:
    """As many draws as ``scheme.simulation`` says; same seed, same draws.

    Raises:
        InputError: an alternative method does not take what the top's children may be.
    """
    settings = scheme.simulation
    streams = np.random.SeedSequence(seed).spawn(2)
    for_weights, for_errors = (np.random.Generator(np.random.PCG64(stream)) for stream in streams)
    variants = [scheme, *(replace_method(scheme, method) for method in settings.methods)]
    methods = np.arange(settings.draws) % len(variants)
    weights = draw_weights(scheme, vary(float(settings.weights)), settings.draws, for_weights)
    scores = np.empty((settings.draws, len(values.rated)))
    for place, variant in enumerate(variants):
        rows = np.flatnonzero(methods == place)
        drawn = pick(weights, rows if settings.weights else rows[:1])
        trial = _Trial(values, evidence, variant, drawn, len(rows))
        scores[rows] = _add_errors(trial, for_errors) if _adds_up(variant) else _err_below(trial, for_errors)
    return Draws(scores, methods)


@dataclass(frozen=True)
class _Trial:
    """``count`` draws of one method; ``weights`` has one draw when all are alike."""

    values: Values
    evidence: Evidence
    scheme: Scheme
    weights: Weights
    count: int


def replace_method(scheme: Scheme, method: str) -> Scheme:
    """The scheme with another aggregation at its top.

    Raises:
        InputError: the method does not take what the children of the top may be.
    """
    for child in scheme.tree.children:
        low = reach(child)[0]
        if low <= 0 and (method in NEED_POSITIVE or (method == "power" and scheme.tree.power <= 0)):
            raise InputError(f"simulation: {method} takes ranges above 0; that of {child.code} begins at {low:g}")
    return replace(scheme, tree=replace(scheme.tree, aggregation=method))


def _adds_up(scheme: Scheme) -> bool:
    """Whether the top's error is drawn itself: a sum of its children's, or of trees that groups have of their own."""
    outside = scheme.order == "group-outside" and bool(scheme.groups)
    return outside or (scheme.tree.aggregation == "arithmetic" and not scheme.tree.caps)


def _add_errors(trial: _Trial, rng: np.random.Generator) -> Floats:
    spread = top_spread(trial.values, trial.evidence, trial.scheme)
    errors = rng.standard_t(spread.freedom, (trial.count, len(spread.freedom))) * np.sqrt(spread.variance)
    return np.asarray(score_draws(trial.values, trial.scheme, trial.weights) + errors)


def _err_below(trial: _Trial, rng: np.random.Generator) -> Floats:
    units, children = len(trial.values.rated), _children(trial.scheme)
    points, exists = _score_children(trial, children)
    factor, freedom = _errors_of_children(trial, children)
    small = _stand_in(trial.scheme)
    low, high = np.array([reach(child) for child in trial.scheme.tree.children]).T
    found = np.empty((trial.count, units))
    alone = small.tree.aggregation == "copeland"
    step = 1 if alone else max(1, ROWS // max(units, 1))
    for start in range(0, trial.count, step):
        block = found[start : start + step]
        normal = rng.standard_normal((len(block), units, len(children)))
        size = np.sqrt(freedom / rng.chisquare(freedom, (len(block), units)))
        errors = np.einsum("ucd,nud->nuc", factor, normal) * size[:, :, None]
        own = points if len(points) == 1 else points[start : start + step]
        entered = np.clip(own + errors, low, high).reshape(-1, len(children))
        within = trial.weights.within if len(points) == 1 else trial.weights.within[start : start + step]
        within = np.repeat(np.broadcast_to(within, (len(block), within.shape[1]))[:, [0, *children]], units, axis=0)
        figures = Values(np.empty((*entered.shape, 0)), entered, np.tile(exists, (len(block), 1)))
        drawn = Weights(within, np.zeros((len(children), 0)), np.zeros(0))
        block[:] = evaluate(figures, small, drawn, gradient=False).score[:, 0].reshape(block.shape)
    return found


def _children(scheme: Scheme) -> list[int]:
    return [place for place, parent in enumerate(scheme.parents()) if parent == 0]


def _stand_in(scheme: Scheme) -> Scheme:
    """The top alone, over its children as if they were administrative figures."""
    leaves = tuple(_leaf(child) for child in scheme.tree.children)
    return replace(scheme, groups=(), tree=replace(scheme.tree, children=leaves))


def _leaf(child: Node) -> Node:
    low, high = reach(child)
    if not np.isfinite([low, high]).all():
        return Node(child.code, child.weight, floor=Fraction(low) if np.isfinite(low) else None)
    bounded = Normaliser("minmax", clip=True)
    return Node(child.code, child.weight, output=(Fraction(low), Fraction(high)), normaliser=bounded)


def _score_children(trial: _Trial, children: list[int]) -> tuple[Floats, Flags]:
    """Scores of the children, shape (1 or draws, units, children), and where they exist (units, children)."""
    values, weights, first = trial.values, trial.weights, 0
    found, exists = [], []
    for place, child in zip(children, trial.scheme.tree.children, strict=True):
        nodes = [node.children for node in child.walk()]
        part = slice(first, first + nodes.count(()))
        own = Values(values.rated[:, part], values.given[:, part], values.applies[:, part])
        drawn = Weights(weights.within[:, place : place + len(nodes)], weights.shares[:, part], weights.outside)
        found.append(score_draws(own, replace(trial.scheme, tree=child), drawn))
        exists.append(own.applies.any(axis=1))
        first = part.stop
    return np.stack(found, axis=2), np.stack(exists, axis=1)


def _errors_of_children(trial: _Trial, children: list[int]) -> tuple[Floats, Floats]:
    """A factor of the children's covariances (units, children, children), and their common degrees of freedom."""
    units, count = len(trial.values.rated), len(children)
    factor, freedom = np.zeros((units, count, count)), np.ones(units)
    for start in range(0, units, UNITS):
        part = slice(start, start + UNITS)
        values = Values(trial.values.rated[part], trial.values.given[part], trial.values.applies[part])
        scores = evaluate(values, trial.scheme)
        gradient = np.nan_to_num(scores.gradient[:, children, :, :-1])
        together = (scores.within_used[:, children, None, None] * gradient).sum(axis=1, keepdims=True)
        matrix, spread = composed(np.concatenate([gradient, together], axis=1), trial.evidence, start)
        factor[part], freedom[part] = cholesky(matrix[:, :count, :count]), spread.freedom[:, count]
    return factor, freedom


def cholesky(matrix: Floats) -> Floats:
    """Lower triangular factors of covariance matrices, shape (n, k, k), which may be singular.

    >>> cholesky(np.array([[[4.0, 2.0], [2.0, 1.0]]])).tolist()
    [[[2.0, 0.0], [1.0, 0.0]]]
    """
    factor = np.zeros_like(matrix)
    for column in range(matrix.shape[1]):
        done = factor[:, :, :column]
        rest = matrix[:, :, column] - (done * done[:, column, None]).sum(axis=2)
        pivot = np.sqrt(np.maximum(rest[:, column], 0.0))
        firm = pivot**2 > EVEN * matrix[:, column, column]
        below = np.divide(rest, pivot[:, None], out=np.zeros_like(rest), where=firm[:, None])
        factor[:, column:, column] = below[:, column:]
    return factor
