"""Stage of the administrative figures: denominate, impute, treat outliers, normalise; each step stays in the table."""

import pandas as pd

from scoring.figures.leaf import prepare_leaf
from scoring.figures.rows import PROBLEM, read_sheet
from scoring.frames import key
from scoring.scheme.model import Scheme

COLUMNS = ("unit", "indicator", "period", "raw", "denominated", "treated", "imputed", "outlier", "value")


def prepare_figures(figures: pd.DataFrame, units: pd.DataFrame, scheme: Scheme) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The figures of all leaves with a normaliser, and the problems (unit, node, code, detail) found on the way.

    ``figures`` has unit, indicator, value (raw units, NaN missing) and optionally period (text; the last in its order
    is the current one, earlier ones serve the imputation ``last`` only; a figure without a period stands for every
    period that has none of its own). Denominators stand among the figures under their own name. ``units`` has unit and
    category.

    The table has one row for each unit that an administrative leaf applies to, leaves in the scheme's order, then units
    in the order of their codes: raw, denominated and treated (which follows imputation) are in raw units, ``value`` is
    on the output range; ``imputed`` and ``outlier`` flag the cells that were replaced. Keys are categorical: the codes
    of unit are places among the ordered units, those of indicator places among the scheme's leaves. The order of the
    rows given changes nothing.

    Problems beside those of rows set aside: denominator_missing, denominator_refused (zero, negative or next to
    nothing), log_not_positive (the goalposts take logarithms), figure_missing (no usable one was given), not_imputed
    (there is nothing to go by), put_on_logarithms and outliers_left (of an indicator, without a unit).

    Raises:
        InputError: a column is missing, values are no numbers, or a normaliser (named) cannot work with its figures.
    """
    places = {code: place for place, code in enumerate(leaf.code for leaf in scheme.leaves())}
    leaves = [leaf for leaf in scheme.leaves() if leaf.normaliser is not None]
    sheet, refused = read_sheet(figures, units, leaves)
    parts, problems = [_nothing()], [refused]
    for leaf in leaves:
        part, found = prepare_leaf(leaf, sheet)
        parts.append(part.assign(indicator=places[leaf.code], period=sheet.periods[-1]))
        problems.append(pd.DataFrame(found, columns=list(PROBLEM), dtype="str"))
    table = pd.concat(parts, ignore_index=True)[list(COLUMNS)]
    keys = {"unit": key(table["unit"], sheet.units), "indicator": key(table["indicator"], list(places))}
    return table.assign(**keys), pd.concat(problems, ignore_index=True)


def _nothing() -> pd.DataFrame:
    """A table without rows, so that a scheme without administrative leaves gives the columns with their types."""
    kinds = dict.fromkeys(COLUMNS, "float64") | {"unit": "int64", "indicator": "int64", "period": "str"}
    return pd.DataFrame(columns=list(COLUMNS)).astype(kinds | {"imputed": "bool", "outlier": "bool"})
