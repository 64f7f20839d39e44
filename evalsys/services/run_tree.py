"""One unit's tree step by step: what enters each part of it, with which weight, and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from evalsys.services.content import Text
from evalsys.services.run_influence import rounded
from evalsys.services.run_tables import Row, Tables, rows_of
from evalsys.services.weights import Labels
from scoring.scheme import Node, Scheme


@dataclass(frozen=True)
class Part:
    """What enters a part of the tree: its weight by the scheme and as used (percent), score, and points it brings.

    `points` are empty where the parts are not simply added up, `score` where it is missing or withheld.
    """

    name: Text
    weight_nominal: Decimal
    weight_used: Decimal | None
    score: Decimal | None
    points: Decimal | None
    is_withheld: bool


@dataclass(frozen=True)
class NodeStep:
    """How one part of the tree comes from its own parts. `way` is the aggregation, "groups" for an indicator's groups.

    `before_cap` is the score before a cap lowered it; `short` says what was there when too little was.
    """

    code: str
    name: Text
    way: str
    power: Decimal | None
    parts: tuple[Part, ...]
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    before_cap: Decimal | None
    short: str
    is_top: bool


def node_steps(tables: Tables, scheme: Scheme, labels: Labels) -> tuple[NodeStep, ...]:
    """The parts of the tree from the lowest up, with what enters each."""
    found = {row["node"]: row for row in rows_of(tables["nodes"])}
    problems = {(row["node"], row["code"]): row["detail"] for row in rows_of(tables["problems"])}
    steps = []
    for node in reversed(scheme.nodes()):
        row = found.get(node.code)
        if row is None:
            continue
        parts = _children(node, found, scheme, labels) or _asked(node, tables["means"], scheme, labels)
        if not parts:
            continue
        capped = problems.get((node.code, "capped"), "")
        steps.append(
            NodeStep(
                code=node.code,
                name=labels.node(node.code),
                way=node.aggregation if node.children else "groups",
                power=rounded(float(node.power)) if node.aggregation == "power" else None,
                parts=parts,
                score=rounded(row["score"]),
                low=rounded(row["low"]),
                high=rounded(row["high"]),
                before_cap=rounded(float(capped)) if capped and not row["withheld"] else None,
                short=problems.get((node.code, "coverage_short"), ""),
                is_top=node.code == scheme.tree.code,
            )
        )
    return tuple(steps)


def _children(node: Node, found: Mapping[str, Row], scheme: Scheme, labels: Labels) -> tuple[Part, ...]:
    adds_up = node.aggregation == "arithmetic" and scheme.order == "group-inside"
    rows = [found[child.code] for child in node.children if child.code in found]
    return tuple(
        Part(
            name=labels.node(row["node"]),
            weight_nominal=rounded(row["weight_nominal"]) or Decimal(0),
            weight_used=rounded(row["weight_used"]),
            score=rounded(row["score"]),
            points=_product(row["weight_used"], row["score"]) if adds_up else None,
            is_withheld=bool(row["withheld"]),
        )
        for row in rows
    )


def _asked(leaf: Node, means: pd.DataFrame, scheme: Scheme, labels: Labels) -> tuple[Part, ...]:
    """The groups that judge one indicator, when they are several."""
    if len(leaf.shares) < 2 or scheme.order == "group-outside":
        return ()
    rows = {row["group"]: row for row in rows_of(means[means["indicator"] == leaf.code])}
    there = {group for group, row in rows.items() if row["level"] != "absent"}
    whole = float(sum(share for group, share in leaf.shares if group in there))
    parts = []
    for group, share in leaf.shares:
        row = rows.get(group)
        used = 100 * float(share) / whole if group in there and whole else 0.0
        parts.append(
            Part(
                name=labels.of("group", group),
                weight_nominal=rounded(100 * float(share)) or Decimal(0),
                weight_used=rounded(used),
                score=rounded(row["mean"]) if row else None,
                points=_product(used, row["mean"]) if row else None,
                is_withheld=bool(row and row["withheld"]),
            )
        )
    return tuple(parts)


def _product(weight: float | None, score: float | None) -> Decimal | None:
    return None if weight is None or score is None else rounded(weight / 100 * score)


def adds_up(scheme: Scheme) -> bool:
    """Whether every score of the tree is the sum of weights times scores."""
    branches = (node for node in scheme.nodes() if node.children)
    return scheme.order == "group-inside" and all(node.aggregation == "arithmetic" for node in branches)
