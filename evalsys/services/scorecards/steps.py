"""The steps behind a card's numbers: parts of the tree, how answers became points, findings, how firm the rank is."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

from evalsys.reports.calculation import AdjustmentLine, CapLine, NodeLine, PartLine, Reading, Trial
from evalsys.reports.lines import GivenLine
from evalsys.services.disclosure import mean_of
from evalsys.services.run_supplement import given_of
from evalsys.services.run_tables import Row
from evalsys.services.scorecards.sheet import Sheet, figure, weight
from evalsys.services.scorecards.words import Words, named
from scoring.rank import round_half_up
from scoring.result import Supplement
from scoring.scheme import Group, Node, Scheme


def node_lines(sheet: Sheet, scheme: Scheme, words: Words, unit: str) -> tuple[NodeLine, ...]:
    """The parts of the tree that apply to the unit, the whole first."""
    nodes = {node.code: node for node in scheme.nodes()}
    rests = {row["indicator"]: row["contribution"] for row in sheet.weights.get(unit, ()) if not row["group"]}
    return tuple(_node_line(row, nodes[row["node"]], words, rests) for row in sheet.nodes.get(unit, ()))


def reading_of(leaf: Node, row: Row, *, is_exact: bool) -> Reading:
    """How a group's answers about an indicator became its score; `row` is the figure's row of means.

    The mean of the answers is no finer than the printed score; without an exact number of answers there is no
    effective one either.
    """
    low, high = leaf.output
    plain, effective = figure(row.get("mean_plain")), row.get("n_effective")
    score = figure(row["mean"])
    is_told = is_exact and effective is not None and effective <= row["n"] - 0.5
    reading = Reading(
        rescale=leaf.rescale,
        first=leaf.shown_from,
        last=leaf.points - 1 + leaf.shown_from,
        low=weight(low),
        high=weight(high),
        is_reversed=leaf.direction == "down",
        plain=None if plain == score else plain,
        n_effective=round_half_up(float(effective), 0) if effective is not None and is_told else None,
        favourable=_favourable(leaf) if leaf.rescale == "favourable" else 0,
        levels=tuple(weight(level) for level in leaf.levels),
    )
    told = score if reading.plain is None else reading.plain
    return reading if told is None else replace(reading, mean=mean_of(told, reading))


def method_of(group: Group, words: Words) -> dict[str, Any]:
    """What the scheme says about a group's means, as fields of its line."""
    several = group.strata if len(group.strata) > 1 and not group.margins else ()
    return {
        "parts": tuple(PartLine(named(words.strata, part.code), weight(100 * part.weight)) for part in several),
        "raked": tuple(margin.variable for margin in group.margins),
        "estimator": group.estimator,
        "trim": weight(100 * group.trim) if group.estimator in ("trimmed", "winsorised") else Decimal(0),
        "shrinkage": group.shrinkage,
        "severity": group.severity,
    }


def trial_of(sheet: Sheet, scheme: Scheme, words: Words, unit: str) -> Trial | None:
    """How firm the unit's rank and band are; None for a unit without a rank, or of a run that did not try ranks."""
    row = sheet.ranks.get(unit)
    if row is None or row["withheld"]:
        return None
    group = row["tie_group"]
    same = (other for other, found in sheet.ranks.items() if found["category"] == row["category"] and other != unit)
    tied = (named(words.units, other) for other in same if group and sheet.ranks[other]["tie_group"] == group)
    low, high, share = row["rank_low"], row["rank_high"], row["band_share"]
    return Trial(
        rank_low=None if low is None else math.floor(low),
        rank_high=None if high is None else math.ceil(high),
        band_share=None if share is None else round_half_up(share, 0),
        tied=tuple(tied),
        weights=weight(100 * scheme.simulation.weights),
        has_methods=bool(scheme.simulation.methods),
    )


def adjustment_lines(sheet: Sheet, unit: str) -> tuple[AdjustmentLine, ...]:
    """The findings about the unit."""
    return tuple(
        AdjustmentLine(
            kind=row["kind"],
            code=row["code"],
            points=figure(row["points"]),
            counted=figure(row["counted"]),
            source=row["source"],
            reason=row["reason"],
        )
        for row in sheet.adjustments.get(unit, ())
    )


def given_lines(sheet: Sheet, supplement: Supplement, words: Words, unit: str) -> dict[str, GivenLine]:
    """The administrative figures of the unit that were loaded or filled in, by indicator."""
    loaded, found = given_of(supplement, unit), {}
    for row in sheet.figures.get(unit, ()):
        indicator = row["indicator"]
        one = loaded.get((indicator, row["period"]))
        if one or row["imputed"]:
            said = (one.value, words.measure(indicator, one.measure), one.source) if one else ("", "", "")
            found[indicator] = GivenLine(*said, row["period"], is_imputed=bool(row["imputed"]))
    return found


def moves_of(row: Row) -> dict[str, Any]:
    """What was added to a unit's score or taken off, and what lowered its band, as fields of the card."""
    moved = {name: figure(row.get(name)) or Decimal(0) for name in ("bonus", "deduction")}
    limit = row.get("limit") or ""
    before = figure(row.get("score_before")) if any(moved.values()) else None
    return {**moved, "score_before": before, "limit": limit, "limit_band": row["band"] if limit else ""}


def _node_line(row: Row, node: Node, words: Words, rests: dict[str, float | None]) -> NodeLine:
    names = {child.code: words.node(child.code) for child in node.children}
    return NodeLine(
        code=node.code,
        name=words.node(node.code),
        parent=row["parent"],
        score=figure(row["score"]),
        low=figure(row["low"]),
        high=figure(row["high"]),
        weight_nominal=weight(row["weight_nominal"]),
        weight_used=weight(row["weight_used"]),
        withheld=row["withheld"],
        aggregation=node.aggregation,
        power=weight(node.power) if node.aggregation == "power" else None,
        rest=figure(rests.get(node.code)) if node.children else None,
        caps=tuple(CapLine(names[cap.child], weight(cap.below), weight(cap.limit)) for cap in node.caps),
    )


def _favourable(leaf: Node) -> int:
    """The lowest favourable level as the form shows it; where none is named, the upper quarter of the scale."""
    first = leaf.favourable - 1 if leaf.favourable else -(-3 * (leaf.points - 1) // 4)
    return first + leaf.shown_from
