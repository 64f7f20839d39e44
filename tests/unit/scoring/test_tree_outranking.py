"""Outranking and Copeland's score: pairs, ties, gaps, weights of their own."""

import math

import numpy as np
import pytest

from scoring.tree import aggregate_children, copeland, outranking
from scoring.tree.outranking import ROWS

X = math.nan


def test_a_pair_is_won_by_the_weight_of_its_criteria_and_half_of_those_that_tie() -> None:
    values = np.array([[3.0, 2.0, 5.0], [1.0, 2.0, 6.0]])
    matrix = outranking(values, np.array([0.5, 0.3, 0.2]))
    assert matrix == pytest.approx(np.array([[0, 0.65], [0.35, 0]]))
    assert copeland(values, np.array([0.5, 0.3, 0.2])).tolist() == [1, -1]


def test_a_half_is_a_half_even_when_the_last_bit_says_otherwise() -> None:
    weights = np.array([0.1, 0.1, 0.1, 0.3])
    values = np.array([[2.0, 2.0, 2.0, 1.0], [1.0, 1.0, 1.0, 2.0]])
    assert outranking(values, weights)[0, 1] == pytest.approx(0.5, abs=1e-15)
    assert copeland(values, weights).tolist() == [0, 0]
    assert copeland(values, np.array([0.1, 0.1, 0.1, 0.3 + 1e-9])).tolist() == [-1, 1]


def test_numbers_that_differ_in_the_last_bit_tie() -> None:
    assert outranking(np.array([[0.1 + 0.2], [0.3]]), np.array([1.0]))[0, 1] == 0.5
    assert outranking(np.array([[0.3 + 1e-9], [0.3]]), np.array([1.0]))[0, 1] == 1


def test_a_pair_is_compared_on_what_both_have() -> None:
    values = np.array([[3.0, X], [1.0, 9.0], [X, 5.0], [X, X]])
    matrix = outranking(values, np.array([0.25, 0.75]))
    assert np.isnan(matrix).tolist() == [
        [False, False, True, True],
        [False, False, False, True],
        [True, False, False, True],
        [True, True, True, False],
    ]
    assert (matrix[0, 1], matrix[1, 0], matrix[1, 2], matrix[2, 1]) == (1, 0, 1, 0)
    assert matrix.diagonal().tolist() == [0, 0, 0, 0]
    assert copeland(values, np.array([0.25, 0.75])).tolist() == [1, 0, -1, 0]
    assert np.isnan(aggregate_children("copeland", values, np.array([0.25, 0.75]))).tolist() == [False] * 3 + [True]


def test_units_that_weigh_a_criterion_differently_are_compared_by_the_mean_weight() -> None:
    values = np.array([[3.0, 1.0], [1.0, 2.0]])
    weights = np.array([[0.9, 0.1], [0.3, 0.7]])
    assert outranking(values, weights) == pytest.approx(np.array([[0, 0.6], [0.4, 0]]))
    assert outranking(values, np.array([[1.0, 0.0], [0.5, 0.5]]))[0, 1] == 1


def test_a_criterion_that_one_of_them_does_not_weigh_is_not_compared() -> None:
    values = np.array([[1.0, 9.0], [2.0, 1.0]])
    assert copeland(values, np.array([[1.0, 0.0], [0.1, 0.9]])).tolist() == [-1, 1]


def test_many_units_are_compared_in_parts_with_the_same_result() -> None:
    values = np.arange(float(ROWS + 3))[:, None]
    found = copeland(values, np.array([1.0]))
    assert found.tolist() == [2 * place - (ROWS + 2) for place in range(ROWS + 3)]


def test_a_unit_alone_scores_zero() -> None:
    assert copeland(np.array([[3.0]]), np.array([1.0])).tolist() == [0]
