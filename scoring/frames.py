"""Column names and types after each stage: the only place where they are spelled.

Inside the engine key columns are categorical, so that their order is the scheme's order and their codes are array
positions; ``finish`` turns them into text for whoever reads a result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SIGNIFICANT_DIGITS: Final = 12
LEVELS: Final = ("absent", "hidden", "overseer", "indicative", "full")
"""Publication levels of a figure, weakest first."""

TEXT, WHOLE, NUMBER, FLAG, MAYBE_WHOLE = "str", "int64", "float64", "bool", "Int64"

COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "distribution": {
        "unit": TEXT, "group": TEXT, "stratum": TEXT, "indicator": TEXT, "code": WHOLE, "count": WHOLE,
    },
    "responses": {
        "unit": TEXT, "group": TEXT, "stratum": TEXT, "indicator": TEXT,
        "valid": WHOLE, "dont_know": WHOLE, "not_applicable": WHOLE, "blank": WHOLE,
    },
    "strata": {
        "unit": TEXT, "group": TEXT, "stratum": TEXT, "indicator": TEXT, "points": WHOLE, "responses": WHOLE,
        "n": WHOLE, "raw_mean": NUMBER, "raw_variance": NUMBER, "value_mean": NUMBER, "value_variance": NUMBER,
        "weight": NUMBER,
    },
    "means": {
        "unit": TEXT, "indicator": TEXT, "group": TEXT, "n": WHOLE, "n_effective": NUMBER, "mean": NUMBER, "sd": NUMBER,
        "low": NUMBER, "high": NUMBER, "mean_plain": NUMBER, "median": NUMBER, "trimmed": NUMBER, "winsorised": NUMBER,
        "shrunk": NUMBER, "reliability": NUMBER, "raw_mean": NUMBER, "top_share": NUMBER, "top_low": NUMBER,
        "top_high": NUMBER, "bottom_share": NUMBER, "bottom_low": NUMBER, "bottom_high": NUMBER,
        "dont_know": WHOLE, "not_applicable": WHOLE, "level": TEXT,
    },
    "figures": {
        "unit": TEXT, "indicator": TEXT, "period": TEXT, "raw": NUMBER, "denominated": NUMBER, "treated": NUMBER,
        "imputed": FLAG, "outlier": FLAG, "value": NUMBER,
    },
    "groups": {
        "unit": TEXT, "group": TEXT, "n": WHOLE, "score": NUMBER, "low": NUMBER, "high": NUMBER,
        "weight_nominal": NUMBER, "weight_used": NUMBER, "level": TEXT,
    },
    "nodes": {
        "unit": TEXT, "node": TEXT, "parent": TEXT, "score": NUMBER, "low": NUMBER, "high": NUMBER,
        "weight_nominal": NUMBER, "weight_used": NUMBER, "effective_nominal": NUMBER, "effective_used": NUMBER,
        "present": FLAG,
    },
    "scores": {
        "unit": TEXT, "category": TEXT, "score": NUMBER, "low": NUMBER, "high": NUMBER, "score_before": NUMBER,
        "bonus": NUMBER, "deduction": NUMBER, "n": WHOLE, "level": TEXT, "level_group": TEXT, "level_n": WHOLE,
        "band": TEXT, "limit": TEXT, "rank": MAYBE_WHOLE, "ranked_of": WHOLE,
    },
    "adjustments": {
        "unit": TEXT, "kind": TEXT, "code": TEXT, "points": NUMBER, "counted": NUMBER, "source": TEXT, "reason": TEXT,
    },
    "contributions": {
        "unit": TEXT, "indicator": TEXT, "group": TEXT, "weight_nominal": NUMBER, "weight_used": NUMBER,
        "score": NUMBER, "contribution": NUMBER,
    },
    "robustness": {
        "unit": TEXT, "category": TEXT, "rank": MAYBE_WHOLE, "rank_median": NUMBER, "rank_low": NUMBER,
        "rank_high": NUMBER, "first": NUMBER, "band_share": NUMBER, "tie_group": WHOLE,
    },
    "severity": {"group": TEXT, "indicator": TEXT, "rater": TEXT, "n": WHOLE, "effect": NUMBER},
    "influence": {
        "node": TEXT, "parent": TEXT, "weight_nominal": NUMBER, "spread_share": NUMBER, "correlation_parent": NUMBER,
        "correlation_top": NUMBER,
    },
    "categories": {"category": TEXT, "units": WHOLE, "published_units": WHOLE, "mean": NUMBER},
    "problems": {"unit": TEXT, "node": TEXT, "code": TEXT, "detail": TEXT},
}  # fmt: skip


class InputError(ValueError):
    """The input cannot be scored at all: a column is missing, a unit stands twice, a text does not fit its form."""


@dataclass(frozen=True)
class Block:
    """Cross-moments of all cells of one form, cell by cell.

    ``moments`` has shape (cells, 3, questions, questions): for each pair of questions answered by the same
    respondent the number of respondents, the sum of the first one's codes, the sum of products of codes.
    """

    group: str
    indicators: tuple[str, ...]
    points: Integers
    units: npt.NDArray[np.object_]
    strata: npt.NDArray[np.object_]
    moments: Integers


def need(frame: pd.DataFrame, name: str, columns: Sequence[str]) -> None:
    """Refuse a frame that lacks a column.

    Raises:
        InputError: naming the frame and the missing columns.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise InputError(f"{name} lacks the column {', '.join(missing)}")


def positions(frame: pd.DataFrame, column: str) -> Integers:
    """Array positions of a categorical key column."""
    return np.asarray(frame[column].cat.codes, dtype=np.int64)


def key(codes: npt.ArrayLike, labels: Sequence[str]) -> pd.Categorical:
    """A key column from array positions."""
    return pd.Categorical.from_codes(np.asarray(codes, dtype=np.int64), categories=pd.Index(list(labels), dtype="str"))


def finish(frame: pd.DataFrame, stage: str) -> pd.DataFrame:
    """The table of a stage as it is kept: its columns in order, plain types, numbers at 12 significant digits."""
    table = {}
    for column, kind in COLUMNS[stage].items():
        values: Any = frame[column]
        table[column] = (
            pd.Series(significant(values.to_numpy(dtype=np.float64))) if kind == NUMBER else values.astype(kind)
        )
        table[column].index = pd.RangeIndex(len(frame))
    return pd.DataFrame(table, columns=list(COLUMNS[stage]))


def significant(values: Floats) -> Floats:
    """Numbers rounded to 12 significant digits, so that the last bit never decides a tie or a digest.

    >>> significant(np.array([76.984375000000014, 0.0]))
    array([76.984375,  0.      ])
    """
    size = np.abs(values)
    safe = np.where((size > 0) & np.isfinite(size), size, 1.0)
    shift = 10.0 ** (SIGNIFICANT_DIGITS - 1 - np.floor(np.log10(safe)))
    return np.where(safe == size, np.round(values * shift) / shift, values)
