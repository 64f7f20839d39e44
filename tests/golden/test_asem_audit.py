"""Audit figures against those of another engine: weights, correlations, alpha, strengths, one pillar less, components.

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
from scoring.audit import alphas, correlate, dominance, effective_weights, influence, remove_each
from scoring.change import Peers, Rule, strengths
from scoring.reliability import cronbach_alpha
from scoring.scheme import Node, Scheme
from scoring.tree import Values
from scoring.weighting import diagnose_component

CASES = PROJECT.parent / "shared" / "cases" / "asem"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the reference cases are not here")

EQUAL, OTHER = "a1_minmax0-100_arith_equal.csv", "a2_minmax0-100_arith_alt.csv"
PLAIN = Rule(distinct=0.0, gap=False, drop_last=True)


def read(name: str) -> pd.DataFrame:
    rows: pd.DataFrame = pd.read_csv(CASES / name)
    return rows


def read_case(name: str) -> dict[str, Any]:
    return dict(json.loads((CASES / f"{name}.json").read_text()))


def make_scheme(column: str = "weight_equal") -> Scheme:
    rows = read("framework.csv")

    def make(code: str, weight: Fraction) -> Node:
        below = rows[rows["parent"] == code]
        weights = [Fraction(str(value)) for value in below[column]]
        children = zip(below["code"], weights, strict=True)
        return Node(code, weight, children=tuple(make(child, share / sum(weights)) for child, share in children))

    return Scheme("asem", (), make("Index", Fraction(1)), ())


def pillars() -> list[str]:
    rows = read("framework.csv")
    return [str(code) for code in rows.loc[rows["level"] == 2, "code"]]


def long_nodes(scores: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """The table of nodes that the climb of the tree leaves, from one column a node."""
    codes = [node.code for node in scheme.nodes()]
    rows: pd.DataFrame = scores.melt("uCode", codes, "node", "score").rename(columns={"uCode": "unit"})
    return rows


@pytest.mark.parametrize("weights", ["equal", "alt"])
def test_effective_weights_are_those_of_the_reference(weights: str) -> None:
    found = effective_weights(make_scheme(f"weight_{weights}")).set_index("node")["effective"]
    expected = read("framework.csv").set_index("code")[f"effective_weight_{weights}"]
    close = read_case("w1")["tolerance"]["absolute"]
    assert found.loc[expected.index].to_numpy() / 100 == pytest.approx(expected.to_numpy(), abs=close)


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_correlations_are_those_of_the_reference(method: str) -> None:
    expected, scores = read(f"i1_corr_{method}.csv"), read(EQUAL).drop(columns=["uCode", "Rank"])
    matrix = pd.DataFrame(correlate(scores.to_numpy(), method), scores.columns, scores.columns)
    found = [matrix.loc[one, other] for one, other in zip(expected["Var1"], expected["Var2"], strict=True)]
    assert len(found) == 116
    assert found == pytest.approx(expected["Correlation"].to_list(), abs=1e-9)


def test_cronbachs_alpha_is_that_of_the_reference() -> None:
    scheme, expected = make_scheme(), read("i2_cronbach.csv").set_index("group")["cronbach_alpha"]
    found = alphas(long_nodes(read(EQUAL), scheme), scheme).set_index("node")["alpha"]
    assert found.loc[expected.index].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-9)
    assert found["Index"] == pytest.approx(cronbach_alpha(read(EQUAL)[["Conn", "Sust"]]))


@pytest.mark.parametrize("unit", ["ESP", "CHN", "MMR", "CHE"])
def test_strengths_and_weaknesses_have_the_ranks_of_the_reference(unit: str) -> None:
    rows = read("framework.csv").query("level == 1").set_index("code")
    raw = read("indicators_raw.csv").set_index("uCode")[list(rows.index)]
    found = strengths(Peers(raw * rows["direction"]), unit, PLAIN)
    expected = read("i3_strengths_weaknesses.csv").query("uCode == @unit")
    for kind in ("strength", "weakness"):
        theirs, ours = (table[table["kind"] == kind] for table in (expected, found))
        assert sorted(theirs["Rank"]) == ours["rank"].to_list()


def test_leaving_out_a_pillar_moves_scores_and_ranks_as_in_the_reference() -> None:
    scheme, scores = make_scheme(), read(EQUAL)
    given = scores[[leaf.code for leaf in scheme.leaves()]].to_numpy(dtype=np.float64)
    values = Values(np.empty((*given.shape, 0)), given, np.ones(given.shape, dtype=bool))
    found = remove_each(values, scheme, pillars())
    columns = ["nominal", *pillars()]
    theirs = [read(f"i4_remove-one-pillar_{name}.csv") for name in ("scores", "ranks")]
    expected = [table.rename(columns={"Nominal": "nominal"})[columns].to_numpy() for table in theirs]
    assert found.scores[columns].to_numpy() == pytest.approx(expected[0], abs=1e-8)
    assert (found.ranks[columns].to_numpy(dtype=np.int64) == expected[1]).all()
    shifts = read("i4_remove-one-pillar_summary.csv").set_index("removed")["mean_abs_rank_diff"]
    assert found.summary.set_index("node")["mean_shift"].to_dict() == pytest.approx(shifts[pillars()].to_dict())
    assert found.summary["max_shift"].min() >= 1


@pytest.mark.parametrize(("weights", "scores"), [("equal", EQUAL), ("alt", OTHER)])
def test_pairs_that_no_weights_can_turn_are_those_of_the_reference(weights: str, scores: str) -> None:
    found, case = dominance(read(scores)[pillars()].to_numpy()), read_case("h")
    assert found.pairs == case["dominant_pairs"][weights]
    assert found.share == pytest.approx(case["share_dominant"][weights], abs=5e-9)


@pytest.mark.parametrize("part", ["Conn", "Sust"])
def test_first_components_are_those_of_the_reference_up_to_sign(part: str) -> None:
    framework, scores = read("framework.csv"), read(EQUAL)
    names = [str(code) for code in framework.loc[framework["parent"] == part, "code"]]
    found = diagnose_component(scores[names].to_numpy(), names)
    expected = read("l1_pca_first_loading_pillars.csv").set_index("iCode").loc[names, "Weight"].to_numpy()
    turned = expected * np.sign(found.loadings[0] * expected[0])
    assert found.loadings == pytest.approx(turned, abs=1e-9)
    assert found.explained == pytest.approx(read_case("l")["variance_explained_pc1"][part], abs=5e-5)


def test_shares_of_spread_are_covariances_and_sum_to_the_whole() -> None:
    scheme, scores = make_scheme(), read(EQUAL)
    found = influence(long_nodes(scores, scheme), scheme).set_index("node")
    for part, parent in (("Conn", "Index"), ("Sust", "Index"), ("Physical", "Conn"), ("Social", "Sust")):
        row = found.loc[part].to_dict()
        covariance = np.cov(scores[part], scores[parent])
        assert row["spread_share"] == pytest.approx(row["weight_nominal"] * covariance[0, 1] / covariance[1, 1])
        assert row["correlation_parent"] == pytest.approx(np.corrcoef(scores[part], scores[parent])[0, 1])
        assert row["correlation_top"] == pytest.approx(np.corrcoef(scores[part], scores["Index"])[0, 1])
    assert found.groupby("parent")["spread_share"].sum().to_numpy() == pytest.approx(np.full(11, 100.0))
