"""Group-inside: an indicator's score is the mean of its groups by their shares, then the tree is climbed once."""

import numpy as np

from scoring.frames import Flags, Floats
from scoring.tree.climb import Plan, add_up, climb, descend, share_out
from scoring.tree.model import Figures, Scores
from scoring.tree.slopes import Gradient, add_gradient, empty_gradient, remainders


def put_inside(figures: Figures, within: Floats, plan: Plan, wanted: Gradient) -> Scores:
    """All scores with order group-inside; ``within`` is (nodes,) or (units, nodes).

    Raises:
        InputError: an aggregation does not take its children's values, or a missing child has no lowest value.
    """
    here = ~np.isnan(figures.rated)
    share_used = share_out(np.where(here, figures.shares, 0.0))
    rated = np.where(here, figures.rated, 0.0)
    means = np.where(add_up(share_used) > 0, add_up(share_used * rated), np.nan)
    found = climb(np.where(plan.rated, means, figures.given), figures.applies, within, plan)
    paths = descend(found.within_nominal, plan), descend(found.within_used, plan)
    given = ~np.isnan(figures.given)
    asked = figures.applies & ~plan.rated
    weight_nominal = _slots(figures.shares, asked, paths[0][:, plan.leaves])
    weight_used = _slots(share_used, given, paths[1][:, plan.leaves])
    gradient = empty_gradient(weight_used.shape, plan, wanted)
    if wanted:
        parts = _slots(share_used, given, np.ones(given.shape))
        add_gradient(gradient, found, parts, np.ones(found.score.shape), plan)
    return Scores(
        score=found.score,
        exists=found.exists,
        present=found.present,
        within_nominal=found.within_nominal,
        within_used=found.within_used,
        effective_nominal=paths[0],
        effective_used=paths[1],
        share_used=share_used,
        weight_nominal=weight_nominal,
        weight_used=weight_used,
        gradient=gradient,
        remainder=remainders(found, plan) if wanted else np.full(found.score.shape, np.nan),
        covered=found.covered,
        capped=found.capped,
        before_cap=found.before_cap,
        by_group=_means_by_group(weight_used[:, :, :-1], rated),
        group_nominal=weight_nominal.sum(axis=1)[:, :-1],
        group_used=weight_used.sum(axis=1)[:, :-1],
    )


def _slots(shares: Floats, given: Flags, weights: Floats) -> Floats:
    """The groups' shares in an indicator and, in the last place, one where its figure is given; times its weight."""
    found = np.empty((shares.shape[2] + 1, *given.shape))
    for group in range(shares.shape[2]):
        np.multiply(shares[:, :, group], weights, out=found[group])
    np.multiply(given, weights, out=found[-1])
    return np.moveaxis(found, 0, 2)


def _means_by_group(weights: Floats, rated: Floats) -> Floats:
    found = np.full((len(weights), weights.shape[2]), np.nan)
    for group in range(weights.shape[2]):
        weight = weights[:, :, group]
        whole, points = weight.sum(axis=1), (weight * rated[:, :, group]).sum(axis=1)
        np.divide(points, whole, out=found[:, group], where=whole > 0)
    return found
