"""How far raters agree: coefficients of agreement and reliability, their intervals and the words for them.

Every coefficient is 1 for perfect agreement and a share without unit; it may be negative, and no value is clipped.
Where the ratings cannot tell (fewer than two values to compare, or no spread at all) a coefficient is NaN; input
of the wrong form is an ``InputError``, which is a ``ValueError``.
"""

from scoring.reliability.concordance import cronbach_alpha, fleiss_kappa, kendall_w
from scoring.reliability.interval import Interval, bootstrap_interval
from scoring.reliability.intraclass import OneWay, TwoWay, icc_one_way, icc_two_way
from scoring.reliability.krippendorff import Metric, krippendorff_alpha
from scoring.reliability.labels import Label, can_rank, label_alpha
from scoring.reliability.ratings import Raters, ratings_by_unit

__all__ = [
    "Interval",
    "Label",
    "Metric",
    "OneWay",
    "Raters",
    "TwoWay",
    "bootstrap_interval",
    "can_rank",
    "cronbach_alpha",
    "fleiss_kappa",
    "icc_one_way",
    "icc_two_way",
    "kendall_w",
    "krippendorff_alpha",
    "label_alpha",
    "ratings_by_unit",
]
