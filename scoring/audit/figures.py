"""The figures under a result: how many are there, which of them tell nothing, what makes two units differ."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.frames import InputError, significant
from scoring.scheme import Scheme
from scoring.tree import Values, weights_of

SAME_SHARE: Final = 0.5


def map_coverage(values: Values, scheme: Scheme, units: Sequence[str]) -> pd.DataFrame:
    """How much of each node is there: unit, node, figures (there), asked, share (0 to 1), a row a unit and node.

    A figure is a group's mean of an indicator, where the group has a share in it, or an administrative indicator.
    Nodes that do not apply to a unit have no row.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> leaves = (Node("ease", Fraction(1, 2)), Node("cost", Fraction(1, 2)))
    >>> scheme = Scheme("demo", (), Node("score", Fraction(1), children=leaves), ())
    >>> values = Values(np.empty((1, 2, 0)), np.array([[80.0, np.nan]]), np.ones((1, 2), dtype=bool))
    >>> map_coverage(values, scheme, ["U1"]).to_numpy().tolist()
    [['U1', 'score', 1, 2, 0.5], ['U1', 'ease', 1, 1, 1.0], ['U1', 'cost', 0, 1, 0.0]]
    """
    leaves = scheme.leaves()
    slots = np.concatenate(
        [weights_of(scheme).shares > 0, np.array([[not leaf.is_rated] for leaf in leaves], dtype=bool)], axis=1
    )
    wanted = slots & values.applies[:, :, None]
    there = wanted & ~np.isnan(np.concatenate([values.rated, values.given[:, :, None]], axis=2))
    place = {leaf.code: at for at, leaf in enumerate(leaves)}
    parts = []
    for order, node in enumerate(scheme.nodes()):
        below = [place[part.code] for part in node.walk() if not part.children]
        asked, figures = (cells[:, below].sum(axis=(1, 2)) for cells in (wanted, there))
        table = pd.DataFrame({"unit": list(units), "node": node.code, "figures": figures, "asked": asked})
        parts.append(table.assign(unit_order=np.arange(len(units)), order=order)[asked > 0])
    found = pd.concat(parts).sort_values(["unit_order", "order"], ignore_index=True)
    table = pd.DataFrame(found, columns=["unit", "node", "figures", "asked"])
    return table.assign(share=table["figures"] / table["asked"])


def find_constant(values: npt.ArrayLike, names: Sequence[str]) -> pd.DataFrame:
    """Indicators of which more than half of the units have the same value: indicator, value, share (0 to 1).

    ``values`` has shape (units, names), NaN where missing; shares are of the units that have a value, values compare
    at 12 significant digits, and of two equally frequent ones the lower is named.

    >>> find_constant([[0, 1], [0, 2], [5, 2]], ["parks", "schools"]).round(3).to_numpy().tolist()
    [['parks', 0.0, 0.667], ['schools', 2.0, 0.667]]
    """
    rows = []
    for name, column in zip(names, significant(np.asarray(values, dtype=np.float64)).T, strict=True):
        known = column[~np.isnan(column)]
        found, counts = np.unique(known, return_counts=True)
        if len(known) and counts.max() / len(known) > SAME_SHARE:
            rows.append((name, float(found[counts.argmax()]), float(counts.max() / len(known))))
    return pd.DataFrame(rows, columns=["indicator", "value", "share"])


def gap_share(first: "pd.Series[float]", second: "pd.Series[float]") -> pd.DataFrame:
    """Which parts make the gap between two units: part, gap (points, first less second), share of the whole (percent).

    Both series hold contributions in points by part (an indicator, dimension or group) and sum to the unit's score; a
    part that only one has counts 0 for the other. Shares sum to 100 and may be negative; NaN where the scores are the
    same.

    Raises:
        InputError: a part stands twice or has no number.

    >>> gap_share(pd.Series({"social": 42.0, "targets": 45.0}), pd.Series({"social": 38.0, "targets": 44.0}))
          part  gap  share
    0   social  4.0   80.0
    1  targets  1.0   20.0
    """
    for side in (first, second):
        twice = side.index[side.index.duplicated()]
        if len(twice):
            raise InputError(f"gap: part {twice[0]!r} stands twice; allowed is once")
        blank = side.index[side.isna()]
        if len(blank):
            raise InputError(f"gap: part {blank[0]!r} has no contribution; allowed is a number, 0 for nothing")
    parts = list(dict.fromkeys([*first.index, *second.index]))
    gap = (first.reindex(parts).fillna(0.0) - second.reindex(parts).fillna(0.0)).to_numpy(dtype=np.float64)
    whole = float(significant(np.array(first.sum())) - significant(np.array(second.sum())))
    share = 100 * gap / whole if whole else np.full(len(gap), np.nan)
    return pd.DataFrame({"part": parts, "gap": gap, "share": share})
