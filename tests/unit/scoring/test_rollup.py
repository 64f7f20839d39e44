"""Roll-up: the parent's score is the documented mean of its children's; what is missing is named, and never zero."""

import math
from typing import Any

import pandas as pd
import pytest

from scoring.rollup import roll_up

NAN = math.nan


def rolled(scores: dict[str, float], **more: Any) -> dict[str, Any]:
    """The one row of a parent P with these children."""
    table = pd.DataFrame({"unit": list(scores), "parent": "P", "score": list(scores.values()), **more})
    return dict(roll_up(table).iloc[0])


def test_the_parent_scores_the_mean_of_its_children_each_with_the_same_weight() -> None:
    found = rolled({"a": 82.375, "b": 70.5, "c": 68.0})
    assert found["score"] == pytest.approx((82.375 + 70.5 + 68.0) / 3, abs=1e-12)
    assert (found["n"], found["of"], found["missing"]) == (3, 3, ())


def test_weights_count_in_proportion_whatever_their_unit() -> None:
    scores = {"a": 90.0, "b": 60.0}
    assert rolled(scores, weight=[2, 1])["score"] == rolled(scores, weight=[200, 100])["score"] == 80.0


def test_a_missing_child_is_named_and_never_zero_and_the_others_share_its_weight() -> None:
    found = rolled({"a": 80.0, "b": NAN, "c": 70.0, "d": 60.0}, weight=[2, 5, 1, 1])
    assert found["score"] == 72.5
    assert (found["n"], found["of"], found["missing"]) == (3, 4, ("b",))


def test_a_score_of_zero_is_a_score() -> None:
    assert rolled({"a": 0.0, "b": 50.0})["score"] == 25.0


@pytest.mark.parametrize("scores", [{"a": 80.0, "b": NAN}, {"a": 80.0, "b": 70.0, "c": NAN}, {"a": NAN}])
def test_while_one_is_missing_three_others_must_be_there(scores: dict[str, float]) -> None:
    assert math.isnan(rolled(scores)["score"])


def test_one_or_two_children_are_enough_when_none_is_missing() -> None:
    assert rolled({"a": 80.0})["score"] == 80.0
    assert rolled({"a": 80.0, "b": 70.0})["score"] == 75.0


def test_each_parent_has_its_own_row_in_the_order_of_codes() -> None:
    table = pd.DataFrame({"unit": ["a", "b", "c"], "parent": ["Q", "P", "Q"], "score": [10.0, 20.0, 30.0]})
    assert roll_up(table)[["parent", "score"]].to_numpy().tolist() == [["P", 20.0], ["Q", 20.0]]
    assert roll_up(table.iloc[:0]).empty


@pytest.mark.parametrize("weight", [0, -1, NAN, math.inf])
def test_a_weight_that_is_none_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        rolled({"a": 80.0, "b": 70.0}, weight=[1, weight])
