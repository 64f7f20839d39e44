"""The stage of administrative figures: its table, its problems, and that the order of rows changes nothing."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring.figures import prepare_figures
from scoring.frames import InputError, positions
from scoring.scheme.model import Node, Normaliser, Scheme

X = math.nan
UNITS = pd.DataFrame({"unit": ["c", "a", "b", "d"], "category": ["south", "north", "north", "south"]})
MINMAX = Normaliser("minmax", "period")
FROZEN = Normaliser("minmax", parameters=(("high", Fraction(10)), ("low", Fraction(0))))
LOGS = Normaliser("goalposts", parameters=(("high", Fraction(100)), ("low", Fraction(1)), ("transform", "log")))
HEADS = [("a", "heads", 2.0), ("b", "heads", 4.0), ("c", "heads", 5.0), ("d", "heads", 10.0)]
COLUMNS = ["unit", "indicator", "period", "raw", "denominated", "treated", "imputed", "outlier", "value"]
KINDS = ["category", "category", "str", "float64", "float64", "float64", "bool", "bool", "float64"]


def leaf(code: str = "delay", normaliser: Normaliser = FROZEN, **over: Any) -> Node:
    return Node(code, Fraction(1), normaliser=normaliser, **over)


def prepare(rows: Sequence[tuple[Any, ...]], *leaves: Node) -> tuple[pd.DataFrame, list[tuple[str, ...]]]:
    """The table, and the problems as tuples; a row has three or, with its period, four parts."""
    dated = any(len(row) == 4 for row in rows)
    filled = [row if len(row) == 4 or not dated else (*row, "") for row in rows]
    figures = pd.DataFrame(filled, columns=["unit", "indicator", "value", "period"][: 3 + dated])
    top = Node("top", Fraction(1), children=(Node("asked", Fraction(1), points=5), *(leaves or (leaf(),))))
    table, problems = prepare_figures(figures, UNITS, Scheme("s", (), top, ()))
    assert list(problems.columns) == ["unit", "node", "code", "detail"]
    return table, list(problems.itertuples(index=False, name=None))


def row(unit: str, value: float, *period: str) -> tuple[Any, ...]:
    return (unit, "delay", value, *period)


def assert_column(table: pd.DataFrame, column: str, *known: float) -> None:
    np.testing.assert_allclose(table[column].to_numpy(dtype=np.float64), known, rtol=1e-12)


def test_the_table_tells_every_step_of_every_unit() -> None:
    rows = [row("b", 8.0), row("a", 4.0), row("c", X), *HEADS]
    table, problems = prepare(rows, leaf(denominator="heads", impute="mean", direction="down"))
    assert list(table.columns) == COLUMNS
    assert [str(kind) for kind in table.dtypes] == KINDS
    assert list(table["unit"]) == ["a", "b", "c", "d"]
    assert list(positions(table, "indicator")) == [1, 1, 1, 1]
    assert list(table["indicator"].cat.categories) == ["asked", "delay"]
    assert list(table["period"]) == ["", "", "", ""]
    assert_column(table, "raw", 4, 8, X, X)
    assert_column(table, "denominated", 2, 2, X, X)
    assert_column(table, "treated", 2, 2, 2, 2)
    assert table["imputed"].tolist() == [False, False, True, True]
    assert table["outlier"].tolist() == [False] * 4
    assert_column(table, "value", 80, 80, 80, 80)
    assert problems == []


def test_a_scheme_without_administrative_leaves_gives_an_empty_table_of_the_same_columns() -> None:
    table, problems = prepare_figures(
        pd.DataFrame({"unit": ["a"], "indicator": ["delay"], "value": [1.0]}),
        UNITS,
        Scheme("s", (), Node("top", Fraction(1), points=5), ()),
    )
    assert list(table.columns) == COLUMNS
    assert [str(kind) for kind in table.dtypes] == KINDS
    assert len(table) == 0
    assert problems.to_dict("records") == [
        {"unit": "a", "node": "delay", "code": "figure_of_unknown_indicator", "detail": "1"},
    ]


def test_without_any_figure_every_unit_is_missing_and_told() -> None:
    table, problems = prepare([])
    assert_column(table, "value", X, X, X, X)
    assert problems == [(unit, "delay", "figure_missing", "") for unit in "abcd"]


def test_rows_that_cannot_be_used_are_set_aside_and_named() -> None:
    rows = [
        ("a", "delay", 1.0),
        ("z", "delay", 2.5),
        ("a", "speed", 3.0),
        ("a", "asked", 4.0),
        ("b", "delay", 5.0),
        ("b", "delay", 6.0),
        ("c", "delay", math.inf),
        ("d", "local", 7.0),
        ("c", "local", 8.0),
        (None, "delay", 9.0),
        ("d", None, 9.0),
    ]
    table, problems = prepare(rows, leaf(), leaf("local", units=("a", "c")))
    assert_column(table, "raw", 1, X, X, X, X, 8)
    assert list(table["unit"]) == ["a", "b", "c", "d", "a", "c"]
    assert problems == [
        ("d", "", "figure_of_unknown_indicator", "9"),
        ("a", "asked", "figure_of_unknown_indicator", "4"),
        ("", "delay", "figure_of_unknown_unit", "9"),
        ("b", "delay", "figure_twice", "5"),
        ("b", "delay", "figure_twice", "6"),
        ("c", "delay", "not_finite", "inf"),
        ("z", "delay", "figure_of_unknown_unit", "2.5"),
        ("d", "local", "figure_not_applicable", "7"),
        ("a", "speed", "figure_of_unknown_indicator", "3"),
        ("b", "delay", "figure_missing", ""),
        ("c", "delay", "figure_missing", ""),
        ("d", "delay", "figure_missing", ""),
        ("a", "local", "figure_missing", ""),
    ]


def test_one_figure_a_period_is_no_doubling_and_the_last_period_counts() -> None:
    rows = [row("a", 1.0, "2023"), row("a", 2.0, "2024"), row("b", 3.0, "2023"), row("c", 4.0, "2024")]
    table, problems = prepare([*rows, row("z", 9.0, "2030")])
    assert list(table["period"]) == ["2024"] * 4
    assert_column(table, "raw", 2, X, 4, X)
    assert problems == [
        ("z", "delay", "figure_of_unknown_unit", "2030: 9"),
        ("b", "delay", "figure_missing", "2024"),
        ("d", "delay", "figure_missing", "2024"),
    ]


def test_the_last_period_of_a_unit_replaces_a_missing_figure() -> None:
    rows = [
        row("a", 1.0, "2022"),
        row("a", 2.0, "2023"),
        row("b", 3.0, "2022"),
        row("b", X, "2023"),
        row("c", 4.0, "2024"),
        row("c", 5.0, "2023"),
        *[(unit, name, value, period) for unit, name, value in HEADS for period in ("2022", "2023")],
        *HEADS,
    ]
    table, problems = prepare(rows, leaf(impute="last", denominator="heads"))
    assert_column(table, "raw", X, X, 4, X)
    assert_column(table, "treated", 1, 0.75, 0.8, X)
    assert table["imputed"].tolist() == [True, True, False, False]
    assert problems == [("d", "delay", "not_imputed", "last")]


def test_a_category_without_a_figure_stays_missing_and_is_told() -> None:
    table, problems = prepare([row("a", 1.0), row("d", X)], leaf(impute="category-median"))
    assert_column(table, "treated", 1, 1, X, X)
    assert table["imputed"].tolist() == [False, True, False, False]
    assert problems == [(unit, "delay", "not_imputed", "category-median") for unit in "cd"]


def test_a_denominator_that_is_missing_or_not_positive_is_told_by_name() -> None:
    rows = [row("a", 1.0), row("b", 2.0), row("c", 3.0), ("a", "heads", 2.0), ("b", "heads", 0.0), ("d", "heads", -1.0)]
    table, problems = prepare(rows, leaf(denominator="heads"))
    assert_column(table, "raw", 1, 2, 3, X)
    assert_column(table, "denominated", 0.5, X, X, X)
    assert_column(table, "value", 5, X, X, X)
    assert problems == [
        ("c", "delay", "denominator_missing", "heads"),
        ("b", "delay", "denominator_refused", "heads: 0"),
        ("d", "delay", "figure_missing", ""),
    ]


def test_a_denominator_is_that_of_the_period_or_else_the_one_without() -> None:
    rows = [
        *[row(unit, 8.0, "2024") for unit in "abc"],
        ("a", "heads", 2.0, "2024"),
        ("a", "heads", 4.0, ""),
        ("b", "heads", 4.0, ""),
        ("c", "heads", 4.0, "2023"),
    ]
    table, problems = prepare(rows, leaf(denominator="heads"))
    assert_column(table, "denominated", 4, 2, X, X)
    assert problems[0] == ("c", "delay", "denominator_missing", "heads")


def test_figures_without_a_period_stand_in_the_period_of_their_denominators() -> None:
    rows = [row("a", 8.0), ("a", "heads", 2.0, "2023"), ("a", "heads", 4.0, "2024")]
    table, _ = prepare(rows, leaf(denominator="heads"))
    assert_column(table, "denominated", 2, X, X, X)
    assert list(table["period"]) == ["2024"] * 4


def test_figures_without_a_period_stand_in_every_period() -> None:
    rows = [row("a", 1.0, "2024"), ("a", "area", 7.0), ("b", "area", 3.0), ("b", "area", 4.0, "2024")]
    table, _ = prepare(rows, leaf(), leaf("area"))
    assert_column(table, "raw", 1, X, X, X, 7, 4, X, X)


def test_a_logarithm_of_zero_or_less_makes_the_figure_missing_and_is_told() -> None:
    rows = [row("a", 10.0), row("b", 0.0), row("c", -2.5), row("d", 0.1)]
    table, problems = prepare(rows, leaf(normaliser=LOGS))
    assert_column(table, "treated", 10, 0, -2.5, 0.1)
    assert_column(table, "value", 50, X, X, -50)
    assert problems == [
        ("b", "delay", "log_not_positive", "0"),
        ("c", "delay", "log_not_positive", "-2.5"),
    ]


def test_clipped_goalposts_and_plain_ones_take_zero() -> None:
    rows = [row("a", 10.0), row("b", 0.0), row("c", 1.0), row("d", 100.0)]
    clipped = Normaliser("goalposts", clip=True, parameters=LOGS.parameters)
    table, problems = prepare(rows, leaf(normaliser=clipped))
    assert_column(table, "value", 50, 0, 0, 100)
    assert problems == []
    table, problems = prepare(rows, leaf(normaliser=Normaliser("goalposts", parameters=FROZEN.parameters)))
    assert_column(table, "value", 100, 0, 10, 1000)


def many(*values: float) -> tuple[list[tuple[Any, ...]], pd.DataFrame]:
    codes = [f"u{place:03}" for place in range(len(values))]
    rows = [row(code, value) for code, value in zip(codes, values, strict=True)]
    return rows, pd.DataFrame({"unit": codes, "category": ""})


def treated(*values: float, treat: bool = True) -> tuple[pd.DataFrame, list[tuple[str, ...]]]:
    rows, units = many(*values)
    scheme = Scheme("s", (), Node("top", Fraction(1), children=(leaf(normaliser=MINMAX, treat=treat),)), ())
    table, problems = prepare_figures(pd.DataFrame(rows, columns=["unit", "indicator", "value"]), units, scheme)
    return table, list(problems.itertuples(index=False, name=None))


def test_outliers_are_treated_only_where_the_scheme_says_so() -> None:
    values = (0, 1, 2, 2, 3, 3, 3, 4, 30)
    table, problems = treated(*values)
    assert_column(table, "denominated", *values)
    assert_column(table, "treated", *values[:-1], 4)
    assert_column(table, "value", 0, 25, 50, 50, 75, 75, 75, 100, 100)
    assert table["outlier"].tolist() == [False] * 8 + [True]
    assert problems == []
    table, problems = treated(*values, treat=False)
    assert_column(table, "treated", *values)
    assert not table["outlier"].any()
    assert problems == []


def test_logarithms_are_told_of_the_indicator() -> None:
    table, problems = treated(*range(60), *range(1000, 1080, 10))
    assert table["outlier"].sum() == 66
    assert problems == [("", "delay", "put_on_logarithms", "skewness 2.418, excess kurtosis 3.995")]


def test_outliers_that_no_treatment_cures_are_told() -> None:
    table, problems = treated(*[0] * 200, *[1] * 6)
    assert not table["outlier"].any()
    told = "skewness 5.641, excess kurtosis 30.12"
    assert problems == [("", "delay", "put_on_logarithms", told), ("", "delay", "outliers_left", told)]


def test_the_order_of_rows_changes_nothing() -> None:
    generator = np.random.default_rng(5)
    codes = [f"u{place:02}" for place in range(30)]
    units = pd.DataFrame({"unit": codes, "category": generator.choice(["x", "y"], 30)})
    value = np.where(generator.random(30) < 0.2, X, generator.lognormal(0, 1.5, 30))
    figures = pd.DataFrame({"unit": codes, "indicator": "delay", "value": value, "period": "2024"})
    figures = pd.concat([figures, figures.assign(indicator="heads", value=generator.random(30))])
    figures = pd.concat([figures, figures.head(3), figures.head(5).assign(unit="z")], ignore_index=True)
    one = leaf(normaliser=Normaliser("zscore", "period"), denominator="heads", impute="category-mean", treat=True)
    scheme = Scheme("s", (), Node("top", Fraction(1), children=(one,)), ())
    first = prepare_figures(figures, units, scheme)
    again = prepare_figures(figures.sample(frac=1, random_state=1), units.sample(frac=1, random_state=2), scheme)
    for known, found in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(known, found, check_exact=True)
    assert first[1]["code"].tolist() == ["figure_twice"] * 6 + ["figure_of_unknown_unit"] * 5
    assert first[0]["imputed"].sum() >= 3


@pytest.mark.parametrize(
    ("figures", "units", "said"),
    [
        ({"unit": ["a"], "value": [1.0]}, UNITS, "figures lacks the column indicator"),
        ({"unit": ["a"], "indicator": ["delay"], "value": [1.0]}, UNITS[["unit"]], "units lacks the column category"),
        (
            {"unit": ["a"], "indicator": ["delay"], "value": ["x"]},
            UNITS,
            "figures: a value is no number (could not convert string to float: 'x'); allowed are numbers and missing",
        ),
        ({"unit": [], "indicator": [], "value": []}, pd.concat([UNITS, UNITS[1:2]]), "unit a stands twice"),
    ],
)
def test_input_that_cannot_be_read_is_refused(figures: dict[str, list[Any]], units: pd.DataFrame, said: str) -> None:
    scheme = Scheme("s", (), Node("top", Fraction(1), children=(leaf(),)), ())
    with pytest.raises(InputError) as refusal:
        prepare_figures(pd.DataFrame(figures), units, scheme)
    assert str(refusal.value) == said


def test_an_indicator_whose_figures_have_no_range_is_named() -> None:
    with pytest.raises(InputError) as refusal:
        prepare([row("a", 3.0), row("b", 3.0)], leaf(normaliser=MINMAX))
    assert str(refusal.value) == "delay: all figures are 3; allowed is a range above zero"
