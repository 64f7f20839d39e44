"""Weights, intervals and small-sample means against published numbers, and against the same to full precision.

The printed numbers stand here. The full-precision files are not part of the project; without them those tests are
skipped.
"""

import csv
import json
from typing import Any

import numpy as np
import pytest

from evalsys.config import PROJECT
from scoring.samples import (
    design_effect,
    effective_n,
    post_stratify,
    rake,
    rake_table,
    shrink,
    shrink_known,
    trimmed_mean,
    wilson,
)

CASES = PROJECT.parent / "shared" / "cases" / "stats"

# R. G. Newcombe (1998), Statistics in Medicine 17, 857-872, table I, Wilson score method: successes, n, bounds.
NEWCOMBE = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]

# O. L. Davies and P. L. Goldsmith (1972), Statistical Methods in Research and Production: yield of dyestuff of six
# batches; D. Bates, lme4: Mixed-effects Modeling with R, chapter 1, prints mean 1527.5, sd 42.00 and 49.51.
DYESTUFF = {
    "A": [1545, 1440, 1440, 1520, 1580],
    "B": [1540, 1555, 1490, 1560, 1495],
    "C": [1595, 1550, 1605, 1510, 1560],
    "D": [1445, 1440, 1595, 1465, 1545],
    "E": [1595, 1630, 1515, 1635, 1625],
    "F": [1520, 1455, 1450, 1480, 1445],
}

# B. Efron and C. Morris (1977), Scientific American 236: hits of 18 players at their first 45 at-bats in 1970; printed
# are the grand mean .265, the shrinking factor .212 and Clemente's .294.
HITS = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
AT_BATS = 45


def case(name: str) -> dict[str, Any]:
    path = CASES / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the reference cases are not here: {path} is missing")
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def schools(known: dict[str, Any]) -> dict[str, list[str]]:
    """The columns of the case's table of schools."""
    with (CASES / known["data"].split(":")[0]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}


def numbers(texts: list[str]) -> Any:
    return np.array(texts, dtype=np.float64)


def test_intervals_are_newcombes_own() -> None:
    for successes, n, low, high in NEWCOMBE:
        found = wilson(successes, n)
        assert [round(float(bound), 4) for bound in found] == [low, high]


def test_intervals_agree_to_full_precision() -> None:
    known = case("wilson_interval")
    for row in known["cases"]:
        found = [float(bound) for bound in wilson(row["successes"], row["n"])]
        assert found == pytest.approx(row["expected"], abs=known["tolerance"]["expected"])
        assert found == pytest.approx(row["printed"], abs=known["tolerance"]["printed"])


def test_the_trimmed_mean_is_that_of_the_manual() -> None:
    known = case("trimmed_mean")
    masses = [[1] * len(known["x"])]
    for share, name in ((0.0, "mean"), (0.1, "trim_0.10")):
        assert trimmed_mean(masses, known["x"], share) == pytest.approx(known["expected"][name], abs=known["tolerance"])


def test_a_two_way_table_is_raked_to_its_margins() -> None:
    known = case("raking_2way")
    found = rake_table(known["seed"], [([0], known["row_targets"]), ([1], known["column_targets"])])
    assert np.abs(found.weights - np.array(known["expected"])).max() < known["tolerance"]
    assert found.converged
    assert found.error < 1e-8


def test_a_three_way_table_is_raked_to_margins_of_one_and_two_axes() -> None:
    known = case("raking_3way")
    found = rake_table(known["seed"], [(target["axes"], target["values"]) for target in known["targets"]])
    assert np.abs(found.weights - np.array(known["expected"])).max() < known["tolerance"]


def test_schools_are_raked_from_their_design_weights() -> None:
    known = case("raking_apiclus1")
    table, expected, tolerance = schools(known), known["expected"], known["tolerance"]
    traits = {variable: table[variable] for variable in known["targets"]}
    found = rake(numbers(table["pw"]), traits, known["targets"])
    scores = numbers(table["api00"])
    assert np.average(scores, weights=found.weights) == pytest.approx(
        expected["raked_mean_api00"], abs=tolerance["mean"]
    )
    cells = {f"{a}/{b}": w for a, b, w in zip(table["stype"], table["sch.wide"], found.weights, strict=True)}
    assert cells == pytest.approx(expected["raked_cell_weights"], abs=tolerance["cell_weight"])
    assert found.weights == pytest.approx(numbers(table["raked"]), abs=tolerance["cell_weight"])
    assert found.weights.sum() == pytest.approx(expected["sum_of_weights"], abs=1e-6)
    assert effective_n(found.weights) == pytest.approx(expected["kish_effective_n_raked"], abs=1e-6)
    assert design_effect(found.weights) == pytest.approx(expected["kish_design_effect_raked"], abs=1e-8)


def test_schools_are_post_stratified_by_type() -> None:
    known = case("raking_apiclus1")
    table, expected = schools(known), known["expected"]
    found = post_stratify(numbers(table["pw"]), table["stype"], known["targets"]["stype"])
    assert found == pytest.approx(numbers(table["poststratified"]), abs=known["tolerance"]["cell_weight"])
    scores, enrolled = numbers(table["api00"]), numbers(table["enroll"])
    mean = np.average(scores, weights=found)
    assert mean == pytest.approx(expected["poststratified_mean_api00_by_stype"], abs=known["tolerance"]["mean"])
    assert found @ enrolled == pytest.approx(expected["poststratified_total_enroll"], abs=0.5)


def test_batches_are_shrunk_as_by_restricted_maximum_likelihood() -> None:
    table = np.array(list(DYESTUFF.values()), dtype=np.float64)
    found = shrink(table.mean(axis=1), [5] * 6, table.var(axis=1, ddof=1))
    assert round(found.mean, 1) == 1527.5
    assert (round(found.between**0.5, 2), round(found.within**0.5, 2)) == (42.00, 49.51)


def test_batches_agree_with_the_best_predictors() -> None:
    known = case("shrinkage_dyestuff")
    table = np.array(list(known["data"].values()), dtype=np.float64)
    found = shrink(table.mean(axis=1), [5] * 6, table.var(axis=1, ddof=1))
    expected, tolerance = known["expected"], known["tolerance"]
    assert found.values - found.mean == pytest.approx(list(expected["blup"].values()), abs=tolerance)
    assert found.reliability == pytest.approx(expected["reliability_lambda"], abs=tolerance)
    assert found.between == pytest.approx(1764.05, abs=1e-9)
    assert found.mean == pytest.approx(expected["mean"], abs=1e-9)
    assert found.note == ""


def test_batting_averages_are_shrunk_as_printed() -> None:
    averages = np.array(HITS) / AT_BATS
    grand = averages.mean()
    estimates, factor = shrink_known(averages, grand * (1 - grand) / AT_BATS)
    assert (round(grand, 3), round(factor, 3), round(float(estimates[0]), 3)) == (0.265, 0.212, 0.294)


def test_batting_averages_agree_to_full_precision() -> None:
    known = case("shrinkage_efron_morris")
    averages = np.array(known["hits"]) / known["at_bats"]
    expected, tolerance = known["expected"], known["tolerance"]
    estimates, factor = shrink_known(averages, expected["s2"])
    assert factor == pytest.approx(expected["c"], abs=tolerance)
    assert estimates == pytest.approx(expected["estimates"], abs=tolerance)
