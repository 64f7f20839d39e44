"""The weight of each stratum in the figures of its unit and group."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.frames import positions
from scoring.respondents.counts import ITEM, PLACE, stratum_shares
from scoring.respondents.raking import rake_units
from scoring.scheme import Scheme


@dataclass(frozen=True)
class Weighted:
    """``strata`` are the scored strata with their weights; ``problems`` (unit, node, code, detail) tell of raking."""

    strata: pd.DataFrame
    problems: pd.DataFrame


def weigh(answers: pd.DataFrame, people: pd.DataFrame, scheme: Scheme) -> Weighted:
    """The scored strata of each unit, group and indicator with their mean, variance and weight.

    ``people`` are the responses of the scored strata (unit, group, stratum, n). Mean and variance (n - 1; missing for a
    single answer) are in codes of the scale. Weights of one unit, group and indicator sum to 1 over the strata that
    have a valid answer; strata without weight or answers have no row. In a group with margins a stratum's weight is its
    number of valid answers times the raked weight of one answer in this unit, so that who skips a question takes his
    weight along; ``scoring.respondents.raking`` says when the answers stay unweighted instead.
    """
    sums = ["valid", "level_sum", "level_squares", "top", "bottom", "dont_know", "not_applicable"]
    strata = answers.groupby([*ITEM, "points"], observed=True, sort=True)[sums].sum().reset_index()
    shares = stratum_shares(scheme)[positions(strata, "group"), positions(strata, "stratum")]
    strata, shares = strata[shares > 0], shares[shares > 0]
    raked = rake_units(people, scheme)
    share = np.where(strata["valid"] > 0, shares, 0.0)
    for group, each in raked.weights.items():
        rows = positions(strata, "group") == group
        own = strata[rows]
        share[rows] = own["valid"] * each[positions(own, "unit"), positions(own, "stratum")]
    strata = strata.assign(share=share)
    whole = strata.groupby(["unit", "group", "indicator"], observed=True)["share"].transform("sum")
    strata["weight"] = strata["share"] / whole.where(whole > 0)
    n = strata["valid"].where(strata["valid"] > 0)
    spread = strata["valid"] * strata["level_squares"] - strata["level_sum"] ** 2
    strata = strata.assign(raw_mean=strata["level_sum"] / n, raw_variance=spread / (n * (n - 1)).where(n > 1))
    strata = strata.merge(people.rename(columns={"n": "responses"}), on=PLACE, how="left")
    return Weighted(strata.rename(columns={"valid": "n"}).drop(columns=["share"]), raked.problems)
