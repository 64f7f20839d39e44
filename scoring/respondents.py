"""Stage 3: whose answers count how much. Post-stratification: each stratum stands for its share of the group.

A stratum without an answer to an indicator leaves its share to the strata that have one, in proportion. A stratum
of weight 0 (an open channel) is counted and shown, but enters neither a score nor an n.
"""

import numpy as np
import pandas as pd

from scoring.frames import Floats, positions
from scoring.scheme import Scheme

PLACE = ["unit", "group", "stratum"]
ITEM = [*PLACE, "indicator"]


def count_people(people: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Responses of each unit, group and stratum that is scored: columns unit, group, stratum, n."""
    counted = people[stratum_shares(scheme)[positions(people, "group"), positions(people, "stratum")] > 0]
    return counted.groupby(PLACE, observed=True, sort=True)["n"].sum().reset_index()


def count_responses(answers: pd.DataFrame) -> pd.DataFrame:
    """Valid answers, "don't know", "does not apply" and blanks of every stratum, the unscored ones too."""
    columns = ["valid", "dont_know", "not_applicable", "blank"]
    return answers.groupby(ITEM, observed=True, sort=True)[columns].sum().reset_index()


def distribute(answers: pd.DataFrame, levels: pd.DataFrame) -> pd.DataFrame:
    """How often each level was chosen, form versions added; a level nobody chose has no row.

    ``answers`` keeps the row labels that ``levels.row`` points to.
    """
    chosen = levels[levels["row"].isin(answers.index)]
    rows = answers.loc[chosen["row"], ITEM].reset_index(drop=True)
    rows = rows.assign(code=chosen["code"].to_numpy(), count=chosen["count"].to_numpy())
    return rows.groupby([*ITEM, "code"], observed=True, sort=True)["count"].sum().reset_index()


def weigh(answers: pd.DataFrame, people: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """The scored strata of each unit, group and indicator with their mean, variance and weight.

    Mean and variance (n - 1; missing for a single answer) are in codes of the scale. Weights of one unit, group and
    indicator sum to 1 over the strata that have a valid answer; strata without weight or answers have no row.
    """
    sums = ["valid", "level_sum", "level_squares", "top", "bottom", "dont_know", "not_applicable"]
    strata = answers.groupby([*ITEM, "points"], observed=True, sort=True)[sums].sum().reset_index()
    shares = stratum_shares(scheme)[positions(strata, "group"), positions(strata, "stratum")]
    strata = strata.assign(share=shares)[shares > 0]
    strata["share"] = strata["share"].where(strata["valid"] > 0, 0.0)
    whole = strata.groupby(["unit", "group", "indicator"], observed=True)["share"].transform("sum")
    strata["weight"] = strata["share"] / whole.where(whole > 0)
    n = strata["valid"].where(strata["valid"] > 0)
    spread = strata["valid"] * strata["level_squares"] - strata["level_sum"] ** 2
    strata = strata.assign(raw_mean=strata["level_sum"] / n, raw_variance=spread / (n * (n - 1)).where(n > 1))
    strata = strata.merge(people.rename(columns={"n": "responses"}), on=PLACE, how="left")
    return strata.rename(columns={"valid": "n"}).drop(columns=["share"])


def stratum_shares(scheme: Scheme) -> Floats:
    """Shares as fractions, shape (groups, strata codes); 0 where the group does not know the stratum."""
    place = {code: position for position, code in enumerate(scheme.strata())}
    shares = np.zeros((len(scheme.groups), len(place)))
    for row, group in enumerate(scheme.groups):
        for stratum in group.strata:
            shares[row, place[stratum.code]] = float(stratum.weight)
    return shares
