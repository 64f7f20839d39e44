"""Bonus, deductions, vetoes and limiters: named findings about a unit that change its score or bound its band."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from scoring.frames import Flags, Floats, need
from scoring.scheme import Limit, Scheme

KINDS = ("bonus", "deduction", "veto", "limiter")
SOURCES = ("external", "self")
COLUMNS = ("unit", "kind", "code", "points", "source", "reason")


@dataclass(frozen=True)
class Adjusted:
    """``bonus`` and ``deduction`` a unit, caps applied, and ``limits``: the findings that bound its band.

    ``table`` lists every finding that fits, with the points that counted before the cap; ``problems`` what does not.
    """

    bonus: Floats
    deduction: Floats
    limits: tuple[tuple[Limit, ...], ...]
    vetoed: Flags
    table: pd.DataFrame
    problems: pd.DataFrame


class _Check(NamedTuple):
    code: str
    column: str
    passes: Callable[[pd.DataFrame], "pd.Series[bool]"]


def adjust(adjustments: pd.DataFrame | None, units: pd.DataFrame, scheme: Scheme) -> Adjusted:
    """What the findings do to each unit, in the order of ``units``.

    Deductions that a unit reported itself count nothing when the scheme says so. Points are those of the composite.

    Raises:
        InputError: when a column is missing.
    """
    rows = pd.DataFrame(columns=list(COLUMNS)) if adjustments is None else adjustments
    need(rows, "adjustments", COLUMNS)
    rows = (
        rows[list(COLUMNS)].sort_values(list(COLUMNS), key=lambda column: column.astype("str")).reset_index(drop=True)
    )
    rows, problems = _check(rows, units, scheme)
    ignored = (rows["source"] == "self") & (rows["kind"] == "deduction") & (not scheme.self_reported_counts)
    points = _numbers(rows["points"])
    rows = rows.assign(points=points, counted=points.where(~ignored, 0.0))
    place = pd.Index(units["unit"]).get_indexer(pd.Index(rows["unit"]))
    totals = {kind: _total(rows, kind, place, len(units)) for kind in ("bonus", "deduction")}
    vetoes, limiters = _named(scheme.vetoes), _named(scheme.limiters)
    limits: list[tuple[Limit, ...]] = [()] * len(units)
    vetoed = np.zeros(len(units), dtype=bool)
    for at, kind, code in zip(place, rows["kind"], rows["code"], strict=True):
        if kind in ("veto", "limiter"):
            limits[at] = (*limits[at], (vetoes if kind == "veto" else limiters)[code])
            vetoed[at] |= kind == "veto"
    return Adjusted(
        _capped(totals["bonus"], scheme.bonus_cap),
        _capped(totals["deduction"], scheme.deduction_cap),
        tuple(limits),
        vetoed,
        rows,
        problems,
    )


def _numbers(points: "pd.Series[Any]") -> "pd.Series[float]":
    return pd.to_numeric(points, errors="coerce").astype("float64")


def _named(limits: tuple[Limit, ...]) -> Mapping[str, Limit]:
    return {limit.code: limit for limit in limits}


def _total(rows: pd.DataFrame, kind: str, place: np.ndarray, units: int) -> Floats:
    chosen = (rows["kind"] == kind).to_numpy()
    total = np.zeros(units)
    np.add.at(total, place[chosen], rows["counted"].to_numpy()[chosen])
    return total


def _capped(points: Floats, cap: Fraction | None) -> Floats:
    return points if cap is None else np.minimum(points, float(cap))


def _check(rows: pd.DataFrame, units: pd.DataFrame, scheme: Scheme) -> tuple[pd.DataFrame, pd.DataFrame]:
    named = {"veto": list(_named(scheme.vetoes)), "limiter": list(_named(scheme.limiters))}

    def is_named(found: pd.DataFrame) -> "pd.Series[bool]":
        known = [code in named.get(kind, [code]) for kind, code in zip(found["kind"], found["code"], strict=True)]
        return pd.Series(known, index=found.index, dtype=bool)

    checks = (
        _Check("unknown_unit", "unit", lambda found: found["unit"].isin(list(units["unit"]))),
        _Check("unknown_kind", "kind", lambda found: found["kind"].isin(KINDS)),
        _Check("unknown_source", "source", lambda found: found["source"].isin(SOURCES)),
        _Check("unknown_finding", "code", is_named),
        _Check(
            "points_invalid", "points", lambda found: _numbers(found["points"]).between(0, np.inf, inclusive="left")
        ),
    )
    problems = []
    for check in checks:
        good = check.passes(rows)
        bad = rows[~good]
        columns = {"unit": bad["unit"], "node": bad["code"], "code": check.code, "detail": bad[check.column]}
        problems.append(pd.DataFrame(columns).astype("str"))
        rows = rows[good]
    return rows, pd.concat(problems, ignore_index=True)
