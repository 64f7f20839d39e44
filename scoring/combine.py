"""Stage 6: from figures up the tree. What a node's score is made of, and what is missing on the way.

What is missing leaves its weight to its siblings in proportion; nominal and used weights are both kept. An indicator
that does not apply to a unit is no gap: it is left out of the unit's nominal weights as well. The arithmetic is that
of ``scoring.tree``; this stage makes its arrays from frames and frames from its arrays.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.frames import SIGNIFICANT_DIGITS, Integers, key, positions
from scoring.scheme import Scheme
from scoring.tree import Scores, Values, evaluate, weights_of


@dataclass(frozen=True)
class Combined:
    """Frames: ``nodes`` a unit and node, ``groups`` a unit and group, ``weights`` a unit, rated indicator and group.

    ``given`` has the columns of ``weights`` but group and share, a unit and administrative indicator. ``problems`` are
    nodes missing for want of children (coverage_short) and nodes that a cap lowered (capped; the score before).
    ``values`` and ``scores`` are the arrays behind them, the gradient that of the top alone.
    """

    nodes: pd.DataFrame
    groups: pd.DataFrame
    weights: pd.DataFrame
    given: pd.DataFrame
    problems: pd.DataFrame
    values: Values
    scores: Scores


def combine(
    means: pd.DataFrame,
    people: pd.DataFrame,
    units: pd.DataFrame,
    scheme: Scheme,
    figures: pd.DataFrame | None = None,
) -> Combined:
    """Scores of all nodes, groups and the whole, weights and shares in percent but ``share`` and ``gradient``.

    ``figures`` has unit, indicator (categorical in the order of units and leaves) and value, normalised.
    With group-inside a group's score is the mean of its figures weighted as they enter the composite; with
    group-outside it is the top of the group's own tree. In an arithmetic tree without administrative indicators the
    groups' scores times their used weights add up to the composite.

    Raises:
        InputError: an aggregation does not take its children's values; the node is named.
    """
    codes = list(units["unit"])
    values = gather(means, figures, codes, scheme)
    scores = evaluate(values, scheme, gradient="top")
    return Combined(
        nodes=_nodes(scores, codes, scheme),
        groups=_groups(scores, _heads(people, len(codes), scheme), codes, scheme),
        weights=_weights(values, scores, codes, scheme),
        given=_given(values, scores, codes, scheme),
        problems=_problems(scores, codes, scheme),
        values=values,
        scores=scores,
    )


def gather(means: pd.DataFrame, figures: pd.DataFrame | None, codes: list[str], scheme: Scheme) -> Values:
    """The arrays of a tree from the frames of means and of administrative figures; what has no row is missing."""
    leaves = scheme.leaves()
    rated = np.full((len(codes), len(leaves), len(scheme.groups)), np.nan)
    rated[positions(means, "unit"), positions(means, "indicator"), positions(means, "group")] = means["mean"]
    given = np.full(rated.shape[:2], np.nan)
    if figures is not None:
        given[positions(figures, "unit"), positions(figures, "indicator")] = figures["value"]
    applies = np.array([[leaf.applies_to(unit) for leaf in leaves] for unit in codes], dtype=bool)
    return Values(rated, given, applies.reshape(given.shape))


def _nodes(scores: Scores, codes: list[str], scheme: Scheme) -> pd.DataFrame:
    names = [node.code for node in scheme.nodes()]
    parents = np.array([*names, ""])[list(scheme.parents())]
    at = np.nonzero(scores.exists)
    return pd.DataFrame(
        {
            "unit": key(at[0], codes),
            "node": key(at[1], names),
            "parent": pd.Series(parents[at[1]], dtype="str"),
            "score": scores.score[at],
            "weight_nominal": 100 * scores.within_nominal[at],
            "weight_used": 100 * scores.within_used[at],
            "effective_nominal": 100 * scores.effective_nominal[at],
            "effective_used": 100 * scores.effective_used[at],
            "present": scores.present[at],
        }
    )


def _heads(people: pd.DataFrame, units: int, scheme: Scheme) -> Integers:
    heads = np.zeros((units, len(scheme.groups)), dtype=np.int64)
    np.add.at(heads, (positions(people, "unit"), positions(people, "group")), people["n"].to_numpy())
    return heads


def _groups(scores: Scores, heads: Integers, codes: list[str], scheme: Scheme) -> pd.DataFrame:
    names = [group.code for group in scheme.groups]
    return pd.DataFrame(
        {
            "n": heads.ravel(),
            "score": scores.by_group.ravel(),
            "weight_nominal": 100 * scores.group_nominal.ravel(),
            "weight_used": 100 * scores.group_used.ravel(),
            "unit": key(np.repeat(np.arange(len(codes)), len(names)), codes),
            "group": key(np.tile(np.arange(len(names)), len(codes)), names),
        }
    )


def _weights(values: Values, scores: Scores, codes: list[str], scheme: Scheme) -> pd.DataFrame:
    at = np.nonzero(values.applies[:, :, None] & (weights_of(scheme).shares > 0))
    return pd.DataFrame(
        {
            "unit": key(at[0], codes),
            "indicator": key(at[1], [leaf.code for leaf in scheme.leaves()]),
            "group": key(at[2], [group.code for group in scheme.groups]),
            "weight_nominal": 100 * scores.weight_nominal[at],
            "weight_used": 100 * scores.weight_used[at],
            "share": scores.share_used[at],
            "score": values.rated[at],
            "gradient": scores.gradient[:, 0][at],
        }
    )


def _given(values: Values, scores: Scores, codes: list[str], scheme: Scheme) -> pd.DataFrame:
    leaves = scheme.leaves()
    at = np.nonzero(values.applies & np.array([not leaf.is_rated for leaf in leaves], dtype=bool))
    return pd.DataFrame(
        {
            "unit": key(at[0], codes),
            "indicator": key(at[1], [leaf.code for leaf in leaves]),
            "weight_nominal": 100 * scores.weight_nominal[:, :, -1][at],
            "weight_used": 100 * scores.weight_used[:, :, -1][at],
            "score": values.given[at],
            "gradient": scores.gradient[:, 0, :, -1][at],
        }
    )


def _problems(scores: Scores, codes: list[str], scheme: Scheme) -> pd.DataFrame:
    names, parents = [node.code for node in scheme.nodes()], np.array(scheme.parents())
    rows = []
    for unit, node in np.argwhere(~scores.covered).tolist():
        below = parents == node
        counted = scores.present[unit, below].sum(), scores.exists[unit, below].sum()
        rows.append((codes[unit], names[node], "coverage_short", f"{counted[0]} of {counted[1]}"))
    for unit, node in np.argwhere(scores.capped).tolist():
        detail = f"{scores.before_cap[unit, node]:.{SIGNIFICANT_DIGITS}g}"
        rows.append((codes[unit], names[node], "capped", detail))
    return pd.DataFrame(rows, columns=["unit", "node", "code", "detail"], dtype="str")
