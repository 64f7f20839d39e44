"""One administrative indicator from its raw figures to its normalised values, and what was found on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.figures.apply import apply_normaliser
from scoring.figures.denominate import denominate
from scoring.figures.impute import impute
from scoring.figures.rows import Sheet
from scoring.figures.treat import Treated, treat
from scoring.frames import Flags, Floats
from scoring.scheme.model import Node

Positions = npt.NDArray[np.intp]
NOT_ASKED = (float("nan"), float("nan"))


@dataclass
class Findings:
    """Problems of one leaf, rows of unit, node, code and detail.

    ``places`` are those of the units the leaf applies to, ``units`` their codes.
    """

    node: str
    places: Positions
    units: Sequence[str]
    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, code: str, flags: Flags, tell: Callable[[int], str]) -> None:
        """One row for each flagged unit; ``tell`` makes the detail from the unit's place."""
        self.rows += [(self.units[at], self.node, code, tell(at)) for at in np.flatnonzero(flags).tolist()]

    def add_treatment(self, treated: Treated) -> None:
        """What happened to the indicator as a whole."""
        if treated.method == "log":
            detail = f"skewness {treated.skewness[0]:.4g}, excess kurtosis {treated.kurtosis[0]:.4g}"
            self.rows.append(("", self.node, "put_on_logarithms", detail))
        if not treated.passes:
            detail = f"skewness {treated.skewness[1]:.4g}, excess kurtosis {treated.kurtosis[1]:.4g}"
            self.rows.append(("", self.node, "outliers_left", detail))


def prepare_leaf(leaf: Node, sheet: Sheet) -> tuple[pd.DataFrame, list[tuple[str, str, str, str]]]:
    """A row for each unit the leaf applies to (``unit`` is its place in the sheet), and the problems found.

    Raises:
        InputError: naming the leaf whose normaliser cannot work with its figures.
    """
    at = np.flatnonzero([leaf.applies_to(unit) for unit in sheet.units])
    found = Findings(leaf.code, at, [sheet.units[place] for place in at])
    raw = sheet.values[leaf.code][:, at]
    quotients = _divide(raw, leaf, sheet, found)
    used, replaced = impute(
        quotients[-1], leaf.impute, categories=sheet.categories[at], earlier=_latest(quotients[:-1])
    )
    if leaf.impute == "none":
        found.add("figure_missing", np.isnan(raw[-1]), lambda _: sheet.periods[-1])
    else:
        found.add("not_imputed", np.isnan(used), lambda _: leaf.impute)
    treated = treat(used) if leaf.treat else Treated(used, np.zeros(len(at), dtype=bool), "none", NOT_ASKED, NOT_ASKED)
    found.add_treatment(treated)
    columns = {
        "unit": at,
        "raw": raw[-1],
        "denominated": quotients[-1],
        "treated": treated.values,
        "imputed": replaced,
        "outlier": treated.touched,
        "value": apply_normaliser(_loggable(treated.values, leaf, found), leaf, found.units),
    }
    return pd.DataFrame(columns), found.rows


def _divide(raw: Floats, leaf: Node, sheet: Sheet, found: Findings) -> Floats:
    """Quotients, shape (periods, units); the problems are those of the current period."""
    if not leaf.denominator:
        return raw
    sizes = sheet.values[leaf.denominator][:, found.places]
    quotients, lost = denominate(raw, sizes)
    absent = np.isnan(sizes[-1])
    found.add("denominator_missing", lost[-1] & absent, lambda _: leaf.denominator)
    found.add("denominator_refused", lost[-1] & ~absent, lambda at: f"{leaf.denominator}: {sizes[-1][at]:.12g}")
    return quotients


def _latest(quotients: Floats) -> Floats:
    """The last figure of each unit, shape (units,), from shape (periods, units)."""
    latest = np.full(quotients.shape[1], np.nan)
    for period in quotients:
        latest = np.where(np.isnan(period), latest, period)
    return latest


def _loggable(values: Floats, leaf: Node, found: Findings) -> Floats:
    """Without the figures whose logarithm unclipped goalposts would have to take and cannot."""
    normaliser = leaf.normaliser
    if normaliser is None or normaliser.clip or ("transform", "log") not in normaliser.parameters:
        return values
    refused = values <= 0
    found.add("log_not_positive", refused, lambda at: f"{values[at]:.12g}")
    return np.where(refused, np.nan, values)
