"""Weights as they are written down, and the comparisons that contradict each other most."""

from decimal import Decimal
from itertools import permutations

import numpy as np
import pytest

from scoring.weighting import compare_pairs, find_worst_triple, round_to_hundred

ABC = ("a", "b", "c")
ABCD = ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("weights", "decimals", "said"),
    [
        ([0.5, 0.5, 0.1], 2, "add up to 1.1; allowed is 1"),
        ([1.2, -0.2, 0.0], 2, "'b' has -0.2; allowed are shares from 0"),
        ([0.5, 0.5, 0.0], 7, "7 decimals; allowed are 0 to 6"),
        ([0.5, 0.5, 0.0], -1, "-1 decimals"),
        ([0.5, 0.5], 2, "shape"),
        ([0.5, 0.5, np.nan], 2, "allowed are finite numbers"),
    ],
)
def test_what_cannot_be_written_as_percent_is_refused(weights: list[float], decimals: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        round_to_hundred(weights, ABC, decimals=decimals)


@pytest.mark.parametrize("decimals", range(7))
def test_percent_add_up_to_exactly_100_and_none_is_off_by_a_unit(decimals: int) -> None:
    generator = np.random.default_rng(7)
    for count in (1, 2, 3, 7, 40):
        names = [f"n{number}" for number in range(count)]
        for _ in range(50):
            weights = generator.dirichlet(np.full(count, 0.5))
            written = round_to_hundred(weights, names, decimals=decimals)
            assert sum(written) == 100
            off = [abs(float(one) - 100 * weight) for one, weight in zip(written, weights, strict=True)]
            assert max(off) < 10.0**-decimals + 1e-9


def test_equal_remainders_go_to_the_first_names() -> None:
    assert [int(one) for one in round_to_hundred([1 / 3] * 3, ABC, decimals=0)] == [34, 33, 33]
    assert round_to_hundred([2 / 3, 1 / 6, 1 / 6], ABC) == (Decimal("66.67"), Decimal("16.67"), Decimal("16.66"))


def test_comparisons_that_agree_have_no_worst_triple() -> None:
    judged = compare_pairs(ABC, [("a", "b", 2), ("b", "c", 3), ("a", "c", 6)])
    assert find_worst_triple(judged) is None


def test_the_worst_triple_is_found_wherever_it_stands_and_whichever_way_it_turns() -> None:
    agreed = {("a", "b"): 2.0, ("a", "c"): 4.0, ("a", "d"): 8.0, ("b", "c"): 2.0, ("b", "d"): 4.0, ("c", "d"): 2.0}
    judged = compare_pairs(ABCD, [(*pair, value) for pair, value in {**agreed, ("b", "d"): 1 / 4}.items()])
    worst = find_worst_triple(judged)
    assert worst is not None
    assert worst.names == ("a", "b", "d")
    assert worst.factor == pytest.approx(16)
    assert worst.implied == pytest.approx(0.5)
    assert worst.said == pytest.approx(8)
    for names in permutations(ABCD):
        place = {name: at for at, name in enumerate(ABCD)}
        order = [place[name] for name in names]
        turned = compare_pairs(
            names,
            [
                (one, two, float(judged.matrix[order[i], order[j]]))
                for i, one in enumerate(names)
                for j, two in enumerate(names)
                if i < j
            ],
        )
        found = find_worst_triple(turned)
        assert found is not None
        assert found.factor == pytest.approx(16)
