"""What the figures of all units say about each single one: shrinkage of small samples; then the indicator's floor."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.frames import Floats, positions
from scoring.samples import shrink
from scoring.scheme import Scheme


@dataclass(frozen=True)
class Settled:
    """The figures that count, and a problem for each indicator and group that could not be shrunk as the scheme asks.

    ``problems`` has unit (empty: it concerns all), node (the indicator), code and detail (the group). The codes are
    shrinkage_too_few_units, shrinkage_spread_unknown and shrinkage_no_difference, see ``scoring.samples.Shrunk``.
    """

    means: pd.DataFrame
    problems: pd.DataFrame


def settle(means: pd.DataFrame, scheme: Scheme) -> Settled:
    """Adds ``shrunk`` and ``reliability``, and lets them count in groups whose shrinkage is empirical-bayes.

    An indicator and group are shrunk over their units, with the effective n and the sd of answers; ``reliability`` is
    the part (0 to 1) of the distance from the common mean that is kept. Where it is known already, from a model of the
    raters, the figures stand. At last no mean may be below the indicator's floor; ``mean_plain`` is left as it is.
    """
    mean, drawn, reliability = (means[column].to_numpy(copy=True) for column in ("mean", "shrunk", "reliability"))
    leaf, group = positions(means, "indicator"), positions(means, "group")
    size, variance = means["n_effective"].to_numpy(), means["sd"].to_numpy() ** 2
    problems = []
    pairs = means[["indicator", "group"]].drop_duplicates()
    for at, by in zip(positions(pairs, "indicator"), positions(pairs, "group"), strict=True):
        rows = (leaf == at) & (group == by)
        if not np.isnan(reliability[rows]).all():
            continue
        found = shrink(mean[rows], size[rows], variance[rows])
        drawn[rows], reliability[rows] = found.values, found.reliability
        asked = scheme.groups[by]
        if asked.shrinkage == "empirical-bayes":
            mean[rows] = found.values
            if found.note:
                problems.append(("", scheme.leaves()[at].code, f"shrinkage_{found.note}", asked.code))
    return Settled(
        means.assign(mean=np.maximum(mean, _floors(scheme)[leaf]), shrunk=drawn, reliability=reliability),
        pd.DataFrame(problems, columns=["unit", "node", "code", "detail"], dtype="str"),
    )


def _floors(scheme: Scheme) -> Floats:
    return np.array([-np.inf if leaf.floor is None else float(leaf.floor) for leaf in scheme.leaves()])
