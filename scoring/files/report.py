"""What a run writes: every stage's table, the result and its scheme, and a report for people."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from scoring.files.data import Account, Data
from scoring.frames import LEVELS
from scoring.rank import round_half_up
from scoring.result import Result
from scoring.scheme import Scheme

WITHHELD: Final = LEVELS[:3]
REFUSED_FILE, RESULT_FILE, SCHEME_FILE, REPORT_FILE = "rejected.csv", "result.json", "scheme.json", "report.txt"
MOVED: Final = ("score_before", "bonus", "deduction")
Lines = list[str]


def write_result(result: Result, scheme: Scheme, folder: Path) -> None:
    """Every stage's table as CSV, a missing value as an empty field; the result and its scheme as JSON."""
    for name, table in result.stages.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    (folder / RESULT_FILE).write_bytes(result.to_json())
    (folder / SCHEME_FILE).write_text(scheme.canonical(), encoding="utf-8")


def describe(result: Result, data: Data, scheme: Scheme) -> str:
    """The report: scores by category, problems, what was read, digests.

    No figure in it is too small to publish; a scheme that publishes only grades, or only scores, has only those.
    """
    lines = [f"Scores of the scheme {scheme.code}", ""]
    for category, rows in result.stages["scores"].groupby("category", sort=True):
        lines += [f"Category {category}", *columns(_scores(_with_range(rows, result), scheme)), ""]
    problems = result.stages["problems"]
    listed = [list(problems.columns), *problems.to_numpy().tolist()]
    lines += ["Problems", *(columns(listed) if len(problems) else ["  none"])]
    lines += ["", "Data", *(f"  {said}" for said in _account(data)), "", "Digests"]
    digests = [["scheme", result.scheme_digest], ["input", result.input_digest], ["result", result.digest]]
    lines += columns([*digests, ["engine", result.engine_version], ["seed", str(result.seed)]])
    return "\n".join(lines) + "\n"


def columns(rows: Sequence[Sequence[str]]) -> Lines:
    """Rows of texts as lines with aligned columns, indented.

    >>> columns([["a", "bb"], ["ccc", "d"]])
    ['  a    bb', '  ccc  d']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def figure(value: Any, decimals: int) -> str:
    """A number as people round it, or a dash.

    >>> figure(76.984375, 2), figure(float("nan"), 2)
    ('76.98', '-')
    """
    return "-" if pd.isna(value) else str(round_half_up(value, decimals))


def _scores(rows: pd.DataFrame, scheme: Scheme) -> list[list[str]]:
    """Best first; units that are not ranked follow in the order of their codes."""
    moved = [*MOVED] if rows[["bonus", "deduction"]].any(axis=None) else []
    numbers = [] if scheme.publication == "grades" else ["score", "low", "high", *moved]
    graded = [] if scheme.publication == "scores" else ["band", *(["limit"] if (rows["limit"] != "").any() else [])]
    table = [["unit", "n", *numbers, "level", *graded, "rank", "places"]]
    for row in rows.sort_values(["rank", "unit"]).to_dict("records"):
        hidden = row["level"] in WITHHELD
        shown = ["-" if hidden else figure(row[name], scheme.score_decimals) for name in numbers]
        grades = [row[name] or "-" for name in graded]
        table.append([row["unit"], str(row["n"]), *shown, row["level"], *grades, *_rank(row)])
    return table


def _with_range(rows: pd.DataFrame, result: Result) -> pd.DataFrame:
    return rows.merge(result.stages["robustness"][["unit", "rank_low", "rank_high"]], on="unit", how="left")


def _rank(row: dict[Any, Any]) -> Lines:
    """The rank, and the places from the 5th to the 95th percentile of the draws."""
    if pd.isna(row["rank"]):
        return ["-", "-"]
    places = f"{figure(row['rank_low'], 0)} to {figure(row['rank_high'], 0)}"
    return [f"{row['rank']} of {row['ranked_of']}", "-" if pd.isna(row["rank_low"]) else places]


def _account(data: Data) -> Lines:
    account, responses = data.account, sum(map(len, data.texts.values()))
    said = [f"period: {account.period}"] if account.period else []
    figures = f", with {len(data.figures)} figures" if data.figures else ""
    said.append(f"rows used: {account.used}, in {responses} responses{figures}")
    said.append(f"refused: {account.refused} ({REFUSED_FILE})")
    if account.aside:
        said.append(f"rows of other periods: {account.aside}")
    return said + _cautions(account, data)


def _cautions(account: Account, data: Data) -> Lines:
    said = []
    if account.unnamed:
        said.append(f"rows without a respondent: {account.unnamed}; each counts as a respondent of its own")
    for group, weights in sorted(data.weights.items()):
        said.append(f"weights of respondents of {group} beside 1: {', '.join(sorted(weights, key=float))}")
    current = max((found.period for found in data.figures), default="")
    if current and current != account.period:
        said.append(f"figures are of the period {current}: there are none of {account.period}")
    for name, unread in account.unread.items():
        said.append(f"columns of {name} not read: {', '.join(unread)}")
    return said
