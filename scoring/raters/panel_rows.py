"""Ratings of panels as they come in: what the scheme does not know is set aside and named."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from scoring.frames import Flags, need
from scoring.scheme import Node, Scheme

KEYS = ("unit", "group", "indicator", "rater")
Said = tuple[str, str, str, str]
"""A problem: unit, node, code, detail."""
Check = tuple[str, str, Flags]
"""A problem's code, the column whose value is its node, and the rows that pass."""


def read_panels(panels: pd.DataFrame | None, units: Sequence[str], scheme: Scheme) -> tuple[pd.DataFrame, list[Said]]:
    """Rows with a level of the scale (unit, group, indicator, rater, code), and a problem a unit and place for others.

    A code above the scale's levels ("don't know", "does not apply"), 0 and a missing one are no level and no problem.

    Raises:
        InputError: a column is missing.
    """
    if panels is None:
        return pd.DataFrame({name: [] for name in (*KEYS, "code")}), []
    need(panels, "panels", (*KEYS, "value"))
    left = pd.DataFrame({name: panels[name].astype("str").to_numpy() for name in KEYS})
    left = left.assign(value=panels["value"].to_numpy(dtype=np.float64, na_value=np.nan))
    leaves = {leaf.code: leaf for leaf in scheme.leaves()}
    points = left["indicator"].map({code: leaf.points for code, leaf in leaves.items()}).astype("float64")
    good, problems = np.ones(len(left), dtype=bool), []
    for code, column, passes in [*_place_checks(left, units, scheme), *_answer_checks(left, leaves, points)]:
        wrong = left[good & ~passes]
        counted = wrong.assign(node=wrong[column]).groupby(["unit", "node"], sort=True).size().reset_index(name="n")
        found = zip(counted["unit"], counted["node"], counted["n"], strict=True)
        problems += [(unit, node, code, str(n)) for unit, node, n in found]
        good &= passes
    rows = left[good & ((left["value"] >= 1) & (left["value"] <= points)).to_numpy()]
    return rows.assign(code=rows["value"].astype("int64")).drop(columns="value"), problems


def _place_checks(rows: pd.DataFrame, units: Sequence[str], scheme: Scheme) -> list[Check]:
    groups = [group.code for group in scheme.groups]
    adjusted = [group.code for group in scheme.groups if group.severity != "none"]
    return [
        ("unknown_unit", "unit", rows["unit"].isin(list(units)).to_numpy()),
        ("unknown_group", "group", rows["group"].isin(groups).to_numpy()),
        ("panel_not_used", "group", rows["group"].isin(adjusted).to_numpy()),
    ]


def _answer_checks(rows: pd.DataFrame, leaves: Mapping[str, Node], points: pd.Series) -> list[Check]:
    asked = {(leaf.code, group) for leaf in leaves.values() for group, _ in leaf.shares}
    pairs = zip(rows["indicator"], rows["group"], strict=True)
    value = rows["value"]
    whole = value.isna() | ((value % 1 == 0) & (value >= 0) & (value <= points + 2))
    return [
        ("unknown_indicator", "indicator", rows["indicator"].isin(list(leaves)).to_numpy()),
        ("group_not_asked", "indicator", np.array([pair in asked for pair in pairs], dtype=bool)),
        ("code_out_of_scale", "indicator", whole.to_numpy()),
    ]
