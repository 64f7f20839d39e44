"""A run's tables by unit, as the public may see them: whatever is withheld is not in here at all.

`scoring.suppress` decides what must stay hidden; the scheme's publication then takes away grades, or all scores.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from evalsys.reports.scorecard import OpenChannelLine
from evalsys.services.disclosure import PEOPLE_OF_A_SHARE, number_in
from evalsys.services.run_tables import Row, Tables, rows_of, shown_tables
from scoring.rank import round_half_up
from scoring.result import Result
from scoring.scheme import Scheme

PUBLIC = frozenset({"indicative", "full"})
DECIMALS = 2
UNITS_OF_A_MEAN = 2
LEVELS_OF_A_DISTRIBUTION = 10
ALL_COUNTED = ""
"""The stratum of the public's rows: all strata that count, together."""

SCORE = frozenset({"score", "low", "high"})
Left = Mapping[str, frozenset[str]]
LEFT_OUT: Mapping[str, Left] = {
    "scores-and-grades": {},
    "scores": {"scores": frozenset({"band", "limit"}), "robustness": frozenset({"band_share"})},
    "grades": {
        "scores": SCORE | {"score_before", "bonus", "deduction", "rank"},
        "groups": SCORE,
        "nodes": SCORE,
        "contributions": frozenset({"score", "contribution"}),
        "categories": frozenset({"mean"}),
        "adjustments": frozenset({"points", "counted"}),
        "robustness": frozenset({"rank", "rank_median", "rank_low", "rank_high", "first", "tie_group"}),
    },
}
"""What a publication of scores alone, or of grades alone, leaves out: columns of tables."""

LEFT_OUT_WHOLE: Mapping[str, frozenset[str]] = {"grades": frozenset({"means", "distribution", "figures"})}
"""Tables from which the scores could be worked out again."""

TEXTS = frozenset({"band", "limit"})
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Sheet:
    """What may be published about each unit. `lines` are keyed by unit, indicator, group; so are `spreads`.

    A row keeps its key, level and weights when its figures are withheld; its column `withheld` then says why.
    `ranks` (rank_low, rank_high, first, band_share, tie_group, each None when withheld) has the ranked units of a run
    whose engine tried its ranks.
    """

    scores: Mapping[str, Row]
    groups: Mapping[str, tuple[Row, ...]]
    nodes: Mapping[str, tuple[Row, ...]]
    weights: Mapping[str, tuple[Row, ...]]
    adjustments: Mapping[str, tuple[Row, ...]]
    figures: Mapping[str, tuple[Row, ...]]
    lines: Mapping[Key, Row]
    spreads: Mapping[Key, tuple[int, ...]]
    categories: Mapping[str, Row]
    category_means: Mapping[Key, Decimal]
    ranks: Mapping[str, Row]
    open_channel: Mapping[str, OpenChannelLine]


def read_sheet(result: Result, scheme: Scheme) -> Sheet:
    """The public part of a result. `category_means` are keyed by category, indicator, group. Raises Conflict."""
    rows = _published_rows(shown_tables(result, scheme, "public"), scheme)
    lines = _lines(rows["means"])
    scores = {row["unit"]: row for row in rows["scores"]}
    return Sheet(
        scores=scores,
        groups=_by_unit(rows["groups"]),
        nodes=_by_unit(rows["nodes"]),
        weights=_by_unit(rows["contributions"]),
        adjustments=_by_unit(rows.get("adjustments", [])),
        figures=_by_unit(rows.get("figures", [])),
        lines=lines,
        spreads=_spreads(rows["distribution"], scheme, lines),
        categories={row["category"]: row for row in rows["categories"]},
        category_means=_category_means(lines, scores),
        ranks={row["unit"]: row for row in rows.get("robustness", [])},
        open_channel=open_channel(result, scheme),
    )


def figure(value: Any) -> Decimal | None:
    """A number of the tables as it is printed: two decimals, half up; None where there is none."""
    return None if value is None else round_half_up(float(value), DECIMALS)


def weight(value: Any) -> Decimal:
    """A weight in percent, two decimals at most and no idle zeros: 50, 7.5, 62.5."""
    rounded = round_half_up(float(value), DECIMALS)
    whole = rounded.to_integral_value()
    return whole if rounded == whole else Decimal(f"{rounded:f}".rstrip("0"))


def _published_rows(tables: Tables, scheme: Scheme) -> dict[str, list[Row]]:
    """The rows of each table, without what the scheme's publication leaves out."""
    left, whole = LEFT_OUT[scheme.publication], LEFT_OUT_WHOLE.get(scheme.publication, frozenset())
    return {
        name: [] if name in whole else [_without(row, left.get(name, frozenset())) for row in rows_of(table)]
        for name, table in tables.items()
    }


def _without(row: Row, columns: frozenset[str]) -> Row:
    return {name: ("" if name in TEXTS else None) if name in columns else value for name, value in row.items()}


def _by_unit(rows: list[Row]) -> dict[str, tuple[Row, ...]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["unit"]].append(row)
    return {unit: tuple(same) for unit, same in found.items()}


def _lines(means: list[Row]) -> dict[Key, Row]:
    shown = (row for row in means if not row["withheld"] and row["level"] in PUBLIC)
    return {(row["unit"], row["indicator"], row["group"]): row for row in shown}


def _spreads(distribution: list[Row], scheme: Scheme, lines: Mapping[Key, Row]) -> dict[Key, tuple[int, ...]]:
    """How often each level was chosen, where many answered on a scale of few levels."""
    points = {leaf.code: leaf.points for leaf in scheme.leaves()}
    found: dict[Key, list[int]] = {}
    for row in distribution:
        key = (row["unit"], row["indicator"], row["group"])
        levels = points.get(row["indicator"], 0)
        is_shown = key in lines and not row["withheld"] and lines[key]["n"] >= PEOPLE_OF_A_SHARE
        if is_shown and 0 < levels <= LEVELS_OF_A_DISTRIBUTION and row["stratum"] == ALL_COUNTED:
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


def open_channel(result: Result, scheme: Scheme) -> dict[str, OpenChannelLine]:
    """The answers of strata without weight: how many, and their mean with the weights of the scheme."""
    unweighted = {(group.code, part.code): group for group in scheme.groups for part in group.strata if not part.weight}
    means = {} if scheme.publication == "grades" else _unweighted_means(result, scheme, frozenset(unweighted))
    lines = {}
    for row in rows_of(result.stages["responses"]):
        group = unweighted.get((row["group"], row["stratum"]))
        people = row["valid"] + row["dont_know"] + row["not_applicable"] + row["blank"]
        if group is not None and people and row["unit"] not in lines:
            hidden, public_from, _full_from = group.minimum
            mean = means.get(row["unit"]) if people >= public_from else None
            n, n_to = number_in(people, group) if people >= hidden else (None, 0)
            lines[row["unit"]] = OpenChannelLine(n, mean, n_to)
    return lines


def _unweighted_means(result: Result, scheme: Scheme, strata: frozenset[tuple[str, str]]) -> dict[str, Decimal]:
    shares, points = _leaf_shares(scheme), {leaf.code: leaf.points for leaf in scheme.leaves()}
    sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0, 0.0]))
    for row in rows_of(result.stages["distribution"]):
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
