"""Sobol indices: the design of the sample, the estimators, the interval."""

import warnings

import numpy as np
import pytest
from scipy.stats import qmc

from scoring.frames import Floats, InputError
from scoring.uncertainty.sequence import sobol_points
from scoring.uncertainty.sobol import saltelli_sample, sobol_indices


def test_each_swapped_sample_is_the_first_with_one_column_of_the_second() -> None:
    points = saltelli_sample(3, 5, np.random.default_rng(2)).reshape(5, 5, 3)
    own, other = points[0], points[1]
    for number in range(3):
        for column in range(3):
            assert (points[2 + number][:, column] == (other if column == number else own)[:, column]).all()


def test_points_are_those_of_sobols_sequence_but_for_the_shift() -> None:
    found = sobol_points(64, 20, np.random.default_rng(7))
    whole = (found * 2**32).astype(np.uint64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = (qmc.Sobol(20, scramble=False, bits=32).random(64) * 2**32).astype(np.uint64)
    assert ((whole ^ whole[0]) == known).all()
    shift = np.random.default_rng(7).integers(0, 2**32, 20, dtype=np.uint64)
    assert found[0].tolist() == ((shift + 0.5) / 2**32).tolist()
    assert sobol_points(1, 1, np.random.default_rng(7)).shape == (1, 1)


@pytest.mark.parametrize("columns", [0, 21])
def test_points_of_too_many_columns_are_refused(columns: int) -> None:
    with pytest.raises(InputError, match=f"^columns {columns}: from 1 to 20$"):
        sobol_points(4, columns, np.random.default_rng(7))


def test_the_estimators_are_saltellis_and_jansens() -> None:
    seen: list[Floats] = []

    def model(points: Floats) -> Floats:
        seen.append(points)
        return np.asarray(100 + points[:, 0] * points[:, 1] + points[:, 1])

    found = sobol_indices(model, 2, 16, np.random.default_rng(4))
    (points,) = seen
    results = (100 + points[:, 0] * points[:, 1] + points[:, 1]).reshape(4, 16)
    variance = results[:2].var()
    centred = results - results[:2].mean()
    for number in range(2):
        first = np.mean(centred[1] * (centred[2 + number] - centred[0])) / variance
        total = np.mean((results[0] - results[2 + number]) ** 2) / 2 / variance
        assert found.first[number] == pytest.approx(first)
        assert found.total[number] == pytest.approx(total)


def test_the_interval_is_that_of_a_bootstrap_of_the_samples() -> None:
    found = sobol_indices(lambda x: x[:, 0] + x[:, 1], 2, 400, np.random.default_rng(6))
    assert (found.first_low <= found.first).all()
    assert (found.first <= found.first_high).all()
    assert (found.total_low <= found.total).all()
    assert (found.total <= found.total_high).all()
    results = saltelli_sample(2, 400, rng := np.random.default_rng(6)).sum(axis=1).reshape(4, 400)
    totals = []
    for rows in rng.integers(0, 400, (500, 400)):
        drawn = results[:, rows]
        totals.append(((drawn[0] - drawn[2]) ** 2).mean() / 2 / drawn[:2].var())
    assert [found.total_low[0], found.total_high[0]] == pytest.approx(np.quantile(totals, [0.025, 0.975]))


def test_the_same_generator_gives_the_same_indices() -> None:
    one, two = (sobol_indices(lambda x: x[:, 0] ** 2, 1, 32, np.random.default_rng(9)) for _ in range(2))
    assert (one.first, one.first_low, one.total_high) == (two.first, two.first_low, two.total_high)
    assert sobol_indices(lambda x: x[:, 0] ** 2, 1, 32, np.random.default_rng(8)).first != one.first


def test_a_result_that_never_moves_has_no_indices() -> None:
    found = sobol_indices(lambda x: np.ones(len(x)), 2, 4, np.random.default_rng(1))
    assert np.isnan([found.first, found.first_low, found.first_high]).all()
    assert np.isnan([found.total, found.total_low, found.total_high]).all()


@pytest.mark.parametrize(("inputs", "samples"), [(0, 8), (11, 8), (2, 1)])
def test_a_design_without_inputs_or_samples_is_refused(inputs: int, samples: int) -> None:
    text = f"^inputs {inputs}, samples {samples}: from 1 to 10 inputs and at least 2 samples$"
    with pytest.raises(InputError, match=text):
        sobol_indices(lambda x: x[:, 0], inputs, samples, np.random.default_rng(1))


def test_the_smallest_and_the_widest_design_are_allowed() -> None:
    assert sobol_indices(lambda x: x[:, 0], 1, 2, np.random.default_rng(1)).first.shape == (1,)
    assert sobol_indices(lambda x: x[:, 0], 10, 2, np.random.default_rng(1)).first.shape == (10,)
