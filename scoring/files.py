"""Ratings from a CSV file, tables and a report into a folder; docs/engine.md tells the formats with examples.

>>> from scoring.scheme import parse_scheme
>>> everyone = [{"code": "all", "weight": 100}]
>>> users = {"code": "users", "promise": "anonymous", "minimum": [1, 1, 1], "strata": everyone}
>>> leaves = [{"code": code, "weight": 50, "points": 5, "groups": {"users": 100}} for code in ("ease", "speed")]
>>> mapping = {"code": "demo", "groups": [users], "tree": {"code": "score", "children": leaves}}
>>> scheme = parse_scheme({**mapping, "bands": [{"code": "A", "from": 0}]})
>>> rows = ["unit,group,indicator,value,respondent", "U1,users,ease,5,r1", "U1,users,speed,dk,r1", "U1,users,ease,9,r2"]
>>> ratings = read_ratings(rows, scheme, lambda refusal: print(refusal.line, refusal.reason))
4 value is none of 1 to 5, dk, na or empty
>>> ratings.texts
{('U1', 'users', 'all'): {'r1': '56'}}
>>> score_ratings(ratings, scheme).stages["scores"]["score"].tolist()
[100.0]
"""

import csv
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from scoring.collect import CELL_COLUMNS, Form, pack, tally
from scoring.frames import LEVELS, InputError, need
from scoring.pipeline import Result, run
from scoring.rank import round_half_up
from scoring.scheme import Group, Node, Scheme, parse_scheme
from scoring.scheme.model import PANEL_POINTS

REQUIRED = ("unit", "group", "indicator", "value")
OPTIONAL = ("respondent", "stratum", "category")
ONLY_CATEGORY = "all"
LEVEL = re.compile(r"([0-9]{1,4})(?:\.0+)?", re.ASCII)
WITHHELD = LEVELS[:3]
REFUSED_FILE, RESULT_FILE, REPORT_FILE = "rejected.csv", "result.json", "report.txt"


class Refusal(NamedTuple):
    """A row of the data that was not used: its line in the file, what it said, and why."""

    line: int
    unit: str
    group: str
    indicator: str
    value: str
    reason: str


class RowError(ValueError):
    """One row cannot be used; the text is the reason."""


@dataclass
class Ratings:
    """What was read: one packed text a respondent, in cells of unit, form and stratum.

    ``texts`` maps a cell to its respondents; one without a name is known by the line of its row. ``categories`` holds
    what was said about each unit, empty when nothing was. ``unnamed`` counts rows that are a respondent of their own.
    """

    forms: dict[str, Form] = field(default_factory=dict)
    texts: dict[tuple[str, str, str], dict[str | int, str]] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    used: int = 0
    refused: int = 0
    unnamed: int = 0


def read_scheme(path: Path) -> Scheme:
    """The scheme in a TOML or JSON file; the file of a preset keeps it in its table ``scheme``.

    Raises:
        InputError: when the file is neither.
        SchemeError: with everything wrong in the scheme.
        OSError: when the file cannot be read.
    """
    readers: dict[str, Callable[[str], object]] = {".toml": tomllib.loads, ".json": json.loads}
    if path.suffix not in readers:
        raise InputError(f"{path}: a scheme is a .toml or a .json file")
    try:
        mapping = readers[path.suffix](path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: {error}") from error
    if isinstance(mapping, Mapping):
        mapping = mapping.get("scheme", mapping)
    if not isinstance(mapping, Mapping):
        raise InputError(f"{path}: a scheme is a mapping of names to values")
    scheme = parse_scheme(mapping)
    try:
        scheme.canonical().encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{path}: a code holds half a character: {error}") from error
    return scheme


def read_ratings(lines: Iterable[str], scheme: Scheme, refuse: Callable[[Refusal], object]) -> Ratings:
    """Read tidy rows of ratings; each row that cannot be used goes to ``refuse``, in the order of the file.

    Raises:
        InputError: when the file as a whole cannot be read: a column is missing, a quote stays open, it is not UTF-8.
    """
    table = csv.reader(lines, strict=True)
    try:
        header = [name.strip() for name in next(table, [])]
        reader = _Reader(scheme, header)
        line = table.line_num + 1
        for fields in table:
            if fields:
                _take(reader, line, fields, refuse)
            line = table.line_num + 1
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"data, at or after line {max(table.line_num, 1)}: {error}") from error
    return reader.ratings


def score_ratings(ratings: Ratings, scheme: Scheme) -> Result:
    """Tally the packed texts and run the engine; a unit without a category stands in the category ``all``."""
    rows = []
    for (unit, code, stratum), people in ratings.texts.items():
        counted = tally("".join(people.values()), ratings.forms[code])
        rows.append((unit, code, stratum, counted.n, counted.counts_blob(), counted.moments_blob()))
    categories = [category or ONLY_CATEGORY for category in ratings.categories.values()]
    units = pd.DataFrame({"unit": list(ratings.categories), "category": categories})
    return run(pd.DataFrame(rows, columns=list(CELL_COLUMNS)), ratings.forms, units, scheme)


def write_result(result: Result, folder: Path) -> None:
    """Every stage's table as CSV, a missing value as an empty field, and the result as JSON."""
    for name, table in result.stages.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    (folder / RESULT_FILE).write_bytes(result.to_json())


def describe(result: Result, ratings: Ratings, scheme: Scheme) -> str:
    """The report: scores by category, problems, what was read, digests; no figure that is too small to publish."""
    lines = [f"Scores of the scheme {scheme.code}", ""]
    for category, rows in result.stages["scores"].groupby("category", sort=True):
        lines += [f"Category {category}", *_columns(_scores(rows)), ""]
    problems = result.stages["problems"]
    lines += [
        "Problems",
        *(_columns([list(problems.columns), *problems.to_numpy().tolist()]) if len(problems) else ["  none"]),
    ]
    lines += ["", "Data", *(f"  {said}" for said in _account(ratings)), "", "Digests"]
    digests = [["scheme", result.scheme_digest], ["input", result.input_digest], ["result", result.digest]]
    lines += _columns([*digests, ["engine", result.engine_version], ["seed", str(result.seed)]])
    return "\n".join(lines) + "\n"


class _Reader:
    """Puts one row after the other into ``ratings``; a row that is refused leaves no trace there."""

    def __init__(self, scheme: Scheme, header: list[str]) -> None:
        need(pd.DataFrame(columns=header), "data", REQUIRED)
        if len(set(header)) < len(header):
            raise InputError("data has two columns of the same name")
        self.header = header
        self.groups = {group.code: group for group in scheme.groups}
        self.leaves = {leaf.code: leaf for leaf in scheme.leaves()}
        unread = tuple(name for name in header if name not in (*REQUIRED, *OPTIONAL))
        self.ratings = Ratings(unread=unread)
        self.asked: dict[tuple[str, str], Form] = {}

    def add(self, line: int, row: Mapping[str, str], size: int) -> None:
        if size != len(self.header):
            raise RowError(f"{size} fields where the header has {len(self.header)}")
        unit, group, leaf = row["unit"], self.group(row["group"]), self.leaf(row)
        stratum = self.stratum(group, row.get("stratum", ""))
        sign = pack([_code(row["value"], leaf.points)], [leaf.points])
        category = self.category(unit, row.get("category", ""))
        form = self.asked.get((unit, group.code)) or self.form(unit, group)
        name = row.get("respondent", "")
        cell = (unit, form.code, stratum)
        self.one_place(name, cell, group)
        blank = pack([0] * len(form.points), form.points)
        text = self.ratings.texts.get(cell, {}).get(name or line, blank)
        at = form.indicators.index(leaf.code)
        if sign != blank[at] != text[at]:
            raise RowError(f"respondent {name} has answered this indicator before")
        written = text if sign == blank[at] else text[:at] + sign + text[at + 1 :]
        self.asked[unit, group.code] = self.ratings.forms[form.code] = form
        self.ratings.texts.setdefault(cell, {})[name or line] = written
        self.ratings.categories[unit] = category
        self.ratings.used += 1
        self.ratings.unnamed += not name

    def group(self, code: str) -> Group:
        if code not in self.groups:
            raise RowError(f"group is none of {', '.join(self.groups)}")
        return self.groups[code]

    def leaf(self, row: Mapping[str, str]) -> Node:
        """The indicator of a row, if the scheme asks it this group about this unit."""
        if not row["unit"] or not row["unit"].isprintable():
            raise RowError("unit is empty or holds a control character")
        leaf = self.leaves.get(row["indicator"])
        if leaf is None:
            raise RowError("indicator is not in the scheme")
        if row["group"] not in dict(leaf.shares):
            raise RowError("indicator is not asked of this group")
        if not leaf.applies_to(row["unit"]):
            raise RowError("indicator does not apply to this unit")
        return leaf

    def stratum(self, group: Group, code: str) -> str:
        strata = [stratum.code for stratum in group.strata]
        if not code and len(strata) == 1:
            return strata[0]
        if code not in strata:
            raise RowError(f"stratum is none of {', '.join(strata)}")
        return code

    def category(self, unit: str, said: str) -> str:
        known = self.ratings.categories.get(unit, "")
        if not said.isprintable():
            raise RowError("category holds a control character")
        if said and known and said != known:
            raise RowError(f"unit stands in category {known} already")
        return said or known

    def form(self, unit: str, group: Group) -> Form:
        """The questions to this group about this unit; most units share one form a group."""
        asked = [leaf for leaf in self.leaves.values() if group.code in dict(leaf.shares)]
        left_out = [leaf.code for leaf in asked if not leaf.applies_to(unit)]
        code = f"{group.code} without {', '.join(left_out)}" if left_out else group.code
        leaves = [leaf for leaf in asked if leaf.applies_to(unit)]
        return Form(code, group.code, tuple(leaf.code for leaf in leaves), tuple(leaf.points for leaf in leaves))

    def one_place(self, name: str, cell: tuple[str, str, str], group: Group) -> None:
        unit, form, stratum = cell
        for other in group.strata:
            if name and other.code != stratum and name in self.ratings.texts.get((unit, form, other.code), {}):
                raise RowError(f"respondent {name} stands in stratum {other.code} already")


def _take(reader: _Reader, line: int, fields: list[str], refuse: Callable[[Refusal], object]) -> None:
    row = dict(zip(reader.header, (text.strip() for text in fields), strict=False))
    try:
        reader.add(line, row, len(fields))
    except RowError as error:
        reader.ratings.refused += 1
        unit, group, indicator, value = (row.get(name, "") for name in REQUIRED)
        refuse(Refusal(line, unit, group, indicator, value, str(error)))


def _code(value: str, points: int) -> int:
    """The code of an answer: a level as the form shows it, ``dk``, ``na``, or nothing."""
    words = {"": 0, "dk": points + 1, "na": points + 2}
    if value.lower() in words:
        return words[value.lower()]
    shift = points == PANEL_POINTS
    level = LEVEL.fullmatch(value)
    if level and 1 <= int(level[1]) + shift <= points:
        return int(level[1]) + shift
    raise RowError(f"value is none of {1 - shift} to {points - shift}, dk, na or empty")


def _scores(rows: pd.DataFrame) -> list[list[str]]:
    """Best first; units that are not ranked follow in the order of their codes."""
    table = [["unit", "n", "score", "low", "high", "level", "band", "rank"]]
    for row in rows.sort_values(["rank", "unit"]).to_dict("records"):
        hidden = row["level"] in WITHHELD
        figures = [
            "-" if hidden or pd.isna(row[name]) else str(round_half_up(row[name], 2))
            for name in ("score", "low", "high")
        ]
        rank = "-" if pd.isna(row["rank"]) else f"{row['rank']} of {row['ranked_of']}"
        table.append([row["unit"], str(row["n"]), *figures, row["level"], row["band"] or "-", rank])
    return table


def _account(ratings: Ratings) -> list[str]:
    responses = sum(map(len, ratings.texts.values()))
    said = [f"rows used: {ratings.used}, in {responses} responses", f"rows refused: {ratings.refused} ({REFUSED_FILE})"]
    if ratings.unnamed:
        said.append(f"rows without a respondent: {ratings.unnamed}; each counts as a respondent of its own")
    if ratings.unread:
        said.append(f"columns not read: {', '.join(ratings.unread)}")
    return said


def _columns(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
