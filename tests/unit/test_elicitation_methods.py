"""Answers of board members: which are whole, and the weights that they mean."""

from typing import Any

import pytest

from evalsys.errors import Invalid
from evalsys.services.elicitations.methods import METHODS, SCALE, pairs_of, read_answer

PARTS = ("a", "b", "c")


def points(*numbers: str) -> dict[str, Any]:
    return {"points": dict(zip(PARTS, numbers, strict=True))}


def pairs(*values: str) -> dict[str, Any]:
    return {"pairs": [[*pair, value] for pair, value in zip(pairs_of(PARTS), values, strict=False)]}


@pytest.mark.parametrize(
    ("method", "body", "weights"),
    [
        ("budget", points("50", "33.5", "16.5"), [0.5, 0.335, 0.165]),
        ("swing", points("100", "60", "40"), [0.5, 0.3, 0.2]),
        ("rank", {"places": {"a": 1, "b": 3, "c": 2}}, [11 / 18, 2 / 18, 5 / 18]),
        ("ahp", pairs("2", "4", "2"), [4 / 7, 2 / 7, 1 / 7]),
        ("ahp", pairs("1/2", "1/4", "1/2"), [1 / 7, 2 / 7, 4 / 7]),
    ],
)
def test_a_whole_answer_means_weights(method: str, body: dict[str, Any], weights: list[float]) -> None:
    given = read_answer(method, PARTS, body)
    assert given.weights.tolist() == pytest.approx(weights)
    assert (given.judgements is not None) == (method == "ahp")


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("budget", points("50", "20", "29")),
        ("budget", points("120", "-20", "0")),
        ("budget", points("50", "20", "30.000001")),
        ("budget", {"points": {"a": "100"}}),
        ("budget", {"points": {"a": "50", "b": "50", "c": "0", "d": "0"}}),
        ("budget", points("NaN", "NaN", "NaN")),
        ("budget", points("many", "0", "0")),
        ("budget", {"places": {"a": 1, "b": 2, "c": 3}}),
        ("rank", {"places": {"a": 1, "b": 1, "c": 2}}),
        ("rank", {"places": {"a": 0, "b": 1, "c": 2}}),
        ("swing", points("90", "20", "10")),
        ("swing", points("100", "101", "0")),
        ("ahp", pairs("3", "10", "1/2")),
        ("ahp", pairs("3", "5")),
        ("ahp", pairs("0", "1/0", "1")),
        ("ahp", {"pairs": [["a", "x", "3"]]}),
        ("ahp", {"pairs": [["a", "b"]]}),
        ("ahp", {}),
    ],
)
def test_half_an_answer_or_a_wrong_one_is_refused(method: str, body: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read_answer(method, PARTS, body)


def test_the_scale_runs_from_nine_to_a_ninth_and_every_way_to_ask_is_known() -> None:
    assert (SCALE[0], SCALE[8], SCALE[-1], len(SCALE)) == ("9", "1", "1/9", 17)
    assert METHODS == ("budget", "ahp", "rank", "swing")
