import json

import numpy as np
import pandas as pd
import pytest

from scoring.frames import COLUMNS, InputError, finish, significant
from scoring.pipeline import ENGINE_VERSION, run
from scoring.rank import round_half_up
from scoring.result import Result
from tests.unit.scoring.rounds import SMALL_FORMS, cell, score, small_scheme, table, units

C, E = SMALL_FORMS["c"], SMALL_FORMS["e"]


def some_cells() -> pd.DataFrame:
    return table(
        cell("U02", C, "b", [[5, 3], [4, 6], [1, 1]]),
        cell("U01", C, "a", [[2, 3], [3, 3], [0, 7], [5, 4]]),
        cell("U01", C, "b", [[2, 5]]),
        cell("U01", E, "all", [[61], [77]]),
        cell("U02", C, "moon", [[1, 1]]),
    )


def some_result() -> Result:
    return score(some_cells(), None, U01="A", U02="A", U03="B")


def test_a_result_says_what_it_was_made_from() -> None:
    result = some_result()
    assert result.scheme_digest == small_scheme().digest
    assert result.engine_version == ENGINE_VERSION
    assert 0 <= result.seed < 2**63
    assert len(result.input_digest) == len(result.digest) == 64


def test_every_stage_has_its_columns_and_types() -> None:
    stages = some_result().stages
    assert list(stages) == list(COLUMNS)
    for name, frame in stages.items():
        assert {column: str(kind) for column, kind in frame.dtypes.items()} == dict(COLUMNS[name])


def test_a_result_survives_its_json() -> None:
    result = some_result()
    back = Result.from_json(result.to_json())
    assert back.to_json() == result.to_json()
    for name, frame in result.stages.items():
        pd.testing.assert_frame_equal(back.stages[name], frame)


def test_an_empty_result_survives_its_json() -> None:
    result = score(table())
    assert Result.from_json(result.to_json()).digest == result.digest


def test_json_knows_no_nan() -> None:
    content = json.loads(some_result().to_json())
    scores = content["stages"]["scores"]
    assert scores["score"][2] is None
    assert scores["rank"] == [1, None, None]


def test_the_same_input_gives_the_same_bytes_in_any_row_order() -> None:
    names = units(U01="A", U02="A", U03="B")
    turned = dict(reversed(SMALL_FORMS.items()))
    again = run(some_cells().iloc[::-1], turned, names.iloc[[2, 0, 1]], small_scheme())
    assert again.to_json() == some_result().to_json()


def test_a_cell_in_two_parts_gives_the_same_scores() -> None:
    whole = table(cell("U01", C, "a", [[5, 3], [4, 2], [1, 1], [2, 5]]))
    parts = table(cell("U01", C, "a", [[4, 2], [1, 1]]), cell("U01", C, "a", [[5, 3], [2, 5]]))
    for stage in ("scores", "means", "groups", "contributions", "distribution"):
        pd.testing.assert_frame_equal(score(parts).stages[stage], score(whole).stages[stage])


def test_another_answer_or_another_weight_is_another_digest() -> None:
    result, fewer = some_result(), score(some_cells().iloc[1:], None, U01="A", U02="A", U03="B")
    other = score(some_cells(), small_scheme(rank_decimals=2), U01="A", U02="A", U03="B")
    assert fewer.input_digest != result.input_digest
    assert other.input_digest == result.input_digest
    assert len({result.seed, fewer.seed, other.seed}) == 3
    assert len({result.digest, fewer.digest, other.digest}) == 3


def test_numbers_keep_12_significant_digits_whatever_their_size() -> None:
    values = np.array([75.68750000000001, 0.0, -1.0000000000001, 1e-7 / 3, np.nan, np.inf, 123456789012.6])
    expected = [75.6875, 0.0, -1.0, 3.33333333333e-8, np.nan, np.inf, 123456789013.0]
    assert significant(values).tolist() == pytest.approx(expected, rel=1e-15, nan_ok=True)


def test_a_stage_without_one_of_its_columns_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="published_units"):
        finish(pd.DataFrame({"category": ["A"], "units": [1]}), "categories")


def test_an_input_error_is_a_value_error() -> None:
    assert issubclass(InputError, ValueError)


@pytest.mark.parametrize(
    ("x", "decimals", "shown"),
    [
        (75.685, 2, "75.69"),
        (75.68499999999995, 2, "75.69"),
        (75.6849999, 2, "75.68"),
        (0.5, 0, "1"),
        (1.5, 0, "2"),
        (2.5, 0, "3"),
        (99.95, 1, "100.0"),
        (0.0, 2, "0.00"),
    ],
)
def test_halves_are_rounded_up(x: float, decimals: int, shown: str) -> None:
    assert str(round_half_up(x, decimals)) == shown
