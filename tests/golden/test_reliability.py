"""Agreement and reliability against published numbers, and against the same examples computed to full precision.

The printed numbers stand here. The full-precision files are not part of the project; without them those tests are
skipped.
"""

import json
from typing import Any

import pytest

from evalsys.config import PROJECT
from scoring.reliability import (
    fleiss_kappa,
    icc_one_way,
    icc_two_way,
    kendall_w,
    krippendorff_alpha,
)
from scoring.reliability.krippendorff import Metric

CASES = PROJECT.parent / "shared" / "cases" / "stats"
X = float("nan")  # not rated

# K. Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: 4 observers, 12 units.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, X, X, X],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, X, 3],
    [X, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, X],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, X],
]
ALPHAS: dict[Metric, float] = {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}

# P. E. Shrout and J. L. Fleiss (1979), Psychological Bulletin 86, tables 2 to 4: 6 targets, 4 judges.
TARGETS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
CORRELATIONS = {"1,1": 0.17, "2,1": 0.29, "3,1": 0.71, "1,k": 0.44, "2,k": 0.62, "3,k": 0.91}
MEAN_SQUARES = {"between_targets": 11.24, "within": 6.26, "judges": 32.49, "residual": 1.02}

# M. Hollander and D. A. Wolfe (1973), Nonparametric Statistical Methods, page 140: times of 22 players with 3 methods
# of rounding first base; R's documentation of friedman.test prints chi-squared = 11.143 on 2 degrees of freedom.
TIMES = [
    [5.40, 5.50, 5.55], [5.85, 5.70, 5.75], [5.20, 5.60, 5.50], [5.55, 5.50, 5.40], [5.90, 5.85, 5.70],
    [5.45, 5.55, 5.60], [5.40, 5.40, 5.35], [5.45, 5.50, 5.35], [5.25, 5.15, 5.00], [5.85, 5.80, 5.70],
    [5.25, 5.20, 5.10], [5.65, 5.55, 5.45], [5.60, 5.35, 5.45], [5.05, 5.00, 4.95], [5.50, 5.50, 5.40],
    [5.45, 5.55, 5.50], [5.55, 5.55, 5.35], [5.45, 5.50, 5.55], [5.50, 5.45, 5.25], [5.65, 5.60, 5.40],
    [5.70, 5.65, 5.55], [6.30, 6.30, 6.25],
]  # fmt: skip
CHI_SQUARED = 11.143

# The worked example of Wikipedia's article on Fleiss' kappa: 10 subjects, 5 categories, 14 raters.
PLACED = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
KAPPA = 0.210


def case(name: str) -> dict[str, Any]:
    path = CASES / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the reference cases are not here: {path} is missing")
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def correlations(table: Any) -> dict[str, float]:
    one, two = icc_one_way(table, raters="columns"), icc_two_way(table, raters="columns")
    return {
        "1,1": one.single,
        "2,1": two.single,
        "3,1": two.single_fixed,
        "1,k": one.average,
        "2,k": two.average,
        "3,k": two.average_fixed,
    }


def mean_squares(table: Any) -> dict[str, float]:
    one, two = icc_one_way(table, raters="columns"), icc_two_way(table, raters="columns")
    assert one.between == pytest.approx(two.between)
    return {"between_targets": two.between, "within": one.within, "judges": two.raters, "residual": two.residual}


@pytest.mark.parametrize("metric", ALPHAS)
def test_alpha_is_krippendorffs_own(metric: Metric) -> None:
    alpha = krippendorff_alpha(OBSERVERS, raters="rows", metric=metric)
    assert round(alpha, 3) == ALPHAS[metric]


@pytest.mark.parametrize("metric", ALPHAS)
def test_alpha_agrees_to_full_precision(metric: Metric) -> None:
    known = case("krippendorff_4coders")
    alpha = krippendorff_alpha(known["data"], raters="rows", metric=metric)
    assert alpha == pytest.approx(known["expected"][metric], abs=known["tolerance"])


def test_intraclass_correlations_are_those_of_shrout_and_fleiss() -> None:
    assert {name: round(x, 2) for name, x in correlations(TARGETS).items()} == CORRELATIONS
    assert {name: round(x, 2) for name, x in mean_squares(TARGETS).items()} == MEAN_SQUARES


def test_intraclass_correlations_agree_to_full_precision() -> None:
    known = case("icc_shrout_fleiss_1979")
    found = {f"ICC({name})": x for name, x in correlations(known["data"]).items()}
    assert found == pytest.approx(known["expected"], abs=known["tolerance"])
    squares = mean_squares(known["data"])
    assert {name: round(x, 4) for name, x in squares.items()} == known["mean_squares"]
    ratios = {"one_way": squares["between_targets"] / squares["within"]}
    ratios["two_way"] = squares["between_targets"] / squares["residual"]
    assert {name: round(x, 5) for name, x in ratios.items()} == known["F"]


def test_concordance_gives_the_printed_chi_squared_of_friedman() -> None:
    assert round(22 * 2 * kendall_w(TIMES, raters="rows"), 3) == CHI_SQUARED


def test_concordance_agrees_to_full_precision() -> None:
    known = case("kendall_w_rounding_times")
    concordance, expected = kendall_w(known["data"], raters="rows"), known["expected"]
    assert concordance == pytest.approx(expected["W_tie_corrected"], abs=known["tolerance"])
    chi_squared = len(known["data"]) * expected["df"] * concordance
    assert chi_squared == pytest.approx(expected["friedman_chi2"], abs=known["tolerance"])


def test_kappa_is_that_of_the_worked_example() -> None:
    assert round(fleiss_kappa(PLACED), 3) == KAPPA


def test_kappa_agrees_to_full_precision() -> None:
    known = case("fleiss_kappa")
    assert fleiss_kappa(known["data"]) == pytest.approx(known["expected"], abs=known["tolerance"])
