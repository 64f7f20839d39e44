"""Units that rate each other: do two of them exchange high marks, or punish each other?"""

import numpy as np
import pandas as pd

from scoring.frames import Floats, InputError, need, significant


def reciprocity(pairs: pd.DataFrame) -> pd.DataFrame:
    """Every pair of units that rated each other, the most conspicuous first.

    ``pairs`` has the columns rater_unit, unit and value; several ratings of one unit by another are averaged first. The
    index is (r_ij - mean of row i)(r_ji - mean of row j), where row i holds what unit i gave to all others: it is large
    when both gave each other more than they usually give, or both less. ``effect_first`` and ``effect_second`` are what
    the pair does to the mean that each of the two received: the mean less the mean without the other's rating, NaN
    where nobody else rated it. Columns: first, second, given (by the first), returned, index, effect_first,
    effect_second, in the units of the ratings (the index in squared units).

    >>> rows = [("a", "b", 5), ("a", "c", 3), ("b", "a", 5), ("b", "c", 1), ("c", "a", 2), ("c", "b", 2)]
    >>> found = reciprocity(pd.DataFrame(rows, columns=["rater_unit", "unit", "value"]))
    >>> found[["first", "second", "index", "effect_first", "effect_second"]].to_numpy().tolist()
    [['a', 'b', 2.0, 1.5, 1.5], ['a', 'c', 0.0, -1.5, 1.0], ['b', 'c', 0.0, -1.5, -1.0]]

    Raises:
        InputError: a column is missing, a unit rates itself, or a value is no finite number.
    """
    names, given = _matrix(pairs)
    there = ~np.isnan(given)
    away = given - _mean(given, there, 1)[:, None]
    first, second = np.nonzero(np.triu(there & there.T))
    received, counts = _mean(given, there, 0), there.sum(axis=0)
    codes = np.array(names, dtype=object)
    table = pd.DataFrame(
        {
            "first": pd.Series(codes[first], dtype="str"),
            "second": pd.Series(codes[second], dtype="str"),
            "given": given[first, second],
            "returned": given[second, first],
            "index": away[first, second] * away[second, first] + 0.0,
            "effect_first": _effect(received[first], given[second, first], counts[first]),
            "effect_second": _effect(received[second], given[first, second], counts[second]),
        }
    )
    size = significant(table["index"].to_numpy(dtype=np.float64))
    return table.iloc[np.argsort(-size, kind="stable")].reset_index(drop=True)


def _matrix(pairs: pd.DataFrame) -> tuple[list[str], Floats]:
    """All units in the order of their codes, and what the one of the row gave to the one of the column."""
    need(pairs, "pairs", ("rater_unit", "unit", "value"))
    rows = pd.DataFrame({name: pairs[name].astype("str") for name in ("rater_unit", "unit")})
    rows["value"] = pairs["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    rows = rows.sort_values(["rater_unit", "unit", "value"])
    for row in rows[~np.isfinite(rows["value"])].to_dict("records"):
        raise InputError(
            f"rating of {row['unit']!r} by {row['rater_unit']!r} is {row['value']}; allowed: finite numbers"
        )
    for unit in rows["unit"][rows["unit"] == rows["rater_unit"]]:
        raise InputError(f"unit {unit!r} rates itself; allowed: ratings of other units")
    names = sorted({*rows["unit"], *rows["rater_unit"]})
    place = pd.Index(names)
    means = rows.groupby(["rater_unit", "unit"], sort=True)["value"].mean().reset_index()
    given = np.full((len(names), len(names)), np.nan)
    given[place.get_indexer(means["rater_unit"]), place.get_indexer(means["unit"])] = means["value"]
    return names, given


def _mean(given: Floats, there: Floats, axis: int) -> Floats:
    counts = there.sum(axis=axis)
    sums = np.where(there, given, 0.0).sum(axis=axis)
    return np.asarray(np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0), dtype=np.float64)


def _effect(mean: Floats, value: Floats, count: Floats) -> Floats:
    """A mean of ``count`` ratings less the mean without one of them."""
    away = np.asarray(value - mean, dtype=np.float64)
    found = np.divide(away, count - 1, out=np.full(len(mean), np.nan), where=count > 1)
    return np.asarray(found, dtype=np.float64)
