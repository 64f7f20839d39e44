"""The tree against results of another engine: 51 units, 49 indicators, 8 pillars, 2 sub-indexes, 63 missing cells.

The data are those of the 2018 ASEM Sustainable Connectivity Portal (European Commission, Joint Research Centre) with
the results of COINr 1.1.14 (W. Becker). The files are not part of the project; without them these tests are skipped.
"""

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalsys.config import PROJECT
from scoring.frames import Floats, significant
from scoring.scheme import Coverage, Node, Scheme
from scoring.tree import Scores, Values, aggregate_children, evaluate, outranking

CASES = PROJECT.parent / "shared" / "cases" / "asem"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the reference cases are not here")


def read(name: str) -> pd.DataFrame:
    rows: pd.DataFrame = pd.read_csv(CASES / name)
    return rows


def read_case(name: str) -> dict[str, Any]:
    return dict(json.loads((CASES / f"{name}.json").read_text()))


def make_scheme(case: dict[str, Any]) -> Scheme:
    """The case's tree: aggregation and coverage by level, weights from the named column of the framework."""
    rows = read("framework.csv")
    methods = {step["to_level"]: step["method"] for step in case["aggregate_by_level"]}
    least = case["missing"]["min_share_present"]
    shares = least if isinstance(least, list) else [least or 0] * len(methods)

    def make(code: str, level: int, weight: Fraction) -> Node:
        below = rows[rows["parent"] == code]
        weights = [Fraction(str(value)) for value in below[case["weights_column"]]]
        children = tuple(
            make(child, level - 1, share / sum(weights)) for child, share in zip(below["code"], weights, strict=True)
        )
        if not children:
            return Node(code, weight)
        coverage = Coverage(Fraction(str(shares[level - 2])))
        return Node(code, weight, children=children, aggregation=methods[level], coverage=coverage)

    return Scheme(case["id"], (), make("Index", len(methods) + 1, Fraction(1)), ())


def normalise_minmax(raw: pd.DataFrame, case: dict[str, Any]) -> pd.DataFrame:
    low, high = case["normalise"]["range"]
    figures = raw.mul(read("framework.csv").set_index("code")["direction"].loc[raw.columns])
    found: pd.DataFrame = low + (high - low) * (figures - figures.min()) / (figures.max() - figures.min())
    return found


def score_columns(figures: pd.DataFrame, scheme: Scheme) -> tuple[pd.DataFrame, Scores]:
    leaves = [leaf.code for leaf in scheme.leaves()]
    given = figures[leaves].to_numpy()
    values = Values(np.empty((*given.shape, 0)), given, np.ones(given.shape, dtype=bool))
    scores = evaluate(values, scheme)
    return pd.DataFrame(scores.score, figures.index, [node.code for node in scheme.nodes()]), scores


def competition_ranks(scores: Floats) -> Floats:
    """Descending, ties share the better rank, missing without one."""
    rounded = significant(scores)
    return np.array([np.nan if np.isnan(own) else 1 + np.sum(rounded > own) for own in rounded])


def assert_equal(found: pd.DataFrame, expected: pd.DataFrame, tolerance: float) -> None:
    """Each column within the tolerance, missing exactly where it is missing there."""
    for column in expected.columns.drop(["uCode", "Rank"]):
        theirs, ours = expected[column].to_numpy(), found[column].to_numpy()
        assert (np.isnan(theirs) == np.isnan(ours)).all(), column
        assert np.nanmax(np.abs(theirs - ours)) <= tolerance, column


@pytest.mark.parametrize("name", ["a1", "a2", "b1", "b2", "b3", "b4", "e1", "e2", "e3"])
def test_a_tree_of_min_max_figures_equals_the_reference(name: str) -> None:
    case = read_case(name)
    figures = normalise_minmax(read("indicators_raw.csv").set_index("uCode"), case)
    found, scores = score_columns(figures, make_scheme(case))
    expected = read(case["expected"])
    assert_equal(found, expected, case["tolerance"]["absolute"])
    assert np.array_equal(competition_ranks(found["Index"].to_numpy()), expected["Rank"].to_numpy(), equal_nan=True)
    if "expected_missing" in case:
        assert found["Index"].isna().sum() == case["expected_missing"]["Index"]
    parts = np.where(np.isnan(scores.score[:, 0]), np.nan, contributions(scores, figures, make_scheme(case)))
    assert parts == pytest.approx(scores.score[:, 0], abs=1e-9, nan_ok=True)


def contributions(scores: Scores, figures: pd.DataFrame, scheme: Scheme) -> Floats:
    """Sum of figures times the index's gradient, shape (units,)."""
    given = np.nan_to_num(figures[[leaf.code for leaf in scheme.leaves()]].to_numpy())
    return np.asarray((scores.gradient[:, 0, :, 0] * given).sum(axis=1))


@pytest.mark.parametrize("name", ["c1", "c2", "d1", "d2", "d3", "d4", "f1", "f2", "g1", "g2", "g3", "g4"])
def test_a_tree_of_other_normalised_figures_equals_the_reference(name: str) -> None:
    """The normalised columns are those of the case's own file, so that the tree alone is tried."""
    case = read_case(name)
    expected = read(case["expected"])
    found, _ = score_columns(expected.set_index("uCode"), make_scheme(case))
    assert_equal(found, expected, case["tolerance"]["absolute"])
    assert np.array_equal(competition_ranks(found["Index"].to_numpy()), expected["Rank"].to_numpy(), equal_nan=True)


@pytest.mark.parametrize(("name", "source"), [("equal", "a1"), ("alt", "a2")])
def test_outranking_and_copeland_on_the_pillars_equal_the_reference(name: str, source: str) -> None:
    rows = read("framework.csv")
    pillars = rows[rows["level"] == 2]
    scores = read(read_case(source)["expected"])[pillars["code"].to_list()].to_numpy()
    weights = pillars[f"effective_weight_{name}"].to_numpy()
    matrix = read(f"h1_outranking_pillars_{name}.csv").set_index("uCode").to_numpy()
    assert np.abs(outranking(scores, weights) - matrix).max() <= 1e-9
    expected = read(f"h2_copeland_pillars_{name}.csv")
    found = aggregate_children("copeland", scores, weights)
    assert np.array_equal(found, expected["Copeland"])
    assert np.array_equal(competition_ranks(found), expected["Rank"])
    dominant = np.triu((matrix == 1) | (matrix == 0), 1).sum()
    assert np.triu(np.isclose(outranking(scores, weights) % 1, 0, atol=1e-9), 1).sum() == dominant
    assert dominant == read_case("h")["dominant_pairs"][name]
