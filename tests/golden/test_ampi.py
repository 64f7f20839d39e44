"""The tree against the adjusted Mazziotta-Pareto index of 26 countries in three years.

M. Mazziotta and A. Pareto (2016), Social Indicators Research 127(3), on Eurostat's Europe 2020 indicators, computed by
the R package Compind 3.4. Two countries stand here; the whole tables are not part of the project, and without them the
test that needs them is skipped.
"""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from evalsys.config import PROJECT
from scoring.frames import Floats
from scoring.scheme import Node, Scheme
from scoring.tree import Scores, Values, evaluate

CASES = PROJECT.parent / "shared" / "cases" / "ampi"
INDICATORS = ["employ", "rd_gdp", "early_leavers", "tertiary"]
# Normalised figures around the reference year (70 to 130), the index and the penalty for imbalance; 2008.
AUSTRIA = ((109.12, 119.913793103448, 106.362533365688, 84.7899159663866), 103.500, 1.54619756997229)
BELGIUM = ((92.08, 107.844827586207, 102.766318854647, 119.579831932773), 104.641, 0.926634694280774)


def scheme(aggregation: str) -> Scheme:
    leaves = tuple(Node(code, Fraction(1, 4)) for code in INDICATORS)
    return Scheme("ampi", (), Node("index", Fraction(1), children=leaves, aggregation=aggregation), ())


def climb(figures: Floats, aggregation: str) -> Scores:
    values = Values(np.empty((*figures.shape, 0)), figures, np.ones(figures.shape, dtype=bool))
    return evaluate(values, scheme(aggregation))


def test_the_index_is_the_mean_less_the_penalty_for_imbalance() -> None:
    figures = np.array([AUSTRIA[0], BELGIUM[0]])
    found = climb(figures, "ampi-").score[:, 0]
    assert found == pytest.approx([AUSTRIA[1], BELGIUM[1]], abs=5.1e-4)
    assert figures.mean(axis=1) - found == pytest.approx([AUSTRIA[2], BELGIUM[2]], abs=1e-9)
    assert climb(figures, "ampi+").score[:, 0] - figures.mean(axis=1) == pytest.approx([AUSTRIA[2], BELGIUM[2]])


@pytest.mark.skipif(not CASES.is_dir(), reason="the reference cases are not here")
def test_all_78_indices_and_penalties_equal_the_reference() -> None:
    known = pd.read_csv(CASES / "expected.csv").merge(
        pd.read_csv(CASES / "expected_normalised.csv"), on=["geo", "year"], validate="one_to_one"
    )
    figures = known[INDICATORS].to_numpy()
    scores = climb(figures, "ampi-")
    assert len(known) == 78
    assert np.abs(scores.score[:, 0] - known["ampi"]).max() <= 5.1e-4
    assert np.abs(figures.mean(axis=1) - scores.score[:, 0] - known["penalty"]).max() <= 1e-9
    assert (scores.gradient[:, 0, :, 0] * figures).sum(axis=1) == pytest.approx(scores.score[:, 0], abs=1e-9)
