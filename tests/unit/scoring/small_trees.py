"""Small trees written by hand: builders for the tests of the tree."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scoring.scheme import Group, Node, Normaliser, Scheme
from scoring.tree import Scores, Values, evaluate

X = math.nan
HALF = Fraction(1, 2)


def part(number: str) -> Fraction:
    return Fraction(number)


def rated(code: str, weight: str, **shares: str) -> Node:
    return Node(code, part(weight), points=5, shares=tuple((group, part(share)) for group, share in shares.items()))


def given(code: str, weight: str, **over: Any) -> Node:
    return Node(code, part(weight), normaliser=Normaliser("minmax", "period"), **over)


def scheme(tree: Node, *groups: str, **over: Any) -> Scheme:
    people = tuple(Group(code, "anonymous", (1, 1, 1), ()) for code in groups)
    return Scheme("demo", people, tree, (), **over)


def figures(*rows: list[float]) -> Values:
    """Administrative figures only."""
    table = np.array(rows)
    return Values(np.empty((*table.shape, 0)), table, np.ones(table.shape, dtype=bool))


def flat(*weights: str, **over: Any) -> Scheme:
    """Indicators a, b, c, … straight below the top."""
    leaves = tuple(given("abcdef"[place], weight) for place, weight in enumerate(weights))
    return scheme(Node("top", Fraction(1), children=leaves, **over))


def two_levels(**over: Any) -> Scheme:
    """The top holds d (60 %: a 75 %, b 25 %) and c (40 %)."""
    below = Node("d", part("0.6"), children=(given("a", "0.75"), given("b", "0.25")), **over.pop("below", {}))
    return scheme(Node("top", Fraction(1), children=(below, given("c", "0.4")), **over))


def top(values: Values, asked: Scheme) -> list[float]:
    found: list[float] = evaluate(values, asked).score[:, 0].tolist()
    return found


def assert_accounted(scores: Scores, values: Values) -> None:
    """Figures by their gradient and the remainders are the score at the top."""
    parts = np.nan_to_num(np.concatenate([values.rated, values.given[:, :, None]], axis=2))
    total = (scores.gradient[:, 0] * parts).sum(axis=(1, 2)) + scores.remainder.sum(axis=1)
    assert np.where(scores.present[:, 0], total, np.nan) == pytest.approx(scores.score[:, 0], nan_ok=True)
