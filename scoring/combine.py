"""Stage 6: from indicator means up the tree, the groups of an indicator first, then dimension by dimension.

What is missing leaves its weight to its siblings in proportion; nominal and used weights are both kept. An indicator
that does not apply to a unit is no gap: it is left out of the unit's nominal weights as well.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.frames import Flags, Floats, key, positions
from scoring.scheme import Scheme


@dataclass(frozen=True)
class Combined:
    """``nodes`` a unit and node, ``groups`` a unit and group, ``weights`` a unit, indicator and group."""

    nodes: pd.DataFrame
    groups: pd.DataFrame
    weights: pd.DataFrame


@dataclass(frozen=True)
class Tree:
    """Weights within the parent and down the path, shape (units, nodes); ``exists`` says where a node applies."""

    within_nominal: Floats
    within_used: Floats
    score: Floats
    exists: Flags
    present: Flags


def combine(means: pd.DataFrame, people: pd.DataFrame, units: pd.DataFrame, scheme: Scheme) -> Combined:
    """Scores of all nodes, groups and the whole, on 0 to 100, weights in percent.

    A group's score is the mean of its figures weighted as they enter the composite, so that the groups' scores
    times their used weights add up to the composite.
    """
    codes = list(units["unit"])
    figures = np.full((len(codes), len(scheme.leaves()), len(scheme.groups)), np.nan)
    figures[positions(means, "unit"), positions(means, "indicator"), positions(means, "group")] = means["mean"]
    shares = group_shares(scheme)
    applies = np.array([[leaf.applies_to(unit) for leaf in scheme.leaves()] for unit in codes], dtype=bool)
    applies = applies.reshape(len(codes), len(scheme.leaves()))
    present = ~np.isnan(figures) & (shares > 0)
    used = _divided(shares * present, (shares * present).sum(axis=2, keepdims=True))
    values = np.where(present, figures, 0.0)
    tree = _climb((used * values).sum(axis=2), applies, present.any(axis=2) & applies, scheme)
    nominal_path, used_path = _descend(tree.within_nominal, scheme), _descend(tree.within_used, scheme)
    leaves = [position for position, node in enumerate(scheme.nodes()) if not node.children]
    nominal = nominal_path[:, leaves, None] * shares
    real = used_path[:, leaves, None] * used
    return Combined(
        nodes=_nodes(tree, (nominal_path, used_path), codes, scheme),
        groups=_groups(nominal, real, values, _heads(people, len(codes), scheme)).assign(
            unit=key(np.repeat(np.arange(len(codes)), len(scheme.groups)), codes),
            group=key(np.tile(np.arange(len(scheme.groups)), len(codes)), [group.code for group in scheme.groups]),
        ),
        weights=_weights((nominal, real, used, figures), applies[:, :, None] & (shares > 0), codes, scheme),
    )


def group_shares(scheme: Scheme) -> Floats:
    """Shares of the groups in each indicator as fractions, shape (indicators, groups)."""
    place = {group.code: position for position, group in enumerate(scheme.groups)}
    shares = np.zeros((len(scheme.leaves()), len(place)))
    for row, leaf in enumerate(scheme.leaves()):
        for group, share in leaf.shares:
            shares[row, place[group]] = float(share)
    return shares


def _divided(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _climb(leaf_scores: Floats, applies: Flags, present: Flags, scheme: Scheme) -> Tree:
    nodes, above = scheme.nodes(), np.array(scheme.parents())
    shape = (len(leaf_scores), len(nodes))
    leaves = np.array([not node.children for node in nodes])
    score, exists, here = np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    score[:, leaves], exists[:, leaves], here[:, leaves] = leaf_scores, applies, present
    weight = np.array([float(node.weight) for node in nodes])
    nominal, used = np.ones(shape), np.ones(shape)
    for position in reversed(np.flatnonzero(~leaves)):
        children = np.flatnonzero(above == position)
        known, real = weight[children] * exists[:, children], weight[children] * here[:, children]
        nominal[:, children] = _divided(known, known.sum(axis=1, keepdims=True))
        used[:, children] = _divided(real, real.sum(axis=1, keepdims=True))
        score[:, position] = (used[:, children] * score[:, children]).sum(axis=1)
        exists[:, position] = exists[:, children].any(axis=1)
        here[:, position] = real.sum(axis=1) > 0
    used[:, 0] = here[:, 0]
    return Tree(nominal, used, np.where(here, score, np.nan), exists, here)


def _descend(within: Floats, scheme: Scheme) -> Floats:
    path = within.copy()
    for position, above in enumerate(scheme.parents()):
        if above >= 0:
            path[:, position] *= path[:, above]
    return path


def _nodes(tree: Tree, paths: tuple[Floats, Floats], codes: list[str], scheme: Scheme) -> pd.DataFrame:
    names = [node.code for node in scheme.nodes()]
    above = scheme.parents()
    unit, node = np.nonzero(tree.exists)
    return pd.DataFrame(
        {
            "unit": key(unit, codes),
            "node": key(node, names),
            "parent": pd.Series([names[above[at]] if above[at] >= 0 else "" for at in node], dtype="str"),
            "score": tree.score[unit, node],
            "weight_nominal": 100 * tree.within_nominal[unit, node],
            "weight_used": 100 * tree.within_used[unit, node],
            "effective_nominal": 100 * paths[0][unit, node],
            "effective_used": 100 * paths[1][unit, node],
            "present": tree.present[unit, node],
        }
    )


def _heads(people: pd.DataFrame, units: int, scheme: Scheme) -> Floats:
    heads = np.zeros((units, len(scheme.groups)))
    np.add.at(heads, (positions(people, "unit"), positions(people, "group")), people["n"].to_numpy())
    return heads


def _groups(nominal: Floats, real: Floats, values: Floats, heads: Floats) -> pd.DataFrame:
    weight = real.sum(axis=1)
    score = np.divide((real * values).sum(axis=1), weight, out=np.full_like(weight, np.nan), where=weight > 0)
    return pd.DataFrame(
        {
            "n": heads.ravel().astype(np.int64),
            "score": score.ravel(),
            "weight_nominal": 100 * nominal.sum(axis=1).ravel(),
            "weight_used": 100 * weight.ravel(),
        }
    )


def _weights(layers: tuple[Floats, ...], asked: Flags, codes: list[str], scheme: Scheme) -> pd.DataFrame:
    nominal, real, share, figures = layers
    at = np.nonzero(asked)
    return pd.DataFrame(
        {
            "unit": key(at[0], codes),
            "indicator": key(at[1], [leaf.code for leaf in scheme.leaves()]),
            "group": key(at[2], [group.code for group in scheme.groups]),
            "weight_nominal": 100 * nominal[at],
            "weight_used": 100 * real[at],
            "share": share[at],
            "score": figures[at],
        }
    )
