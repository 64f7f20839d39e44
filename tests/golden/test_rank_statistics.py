"""Statistics of ranks over stored weight draws, and Sobol indices of functions that have them in closed form.

The reference files are not part of the project; without them those tests are skipped.
"""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from evalsys.config import PROJECT
from scoring.tree import Values
from scoring.uncertainty import score_draws, weight_sets
from scoring.uncertainty.ranks import Ranking, outperform, rank_draws, share_within, summarise_ranks
from scoring.uncertainty.sobol import sobol_indices
from tests.golden.test_asem_trees import make_scheme, normalise_minmax, read, read_case

CASES = PROJECT.parent / "shared" / "cases"
K1 = "asem/k1_weight_draws.csv"
UNROUNDED = Ranking(decimals=None)


def known(path: str) -> Path:
    if not (CASES / path).exists():
        pytest.skip(f"the reference cases are not here: {CASES / path} is missing")
    return CASES / path


def rows(path: str) -> list[dict[str, str]]:
    with known(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def case(path: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(known(path).read_text(encoding="utf-8"))
    return read


def stored_draws() -> tuple[list[str], npt.NDArray[np.float64]]:
    """Units and their scores, shape (draws, units)."""
    table = rows("asem/k2_scores_by_draw.csv")
    scores = [[float(value) for name, value in row.items() if name != "uCode"] for row in table]
    return [row["uCode"] for row in table], np.array(scores).T


def test_ranks_over_the_draws_have_the_stored_statistics() -> None:
    tolerance = case("asem/k.json")["tolerance"]["quantile"]
    units, scores = stored_draws()
    ranks = rank_draws(scores, UNROUNDED)
    summary = summarise_ranks(ranks)
    expected = {row["uCode"]: row for row in rows("asem/k3_rank_statistics.csv")}
    assert len(expected) == len(units) == 51
    found = {"MeanRank": summary.mean, "MedianRank": summary.median, "Q5": summary.low, "Q95": summary.high}
    found |= {f"ProbTop{last}": share_within(ranks, last) for last in (1, 5, 10)}
    for name, values in found.items():
        assert values == pytest.approx([float(expected[unit][name]) for unit in units], abs=tolerance), name


def test_drawn_weights_give_the_stored_scores() -> None:
    """Two hundred sets of weights of pillars and sub-indexes, indicators as in the nominal case, 63 cells missing."""
    known("asem/k.json")
    nominal = read_case("a2")
    scheme = make_scheme(nominal)
    figures = normalise_minmax(read("indicators_raw.csv").set_index("uCode"), nominal)
    units, stored = stored_draws()
    given = figures.loc[units, [leaf.code for leaf in scheme.leaves()]].to_numpy()
    values = Values(np.empty((*given.shape, 0)), given, np.ones(given.shape, dtype=bool))
    sets = [{name: float(value) for name, value in row.items() if name != "draw"} for row in rows(K1)]
    weights = weight_sets(scheme, {str(number): one for number, one in enumerate(sets)})
    scores = score_draws(values, scheme, weights)
    assert scores == pytest.approx(stored, abs=case("asem/k.json")["tolerance"]["score"])
    assert (rank_draws(scores, UNROUNDED) == rank_draws(stored, UNROUNDED)).all()


def test_pairs_are_won_as_often_as_stored() -> None:
    units, scores = stored_draws()
    above = outperform(rank_draws(scores, UNROUNDED))
    for row in rows("asem/k4_pairwise_outperform_prob.csv"):
        for other in row.keys() - {"uCode"}:
            assert above[units.index(row["uCode"]), units.index(other)] == pytest.approx(float(row[other]), abs=1e-12)


# A. Saltelli et al. (2008), Global Sensitivity Analysis: The Primer: Ishigami's function with a = 7, b = 0.1.
ISHIGAMI_FIRST, ISHIGAMI_TOTAL = [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]


def ishigami(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    x = np.pi * (2 * points - 1)
    return np.asarray(np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


def linear(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(points @ [1.0, 2.0, 3.0])


@pytest.mark.parametrize("seed", range(4))
def test_indices_of_ishigamis_function_are_the_printed_ones(seed: int) -> None:
    found = sobol_indices(ishigami, 3, 8192, np.random.default_rng(seed))
    assert found.first == pytest.approx(ISHIGAMI_FIRST, abs=0.03)
    assert found.total == pytest.approx(ISHIGAMI_TOTAL, abs=0.03)


@pytest.mark.parametrize("seed", range(2))
def test_indices_agree_with_the_closed_form(seed: int) -> None:
    expected = {one["name"]: one for one in case("stats/sobol_analytic.json")["cases"]}
    for name, model in (("ishigami", ishigami), ("linear", linear)):
        found = sobol_indices(model, 3, 8192, np.random.default_rng(seed))
        assert found.first == pytest.approx(expected[name]["first_order"], abs=0.03)
        assert found.total == pytest.approx(expected[name]["total"], abs=0.03)
