"""A run's tables as the arrays from which the engine climbs the tree again."""

from collections.abc import Mapping, Sequence

import pandas as pd

from evalsys.services.run_tables import Tables
from scoring.combine import gather
from scoring.scheme import Scheme
from scoring.tree import Values


def tree_values(tables: Tables, units: Sequence[str], scheme: Scheme) -> Values:
    """The figures of the named units as the tree takes them; what is withheld in these tables is missing."""
    leaves, groups = [leaf.code for leaf in scheme.leaves()], [group.code for group in scheme.groups]
    means = keyed(tables["means"], {"unit": units, "indicator": leaves, "group": groups})
    given = keyed(tables["figures"], {"unit": units, "indicator": leaves}) if "figures" in tables else None
    return gather(means, given, list(units), scheme)


def keyed(table: pd.DataFrame, keys: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The rows of the units that `keys` names, with key columns whose codes are array positions."""
    rows = table[table["unit"].isin(list(keys["unit"]))].reset_index(drop=True)
    found = {name: pd.Categorical(rows[name], categories=list(codes)) for name, codes in keys.items()}
    return rows.assign(**found)
