"""Why one unit scores more than another, than the average of its category, or than itself a period ago."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from scoring.attribution import average_unit, divide_gaps
from scoring.frames import InputError
from scoring.scheme import Scheme
from scoring.tree import Values

NOTHING = 1e-12


def explain_gaps(
    values: Values, base: Values, scheme: Scheme, units: Sequence[str], rows: Sequence[int] | None = None
) -> pd.DataFrame:
    """The gap of each unit to its benchmark by figure, in points: unit, indicator, group, contribution.

    ``base`` are the benchmarks under the same scheme, ``rows`` which of them each unit is compared with (see
    ``scoring.attribution.divide_gaps``). A unit's contributions sum to its score less its benchmark's, before bonus and
    deductions. ``group`` is "" for administrative figures and for points that belong to no figure: a row of a node
    says what a cap there, or a figure that only one side has, makes of the gap. Rows of 0 are left out.

    Raises:
        InputError: units that do not match the rows; more than 12 children of a node that does not weigh.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> leaves = (Node("ease", Fraction(3, 4)), Node("cost", Fraction(1, 4)))
    >>> scheme = Scheme("demo", (), Node("score", Fraction(1), children=leaves), ())
    >>> values = Values(np.empty((2, 2, 0)), np.array([[80.0, 40.0], [60.0, 60.0]]), np.ones((2, 2), dtype=bool))
    >>> explain_gaps(values, values, scheme, ["U1", "U2"], rows=[1, 1]).to_numpy().tolist()
    [['U1', 'ease', '', 15.0], ['U1', 'cost', '', -5.0]]
    """
    if len(units) != len(values.rated):
        raise InputError(f"gaps: {len(units)} units for {len(values.rated)} rows; allowed are as many")
    found = divide_gaps(values, base, scheme, rows)
    names = [node.code for node in scheme.nodes()]
    leaves = np.array([place for place, node in enumerate(scheme.nodes()) if not node.children], dtype=np.int64)
    groups = [*(group.code for group in scheme.groups), "", ""]
    figure = np.nonzero(np.abs(found.figures) > NOTHING)
    node = np.nonzero(np.abs(found.nodes) > NOTHING)
    unit = np.concatenate([figure[0], node[0]])
    place = np.concatenate([leaves[figure[1]], node[1]])
    slot = np.concatenate([figure[2], np.full(len(node[0]), len(groups) - 1)])
    points = np.concatenate([found.figures[figure], found.nodes[node]])
    order = np.lexsort([slot, place, unit])
    return pd.DataFrame(
        {
            "unit": pd.Series([units[at] for at in unit[order]], dtype="str"),
            "indicator": pd.Series([names[at] for at in place[order]], dtype="str"),
            "group": pd.Series([groups[at] for at in slot[order]], dtype="str"),
            "contribution": points[order],
        }
    )


def explain_against_category(
    values: Values, scheme: Scheme, units: Sequence[str], categories: Sequence[str]
) -> pd.DataFrame:
    """``explain_gaps`` against the average unit of each unit's category, the unit itself included.

    The average unit has the mean of every figure; where the tree is not arithmetic or figures are missing, its score
    is not quite the mean of the scores.

    Raises:
        InputError: categories that do not match the rows; or as ``explain_gaps``.

    >>> from fractions import Fraction
    >>> from scoring.scheme import Node
    >>> scheme = Scheme("demo", (), Node("score", Fraction(1), children=(Node("ease", Fraction(1)),)), ())
    >>> values = Values(np.empty((2, 1, 0)), np.array([[80.0], [60.0]]), np.ones((2, 1), dtype=bool))
    >>> explain_against_category(values, scheme, ["U1", "U2"], ["A", "A"])["contribution"].tolist()
    [10.0, -10.0]
    """
    if len(categories) != len(values.rated):
        raise InputError(f"gaps: {len(categories)} categories for {len(values.rated)} rows; allowed are as many")
    known = list(dict.fromkeys(categories))
    members = [[row for row, own in enumerate(categories) if own == category] for category in known]
    rows = [known.index(category) for category in categories]
    return explain_gaps(values, average_unit(values, members), scheme, units, rows)
