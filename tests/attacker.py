"""Somebody who reads every published file and wants a hidden figure: linear programming over all of them together.

Unknown are the figures of all offices of a peer category. What is printed bounds them: a score of two decimals lies
within half a hundredth, a finer one within half of its last digit. Scores of groups, of parts of the tree and of the
whole are weighted means of figures, with the weights of the published scheme; a rank or a band says which score is at
least which; the mean of a category is the mean of its offices. Several editions of the same answers may be read.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.optimize import linprog

from scoring.frames import Floats
from scoring.scheme import Scheme, parse_scheme
from scoring.tree import Scores, Values, evaluate

Row = Mapping[str, str]
Cell = tuple[str, str, str]
"""Unit, indicator, group."""

HALF = 0.5
SLACK = 1e-7


@dataclass
class Knowledge:
    """Bounds of the figures, and of weighted sums of them: ``sums`` are (weights, lowest, highest)."""

    cells: list[Cell] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    sums: list[tuple[Floats, float, float]] = field(default_factory=list)

    def width(self, aim: Floats) -> float:
        """How far ``aim`` times the figures can move when everything that is known stays true."""
        rows = np.array([weights for weights, _low, _high in self.sums]).reshape(-1, len(self.cells))
        least = np.array([low for _weights, low, _high in self.sums])
        most = np.array([high for _weights, _low, high in self.sums])
        bounds = list(zip(self.low, self.high, strict=True))
        ends = []
        for sign in (1.0, -1.0):
            both = (np.vstack([rows, -rows]), np.concatenate([most, -least])) if self.sums else (None, None)
            found = linprog(-sign * aim, A_ub=both[0], b_ub=both[1], bounds=bounds)
            assert found.status == 0, found.message
            ends.append(sign * -found.fun)
        return float(ends[0] - ends[1])

    def width_of(self, cell: Cell) -> float:
        """How closely the reader knows one figure."""
        return self.width(np.eye(len(self.cells))[self.cells.index(cell)])


def hidden_cells(folder: Path, reason: str = "primary") -> list[Cell]:
    """The figures that are withheld for this reason."""
    return [_cell(row) for row in _read(folder, "indicators") if row["withheld"] == reason]


def read_files(*folders: Path, scheme: Scheme | None = None) -> dict[str, Knowledge]:
    """What the editions in these folders tell together, a peer category each; the scheme is the published one."""
    scheme = scheme or parse_scheme(json.loads((folders[0] / "scheme.json").read_text()))
    scores = _read(folders[0], "scores")
    found = {}
    for category in sorted({row["category"] for row in scores}):
        units = [row["unit"] for row in scores if row["category"] == category]
        known = Knowledge()
        for folder in folders:
            _add_figures(known, folder, scheme, units)
        for folder in folders:
            _add_sums(known, folder, scheme, units)
        found[category] = known
    return found


def _add_figures(known: Knowledge, folder: Path, scheme: Scheme, units: Sequence[str]) -> None:
    ranges = {leaf.code: tuple(map(float, leaf.output)) for leaf in scheme.leaves()}
    for row in _read(folder, "indicators"):
        printed = [row[name] for name in ("score", "fine") if row[name]]
        if row["unit"] not in units or not (printed or row["withheld"]):
            continue
        low, high = ranges[row["indicator"]]
        for text in printed:
            low, high = max(low, _about(text)[0]), min(high, _about(text)[1])
        cell = _cell(row)
        if cell not in known.cells:
            known.cells.append(cell)
            known.low.append(low)
            known.high.append(high)
        at = known.cells.index(cell)
        known.low[at], known.high[at] = max(known.low[at], low), min(known.high[at], high)


def _add_sums(known: Knowledge, folder: Path, scheme: Scheme, units: Sequence[str]) -> None:
    rows = {unit: _quantities(known, scheme, unit) for unit in units}
    names = ("nodes", "node"), ("groups", "group")
    for table, column in names:
        for row in _read(folder, table):
            if row["unit"] in units and row["score"]:
                known.sums.append((rows[row["unit"]][f"{table} {row[column]}"], *_about(row["score"])))
    top = f"nodes {scheme.tree.code}"
    scores = [row for row in _read(folder, "scores") if row["unit"] in units]
    for row in scores:
        known.sums += [(rows[row["unit"]][top], low, high) for low, high in _whole(row, scheme)]
    means = {row["category_mean"] for row in scores if row["category_mean"]}
    told = [row for row in scores if row["level"] in ("indicative", "full")]
    moved = sum(_moved(row) for row in told) / max(1, len(told))
    for text in means:
        mean = np.sum([rows[row["unit"]][top] for row in told], axis=0) / len(told)
        low, high = _about(text)
        known.sums.append((mean, low - moved, high - moved))
    known.sums += _ranks(scores, {unit: own[top] for unit, own in rows.items()})


def _whole(row: Row, scheme: Scheme) -> Iterator[tuple[float, float]]:
    """What is said of the score before bonus and deduction."""
    if row["score_before"]:
        yield _about(row["score_before"])
    if row["score"]:
        low, high = _about(row["score"])
        yield low - _moved(row) - SLACK, high - _moved(row) + SLACK
    if row["band"] and not row["limit"] and scheme.banding == "absolute":
        best_first = sorted(scheme.bands, key=lambda band: -band.start)
        at = [band.code for band in best_first].index(row["band"])
        ends = [100.0, *(float(band.start) for band in best_first)]
        rounded = 10.0**-scheme.score_decimals
        yield float(best_first[at].start) - rounded - _moved(row), ends[at] + rounded - _moved(row)


def _ranks(scores: Sequence[Row], tops: Mapping[str, Floats]) -> Iterator[tuple[Floats, float, float]]:
    """A better rank is no lower score, but for rounding."""
    ranked = sorted((row for row in scores if row["rank"]), key=lambda row: int(row["rank"]))
    for better, worse in pairwise(ranked):
        moved = _moved(better) - _moved(worse)
        yield tops[better["unit"]] - tops[worse["unit"]], -moved - 0.1, 1000.0


def _quantities(known: Knowledge, scheme: Scheme, unit: str) -> dict[str, Floats]:
    """Nodes and groups of one unit as weights on the figures, by differences of the real tree."""
    leaves, groups = [leaf.code for leaf in scheme.leaves()], [group.code for group in scheme.groups]
    own = [at for at, cell in enumerate(known.cells) if cell[0] == unit]
    applies = np.array([[leaf.applies_to(unit) for leaf in scheme.leaves()]])

    def scored(raised: int) -> Scores:
        rated, given = np.full((1, len(leaves), len(groups)), np.nan), np.full((1, len(leaves)), np.nan)
        for at in own:
            _unit, leaf, group = known.cells[at]
            value = 1.0 if at == raised else 0.0
            if group:
                rated[0, leaves.index(leaf), groups.index(group)] = value
            else:
                given[0, leaves.index(leaf)] = value
        return evaluate(Values(rated, given, applies), scheme, gradient=False)

    turned = {at: scored(at) for at in own}
    found = {}
    for place, node in enumerate(scheme.nodes()):
        found[f"nodes {node.code}"] = _spread(known, {at: one.score[0, place] for at, one in turned.items()})
    for place, group in enumerate(groups):
        found[f"groups {group}"] = _spread(known, {at: one.by_group[0, place] for at, one in turned.items()})
    return found


def _spread(known: Knowledge, weights: Mapping[int, float]) -> Floats:
    row = np.zeros(len(known.cells))
    for at, weight in weights.items():
        row[at] = np.nan_to_num(weight)
    return row


def _moved(row: Row) -> float:
    return float(row["bonus"] or 0) - float(row["deduction"] or 0)


def _about(text: str) -> tuple[float, float]:
    """The numbers that are printed like this."""
    half = HALF * 10.0 ** -len(text.partition(".")[2]) + SLACK
    return float(text) - half, float(text) + half


def _cell(row: Row) -> Cell:
    return row["unit"], row["indicator"], row["group"]


def _read(folder: Path, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / f"{table}.csv").read_text("utf-8-sig"))))
