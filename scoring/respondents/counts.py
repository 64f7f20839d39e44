"""Who answered, and what: responses and answers added up over form versions."""

from typing import Final

import numpy as np
import pandas as pd

from scoring.frames import Floats, positions
from scoring.scheme import Group, Scheme, Stratum

PLACE: Final = ["unit", "group", "stratum"]
ITEM: Final = [*PLACE, "indicator"]


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


def stratum_shares(scheme: Scheme) -> Floats:
    """Shares as fractions, shape (groups, strata codes); 0 where the group does not know the stratum.

    In a group that is raked a stratum has 1 when it counts, and 0 when it does not: its weight is 0, or its population
    has nobody with one of its traits.
    """
    place = {code: position for position, code in enumerate(scheme.strata())}
    shares = np.zeros((len(scheme.groups), len(place)))
    for row, group in enumerate(scheme.groups):
        for stratum in group.strata:
            shares[row, place[stratum.code]] = float(stratum.weight) * _exists(stratum, group)
    return shares


def _exists(stratum: Stratum, group: Group) -> bool:
    nobody = {(margin.variable, value) for margin in group.margins for value, share in margin.targets if not share}
    return nobody.isdisjoint(stratum.traits)
