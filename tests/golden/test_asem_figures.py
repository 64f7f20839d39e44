"""Administrative figures from raw data on, against indices that others have computed.

ASEM: 51 countries, 49 indicators (European Commission JRC, ASEM Sustainable Connectivity Portal 2018), results of the R
package COINr 1.1.14. HDI: UNDP, Human Development Report 2021/22. AMPI: M. Mazziotta and A. Pareto (2016), Social
Indicators Research 127(3), on Eurostat's Europe 2020 indicators. Printed figures stand here; the files are not part of
the project, and without them the tests that need them are skipped.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalsys.config import PROJECT
from scoring.figures import Scaling, borda, goalposts, percentile_rank, prepare_figures, rank, treat
from scoring.frames import positions, significant
from scoring.scheme.model import Node, Normaliser, Scheme
from scoring.tree import Values, evaluate

CASES = PROJECT.parent / "shared" / "cases"
ASEM = CASES / "asem"
NAMES = ("a1", "a2", "b1", "b2", "b3", "b4", "c1", "c2", "d1", "d2", "d3", "d4", "f1", "f2", "g1", "g2", "g3", "g4")
TOP_FIVE = {"CHE": 68.38, "NLD": 64.82, "DNK": 64.80, "NOR": 64.47, "BEL": 63.54}
SIZES = ["Area", "Energy", "GDP", "Population"]
# Goalposts of the HDI (technical note 1), and two countries of 2021; Norway is beyond the top of schooling.
HDI_POSTS = {"life": (20, 85), "expected": (0, 18), "mean": (0, 15), "income": (100, 75000)}
HDI_FIGURES = {
    "CHE": (83.9872, 16.50029945, 13.85966015, 66933.00454),
    "NOR": (83.2339, 18.18519974, 13.00362968, 64660.10622),
}
HDI_PRINTED = {"CHE": 0.962, "NOR": 0.961}
TIES = {"min": "minimum", "average": "average"}


@cache
def table(name: str) -> pd.DataFrame:
    """A file of the ASEM cases, its first column the index."""
    path = ASEM / name
    if not path.exists():
        pytest.skip(f"the reference cases are not here: {path} is missing")
    return pd.read_csv(path, index_col=0)


@cache
def case(name: str) -> dict[str, Any]:
    path = ASEM / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the reference cases are not here: {path} is missing")
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def indicators() -> list[str]:
    framework = table("framework.csv")
    return list(framework.index[framework["level"] == 1])


def exact(value: Any) -> Fraction:
    return Fraction(str(value))


def normaliser_of(rule: Mapping[str, Any], code: str) -> tuple[Normaliser, tuple[Any, Any]]:
    """The normaliser and output range that the case's rule means for an indicator."""
    count = int(table("indicators_raw.csv")[code].notna().sum())
    ties = (("ties", TIES[rule.get("ties", "min")]),)
    match rule["method"]:
        case "minmax":
            return Normaliser("minmax", "period"), tuple(rule["range"])
        case "zscore":
            onto = (("centre", exact(rule["mean"])), ("spread", exact(rule["sd"])))
            return Normaliser("zscore", "period", parameters=onto), (0, 1)
        case "rank":
            return Normaliser("rank", "period", parameters=ties), (1, count)
        case "borda":
            return Normaliser("borda", "period", parameters=ties), (0, count - 1)
        case "percentile_rank":
            return Normaliser("percentile-rank", "period", parameters=ties), (0, 1)
        case "dist2max":
            return Normaliser("leader", "period"), (0, 1)
        case "dist2target":
            wanted = exact(table("framework.csv").at[code, "target"])
            return Normaliser("target", "period", parameters=(("target", wanted),)), (0, 1)
        case _:
            low, high = table(rule["goalposts"]).loc[code, ["lower", "upper"]]
            posts = (("high", exact(high)), ("low", exact(low)))
            return Normaliser("goalposts", clip=rule["truncate"], parameters=posts), (0, rule["scale"])


def leaf_of(code: str, known: Mapping[str, Any], weight: Fraction) -> Node:
    row = table("framework.csv").loc[code]
    normaliser, (low, high) = normaliser_of(known["normalise"], code)
    leaf = Node(code, weight, normaliser=normaliser, output=(exact(low), exact(high)))
    leaf = replace(leaf, direction="up" if row["direction"] == 1 else "down")
    if "pipeline" not in known:
        return leaf
    denominators = table("framework.csv")["denominator"].fillna("")
    return replace(leaf, denominator=str(denominators[code]), impute="category-mean", treat=True)


def scheme_of(known: Mapping[str, Any]) -> Scheme:
    framework = table("framework.csv")
    methods = {step["to_level"]: step["method"] for step in known["aggregate_by_level"]}

    def node(code: str, level: int) -> Node:
        weight = Fraction(1) if level == 4 else exact(framework.at[code, known["weights_column"]])
        if level == 1:
            return leaf_of(code, known, weight)
        below = framework.index[framework["parent"] == code]
        children = tuple(node(child, level - 1) for child in below)
        return Node(code, weight, children=children, aggregation=methods[level])

    return Scheme("asem", (), node("Index", 4), ())


def figures_of(scheme: Scheme) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table of figures and the problems; sizes of the countries are given where they are denominators."""
    units = table("units.csv")
    raw = table("indicators_raw.csv")
    if any(leaf.denominator for leaf in scheme.leaves()):
        raw = pd.concat([raw, units[SIZES]], axis=1)
    figures = raw.rename_axis("unit").reset_index().melt("unit", var_name="indicator").sample(frac=1, random_state=7)
    places = pd.DataFrame({"unit": units.index, "category": units["EurAsia_group"].to_numpy()})
    return prepare_figures(figures, places, scheme)


def wide(figures: pd.DataFrame, column: str) -> pd.DataFrame:
    """One column of the table of figures as units by indicators."""
    plain = figures.astype({"unit": "str", "indicator": "str"})
    return plain.pivot_table(index="unit", columns="indicator", values=column, dropna=False)


def assert_same(found: pd.DataFrame, known: pd.DataFrame, tolerance: float) -> None:
    """Every cell of ``found`` within the absolute tolerance, and missing where the other is missing."""
    theirs = known.loc[found.index, found.columns]
    assert (found.isna() == theirs.isna()).all(axis=None)
    assert np.nanmax(np.abs(found.to_numpy() - theirs.to_numpy())) <= tolerance


def scores_of(figures: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Scores of all branches, units by nodes."""
    units = list(figures["unit"].cat.categories)
    given = np.full((len(units), len(scheme.leaves())), np.nan)
    given[positions(figures, "unit"), positions(figures, "indicator")] = figures["value"]
    values = Values(rated=np.empty((*given.shape, 0)), given=given, applies=np.ones(given.shape, dtype=bool))
    scores = pd.DataFrame(evaluate(values, scheme).score, units, [node.code for node in scheme.nodes()])
    return scores[[node.code for node in scheme.nodes() if node.children]]


@pytest.mark.parametrize("name", NAMES)
def test_the_index_of_the_case_comes_out_of_the_raw_figures(name: str) -> None:
    known = case(name)
    scheme, expected, tolerance = scheme_of(known), table(known["expected"]), known["tolerance"]["absolute"]
    figures, problems = figures_of(scheme)
    assert_same(wide(figures, "value")[indicators()], expected, tolerance)
    scores = scores_of(figures, scheme)
    assert_same(scores, expected, tolerance)
    index = pd.Series(significant(scores["Index"].to_numpy()), scores.index)
    places = index.rank(ascending=False, method="min")
    assert places.to_dict() == expected["Rank"].astype("float64").to_dict()
    left = {"denominator_missing": 2} if "pipeline" in known else {"figure_missing": 63}
    assert problems["code"].value_counts().to_dict() == left


def test_the_steps_before_normalising_are_those_of_the_case() -> None:
    known = case("f1")
    figures, _ = figures_of(scheme_of(known))
    names, tolerance = indicators(), known["tolerance"]["absolute"]
    denominated, treated = wide(figures, "denominated")[names], wide(figures, "treated")[names]
    imputed, outlier = (wide(figures, flag)[names].astype("bool") for flag in ("imputed", "outlier"))
    theirs = table("f_indicators_denominated.csv").loc[denominated.index, names]
    np.testing.assert_allclose(denominated.to_numpy(), theirs.to_numpy(), rtol=1e-12)
    assert_same(treated, table("f_indicators_treated.csv"), tolerance)
    before = table("f_indicators_imputed.csv").loc[treated.index, names]
    assert_same(treated.where(~outlier), before.where(~outlier), tolerance)
    assert (imputed == table("f_indicators_denominated.csv").loc[treated.index, names].isna()).all(axis=None)
    assert (outlier == (before != table("f_indicators_treated.csv").loc[treated.index, names])).all(axis=None)


def test_the_printed_top_five_are_on_top() -> None:
    scheme = scheme_of(case("f1"))
    index = scores_of(figures_of(scheme)[0], scheme)["Index"].nlargest(5)
    assert index.round(2).to_dict() == TOP_FIVE
    assert list(index.index) == list(TOP_FIVE)


def test_outliers_are_those_of_the_case_with_its_moments() -> None:
    details, before = table("f_treatment_details.csv"), table("f_indicators_imputed.csv")
    for code, row in details.iterrows():
        done = treat(before[str(code)].to_numpy())
        assert done.skewness[0] == pytest.approx(row["check_SkewKurt0.Skew"], abs=1e-9)
        assert done.kurtosis[0] == pytest.approx(row["check_SkewKurt0.Kurt"], abs=1e-9)
        assert (done.method == "none") == row["check_SkewKurt0.Pass"]
        if done.method != "none":
            assert done.method == "winsorised"
            assert done.touched.sum() == row["winsorise.nwin"]
            assert done.skewness[1] == pytest.approx(row["check_SkewKurt1.Skew"], abs=1e-9)
            assert done.kurtosis[1] == pytest.approx(row["check_SkewKurt1.Kurt"], abs=1e-9)
    assert (~details["check_SkewKurt0.Pass"]).sum() == 15


def test_ranks_and_points_are_those_of_the_cases_in_their_own_units() -> None:
    raw, framework = table("indicators_raw.csv"), table("framework.csv")
    known = {name: table(case(name)["expected"]) for name in ("d1", "d2", "d3", "d4")}
    for code in indicators():
        values, direction = raw[code].to_numpy(), "up" if framework.at[code, "direction"] == 1 else "down"
        np.testing.assert_array_equal(rank(values, direction), known["d1"].loc[raw.index, code])
        np.testing.assert_array_equal(rank(values, direction, "average"), known["d2"].loc[raw.index, code])
        np.testing.assert_allclose(percentile_rank(values, direction), known["d3"].loc[raw.index, code], atol=1e-12)
        np.testing.assert_array_equal(borda(values, direction), known["d4"].loc[raw.index, code])


def hdi_leaves() -> list[Node]:
    leaves = []
    for code, (low, high) in HDI_POSTS.items():
        posts = (("high", Fraction(high)), ("low", Fraction(low)))
        said = (*posts, ("transform", "log")) if code == "income" else posts
        normaliser = Normaliser("goalposts", clip=True, parameters=said)
        leaves.append(Node(code, Fraction(1), equal=True, normaliser=normaliser, output=(Fraction(0), Fraction(1))))
    return leaves


def hdi_of(figures: pd.DataFrame) -> pd.Series:
    """The index, not rounded, by country."""
    leaves = hdi_leaves()
    school = Node("school", Fraction(1), children=tuple(leaves[1:3]))
    top = Node("hdi", Fraction(1), children=(leaves[0], school, leaves[3]), aggregation="geometric")
    scheme = Scheme("hdi", (), top, ())
    rows = figures.rename_axis("unit").reset_index().melt("unit", var_name="indicator")
    places = pd.DataFrame({"unit": figures.index, "category": ""})
    return scores_of(prepare_figures(rows, places, scheme)[0], scheme)["hdi"]


def test_development_indices_are_the_printed_ones() -> None:
    figures = pd.DataFrame.from_dict(HDI_FIGURES, orient="index", columns=list(HDI_POSTS))
    assert hdi_of(figures).round(3).to_dict() == HDI_PRINTED


def test_development_indices_of_all_countries_are_the_published_ones() -> None:
    path = CASES / "hdi" / "hdi_2021.csv"
    if not path.exists():
        pytest.skip(f"the reference cases are not here: {path} is missing")
    known = pd.read_csv(path, index_col="iso3")
    figures = known.iloc[:, 1:5].set_axis(list(HDI_POSTS), axis=1)
    assert hdi_of(figures).round(3).to_dict() == known["hdi_published"].to_dict()
    assert [int((figures[code] > high).sum()) for code, (_, high) in HDI_POSTS.items()] == [1, 13, 0, 5]


def test_goalposts_around_a_reference_year_give_the_normalised_values_of_the_pareto_index() -> None:
    folder = CASES / "ampi"
    if not folder.exists():
        pytest.skip(f"the reference cases are not here: {folder} is missing")
    raw, known = (pd.read_csv(folder / f"{name}.csv") for name in ("indicators", "expected_normalised"))
    rule = json.loads((folder / "ampi_case.json").read_text(encoding="utf-8"))["inputs"]
    for code, polarity in rule["polarity"].items():
        half = (raw[code].max() - raw[code].min()) / 2
        low, high = (rule["reference_values"][code] + sign * half for sign in (-1, 1))
        scaling = Scaling("up" if polarity == 1 else "down", (70, 130))
        np.testing.assert_allclose(goalposts(raw[code].to_numpy(), low, high, scaling), known[code], rtol=1e-12)
