"""Results written by hand: the tables of a round from the means and numbers of answers that a test names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from scoring.frames import COLUMNS, LEVELS, Floats, Integers
from scoring.scheme import Band, Group, Node, Scheme, Stratum
from scoring.tree import Scores, Values, evaluate

Answers = dict[tuple[str, str, str], tuple[float, int]]
View = dict[str, pd.DataFrame]
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
    given[:, [not leaf.points for leaf in scheme.leaves()]] = 50.0
    scores = evaluate(Values(grid, given, np.ones(given.shape, dtype=bool)), scheme)
    heads = np.nan_to_num(count).max(axis=1).astype(int)
    own = np.stack([_levels(count[:, :, at], group) for at, group in enumerate(scheme.groups)], axis=2)
    of_group = np.stack([_levels(heads[:, at], group) for at, group in enumerate(scheme.groups)], axis=1)
    own = np.minimum(own, of_group[:, None, :])
    tables = {"problems": [], **_above(scheme, categories, scores, (heads, of_group))}
    for u, i, g in np.argwhere(~np.isnan(grid)):
        key = {"unit": units[u], "indicator": leaves[i], "group": groups[g]}
        figure = {"n": int(count[u, i, g]), "mean": grid[u, i, g], "level": LEVELS[own[u, i, g]],
                  "weight_used": scores.weight_used[u, i, g], "people": heads[u, g]}  # fmt: skip
        for name, rows in _below(figure).items():
            tables.setdefault(name, []).extend(key | row for row in rows)
    for name in ("means", "contributions", "strata", "distribution", "responses"):
        tables.setdefault(name, [])
    return with_categories({name: frame(name, rows) for name, rows in tables.items()})


def _above(
    scheme: Scheme, categories: Mapping[str, str], scores: Scores, people: tuple[Integers, Integers]
) -> dict[str, list[dict[str, object]]]:
    """Rows of groups, nodes and scores; ``people``: numbers and levels of groups, shape (units, groups)."""
    units, (heads, of_group) = sorted(categories), people
    least = np.where(of_group > 0, of_group, 4).min(axis=1)
    groups: list[dict[str, object]] = [
        {"unit": unit, "group": group.code, "n": heads[u, g], "score": scores.by_group[u, g],
         "level": LEVELS[of_group[u, g]], "weight_used": 100 * scores.weight_used[u, :, g].sum()}
        for u, unit in enumerate(units) for g, group in enumerate(scheme.groups)
    ]  # fmt: skip
    nodes: list[dict[str, object]] = [
        {"unit": unit, "node": node.code, "parent": _parent(scheme, at), "score": scores.score[u, at],
         "weight_used": 100 * scores.within_used[u, at], "present": scores.present[u, at]}
        for u, unit in enumerate(units) for at, node in enumerate(scheme.nodes())
    ]  # fmt: skip
    tops: list[dict[str, object]] = [
        {"unit": unit, "category": categories[unit], "score": scores.score[u, 0], "level": LEVELS[least[u]],
         "n": heads[u].sum(), "level_n": heads[u].min(), "band": "B" if least[u] == 4 else ""}
        for u, unit in enumerate(units)
    ]  # fmt: skip
    return {"groups": groups, "nodes": nodes, "scores": tops}


def _below(figure: Mapping[str, Any]) -> dict[str, list[dict[str, object]]]:
    """Rows of one figure in the tables below the nodes; half of the answers at each end of the scale."""
    n, mean, weight = figure["n"], figure["mean"], figure["weight_used"]
    raw = 1 + mean / 25
    return {
        "means": [{"n": n, "mean": mean, "raw_mean": raw, "sd": 10.0, "level": figure["level"]}],
        "contributions": [{"score": mean, "weight_used": 100 * weight, "contribution": mean * weight}],
        "strata": [{"stratum": "all", "points": 5, "responses": figure["people"], "n": n, "raw_mean": raw,
                    "raw_variance": 1.0, "weight": 1.0}],
        "distribution": [{"stratum": "all", "code": code, "count": n // 2} for code in (1, 5)],
        "responses": [{"stratum": "all", "valid": n}],
    }  # fmt: skip


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


def with_groups(scheme: Scheme, **changes: Any) -> Scheme:
    """The scheme with something changed in every group."""
    return replace(scheme, groups=tuple(replace(group, **changes) for group in scheme.groups))


def _levels(count: Floats, group: Group) -> Integers:
    n = np.nan_to_num(count)
    return np.asarray(np.where(n > 0, 1 + sum((n >= cut).astype(int) for cut in group.minimum), 0))


def _parent(scheme: Scheme, at: int) -> str:
    above = scheme.parents()[at]
    return scheme.nodes()[above].code if above >= 0 else ""


THREE = scheme_of(
    branch("da", 50, rated("a1", 60, a=100), rated("a2", 25, a=100), rated("a3", 15, a=100)),
    branch("db", 30, rated("b1", 60, b=100), rated("b2", 40, b=100)),
    branch("dc", 20, rated("c1", 60, c=100), rated("c2", 40, c=100)),
)
LEAVES = ("a1", "a2", "a3", "b1", "b2", "c1", "c2")


def figures(scheme: Scheme = THREE, units: tuple[str, ...] = ("U1",), **n: int) -> Answers:
    """Means of 40 to 70 and 20 answers each, or as many as named by indicator."""
    return {
        (unit, leaf.code, group): (40.0 + 4 * place + at, n.get(leaf.code, n.get(f"{leaf.code}_{group}", 20)))
        for unit in units
        for place, leaf in enumerate(scheme.leaves())
        for at, (group, _share) in enumerate(leaf.shares)
    }


def withheld(view: View, name: str, *keys: str) -> dict[str, str]:
    rows = view[name][view[name]["withheld"] != ""]
    return {" ".join(row[key] for key in keys): row["withheld"] for _, row in rows.iterrows()}


def all_withheld(view: View) -> dict[str, str]:
    return {
        **withheld(view, "means", "unit", "indicator", "group"),
        **withheld(view, "nodes", "unit", "node"),
        **withheld(view, "groups", "unit", "group"),
    }
