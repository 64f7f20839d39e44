"""What a reader of linear relations can work out."""

import numpy as np
import pytest

from scoring.frames import Floats
from scoring.suppress.attack import Known, are_open, is_told, null_space, room, without_plain


def known(rows: object, point: object, high: float = 100.0) -> Known:
    true = np.array(point, dtype=float)
    return Known(
        np.array(rows, dtype=float).reshape(-1, true.size), true, np.zeros(true.size), np.full(true.size, high)
    )


def only(place: int, size: int) -> Floats:
    return np.asarray(np.eye(size)[place], dtype=np.float64)


def test_where_nothing_is_shown_a_figure_can_be_anything() -> None:
    assert room(known([], [30, 80]), only(0, 2), 200) == 100
    assert room(known([], [0, 100]), only(1, 2), 200) == 100


def test_a_mean_and_all_figures_but_one_tell_that_one() -> None:
    shown = known([[0.5, 0.3, 0.2], [1, 0, 0], [0, 1, 0]], [50, 60, 70])
    assert room(shown, only(2, 3), 200) == 0
    assert is_told(shown, only(2, 3), 1e-6)


def test_two_figures_of_a_mean_have_the_room_that_each_leaves_the_other() -> None:
    pair = known([[0.9, 0.1]], [50, 60])
    assert room(pair, only(0, 2), 200) == pytest.approx(100 / 9)
    assert room(pair, only(1, 2), 200) == pytest.approx(100)
    assert not is_told(pair, only(0, 2), 100 / 9)
    assert is_told(pair, only(0, 2), 11.2)


def test_bounds_leave_little_room_near_the_end_of_the_scale() -> None:
    assert room(known([[0.5, 0.5]], [98, 96]), only(0, 2), 200) == pytest.approx(6)
    assert room(known([[0.5, 0.5]], [98, 96], high=200), only(0, 2), 400) == pytest.approx(194)


def test_a_figure_that_meets_its_bound_stays_and_the_others_go_on() -> None:
    shown = known([[0.2, 0.4, 0.4]], [50, 99, 10])
    assert room(shown, only(0, 3), 200) == pytest.approx(100)
    assert room(known([[0.5, 0.25, 0.25]], [50, 99, 10]), only(0, 3), 200) == pytest.approx(95.5)


def test_looking_ends_where_there_is_enough() -> None:
    pair = known([[1, 1]], [50, 50])
    assert room(pair, only(0, 2), 20) == 50
    assert room(pair, only(0, 2), 60) == 100


def test_one_step_finds_the_open_ones_and_none_that_is_told() -> None:
    shown = known([[1, 1, 0], [0, 0, 1]], [30, 80, 20])
    aims = np.vstack([np.eye(3), [[1, 1, 0]], [[0, 0, 0]]])
    assert are_open(shown, aims, np.full(5, 10.0)).tolist() == [True, True, False, False, False]
    assert are_open(shown, aims, np.full(5, 89.9)).tolist() == [True, True, False, False, False]
    assert are_open(shown, aims, np.full(5, 90.1)).tolist() == [False] * 5
    assert are_open(known([], [30, 80]), np.eye(2), np.array([100.0, 100.1])).tolist() == [True, False]


def test_the_null_space_is_what_rows_do_not_notice() -> None:
    assert null_space(np.zeros((0, 3))).shape == (3, 3)
    assert null_space(np.ones((2, 3))).shape == (2, 3)
    assert null_space(np.eye(2)).shape == (0, 2)
    assert null_space(np.array([[1.0, 1.0], [1.0, 1.0 + 1e-11]])).shape == (1, 2)
    assert np.abs(np.array([[1.0, 2.0, 3.0]]) @ null_space(np.array([[1.0, 2.0, 3.0]])).T).max() < 1e-12


def test_plain_figures_are_taken_out_one_after_the_other() -> None:
    shown = known([[1, 0, 0, 0], [0.5, 1, 0, 0], [0, 0.5, 1, 1]], [10, 20, 30, 40])
    rest, aims = without_plain(shown, np.eye(4))
    assert rest.rows.tolist() == [[1, 1]]
    assert rest.point.tolist() == [30, 40]
    assert rest.low.tolist() == [0, 0]
    assert rest.high.tolist() == [100, 100]
    assert aims.tolist() == [[0, 0], [0, 0], [1, 0], [0, 1]]
