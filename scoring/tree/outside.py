"""Group-outside: each group's own tree is climbed first, then every node is the mean of the groups' own."""

from dataclasses import dataclass

import numpy as np

from scoring.frames import Flags, Floats
from scoring.tree.climb import Climb, Plan, climb, descend, share_out
from scoring.tree.model import Figures, Scores
from scoring.tree.slopes import Gradient, add_gradient, empty_gradient, remainders


@dataclass(frozen=True)
class Voices:
    """Weight of each group's tree, shape (groups, units, nodes): by the scheme (the top's), and in each node as used.

    ``heard`` (units, groups): has a figure, or no group that counts has any, so that all speak for what is given.
    """

    nominal: Floats
    used: Floats
    heard: Flags

    @classmethod
    def of(cls, figures: Figures, outside: Floats, found: list[Climb]) -> "Voices":
        """From each group's climb; ``outside`` is (groups,) or (units, groups)."""
        weights = np.broadcast_to(outside, (len(figures.rated), len(found)))
        spoken = np.asarray((~np.isnan(figures.rated)).any(axis=1))
        heard = spoken | ~np.asarray((spoken & (weights > 0)).any(axis=1))[:, None]
        exists = np.stack([own.exists[:, 0] for own in found], axis=1)
        present = np.stack([own.present for own in found], axis=2)
        used = share_out(np.where(heard, weights, 0.0)[:, None, :] * present)
        return cls(share_out(weights * exists).T[:, :, None], np.moveaxis(used, 2, 0), heard)


def put_outside(figures: Figures, weights: tuple[Floats, Floats], plan: Plan, wanted: Gradient) -> Scores:
    """All scores with order group-outside; ``weights`` are those within the tree and those of the groups.

    Raises:
        InputError: an aggregation does not take its children's values, or a missing child has no lowest value.
    """
    found = [_climb_alone(figures, weights[0], plan, group) for group in range(figures.rated.shape[2])]
    voices = Voices.of(figures, weights[1], found)
    nominal, used = voices.nominal, voices.used[:, :, :1]
    nominal_paths = [descend(own.within_nominal, plan) for own in found]
    used_paths = [descend(own.within_used, plan) for own in found]
    effective_nominal, effective_used = _sum_up(nominal, nominal_paths), _sum_up(used, used_paths)
    score = _sum_up(voices.used, [own.score for own in found])
    missing = ~np.asarray(voices.used.any(axis=0))
    return Scores(
        score=np.where(missing, np.nan, score),
        exists=np.any([own.exists for own in found], axis=0),
        present=~missing,
        within_nominal=_within(effective_nominal, plan),
        within_used=_within(effective_used, plan),
        effective_nominal=effective_nominal,
        effective_used=effective_used,
        share_used=np.moveaxis(voices.used[:, :, plan.leaves], 0, 2) * plan.rated[:, None],
        weight_nominal=_spread(nominal, nominal_paths, plan),
        weight_used=_spread(used, [path * own.present for path, own in zip(used_paths, found, strict=True)], plan),
        gradient=_gradient(voices, found, plan, wanted),
        remainder=_remainder(used, found, plan, wanted),
        covered=~missing | np.all([own.covered for own in found], axis=0),
        capped=np.any([own.capped & (share > 0) for own, share in zip(found, voices.used, strict=True)], axis=0),
        before_cap=np.where(missing, np.nan, _sum_up(voices.used, [own.before_cap for own in found])),
        by_group=np.where(voices.heard, np.stack([own.score[:, 0] for own in found], axis=1), np.nan),
        group_nominal=nominal[:, :, 0].T,
        group_used=used[:, :, 0].T,
    )


def _climb_alone(figures: Figures, within: Floats, plan: Plan, group: int) -> Climb:
    """One group's own tree: the indicators it rates and all administrative ones; others do not exist for it."""
    exists = np.where(plan.rated, figures.shares[:, :, group] > 0, figures.applies)
    return climb(np.where(plan.rated, figures.rated[:, :, group], figures.given), exists, within, plan)


def _sum_up(voices: Floats, values: list[Floats]) -> Floats:
    """Values (units, nodes) of the groups, weighted; what has no weight may be missing."""
    total = np.zeros(values[0].shape)
    for voice, value in zip(voices, values, strict=True):
        total += np.where(voice > 0, voice * value, 0.0)
    return total


def _within(effective: Floats, plan: Plan) -> Floats:
    above = effective[:, [max(parent, 0) for parent in plan.parents]]
    found = np.divide(effective, above, out=np.zeros_like(effective), where=above > 0)
    found[:, 0] = effective[:, 0]
    return found


def _parts(group: int, groups: int, plan: Plan) -> Floats:
    """Where a group's figure of an indicator stands, shape (leaves, groups + 1): its own place, or the given one."""
    parts = np.zeros((len(plan.leaves), groups + 1))
    parts[:, group], parts[:, -1] = plan.rated, ~plan.rated
    return parts


def _spread(voices: Floats, paths: list[Floats], plan: Plan) -> Floats:
    """Weight of each figure at the top, shape (units, leaves, groups + 1)."""
    total = np.zeros((len(paths[0]), len(plan.leaves), len(paths) + 1))
    for group, (voice, path) in enumerate(zip(voices, paths, strict=True)):
        total += (voice * path)[:, plan.leaves, None] * _parts(group, len(paths), plan)
    return total


def _gradient(voices: Voices, found: list[Climb], plan: Plan, wanted: Gradient) -> Floats:
    units = len(found[0].score)
    shape = (units, len(plan.leaves), len(found) + 1)
    gradient = empty_gradient(shape, plan, wanted)
    for group, own in enumerate(found):
        parts = np.broadcast_to(_parts(group, len(found), plan), shape)
        add_gradient(gradient, own, parts, voices.used[group], plan)
    return gradient


def _remainder(used: Floats, found: list[Climb], plan: Plan, wanted: Gradient) -> Floats:
    if not wanted:
        return np.full(found[0].score.shape, np.nan)
    return _sum_up(used, [remainders(own, plan) for own in found])
