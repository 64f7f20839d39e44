"""The tree against the human development indices as published: HDI, inequality-adjusted and planetary.

UNDP, Human Development Report 2021/22, technical notes 1 and 2 and statistical annex. A few countries stand here; the
whole tables are not part of the project, and without them the tests that need them are skipped.
"""

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalsys.config import PROJECT
from scoring.frames import Floats
from scoring.rank import rank_scores, round_half_up
from scoring.scheme import Node, Scheme
from scoring.tree import Values, evaluate

CASES = PROJECT.parent / "shared" / "cases" / "hdi"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the reference cases are not here")

# Life expectancy, expected and mean years of schooling, income (GNI per head, 2017 PPP $), HDI; 2021.
COUNTRIES = {
    "Switzerland": (83.9872, 16.50029945, 13.85966015, 66933.00454, 0.962),
    "Norway": (83.2339, 18.18519974, 13.00362968, 64660.10622, 0.961),
    "Montenegro": (76.3426, 15.08160973, 12.17648306, 20838.80129, 0.832),
    "Fiji": (67.114, 14.73679, 10.92154799, 9980.110866, 0.730),
    "Myanmar": (65.6716, 10.90913752, 6.37680006, 3850.524234, 0.585),
    "South Sudan": (54.9752, 5.54251, 5.726140022, 767.787, 0.385),
}
# Loss by inequality in health, education and income, percent; inequality-adjusted HDI.
LOSSES = {
    "Switzerland": (3.103429079, 2.01457, 15.58172, 0.894),
    "Norway": (2.541614532, 2.3324, 11.43144, 0.908),
    "Montenegro": (2.293318987, 7.81501, 16.92405, 0.756),
    "South Sudan": (36.97409058, 39.55255, 32.25296, 0.245),
}
POSTS = np.array([[20.0, 0.0, 0.0, 100.0], [85.0, 18.0, 15.0, 75000.0]])
FIGURES = ["life_expectancy", "expected_years_schooling", "mean_years_schooling", "gni_per_capita_2017ppp"]
INEQUALITY = ["inequality_pct_health", "inequality_pct_education", "inequality_pct_income"]
THIRD, HALF = Fraction(1, 3), Fraction(1, 2)
SCHOOLING = (Node("expected", HALF), Node("mean", HALF))
DIMENSIONS = (Node("health", THIRD), Node("education", THIRD, children=SCHOOLING), Node("income", THIRD))
HDI = Scheme("hdi", (), Node("hdi", Fraction(1), children=DIMENSIONS, aggregation="geometric"), (), rank_decimals=3)
SIMPLE = tuple(Node(code, THIRD) for code in ("health", "education", "income"))
IHDI = Scheme("ihdi", (), Node("ihdi", Fraction(1), children=SIMPLE, aggregation="geometric"), ())


def normalise(figures: Floats) -> Floats:
    """Between the goalposts and no further; income by its logarithm."""
    figures, (low, high) = figures.copy(), POSTS.copy()
    for values in (figures[:, 3], low[3:], high[3:]):
        values[:] = np.log(values)
    return np.asarray(np.clip((figures - low) / (high - low), 0.0, 1.0))


def climb(given: Floats, scheme: Scheme) -> Floats:
    """Scores of all nodes, shape (units, nodes)."""
    return evaluate(Values(np.empty((*given.shape, 0)), given, np.ones(given.shape, dtype=bool)), scheme).score


def rounded(scores: Floats) -> list[float]:
    return [float(round_half_up(score, 3)) for score in scores]


def lose(figures: Floats, losses: Floats) -> Floats:
    """The dimensions of the HDI less what inequality takes."""
    dimensions = climb(normalise(figures), HDI)[:, [1, 2, 5]]
    return np.asarray(dimensions * (1 - losses / 100))


def read(name: str) -> pd.DataFrame:
    rows: pd.DataFrame = pd.read_csv(CASES / name)
    return rows


def read_rule(name: str) -> dict[str, Any]:
    return dict(json.loads((CASES / name).read_text(encoding="utf-8")))


def test_printed_development_indices_come_out_of_the_tree() -> None:
    table = np.array(list(COUNTRIES.values()))
    assert rounded(climb(normalise(table[:, :4]), HDI)[:, 0]) == table[:, 4].tolist()


def test_printed_indices_adjusted_for_inequality_come_out_of_the_tree() -> None:
    figures = np.array([COUNTRIES[name][:4] for name in LOSSES])
    table = np.array(list(LOSSES.values()))
    assert rounded(climb(lose(figures, table[:, :3]), IHDI)[:, 0]) == table[:, 3].tolist()


@needs_cases
def test_all_191_development_indices_ranks_and_bands_are_the_published_ones() -> None:
    known = read("hdi_2021.csv")
    index = climb(normalise(known[FIGURES].to_numpy()), HDI)[:, 0]
    assert rounded(index) == known["hdi_published"].to_list()
    assert rank_scores(index, HDI).tolist() == known["hdi_rank_published"].to_list()
    bands = read_rule("hdi_case.json")["bands"]
    found = [next(band["name"] for band in bands if score >= band["min"]) for score in rounded(index)]
    assert found == known["hdi_band_published"].to_list()
    assert len(found) == 191


@needs_cases
def test_ranks_of_unrounded_indices_are_not_the_published_ones() -> None:
    known = read("hdi_2021.csv")
    index = climb(normalise(known[FIGURES].to_numpy()), HDI)[:, 0]
    ranks = np.array([1 + (index > own).sum() for own in index])
    assert (ranks == known["hdi_rank_published"]).sum() == 162


@needs_cases
def test_all_1076_development_indices_of_other_years_are_the_published_ones() -> None:
    known = read("hdi_series.csv")
    assert rounded(climb(normalise(known[FIGURES].to_numpy()), HDI)[:, 0]) == known["hdi_published"].to_list()
    assert len(known) == 1076


@needs_cases
def test_all_156_indices_adjusted_for_inequality_are_the_published_ones_and_the_others_are_missing() -> None:
    known = read("hdi_2021.csv")
    complete = known[INEQUALITY].notna().all(axis=1)
    assert complete.sum() == 156
    assert (complete == known["ihdi_published"].notna()).all()
    known = known[complete]
    dimensions = lose(known[FIGURES].to_numpy(), known[INEQUALITY].to_numpy())
    assert rounded(climb(dimensions, IHDI)[:, 0]) == known["ihdi_published"].to_list()


@needs_cases
def test_all_155_indices_adjusted_for_planetary_pressure_start_from_the_rounded_index() -> None:
    known, rule = read("hdi_2021.csv"), read_rule("phdi_case.json")
    known = known[known["phdi_published"].notna()]
    pressure = known[["co2_production_per_capita_t", "material_footprint_per_capita_t"]].to_numpy()
    adjustment = (1 - pressure / np.array([rule["co2_max"], rule["mf_max"]])).mean(axis=1)
    index = climb(normalise(known[FIGURES].to_numpy()), HDI)[:, 0]
    published = known["phdi_published"].to_list()
    assert len(published) == 155
    assert rounded(np.array(rounded(index)) * adjustment) == published
    assert sum(own == other for own, other in zip(rounded(index * adjustment), published, strict=True)) == 119
