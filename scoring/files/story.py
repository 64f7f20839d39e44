"""One unit's number step by step: answers, means, figures, groups, dimensions, score, band."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pandas as pd

from scoring.files.report import columns, figure
from scoring.files.stored import Stored
from scoring.frames import InputError
from scoring.scheme import Group, Node, Scheme

DECIMALS: Final = 2
WAYS: Final[Mapping[str, str]] = {
    "arithmetic": "weighted mean",
    "geometric": "weighted geometric mean",
    "harmonic": "weighted harmonic mean",
    "power": "weighted power mean",
    "median": "weighted median",
    "minimum": "the lowest",
    "copeland": "comparison pair by pair",
    "ampi-": "mean less its imbalance",
    "ampi+": "mean plus its imbalance",
}
Lines = list[str]
Tables = Mapping[str, pd.DataFrame]
Rows = Mapping[str, Mapping[Any, Any]]


def tell(stored: Stored, unit: str) -> str:
    """The story of one unit's score.

    Raises:
        InputError: when the result has no such unit.
    """
    if unit not in stored.units:
        raise InputError(f"{stored.name} has no unit {unit}; it has {', '.join(stored.units)}")
    tables = {
        name: table[table["unit"] == unit] for name, table in stored.result.stages.items() if "unit" in table.columns
    }
    line = tables["scores"].to_dict("records")[0]
    lines = [
        f"{unit} in the category {line['category']}, by the scheme {stored.scheme.code}",
        "Every figure is told, also those too small to publish: this is for those who may see the answers.",
    ]
    for number, (title, step) in enumerate(STEPS, start=1):
        told = step(tables, stored.scheme)
        lines += ["", f"{number}. {title}", *(told or ["  nothing"])]
    return "\n".join(lines) + "\n"


def _answers(tables: Tables, scheme: Scheme) -> Lines:
    """How often each level was chosen, as the form shows it."""
    leaves = {leaf.code: leaf for leaf in scheme.leaves()}
    counted: Any = tables["distribution"].groupby(["group", "indicator", "stratum"], sort=False)
    chosen: dict[Any, str] = {}
    for place, found in counted:
        lowest = leaves[tuple(place)[1]].shown_from
        pairs = zip(found["code"], found["count"], strict=True)
        chosen[place] = ", ".join(f"{code - 1 + lowest}: {count}" for code, count in pairs)
    rows = [["group", "indicator", "stratum", "valid", "don't know", "does not apply", "level: answers"]]
    for row in tables["responses"].to_dict("records"):
        place = (row["group"], row["indicator"], row["stratum"])
        numbers = [str(row[name]) for name in ("valid", "dont_know", "not_applicable")]
        rows.append([*place, *numbers, chosen.get(place, "-")])
    return columns(rows) if len(rows) > 1 else []


def _weights(tables: Tables, scheme: Scheme) -> Lines:
    """The mean of each stratum as the form shows levels, and the share with which it enters the mean of its group."""
    order = [group.code for group in scheme.groups]
    lowest = {leaf.code: leaf.shown_from for leaf in scheme.leaves()}
    rows = [["group", "indicator", "stratum", "n", "mean of levels", "weight %"]]
    for row in sorted(tables["strata"].to_dict("records"), key=lambda row: order.index(row["group"])):
        share = figure(100 * row["weight"], DECIMALS)
        place = [row["group"], row["indicator"], row["stratum"], str(row["n"])]
        rows.append([*place, figure(row["raw_mean"] - 1 + lowest[row["indicator"]], DECIMALS), share])
    return columns(rows) if len(rows) > 1 else []


def _means(tables: Tables, scheme: Scheme) -> Lines:
    """Means on the output range with their intervals; ``plain`` is the mean before a robust estimator or shrinkage."""
    ways = {group.code: _way(group) for group in scheme.groups}
    rows = [["indicator", "group", "n", "counts as", "plain", "low", "high", "level"]]
    for row in tables["means"].to_dict("records"):
        numbers = [figure(row[name], DECIMALS) for name in ("mean", "mean_plain", "low", "high")]
        counted = f"{numbers[0]} ({ways[row['group']]})"
        rows.append([row["indicator"], row["group"], str(row["n"]), counted, *numbers[1:], row["level"]])
    return columns(rows) if len(rows) > 1 else []


def _way(group: Group) -> str:
    """How a group's answers become one figure."""
    shrunk = ["shrunk"] if group.shrinkage != "none" else []
    return ", ".join([group.estimator, *shrunk, *(["severity adjusted"] if group.severity != "none" else [])])


def _figures(tables: Tables, scheme: Scheme) -> Lines:
    """Administrative figures on their way from raw units to the output range."""
    methods = {leaf.code: leaf.normaliser.method for leaf in scheme.leaves() if leaf.normaliser}
    rows = [["indicator", "raw", "per denominator", "treated", "points", "by", "remark"]]
    for row in tables["figures"].to_dict("records"):
        numbers = [figure(row[name], 4) for name in ("raw", "denominated", "treated")]
        remark = ", ".join(name for name in ("imputed", "outlier") if row[name]) or "-"
        points = figure(row["value"], DECIMALS)
        rows.append([row["indicator"], *numbers, points, methods[row["indicator"]], remark])
    return columns(rows) if len(rows) > 1 else []


def _nodes(tables: Tables, scheme: Scheme) -> Lines:
    """Each dimension from its children, from the lowest up; an indicator from the groups that rate it."""
    found: Rows = {str(row["node"]): row for row in tables["nodes"].to_dict("records")}
    lines = []
    for node in reversed(scheme.nodes()):
        if node.children and node.code in found:
            made = f" = {WAYS[node.aggregation]} of {_children(node, found)}"
            score = figure(found[node.code]["score"], DECIMALS)
            lines.append(f"  {node.code} {score}{made if scheme.order == 'group-inside' else ''}")
    apart = (
        ["  each group has an index of its own; the next step joins them"] if scheme.order == "group-outside" else []
    )
    return [*lines, *apart]


def _children(node: Node, found: Rows) -> str:
    """The children with their scores and the weights used; who is missing has a dash and no weight."""
    parts = []
    for child in node.children:
        if child.code in found:
            row = found[child.code]
            weight = figure(row["weight_used"], DECIMALS)
            parts.append(f"{child.code} {figure(row['score'], DECIMALS)} ({weight} %)")
    return ", ".join(parts)


def _groups(tables: Tables, scheme: Scheme) -> Lines:
    """What each group says in all, and what it counts."""
    rows = [["group", "n", "score", "low", "high", "weight %", "used %", "level"]]
    for row in tables["groups"].to_dict("records"):
        names = ("score", "low", "high", "weight_nominal", "weight_used")
        rows.append([row["group"], str(row["n"]), *(figure(row[name], DECIMALS) for name in names), row["level"]])
    return columns(rows) if scheme.groups else []


def _contributions(tables: Tables, _scheme: Scheme) -> Lines:
    """What each figure adds to the score; they sum to it."""
    rows = [["indicator", "group", "score", "used %", "adds"]]
    for row in tables["contributions"].to_dict("records"):
        numbers = [figure(row[name], DECIMALS) for name in ("score", "weight_used", "contribution")]
        rows.append([row["indicator"], row["group"] or "-", *numbers])
    total = figure(tables["contributions"]["contribution"].sum(), DECIMALS)
    return [*columns(rows), f"  together {total}"]


def _score(tables: Tables, scheme: Scheme) -> Lines:
    row = tables["scores"].to_dict("records")[0]
    named = ("score_before", "bonus", "deduction", "score", "low", "high")
    said = {name: figure(row[name], scheme.score_decimals) for name in named}
    lines = [
        f"  {said['score_before']} + bonus {said['bonus']} - deductions {said['deduction']} = {said['score']}",
        f"  95 % interval {said['low']} to {said['high']}, n = {row['n']}, level {row['level']}",
    ]
    for found in tables["adjustments"].to_dict("records"):
        counted = f"{figure(found['counted'], DECIMALS)} of {figure(found['points'], DECIMALS)} points counted"
        reason = f": {found['reason']}" if found["reason"] else ""
        lines.append(f"  {found['kind']} {found['code']}, {counted}, {found['source']}{reason}")
    limit = f", set by {row['limit']}" if row["limit"] else ""
    place = "no rank" if pd.isna(row["rank"]) else f"rank {row['rank']} of {row['ranked_of']}"
    return [*lines, f"  band {row['band'] or 'none'}{limit}; {place}"]


def _problems(tables: Tables, _scheme: Scheme) -> Lines:
    table = tables["problems"][["node", "code", "detail"]]
    return columns([list(table.columns), *table.to_numpy().tolist()]) if len(table) else []


STEPS: Final[tuple[tuple[str, Callable[[Tables, Scheme], Lines]], ...]] = (
    ("Answers", _answers),
    ("Whose answers count how much", _weights),
    ("Means of the groups, on the output range", _means),
    ("Administrative figures", _figures),
    ("Dimensions, from the lowest up", _nodes),
    ("The same by groups", _groups),
    ("What each figure adds", _contributions),
    ("Score, band and rank", _score),
    ("Problems", _problems),
)
