"""An audit of the weights of a run: what happens without one part, which orders no weights can turn, what is missing.

Only units of which nothing is hidden enter a figure of this page; what is there at all is told of every unit.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from evalsys.services import content
from evalsys.services.access import Actor, require
from evalsys.services.content import Text
from evalsys.services.run_influence import InfluenceLine, clear_units, influence_lines, rounded
from evalsys.services.run_pages import RunFacts, facts_of
from evalsys.services.run_tables import Tables, overseen_tables, rows_of
from evalsys.services.run_values import tree_values
from evalsys.services.runs import find_run
from evalsys.services.weights import Labels, scheme_of
from scoring.audit import alphas, correlate, dominance, find_constant, flag_pairs, map_coverage, remove_each
from scoring.frames import Floats
from scoring.scheme import Node, Scheme
from scoring.tree import Values

FEWEST = 3
ABSENT = "absent"


@dataclass(frozen=True)
class RemovalLine:
    """Places that units move when a part is left out: on average and at most."""

    name: Text
    mean: Decimal | None
    most: int | None


@dataclass(frozen=True)
class PairLine:
    """Two parts whose scores go together ("double_counting") or against each other ("trade_off")."""

    first: Text
    second: Text
    correlation: Decimal
    flag: str


@dataclass(frozen=True)
class AlphaLine:
    """How well the children of a part measure one thing: Cronbach's alpha, empty where it cannot be worked out."""

    name: Text
    children: int
    alpha: Decimal | None


@dataclass(frozen=True)
class CoverageLine:
    """How many of the figures that a part asks for are there, and the units that lack some."""

    name: Text
    depth: int
    figures: int
    asked: int
    share: Decimal
    lacking: tuple[Text, ...]


@dataclass(frozen=True)
class SameLine:
    """An indicator of which more than half of the units have the same points: it hardly tells them apart."""

    name: Text
    points: Decimal | None
    share: Decimal


@dataclass(frozen=True)
class AuditPage:
    """The audit. `units` of `all_units` have nothing to hide and enter; `pairs_fixed` no weights can turn."""

    facts: RunFacts
    units: int
    all_units: int
    influence: tuple[InfluenceLine, ...]
    removals: tuple[RemovalLine, ...]
    pairs: tuple[PairLine, ...]
    pairs_fixed: int
    share_fixed: Decimal | None
    alphas: tuple[AlphaLine, ...]
    same: tuple[SameLine, ...]
    coverage: tuple[CoverageLine, ...]

    @property
    def is_small(self) -> bool:
        """Whether there are too few units for anything but coverage."""
        return self.units < FEWEST


def audit_page(actor: Actor, run_id: int, locale: str) -> AuditPage:
    """The audit of one run's weights. Raises Forbidden, NotFound; Conflict when its tables are of too old an engine."""
    require(actor, "run.read")
    run = find_run(run_id)
    labels, scheme, tables = Labels(locale), scheme_of(run.scheme_version.body), overseen_tables(run)
    clear = sorted(clear_units(tables))
    values = tree_values(tables, clear, scheme)
    nodes = tables["nodes"][tables["nodes"]["unit"].isin(clear)]
    fixed = dominance(_scores(nodes, clear, [child.code for child in scheme.tree.children]))
    return AuditPage(
        facts=facts_of(run, locale),
        units=len(clear),
        all_units=len(tables["scores"]),
        influence=influence_lines(tables, clear, scheme, labels),
        removals=_removals(values, scheme, labels),
        pairs=_pairs(nodes, clear, scheme, labels),
        pairs_fixed=fixed.pairs,
        share_fixed=None if math.isnan(fixed.share) else rounded(100 * fixed.share, 1),
        alphas=tuple(
            AlphaLine(labels.node(row["node"]), row["children"], rounded(row["alpha"]))
            for row in rows_of(alphas(nodes, scheme))
        ),
        same=_same(nodes, clear, scheme, labels),
        coverage=_coverage(tables, scheme, labels, content.names("unit", locale)),
    )


def _scores(nodes: pd.DataFrame, units: list[str], codes: list[str]) -> Floats:
    wide = nodes.pivot(index="unit", columns="node", values="score").reindex(index=units, columns=codes)
    return np.asarray(wide.to_numpy(dtype=np.float64))


def _removals(values: Values, scheme: Scheme, labels: Labels) -> tuple[RemovalLine, ...]:
    if len(values.rated) < FEWEST or len(scheme.tree.children) < 2:
        return ()
    rows = rows_of(remove_each(values, scheme).summary)
    return tuple(
        RemovalLine(
            labels.node(row["node"]),
            rounded(row["mean_shift"], 1),
            None if row["max_shift"] is None else int(row["max_shift"]),
        )
        for row in rows
    )


def _pairs(nodes: pd.DataFrame, units: list[str], scheme: Scheme, labels: Labels) -> tuple[PairLine, ...]:
    leaves = [leaf.code for leaf in scheme.leaves()]
    flagged = rows_of(flag_pairs(correlate(_scores(nodes, units, leaves)), leaves))
    return tuple(
        PairLine(
            labels.node(row["first"]),
            labels.node(row["second"]),
            rounded(row["correlation"]) or Decimal(0),
            row["flag"],
        )
        for row in flagged
    )


def _same(nodes: pd.DataFrame, clear: list[str], scheme: Scheme, labels: Labels) -> tuple[SameLine, ...]:
    if len(clear) < FEWEST:
        return ()
    leaves = [leaf.code for leaf in scheme.leaves()]
    return tuple(
        SameLine(labels.node(row["indicator"]), rounded(row["value"]), rounded(100 * row["share"], 1) or Decimal(0))
        for row in rows_of(find_constant(_scores(nodes, clear, leaves), leaves))
    )


def _coverage(tables: Tables, scheme: Scheme, labels: Labels, names: dict[str, Text]) -> tuple[CoverageLine, ...]:
    """Whether a figure exists is told by its level, which is never hidden."""
    units = sorted(tables["scores"]["unit"])
    means = tables["means"].assign(mean=np.where(tables["means"]["level"] == ABSENT, np.nan, 1.0))
    table = map_coverage(tree_values({**tables, "means": means}, units, scheme), scheme, units)
    lines = []
    for node, depth in _depths(scheme.tree, 0):
        own = table[table["node"] == node.code]
        figures, asked = int(own["figures"].sum()), int(own["asked"].sum())
        lacking = [names.get(unit) or Text(unit, "") for unit in own.loc[own["figures"] < own["asked"], "unit"]]
        share = rounded(100 * figures / asked if asked else 100.0, 1) or Decimal(0)
        lines.append(CoverageLine(labels.node(node.code), depth, figures, asked, share, tuple(lacking)))
    return tuple(lines)


def _depths(node: Node, depth: int) -> list[tuple[Node, int]]:
    return [(node, depth), *(pair for child in node.children for pair in _depths(child, depth + 1))]
