"""Figures as they come in: one row a unit, indicator and period; what cannot be used is set aside and named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import Flags, Floats, InputError, need
from scoring.scheme.model import Node

PROBLEM = ("unit", "node", "code", "detail")


@dataclass(frozen=True)
class Sheet:
    """The usable figures in raw units, by indicator an array of shape (periods, units); NaN is missing.

    ``units`` are in the order of their codes, ``categories`` theirs; ``periods`` in the order of their text, the last
    is the current one. A figure that came without a period stands in every period that has none of its own.
    """

    units: tuple[str, ...]
    categories: npt.NDArray[np.object_]
    periods: tuple[str, ...]
    values: Mapping[str, Floats]


def read_sheet(figures: pd.DataFrame, units: pd.DataFrame, leaves: Sequence[Node]) -> tuple[Sheet, pd.DataFrame]:
    """The sheet, and a problem (unit, node, code, detail) for every row set aside.

    ``figures`` has unit, indicator, value and optionally period; ``units`` has unit and category; ``leaves`` are the
    administrative indicators. Denominators are indicators, too. Set aside are rows of an unknown unit or indicator, of
    an indicator that does not apply to the unit, all of several rows for one unit, indicator and period, and values
    that are not finite; the detail tells the value. A missing value is no problem yet: it may be imputed.

    Raises:
        InputError: a column is missing, a unit stands twice, or values are no numbers.
    """
    need(units, "units", ("unit", "category"))
    ordered = units[["unit", "category"]].astype("str").fillna("").sort_values("unit")
    labels = tuple(ordered["unit"])
    if len(set(labels)) < len(labels):
        raise InputError(f"unit {ordered['unit'][ordered['unit'].duplicated()].iloc[0]} stands twice")
    rows = _text_rows(figures)
    kept, refused = _set_aside(rows, _checks(rows, labels, leaves))
    codes = [leaf.code for leaf in leaves]
    dated = _periods(kept[kept["indicator"].isin(codes)]) or _periods(kept)
    names = list(dict.fromkeys([*codes, *(leaf.denominator for leaf in leaves if leaf.denominator)]))
    values = dict(zip(names, _cube(kept, names, dated, labels), strict=True))
    return Sheet(labels, ordered["category"].to_numpy(dtype=object), dated or ("",), values), refused


def _text_rows(figures: pd.DataFrame) -> pd.DataFrame:
    need(figures, "figures", ("unit", "indicator", "value"))
    try:
        values = figures["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"figures: a value is no number ({error}); allowed are numbers and missing") from error
    period = figures["period"] if "period" in figures.columns else pd.Series("", index=figures.index)
    table = {
        "unit": figures["unit"].astype("str").fillna(""),
        "indicator": figures["indicator"].astype("str").fillna(""),
        "period": period.astype("str").fillna(""),
        "value": values,
    }
    return pd.DataFrame(table).sort_values(["indicator", "unit", "period", "value"]).reset_index(drop=True)


def _checks(rows: pd.DataFrame, units: Sequence[str], leaves: Sequence[Node]) -> dict[str, Flags]:
    """For each problem code the rows that have it, in the order in which they are looked for.

    The codes are not those of answers set aside, whose detail is a number of answers.
    """
    codes = {leaf.code for leaf in leaves} | {leaf.denominator for leaf in leaves if leaf.denominator}
    elsewhere = np.zeros(len(rows), dtype=bool)
    for leaf in leaves:
        if leaf.units:
            elsewhere |= ((rows["indicator"] == leaf.code) & ~rows["unit"].isin(leaf.units)).to_numpy(dtype=bool)
    return {
        "figure_of_unknown_unit": ~rows["unit"].isin(units).to_numpy(dtype=bool),
        "figure_of_unknown_indicator": ~rows["indicator"].isin(codes).to_numpy(dtype=bool),
        "figure_not_applicable": elsewhere,
        "figure_twice": rows.duplicated(["unit", "indicator", "period"], keep=False).to_numpy(dtype=bool),
        "not_finite": np.isinf(rows["value"].to_numpy()),
    }


def _set_aside(rows: pd.DataFrame, checks: Mapping[str, Flags]) -> tuple[pd.DataFrame, pd.DataFrame]:
    code = np.select(list(checks.values()), list(checks), default="")
    refused = rows[code != ""]
    detail = [
        f"{period}: {value:.12g}".removeprefix(": ")
        for period, value in zip(refused["period"], refused["value"], strict=True)
    ]
    found = {"unit": refused["unit"], "node": refused["indicator"], "code": code[code != ""], "detail": detail}
    return rows[code == ""], pd.DataFrame(found, columns=list(PROBLEM), dtype="str").reset_index(drop=True)


def _periods(rows: pd.DataFrame) -> tuple[str, ...]:
    return tuple(sorted(set(rows["period"].unique()) - {""}))


def _cube(rows: pd.DataFrame, names: Sequence[str], dated: tuple[str, ...], units: tuple[str, ...]) -> Floats:
    """Shape (names, periods, units); without any period there is one layer."""
    labels = {"indicator": names, "period": ("", *dated), "unit": units}
    places = np.array([pd.Index(codes).get_indexer(pd.Index(rows[column])) for column, codes in labels.items()])
    within = (places >= 0).all(axis=0)
    cube = np.full([len(codes) for codes in labels.values()], np.nan)
    cube[tuple(places[:, within])] = rows["value"].to_numpy()[within]
    return np.where(np.isnan(cube[:, 1:]), cube[:, :1], cube[:, 1:]) if dated else cube
