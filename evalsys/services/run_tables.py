"""A run's tables for people: what the oversight body may see of them, and as files that no spreadsheet executes.

A group below its lowest cut point is hidden from everybody, the oversight body included. Its figures stay empty here,
and so do those from which they could be worked out: a hidden unit's score, and strata that are too small by themselves.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scoring.scheme import Scheme

Row = dict[str, str]

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
STRATUM_STAGES = frozenset({"distribution", "responses", "strata"})
KEPT = frozenset({"unit", "category", "group", "stratum", "indicator", "node", "parent", "level", "level_group"})
KEPT_NUMBERS = frozenset({"weight_nominal", "effective_nominal", "points", "code", "ranked_of"})


@dataclass(frozen=True)
class Hidden:
    """What is below the lowest cut: (unit, group), whole units, (unit, group, stratum) and (unit, group, indicator)."""

    groups: frozenset[tuple[str, str]]
    units: frozenset[str]
    strata: frozenset[tuple[str, str, str]]
    figures: frozenset[tuple[str, str, str]]


def read_table(text: str) -> list[Row]:
    """The rows of a stored table."""
    return list(csv.DictReader(io.StringIO(text)))


def hidden_in(tables: Mapping[str, str], scheme: Scheme) -> Hidden:
    """What must not be shown of a run; `tables` maps stages to stored tables."""
    least = {group.code: group.minimum[0] for group in scheme.groups}
    strata = (
        (row["unit"], row["group"], row["stratum"])
        for row in read_table(tables["strata"])
        if int(row["responses"]) < least[row["group"]]
    )
    return Hidden(
        groups=frozenset(
            (row["unit"], row["group"]) for row in read_table(tables["groups"]) if row["level"] == "hidden"
        ),
        units=frozenset(row["unit"] for row in read_table(tables["scores"]) if row["level"] == "hidden"),
        strata=frozenset(strata),
        figures=frozenset(_hidden_figures(tables)),
    )


def _hidden_figures(tables: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Figures of too few answers; where one of a group would be alone, the next smallest that counts goes with it."""
    counted = {_figure_key(row) for row in read_table(tables["contributions"]) if float(row["weight_used"])}
    means: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(read_table(tables["means"]), key=lambda row: (int(row["n"]), row["indicator"])):
        if row["level"] != "absent":
            means[row["unit"], row["group"]].append(row)
    for rows in means.values():
        hidden = [_figure_key(row) for row in rows if row["level"] == "hidden"]
        covers = [_figure_key(row) for row in rows if row["level"] != "hidden" and _figure_key(row) in counted]
        yield from hidden
        if len(counted.intersection(hidden)) == 1:
            yield from covers[:1]


def _figure_key(row: Row) -> tuple[str, str, str]:
    return row["unit"], row["group"], row["indicator"]


def shown_rows(stage: str, rows: Iterable[Row], hidden: Hidden) -> Iterator[Row]:
    """The rows with the figures of whatever is hidden left empty."""
    for row in rows:
        yield (
            {key: "" if _is_figure(key) else value for key, value in row.items()}
            if _is_hidden(stage, row, hidden)
            else row
        )


def csv_file(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """Rows as CSV whose texts no spreadsheet takes for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([guarded(row[key]) for key in row] for row in rows)
    return out.getvalue()


def columns_of(text: str) -> list[str]:
    """The column names of a stored table."""
    return next(csv.reader(io.StringIO(text)))


def guarded(cell: str) -> str:
    """The cell, with an apostrophe before it when a spreadsheet would run it; numbers stay numbers.

    >>> guarded("=1+1"), guarded("-3.5"), guarded("＝cmd")
    ("'=1+1", '-3.5', "'＝cmd")
    """
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(cell) else cell


def _is_figure(column: str) -> bool:
    return column not in KEPT and column not in KEPT_NUMBERS


def _is_hidden(stage: str, row: Row, hidden: Hidden) -> bool:
    if "unit" not in row or stage == "problems":
        return False
    if "group" not in row:
        return row["unit"] in hidden.units or any(
            (unit, node) == (row["unit"], row.get("node")) for unit, _group, node in hidden.figures
        )
    if "indicator" in row and _figure_key(row) in hidden.figures:
        return True
    if stage in STRATUM_STAGES and (row["unit"], row["group"], row["stratum"]) in hidden.strata:
        return True
    return (row["unit"], row["group"]) in hidden.groups or row.get("level") == "hidden"
