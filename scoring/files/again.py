"""Published tables scored again: a folder of open data, its scores compared with those that come out of its parts."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from scoring.files.report import columns
from scoring.files.schemes import read_scheme
from scoring.frames import InputError
from scoring.published import FIGURE, score_again
from scoring.rank import round_half_up

SAME, DIFFERS, HIDDEN, UNPUBLISHED = "same", "differs", "hidden parts", "not published"
DECIMALS: Final = 2
NEEDED: Final = {
    "scores": ("unit", "score"),
    "indicators": ("unit", "indicator", "group", "score", "fine", "withheld"),
    "findings": ("unit", "kind", "code", "points", "source", "reason"),
}


@dataclass(frozen=True)
class Compared:
    """One unit: the published score, the one that came out ("" where there is none), what became of it.

    ``hidden`` is the number of withheld parts, for which a reader cannot score the unit.
    """

    unit: str
    published: str
    again: str
    outcome: str
    hidden: int


def compare_published(folder: Path) -> list[Compared]:
    """Every unit of the tables in ``folder`` (scores.csv, indicators.csv, findings.csv, scheme.json).

    Raises:
        InputError: a table lacks a column, or holds what does not fit the scheme.
        SchemeError: the scheme is none.
        OSError: a file is missing.
    """
    scheme, tables = read_scheme(folder / "scheme.json"), {name: _table(folder, name) for name in NEEDED}
    lines, scores = tables["indicators"], tables["scores"]
    figures = lines.assign(value=_numbers(lines["fine"]).fillna(_numbers(lines["score"])))
    findings = tables["findings"].assign(points=_numbers(tables["findings"]["points"]))
    again = score_again(figures[list(FIGURE)], findings, list(scores["unit"]), scheme)
    return [
        _compared(unit, published, score, hidden)
        for unit, published, score, hidden in zip(
            scores["unit"], scores["score"], again["score"], again["hidden"], strict=True
        )
    ]


def describe_again(compared: list[Compared]) -> str:
    """The comparison as a table, a sentence on each outcome below it."""
    rows = [["unit", "published", "again", "outcome"]]
    rows += [[one.unit, one.published or "-", one.again or "-", _outcome(one)] for one in compared]
    counted = Counter(one.outcome for one in compared)
    told = [f"{counted[outcome]} of {len(compared)} {words}" for outcome, words in _WORDS.items() if counted[outcome]]
    return "\n".join([*columns(rows), "", *told]) + "\n"


def _outcome(one: Compared) -> str:
    return f"{one.outcome} ({one.hidden})" if one.hidden else one.outcome


_WORDS: Final = {
    SAME: "units: the published score comes out again",
    DIFFERS: "units: ANOTHER SCORE COMES OUT",
    HIDDEN: "units cannot be scored by a reader, since parts are withheld; their number stands in brackets",
    UNPUBLISHED: "units have no published score",
}


def _table(folder: Path, name: str) -> pd.DataFrame:
    path = folder / f"{name}.csv"
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (ValueError, pd.errors.ParserError) as error:
        raise InputError(f"{path}: {error}") from error
    missing = [column for column in NEEDED[name] if column not in table.columns]
    if missing:
        raise InputError(f"{path} lacks the column {', '.join(missing)}")
    return table


def _numbers(texts: "pd.Series[str]") -> "pd.Series[float]":
    return pd.to_numeric(texts, errors="coerce").astype("float64")


def _compared(unit: str, published: str, score: Any, hidden: int) -> Compared:
    again = "" if pd.isna(score) else str(round_half_up(score, DECIMALS))
    outcome = SAME if published == again else DIFFERS
    if hidden or not published:
        outcome = HIDDEN if published else UNPUBLISHED
    return Compared(unit, published, again if published else "", outcome, int(hidden))
