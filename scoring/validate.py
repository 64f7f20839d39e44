"""Stage 2: what the scheme does not know is set aside and named, never dropped in silence."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from scoring.frames import Flags, InputError, key, need
from scoring.scheme import Scheme

Check = tuple[str, str, Callable[[pd.DataFrame], "Flags"]]


def validate_units(units: pd.DataFrame) -> pd.DataFrame:
    """Units in the order of their codes.

    Raises:
        InputError: when a column is missing or a unit stands twice.
    """
    need(units, "units", ("unit", "category"))
    ordered = units[["unit", "category"]].sort_values("unit").reset_index(drop=True)
    if ordered["unit"].duplicated().any():
        raise InputError(f"unit {ordered['unit'][ordered['unit'].duplicated()].iloc[0]} stands twice")
    return ordered


def validate(frame: pd.DataFrame, units: pd.DataFrame, scheme: Scheme) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that can be scored, with categorical keys in the scheme's order, and a problem for all others.

    ``frame`` has unit, group and stratum, and for answers also indicator and points. The index is kept, so that a
    caller can tell which rows stayed. An unknown place is reported for responses only, not once more for each answer.
    """
    left, misplaced = _apply(frame, _place_checks(units, scheme))
    left, refused = _apply(left, _question_checks(scheme)) if "indicator" in frame.columns else (left, misplaced)
    labels = {"unit": list(units["unit"]), "group": [group.code for group in scheme.groups]}
    labels |= {"stratum": list(scheme.strata()), "indicator": [leaf.code for leaf in scheme.leaves()]}
    keys = {
        column: key(pd.Index(values).get_indexer(left[column].astype(object)), values)
        for column, values in labels.items()
        if column in left.columns
    }
    return left.assign(**keys), refused


def _apply(frame: pd.DataFrame, checks: list[Check]) -> tuple[pd.DataFrame, pd.DataFrame]:
    left, refused = frame, [pd.DataFrame({"unit": [], "node": [], "code": [], "detail": []}, dtype="str")]
    for code, column, passes in checks:
        good = passes(left)
        if not good.all():
            refused.append(_problems(left[~good], code, column))
            left = left[good]
    return left, pd.concat(refused, ignore_index=True)


def _place_checks(units: pd.DataFrame, scheme: Scheme) -> list[Check]:
    known = list(units["unit"])
    groups = [group.code for group in scheme.groups]
    strata = {(group.code, stratum.code) for group in scheme.groups for stratum in group.strata}
    return [
        ("unknown_unit", "unit", lambda rows: rows["unit"].isin(known).to_numpy(dtype=bool)),
        ("unknown_group", "group", lambda rows: rows["group"].isin(groups).to_numpy(dtype=bool)),
        ("unknown_stratum", "stratum", lambda rows: _among(rows, ("group", "stratum"), strata)),
    ]


def _question_checks(scheme: Scheme) -> list[Check]:
    leaves = scheme.leaves()
    codes = [leaf.code for leaf in leaves]
    points = {(leaf.code, leaf.points) for leaf in leaves}
    asked = {(leaf.code, group) for leaf in leaves for group, _ in leaf.shares}
    special = {leaf.code: leaf for leaf in leaves if leaf.units}

    def applies(rows: pd.DataFrame) -> Flags:
        pairs = zip(rows["indicator"], rows["unit"], strict=True)
        return np.array([code not in special or special[code].applies_to(unit) for code, unit in pairs], dtype=bool)

    checks: list[Check] = [
        ("unknown_indicator", "indicator", lambda rows: rows["indicator"].isin(codes).to_numpy(dtype=bool)),
        ("points_differ", "indicator", lambda rows: _among(rows, ("indicator", "points"), points)),
        ("group_not_asked", "indicator", lambda rows: _among(rows, ("indicator", "group"), asked)),
    ]
    return [*checks, ("indicator_not_applicable", "indicator", applies)] if special else checks


def _among(rows: pd.DataFrame, columns: tuple[str, str], allowed: set[tuple[str, str]] | set[tuple[str, int]]) -> Flags:
    (first, firsts), (second, seconds) = (pd.factorize(rows[column], use_na_sentinel=False) for column in columns)
    known = np.array([(one, other) in allowed for one in firsts for other in seconds], dtype=bool)
    return np.asarray(known.reshape(len(firsts), len(seconds))[first, second])


def _problems(rows: pd.DataFrame, code: str, column: str) -> pd.DataFrame:
    """One problem a unit and place; the detail is the number of answers (or responses) set aside."""
    amount = rows["valid"] if "valid" in rows.columns else rows["n"]
    found = pd.DataFrame({"unit": rows["unit"], "node": rows[column], "detail": amount.astype("int64")})
    summed = found.groupby(["unit", "node"], sort=True)["detail"].sum().reset_index()
    return pd.DataFrame(
        {"unit": summed["unit"], "node": summed["node"], "code": code, "detail": summed["detail"].astype("str")}
    )
