"""The marks of each table's rows, from the marks of the quantities that the rows show."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pandas as pd

from scoring.frames import Integers
from scoring.suppress.grids import figure_places, places
from scoring.suppress.marks import COMPLEMENTARY, PRIMARY, SHOWN, Hiding
from scoring.suppress.strata import mark_counts, mark_merged, strata_marks

PUBLISHED = ("indicative", "full")


def of_units(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """That of the unit's score."""
    (at,) = places(table, {"unit": hiding.grids.units})
    return hiding.marks.scores[at]


def of_groups(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """That of the group's score."""
    groups = [group.code for group in hiding.scheme.groups]
    return hiding.marks.groups[places(table, {"unit": hiding.grids.units, "group": groups})]


def of_nodes(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """That of the node's score."""
    nodes = [node.code for node in hiding.scheme.nodes()]
    return hiding.marks.nodes[places(table, {"unit": hiding.grids.units, "node": nodes})]


def of_figures(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """That of the figure."""
    return hiding.marks.figures[figure_places(table, hiding.grids, hiding.scheme)]


def of_contributions(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """A figure's; administrative ones are public; what a cap took goes with the unit's score."""
    rated = (table["group"] != "").to_numpy()
    leaf = table["indicator"].isin([leaf.code for leaf in hiding.scheme.leaves()]).to_numpy()
    marks = np.where(leaf, SHOWN, of_units(table, hiding))
    marks[rated] = of_figures(table[rated], hiding)
    return marks


def of_categories(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """A mean of fewer than two units is one unit's score; one of a unit that is withheld would tell it."""
    scores = hiding.stages["scores"]
    counted = scores.assign(mark=of_units(scores, hiding))[scores["level"].isin(PUBLISHED)]
    withheld = table["category"].isin(counted.loc[counted["mark"] > SHOWN, "category"])
    return np.where(withheld | (table["published_units"] < 2), COMPLEMENTARY, SHOWN)


def of_ranks(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """What is said of a unit's rank goes with its score, and with the ranks of its category."""
    lost = table["category"].isin(categories_without_ranks(hiding))
    return np.asarray(np.maximum(of_units(table, hiding), np.where(lost, COMPLEMENTARY, SHOWN)))


def categories_without_ranks(hiding: Hiding) -> set[str]:
    """Categories in which a ranked unit's score is withheld: the gap in the ranks would bound it."""
    scores = hiding.stages["scores"]
    gaps = scores["rank"].notna().to_numpy() & (of_units(scores, hiding) > SHOWN)
    return set(scores.loc[gaps, "category"])


def of_influence(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """Correlations and spreads go when the node, its parent or the whole is withheld of any unit."""
    lost = {node.code for at, node in enumerate(hiding.scheme.nodes()) if (hiding.marks.nodes[:, at] > SHOWN).any()}
    lost_top = hiding.scheme.tree.code in lost
    return np.where(table["node"].isin(lost) | table["parent"].isin(lost) | lost_top, COMPLEMENTARY, SHOWN)


def of_severity(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """Single raters: never for the public, and for nobody where anonymity is promised."""
    anonymous = [group.code for group in hiding.scheme.groups if group.promise == "anonymous"]
    return np.where(table["group"].isin(anonymous) | (hiding.audience == "public"), PRIMARY, SHOWN)


def of_counts(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """Distributions and counts of answers."""
    return mark_merged(table, hiding) if hiding.audience == "public" else mark_counts(table, hiding)


def of_strata(table: pd.DataFrame, hiding: Hiding) -> Integers:
    """Strata are for the overseer alone: the public's table has no row."""
    return of_nothing(table, hiding) if hiding.audience == "public" else strata_marks(hiding)


def of_nothing(table: pd.DataFrame, _hiding: Hiding) -> Integers:
    """Administrative figures and adjustments are public; of problems only the details are not."""
    return np.full(len(table), SHOWN, dtype=np.int64)


RULES: Final[Mapping[str, Callable[[pd.DataFrame, Hiding], Integers]]] = {
    "distribution": of_counts,
    "responses": of_counts,
    "strata": of_strata,
    "means": of_figures,
    "groups": of_groups,
    "nodes": of_nodes,
    "scores": of_units,
    "contributions": of_contributions,
    "categories": of_categories,
    "robustness": of_ranks,
    "influence": of_influence,
    "severity": of_severity,
    "figures": of_nothing,
    "adjustments": of_nothing,
    "problems": of_nothing,
}
