"""The tables of a result as arrays in the scheme's order, so that the order of their rows means nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoring.frames import LEVELS, Flags, Floats, InputError, Integers, need
from scoring.scheme import Scheme

Stages = Mapping[str, pd.DataFrame]
NEEDED = ("scores", "groups", "nodes", "means", "strata", "distribution")


@dataclass(frozen=True)
class Grids:
    """One result. Figures that are missing are NaN, levels are positions in ``LEVELS`` (0: absent).

    ``figures``, ``answers``, ``figure_levels`` (units, leaves, groups): mean, number of valid answers, level.
    ``nodes`` (units, nodes): scores. ``applies`` (units, leaves). ``groups``, ``heads``, ``group_levels`` (units,
    groups): scores, number of people, level. ``score_levels`` (units,).
    """

    units: tuple[str, ...]
    figures: Floats
    answers: Integers
    figure_levels: Integers
    nodes: Floats
    applies: Flags
    groups: Floats
    heads: Integers
    group_levels: Integers
    score_levels: Integers


def read_grids(stages: Stages, scheme: Scheme) -> Grids:
    """The arrays of the tables.

    Raises:
        InputError: a table is missing or names a unit, group, node, indicator or level that does not exist.
    """
    for name in NEEDED:
        if name not in stages:
            raise InputError(f"the result has no table {name}; needed are {', '.join(NEEDED)}")
    units = tuple(sorted(stages["scores"]["unit"]))
    codes = [node.code for node in scheme.nodes()]
    leaves = [leaf.code for leaf in scheme.leaves()]
    groups = [group.code for group in scheme.groups]
    means, people, nodes = stages["means"], stages["groups"], stages["nodes"]
    figure = places(means, {"unit": units, "indicator": leaves, "group": groups})
    head = places(people, {"unit": units, "group": groups})
    node = places(nodes, {"unit": units, "node": codes})
    shape = (len(units), len(leaves), len(groups))
    exists = np.zeros((len(units), len(codes)), dtype=bool)
    exists[node] = True
    return Grids(
        units=units,
        figures=_filled(shape, figure, means, "mean"),
        answers=_counted(shape, figure, means),
        figure_levels=_levels(shape, figure, means),
        nodes=_filled(exists.shape, node, nodes, "score"),
        applies=exists[:, [codes.index(leaf) for leaf in leaves]],
        groups=_filled((len(units), len(groups)), head, people, "score"),
        heads=_counted((len(units), len(groups)), head, people),
        group_levels=_levels((len(units), len(groups)), head, people),
        score_levels=_levels((len(units),), places(stages["scores"], {"unit": units}), stages["scores"]),
    )


def figure_places(table: pd.DataFrame, grids: Grids, scheme: Scheme) -> tuple[Integers, ...]:
    """Positions of rows that have a unit, an indicator and a group."""
    leaves, groups = [leaf.code for leaf in scheme.leaves()], [group.code for group in scheme.groups]
    return places(table, {"unit": grids.units, "indicator": leaves, "group": groups})


def places(table: pd.DataFrame, axes: Mapping[str, Sequence[str]]) -> tuple[Integers, ...]:
    """Array positions of each row of a table, one array for each key column.

    Raises:
        InputError: a column is missing, or a key is not among the codes of its axis.
    """
    need(table, "the table", list(axes))
    found = []
    for column, codes in axes.items():
        at = pd.Index(list(codes), dtype="str").get_indexer(pd.Index(table[column].astype("str")))
        if (at < 0).any():
            raise InputError(f"{column} {table[column].iloc[int((at < 0).argmax())]} is not known to the scheme or run")
        found.append(at.astype(np.int64))
    return tuple(found)


def _filled(shape: tuple[int, ...], at: tuple[Integers, ...], table: pd.DataFrame, column: str) -> Floats:
    grid = np.full(shape, np.nan)
    grid[at] = table[column]
    return grid


def _counted(shape: tuple[int, ...], at: tuple[Integers, ...], table: pd.DataFrame) -> Integers:
    grid = np.zeros(shape, dtype=np.int64)
    grid[at] = table["n"]
    return grid


def _levels(shape: tuple[int, ...], at: tuple[Integers, ...], table: pd.DataFrame) -> Integers:
    grid = np.zeros(shape, dtype=np.int64)
    (grid[at],) = places(table, {"level": LEVELS})
    return grid
