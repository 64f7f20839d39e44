"""A run's tables by unit, cut down to what the public may see: whatever is withheld is not in here at all.

A figure is public when its own level and its group's are "indicative" or "full". Where exactly one indicator that
counts would be withheld from a group, the next smallest is withheld with it: the group's score would tell it otherwise.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd

from evalsys.reports.scorecard import OpenChannelLine
from scoring.rank import round_half_up
from scoring.result import Result
from scoring.scheme import Scheme

PUBLIC = frozenset({"indicative", "full"})
DECIMALS = 2
UNITS_OF_A_MEAN = 2
LEVELS_OF_A_DISTRIBUTION = 10
ANSWERS_OF_A_DISTRIBUTION = 30

Row = Mapping[str, Any]
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Sheet:
    """What may be published about each unit. `lines` are keyed by unit, indicator, group; so are `spreads`.

    `ranks` are keyed by unit: rank_low, rank_high, first, band_share, tie_group, each None when it is withheld; a unit
    without a rank, and any unit of a run without ranges of ranks, is not in there.
    """

    scores: Mapping[str, Row]
    groups: Mapping[str, tuple[Row, ...]]
    weights: Mapping[str, tuple[Row, ...]]
    lines: Mapping[Key, Row]
    spreads: Mapping[Key, tuple[int, ...]]
    categories: Mapping[str, Row]
    category_means: Mapping[Key, Decimal]
    open_channel: Mapping[str, OpenChannelLine]
    ranks: Mapping[str, Row] = field(default_factory=dict)


def read_sheet(result: Result, scheme: Scheme) -> Sheet:
    """The public part of a result. `category_means` are keyed by category, indicator, group."""
    groups = _by_unit(result, "groups")
    lines = _public_lines(result, groups)
    scores = {row["unit"]: row for row in _rows(result, "scores")}
    return Sheet(
        scores=scores,
        groups=groups,
        weights=_by_unit(result, "contributions"),
        lines=lines,
        spreads=_spreads(result, scheme, lines),
        categories={row["category"]: row for row in _rows(result, "categories")},
        category_means=_category_means(lines, scores),
        open_channel=_open_channel(result, scheme),
        ranks=_ranks(result, scores),
    )


def figure(value: Any) -> Decimal | None:
    """A number of the tables as it is printed: two decimals, half up; None where there is none."""
    return None if value is None else round_half_up(float(value), DECIMALS)


def weight(value: Any) -> Decimal:
    """A weight in percent, two decimals at most and no idle zeros: 50, 7.5, 62.5."""
    rounded = round_half_up(float(value), DECIMALS)
    whole = rounded.to_integral_value()
    return whole if rounded == whole else Decimal(f"{rounded:f}".rstrip("0"))


def _rows(result: Result, stage: str) -> list[dict[str, Any]]:
    """The rows of a stage's table; what is missing is None."""
    records = result.stages[stage].to_dict("records")
    return [{str(name): None if pd.isna(value) else value for name, value in row.items()} for row in records]


def _by_unit(result: Result, stage: str) -> dict[str, tuple[Row, ...]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(result, stage):
        found[row["unit"]].append(row)
    return {unit: tuple(rows) for unit, rows in found.items()}


def _ranks(result: Result, scores: Mapping[str, Row]) -> dict[str, Row]:
    rows = _rows(result, "robustness") if "robustness" in result.stages else []
    return {
        row["unit"]: row if scores[row["unit"]]["level"] == "full" else {**dict.fromkeys(row), "unit": row["unit"]}
        for row in rows
    }


def _public_lines(result: Result, groups: Mapping[str, tuple[Row, ...]]) -> dict[Key, Row]:
    shown_groups = {(row["unit"], row["group"]) for rows in groups.values() for row in rows if row["level"] in PUBLIC}
    asked: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in _rows(result, "means"):
        if (row["unit"], row["group"]) in shown_groups and row["level"] != "absent":
            asked[row["unit"], row["group"]].append(row)
    uncounted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in _rows(result, "contributions"):
        if not row["weight_used"]:
            uncounted[row["unit"], row["group"]].add(row["indicator"])
    public = [row for place, rows in asked.items() for row in _without_lonely_gap(rows, uncounted[place])]
    return {(row["unit"], row["indicator"], row["group"]): row for row in public}


def _without_lonely_gap(rows: list[Row], uncounted: Collection[str] = ()) -> list[Row]:
    """What may be shown of a group's figures; those that are `uncounted` neither betray a figure nor cover one."""
    shown = sorted((row for row in rows if row["level"] in PUBLIC), key=lambda row: (row["n"], row["indicator"]))
    gaps = [row for row in rows if row["level"] not in PUBLIC and row["indicator"] not in uncounted]
    covers = [row for row in shown if row["indicator"] not in uncounted][:1] if len(gaps) == 1 else []
    return [row for row in shown if row not in covers]


def _spreads(result: Result, scheme: Scheme, lines: Mapping[Key, Row]) -> dict[Key, tuple[int, ...]]:
    counted = {(group.code, stratum.code) for group in scheme.groups for stratum in group.strata if stratum.weight}
    points = {leaf.code: leaf.points for leaf in scheme.leaves()}
    found: dict[Key, list[int]] = {}
    for row in _rows(result, "distribution"):
        key = (row["unit"], row["indicator"], row["group"])
        levels = points.get(row["indicator"], 0)
        is_shown = key in lines and lines[key]["n"] >= ANSWERS_OF_A_DISTRIBUTION
        if is_shown and 0 < levels <= LEVELS_OF_A_DISTRIBUTION and (row["group"], row["stratum"]) in counted:
            found.setdefault(key, [0] * levels)[row["code"] - 1] += row["count"]
    return {key: tuple(counts) for key, counts in found.items()}


def _category_means(lines: Mapping[Key, Row], scores: Mapping[str, Row]) -> dict[Key, Decimal]:
    values: dict[Key, list[float]] = defaultdict(list)
    for (unit, indicator, group), row in lines.items():
        values[scores[unit]["category"], indicator, group].append(row["mean"])
    return {
        key: round_half_up(math.fsum(found) / len(found), DECIMALS)
        for key, found in values.items()
        if len(found) >= UNITS_OF_A_MEAN
    }


def _open_channel(result: Result, scheme: Scheme) -> dict[str, OpenChannelLine]:
    """The answers of strata without weight: how many, and their mean with the weights of the scheme."""
    unweighted = {(group.code, part.code): group for group in scheme.groups for part in group.strata if not part.weight}
    means = _unweighted_means(result, scheme, frozenset(unweighted))
    lines = {}
    for row in _rows(result, "responses"):
        group = unweighted.get((row["group"], row["stratum"]))
        people = row["valid"] + row["dont_know"] + row["not_applicable"] + row["blank"]
        if group is not None and people and row["unit"] not in lines:
            hidden, public_from, _full_from = group.minimum
            mean = means.get(row["unit"]) if people >= public_from else None
            lines[row["unit"]] = OpenChannelLine(people if people >= hidden else None, mean)
    return lines


def _unweighted_means(result: Result, scheme: Scheme, strata: frozenset[tuple[str, str]]) -> dict[str, Decimal]:
    shares, points = _leaf_shares(scheme), {leaf.code: leaf.points for leaf in scheme.leaves()}
    sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0, 0.0]))
    for row in _rows(result, "distribution"):
        share = shares.get((row["indicator"], row["group"]), 0.0)
        if (row["group"], row["stratum"]) in strata and share:
            found = sums[row["unit"]][row["indicator"]]
            found[0] += row["count"] * 100 * (row["code"] - 1) / (points[row["indicator"]] - 1)
            found[1] += row["count"]
            found[2] = share
    return {
        unit: round_half_up(
            math.fsum(total / n * share for total, n, share in found.values())
            / math.fsum(share for _total, _n, share in found.values()),
            DECIMALS,
        )
        for unit, found in sums.items()
    }


def _leaf_shares(scheme: Scheme) -> dict[tuple[str, str], float]:
    """What each indicator of each group counts in the composite, as a fraction of one."""
    effective = {scheme.tree.code: 1.0}
    for node in scheme.nodes():
        for child in node.children:
            effective[child.code] = effective[node.code] * float(child.weight)
    return {
        (leaf.code, group): effective[leaf.code] * float(share)
        for leaf in scheme.leaves()
        for group, share in leaf.shares
    }
