"""Results written by hand: the tables of a round from the means and numbers of answers that a test names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from scoring.frames import COLUMNS, LEVELS, Floats
from scoring.scheme import Band, Group, Node, Scheme, Stratum
from scoring.tree import Values, evaluate

Figures = Mapping[tuple[str, str, str], tuple[float, int]]
"""Mean and number of answers by unit, indicator, group."""

ALL = (Stratum("all", Fraction(1)),)


def rated(code: str, weight: object, **shares: object) -> Node:
    """An indicator of five points; ``shares`` are the groups' percentages."""
    parts = tuple((group, Fraction(str(share)) / 100) for group, share in shares.items())
    return Node(code, Fraction(str(weight)) / 100, points=5, shares=parts)


def branch(code: str, weight: object, *children: Node, aggregation: str = "arithmetic") -> Node:
    return Node(code, Fraction(str(weight)) / 100, children=children, aggregation=aggregation)


def scheme_of(*children: Node, minimum: tuple[int, int, int] = (5, 10, 10), groups: str = "abc") -> Scheme:
    """A scheme whose groups (one letter each) are confidential and have one stratum."""
    people = tuple(Group(code, "confidential", minimum, ALL) for code in groups)
    bands = (Band("A", Decimal(75)), Band("B", Decimal(0)))
    return Scheme("made", people, branch("score", 100, *children), bands)


def result(scheme: Scheme, figures: Figures, **categories: str) -> dict[str, pd.DataFrame]:
    """The stages of a round, units in the order of their codes; scores have the level of their lowest group."""
    units = sorted(categories)
    leaves, groups = [leaf.code for leaf in scheme.leaves()], [group.code for group in scheme.groups]
    grid, count = np.full((2, len(units), len(leaves), len(groups)), np.nan)
    for (unit, leaf, group), (mean, n) in figures.items():
        at = units.index(unit), leaves.index(leaf), groups.index(group)
        grid[at], count[at] = mean, n
    given = np.full(grid.shape[:2], np.nan)
    for place, node in enumerate(scheme.leaves()):
        given[:, place] = np.nan if node.points else 50.0
    scores = evaluate(Values(grid, given, np.ones(given.shape, dtype=bool)), scheme)
    heads = np.nan_to_num(count).max(axis=1).astype(int)
    own = np.stack([_levels(count[:, :, at], group) for at, group in enumerate(scheme.groups)], axis=2)
    of_group = np.stack([_levels(heads[:, at], group) for at, group in enumerate(scheme.groups)], axis=1)
    least = np.where(of_group > 0, of_group, 4).min(axis=1)
    figure = [(u, i, g) for u, i, g in np.argwhere(~np.isnan(grid))]
    tables = {
        "means": [
            {"unit": units[u], "indicator": leaves[i], "group": groups[g], "n": int(count[u, i, g]),
             "mean": grid[u, i, g], "raw_mean": 1 + grid[u, i, g] / 25, "sd": 10.0,
             "level": LEVELS[min(own[u, i, g], of_group[u, g])]}
            for u, i, g in figure
        ],
        "groups": [
            {"unit": unit, "group": group, "n": heads[u, g], "score": scores.by_group[u, g],
             "level": LEVELS[of_group[u, g]], "weight_used": 100 * scores.weight_used[u, :, g].sum()}
            for u, unit in enumerate(units) for g, group in enumerate(groups)
        ],
        "nodes": [
            {"unit": unit, "node": node.code, "parent": _parent(scheme, at), "score": scores.score[u, at],
             "weight_used": 100 * scores.within_used[u, at], "present": scores.present[u, at]}
            for u, unit in enumerate(units) for at, node in enumerate(scheme.nodes())
        ],
        "scores": [
            {"unit": unit, "category": categories[unit], "score": scores.score[u, 0], "level": LEVELS[least[u]],
             "n": heads[u].sum(), "level_n": heads[u].min(), "band": "B" if least[u] == 4 else ""}
            for u, unit in enumerate(units)
        ],
        "contributions": [
            {"unit": units[u], "indicator": leaves[i], "group": groups[g], "score": grid[u, i, g],
             "weight_used": 100 * scores.weight_used[u, i, g],
             "contribution": grid[u, i, g] * scores.weight_used[u, i, g]}
            for u, i, g in figure
        ],
        "strata": [
            {"unit": units[u], "group": groups[g], "stratum": "all", "indicator": leaves[i], "points": 5,
             "responses": heads[u, g], "n": int(count[u, i, g]), "raw_mean": 1 + grid[u, i, g] / 25,
             "raw_variance": 1.0, "weight": 1.0}
            for u, i, g in figure
        ],
        "distribution": [
            {"unit": units[u], "group": groups[g], "stratum": "all", "indicator": leaves[i], "code": code,
             "count": int(count[u, i, g]) // 2}
            for u, i, g in figure for code in (1, 5)
        ],
        "responses": [
            {"unit": units[u], "group": groups[g], "stratum": "all", "indicator": leaves[i],
             "valid": int(count[u, i, g])}
            for u, i, g in figure
        ],
        "problems": [],
    }  # fmt: skip
    stages = {name: frame(name, rows) for name, rows in tables.items()}
    return with_categories(stages)


def with_categories(stages: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Ranks of the full units, and the categories with the mean of all published ones, even of a single one."""
    scores = stages["scores"]
    full = scores["score"].where(scores["level"] == "full")
    ranks = full.groupby(scores["category"]).rank(method="min", ascending=False).astype("Int64")
    published = scores["level"].isin(["indicative", "full"])
    rows = [
        {"category": code, "units": len(part), "published_units": int(published[part.index].sum()),
         "mean": part.loc[published[part.index], "score"].mean()}
        for code, part in scores.groupby("category")
    ]  # fmt: skip
    return stages | {"scores": scores.assign(rank=ranks), "categories": frame("categories", rows)}


def frame(name: str, rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """A table with all columns of its stage; what a row does not name is empty."""
    empty = {"str": "", "int64": 0, "float64": np.nan, "bool": False, "Int64": pd.NA}
    kinds = COLUMNS[name]
    columns = {column: [row.get(column, empty[kind]) for row in rows] for column, kind in kinds.items()}
    return pd.DataFrame({column: pd.Series(columns[column], dtype=kind) for column, kind in kinds.items()})


def with_groups(scheme: Scheme, **changes: object) -> Scheme:
    """The scheme with something changed in every group."""
    return replace(scheme, groups=tuple(replace(group, **changes) for group in scheme.groups))  # type: ignore[arg-type]


def _levels(count: Floats, group: Group) -> "np.typing.NDArray[np.int64]":
    n = np.nan_to_num(count)
    return np.asarray(np.where(n > 0, 1 + sum((n >= cut).astype(int) for cut in group.minimum), 0))


def _parent(scheme: Scheme, at: int) -> str:
    above = scheme.parents()[at]
    return scheme.nodes()[above].code if above >= 0 else ""
